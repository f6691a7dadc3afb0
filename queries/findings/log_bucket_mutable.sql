-- question: In which buckets can session logs be changed or deleted?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Object lock needs versioning: a bucket without either is found by the one answer that is there.
-- rulings: R37
SELECT
    account_id,
    region,
    kind AS subject_kind,
    name AS subject,
    CAST(NULL AS VARCHAR) AS session_id,
    CAST(NULL AS VARCHAR) AS tier,
    CAST(NULL AS VARCHAR) AS owner,
    observed_from AS opened_at,
    observed_until AS closed_at,
    CASE WHEN observed_until IS NOT NULL THEN 'observation' END AS closed_by,
    json_object(named_struct('versioned', versioned, 'locked', locked)) AS detail,
    json_object(named_struct('table', 'observations', 'account_id', account_id, 'region', region, 'subject', name, 'observed_at', observed_from)) AS evidence
FROM destination_spells
WHERE kind = 'bucket'
    AND (NOT versioned OR NOT locked)
