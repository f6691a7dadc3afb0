-- question: Which exceptions from the policy hold, and until when?
-- unit: days_left in days
-- grain: until_at, owner, from_at
-- definition: exceptions_expiring
-- needs: exceptions_expiring
-- columns:
--   until_at: When it ends.
--   days_left: Days from as_of until then.
--   owner: Who asked for it.
--   reason: Why.
--   matchers: What it holds for.
--   from_at: Since when.
SELECT until_at, days_left, owner, reason, matchers, from_at
FROM exceptions_expiring
ORDER BY until_at, owner, from_at
