-- question: What was going on in the sessions, moment by moment?
-- unit: streaming events
-- grain: session_id, event_id
-- columns:
--   event_id: The event.
--   session_id: The session.
--   event_time: When, by the instance's clock.
--   lines: Lines of output.
--   bytes: Bytes of the message.
--   ingestion_time: When AWS received it; null in exports.
--   account_id: The account, where the event itself says it.
--   region: The region, where the event itself says it.
--   target_id: What the session reaches.
--   run_as_user: The operating system user.
--   source: Name of the configured source.
--   object: Key of the object within the source.
--   position: Ordinal of the line within the object, from 0.
-- caveats: An event whose time cannot be true is no activity. The last flush of a session comes after its end.
-- rulings: R5, R6
WITH streamed AS (
    -- The API and an export may both have delivered an event; then their content is the same, and the export's ids differ by ordinal.
    SELECT
        *,
        row_number() OVER (PARTITION BY session_id, coalesce(content_id, event_id), delivery ORDER BY event_id) AS ordinal,
        -- 'api' sorts before 'export': at an exported copy, the running sum has counted all that the API has delivered.
        sum(CASE WHEN delivery = 'api' THEN 1 ELSE 0 END)
            OVER (PARTITION BY session_id, coalesce(content_id, event_id) ORDER BY delivery, event_id ROWS UNBOUNDED PRECEDING) AS delivered_by_api
    FROM events
    WHERE kind = 'stream'
)
SELECT
    event_id,
    session_id,
    event_time,
    lines,
    bytes,
    ingestion_time,
    account_id,
    region,
    target_id,
    run_as_user,
    source,
    object,
    position
FROM streamed
WHERE (coalesce(delivery <> 'export', TRUE) OR ordinal > delivered_by_api)
    AND event_time <= as_of()
