-- Without what SQL cannot say: p50_seconds, p90_seconds and rmst_seconds (Kaplan-Meier).
WITH violations AS (
    SELECT *, week_index(over_limit_at) AS week, quarter_index(over_limit_at) AS quarter, epoch_us(ended_at) - epoch_us(over_limit_at) AS micros
    FROM sessions
    WHERE over_limit_certainty = 'certain'
),
totals AS (
    SELECT
        CASE WHEN grouping(week) = 0 THEN 'week' ELSE 'quarter' END AS period_kind,
        CASE WHEN grouping(week) = 0 THEN week ELSE quarter END AS period_index,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        count(*) AS violations,
        count(ended_at) AS terminated,
        count(*) FILTER (WHERE ended_at IS NULL AND status = 'open') AS still_open,
        sum(micros) AS micros,
        count(*) FILTER (WHERE micros <= terminate_within_seconds * 1000000) AS within_target,
        CASE WHEN count(terminate_within_seconds) = count(*) AND min(terminate_within_seconds) = max(terminate_within_seconds)
            THEN min(terminate_within_seconds)
        END AS target_seconds,
        count(*) FILTER (WHERE ended_at IS NOT NULL AND end_reason = 'terminated_by_owner') AS ended_by_owner,
        count(*) FILTER (WHERE ended_at IS NOT NULL AND end_reason = 'terminated_by_other') AS ended_by_other,
        count(*) FILTER (WHERE ended_at IS NOT NULL AND end_reason IN ('idle_timeout', 'max_duration')) AS ended_by_control,
        count(*) FILTER (WHERE ended_at IS NOT NULL AND end_reason IN ('exit', 'unknown')) AS ended_unknown
    FROM violations
    GROUP BY GROUPING SETS ((week, tier), (week), (quarter, tier), (quarter))
),
tiers AS (
    SELECT DISTINCT tier FROM sessions WHERE tier IS NOT NULL UNION ALL SELECT '(all)'
)
SELECT
    calendar.period_kind,
    calendar.period_start,
    tiers.tier,
    coalesce(violations, 0) AS violations,
    coalesce(terminated, 0) AS terminated,
    coalesce(still_open, 0) AS still_open,
    coalesce(violations - terminated - still_open, 0) AS lost,
    micros / (1000000.0 * nullif(terminated, 0)) AS mean_seconds,
    coalesce(within_target, 0) AS within_target,
    target_seconds,
    coalesce(ended_by_owner, 0) AS ended_by_owner,
    coalesce(ended_by_other, 0) AS ended_by_other,
    coalesce(ended_by_control, 0) AS ended_by_control,
    coalesce(ended_unknown, 0) AS ended_unknown
FROM calendar
CROSS JOIN tiers
LEFT JOIN totals ON totals.period_kind = calendar.period_kind AND totals.period_index = calendar.period_index AND totals.tier = tiers.tier
WHERE calendar.period_kind IN ('week', 'quarter')
ORDER BY calendar.period_kind, calendar.period_start, tiers.tier
