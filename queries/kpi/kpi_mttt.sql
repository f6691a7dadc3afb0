-- question: How long does it take from the breach of a limit to the end of the session?
-- unit: seconds; counts in sessions
-- grain: period_kind, period_start, tier
-- columns:
--   period_kind: week or quarter.
--   period_start: Local date on which the period begins.
--   tier: Policy tier, or (all), which also holds the sessions without a tier.
--   violations: Certain violations with over_limit_at in the period.
--   terminated: Those of which the end is known.
--   still_open: Those that are open.
--   lost: The rest: over, but when is not known.
--   mean_seconds: Mean of ended_at - over_limit_at over the terminated; biased low while others are open.
--   p50_seconds: Kaplan-Meier: the smallest t by which half have ended; open and lost ones count until e. Null where not reached.
--   p90_seconds: The same for nine of ten.
--   rmst_seconds: Mean time to the end where nothing is waited for longer than tau_seconds; null where the sample cannot say.
--   tau_seconds: 86400.
--   within_target: Terminated ones that ended within their own policy's terminate_within.
--   target_seconds: That target where all violations of the period have the same one, else null.
--   ended_by_owner: Terminated by a call of the session's own principal.
--   ended_by_other: Terminated by a call of another principal.
--   ended_by_control: Ended by the idle timeout or the maximum duration.
--   ended_unknown: Ended by exit, or for a reason that is not known.
-- caveats: Cohorts are by breach, not by end. within_target has violations as its denominator. A period that as_of() cuts is to date.
-- held: cells
-- rulings: R25, R28
WITH violations AS (
    SELECT
        tier,
        week_index(over_limit_at) AS week,
        quarter_index(over_limit_at) AS quarter,
        ended_at IS NOT NULL AS ended,
        status,
        end_reason,
        terminate_within_seconds,
        micros_between(over_limit_at, ended_at) AS micros,
        CAST(micros_between(over_limit_at, coalesce(ended_at, ended_after)) AS DOUBLE) / 1000000.0 AS seconds
    FROM sessions
    WHERE over_limit_certainty = 'certain'
),
cells AS (
    -- Weeks do not fit into quarters; the pieces of their intersection fit into both.
    SELECT
        week,
        quarter,
        tier,
        count(*) AS violations,
        count(*) FILTER (WHERE ended) AS terminated,
        count(*) FILTER (WHERE NOT ended AND status = 'open') AS still_open,
        sum(CAST(micros AS DECIMAL(20, 0))) AS micros,
        numbers(seconds) FILTER (WHERE ended) AS ends,
        numbers(seconds) FILTER (WHERE NOT ended) AS losses,
        count(*) FILTER (WHERE ended AND micros <= terminate_within_seconds * 1000000) AS within_target,
        count(terminate_within_seconds) AS with_target,
        min(terminate_within_seconds) AS least_target,
        max(terminate_within_seconds) AS greatest_target,
        count(*) FILTER (WHERE ended AND end_reason = 'terminated_by_owner') AS ended_by_owner,
        count(*) FILTER (WHERE ended AND end_reason = 'terminated_by_other') AS ended_by_other,
        count(*) FILTER (WHERE ended AND end_reason IN ('idle_timeout', 'max_duration')) AS ended_by_control,
        count(*) FILTER (WHERE ended AND end_reason IN ('exit', 'unknown')) AS ended_unknown
    FROM violations
    GROUP BY week, quarter, tier
),
totals AS (
    SELECT
        CASE WHEN grouping(week) = 0 THEN 'week' ELSE 'quarter' END AS period_kind,
        CASE WHEN grouping(week) = 0 THEN week ELSE quarter END AS period_index,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        sum(violations) AS violations,
        sum(terminated) AS terminated,
        sum(still_open) AS still_open,
        sum(micros) AS micros,
        km_percentile(ends, losses, 0.5) AS p50_seconds,
        km_percentile(ends, losses, 0.9) AS p90_seconds,
        km_rmst(ends, losses, 86400) AS rmst_seconds,
        sum(within_target) AS within_target,
        CASE WHEN sum(with_target) = sum(violations) AND min(least_target) = max(greatest_target) THEN min(least_target) END AS target_seconds,
        sum(ended_by_owner) AS ended_by_owner,
        sum(ended_by_other) AS ended_by_other,
        sum(ended_by_control) AS ended_by_control,
        sum(ended_unknown) AS ended_unknown
    FROM cells
    GROUP BY GROUPING SETS ((week, tier), (week), (quarter, tier), (quarter))
),
periods AS (
    SELECT
        calendar.period_kind,
        calendar.period_index,
        calendar.period_start,
        tiers.tier,
        coalesce(totals.violations, 0) AS violations,
        coalesce(totals.terminated, 0) AS terminated,
        coalesce(totals.still_open, 0) AS still_open,
        CAST(totals.micros AS DOUBLE) / CAST(1000000 * nullif(totals.terminated, 0) AS DOUBLE) AS mean_seconds,
        totals.p50_seconds,
        totals.p90_seconds,
        totals.rmst_seconds,
        coalesce(totals.within_target, 0) AS within_target,
        totals.target_seconds,
        coalesce(totals.ended_by_owner, 0) AS ended_by_owner,
        coalesce(totals.ended_by_other, 0) AS ended_by_other,
        coalesce(totals.ended_by_control, 0) AS ended_by_control,
        coalesce(totals.ended_unknown, 0) AS ended_unknown
    FROM calendar
    CROSS JOIN tiers
    LEFT JOIN totals ON totals.period_kind = calendar.period_kind AND totals.period_index = calendar.period_index AND totals.tier = tiers.tier
    WHERE calendar.period_kind IN ('week', 'quarter')
),
numbered AS (
    SELECT *, min(CASE WHEN violations > 0 THEN period_index END) OVER (PARTITION BY period_kind) AS first_index
    FROM periods
)
SELECT
    period_kind,
    period_start,
    tier,
    violations,
    terminated,
    still_open,
    violations - terminated - still_open AS lost,
    mean_seconds,
    p50_seconds,
    p90_seconds,
    rmst_seconds,
    86400 AS tau_seconds,
    within_target,
    target_seconds,
    ended_by_owner,
    ended_by_other,
    ended_by_control,
    ended_unknown
FROM numbered
WHERE period_index >= first_index
ORDER BY period_kind, period_start, tier
