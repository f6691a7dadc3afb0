-- question: How far does the evidence reach?
-- unit: objects and events; age_seconds in seconds
-- grain: source
-- definition: kpi_evidence
-- columns:
--   source: Name of the configured source.
--   objects: Objects that were read so far, whatever they are dated.
--   events: Events in them.
--   first_at: Its earliest event or snapshot at as_of; nothing where it holds none.
--   last_at: Its latest.
--   vouched_at: The latest moment at or before as_of that AWS itself vouches for.
--   age_seconds: Age of the latest event or snapshot at as_of.
WITH read AS (
    SELECT
        source,
        count(*) AS objects,
        sum(events) AS events,
        max(vouched_at) FILTER (WHERE vouched_at <= as_of()) AS vouched_at
    FROM objects
    GROUP BY source
)
SELECT
    reach.source,
    coalesce(read.objects, 0) AS objects,
    coalesce(read.events, 0) AS events,
    reach.first_at,
    reach.last_at,
    read.vouched_at,
    CAST(micros_between(reach.last_at, as_of()) AS DOUBLE) / 1000000.0 AS age_seconds
FROM source_reach AS reach
LEFT JOIN read ON read.source = reach.source
ORDER BY source
