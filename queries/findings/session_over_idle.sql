-- question: Which sessions seem to have been idle for longer than the policy allows them?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Always a suspicion: input without output leaves no trace. Of each session the first such gap.
-- rulings: R17, R34
SELECT
    account_id,
    region,
    'session' AS subject_kind,
    session_id AS subject,
    session_id,
    tier,
    owner,
    idle_breach_at AS opened_at,
    idle_breach_until AS closed_at,
    CASE WHEN idle_breach_until = coalesce(ended_at, ended_after) AND status <> 'open' THEN 'end' WHEN idle_breach_until IS NOT NULL THEN 'activity' END AS closed_by,
    json_object(named_struct(
        'idle_timeout_seconds', idle_timeout_seconds, 'longest_idle_seconds', longest_idle_seconds, 'pattern', pattern, 'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct(
        'table', 'sessions', 'account_id', account_id, 'region', region, 'session_id', session_id, 'start_method', start_method,
        'end_method', end_method, 'evidence_tier', 'C'
    )) AS evidence
FROM sessions
WHERE idle_breach_at <= as_of()
