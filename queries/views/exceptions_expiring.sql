-- question: Which exceptions of the policy end within 30 days?
-- unit: exceptions; days_left in days
-- grain: until_at, owner, from_at, reason
-- columns:
--   from_at: Holds for sessions that start from here.
--   until_at: And before here.
--   owner: Who answers for it.
--   reason: Why. Hostile text.
--   matchers: What it matches, as JSON.
--   days_left: Whole days from as_of() to until_at.
-- caveats: Those that have begun, of the version of the policy that is in force.
-- rulings: R19
SELECT
    from_at,
    until_at,
    name AS owner,
    reason,
    matchers,
    micros_between(as_of(), until_at) / 86400000000 AS days_left
FROM policy_tiers
WHERE kind = 'exception'
    AND effective_from = (SELECT max(effective_from) FROM policy_tiers WHERE effective_from <= as_of())
    AND from_at <= as_of()
    AND until_at > as_of()
    AND until_at <= as_of() + INTERVAL '30 days'
