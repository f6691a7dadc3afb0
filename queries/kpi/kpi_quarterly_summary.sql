-- question: How did the quarter go in a line, beside the one before it?
-- unit: findings, sessions, instances; mttt_… in seconds; …_percent in percent
-- grain: quarter_start
-- columns:
--   quarter_start: Local date on which the quarter begins.
--   quarter: Such as 2026-Q3, or FY2027-Q1 where the fiscal year does not start in January.
--   findings_opened: Findings of every rule with opened_at in the quarter.
--   findings_open_at_end: Findings open at the end of the quarter.
--   violations: Certain violations of the maximum duration with over_limit_at in the quarter.
--   mttt_mean_seconds: Mean time from breach to end over the terminated, in seconds, as in kpi_mttt.
--   mttt_p50_seconds: Kaplan-Meier median of it.
--   mttt_p90_seconds: Its 90th percentile.
--   mttt_rmst_seconds: Its restricted mean over a day.
--   instances: Instances of the fleet on the last day of the quarter: the denominator of coverage.
--   covered: Those on which the limits hold.
--   coverage_percent: 100 covered / instances; null for none.
--   sessions: Sessions with started_at in the quarter.
--   transcripts_expected: Those whose transcript is expected and due: present or missing.
--   transcripts_present: Those of them whose transcript is there.
--   transcripts_percent: 100 transcripts_present / transcripts_expected; null for none.
--   findings_opened_before: The same of the quarter before; null for the first.
--   findings_open_at_end_before: The same of the quarter before; null for the first.
--   violations_before: The same of the quarter before; null for the first.
--   mttt_mean_seconds_before: The same of the quarter before; null for the first.
--   mttt_p50_seconds_before: The same of the quarter before; null for the first.
--   mttt_p90_seconds_before: The same of the quarter before; null for the first.
--   mttt_rmst_seconds_before: The same of the quarter before; null for the first.
--   instances_before: The same of the quarter before; null for the first.
--   covered_before: The same of the quarter before; null for the first.
--   coverage_percent_before: The same of the quarter before; null for the first.
--   sessions_before: The same of the quarter before; null for the first.
--   transcripts_expected_before: The same of the quarter before; null for the first.
--   transcripts_present_before: The same of the quarter before; null for the first.
--   transcripts_percent_before: The same of the quarter before; null for the first.
-- caveats: Coverage is that of the last day that kpi_fleet_coverage has in the quarter; null where it has none. A quarter that as_of() cuts is to date.
-- rulings: R24, R25, R28, R30, R38
WITH started AS (
    SELECT
        quarter_index(started_at) AS quarter,
        count(*) AS sessions,
        count(*) FILTER (WHERE transcript IN ('present', 'missing')) AS expected,
        count(*) FILTER (WHERE transcript = 'present') AS present
    FROM sessions
    WHERE started_at IS NOT NULL
    GROUP BY quarter_index(started_at)
),
found AS (
    SELECT quarter_start, sum(opened) AS opened, sum(open_at_end) AS open_at_end
    FROM kpi_quarterly
    GROUP BY quarter_start
),
terminated AS (
    SELECT period_start, violations, mean_seconds, p50_seconds, p90_seconds, rmst_seconds
    FROM kpi_mttt
    WHERE period_kind = 'quarter' AND tier = '(all)'
),
ends AS (
    SELECT period_index, period_start, lead(period_start) OVER (ORDER BY period_index) AS next_start
    FROM calendar
    WHERE period_kind = 'quarter'
),
fleet AS (
    SELECT
        ends.period_index,
        last_value(coverage.instances ORDER BY coverage.observed_on) AS instances,
        last_value(coverage.covered ORDER BY coverage.observed_on) AS covered
    FROM ends
    JOIN kpi_fleet_coverage AS coverage
        ON coverage.observed_on >= ends.period_start AND (ends.next_start IS NULL OR coverage.observed_on < ends.next_start)
    GROUP BY ends.period_index
),
quarters AS (
    SELECT
        calendar.period_index,
        calendar.period_start AS quarter_start,
        calendar.label AS quarter,
        coalesce(found.opened, 0) AS findings_opened,
        coalesce(found.open_at_end, 0) AS findings_open_at_end,
        coalesce(terminated.violations, 0) AS violations,
        terminated.mean_seconds AS mttt_mean_seconds,
        terminated.p50_seconds AS mttt_p50_seconds,
        terminated.p90_seconds AS mttt_p90_seconds,
        terminated.rmst_seconds AS mttt_rmst_seconds,
        fleet.instances,
        fleet.covered,
        100.0 * CAST(fleet.covered AS DOUBLE) / CAST(nullif(fleet.instances, 0) AS DOUBLE) AS coverage_percent,
        coalesce(started.sessions, 0) AS sessions,
        coalesce(started.expected, 0) AS transcripts_expected,
        coalesce(started.present, 0) AS transcripts_present,
        100.0 * CAST(started.present AS DOUBLE) / CAST(nullif(started.expected, 0) AS DOUBLE) AS transcripts_percent
    FROM calendar
    LEFT JOIN found ON found.quarter_start = calendar.period_start
    LEFT JOIN terminated ON terminated.period_start = calendar.period_start
    LEFT JOIN fleet ON fleet.period_index = calendar.period_index
    LEFT JOIN started ON started.quarter = calendar.period_index
    WHERE calendar.period_kind = 'quarter'
),
numbered AS (
    SELECT
        *,
        lag(findings_opened) OVER so_far AS findings_opened_before,
        lag(findings_open_at_end) OVER so_far AS findings_open_at_end_before,
        lag(violations) OVER so_far AS violations_before,
        lag(mttt_mean_seconds) OVER so_far AS mttt_mean_seconds_before,
        lag(mttt_p50_seconds) OVER so_far AS mttt_p50_seconds_before,
        lag(mttt_p90_seconds) OVER so_far AS mttt_p90_seconds_before,
        lag(mttt_rmst_seconds) OVER so_far AS mttt_rmst_seconds_before,
        lag(instances) OVER so_far AS instances_before,
        lag(covered) OVER so_far AS covered_before,
        lag(coverage_percent) OVER so_far AS coverage_percent_before,
        lag(sessions) OVER so_far AS sessions_before,
        lag(transcripts_expected) OVER so_far AS transcripts_expected_before,
        lag(transcripts_present) OVER so_far AS transcripts_present_before,
        lag(transcripts_percent) OVER so_far AS transcripts_percent_before,
        min(CASE WHEN findings_opened + findings_open_at_end + violations + coalesce(instances, 0) + sessions > 0 THEN period_index END) OVER () AS first_index
    FROM quarters
    WINDOW so_far AS (ORDER BY period_index)
)
SELECT
    quarter_start,
    quarter,
    findings_opened,
    findings_open_at_end,
    violations,
    mttt_mean_seconds,
    mttt_p50_seconds,
    mttt_p90_seconds,
    mttt_rmst_seconds,
    instances,
    covered,
    coverage_percent,
    sessions,
    transcripts_expected,
    transcripts_present,
    transcripts_percent,
    CASE WHEN period_index > first_index THEN findings_opened_before END AS findings_opened_before,
    CASE WHEN period_index > first_index THEN findings_open_at_end_before END AS findings_open_at_end_before,
    CASE WHEN period_index > first_index THEN violations_before END AS violations_before,
    CASE WHEN period_index > first_index THEN mttt_mean_seconds_before END AS mttt_mean_seconds_before,
    CASE WHEN period_index > first_index THEN mttt_p50_seconds_before END AS mttt_p50_seconds_before,
    CASE WHEN period_index > first_index THEN mttt_p90_seconds_before END AS mttt_p90_seconds_before,
    CASE WHEN period_index > first_index THEN mttt_rmst_seconds_before END AS mttt_rmst_seconds_before,
    CASE WHEN period_index > first_index THEN instances_before END AS instances_before,
    CASE WHEN period_index > first_index THEN covered_before END AS covered_before,
    CASE WHEN period_index > first_index THEN coverage_percent_before END AS coverage_percent_before,
    CASE WHEN period_index > first_index THEN sessions_before END AS sessions_before,
    CASE WHEN period_index > first_index THEN transcripts_expected_before END AS transcripts_expected_before,
    CASE WHEN period_index > first_index THEN transcripts_present_before END AS transcripts_present_before,
    CASE WHEN period_index > first_index THEN transcripts_percent_before END AS transcripts_percent_before
FROM numbered
WHERE period_index >= first_index
ORDER BY quarter_start
