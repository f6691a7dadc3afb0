-- question: How many of the sessions that went over their limit were still running, by the time since the breach?
-- unit: seconds; counts in sessions; still_running_percent in percent
-- grain: after_seconds
-- definition: kpi_mttt
-- columns:
--   after_seconds: Time since the breach.
--   at_risk: Violations that had neither ended nor been lost sight of before.
--   ended: Those that ended at that time.
--   still_running_percent: Estimate by Kaplan and Meier of the share still running after it; open and lost ones count until e.
-- caveats: Of violations with over_limit_at in the quarter, or in the thirteen weeks that end with the week: one week holds too few.
WITH cohort AS (
    SELECT
        CAST(micros_between(over_limit_at, coalesce(ended_at, ended_after)) AS DOUBLE) / 1000000.0 AS seconds,
        ended_at IS NOT NULL AS is_ended
    FROM sessions
    WHERE over_limit_certainty = 'certain'
        AND over_limit_at >= $cohort_at
        AND over_limit_at < $end_at
),
times AS (
    SELECT seconds, count(*) AS leaving, count(*) FILTER (WHERE is_ended) AS ended
    FROM cohort
    GROUP BY seconds
),
risks AS (
    SELECT seconds, ended, sum(leaving) OVER (ORDER BY seconds DESC) AS at_risk
    FROM times
)
SELECT 0.0 AS after_seconds, count(*) AS at_risk, 0 AS ended, 100.0 AS still_running_percent
FROM cohort
HAVING count(*) > 0
UNION ALL
SELECT
    seconds AS after_seconds,
    at_risk,
    ended,
    -- Kaplan-Meier, as a sum of logarithms: of nothing left there is none.
    CASE WHEN ended = at_risk THEN 0.0 ELSE
        100.0 * exp(sum(CASE WHEN ended < at_risk THEN ln(1.0 - CAST(ended AS DOUBLE) / CAST(at_risk AS DOUBLE)) ELSE 0.0 END) OVER (ORDER BY seconds))
    END AS still_running_percent
FROM risks
ORDER BY after_seconds, at_risk DESC
