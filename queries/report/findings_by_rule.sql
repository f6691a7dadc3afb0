-- question: Which rules have findings?
-- unit: findings
-- grain: rule, severity
-- definition: findings
-- needs: findings
-- columns:
--   rule: The rule.
--   severity: high, medium or low.
--   opened: Findings that were opened in the period.
--   closed: Findings that were closed in it.
--   open_at_end: Findings that are open at its end, or at as_of.
SELECT rule, severity, opened, closed, open_at_end
FROM (
    SELECT
        rule,
        severity,
        count(*) FILTER (WHERE opened_at >= $start_at) AS opened,
        count(*) FILTER (WHERE closed_at >= $start_at AND closed_at < $end_at) AS closed,
        count(*) FILTER (WHERE closed_at IS NULL OR closed_at >= $end_at) AS open_at_end
    FROM findings
    WHERE opened_at < $end_at
    GROUP BY rule, severity
)
WHERE opened > 0 OR closed > 0 OR open_at_end > 0
ORDER BY CASE severity WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, rule
