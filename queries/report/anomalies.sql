-- question: Whose sessions lasted longer than in any of the twelve weeks before?
-- unit: seconds; n in sessions
-- grain: subject_kind, subject
-- definition: kpi_duration
-- columns:
--   subject_kind: tier or owner.
--   subject: The tier or the owner.
--   n: Sessions that ended in the week with a known duration: at least 20.
--   p90_seconds: Their 90th percentile.
--   highest_seconds: The highest of the same in the twelve weeks before.
--   weeks: Of these weeks, those in which one of its sessions ended.
WITH owners AS (
    SELECT
        owner,
        week_index(ended_at) AS week,
        count(*) AS n,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY duration_seconds) AS p90_seconds
    FROM sessions
    WHERE status NOT IN ('lost', 'failed')
        AND owner IS NOT NULL
        AND duration_seconds IS NOT NULL
        AND ended_at >= $first_at
        AND ended_at < $end_at
    GROUP BY owner, week_index(ended_at)
),
measured AS (
    SELECT 'owner' AS subject_kind, owner AS subject, week, n, p90_seconds
    FROM owners
    UNION ALL
    SELECT 'tier' AS subject_kind, duration.tier AS subject, calendar.period_index AS week, duration.n, duration.p90_seconds
    FROM kpi_duration AS duration
    JOIN calendar ON calendar.period_kind = duration.period_kind AND calendar.period_start = duration.period_start
    WHERE duration.period_kind = 'week'
        AND duration.tier <> '(all)'
        AND duration.n > 0
        AND duration.period_start BETWEEN $first AND $start
),
highest AS (
    SELECT subject_kind, subject, max(p90_seconds) AS highest_seconds, count(*) AS weeks
    FROM measured
    WHERE week < week_index($start_at)
    GROUP BY subject_kind, subject
)
SELECT this.subject_kind, this.subject, this.n, this.p90_seconds, highest.highest_seconds, highest.weeks
FROM measured AS this
JOIN highest ON highest.subject_kind = this.subject_kind AND highest.subject = this.subject
WHERE this.week = week_index($start_at)
    AND this.n >= 20
    AND this.p90_seconds > highest.highest_seconds
ORDER BY subject_kind, subject
