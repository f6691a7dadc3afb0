"""Kind `transcripts`: `<prefix>/<SessionId>.log`, upload time = LastModified (SPEC §3, R6)."""

import texts
from evidence import SESSION_ID, Text
from files import read_bytes, read_json_object, walk
from instants import parse_api_date


def last_modified(path):
    """Of the object: what the side file says where there is one, else the file's own time."""
    head = read_json_object(path.with_name(path.name + ".metadata.json"))
    said = parse_api_date(head.get("LastModified")) if head else None
    return path.stat().st_mtime_ns // 1000 if said is None else said


def read_transcripts(source, heap):
    for path in walk(source.path):
        session_id = path.name[: -len(".log")]
        if not path.name.endswith(".log") or not SESSION_ID.fullmatch(session_id):
            continue
        data = read_bytes(path)
        if data is None:
            continue
        text = data.decode("utf-8", errors="replace")
        upload = last_modified(path)
        stamps = [texts.header_stamp(text), texts.footer_stamp(text)]
        started, done = (None if stamp is None or stamp > upload else stamp for stamp in stamps)
        heap.texts.append(
            Text(
                upload=upload, usable=True, dated=upload, is_object=True, sources=frozenset([source.name]), session_id=session_id,
                started=started, done=None if started is not None else done, target=texts.header_target(text),
                ends_in_exit=texts.text_ends_in_exit(text),
            )
        )
        source.times.extend(time for time in (upload, heap.texts[-1].started, heap.texts[-1].done) if time is not None)
