"""Sessions of small worlds, worked out by hand from the SPEC and the rulings: ends, limits, who evidence belongs to, texts.

    cd tests/reference && python3 -m unittest
"""

import unittest
from decimal import Decimal

import texts
from instants import parse_api_date, parse_iso
from policy import glob_match
from small_world import BOB, DAY, JANE, NODE, POLICY, RUN_SHELL, SID, SmallWorld, World, at, fleet, preferences, shown


class TheEnd(World):
    """SPEC §5 `The end of a session`, R8–R12."""

    def test_a_terminate_call_is_exact_and_by_its_owner(self):
        row = SmallWorld().start(DAY + "10:00").call("TerminateSession", DAY + "10:40").session(DAY + "12:00")
        end = shown(DAY + "10:40")
        self.expect(
            row, status="ended", ended_at=end, ended_after=end, ended_before=end, ended_before_inferred=False,
            end_method="terminate_call", evidence_tier="A", end_reason="terminated_by_owner",
            end_reason_certainty="proven", duration_seconds=2400.0, duration_is_lower_bound=False,
        )

    def test_a_terminate_call_more_than_300_s_after_the_stamp_ended_a_dead_session(self):
        text = "Script started on 2026-03-02 11:10:00+01:00\nls\r\r\n\nScript done on 2026-03-02 11:10:00+01:00\n"
        world = SmallWorld().start(DAY + "10:00").transcript(DAY + "10:10:05", text)
        world.call("TerminateSession", DAY + "10:15:01", arn=BOB)
        self.expect(
            world.session(DAY + "12:00"), end_method="transcript", ended_at=shown(DAY + "10:10"),
            ended_after=shown(DAY + "10:08"), ended_before=shown(DAY + "10:10"), evidence_tier="C", end_reason="unknown",
        )

    def test_exactly_300_s_after_the_stamp_it_stands(self):
        world = SmallWorld().start(DAY + "10:00").transcript(DAY + "10:10", "Script started on 2026-03-02 10:10:00+00:00\n")
        world.call("TerminateSession", DAY + "10:15:00", arn=BOB)
        self.expect(world.session(DAY + "12:00"), end_method="terminate_call", end_reason="terminated_by_other")

    def test_a_terminate_call_before_a_proof_of_life_is_passed_over(self):
        world = SmallWorld().start(DAY + "10:00").call("TerminateSession", DAY + "10:20")
        world.call("ResumeSession", DAY + "10:30").call("TerminateSession", DAY + "10:50", arn=BOB)
        self.expect(world.session(DAY + "12:00"), ended_at=shown(DAY + "10:50"), end_reason="terminated_by_other", resumes=1)

    def test_a_stamp_before_the_last_proof_does_not_stand_but_its_upload_may(self):
        world = SmallWorld().start(DAY + "10:00").call("ResumeSession", DAY + "10:30")
        world.transcript(DAY + "10:45", "Script started on 2026-03-02 10:29:59+0000\n")
        self.expect(
            world.session(DAY + "12:00"), end_method="upload", ended_at=shown(DAY + "10:45"), evidence_tier="B",
            ended_after=shown(DAY + "10:30"), ended_before=shown(DAY + "10:45"),
        )

    def test_a_stamp_later_than_last_modified_is_lost_the_upload_kept(self):
        world = SmallWorld().start(DAY + "10:00").transcript(DAY + "10:45", "Script started on 2026-03-02 10:45:01+0000\n")
        self.expect(world.session(DAY + "12:00"), end_method="upload", ended_after=shown(DAY + "10:00"))

    def test_a_footer_is_no_stamp_beside_a_header(self):
        world = SmallWorld().start(DAY + "10:00")
        world.log_event(DAY + "10:45", "Script started on 2026-03-02 10:44:00+00:00\nls")
        world.log_event(DAY + "10:45:01", "cat x\nScript done on 2026-03-02 10:10:00+00:00")  # what somebody typed
        self.expect(world.session(DAY + "12:00"), end_method="transcript", ended_at=shown(DAY + "10:44"))
        alone = SmallWorld().start(DAY + "10:00").log_event(DAY + "10:45", "ls\nScript done on 2026-03-02 10:10:00+00:00")
        self.expect(alone.session(DAY + "12:00"), ended_at=shown(DAY + "10:10"))

    def test_the_tail_is_that_of_the_latest_text(self):
        world = SmallWorld().start(DAY + "10:00").log_event(DAY + "10:45", "sh-5.2$ exit")
        self.expect(world.session(DAY + "12:00"), end_method="upload", end_reason="exit")
        world.log_event(DAY + "10:45:01", "sh-5.2$ ls")
        self.expect(world.session(DAY + "12:00"), end_reason="unknown")
        world.log_event(DAY + "10:45:01", "sh-5.2$ logout")
        self.expect(world.session(DAY + "12:00"), end_reason="exit")

    def test_a_listing_with_a_refused_entry_shows_nobody_gone(self):
        world = SmallWorld().start(DAY + "10:00").active(DAY + "10:30", (SID, "Connected"))
        world.snapshot(DAY + "11:00", {"describe-sessions-active": {"Sessions": [{"Status": "Connected"}]}})
        self.expect(world.session(DAY + "13:00"), status="open", ended_before=None)
        world.active(DAY + "11:30")
        self.expect(world.session(DAY + "13:00"), status="lost", ended_before=shown(DAY + "11:30"))

    def test_known_by_its_transcript_alone(self):
        world = SmallWorld().transcript(DAY + "10:45", "Script started on 2026-03-02 10:44:00+0000\n")
        self.expect(
            world.session(None), account_id=None, region=None, started_at=None, end_method="transcript",
            ended_after=shown(DAY + "10:42"), duration_seconds=None, tier=None, transcript="present", status="ended",
        )

    def test_a_stream_ends_once_its_source_went_on_for_long_enough(self):
        world = SmallWorld().start(DAY + "10:00").stream(DAY + "10:05").stream(DAY + "10:10")
        world.snapshot(DAY + "10:09", preferences(1, idle="15"))  # 10:10 + 15 min + 60 s = 10:26
        world.stream(DAY + "10:26", session="bob-0a1b2c3d4e5f60718", arn=BOB)
        self.expect(world.sessions(DAY + "12:00")[1], end_method=None, status="open", ended_after=shown(DAY + "10:08"))
        world.stream(DAY + "10:26:01", session="bob-0a1b2c3d4e5f60718", arn=BOB)
        self.expect(
            world.sessions(DAY + "12:00")[1], end_method="stream", ended_at=shown(DAY + "10:10"), status="ended",
            ended_after=shown(DAY + "10:08"), ended_before=shown(DAY + "10:26"), ended_before_inferred=True,
            duration_is_lower_bound=True, longest_idle_seconds=300.0, activity_events=2,
        )

    def test_no_end_by_stream_while_the_newest_complete_listing_names_it(self):
        world = SmallWorld().stream(DAY + "10:00").stream(DAY + "11:00", session="bob-0a1b2c3d4e5f60718", arn=BOB)
        world.active(DAY + "10:50", (SID, "Disconnected"))
        row = world.sessions(DAY + "12:00")[1]
        # Its only event is its start: the proof of life is the event itself, not 120 s before it.
        self.expect(row, status="open", start_method="stream", ended_after=shown(DAY + "10:00"), ended_before=None, ghost=True)

    def test_the_first_complete_listing_without_it_bounds_the_end(self):
        world = SmallWorld().start(DAY + "10:00").active(DAY + "10:30", (SID, "Connected"))
        world.active(DAY + "11:00", NextToken="more").active(DAY + "11:30").active(DAY + "12:00")
        self.expect(
            world.session(DAY + "13:00"), status="lost", ended_at=None, ended_after=shown(DAY + "10:30"),
            ended_before=shown(DAY + "11:30"), ended_before_inferred=False, end_reason_certainty="unknown",
        )

    def test_named_by_an_incomplete_listing_after_the_last_complete_one(self):
        world = SmallWorld().start(DAY + "10:00").active(DAY + "10:30")
        world.active(DAY + "11:00", (SID, "Disconnected"), NextToken="x")
        self.expect(world.session(DAY + "13:00"), status="open", ended_before=None, ghost=True)

    def test_inferred_bounds_and_the_disproved_one(self):
        world = SmallWorld().snapshot(DAY + "09:00", preferences(1, maximum="60")).start(DAY + "10:00")
        self.expect(
            world.session(DAY + "11:00"), status="open", ended_before=shown(DAY + "11:01"), ended_before_inferred=True,
        )
        self.expect(world.session(DAY + "11:01"), status="lost")
        world.call("ResumeSession", DAY + "11:02")
        self.expect(world.session(DAY + "11:30"), status="open", ended_before=shown("2026-04-01 10:00"))

    def test_history_gives_the_end_and_failed_is_left_out_of_durations(self):
        entry = {"SessionId": SID, "Status": "Failed", "StartDate": 1772445600.5, "EndDate": 1772445601.25}
        world = SmallWorld().snapshot(DAY + "12:00", {"describe-sessions-history": {"Sessions": [entry]}})
        tables = world.tables(DAY + "13:00")
        self.expect(
            tables["sessions"][0], started_at="2026-03-02T10:00:00.500000Z", ended_at="2026-03-02T10:00:01.250000Z",
            status="failed", never_connected=True, duration_seconds=0.75, evidence_tier="B", transcript="unknown",
        )
        self.assertEqual(tables["kpi_duration"], [])
        self.assertEqual([(r["tier"], r["sessions_ended"]) for r in tables["kpi_weekly"]], [("(all)", 1), ("default", 1)])

    def test_a_listing_learned_after_as_of_counts_for_dates_before_it(self):
        entry = {"SessionId": SID, "Status": "Terminated"}
        entry |= {"StartDate": "2026-03-02T11:00:00+01:00", "EndDate": "2026-03-02T12:00:00+01:00"}
        world = SmallWorld().snapshot("2026-03-03 00:00", {"describe-sessions-history": {"Sessions": [entry]}})
        self.expect(world.session(DAY + "11:30"), ended_at=shown(DAY + "11:00"), service_status=None)
        self.expect(world.session(DAY + "10:30"), started_at=shown(DAY + "10:00"), ended_at=None, status="open")
        self.assertEqual(world.sessions(DAY + "09:59"), [])


