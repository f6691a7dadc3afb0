"""What a session's text tells: stamps of script(1), the target in its header, and whether it ends in `exit`.

Rulings R6 (stamps), R9 (`Script started`, else `Script done`), R15 (tails); knowledge/session-manager.md §1.2.
"""

import re

from instants import parse_iso

_STAMP = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?[+-]\d\d:?\d\d)(?:\s|$)"
_STARTED = re.compile(r"Script started on " + _STAMP, re.ASCII)
_DONE = re.compile(r"Script done on " + _STAMP, re.ASCII)
_TARGET = re.compile(r'\[COMMAND="cat [^"]*?/([^/"]+)/session/orchestration/[^"]*"')
_ESCAPE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]"  # CSI
    "|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)"  # OSC, ended by BEL or ST
    "|\x1b[ -/]*[0-~]"  # two-character escapes
)
_EXIT = re.compile(r"(?:.*(?:\$ |# |> ))?(?:exit|logout)", re.DOTALL)


def visible(line):
    """A line without escapes and carriage returns."""
    return _ESCAPE.sub("", line).replace("\r", "")


def is_exit_line(line):
    """`exit` or `logout`, alone or after a prompt that ends in `$ `, `# ` or `> `."""
    return _EXIT.fullmatch(line) is not None


def header_stamp(text):
    """The stamp in the first line, or None."""
    found = _STARTED.match(text.split("\n", 1)[0].rstrip("\r"))
    return parse_iso(found.group(1)) if found else None


def header_target(text):
    """The node's id in the first line of util-linux 2.35 and later, or None."""
    first = text.split("\n", 1)[0]
    found = _TARGET.search(first) if first.startswith("Script started on ") else None
    return found.group(1) if found else None


def _filled_lines(text):
    return [line for line in (visible(raw) for raw in text.split("\n")) if line.strip()]


def footer_stamp(text):
    """The stamp of a last line `Script done on …`, or None."""
    lines = _filled_lines(text)
    found = _DONE.match(lines[-1]) if lines else None
    return parse_iso(found.group(1)) if found else None


def text_ends_in_exit(text):
    """R15: the last filled line before `Script done`; in old agents' texts the logger's own exit does not count."""
    lines = _filled_lines(text)
    if lines and lines[-1].startswith("Script done"):
        lines.pop()
    if any("ssm-session-logger" in line for line in lines) and lines and is_exit_line(lines[-1]):
        lines.pop()
    return bool(lines) and is_exit_line(lines[-1])


def stream_ends_in_exit(session_data):
    """R15: the last filled line of a streaming event."""
    lines = [line for line in (visible(raw) for raw in session_data) if line.strip()]
    return bool(lines) and is_exit_line(lines[-1])
