-- question: Which sessions went on under a limit that a later version of the policy had made shorter?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- rulings: R21, R34
SELECT
    account_id,
    region,
    'session' AS subject_kind,
    session_id AS subject,
    session_id,
    tier,
    owner,
    outlived_at AS opened_at,
    CASE WHEN status <> 'open' THEN coalesce(ended_at, ended_after) END AS closed_at,
    CASE WHEN status <> 'open' THEN 'end' END AS closed_by,
    json_object(named_struct(
        'max_duration_seconds', max_duration_seconds, 'pattern', pattern, 'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct(
        'table', 'sessions', 'account_id', account_id, 'region', region, 'session_id', session_id, 'start_method', start_method,
        'end_method', end_method, 'evidence_tier', evidence_tier
    )) AS evidence
FROM sessions
WHERE outlived_stricter_policy