class Limits(World):
    """R17–R19, R21, R23."""

    def violation(self, end, as_of, policy=POLICY):
        world = SmallWorld(policy).start(DAY + "10:00")
        return (world.call("TerminateSession", end) if end else world).session(as_of)

    def test_certain_only_beyond_limit_and_grace(self):
        self.expect(self.violation(DAY + "11:02:00", DAY + "12:00"), over_limit_certainty=None, over_limit_at=None)
        self.expect(
            self.violation(DAY + "11:02:01", DAY + "12:00"), over_limit_certainty="certain",
            over_limit_at=shown(DAY + "11:00"), over_limit_seconds=121.0, over_limit_evidence_tier="A", pattern=None,
        )

    def test_open_is_possible_once_as_of_is_beyond(self):
        self.expect(self.violation(None, DAY + "11:02:00"), over_limit_certainty=None)
        self.expect(
            self.violation(None, DAY + "11:02:01"), over_limit_certainty="possible", over_limit_seconds=None,
            over_limit_evidence_tier=None,
        )

    def test_idle_breach_and_forgotten_terminal(self):
        world = SmallWorld().start(DAY + "10:00").stream(DAY + "10:10").stream(DAY + "10:32:01")
        world.call("TerminateSession", DAY + "10:54:02")
        # Gaps 600 s, 1321 s (> 20 min + 120 s), 1321 s: the first breach is at 10:10 + 20 min.
        self.expect(
            world.session(DAY + "12:00"), longest_idle_seconds=1321.0, idle_breach_at=shown(DAY + "10:30"),
            pattern="forgotten_terminal", end_reason="terminated_by_owner", over_limit_certainty=None,
        )

    def test_a_stricter_later_policy_is_outlived(self):
        later = POLICY + '\n[[policy]]\neffective_from = "2026-03-02T10:40:00Z"\n[policy.default]\nmax_duration = "30m"\n'
        # t = max(10:40, 10:00 + 30 min) = 10:40; 10:40 < 11:00; alive later than 10:42.
        self.expect(self.violation(DAY + "10:42:00", DAY + "12:00", later), outlived_stricter_policy=False)
        row = self.violation(DAY + "10:42:01", DAY + "12:00", later)
        self.expect(row, outlived_stricter_policy=True, max_duration_seconds=3600.0)

    def test_tiers_exceptions_and_what_they_omit(self):
        policy = POLICY.replace('[automation]', '''
            [[policy.tier]]
            name = "prod"
            principals = ["arn:aws:*/jane"]
            tags = { Environment = ["prod"] }
            max_duration = "2h"
            [[policy.exception]]
            principals = ["*Ops/jane"]
            from = "2026-03-02T10:00:00Z"
            until = "2026-03-02T10:00:01Z"
            idle_timeout = "5m"
            [automation]''')
        tags = fleet({NODE: {"Environment": "prod", "Owner": "=1+1"}}, {})
        world = SmallWorld(policy).start(DAY + "10:00").snapshot(DAY + "11:00", tags)
        self.expect(
            world.session(DAY + "12:00"), tier="prod", max_duration_seconds=7200.0, idle_timeout_seconds=300.0,
            terminate_within_seconds=3600.0, owner="=1+1", tags='{"Environment":"prod","Owner":"=1+1"}', cost_center=None,
        )
        row = SmallWorld(policy).start(DAY + "10:00:01").session(DAY + "12:00")
        self.expect(row, tier="default", idle_timeout_seconds=1200.0)
        self.assertTrue(glob_match("a*c", "a/b/c") and not glob_match("a?c", "abc") and not glob_match("A*", "abc"))

    def test_before_the_first_version_there_are_no_limits(self):
        row = SmallWorld().start("2025-12-31 23:59:59").session("2026-01-01 12:00")
        self.expect(row, tier=None, max_duration_seconds=None, over_limit_certainty=None)


