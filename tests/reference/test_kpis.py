"""KPIs of small worlds, worked out by hand from the SPEC and the rulings: statistics, periods, evidence, coverage.

    cd tests/reference && python3 -m unittest
"""

import tempfile
import unittest
from datetime import date
from fractions import Fraction
from pathlib import Path

import estate
import reference
from fleet import CAUSES
from instants import SECOND
from measures import Survival, percentile
from periods import Calendar
from small_world import BOB, DAY, JANE, POLICY, RUN_SHELL, SmallWorld, World, at, fleet, preferences


class Statistics(unittest.TestCase):
    def test_percentiles_interpolate(self):
        self.assertEqual(percentile([10, 40, 20, 30], Fraction(1, 2)), 25)
        self.assertEqual(percentile([10, 20, 30, 40], Fraction(9, 10)), 37)
        self.assertIsNone(percentile([], Fraction(1, 2)))

    def test_kaplan_meier(self):
        # At risk 5, 4, 2: S(10) = 4/5; at 20 a death before a censoring: 4/5·3/4 = 3/5; S(30) = 3/5·1/2 = 3/10.
        survival = Survival([(10, True), (20, False), (20, True), (30, True), (40, False)])
        self.assertEqual(survival.quantile(Fraction(1, 2)), 30)
        self.assertIsNone(survival.quantile(Fraction(9, 10)))
        # 10 + 10·4/5 + 10·3/5 + 5·3/10
        self.assertEqual(survival.restricted_mean(35), Fraction(51, 2))
        self.assertIsNone(survival.restricted_mean(41))
        self.assertIsNone(Survival([]).restricted_mean(1))
        self.assertEqual(Survival([(10, True)]).restricted_mean(100), 10)


