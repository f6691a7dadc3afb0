-- question: For which tiers does a KPI over sessions have rows?
-- unit: tiers
-- grain: tier
-- columns:
--   tier: A tier that some session has, or (all), which also holds the sessions without one.
-- rulings: R25
SELECT DISTINCT tier
FROM sessions
WHERE tier IS NOT NULL
UNION ALL
SELECT '(all)' AS tier
