-- question: Which sessions outlived the longest duration that the policy allows them?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Only what is certain is a finding. Closed at e: the end, else the last moment the session is proven to have lived.
-- rulings: R18, R34
SELECT
    account_id,
    region,
    'session' AS subject_kind,
    session_id AS subject,
    session_id,
    tier,
    owner,
    over_limit_at AS opened_at,
    CASE WHEN status <> 'open' THEN coalesce(ended_at, ended_after) END AS closed_at,
    CASE WHEN status <> 'open' THEN 'end' END AS closed_by,
    json_object(named_struct(
        'max_duration_seconds', max_duration_seconds, 'over_limit_seconds', over_limit_seconds, 'pattern', pattern, 'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct(
        'table', 'sessions', 'account_id', account_id, 'region', region, 'session_id', session_id, 'start_method', start_method,
        'end_method', end_method, 'evidence_tier', over_limit_evidence_tier
    )) AS evidence
FROM sessions
WHERE over_limit_certainty = 'certain'
