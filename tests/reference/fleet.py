"""kpi_coverage and kpi_fleet_coverage (SPEC §6, rulings R29, R30)."""

from collections import Counter
from datetime import timedelta

from kpis import ALL, percent
from policy import NO_LIMITS, Subject

CAUSES = ("not_assessed", "not_managed", "no_max_duration", "max_duration_too_long", "idle_timeout_too_long")


def counted_instances(snapshot):
    """(id, tags): running EC2 instances, and `mi-` nodes that the managed-node answer names."""
    found = {i: tags for i, (state, tags) in snapshot.instances.items() if state == "running"}
    for node in snapshot.nodes or {}:
        if node.startswith("mi-"):
            found[node] = None
    return sorted(found.items())


def verdict(snapshot, instance, preferences, limits):
    """`covered`, or the first cause in the SPEC's order."""
    if not snapshot.nodes_complete or preferences is None or any(p.templated for p in preferences):
        return "not_assessed"
    if snapshot.nodes.get(instance) != "Online":
        return "not_managed"
    if any(p.maximum is None for p in preferences):
        return "no_max_duration"
    if limits.max_duration is not None and any(p.maximum > limits.max_duration for p in preferences):
        return "max_duration_too_long"
    if limits.idle_timeout is not None and any(p.idle > limits.idle_timeout for p in preferences):
        return "idle_timeout_too_long"
    return "covered"


def assess(snapshot, policy):
    """(tier, verdict) of every counted instance of one observation."""
    version, preferences = policy.in_force(snapshot.time), snapshot.preferences_in_force()
    found = []
    for instance, tags in counted_instances(snapshot):
        subject = Subject(accounts=snapshot.account, regions=snapshot.region, targets=instance, tags=tags)
        limits = version.for_instance(subject) if version else NO_LIMITS
        found.append((limits.tier, verdict(snapshot, instance, preferences, limits)))
    return found


def counts(verdicts):
    tally = Counter(verdicts)
    return {
        "instances": len(verdicts),
        "covered": tally["covered"],
        "coverage_percent": percent(tally["covered"], len(verdicts)),
        **{cause: tally[cause] for cause in CAUSES},
    }


def newest_of_each_day(calendar, observations):
    """(date, place, snapshot): the newest observation of a day and place, if it has a complete instance answer."""
    for place in observations.places():
        last = {calendar.local_date(s.time): s for s in observations.of(place)}
        for day, snapshot in sorted(last.items()):
            if snapshot.instances_complete:
                yield day, place, snapshot


def coverage(calendar, observations, policy):
    """(rows of kpi_coverage, {(date, place): verdicts})."""
    assessed = {(d, place): assess(s, policy) for d, place, s in newest_of_each_day(calendar, observations)}
    tiers = sorted({tier for found in assessed.values() for tier, _ in found if tier is not None})
    rows = []
    for (day, (account, region)), found in assessed.items():
        for tier in [ALL, *tiers]:
            verdicts = [v for of_tier, v in found if tier in (ALL, of_tier)]
            key = {"observed_on": day.isoformat(), "account_id": account, "region": region, "tier": tier}
            rows.append({**key, **counts(verdicts)})
    return rows, {key: [v for _, v in found] for key, found in assessed.items()}


def fleet_coverage(calendar, assessed, as_of):
    """R30: each place's last observation is carried 7 days, then its instances are not assessed."""
    if not assessed:
        return []
    rows, day, last = [], min(day for day, _ in assessed), calendar.local_date(as_of - 1)
    places = sorted({place for _, place in assessed})
    while day <= last:
        verdicts = []
        for place in places:
            seen = max((d for d, p in assessed if p == place and d <= day), default=None)
            if seen is not None:
                known = assessed[seen, place]
                verdicts += known if day - seen <= timedelta(days=7) else ["not_assessed"] * len(known)
        rows.append({"observed_on": day.isoformat(), **counts(verdicts)})
        day += timedelta(days=1)
    return rows
