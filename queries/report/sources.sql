-- question: How far does the evidence reach?
-- unit: objects and events; age_seconds in seconds
-- grain: source
-- definition: kpi_evidence
-- columns:
--   source: Name of the configured source.
--   objects: Objects that were read.
--   events: Events in them.
--   newest_event_at: The newest event in them.
--   vouched_at: The latest moment that AWS itself vouches for.
--   age_seconds: Age of the newest event at as_of.
SELECT
    source,
    count(*) AS objects,
    sum(events) AS events,
    max(newest_event_at) AS newest_event_at,
    max(vouched_at) AS vouched_at,
    CAST(micros_between(max(newest_event_at), as_of()) AS DOUBLE) / 1000000.0 AS age_seconds
FROM objects
GROUP BY source
ORDER BY source
