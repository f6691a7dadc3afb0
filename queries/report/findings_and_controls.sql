-- question: Which rules have findings in the quarter, and which controls do they bear on?
-- unit: findings
-- grain: rule
-- definition: kpi_quarterly
-- needs: kpi_quarterly, controls
-- columns:
--   direct: Controls that speak of the very thing: a finding supports assessment of them.
--   supporting: Controls that it bears on.
WITH cited AS (
    SELECT
        rule,
        string_agg(framework || ' ' || control, ', ' ORDER BY framework, control) FILTER (WHERE strength = 'direct') AS direct,
        string_agg(framework || ' ' || control, ', ' ORDER BY framework, control) FILTER (WHERE strength <> 'direct') AS supporting
    FROM controls
    GROUP BY rule
)
SELECT quarterly.rule, quarterly.severity, quarterly.opened, quarterly.closed, quarterly.open_at_end, cited.direct, cited.supporting
FROM kpi_quarterly AS quarterly
LEFT JOIN cited ON cited.rule = quarterly.rule
WHERE quarterly.quarter_start = $start
ORDER BY rule
