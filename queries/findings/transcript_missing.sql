-- question: Which sessions should have left a transcript, and had not an hour after their end?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: One that came late is closed by its arrival: AWS's time of receiving it, or the instance's where none is told.
-- rulings: R24, R35
WITH due AS (
    -- Where the transcript itself tells the end, it came with it.
    SELECT
        account_id,
        region,
        session_id,
        tier,
        owner,
        session_type,
        principal_arn,
        start_method,
        end_method,
        transcript,
        ended_before,
        seconds_after(ended_before, 3600) AS due_at,
        text_arrived_at AS arrived_at
    FROM sessions
    WHERE seconds_after(ended_before, 3600) <= as_of()
        AND (transcript = 'missing' OR (transcript = 'present' AND coalesce(end_method IN ('history', 'terminate_call'), TRUE)))
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
    CASE WHEN transcript = 'present' AND arrived_at IS NOT NULL THEN 'arrival' END AS closed_by,
    json_object(named_struct(
        'ended_before', ended_before, 'session_type', session_type, 'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct(
        'table', 'sessions', 'account_id', account_id, 'region', region, 'session_id', session_id, 'start_method', start_method,
        'end_method', end_method, 'evidence_tier', 'B'
    )) AS evidence
FROM due
WHERE transcript = 'missing' OR arrived_at IS NULL OR arrived_at > due_at
