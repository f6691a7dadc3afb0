-- question: Which buckets and log groups may hold session logs that are not encrypted?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Where the preferences demand encryption, the agent refuses to log without it. Else what the bucket or the group itself is counts; where no answer tells that, nothing is said.
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
    json_object(named_struct('encryption_demanded', encryption_demanded, 'encrypted', encrypted)) AS detail,
    json_object(named_struct('table', 'observations', 'account_id', account_id, 'region', region, 'subject', name, 'observed_at', observed_from)) AS evidence
FROM destination_spells
WHERE NOT encryption_demanded
    AND NOT encrypted
