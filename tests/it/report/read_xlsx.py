"""Reads a report's workbook, and compares every cell with the JSON of the same report."""
import datetime
import json
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
report = json.load(open(sys.argv[2], encoding="utf-8"))
EPOCH = datetime.datetime(1970, 1, 1)

for sheet in book:
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f", f"{sheet.title}!{cell.coordinate} is a formula: {cell.value!r}"
            assert cell.hyperlink is None, f"{sheet.title}!{cell.coordinate} is a link"

numbers = 0
for section in report["sections"]:
    for table in section["tables"]:
        sheet = book[table["id"][:31]]
        head = [cell.value for cell in sheet[1]][: len(table["columns"])]
        assert head == [column["name"] for column in table["columns"]], head
        for place, row in enumerate(table["rows"], start=2):
            for number, (value, column) in enumerate(zip(row, table["columns"]), start=1):
                cell = sheet.cell(place, number)
                where = f"{table['id']}!{cell.coordinate}"
                if value is None or value == "":
                    assert cell.value is None or cell.value == "", where
                elif column["type"] in ("integer", "double"):
                    assert cell.data_type == "n" and float(cell.value) == float(value), f"{where}: {cell.value!r} {value!r}"
                    numbers += 1
                elif column["type"] == "boolean":
                    assert cell.value is value, where
                elif column["type"] == "date":
                    assert cell.is_date and cell.value == datetime.datetime.fromisoformat(value), where
                elif column["type"] == "instant":
                    told = datetime.datetime.fromisoformat(value.replace("Z", ""))
                    assert cell.is_date and abs((cell.value - told).total_seconds()) < 0.002, f"{where}: {cell.value} {told}"
                else:
                    assert cell.data_type in ("s", "inlineStr"), where
                    if value.isprintable() and value.isascii() and len(value) <= 1000 and "_x" not in value:
                        assert cell.value == value, f"{where}: {cell.value!r} {value!r}"
                    assert len(cell.value) < 12000, where
        charts = [chart for chart in section["charts"] if chart["table"] == table["id"]]
        # What has no rows is not drawn.
        assert len(sheet._charts) <= len(charts) and (not table["rows"] or len(sheet._charts) == len(charts)), table["id"]
assert numbers > 3, numbers
