"""What a user would use in place of sessiontrail, timed: each prints one JSON object.

    peer.py inflate DIR                libdeflate: every *.json.gz below DIR, inflated one after the other
    peer.py duckdb_trail DIR OUT       DuckDB: the session calls in every *.json.gz below DIR, as Parquet
    peer.py clickhouse_trail DIR OUT   ClickHouse: the same
    peer.py duckdb_kpi DIR FILE OURS   DuckDB: the KPI in FILE over what is published in DIR/lake; fastest of three; must say what OURS does
    peer.py peak DIR COMMAND …         the peak of resident memory of COMMAND, run in DIR
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

NAMES = ("StartSession", "ResumeSession", "TerminateSession", "ExecuteCommand")
SERVICES = ("ssm.amazonaws.com", "ecs.amazonaws.com")
FIELDS = (
    "eventID", "eventTime", "eventSource", "eventName", "awsRegion", "recipientAccountId", "sourceIPAddress", "userAgent", "errorCode",
    "errorMessage", "userIdentity.arn", "requestParameters.target", "requestParameters.documentName", "requestParameters.reason",
    "requestParameters.sessionId", "responseElements.sessionId",
)


def timed(work):
    begin = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - begin}


def inflate(folder):
    import deflate

    files = [path.read_bytes() for path in sorted(Path(folder).rglob("*.json.gz"))]
    return timed(lambda: [deflate.gzip_decompress(file) for file in files])


def duckdb_trail(folder, out):
    import duckdb

    columns = ", ".join(f"record->>'$.{field}' AS \"{field}\"" for field in FIELDS)
    sql = f"""
        COPY (
            SELECT {columns}
            FROM (SELECT unnest(Records) AS record
                  FROM read_json('{folder}/**/*.json.gz', columns = {{Records: 'JSON[]'}}, maximum_object_size = 50000000))
            WHERE record->>'$.eventSource' IN {SERVICES} AND record->>'$.eventName' IN {NAMES}
        ) TO '{out}' (FORMAT parquet)"""
    return timed(lambda: duckdb.connect().execute(sql))


def clickhouse_trail(folder, out):
    import chdb

    Path(out).unlink(missing_ok=True)
    path = lambda field: ", ".join(f"'{part}'" for part in field.split("."))
    columns = ", ".join(f'JSONExtractString(record, {path(field)}) AS "{field}"' for field in FIELDS)
    sql = f"""
        INSERT INTO FUNCTION file('{out}', Parquet)
        SELECT {columns}
        FROM (SELECT arrayJoin(JSONExtractArrayRaw(json, 'Records')) AS record FROM file('{folder}/**/*.json.gz', JSONAsString))
        WHERE JSONExtractString(record, 'eventSource') IN {SERVICES} AND JSONExtractString(record, 'eventName') IN {NAMES}
        SETTINGS max_memory_usage = 0"""
    return timed(lambda: chdb.query(sql))


MACROS = """
    CREATE MACRO week_index(t) AS (epoch_us(t) + 259200000000) // 604800000000;
    CREATE MACRO week_before(t) AS (epoch_us(t) - 1 + 259200000000) // 604800000000;
    CREATE MACRO week_start(i) AS i * 604800000000 - 259200000000;
    CREATE MACRO month_index(t) AS (year(make_timestamp(epoch_us(t))) - 1970) * 12 + month(make_timestamp(epoch_us(t))) - 1;
    CREATE MACRO quarter_index(t) AS month_index(t) // 3;
"""


def duckdb_kpi(folder, sql, ours):
    """A KPI of the estate in `folder`, in UTC; `ours` is the product's answer, with which it must agree."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(MACROS)
    connection.execute(f"CREATE VIEW sessions AS SELECT * FROM read_parquet('{folder}/lake/published/sessions.parquet')")
    connection.execute(f"CREATE TABLE calendar AS SELECT * FROM read_parquet('{folder}/calendar.parquet')")
    text = Path(sql).read_text()
    fastest = min((timed(lambda: connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {text}")) for _ in range(3)), key=lambda run: run["seconds"])
    agree(connection.execute("SELECT * FROM answer"), [json.loads(line) for line in Path(ours).read_text().splitlines()])
    return fastest


KEYS = ("period_kind", "period_start", "week_start", "tier", "account_id", "lower_seconds")


def agree(answer, ours):
    names = [column[0] for column in answer.description]
    keys = [name for name in names if name in KEYS]
    plain = lambda value: value.isoformat() if hasattr(value, "isoformat") else value
    theirs = {tuple(plain(row[names.index(key)]) for key in keys): row for row in answer.fetchall()}
    if not ours:
        raise SystemExit("the product says nothing")
    for row in ours:
        for name, value in zip(names, theirs[tuple(row[key] for key in keys)]):
            both = (plain(value), row[name])
            same = both[0] == both[1] or (None not in both and name not in keys and abs(float(both[0]) - float(both[1])) <= 1e-6 * max(1, abs(float(both[1]))))
            if not same:
                raise SystemExit(f"{name} of {[row[key] for key in keys]}: {both[0]} in DuckDB, {both[1]} in sessiontrail")


def peak(folder, *command):
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={})
    return {"kib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}


PEERS = {"inflate": inflate, "duckdb_trail": duckdb_trail, "clickhouse_trail": clickhouse_trail, "duckdb_kpi": duckdb_kpi, "peak": peak}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](*sys.argv[2:])))
