-- question: Which sessions should have left a transcript, and had not an hour after their end?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: One that came late is closed by its arrival: AWS's time of receiving it, or the instance's where none is told.
-- rulings: R24, R35
WITH arrived AS (
    SELECT session_id, min(coalesce(ingestion_time, event_time)) AS arrived_at
    FROM event_copies
    WHERE kind IN ('upload', 'upload_at_end', 'stream') AND coalesce(ingestion_time, event_time) <= as_of()
    GROUP BY session_id
),
due AS (
    SELECT sessions.*, seconds_after(sessions.ended_before, 3600) AS due_at, arrived.arrived_at
    FROM sessions
    LEFT JOIN arrived ON arrived.session_id = sessions.session_id
    -- Where the transcript itself tells the end, it came with it.
    WHERE sessions.transcript = 'missing' OR (sessions.transcript = 'present' AND sessions.end_method IN ('history', 'terminate_call'))
)
SELECT
    account_id,
    region,
    'session' AS subject_kind,
    session_id AS subject,
    session_id,
    tier,
    owner,
    due_at AS opened_at,
    CASE WHEN transcript = 'present' THEN arrived_at END AS closed_at,
    CASE WHEN transcript = 'present' THEN 'arrival' END AS closed_by,
    json_object(named_struct(
        'ended_before', ended_before, 'session_type', session_type, 'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct(
        'table', 'sessions', 'account_id', account_id, 'region', region, 'session_id', session_id, 'start_method', start_method,
        'end_method', end_method, 'evidence_tier', 'B'
    )) AS evidence
FROM due
WHERE due_at <= as_of()
    AND (transcript = 'missing' OR arrived_at > due_at)
