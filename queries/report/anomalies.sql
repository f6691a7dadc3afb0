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
WITH spans AS (
    -- A session counts for its owner and for its tier.
    SELECT
        unnest([
            named_struct('kind', 'owner', 'name', owner),
            named_struct('kind', 'tier', 'name', tier)
        ]) AS subject,
        week_index(ended_at) AS week,
        duration_seconds
    FROM sessions
    WHERE status NOT IN ('lost', 'failed')
        AND duration_seconds IS NOT NULL
        AND ended_at >= $first_at
        AND ended_at < $end_at
),
measured AS (
    SELECT
        subject['kind'] AS subject_kind,
        subject['name'] AS subject,
        week,
        count(*) AS n,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY duration_seconds) AS p90_seconds
    FROM spans
    WHERE subject['name'] IS NOT NULL
    GROUP BY subject['kind'], subject['name'], week
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