class Joining(World):
    """R1, R2, R5, R6."""

    def test_texts_join_the_only_keyed_place_else_the_configured_one(self):
        world = SmallWorld().start(DAY + "10:00").transcript(DAY + "10:30")
        self.assertEqual(len(world.sessions(DAY + "12:00")), 1)
        world.start(DAY + "10:00", account="999900001111")  # the same id in a second account
        world.source("transcripts", account="999900001111", region="eu-central-1")
        rows = world.sessions(DAY + "12:00")
        ends = [(r["account_id"], r["end_method"]) for r in rows]
        self.assertEqual(ends, [("111122223333", None), ("999900001111", "upload")])
        world.source("transcripts", account="999900001111", region="us-east-1")
        self.assertEqual(len(world.sessions(DAY + "12:00")), 3)

    def test_an_attribute_is_that_of_the_best_evidence_that_has_it(self):
        listing = lambda **more: {"describe-sessions-active": {"Sessions": [{"SessionId": SID, **more}]}}
        world = SmallWorld().snapshot(DAY + "10:00", listing(Status="Connected", Owner=JANE, Target=NODE, Reason="r"))
        world.snapshot(DAY + "11:00", listing(Owner=JANE, Reason=""))
        self.expect(world.session(DAY + "12:00"), service_status="Connected", target_id=NODE, reason="r", principal_arn=JANE)
        ecs = {"source": "ecs.amazonaws.com", "responseElements": {"session": {"sessionId": SID}}}
        world = SmallWorld().call("ExecuteCommand", DAY + "10:00", **ecs)
        world.start(DAY + "10:01", requestParameters={"target": "ecs:a_b_c"})
        self.expect(world.session(DAY + "12:00"), target_id="ecs:a_b_c", session_type="ecs")

    def test_what_is_no_session_call(self):
        world = SmallWorld().start(DAY + "10:00").call("TerminateSession", DAY + "10:30", source="athena.amazonaws.com")
        world.call("TerminateSession", DAY + "10:31", errorCode="AccessDenied")
        world.call("StartSession", DAY + "10:32", responseElements=None)
        self.expect(
            world.session(DAY + "10:40"), ended_at=None, document_name=RUN_SHELL, principal_name="jane", session_type="shell",
        )

    def test_an_export_line_is_matched_with_the_copy_of_the_api(self):
        world = SmallWorld().stream(DAY + "10:00", event_id="a")
        message = world._events[0]["message"]
        line = "2026-03-02T10:00:00.000Z " + message
        world.export(SID, line, line)  # the file holds it twice: two events, one of them the API's
        self.expect(world.session(DAY + "12:00"), activity_events=2)
        world.stream(DAY + "10:00", event_id="b").stream(DAY + "10:00", event_id="c").stream(DAY + "10:00", event_id="c")
        self.expect(world.session(DAY + "12:00"), activity_events=3)

    def test_a_node_time_later_than_its_ingestion_is_no_activity(self):
        world = SmallWorld().stream(DAY + "10:00", ingested=DAY + "09:59:59")
        self.expect(
            world.session(DAY + "12:00"), started_at=None, activity_events=None, target_id=NODE, transcript="present",
        )

    def test_a_streaming_event_in_another_sessions_stream_says_nothing(self):
        world = SmallWorld().start(DAY + "10:00").stream(DAY + "10:05")
        world.log_event(DAY + "11:00", world._events[0]["message"], stream="bob-0a1b2c3d4e5f60718")
        rows = world.sessions(DAY + "12:00")
        self.assertEqual([(r["session_id"], r["activity_events"]) for r in rows], [(SID, 1)])

    def test_multi_line_messages_of_exports(self):
        world = SmallWorld().export(
            SID, "2026-03-02T10:00:05.250Z Script started on 2026-03-02 10:00:05+00:00", "sh-5.2$ exit\r", "",
            "Script done on 2026-03-02 10:00:05+00:00",
        )
        self.expect(world.session(None), end_method="transcript", end_reason="exit", ended_at=shown(DAY + "10:00:05"))


