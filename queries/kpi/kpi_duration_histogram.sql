-- question: How are the durations of sessions spread?
-- unit: sessions
-- grain: period_kind, period_start, tier, lower_seconds
-- columns:
--   period_kind: week, month or quarter.
--   period_start: Local date on which the period begins.
--   tier: Policy tier, or (all), which also holds the sessions without a tier.
--   lower_seconds: Shortest duration of the bucket; it belongs to it.
--   upper_seconds: Longest duration of the bucket; it does not belong to it. Null above seven days.
--   n: Sessions with ended_at in the period and a known duration within the bucket; failed ones are left out.
-- caveats: What ends before it starts, by clocks that differ, is in the first bucket. All buckets of a period and tier are there, empty ones too. A period that as_of() cuts is to date.
-- held: cells
-- rulings: R13, R25
WITH buckets AS (
    SELECT bucket, lower_seconds, upper_seconds
    FROM (VALUES
        (1, 0, 60), (2, 60, 300), (3, 300, 900), (4, 900, 1800), (5, 1800, 3600), (6, 3600, 7200), (7, 7200, 14400), (8, 14400, 28800),
        (9, 28800, 43200), (10, 43200, 86400), (11, 86400, 259200), (12, 259200, 604800), (13, 604800, NULL)
    ) AS edges (bucket, lower_seconds, upper_seconds)
),
spans AS (
    SELECT
        tier,
        CASE WHEN status <> 'failed' AND duration_seconds IS NOT NULL THEN ended_at END AS counted_at,
        duration_seconds AS seconds
    FROM sessions
),
cells AS (
    -- Sessions that do not count are here for their tier alone: no period holds them.
    SELECT
        week_index(counted_at) AS week,
        month_index(counted_at) AS month,
        quarter_index(counted_at) AS quarter,
        tier,
        CASE WHEN counted_at IS NOT NULL
            THEN width_bucket(greatest(seconds, 0.0), [0, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 259200, 604800])
        END AS bucket,
        count(*) AS n
    FROM spans
    GROUP BY 1, 2, 3, 4, 5
),
tiers AS (
    SELECT DISTINCT tier
    FROM cells
    WHERE tier IS NOT NULL
    UNION ALL
    SELECT '(all)' AS tier
),
totals AS (
    SELECT
        CASE WHEN grouping(week) = 0 THEN 'week' WHEN grouping(month) = 0 THEN 'month' ELSE 'quarter' END AS period_kind,
        CASE WHEN grouping(week) = 0 THEN week WHEN grouping(month) = 0 THEN month ELSE quarter END AS period_index,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        bucket,
        sum(n) AS n
    FROM cells
    WHERE week IS NOT NULL
    GROUP BY GROUPING SETS ((week, tier, bucket), (week, bucket), (month, tier, bucket), (month, bucket), (quarter, tier, bucket), (quarter, bucket))
),
periods AS (
    SELECT
        calendar.period_kind,
        calendar.period_index,
        calendar.period_start,
        tiers.tier,
        buckets.lower_seconds,
        buckets.upper_seconds,
        coalesce(totals.n, 0) AS n
    FROM calendar
    CROSS JOIN tiers
    CROSS JOIN buckets
    LEFT JOIN totals
        ON totals.period_kind = calendar.period_kind
        AND totals.period_index = calendar.period_index
        AND totals.tier = tiers.tier
        AND totals.bucket = buckets.bucket
),
numbered AS (
    SELECT *, min(CASE WHEN n > 0 THEN period_index END) OVER (PARTITION BY period_kind) AS first_index
    FROM periods
)
SELECT
    period_kind,
    period_start,
    tier,
    lower_seconds,
    upper_seconds,
    n
FROM numbered
WHERE period_index >= first_index
ORDER BY period_kind, period_start, tier, lower_seconds
