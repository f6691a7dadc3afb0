"""Kind `cloudwatch`: export tasks and NDJSON of one log group (SPEC §3, rulings R1, R5, R6)."""

import re
from collections import defaultdict
from dataclasses import dataclass

import texts
from evidence import SESSION_ID, Stream, Text, filled
from files import parse_json, read_text, walk
from instants import parse_iso, plausible

_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)(?: (.*)|$)", re.ASCII | re.DOTALL)
_EXPORT = re.compile(r"\d+\.gz")
_NDJSON = (".ndjson", ".json", ".ndjson.gz", ".json.gz")


@dataclass(frozen=True)
class LogEvent:
    """A CloudWatch log event as read, before duplicates are matched."""

    source: str
    file: str
    stream: str
    timestamp: int  # microseconds
    ingested: int | None
    event_id: str | None
    message: str


def export_events(source, path, text):
    """Lines `<ISO time>Z <message>`; a line without a time continues the message before it."""
    pieces = []
    for line in text.split("\n"):
        found = _LINE.match(line)
        time = parse_iso(found.group(1)) if found else None
        if time is not None:
            pieces.append((time, [found.group(2) or ""]))
        elif pieces:
            pieces[-1][1].append(line)
    if pieces and text.endswith("\n"):
        pieces[-1][1].pop()  # what follows the last newline is no line
    for time, lines in pieces:
        yield LogEvent(source, str(path), path.parent.name, time, None, None, "\n".join(lines))


def api_event(source, path, value):
    """One object of FilterLogEvents, or None."""
    if not isinstance(value, dict):
        return None
    stamp, message, stream = value.get("timestamp"), value.get("message"), value.get("logStreamName")
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not isinstance(message, str) or not filled(stream):
        return None
    ingested = value.get("ingestionTime")
    ingested = ingested * 1000 if isinstance(ingested, int) and not isinstance(ingested, bool) else None
    if plausible(stamp * 1000) is None or (ingested is not None and plausible(ingested) is None):
        return None
    return LogEvent(source, str(path), stream, stamp * 1000, ingested, filled(value.get("eventId")), message)


def read_log_events(source, path):
    """The log events of one file of either form."""
    text = read_text(path)
    if text is None:
        return []
    if _EXPORT.fullmatch(path.name):
        return list(export_events(source.name, path, text))
    values = (parse_json(line) for line in text.split("\n") if line.strip())
    return [event for event in (api_event(source.name, path, value) for value in values) if event]


def match_copies(events):
    """R5: (one log event, its sources) for each true event behind all copies.

    Per (stream, timestamp, message) there are as many as the larger of the number of distinct event ids and the
    number of times one file holds it without an id. An event with an id has the ingestion time of that copy; one
    without has that of a copy that shows it, if any does (R6).
    """
    groups = defaultdict(list)
    for event in events:
        groups[event.stream, event.timestamp, event.message].append(event)
    for copies in groups.values():
        sources = frozenset(copy.source for copy in copies)
        with_id, per_file = {}, defaultdict(list)
        for copy in copies:
            if copy.event_id:
                with_id.setdefault(copy.event_id, copy)
            else:
                per_file[copy.file].append(copy)
        chosen = [with_id[event_id] for event_id in sorted(with_id)]
        for number in range(len(chosen), max(map(len, per_file.values()), default=0)):
            alike = [held[number] for held in per_file.values() if len(held) > number]
            chosen.append(next((copy for copy in alike if copy.ingested is not None), alike[0]))
        for event in chosen:
            yield event, sources


def account_of_arn(arn):
    parts = arn.split(":") if arn else []
    return filled(parts[4]) if len(parts) > 5 else None


def interpret(event, sources):
    """A streaming event, an upload-at-end text, or None where the stream is no session."""
    usable = event.ingested is None or event.timestamp <= event.ingested
    dated = event.timestamp if usable else event.ingested
    value = parse_json(event.message) if event.message.lstrip().startswith("{") else None
    if isinstance(value, dict) and "eventVersion" in value and "sessionId" in value and "sessionData" in value:
        session_id, data = value["sessionId"], value["sessionData"]
        if not filled(session_id) or not SESSION_ID.fullmatch(session_id) or not isinstance(data, list):
            return None
        if SESSION_ID.fullmatch(event.stream) and event.stream != session_id:
            return None  # R6: another session's stream
        identity, target = value.get("userIdentity"), value.get("target")
        arn = filled(identity.get("arn")) if isinstance(identity, dict) else None
        return Stream(
            time=event.timestamp, usable=usable, dated=dated, sources=sources, session_id=session_id,
            account=account_of_arn(arn), region=filled(value.get("awsRegion")), arn=arn,
            target=filled(target.get("id")) if isinstance(target, dict) else None,
            run_as=filled(value.get("runAsUser")),
            lines=tuple(line for line in data if isinstance(line, str)), message=event.message,
        )
    if not SESSION_ID.fullmatch(event.stream):
        return None
    started, done = texts.header_stamp(event.message), texts.footer_stamp(event.message)
    if event.ingested is not None:
        started, done = (None if stamp is None or stamp > event.ingested else stamp for stamp in (started, done))
    return Text(
        upload=event.timestamp, usable=usable, dated=dated, is_object=False, sources=sources, session_id=event.stream,
        started=started, done=None if started is not None else done,
        target=texts.header_target(event.message), ends_in_exit=texts.text_ends_in_exit(event.message),
    )


def times_of(copy):
    """The times that a copy shows by itself."""
    piece = interpret(copy, frozenset([copy.source]))
    if piece is None:
        return []
    stamps = (piece.started, piece.done) if isinstance(piece, Text) else ()
    return [copy.timestamp] * piece.usable + [stamp for stamp in stamps if stamp is not None]


def read_cloudwatch(sources, heap):
    """Fills the heap with streaming events and upload-at-end texts of all sources of this kind."""
    events = []
    for source in sources:
        for path in walk(source.path):
            if _EXPORT.fullmatch(path.name) or path.name.endswith(_NDJSON):
                events.extend(read_log_events(source, path))
    for event, names in match_copies(events):
        piece = interpret(event, names)
        if isinstance(piece, Stream):
            heap.streams.append(piece)
        elif piece is not None:
            heap.texts.append(piece)
    by_name = {source.name: source for source in sources}
    for copy in events:  # what a source holds is told copy by copy (R10)
        by_name[copy.source].times.extend(times_of(copy))
    heap.vouched.extend(event.ingested for event in events if event.ingested is not None)
