"""The KPIs over sessions: weekly, duration, histogram, MTTT, evidence (SPEC §6, rulings R25–R28, R31)."""

from fractions import Fraction

from instants import HOUR, MINUTE, SECOND
from measures import Survival, mean, percentile
from periods import from_first, week_name

ALL = "(all)"
TAU = 86400 * SECOND
EDGES = [
    edge * MINUTE for edge in (0, 1, 5, 15, 30, 60, 120, 240, 480, 720, 1440, 3 * 1440, 7 * 1440)
]


def number(value, unit=SECOND):
    """An exact value of microseconds as a float of seconds (or hours), once, at the output."""
    return None if value is None else float(Fraction(value) / unit)


def percent(part, whole):
    return float(Fraction(100 * part, whole)) if whole else None


def by_tier(sessions):
    """(tier, its sessions) for each tier seen and for `(all)`."""
    tiers = sorted({s.tier for s in sessions if s.tier is not None})
    return [(ALL, sessions)] + [(tier, [s for s in sessions if s.tier == tier]) for tier in tiers]


def any_number(row, names):
    return any(row[name] for name in names)


def touched_times(session):
    """Every instant that can put a session into a period."""
    facts = session.facts
    times = (facts.started_at, facts.ended_at, facts.ended_before, session.over_limit_at, session.idle_breach_at)
    return [time for time in times if time is not None]


def all_periods(calendar, kind, sessions, as_of):
    """From the first instant of any session to the last one before `as_of`."""
    times = [time for session in sessions for time in touched_times(session)]
    return calendar.span(kind, min(times), as_of - 1) if times else []


# ---- kpi_weekly -----------------------------------------------------------------------------------------------


def is_active(session, week):
    """Alive from `started_at`, that instant included, to e (R26)."""
    start, end = session.facts.started_at, session.facts.end
    return start is not None and (week.holds(start) or (start < week.begin and end > week.begin))


def exposure_in(session, week):
    """The part of [over_limit_at, e) inside the week, in microseconds; never less than nothing."""
    if not session.certain:
        return 0
    return max(0, min(session.facts.end, week.end) - max(session.over_limit_at, week.begin))


def weekly_row(week, tier, sessions):
    certain = [s for s in sessions if s.certain]
    at_end = [
        s for s in certain
        if s.over_limit_at < week.end and (s.facts.status == "open" or s.facts.end >= week.end)
    ]
    return {
        "week_start": week.first.isoformat(),
        "week": week_name(week.first),
        "tier": tier,
        "sessions_started": sum(week.holds(s.facts.started_at) for s in sessions),
        "sessions_ended": sum(week.holds(s.facts.ended_at) for s in sessions),
        "sessions_active": sum(is_active(s, week) for s in sessions),
        "over_limit_active": sum(exposure_in(s, week) > 0 for s in certain),
        "over_limit_new": sum(week.holds(s.over_limit_at) for s in certain),
        "over_limit_possible": sum(s.certainty == "possible" and week.holds(s.over_limit_at) for s in sessions),
        "idle_suspected_new": sum(week.holds(s.idle_breach_at) for s in sessions),
        "over_limit_hours": number(sum(exposure_in(s, week) for s in certain), HOUR),
        "over_limit_open_at_end": len(at_end),
    }


def weekly(calendar, sessions, as_of):
    counted = lambda week: any(list(weekly_row(week, ALL, sessions).values())[3:])
    weeks = from_first(all_periods(calendar, "week", sessions, as_of), lambda week: not counted(week))
    return [weekly_row(week, tier, group) for tier, group in by_tier(sessions) for week in weeks]


# ---- kpi_duration and its histogram ---------------------------------------------------------------------------


def ended_in(period, sessions):
    """Sessions of a known duration that ended in the period; failed ones are left out (R13)."""
    return [
        s for s in sessions
        if period.holds(s.facts.ended_at) and s.facts.duration is not None and s.facts.status != "failed"
    ]


def is_lower_bound(session):
    return "stream" in (session.facts.start_method, session.facts.end_method)


def duration_row(kind, period, tier, sessions):
    ended = ended_in(period, sessions)
    spans = [s.facts.duration for s in ended]
    return {
        "period_kind": kind,
        "period_start": period.first.isoformat(),
        "tier": tier,
        "n": len(spans),
        "mean_seconds": number(mean(spans)),
        **{f"p{p}_seconds": number(percentile(spans, Fraction(p, 100))) for p in (50, 90, 95, 99)},
        "max_seconds": number(max(spans, default=None)),
        "n_lower_bound": sum(is_lower_bound(s) for s in ended),
        "lost": sum(s.facts.status == "lost" and period.holds(s.facts.started_at) for s in sessions),
    }


def duration(calendar, sessions, as_of):
    rows = []
    for kind in ("week", "month", "quarter"):
        empty = lambda p: not any_number(duration_row(kind, p, ALL, sessions), ("n", "lost"))
        periods = from_first(all_periods(calendar, kind, sessions, as_of), empty)
        rows += [duration_row(kind, p, tier, group) for tier, group in by_tier(sessions) for p in periods]
    return rows


