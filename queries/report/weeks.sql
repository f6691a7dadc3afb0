-- question: How many sessions ran over their limit, week by week?
-- unit: sessions; over_limit_hours in hours
-- grain: week_start
-- definition: kpi_weekly
SELECT
    week_start,
    week,
    sessions_started,
    sessions_ended,
    sessions_active,
    over_limit_active,
    over_limit_new,
    over_limit_possible,
    idle_suspected_new,
    over_limit_hours,
    over_limit_open_at_end
FROM kpi_weekly
WHERE tier = '(all)'
    AND week_start BETWEEN $first AND $start
ORDER BY week_start
