"""What policy, tags and `as_of` add to a session: the rows of the SPEC's table `sessions` (rulings R14, R17–R23)."""

import json
from dataclasses import dataclass

from instants import SECOND, show
from policy import NO_LIMITS, Subject
from sessions import Facts


@dataclass
class Session:
    """Facts and verdicts of one session. Instants and spans in microseconds."""

    facts: Facts
    tags: dict | None
    principal_class: str
    limits: object
    columns: dict  # environment, owner, cost_center
    over_limit_at: int | None = None
    certainty: str | None = None
    idle_breach_at: int | None = None
    longest_idle: int | None = None
    outlived: bool = False
    pattern: str | None = None
    over_limit_tier: str | None = None
    rests_on_a_call: bool = False

    @property
    def tier(self):
        return self.limits.tier

    @property
    def certain(self):
        return self.certainty == "certain"

    @property
    def exposure(self):
        """`over_limit_seconds`: proven, null for `possible` (R18)."""
        return self.facts.end - self.over_limit_at if self.certain else None


def gaps(facts):
    """R17: (start, length) between the start, every streaming event of the session's life and e."""
    if not facts.activity:
        return []
    born = lambda time: facts.started_at is None or time >= facts.started_at
    alive = lambda time: facts.end is None or time <= facts.end
    points = [facts.started_at, *(time for time in facts.activity if born(time) and alive(time)), facts.end]
    points = [point for point in points if point is not None]
    return [(a, b - a) for a, b in zip(points, points[1:]) if b >= a]


def over_limit(facts, limits, grace, as_of):
    """R18: (over_limit_at, certainty)."""
    if facts.started_at is None or limits.max_duration is None:
        return None, None
    at = facts.started_at + limits.max_duration
    if facts.ended_after is not None and facts.ended_after > at + grace:
        return at, "certain"
    latest = as_of if facts.status == "open" else facts.ended_before
    if latest is not None and latest > at + grace:
        return at, "possible"
    return None, None


def over_limit_tier(session, grace):
    """R16: the strongest of what proves it alive past limit and grace; of calls and listings the last one."""
    facts, late = session.facts, session.over_limit_at + grace
    told = max((p for p in facts.proofs if p[1] in "AB"), key=lambda p: (p[0], -ord(p[1])), default=(None, None))
    beyond = [told[1]] if told[0] is not None and told[0] > late else []
    return min([facts.after_tier, *beyond])


def rests_on_a_call(session, grace):
    """R16: only a TerminateSession proves it, and no text bears that out."""
    facts, late = session.facts, session.over_limit_at + grace
    return facts.end_method == "terminate_call" and not facts.touched_near_end and not any(at > late for at, _ in facts.proofs)


def outlived_stricter(facts, policy, subject, limits):
    """R21."""
    if facts.started_at is None or facts.ended_after is None:
        return False
    for version in policy.later_than(facts.started_at):
        limit = version.for_session(subject, facts.started_at).max_duration
        if limit is None:
            continue
        t = max(version.effective_from, facts.started_at + limit)
        stricter = limits.max_duration is None or t < facts.started_at + limits.max_duration
        if stricter and facts.ended_after > t + policy.grace:
            return True
    return False


def pattern(session, grace):
    """R23."""
    facts, idle = session.facts, session.limits.idle_timeout
    if session.certain and session.limits.break_glass:
        return "break_glass_left_open"
    if session.certain and session.principal_class == "automation":
        return "zombie_automation"
    if facts.activity and idle is not None and facts.end - max(facts.activity[-1], facts.started_at) > idle + grace:
        return "forgotten_terminal"
    return None


