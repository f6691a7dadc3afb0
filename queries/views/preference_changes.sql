-- question: Who changed the preferences, when, from which version to which, and what did it do to coverage?
-- unit: changes; coverage in percent
-- grain: event_time, account_id, region, event_name, event_id
-- columns:
--   event_time: When it was called; for a change that only observations show, the first that shows it.
--   account_id: The account.
--   region: The region.
--   document_name: The document: SSM-SessionManagerRunShell.
--   event_name: The call, or `observed` where no call was read.
--   event_id: The CloudTrail event; null where no call was read.
--   principal_arn: Who called; null where no call was read.
--   version_before: The newest version in the last observation before.
--   version_after: The version that the call made or set, else the newest in the first observation after.
--   changes: What the observations before and after say differently, as JSON; the same where nothing of it differs.
--   coverage_before: Share of the instances covered in the last observation before that counts for coverage.
--   coverage_after: The same in the first observation after.
-- caveats: Of several calls between two observations, each has the same ones beside it. An observation that could not be read is none.
-- rulings: R29, R36
WITH spells AS (
    SELECT *
    FROM document_spells
    WHERE document_name = 'SSM-SessionManagerRunShell'
),
asked AS (
    SELECT DISTINCT account_id, region, observed_at
    FROM observations
    WHERE answer IN ('get_document', 'list_documents') AND complete AND observed_at <= as_of()
),
calls AS (
    SELECT event_time, account_id, region, document_name, event_name, event_id, principal_arn, document_version
    FROM api_calls
    WHERE event_source = 'ssm.amazonaws.com'
        AND event_name IN ('CreateDocument', 'UpdateDocument', 'UpdateDocumentDefaultVersion', 'DeleteDocument', 'ModifyDocumentPermission')
        AND document_name = 'SSM-SessionManagerRunShell'
        AND error_code IS NULL
),
begun AS (
    -- The spells that an observation came before, and the last one that did.
    SELECT spells.account_id, spells.region, spells.document_name, spells.document_version, spells.observed_from, max(asked.observed_at) AS asked_before
    FROM spells
    JOIN asked ON asked.account_id = spells.account_id AND asked.region = spells.region AND asked.observed_at < spells.observed_from
    GROUP BY spells.account_id, spells.region, spells.document_name, spells.document_version, spells.observed_from
),
silent AS (
    -- Those that began without a call since then.
    SELECT begun.*
    FROM begun
    LEFT JOIN calls
        ON calls.account_id = begun.account_id
        AND calls.region = begun.region
        AND calls.event_time > begun.asked_before
        AND calls.event_time <= begun.observed_from
    WHERE calls.event_id IS NULL
),
changes AS (
    SELECT event_time, account_id, region, document_name, event_name, event_id, principal_arn, document_version
    FROM calls
    UNION ALL
    SELECT observed_from, account_id, region, document_name, 'observed', NULL, NULL, document_version
    FROM silent
),
around AS (
    -- The observations between which a change falls.
    SELECT
        changes.event_time,
        changes.account_id,
        changes.region,
        changes.event_name,
        changes.event_id,
        max(asked.observed_at) FILTER (WHERE asked.observed_at < changes.event_time) AS seen_before,
        min(asked.observed_at) FILTER (WHERE asked.observed_at >= changes.event_time) AS seen_after
    FROM changes
    LEFT JOIN asked ON asked.account_id = changes.account_id AND asked.region = changes.region
    GROUP BY changes.event_time, changes.account_id, changes.region, changes.event_name, changes.event_id
),
covered AS (
    SELECT
        account_id,
        region,
        observed_at,
        100.0 * CAST(count(*) FILTER (WHERE result = 'covered') AS DOUBLE) / CAST(count(*) AS DOUBLE) AS percent
    FROM assessed_instances
    GROUP BY account_id, region, observed_at
),
coverage AS (
    SELECT
        changes.event_time,
        changes.account_id,
        changes.region,
        changes.event_name,
        changes.event_id,
        last_value(covered.percent ORDER BY covered.observed_at) FILTER (WHERE covered.observed_at < changes.event_time) AS coverage_before,
        first_value(covered.percent ORDER BY covered.observed_at) FILTER (WHERE covered.observed_at >= changes.event_time) AS coverage_after
    FROM changes
    LEFT JOIN covered ON covered.account_id = changes.account_id AND covered.region = changes.region
    GROUP BY changes.event_time, changes.account_id, changes.region, changes.event_name, changes.event_id
)
SELECT
    changes.event_time,
    changes.account_id,
    changes.region,
    changes.document_name,
    changes.event_name,
    changes.event_id,
    changes.principal_arn,
    earlier.document_version AS version_before,
    coalesce(changes.document_version, later.document_version) AS version_after,
    json_object(named_struct(
        'max_duration_seconds', CASE WHEN (earlier.max_duration_seconds IS DISTINCT FROM later.max_duration_seconds) AND later.observed_from IS NOT NULL
            THEN concat(coalesce(CAST(earlier.max_duration_seconds AS VARCHAR), 'none'), ' to ', coalesce(CAST(later.max_duration_seconds AS VARCHAR), 'none')) END,
        'idle_timeout_seconds', CASE WHEN (earlier.idle_timeout_seconds IS DISTINCT FROM later.idle_timeout_seconds) AND later.observed_from IS NOT NULL
            THEN concat(coalesce(CAST(earlier.idle_timeout_seconds AS VARCHAR), 'none'), ' to ', coalesce(CAST(later.idle_timeout_seconds AS VARCHAR), 'none')) END,
        'logs', CASE WHEN (earlier.logs IS DISTINCT FROM later.logs) AND later.observed_from IS NOT NULL THEN later.logs END,
        'encrypts', CASE WHEN (earlier.encrypts IS DISTINCT FROM later.encrypts) AND later.observed_from IS NOT NULL THEN later.encrypts END,
        'content_differs', (earlier.content_sha256 IS DISTINCT FROM later.content_sha256) AND later.observed_from IS NOT NULL
    )) AS changes,
    coverage.coverage_before,
    coverage.coverage_after
FROM changes
JOIN around
    ON around.event_time = changes.event_time
    AND around.account_id = changes.account_id
    AND around.region = changes.region
    AND around.event_name = changes.event_name
    AND (around.event_id IS NOT DISTINCT FROM changes.event_id)
JOIN coverage
    ON coverage.event_time = changes.event_time
    AND coverage.account_id = changes.account_id
    AND coverage.region = changes.region
    AND coverage.event_name = changes.event_name
    AND (coverage.event_id IS NOT DISTINCT FROM changes.event_id)
LEFT JOIN spells AS earlier
    ON earlier.account_id = changes.account_id
    AND earlier.region = changes.region
    AND earlier.observed_from <= around.seen_before
    AND (earlier.observed_until IS NULL OR earlier.observed_until > around.seen_before)
LEFT JOIN spells AS later
    ON later.account_id = changes.account_id
    AND later.region = changes.region
    AND later.observed_from <= around.seen_after
    AND (later.observed_until IS NULL OR later.observed_until > around.seen_after)
