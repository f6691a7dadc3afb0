-- question: What do the audit KPIs say, quarter by quarter?
-- unit: findings, sessions and instances; times in seconds; percentages in percent
-- grain: quarter_start
-- definition: kpi_quarterly_summary
-- needs: kpi_quarterly_summary
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
    transcripts_percent
FROM kpi_quarterly_summary
WHERE quarter_start BETWEEN $first AND $start
ORDER BY quarter_start
