-- question: What can still not be understood?
-- unit: rejects
-- grain: reject_id
-- columns: as in the table rejects
-- caveats: `rejects` keeps what was refused in versions of an object that have since been replaced; here stand those of its newest.
SELECT rejects.*
FROM rejects
LEFT JOIN (
    SELECT
        source,
        object,
        object_version,
        row_number() OVER (PARTITION BY source, object ORDER BY batch DESC, object_version DESC) AS age
    FROM objects
) AS newest ON newest.source = rejects.source AND newest.object = rejects.object AND newest.age = 1
WHERE newest.object_version IS NULL OR newest.object_version = rejects.object_version