def duration_histogram(calendar, sessions, as_of):
    rows = []
    for kind in ("week", "month", "quarter"):
        periods = all_periods(calendar, kind, sessions, as_of)
        for period in from_first(periods, lambda p: not ended_in(p, sessions)):
            for tier, group in by_tier(sessions):
                spans = [s.facts.duration for s in ended_in(period, group)]
                for lower, upper in zip(EDGES, EDGES[1:] + [None]):
                    rows.append({
                        "period_kind": kind,
                        "period_start": period.first.isoformat(),
                        "tier": tier,
                        "lower_seconds": number(lower),
                        "upper_seconds": number(upper),
                        "n": sum(lower <= span and (upper is None or span < upper) for span in spans),
                    })
    return rows


# ---- kpi_mttt -------------------------------------------------------------------------------------------------


def mttt_row(kind, period, tier, sessions):
    """R28."""
    broken = [s for s in sessions if s.certain and period.holds(s.over_limit_at)]
    ended = [s for s in broken if s.facts.ended_at is not None]
    still_open = [s for s in broken if s.facts.ended_at is None and s.facts.status == "open"]
    delays = [s.facts.ended_at - s.over_limit_at for s in ended]
    survival = Survival([(s.facts.end - s.over_limit_at, s.facts.ended_at is not None) for s in broken])
    targets = {s.limits.terminate_within for s in broken}
    by_reason = lambda *reasons: sum(s.facts.reason[0] in reasons for s in ended)
    return {
        "period_kind": kind,
        "period_start": period.first.isoformat(),
        "tier": tier,
        "violations": len(broken),
        "terminated": len(ended),
        "still_open": len(still_open),
        "lost": len(broken) - len(ended) - len(still_open),
        "mean_seconds": number(mean(delays)),
        "p50_seconds": number(survival.quantile(Fraction(50, 100))),
        "p90_seconds": number(survival.quantile(Fraction(90, 100))),
        "rmst_seconds": number(survival.restricted_mean(TAU)),
        "tau_seconds": number(TAU),
        "within_target": sum(
            s.limits.terminate_within is not None and delay <= s.limits.terminate_within
            for s, delay in zip(ended, delays)
        ),
        "target_seconds": number(targets.pop()) if len(targets) == 1 else None,
        "ended_by_owner": by_reason("terminated_by_owner"),
        "ended_by_other": by_reason("terminated_by_other"),
        "ended_by_control": by_reason("idle_timeout", "max_duration"),
        "ended_unknown": by_reason("exit", "unknown"),
    }


def mttt(calendar, sessions, as_of):
    rows = []
    for kind in ("week", "quarter"):
        empty = lambda p: not any(s.certain and p.holds(s.over_limit_at) for s in sessions)
        periods = from_first(all_periods(calendar, kind, sessions, as_of), empty)
        rows += [mttt_row(kind, p, tier, group) for tier, group in by_tier(sessions) for p in periods]
    return rows


# ---- kpi_evidence ---------------------------------------------------------------------------------------------


def cohort_time(session):
    """R31: `started_at`, else `ended_before`, else `ended_at`."""
    facts = session.facts
    times = (facts.started_at, facts.ended_before, facts.ended_at)
    return next((time for time in times if time is not None), None)


def hours_not_read(week, sources, as_of):
    """Whole UTC hours of the week, before `as_of`, for which some source holds nothing from then on or until then."""
    count, hour = 0, -(-week.begin // HOUR) * HOUR
    ranges = []
    for source in sources:
        times = [time for time in source.times if time <= as_of]
        ranges.append((min(times), max(times)) if times else None)
    while hour < min(week.end, as_of):
        count += any(r is None or r[1] < hour or r[0] >= hour + HOUR for r in ranges)
        hour += HOUR
    return count


def evidence_row(week, account, sessions, unread):
    own = [s for s in sessions if s.facts.account == account]
    cohort = [s for s in own if week.holds(cohort_time(s))]
    by_method = lambda method: sum(s.facts.end_method == method for s in cohort)
    broken = [s for s in own if s.certain and week.holds(s.over_limit_at)]
    methods = ("history", "terminate_call", "transcript", "upload", "stream")
    return {
        "week_start": week.first.isoformat(),
        "account_id": account,
        "sessions": len(cohort),
        **{f"end_{method}": by_method(method) for method in methods},
        "end_unknown": by_method(None),
        "known_end_percent": percent(len(cohort) - by_method(None), len(cohort)),
        "violations": len(broken),
        "violations_tier_c_only": sum(s.over_limit_tier == "C" for s in broken),
        "violations_uncorroborated_terminate": sum(s.rests_on_a_call for s in broken),
        "hours_not_read": unread,
    }


def evidence(calendar, sessions, sources, as_of):
    """The first week is the first with sessions or violations: unread hours alone would have no beginning."""
    holds = lambda week, s: week.holds(cohort_time(s)) or (s.certain and week.holds(s.over_limit_at))
    empty = lambda week: not any(holds(week, s) for s in sessions)
    weeks = from_first(all_periods(calendar, "week", sessions, as_of), empty)
    accounts = sorted({s.facts.account for s in sessions}, key=lambda account: (account is None, account))
    rows = []
    for week in weeks:
        unread = hours_not_read(week, sources, as_of)
        rows += [evidence_row(week, account, sessions, unread) for account in accounts]
    return rows

