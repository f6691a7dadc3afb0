"""What a user would use in place of sessiontrail, timed: each prints one JSON object.

    peer.py inflate DIR                libdeflate: every *.json.gz below DIR, inflated one after the other
    peer.py duckdb_trail DIR OUT       DuckDB: the session calls in every *.json.gz below DIR, as Parquet
    peer.py clickhouse_trail DIR OUT   ClickHouse: the same
    peer.py duckdb FILE SQL            DuckDB: SQL over FILE, which it calls `sessions`; fastest of three
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


def duckdb_sql(file, sql):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW sessions AS SELECT * FROM read_parquet('{file}')")
    return min((timed(lambda: connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {sql}")) for _ in range(3)), key=lambda run: run["seconds"])


def peak(folder, *command):
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={})
    return {"kib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}


PEERS = {"inflate": inflate, "duckdb_trail": duckdb_trail, "clickhouse_trail": clickhouse_trail, "duckdb": duckdb_sql, "peak": peak}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](*sys.argv[2:])))
