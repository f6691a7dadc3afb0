-- question: Which sessions were certainly over their limit in the period?
-- unit: sessions; over_limit_seconds in seconds
-- grain: account_id, region, session_id
-- definition: kpi_weekly
-- columns:
--   session_id: The session. Hostile text: written by whoever called.
--   target_id: What it reaches.
--   tier: The policy tier that rules it.
--   principal_name: Who started it.
--   over_limit_at: When it went over the limit.
--   ended_at: Its end; nothing where that is not known.
--   over_limit_seconds: Proven time over the limit, whatever the period.
--   status: open, ended or lost.
--   end_reason: Who or what ended it.
--   pattern: What the violation looks like.
--   over_limit_evidence_tier: What proves it: A CloudTrail, B an AWS API answer, C made on the instance.
--   reason: Why it was started, in the caller's words. Hostile text.
SELECT
    session_id,
    account_id,
    region,
    target_id,
    tier,
    principal_name,
    owner,
    cost_center,
    started_at,
    over_limit_at,
    ended_at,
    over_limit_seconds,
    status,
    end_reason,
    pattern,
    over_limit_evidence_tier,
    reason
FROM sessions
WHERE over_limit_certainty = 'certain'
    AND over_limit_at < $end_at
    AND coalesce(ended_at, ended_after) > $start_at
    AND coalesce(ended_at, ended_after) > over_limit_at
ORDER BY over_limit_seconds DESC, account_id, region, session_id
