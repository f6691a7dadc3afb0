-- question: What should be there and is not?
-- unit: places
-- grain: gap_id
-- columns:
--   gap_id: Computed from source, place and cause.
--   source: Name of the configured source.
--   place: The object, folder or source that is missing.
--   cause: Why it could not be read.
--   detail: The same in words.
-- caveats: `gap_notes` tells when each gap was noted and when it was found to be closed; here stand those that are still open.
SELECT
    gap_id,
    source,
    place,
    cause,
    detail
FROM (
    SELECT
        *,
        -- Of two notes of one batch, the one that warns.
        row_number() OVER (PARTITION BY gap_id ORDER BY batch DESC, is_closed, detail) AS age
    FROM gap_notes
)
WHERE age = 1 AND NOT is_closed
