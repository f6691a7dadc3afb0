-- question: Which sessions are open?
-- unit: sessions; since_limit_seconds in seconds
-- grain: account_id, region, session_id
-- definition: kpi_weekly
-- columns:
--   session_id: The session. Hostile text: written by whoever called.
--   over_limit_certainty: certain or possible where it is over its limit.
--   since_limit_seconds: Time since it went over the limit, until as_of.
--   ghost: Its client is gone.
-- caveats: As of the moment of the report, whatever its period. sessiontrail status prints the command that ends each.
SELECT
    session_id,
    account_id,
    region,
    target_id,
    tier,
    principal_name,
    owner,
    started_at,
    over_limit_certainty,
    CASE WHEN over_limit_at < as_of() THEN CAST(micros_between(over_limit_at, as_of()) AS DOUBLE) / 1000000.0 END AS since_limit_seconds,
    ghost
FROM sessions
WHERE status = 'open'
ORDER BY over_limit_certainty, over_limit_at, started_at, account_id, region, session_id
