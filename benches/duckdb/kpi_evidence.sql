-- Without hours_not_read, which sessions do not say.
WITH cohorts AS (
    SELECT
        week_index(coalesce(started_at, ended_before, ended_at)) AS week,
        account_id,
        count(*) AS sessions,
        count(*) FILTER (WHERE end_method = 'history') AS end_history,
        count(*) FILTER (WHERE end_method = 'terminate_call') AS end_terminate_call,
        count(*) FILTER (WHERE end_method = 'transcript') AS end_transcript,
        count(*) FILTER (WHERE end_method = 'upload') AS end_upload,
        count(*) FILTER (WHERE end_method = 'stream') AS end_stream,
        count(*) FILTER (WHERE end_method IS NULL) AS end_unknown
    FROM sessions
    WHERE account_id IS NOT NULL
    GROUP BY ALL
),
violations AS (
    SELECT
        week_index(over_limit_at) AS week,
        account_id,
        count(*) AS violations,
        count(*) FILTER (WHERE over_limit_evidence_tier = 'C') AS tier_c_only,
        count(*) FILTER (WHERE over_limit_uncorroborated) AS uncorroborated_terminate
    FROM sessions
    WHERE account_id IS NOT NULL AND over_limit_certainty = 'certain'
    GROUP BY ALL
),
accounts AS (
    SELECT DISTINCT account_id FROM sessions WHERE account_id IS NOT NULL
)
SELECT
    calendar.period_start AS week_start,
    accounts.account_id,
    coalesce(sessions, 0) AS sessions,
    coalesce(end_history, 0) AS end_history,
    coalesce(end_terminate_call, 0) AS end_terminate_call,
    coalesce(end_transcript, 0) AS end_transcript,
    coalesce(end_upload, 0) AS end_upload,
    coalesce(end_stream, 0) AS end_stream,
    coalesce(end_unknown, 0) AS end_unknown,
    100.0 * (sessions - end_unknown) / sessions AS known_end_percent,
    coalesce(violations, 0) AS violations,
    coalesce(tier_c_only, 0) AS violations_tier_c_only,
    coalesce(uncorroborated_terminate, 0) AS violations_uncorroborated_terminate
FROM calendar
CROSS JOIN accounts
LEFT JOIN cohorts ON cohorts.week = calendar.period_index AND cohorts.account_id = accounts.account_id
LEFT JOIN violations ON violations.week = calendar.period_index AND violations.account_id = accounts.account_id
WHERE calendar.period_kind = 'week'
ORDER BY week_start, accounts.account_id
