"""Kind `cloudtrail`: log files, and the log group that a trail writes to (SPEC §3, rulings R1, R2, R5, R32)."""

import re

from cloudwatch import _EXPORT, api_event, export_events
from evidence import Call, document_name, filled
from files import parse_json, read_text, walk
from instants import parse_compact, parse_iso

_KEY = re.compile(r"\d{12}_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4}Z)_[A-Za-z0-9]{16}\.json(?:\.gz)?", re.ASCII)
_LOG_STREAM = re.compile(r"\d{12}_CloudTrail_[a-z0-9-]+(?:_\d+)?", re.ASCII)
_DOCUMENT_CALLS = {"CreateDocument", "UpdateDocument", "UpdateDocumentDefaultVersion", "DeleteDocument"}
_SESSION_CALLS = {"StartSession": "start", "ResumeSession": "resume", "TerminateSession": "terminate"}


def part(value, *keys):
    """A value inside nested objects, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_of_interest(record):
    """Session and document calls, denied ones too: the records whose times count as the source's (R31)."""
    source, name = record.get("eventSource"), record.get("eventName")
    if source == "ssm.amazonaws.com":
        return name in _SESSION_CALLS or name in _DOCUMENT_CALLS
    return source == "ecs.amazonaws.com" and name == "ExecuteCommand"


def call_of(record):
    """The accepted session call in a record, or None (R2)."""
    time = parse_iso(record.get("eventTime"))
    if time is None or record.get("errorCode") is not None:
        return None
    source, name = record.get("eventSource"), record.get("eventName")
    identity = {
        "time": time,
        "event_id": record.get("eventID") or repr(sorted(record.items(), key=str)),
        "account": filled(record.get("recipientAccountId")) or filled(part(record, "userIdentity", "accountId")),
        "region": filled(record.get("awsRegion")),
        "arn": filled(part(record, "userIdentity", "arn")),
    }
    mfa = part(record, "userIdentity", "sessionContext", "attributes", "mfaAuthenticated")
    caller = {
        "source_ip": filled(record.get("sourceIPAddress")),
        "mfa": {"true": True, "false": False}.get(str(mfa).lower()),
    }
    answered = filled(part(record, "responseElements", "sessionId"))
    if source == "ecs.amazonaws.com" and name == "ExecuteCommand":
        session_id = filled(part(record, "responseElements", "session", "sessionId"))
        # R3: only a StartSession without documentName names the preferences document.
        extra = {"ecs": True, "document": None, **caller}
        return Call(kind="start", session_id=session_id, **identity, **extra) if session_id else None
    if source != "ssm.amazonaws.com" or name not in _SESSION_CALLS:
        return None
    if name != "StartSession":
        session_id = answered or filled(part(record, "requestParameters", "sessionId"))
        return Call(kind=_SESSION_CALLS[name], session_id=session_id, **identity) if session_id else None
    if not answered:
        return None
    return Call(
        kind="start", session_id=answered, **identity, **caller,
        target=filled(part(record, "requestParameters", "target")),
        document=document_name(part(record, "requestParameters", "documentName")) or "SSM-SessionManagerRunShell",
        reason=filled(part(record, "requestParameters", "reason")),
    )


def records_in(value):
    """Records of a file's JSON: `{"Records": […]}`, a bare array, or a single record; None where it is neither."""
    if isinstance(value, dict) and isinstance(value.get("Records"), list):
        return value["Records"]
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and "eventSource" in value:
        return [value]
    return None


def read_file(source, path, heap):
    """All records of one file; notes what AWS vouches for."""
    text = read_text(path)
    if text is None:
        return []
    if _EXPORT.fullmatch(path.name):
        if not _LOG_STREAM.fullmatch(path.parent.name):
            return []
        return [parse_json(event.message) for event in export_events(source.name, path, text)]
    records = records_in(parse_json(text))
    if records is not None:
        key = _KEY.fullmatch(path.name)
        time = parse_compact(key.group(1)) if key else None
        if time is not None:
            heap.vouched.append(time)
        return records
    records = []
    for line in text.split("\n"):
        value = parse_json(line) if line.strip() else None
        event = api_event(source.name, path, value)
        if event:
            records.append(parse_json(event.message))
            if event.ingested is not None:
                heap.vouched.append(event.ingested)
        else:
            records.extend(records_in(value) or [])
    return records


def read_cloudtrail(source, heap):
    """Fills the heap with accepted session calls, one for each eventID."""
    for path in walk(source.path):
        folders = path.relative_to(source.path).parts[:-1]
        if "CloudTrail-Digest" in folders or "CloudTrail-Insight" in folders:
            continue
        if not (_EXPORT.fullmatch(path.name) or path.name.endswith((".json", ".json.gz", ".ndjson", ".ndjson.gz"))):
            continue
        for record in read_file(source, path, heap):
            if not isinstance(record, dict) or not is_of_interest(record):
                continue
            time = parse_iso(record.get("eventTime"))
            if time is not None:
                source.times.append(time)
            call = call_of(record)
            if call:
                heap.calls.setdefault(call.event_id, call)
