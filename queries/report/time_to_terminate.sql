-- question: How long does it take from the breach of a limit to the end of the session, period by period?
-- unit: seconds; counts in sessions
-- grain: period_start
-- definition: kpi_mttt
-- columns:
--   period: Name of the period.
SELECT
    mttt.period_start,
    calendar.label AS period,
    mttt.violations,
    mttt.terminated,
    mttt.still_open,
    mttt.lost,
    mttt.mean_seconds,
    mttt.p50_seconds,
    mttt.p90_seconds,
    mttt.rmst_seconds,
    mttt.within_target,
    mttt.target_seconds,
    mttt.ended_by_owner,
    mttt.ended_by_other,
    mttt.ended_by_control,
    mttt.ended_unknown
FROM kpi_mttt AS mttt
JOIN calendar ON calendar.period_kind = mttt.period_kind AND calendar.period_start = mttt.period_start
WHERE mttt.period_kind = $kind
    AND mttt.tier = '(all)'
    AND mttt.period_start BETWEEN $first AND $start
ORDER BY period_start
