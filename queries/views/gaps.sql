-- question: What should be there and is not?
-- unit: places
-- grain: gap_id
-- columns:
--   gap_id: Computed from source, place and cause.
--   source: Name of the configured source.
--   place: The object, folder or source that is missing.
--   cause: Why it was not read: denied, missing, unreadable, changed while it was read, or skipped by --from; unanswered where a snapshot has no whole answer to what the fleet is.
--   detail: The same in words; of a snapshot, which answers are missing.
-- caveats: `gap_notes` tells when each gap was noted and when it was found to be closed; here stand those that are still open. Of snapshots only the newest of a local date, account and region counts, as in kpi_coverage, and it is no gap any more once a later one tells what the fleet is: what was not asked then cannot be asked again.
-- rulings: R29
WITH notes AS (
    SELECT
        *,
        -- Of two notes of one batch, the one that warns.
        row_number() OVER (PARTITION BY gap_id ORDER BY batch DESC, is_closed, detail) AS age
    FROM gap_notes
),
-- The snapshots that count, whatever they hold.
counted AS (
    SELECT account_id, region, max(observed_at) AS observed_at
    FROM observations
    WHERE observed_at <= as_of()
    GROUP BY account_id, region, local_date(observed_at)
),
-- Sources that hold the same snapshot answer together.
told AS (
    SELECT account_id, region, observed_at, answer, bool_or(complete) AS is_whole
    FROM observations
    GROUP BY account_id, region, observed_at, answer
),
asked AS (
    SELECT column1 AS answer, column2 AS file
    FROM (
        VALUES
        ('instances', 'describe-instances.json'),
        ('instance_information', 'describe-instance-information.json'),
        ('list_documents', 'list-documents.json'),
        ('sessions_active', 'describe-sessions-active.json'),
        ('sessions_history', 'describe-sessions-history.json')
    )
),
-- Nobody can ask again what the fleet was: once it is told anew, there is nothing left to do about it.
answered AS (
    SELECT account_id, region, max(observed_at) AS observed_at
    FROM told
    WHERE answer = 'instances' AND is_whole AND observed_at <= as_of()
    GROUP BY account_id, region
),
unanswered AS (
    SELECT
        counted.account_id,
        counted.region,
        counted.observed_at,
        string_agg(
            asked.file || CASE WHEN told.answer IS NULL THEN ' is not there' ELSE ' is not whole' END,
            ', ' ORDER BY asked.file
        ) AS detail
    FROM counted
    CROSS JOIN asked
    LEFT JOIN told
        ON
            told.account_id = counted.account_id
            AND told.region = counted.region
            AND told.observed_at = counted.observed_at
            AND told.answer = asked.answer
    LEFT JOIN answered ON answered.account_id = counted.account_id AND answered.region = counted.region
    WHERE told.is_whole IS NOT TRUE AND (answered.observed_at IS NULL OR counted.observed_at > answered.observed_at)
    GROUP BY counted.account_id, counted.region, counted.observed_at
    HAVING bool_or(asked.answer = 'instances')
),
-- The folders of these snapshots: what comes before the name of an object.
folders AS (
    SELECT DISTINCT
        observations.source,
        left(observations.object, CAST(1 - strpos(reverse(observations.object), '/') AS BIGINT)) AS place,
        unanswered.detail
    FROM unanswered
    INNER JOIN observations
        ON
            observations.account_id = unanswered.account_id
            AND observations.region = unanswered.region
            AND observations.observed_at = unanswered.observed_at
)
SELECT
    gap_id,
    source,
    place,
    cause,
    detail
FROM notes
WHERE age = 1 AND NOT is_closed
UNION ALL
SELECT
    'unanswered ' || source || ' ' || place AS gap_id,
    source,
    place,
    'unanswered' AS cause,
    detail
FROM folders
