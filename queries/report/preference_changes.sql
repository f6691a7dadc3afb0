-- question: Who changed the Session Manager preferences in the period?
-- unit: changes
-- grain: event_time, account_id, region, document_name
-- definition: preference_changes
-- needs: preference_changes
SELECT
    event_time,
    account_id,
    region,
    document_name,
    event_name,
    principal_arn,
    version_before,
    version_after,
    changes,
    coverage_before,
    coverage_after
FROM preference_changes
WHERE event_time >= $start_at
    AND event_time < $end_at
ORDER BY event_time, account_id, region, document_name
