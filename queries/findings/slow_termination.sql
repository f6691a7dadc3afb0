-- question: Which violations took longer to end than the policy wants?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Without a grace: the target itself is the limit, as in kpi_mttt.
-- rulings: R28, R34
SELECT
    account_id,
    region,
    'session' AS subject_kind,
    session_id AS subject,
    session_id,
    tier,
    owner,
    seconds_after(over_limit_at, terminate_within_seconds) AS opened_at,
    CASE WHEN status <> 'open' THEN coalesce(ended_at, ended_after) END AS closed_at,
    CASE WHEN status <> 'open' THEN 'end' END AS closed_by,
    json_object(named_struct(
        'terminate_within_seconds', terminate_within_seconds, 'over_limit_at', over_limit_at, 'pattern', pattern, 'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct(
        'table', 'sessions', 'account_id', account_id, 'region', region, 'session_id', session_id, 'start_method', start_method,
        'end_method', end_method, 'evidence_tier', over_limit_evidence_tier
    )) AS evidence
FROM sessions
WHERE over_limit_certainty = 'certain'
    AND coalesce(ended_at, ended_after) > seconds_after(over_limit_at, terminate_within_seconds)
