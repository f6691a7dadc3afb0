-- question: On how many instances of the whole fleet do the limits of the policy hold, day by day?
-- unit: instances; coverage_percent in percent
-- grain: observed_on
-- columns:
--   observed_on: Local date.
--   instances: Instances of each account-region's last observation: the denominator.
--   covered: Those on which the limits hold, where that observation is at most seven days old.
--   coverage_percent: 100 covered / instances; null for none.
--   not_assessed: Those of which nobody can tell, and all of an account-region not observed for more than seven days.
--   not_managed: Not registered with Systems Manager, or not online.
--   no_max_duration: The preferences set no maximum duration.
--   max_duration_too_long: Their maximum duration is longer than the tier allows.
--   idle_timeout_too_long: Their idle timeout is longer than the tier allows.
-- caveats: An account-region that was never observed is in no number.
-- rulings: R29, R30
WITH observed AS (
    SELECT
        observations.observed_on,
        observations.account_id,
        observations.region,
        count(assessed.instance_id) AS instances,
        count(*) FILTER (WHERE assessed.result = 'covered') AS covered,
        count(*) FILTER (WHERE assessed.result = 'not_assessed') AS not_assessed,
        count(*) FILTER (WHERE assessed.result = 'not_managed') AS not_managed,
        count(*) FILTER (WHERE assessed.result = 'no_max_duration') AS no_max_duration,
        count(*) FILTER (WHERE assessed.result = 'max_duration_too_long') AS max_duration_too_long,
        count(*) FILTER (WHERE assessed.result = 'idle_timeout_too_long') AS idle_timeout_too_long
    FROM assessed_observations AS observations
    LEFT JOIN assessed_instances AS assessed
        ON assessed.observed_on = observations.observed_on
        AND assessed.account_id = observations.account_id
        AND assessed.region = observations.region
    GROUP BY observations.observed_on, observations.account_id, observations.region
),
carried AS (
    -- Days since 1970-01-01: an observation holds until the day before the next one of its account-region, or to the last day.
    SELECT
        *,
        CAST(observed_on AS INT) AS first_day,
        CAST(local_date(as_of() - INTERVAL '1 microsecond') AS INT) AS last_day,
        CAST(lead(observed_on) OVER (PARTITION BY account_id, region ORDER BY observed_on) AS INT) - 1 AS day_before_next
    FROM observed
),
days AS (
    SELECT *, unnest(generate_series(first_day, least(day_before_next, last_day))) AS day
    FROM carried
),
aged AS (
    SELECT *, day - first_day <= 7 AS fresh
    FROM days
),
totals AS (
    SELECT
        CAST(CAST(day AS INT) AS DATE) AS observed_on,
        sum(instances) AS instances,
        sum(CASE WHEN fresh THEN covered ELSE 0 END) AS covered,
        sum(CASE WHEN fresh THEN not_assessed ELSE instances END) AS not_assessed,
        sum(CASE WHEN fresh THEN not_managed ELSE 0 END) AS not_managed,
        sum(CASE WHEN fresh THEN no_max_duration ELSE 0 END) AS no_max_duration,
        sum(CASE WHEN fresh THEN max_duration_too_long ELSE 0 END) AS max_duration_too_long,
        sum(CASE WHEN fresh THEN idle_timeout_too_long ELSE 0 END) AS idle_timeout_too_long
    FROM aged
    GROUP BY day
)
SELECT
    observed_on,
    instances,
    covered,
    100.0 * CAST(covered AS DOUBLE) / CAST(nullif(instances, 0) AS DOUBLE) AS coverage_percent,
    not_assessed,
    not_managed,
    no_max_duration,
    max_duration_too_long,
    idle_timeout_too_long
FROM totals
ORDER BY observed_on
