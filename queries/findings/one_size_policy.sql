-- question: Where do tiers with different limits share one document?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: The preferences hold for a whole account and region: whoever needs two limits there needs two accounts, two regions, or two documents.
-- rulings: R37
WITH tiers AS (
    SELECT DISTINCT account_id, region, tier, max_duration_seconds, idle_timeout_seconds, observed_from, observed_until
    FROM instance_spells
    WHERE tier IS NOT NULL
)
SELECT DISTINCT
    documents.account_id,
    documents.region,
    'document' AS subject_kind,
    documents.document_name AS subject,
    CAST(NULL AS VARCHAR) AS session_id,
    CAST(NULL AS VARCHAR) AS tier,
    CAST(NULL AS VARCHAR) AS owner,
    greatest(documents.observed_from, one.observed_from, other.observed_from) AS opened_at,
    least(documents.observed_until, one.observed_until, other.observed_until) AS closed_at,
    CASE WHEN least(documents.observed_until, one.observed_until, other.observed_until) IS NOT NULL THEN 'observation' END AS closed_by,
    json_object(named_struct('tier', one.tier, 'other_tier', other.tier)) AS detail,
    json_object(named_struct(
        'table', 'instances', 'account_id', documents.account_id, 'region', documents.region,
        'observed_at', greatest(documents.observed_from, one.observed_from, other.observed_from)
    )) AS evidence
FROM document_spells AS documents
JOIN tiers AS one ON one.account_id = documents.account_id AND one.region = documents.region
JOIN tiers AS other ON other.account_id = documents.account_id AND other.region = documents.region
WHERE documents.document_name = 'SSM-SessionManagerRunShell'
    AND one.tier < other.tier
    AND (
        (one.max_duration_seconds IS DISTINCT FROM other.max_duration_seconds)
        OR (one.idle_timeout_seconds IS DISTINCT FROM other.idle_timeout_seconds)
    )
    AND (one.observed_until IS NULL OR other.observed_from < one.observed_until)
    AND (other.observed_until IS NULL OR one.observed_from < other.observed_until)
    AND (documents.observed_until IS NULL OR greatest(one.observed_from, other.observed_from) < documents.observed_until)
    AND (least(one.observed_until, other.observed_until) IS NULL OR documents.observed_from < least(one.observed_until, other.observed_until))
