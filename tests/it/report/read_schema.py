"""A report keeps its schema, and the schema refuses what is none."""
import copy
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1], encoding="utf-8"))
report = json.load(open(sys.argv[2], encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(report)]
assert not found, found[:5]


def broken(change):
    other = copy.deepcopy(report)
    change(other)
    assert not validator.is_valid(other), change


broken(lambda other: other.update(schema="sessiontrail.report/2"))
broken(lambda other: other.pop("as_of"))
broken(lambda other: other["period"].update(to_date="no"))
broken(lambda other: other["figures"][0].pop("table"))
broken(lambda other: other["sections"][0]["tables"][0].update(rows=[{"n": 1}]))
broken(lambda other: other["sections"][0]["tables"][0].pop("sql"))
