-- question: How many findings are open, period by period?
-- unit: findings
-- grain: period_start
-- definition: findings
-- needs: findings
-- columns:
--   period_start: Local date on which the period begins.
--   period: Name of the period.
--   opened: Findings that were opened in the period.
--   closed: Findings that were closed in it.
--   open_at_end: Findings that are open at its end, or at as_of.
--   high_at_end: Those of high severity.
SELECT
    periods.period_start,
    periods.label AS period,
    count(*) FILTER (WHERE findings.opened_at >= periods.start_at) AS opened,
    count(*) FILTER (WHERE findings.closed_at >= periods.start_at AND findings.closed_at < periods.end_at) AS closed,
    count(*) FILTER (WHERE findings.finding_id IS NOT NULL AND (findings.closed_at IS NULL OR findings.closed_at >= periods.end_at)) AS open_at_end,
    count(*) FILTER (WHERE findings.severity = 'high' AND (findings.closed_at IS NULL OR findings.closed_at >= periods.end_at)) AS high_at_end
FROM calendar AS periods
LEFT JOIN findings ON findings.opened_at < periods.end_at
WHERE periods.period_kind = $kind
    AND periods.period_start BETWEEN $first AND $start
GROUP BY periods.period_start, periods.label
ORDER BY period_start