def judge(facts, policy, observations, as_of):
    """A session with everything that depends on policy, tags and `as_of`."""
    place, attributes = (facts.account, facts.region), facts.attributes
    tags = observations.tags_of(place, attributes["target_id"], facts.started_at)
    subject = Subject(
        principals=attributes["principal_arn"], accounts=facts.account, regions=facts.region,
        targets=attributes["target_id"], documents=attributes["document_name"], tags=tags,
    )
    version = policy.in_force(facts.started_at)
    limits = version.for_session(subject, facts.started_at) if version else NO_LIMITS
    session = Session(
        facts, tags, policy.principal_class(attributes["principal_arn"]), limits,
        {column: policy.tag_column(column, tags) for column in ("environment", "owner", "cost_center")},
    )
    session.over_limit_at, session.certainty = over_limit(facts, limits, policy.grace, as_of)
    if session.certain:
        session.over_limit_tier = over_limit_tier(session, policy.grace)
        session.rests_on_a_call = rests_on_a_call(session, policy.grace)
    idle_gaps = gaps(facts)
    if idle_gaps:
        session.longest_idle = max(length for _, length in idle_gaps)
    if limits.idle_timeout is not None:
        breaches = [begin for begin, length in idle_gaps if length > limits.idle_timeout + policy.grace]
        session.idle_breach_at = breaches[0] + limits.idle_timeout if breaches else None
    session.outlived = outlived_stricter(facts, policy, subject, limits)
    session.pattern = pattern(session, policy.grace)
    return session


def principal_name(arn):
    """What follows the last `/`; `root` for `…:root` (R3)."""
    if arn is None:
        return None
    if "/" in arn:
        return arn.rsplit("/", 1)[1] or None
    return "root" if arn.endswith(":root") else None


def seconds(span):
    return None if span is None else span / SECOND


def row(session):
    """The columns of `sessions`, in the order of the SPEC's table."""
    facts, limits, a = session.facts, session.limits, session.facts.attributes
    tags = session.tags
    by_stream = "stream" in (facts.start_method, facts.end_method)
    return {
        "session_id": facts.session_id,
        "account_id": facts.account,
        "region": facts.region,
        "target_id": a["target_id"],
        "document_name": a["document_name"],
        "document_version": None,
        "session_type": a["session_type"],
        "principal_arn": a["principal_arn"],
        "principal_name": principal_name(a["principal_arn"]),
        "principal_class": session.principal_class,
        "mfa": a["mfa"],
        "run_as_user": a["run_as_user"],
        "reason": a["reason"],
        "source_ip": a["source_ip"],
        "access_type": a["access_type"],
        "resumes": facts.resumes,
        "service_status": a["service_status"],
        **session.columns,
        "tags": None if tags is None else json.dumps(tags, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
        "started_at": show(facts.started_at),
        "start_method": facts.start_method,
        "ended_at": show(facts.ended_at),
        "end_method": facts.end_method,
        "ended_after": show(facts.ended_after),
        "ended_before": show(facts.ended_before),
        "ended_before_inferred": facts.inferred,
        "status": facts.status,
        "duration_seconds": seconds(facts.duration),
        "duration_is_lower_bound": None if facts.duration is None else by_stream,
        "end_reason": facts.reason[0],
        "end_reason_certainty": facts.reason[1],
        "first_activity_at": show(facts.activity[0]) if facts.activity else None,
        "last_activity_at": show(facts.activity[-1]) if facts.activity else None,
        "activity_events": len(facts.activity) or None,
        "longest_idle_seconds": seconds(session.longest_idle),
        "transcript": facts.transcript,
        "evidence_tier": facts.evidence_tier,
        "tier": limits.tier,
        "max_duration_seconds": seconds(limits.max_duration),
        "idle_timeout_seconds": seconds(limits.idle_timeout),
        "terminate_within_seconds": seconds(limits.terminate_within),
        "over_limit_at": show(session.over_limit_at),
        "over_limit_certainty": session.certainty,
        "over_limit_seconds": seconds(session.exposure),
        "over_limit_evidence_tier": session.over_limit_tier,
        "idle_breach_at": show(session.idle_breach_at),
        "outlived_stricter_policy": session.outlived,
        "ghost": facts.ghost,
        "never_connected": not by_stream and facts.duration is not None and facts.duration <= 2 * SECOND,
        "pattern": session.pattern,
    }
