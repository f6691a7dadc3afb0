-- question: Which sessions were started through a document that sets no maximum duration, or logs nothing?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: The preferences document is no bypass, and neither is a document of which nothing is known. A port or SSH session is logged by nobody.
-- rulings: R36
WITH others AS (
    SELECT *
    FROM sessions
    WHERE document_name IS NOT NULL AND document_name <> 'SSM-SessionManagerRunShell' AND started_at IS NOT NULL
),
observed AS (
    SELECT
        others.account_id,
        others.region,
        others.session_id,
        document_spells.document_version,
        document_spells.max_duration_seconds,
        document_spells.timeouts_known,
        document_spells.logs,
        document_spells.observed_from,
        CASE WHEN document_spells.observed_from > others.started_at THEN 1 ELSE 0 END AS comes_after,
        abs(micros_between(document_spells.observed_from, others.started_at)) AS distance
    FROM others
    JOIN document_spells
        ON document_spells.account_id = others.account_id
        AND document_spells.region = others.region
        AND document_spells.document_name = others.document_name
),
known AS (
    -- What the document set at the start, as observed before it, else as observed first.
    SELECT *, row_number() OVER (PARTITION BY account_id, region, session_id ORDER BY comes_after, distance) AS nearest
    FROM observed
),
judged AS (
    SELECT
        others.*,
        known.document_version AS observed_version,
        known.observed_from,
        known.timeouts_known AND known.max_duration_seconds IS NULL AS without_limits,
        CASE WHEN others.session_type IN ('port', 'ssh') THEN TRUE ELSE NOT known.logs END AS without_logging
    FROM others
    LEFT JOIN known
        ON known.account_id = others.account_id AND known.region = others.region AND known.session_id = others.session_id AND known.nearest = 1
)
SELECT
    account_id,
    region,
    'session' AS subject_kind,
    session_id AS subject,
    session_id,
    tier,
    owner,
    started_at AS opened_at,
    arrow_cast(NULL, 'Timestamp(Microsecond, Some("UTC"))') AS closed_at,
    CAST(NULL AS VARCHAR) AS closed_by,
    json_object(named_struct(
        'document_name', document_name, 'document_version', observed_version, 'without_limits', without_limits, 'without_logging', without_logging,
        'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct(
        'table', 'sessions', 'account_id', account_id, 'region', region, 'session_id', session_id, 'start_method', start_method,
        'document_observed_at', observed_from
    )) AS evidence
FROM judged
WHERE without_limits OR without_logging
