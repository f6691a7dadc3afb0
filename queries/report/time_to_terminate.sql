-- question: How long does it take from the breach of a limit to the end of the session, period by period?
-- unit: seconds; counts in sessions
-- grain: period_start
-- definition: kpi_mttt
-- columns:
--   period_start: Local date on which the period begins.
--   period: Name of the period.
SELECT
    calendar.period_start,
    calendar.label AS period,
    coalesce(mttt.violations, 0) AS violations,
    coalesce(mttt.terminated, 0) AS terminated,
    coalesce(mttt.still_open, 0) AS still_open,
    coalesce(mttt.lost, 0) AS lost,
    mttt.mean_seconds,
    mttt.p50_seconds,
    mttt.p90_seconds,
    mttt.rmst_seconds,
    coalesce(mttt.within_target, 0) AS within_target,
    mttt.target_seconds,
    coalesce(mttt.ended_by_owner, 0) AS ended_by_owner,
    coalesce(mttt.ended_by_other, 0) AS ended_by_other,
    coalesce(mttt.ended_by_control, 0) AS ended_by_control,
    coalesce(mttt.ended_unknown, 0) AS ended_unknown
FROM calendar
-- The KPI begins with its first violation: before it there were none.
LEFT JOIN kpi_mttt AS mttt
    ON mttt.period_kind = calendar.period_kind
    AND mttt.period_start = calendar.period_start
    AND mttt.tier = '(all)'
WHERE calendar.period_kind = $kind
    AND calendar.period_start BETWEEN $first AND $start
ORDER BY period_start
