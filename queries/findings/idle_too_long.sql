-- question: Where do the preferences allow sessions to be idle for longer than the policy does?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: For each tier that has instances there: a limit that binds nobody is not broken.
-- rulings: R29, R37
WITH tiers AS (
    SELECT DISTINCT account_id, region, tier, idle_timeout_seconds AS limit_seconds, observed_from, observed_until
    FROM instance_spells
    WHERE idle_timeout_seconds IS NOT NULL
)
SELECT
    documents.account_id,
    documents.region,
    'document' AS subject_kind,
    documents.document_name AS subject,
    CAST(NULL AS VARCHAR) AS session_id,
    tiers.tier,
    CAST(NULL AS VARCHAR) AS owner,
    greatest(documents.observed_from, tiers.observed_from) AS opened_at,
    -- Of two, the earlier; where one of them lasts, the other.
    least(documents.observed_until, tiers.observed_until) AS closed_at,
    CASE WHEN least(documents.observed_until, tiers.observed_until) IS NOT NULL THEN 'observation' END AS closed_by,
    json_object(named_struct(
        'document_version', documents.document_version, 'default_version', documents.default_version, 'idle_timeout_seconds', documents.idle_timeout_seconds,
        'limit_seconds', tiers.limit_seconds
    )) AS detail,
    json_object(named_struct(
        'table', 'preferences', 'account_id', documents.account_id, 'region', documents.region, 'document_name', documents.document_name,
        'document_version', documents.document_version, 'observed_at', documents.observed_from, 'content_sha256', documents.content_sha256
    )) AS evidence
FROM document_spells AS documents
JOIN tiers ON tiers.account_id = documents.account_id AND tiers.region = documents.region
WHERE documents.document_name = 'SSM-SessionManagerRunShell'
    AND documents.timeouts_known
    AND documents.idle_timeout_seconds > tiers.limit_seconds
    AND (documents.observed_until IS NULL OR tiers.observed_from < documents.observed_until)
    AND (tiers.observed_until IS NULL OR documents.observed_from < tiers.observed_until)
