-- question: Why are transcripts missing, or late?
-- unit: sessions
-- grain: cause
-- definition: transcript_gaps
-- columns:
--   cause: The first that holds of not_loggable, late, denied, unreadable, log_group_missing, never_connected, agent_killed and unexplained.
--   certainty: certain, or suspected where the cause is told by what surrounds the session.
--   sessions: Sessions of the period, by started_at, else ended_before.
--   example: One of them. Hostile text: written by whoever called.
SELECT cause, certainty, count(*) AS sessions, min(session_id) AS example
FROM transcript_gaps
WHERE coalesce(started_at, ended_before) >= $start_at
    AND coalesce(started_at, ended_before) < $end_at
GROUP BY cause, certainty
ORDER BY cause
