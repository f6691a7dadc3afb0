-- question: Where do the preferences set no maximum duration?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Without a preferences document there is none either.
-- rulings: R29, R37
SELECT
    account_id,
    region,
    'document' AS subject_kind,
    document_name AS subject,
    CAST(NULL AS VARCHAR) AS session_id,
    CAST(NULL AS VARCHAR) AS tier,
    CAST(NULL AS VARCHAR) AS owner,
    observed_from AS opened_at,
    observed_until AS closed_at,
    CASE WHEN observed_until IS NOT NULL THEN 'observation' END AS closed_by,
    json_object(named_struct('document_version', document_version, 'default_version', default_version)) AS detail,
    json_object(named_struct(
        'table', 'preferences', 'account_id', account_id, 'region', region, 'document_name', document_name, 'document_version', document_version,
        'observed_at', observed_from, 'content_sha256', content_sha256
    )) AS evidence
FROM document_spells
WHERE document_name = 'SSM-SessionManagerRunShell'
    AND timeouts_known
    AND max_duration_seconds IS NULL
