"""An independent second opinion on sessiontrail's tables: plain, slow, standard library only.

    python3 reference.py --config sessiontrail.toml [--as-of 2026-03-01T00:00:00Z] --out DIR

Reads a configuration whose sources are local directories, in full, and writes `sessions.ndjson`, `kpi_*.ndjson` and
`meta.json` into DIR. Written from SPEC.md and docs/rulings.md alone, never from the Rust code.
"""

import argparse
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

import fleet
import kpis
from cloudtrail import read_cloudtrail
from cloudwatch import read_cloudwatch
from evidence import Heap, Source
from instants import parse_setting, show
from periods import Calendar
from policy import Policy
from sessions import reconstruct
from snapshots import Observations, read_account
from transcripts import read_transcripts
from verdicts import judge, row

_KEYS = {
    "sessions": ("account_id", "region", "session_id"),
    "kpi_weekly": ("week_start", "tier"),
    "kpi_duration": ("period_kind", "period_start", "tier"),
    "kpi_duration_histogram": ("period_kind", "period_start", "tier", "lower_seconds"),
    "kpi_mttt": ("period_kind", "period_start", "tier"),
    "kpi_coverage": ("observed_on", "account_id", "region", "tier"),
    "kpi_fleet_coverage": ("observed_on",),
    "kpi_evidence": ("week_start", "account_id"),
}


@dataclass
class Configuration:
    calendar: Calendar
    policy: Policy
    sources: list


def read_configuration(path):
    """SPEC §3; paths are relative to the configuration file, `[lake]` is ignored."""
    path = Path(path)
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    report, policy_file = table.get("report", {}), table.get("policy", {}).get("file")
    return Configuration(
        calendar=Calendar(report.get("timezone", "UTC"), report.get("fiscal_year_start", 1)),
        policy=Policy.read(path.parent / policy_file) if policy_file else Policy({}),
        sources=[
            Source(s["name"], s["kind"], path.parent / s["uri"], s.get("account"), s.get("region"))
            for s in table.get("source", [])
        ],
    )


def gather(sources):
    """All evidence of all sources."""
    heap = Heap(sources)
    read_cloudwatch([source for source in sources if source.kind == "cloudwatch"], heap)
    readers = {"cloudtrail": read_cloudtrail, "transcripts": read_transcripts, "account": read_account}
    for source in sources:
        if source.kind in readers:
            readers[source.kind](source, heap)
    return heap


def compute(configuration, as_of=None):
    """(as_of, {table: rows}), rows sorted by their keys with nulls first."""
    heap = gather(configuration.sources)
    as_of = heap.default_as_of() if as_of is None else as_of
    if as_of is None:
        return None, {name: [] for name in _KEYS}
    calendar, policy = configuration.calendar, configuration.policy
    observations = Observations(heap, as_of)
    sessions = [judge(facts, policy, observations, as_of) for facts in reconstruct(heap, observations, as_of)]
    covered, assessed = fleet.coverage(calendar, observations, policy)
    tables = {
        "sessions": [row(session) for session in sessions],
        "kpi_weekly": kpis.weekly(calendar, sessions, as_of),
        "kpi_duration": kpis.duration(calendar, sessions, as_of),
        "kpi_duration_histogram": kpis.duration_histogram(calendar, sessions, as_of),
        "kpi_mttt": kpis.mttt(calendar, sessions, as_of),
        "kpi_coverage": covered,
        "kpi_fleet_coverage": fleet.fleet_coverage(calendar, assessed, as_of),
        "kpi_evidence": kpis.evidence(calendar, sessions, heap.sources, as_of),
    }
    for name, keys in _KEYS.items():
        tables[name].sort(key=lambda r: [(r[key] is not None, r[key] if r[key] is not None else "") for key in keys])
    return as_of, tables


def write(folder, as_of, tables):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        lines = [json.dumps(r, ensure_ascii=False) + "\n" for r in rows]
        (folder / f"{name}.ndjson").write_text("".join(lines), encoding="utf-8")
    (folder / "meta.json").write_text(json.dumps({"as_of": show(as_of)}) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--config", required=True)
    parser.add_argument("--as-of", type=parse_setting)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    write(arguments.out, *compute(read_configuration(arguments.config), arguments.as_of))


if __name__ == "__main__":
    main()
