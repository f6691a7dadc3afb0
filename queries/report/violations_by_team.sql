-- question: Which teams have sessions over their limit?
-- unit: sessions; over_limit_hours in hours
-- grain: cost_center
-- definition: kpi_weekly
-- columns:
--   cost_center: Cost center of the target, by its tag; (none) without one.
--   over_limit_active: Certain violations whose time over the limit, [over_limit_at, e), meets the period.
--   over_limit_new: Certain violations with over_limit_at in the period.
--   over_limit_hours: Hours over the limit inside the period, of certain violations.
--   over_limit_active_before: The same as over_limit_active, of the period before.
WITH violations AS (
    SELECT
        cost_center,
        over_limit_at,
        coalesce(ended_at, ended_after) AS alive_until,
        micros_between('1970-01-01T00:00:00Z', over_limit_at) AS from_micros,
        micros_between('1970-01-01T00:00:00Z', coalesce(ended_at, ended_after)) AS until_micros
    FROM sessions
    WHERE over_limit_certainty = 'certain'
        AND coalesce(ended_at, ended_after) > over_limit_at
),
counts AS (
    SELECT
        coalesce(cost_center, '(none)') AS cost_center,
        count(*) FILTER (WHERE over_limit_at < $end_at AND alive_until > $start_at) AS over_limit_active,
        count(*) FILTER (WHERE over_limit_at >= $start_at AND over_limit_at < $end_at) AS over_limit_new,
        sum(
            CASE WHEN over_limit_at < $end_at AND alive_until > $start_at
                THEN least(until_micros, micros_between('1970-01-01T00:00:00Z', $end_at)) - greatest(from_micros, micros_between('1970-01-01T00:00:00Z', $start_at))
                ELSE 0
            END
        ) AS over_limit_micros,
        count(*) FILTER (WHERE over_limit_at < $start_at AND alive_until > $before_at) AS over_limit_active_before
    FROM violations
    GROUP BY coalesce(cost_center, '(none)')
)
SELECT
    cost_center,
    over_limit_active,
    over_limit_new,
    CAST(over_limit_micros AS DOUBLE) / 3600000000.0 AS over_limit_hours,
    over_limit_active_before
FROM counts
WHERE over_limit_active > 0 OR over_limit_active_before > 0
ORDER BY over_limit_active DESC, over_limit_hours DESC, cost_center
