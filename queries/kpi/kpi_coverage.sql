-- question: On how many instances do the limits of the policy hold, account by account?
-- unit: instances; coverage_percent in percent
-- grain: observed_on, account_id, region, tier
-- columns:
--   observed_on: Local date of the observation; the newest one of each day counts.
--   account_id: The account.
--   region: The region.
--   tier: Policy tier, or (all), which also holds the instances without a tier.
--   instances: Running EC2 instances and registered mi- nodes: the denominator.
--   covered: Managed, with preferences that keep within the limits of the tier.
--   coverage_percent: 100 covered / instances; null for none.
--   not_assessed: Nobody can tell: an answer is missing or cannot be read. The first cause of those that follow.
--   not_managed: Not registered with Systems Manager, or not online.
--   no_max_duration: The preferences set no maximum duration.
--   max_duration_too_long: Their maximum duration is longer than the tier allows.
--   idle_timeout_too_long: Their idle timeout is longer than the tier allows.
-- caveats: A day on which the instances could not be listed has no row. Each instance counts under its first cause only.
-- rulings: R25, R29
WITH seen_tiers AS (
    SELECT DISTINCT tier
    FROM assessed_instances
    WHERE tier IS NOT NULL
    UNION ALL
    SELECT '(all)' AS tier
),
totals AS (
    SELECT
        observed_on,
        account_id,
        region,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        count(*) AS instances,
        count(*) FILTER (WHERE result = 'covered') AS covered,
        count(*) FILTER (WHERE result = 'not_assessed') AS not_assessed,
        count(*) FILTER (WHERE result = 'not_managed') AS not_managed,
        count(*) FILTER (WHERE result = 'no_max_duration') AS no_max_duration,
        count(*) FILTER (WHERE result = 'max_duration_too_long') AS max_duration_too_long,
        count(*) FILTER (WHERE result = 'idle_timeout_too_long') AS idle_timeout_too_long
    FROM assessed_instances
    GROUP BY GROUPING SETS ((observed_on, account_id, region, tier), (observed_on, account_id, region))
)
SELECT
    observations.observed_on,
    observations.account_id,
    observations.region,
    seen_tiers.tier,
    coalesce(totals.instances, 0) AS instances,
    coalesce(totals.covered, 0) AS covered,
    100.0 * CAST(totals.covered AS DOUBLE) / CAST(totals.instances AS DOUBLE) AS coverage_percent,
    coalesce(totals.not_assessed, 0) AS not_assessed,
    coalesce(totals.not_managed, 0) AS not_managed,
    coalesce(totals.no_max_duration, 0) AS no_max_duration,
    coalesce(totals.max_duration_too_long, 0) AS max_duration_too_long,
    coalesce(totals.idle_timeout_too_long, 0) AS idle_timeout_too_long
FROM assessed_observations AS observations
CROSS JOIN seen_tiers
LEFT JOIN totals
    ON totals.observed_on = observations.observed_on
    AND totals.account_id = observations.account_id
    AND totals.region = observations.region
    AND totals.tier = seen_tiers.tier
ORDER BY observed_on, account_id, region, tier
