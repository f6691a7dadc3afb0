-- question: Which exceptions from the policy held in the period, and until when?
-- unit: days_left in days
-- grain: until_at, owner, from_at, reason, matchers
-- definition: exceptions_expiring
-- needs: policy_tiers
-- columns:
--   until_at: When it ends.
--   days_left: Days from as_of until then; nothing where it has ended by then.
--   owner: Who asked for it.
--   reason: Why.
--   matchers: What it holds for.
--   from_at: Since when.
WITH versions AS (
    SELECT effective_from, lead(effective_from) OVER (ORDER BY effective_from) AS replaced_at
    FROM (SELECT DISTINCT effective_from FROM policy_tiers) AS dated
)
SELECT DISTINCT
    policy_tiers.until_at,
    CASE WHEN policy_tiers.until_at > as_of() THEN micros_between(as_of(), policy_tiers.until_at) / 86400000000 END AS days_left,
    policy_tiers.name AS owner,
    policy_tiers.reason,
    policy_tiers.matchers,
    policy_tiers.from_at
FROM policy_tiers
JOIN versions ON versions.effective_from = policy_tiers.effective_from
WHERE policy_tiers.kind = 'exception'
    AND policy_tiers.from_at < $end_at
    AND policy_tiers.until_at > $start_at
    AND versions.effective_from < $end_at
    AND (versions.replaced_at IS NULL OR versions.replaced_at > $start_at)
ORDER BY until_at, owner, from_at, reason, matchers
