-- question: How well do we know what we say, week by week and account by account?
-- unit: sessions; known_end_percent in percent; hours_not_read in hours
-- grain: week_start, account_id
-- columns:
--   week_start: Local Monday on which the week begins.
--   account_id: The account; null where it is not known.
--   sessions: Sessions of the week, by started_at, else ended_before, else ended_at: the denominator.
--   end_history: Those whose end is an EndDate of DescribeSessions.
--   end_terminate_call: Those that a TerminateSession ended.
--   end_transcript: Those whose end is a stamp in the transcript.
--   end_upload: Those whose end is the upload of the transcript.
--   end_stream: Those whose end is the last streaming event.
--   end_unknown: Those whose end is not known.
--   known_end_percent: 100 (sessions - end_unknown) / sessions; null for none.
--   violations: Certain violations with over_limit_at in the week.
--   violations_tier_c_only: Those proven only by what was made on the instance itself.
--   violations_uncorroborated_terminate: Those that only a TerminateSession proves, with no stamp, upload or streaming event within 300 s of it.
--   hours_not_read: Whole UTC hours of the week, before as_of(), of which some configured source holds nothing from then on or until then; the same for every account.
-- caveats: A source that has never held anything was not read in any hour.
-- held: cells
-- rulings: R25, R31
WITH told AS (
    SELECT
        -- Nothing equals a null: the group without an account has a name while rows are joined.
        coalesce(account_id, '') AS account_id,
        end_method,
        week_index(coalesce(started_at, ended_before, ended_at)) AS week,
        CASE WHEN over_limit_certainty = 'certain' THEN week_index(over_limit_at) END AS over_week,
        over_limit_evidence_tier = 'C' AS is_tier_c_only,
        over_limit_uncorroborated AS is_uncorroborated
    FROM sessions
),
cells AS (
    SELECT
        account_id,
        end_method,
        week,
        over_week,
        count(*) AS n,
        count(*) FILTER (WHERE is_tier_c_only) AS tier_c_only,
        count(*) FILTER (WHERE is_uncorroborated) AS uncorroborated_terminate
    FROM told
    GROUP BY account_id, end_method, week, over_week
),
cohorts AS (
    SELECT
        week,
        account_id,
        sum(n) AS sessions,
        coalesce(sum(n) FILTER (WHERE end_method = 'history'), 0) AS end_history,
        coalesce(sum(n) FILTER (WHERE end_method = 'terminate_call'), 0) AS end_terminate_call,
        coalesce(sum(n) FILTER (WHERE end_method = 'transcript'), 0) AS end_transcript,
        coalesce(sum(n) FILTER (WHERE end_method = 'upload'), 0) AS end_upload,
        coalesce(sum(n) FILTER (WHERE end_method = 'stream'), 0) AS end_stream,
        coalesce(sum(n) FILTER (WHERE end_method IS NULL), 0) AS end_unknown
    FROM cells
    WHERE week IS NOT NULL
    GROUP BY week, account_id
),
violations AS (
    SELECT
        over_week AS week,
        account_id,
        sum(n) AS violations,
        sum(tier_c_only) AS tier_c_only,
        sum(uncorroborated_terminate) AS uncorroborated_terminate
    FROM cells
    WHERE over_week IS NOT NULL
    GROUP BY over_week, account_id
),
accounts AS (
    SELECT DISTINCT account_id
    FROM cells
),
reach AS (
    -- An hour h was read where every source holds something at or after h, and something before h + 1.
    SELECT
        count(*) AS sources,
        count(*) FILTER (WHERE first_at IS NULL OR last_at IS NULL) AS empty_sources,
        micros_between('1970-01-01T00:00:00Z', max(first_at)) / 3600000000 AS first_read_hour,
        micros_between('1970-01-01T00:00:00Z', min(last_at)) / 3600000000 AS last_read_hour
    FROM source_reach
),
weeks AS (
    -- Hours since 1970-01-01T00:00Z that start in the week and before as_of(): from first_hour to the one before end_hour.
    SELECT
        period_index,
        period_start,
        (micros_between('1970-01-01T00:00:00Z', start_at) + 3599999999) / 3600000000 AS first_hour,
        (micros_between('1970-01-01T00:00:00Z', least(end_at, as_of())) + 3599999999) / 3600000000 AS end_hour
    FROM calendar
    WHERE period_kind = 'week'
),
unread AS (
    SELECT
        weeks.period_index,
        weeks.period_start,
        CASE
            WHEN reach.sources = 0 THEN 0
            WHEN reach.empty_sources > 0 THEN greatest(0, weeks.end_hour - weeks.first_hour)
            ELSE greatest(0, weeks.end_hour - weeks.first_hour)
                - greatest(0, least(weeks.end_hour - 1, reach.last_read_hour) - greatest(weeks.first_hour, reach.first_read_hour) + 1)
        END AS hours_not_read
    FROM weeks
    CROSS JOIN reach
),
known AS (
    SELECT
        unread.period_index,
        unread.period_start,
        accounts.account_id,
        coalesce(cohorts.sessions, 0) AS sessions,
        coalesce(cohorts.end_history, 0) AS end_history,
        coalesce(cohorts.end_terminate_call, 0) AS end_terminate_call,
        coalesce(cohorts.end_transcript, 0) AS end_transcript,
        coalesce(cohorts.end_upload, 0) AS end_upload,
        coalesce(cohorts.end_stream, 0) AS end_stream,
        coalesce(cohorts.end_unknown, 0) AS end_unknown,
        100.0 * CAST(cohorts.sessions - cohorts.end_unknown AS DOUBLE) / CAST(cohorts.sessions AS DOUBLE) AS known_end_percent,
        coalesce(violations.violations, 0) AS violations,
        coalesce(violations.tier_c_only, 0) AS violations_tier_c_only,
        coalesce(violations.uncorroborated_terminate, 0) AS violations_uncorroborated_terminate,
        unread.hours_not_read
    FROM unread
    CROSS JOIN accounts
    LEFT JOIN cohorts ON cohorts.week = unread.period_index AND cohorts.account_id = accounts.account_id
    LEFT JOIN violations ON violations.week = unread.period_index AND violations.account_id = accounts.account_id
),
numbered AS (
    -- Unread hours alone have no beginning: the first week is the first with a session or a violation.
    SELECT *, min(CASE WHEN sessions > 0 OR violations > 0 THEN period_index END) OVER () AS first_index
    FROM known
)
SELECT
    period_start AS week_start,
    nullif(account_id, '') AS account_id,
    sessions,
    end_history,
    end_terminate_call,
    end_transcript,
    end_upload,
    end_stream,
    end_unknown,
    known_end_percent,
    violations,
    violations_tier_c_only,
    violations_uncorroborated_terminate,
    hours_not_read
FROM numbered
WHERE period_index >= first_index
ORDER BY week_start, account_id