class Texts(unittest.TestCase):
    """R15."""

    def test_tails(self):
        yes = [
            "a\r\r\nsh-5.2$ exit\r\r\n\nScript done on 2026-01-01 00:00:00+00:00\n",
            "\x1b[?2004l\rexit\r\r\n",
            "PS C:\\> logout\n \n",
        ]
        no = [
            "sh-5.2$ exit\nsh-5.2$ \n",
            "sh-5.2$ exit 3\n",
            "noexit\n",
            "",
            "sh-4.2# /usr/bin/ssm-session-logger x\nls\nsh-4.2# exit\n",
        ]
        self.assertEqual([texts.text_ends_in_exit(text) for text in yes + no], [True] * 3 + [False] * 5)
        self.assertTrue(texts.text_ends_in_exit("/usr/bin/ssm-session-logger x\n$ exit\nsh-4.2# exit\nScript done on x"))

    def test_headers(self):
        folder = "/var/lib/amazon/ssm/mi-1/session/orchestration/s"
        first = f'Script started on 2021-03-15 11:41:00+0200 [COMMAND="cat {folder}/x.log" <not executed on terminal>]\n'
        self.assertEqual(texts.header_stamp(first), parse_iso("2021-03-15T09:41:00Z"))
        self.assertEqual(texts.header_target(first), "mi-1")
        self.assertIsNone(texts.header_stamp("ls\nScript started on 2021-03-15 11:41:00+0200\n"))

    def test_dates(self):
        self.assertEqual(parse_api_date(Decimal("1550520701.256")), 1550520701256000)
        self.assertEqual(parse_api_date(Decimal("0.0000025")), 2)
        self.assertEqual(parse_api_date(Decimal("0.0000035")), 4)
        self.assertEqual([parse_iso("2199-12-31T23:59:59Z") is None, parse_iso("2200-01-01T00:00:00Z")], [False, None])
        self.assertIsNone(parse_api_date(253402300799))
        self.assertEqual(parse_iso("2023-10-16T16:56:28.598000+01:00"), parse_iso("2023-10-16T15:56:28.598Z"))


if __name__ == "__main__":
    unittest.main()
