"""Reading directories, gzip and JSON so that nothing broken ever stops the run."""

import gzip
import json
import os
import zlib
from decimal import Decimal
from pathlib import Path


def walk(root):
    """Every file below `root`, in order of its path; side files `<key>.metadata.json` are no objects."""
    found = []
    for folder, _, names in os.walk(root):
        found.extend(Path(folder, name) for name in names if not name.endswith(".metadata.json"))
    return sorted(found)


def read_bytes(path):
    """The content, unpacked where the name ends in .gz (all members); None where it cannot be read."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.name.endswith(".gz") else data
    except (OSError, EOFError, zlib.error):
        return None


def read_text(path):
    """The text, without the byte order mark that may stand before it."""
    data = read_bytes(path)
    return None if data is None else data.decode("utf-8-sig", errors="replace")


def parse_json(text):
    """The value, with exact decimals; None where it is not JSON."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def read_json_object(path):
    """A JSON object, else None."""
    text = read_text(path) if path.is_file() else None
    value = parse_json(text) if text is not None else None
    return value if isinstance(value, dict) else None
