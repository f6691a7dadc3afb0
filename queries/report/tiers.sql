-- question: Which tiers of the policy have sessions over their limit in this week?
-- unit: sessions; over_limit_hours in hours
-- grain: tier
-- definition: kpi_weekly
SELECT
    tier,
    sessions_started,
    sessions_active,
    over_limit_active,
    over_limit_new,
    over_limit_possible,
    idle_suspected_new,
    over_limit_hours,
    over_limit_open_at_end
FROM kpi_weekly
WHERE week_start = $start
ORDER BY tier