class Periods(World):
    def test_weeks_across_the_clock_changes(self):
        berlin = Calendar("Europe/Berlin")
        spring, autumn = (berlin.span("week", at(d), at(d))[0] for d in ("2026-03-25 12:00", "2026-10-21 12:00"))
        self.assertEqual([(p.end - p.begin) // (3600 * SECOND) for p in (spring, autumn)], [167, 169])
        # Santiago skips midnight of 2026-09-06: the date begins at 01:00 local time.
        self.assertEqual(Calendar("America/Santiago").first_instant(date(2026, 9, 6)), at("2026-09-06 04:00"))

    def test_fiscal_quarters(self):
        calendar = Calendar("UTC", 2)
        days = date(2026, 1, 31), date(2026, 2, 1), date(2026, 7, 31), date(2026, 12, 1)
        firsts = [calendar.first_date("quarter", day) for day in days]
        self.assertEqual(firsts, [date(2025, 11, 1), date(2026, 2, 1), date(2026, 5, 1), date(2026, 11, 1)])

    def test_over_limit_hours_of_a_short_week_and_what_is_open_at_its_end(self):
        world = SmallWorld(zone="Europe/Berlin").start("2026-03-20 10:00").call("ResumeSession", "2026-04-02 10:00")
        weeks = world.tables("2026-04-06 00:00")["kpi_weekly"]
        everything = [w for w in weeks if w["tier"] == "(all)"]
        # From 2026-03-20 11:00 UTC to the end of the local week, 2026-03-22 23:00 UTC: 60 h. The next week has 167 h.
        # The third ends its exposure on 04-02 10:00: from 03-29 22:00 it is 84 h. `open`, so open at every end.
        # 2026-04-06 00:00 UTC is 02:00 local time: the last instant before it lies in a fourth week.
        self.assertEqual([w["week"] for w in everything], ["2026-W12", "2026-W13", "2026-W14", "2026-W15"])
        self.assertEqual([w["over_limit_hours"] for w in everything], [60.0, 167.0, 84.0, 0.0])
        self.assertEqual([w["over_limit_active"] for w in everything], [1, 1, 1, 0])
        self.assertEqual([w["over_limit_open_at_end"] for w in everything], [1, 1, 1, 1])
        self.assertEqual([w["sessions_active"] for w in everything], [1, 1, 1, 0])
        self.assertEqual({w["tier"] for w in weeks}, {"(all)", "default"})

    def test_mttt(self):
        world = SmallWorld()
        for name, minutes, arn in (("a", 90, JANE), ("b", 150, BOB)):
            session = f"{name}-0a1b2c3d4e5f60718"
            end = f"{DAY}{10 + minutes // 60}:{minutes % 60:02d}"
            world.start(DAY + "10:00", session=session).call("TerminateSession", end, session=session, arn=arn)
        third = "c-0a1b2c3d4e5f60718"
        world.start(DAY + "10:00", session=third).call("ResumeSession", DAY + "12:00", session=third)
        rows = world.tables("2026-03-03 00:00")["kpi_mttt"]
        row = next(r for r in rows if r["period_kind"] == "week" and r["tier"] == "(all)")
        # Breach at 11:00; deaths after 30 and 90 minutes, c censored after 60. S(30) = 2/3, S(90) = 0.
        self.expect(
            row, violations=3, terminated=2, still_open=1, lost=0, mean_seconds=3600.0, p50_seconds=5400.0,
            p90_seconds=5400.0, rmst_seconds=1800.0 + 3600 * 2 / 3, within_target=1, target_seconds=3600.0, ended_by_owner=1, ended_by_other=1,
            ended_by_control=0, ended_unknown=0, tau_seconds=86400.0,
        )

    def test_zero_rows_run_on_and_the_histogram(self):
        world = SmallWorld().start(DAY + "10:00").call("TerminateSession", DAY + "10:01")
        tables = world.tables("2026-03-23 00:00")
        weeks = [r for r in tables["kpi_duration"] if r["period_kind"] == "week" and r["tier"] == "(all)"]
        self.assertEqual(
            [(r["period_start"], r["n"], r["p99_seconds"]) for r in weeks],
            [("2026-03-02", 1, 60.0), ("2026-03-09", 0, None), ("2026-03-16", 0, None)],
        )
        buckets = [r for r in tables["kpi_duration_histogram"] if r["period_kind"] == "month" and r["tier"] == "default"]
        self.assertEqual([r["lower_seconds"] for r in buckets if r["n"]], [60.0])
        self.assertEqual((len(buckets), buckets[-1]["upper_seconds"]), (13, None))


class Evidence(World):
    def test_unread_hours_and_what_violations_rest_on(self):
        world = SmallWorld().start("2026-03-02 10:30").call("TerminateSession", "2026-03-02 12:30")
        world.start("2026-03-03 10:00", session="b-0a1b2c3d4e5f60718")
        row, = world.tables("2026-03-04 00:00")["kpi_evidence"]
        # One source, from 03-02 10:30 to 03-03 10:00. Of 48 hours read: 10:00 on the 2nd to the hour 10:00 on the 3rd = 25.
        self.expect(
            row, week_start="2026-03-02", sessions=2, end_terminate_call=1, end_unknown=1, known_end_percent=50.0,
            violations=1, violations_tier_c_only=0, violations_uncorroborated_terminate=1, hours_not_read=23,
        )


class Coverage(World):
    """R29, R30."""

    A, B = "i-0000000000000000a", "i-0000000000000000b"

    def observe(self, *documents, nodes=None, policy=POLICY):
        answers = fleet({self.A: {}}, {self.A: "Online"} if nodes is None else nodes)
        for document in documents:
            answers.update(document)
        rows = SmallWorld(policy).snapshot(DAY + "10:00", answers).tables(DAY + "12:00")["kpi_coverage"]
        row = next(r for r in rows if r["tier"] == "(all)")
        return {cause: row[cause] for cause in ("covered", *CAUSES) if row[cause]}

    def test_causes_in_order(self):
        default = {f"describe-document-{RUN_SHELL}": {"Document": {"DefaultVersion": "1"}}}
        self.assertEqual(self.observe(preferences(1)), {"covered": 1})
        self.assertEqual(self.observe(), {"not_assessed": 1})
        self.assertEqual(self.observe({"list-documents": {"DocumentIdentifiers": []}}), {"no_max_duration": 1})
        partial = {"list-documents": {"DocumentIdentifiers": [], "NextToken": "x"}}
        self.assertEqual(self.observe(partial), {"not_assessed": 1})
        self.assertEqual(self.observe(preferences(1), nodes={self.A: "ConnectionLost"}), {"not_managed": 1})
        self.assertEqual(self.observe(preferences(1, maximum="")), {"no_max_duration": 1})
        self.assertEqual(self.observe(preferences(1, maximum="61", idle="30")), {"max_duration_too_long": 1})
        self.assertEqual(self.observe(preferences(1, idle="21")), {"idle_timeout_too_long": 1})
        self.assertEqual(self.observe(preferences(1, maximum="{{ssm:x}}"), nodes={}), {"not_assessed": 1})
        self.assertEqual(self.observe(preferences(1, maximum="90"), preferences(2)), {"covered": 1})
        self.assertEqual(self.observe(preferences(1, maximum="90"), preferences(2), default), {"max_duration_too_long": 1})
        self.assertEqual(self.observe(preferences(2), default), {"not_assessed": 1})
        two = {self.A: "Online", "mi-1": "Inactive"}
        self.assertEqual(self.observe(preferences(1), nodes=two), {"covered": 1, "not_managed": 1})
        self.assertEqual(self.observe(preferences(1, maximum="999", idle=""), policy='grace = "0s"'), {"covered": 1})

    def test_tiers_of_instances_ignore_principals(self):
        policy = POLICY.replace("[automation]", '''
            [[policy.tier]]
            name = "people"
            principals = ["*"]
            [[policy.tier]]
            name = "prod"
            tags = { Environment = "prod" }
            max_duration = "30m"
            [automation]''')
        nodes = {self.A: "Online", self.B: "Online"}
        answers = fleet({self.A: {"Environment": "prod"}, self.B: {}}, nodes) | preferences(1)
        rows = SmallWorld(policy).snapshot(DAY + "10:00", answers).tables(DAY + "12:00")["kpi_coverage"]
        self.assertEqual(
            [(r["tier"], r["instances"], r["covered"], r["max_duration_too_long"]) for r in rows],
            [("(all)", 2, 1, 1), ("default", 1, 1, 0), ("prod", 1, 0, 1)],
        )

    def test_the_fleet_is_carried_seven_days(self):
        one = {**fleet({self.A: {}}, {self.A: "Online"}), **preferences(1)}
        two = {**fleet({self.B: {}}, {self.B: "Online"}), **preferences(1, maximum="")}
        world = SmallWorld().snapshot("2026-03-01 10:00", one).snapshot("2026-03-03 10:00", two, account="999900001111")
        world.snapshot("2026-03-02 10:00", {})  # no instance answer: a gap, no row
        rows = world.tables("2026-03-11 00:00")["kpi_fleet_coverage"]
        self.assertEqual([r["observed_on"][-2:] for r in rows], [f"{d:02d}" for d in range(1, 11)])
        self.assertEqual([r["instances"] for r in rows], [1, 1] + [2] * 8)
        self.assertEqual([r["covered"] for r in rows], [1] * 8 + [0] * 2)
        self.assertEqual([r["not_assessed"] for r in rows], [0] * 8 + [1] * 2)
        self.assertEqual(rows[2]["coverage_percent"], 50.0)


def contents(root):
    """{path: (bytes, LastModified of transcripts)} of a folder."""
    files = [path for path in Path(root).rglob("*") if path.is_file()]
    modified = {path: int(path.stat().st_mtime) if path.suffix == ".log" else None for path in files}
    return {str(path.relative_to(root)): (path.read_bytes(), modified[path]) for path in files}


class Estates(unittest.TestCase):
    def test_an_estate_is_the_same_each_time_and_is_read(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            for folder in (one, other):
                estate.build(3, folder, sessions=30)
            self.assertEqual(contents(one), contents(other))
            _, tables = reference.compute(reference.read_configuration(Path(one) / "sessiontrail.toml"))
            self.assertGreaterEqual(len(tables["sessions"]), 20)


if __name__ == "__main__":
    unittest.main()
