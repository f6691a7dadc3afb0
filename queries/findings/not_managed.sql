-- question: Which running instances does Systems Manager not manage?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Registered and online is managed. An instance that stops or is gone is not shown any more.
-- rulings: R29, R37
SELECT
    account_id,
    region,
    'instance' AS subject_kind,
    instance_id AS subject,
    CAST(NULL AS VARCHAR) AS session_id,
    CAST(NULL AS VARCHAR) AS tier,
    owner,
    observed_from AS opened_at,
    observed_until AS closed_at,
    CASE WHEN observed_until IS NOT NULL THEN 'observation' END AS closed_by,
    json_object(named_struct('tier', tier)) AS detail,
    json_object(named_struct('table', 'instances', 'account_id', account_id, 'region', region, 'instance_id', instance_id, 'observed_at', observed_from)) AS evidence
FROM instance_spells
WHERE NOT managed
