-- question: How many findings of each rule were opened and closed, quarter by quarter, and how many were open at its end?
-- unit: findings
-- grain: quarter_start, rule
-- columns:
--   quarter_start: Local date on which the quarter begins.
--   quarter: Such as 2026-Q3, or FY2027-Q1 where the fiscal year does not start in January.
--   rule: The rule; every one has a row, zeros included.
--   severity: high, medium or low.
--   opened: Findings with opened_at in the quarter.
--   closed: Findings with closed_at in the quarter.
--   open_at_end: Findings opened before the quarter's end and not closed by then.
-- caveats: opened - closed is the change in open_at_end. A quarter that as_of() cuts is to date.
-- held: cells
-- rulings: R25, R34, R38
WITH cells AS (
    SELECT rule, quarter_index(opened_at) AS opened_quarter, quarter_index(closed_at) AS closed_quarter, count(*) AS n
    FROM findings
    GROUP BY rule, quarter_index(opened_at), quarter_index(closed_at)
),
opened AS (
    SELECT rule, opened_quarter AS quarter, sum(n) AS n
    FROM cells
    GROUP BY rule, opened_quarter
),
closed AS (
    SELECT rule, closed_quarter AS quarter, sum(n) AS n
    FROM cells
    WHERE closed_quarter IS NOT NULL
    GROUP BY rule, closed_quarter
),
quarters AS (
    SELECT
        calendar.period_index,
        calendar.period_start,
        calendar.label,
        rules.rule,
        rules.severity,
        coalesce(opened.n, 0) AS opened,
        coalesce(closed.n, 0) AS closed
    FROM calendar
    CROSS JOIN rules
    LEFT JOIN opened ON opened.rule = rules.rule AND opened.quarter = calendar.period_index
    LEFT JOIN closed ON closed.rule = rules.rule AND closed.quarter = calendar.period_index
    WHERE calendar.period_kind = 'quarter'
),
numbered AS (
    SELECT
        *,
        sum(opened - closed) OVER (PARTITION BY rule ORDER BY period_index) AS open_at_end,
        min(CASE WHEN opened + closed > 0 THEN period_index END) OVER () AS first_index
    FROM quarters
)
SELECT
    period_start AS quarter_start,
    label AS quarter,
    rule,
    severity,
    opened,
    closed,
    open_at_end
FROM numbered
WHERE period_index >= first_index
ORDER BY quarter_start, rule
