-- question: What does the evidence say, each fact once, however often it was delivered?
-- unit: events
-- grain: session_id, event_id
-- columns: as in the table events
-- caveats: Holds every fact whatever its date, those after as_of() too. The copy kept is the first by source, object, version and
--   position of those that say when AWS received it, else of all. An event that CloudWatch Logs delivered by its API and by an export has two ids; `activity` counts it once.
-- rulings: R5, R6
SELECT * EXCEPT (copy)
FROM (
    SELECT
        *,
        -- By session too, though the id of an event is of one session alone: so whoever asks for one session reads no others.
        row_number() OVER (PARTITION BY session_id, event_id ORDER BY (ingestion_time IS NULL), source, object, object_version, position) AS copy
    FROM event_copies
)
WHERE copy = 1
