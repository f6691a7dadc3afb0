-- question: How long do sessions last, period by period?
-- unit: seconds; n in sessions
-- grain: period_start
-- definition: kpi_duration
-- columns:
--   period: Name of the period.
SELECT
    duration.period_start,
    calendar.label AS period,
    duration.n,
    duration.p50_seconds,
    duration.p90_seconds,
    duration.max_seconds
FROM kpi_duration AS duration
JOIN calendar ON calendar.period_kind = duration.period_kind AND calendar.period_start = duration.period_start
WHERE duration.period_kind = $kind
    AND duration.tier = '(all)'
    AND duration.period_start BETWEEN $first AND $start
ORDER BY period_start
