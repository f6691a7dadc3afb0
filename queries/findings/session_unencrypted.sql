-- question: Where do the preferences not encrypt sessions with a KMS key?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: Sessions are encrypted by TLS all the same; this is about kmsKeyId.
-- rulings: R37
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
    AND NOT encrypts
