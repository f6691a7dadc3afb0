WITH buckets AS (
    SELECT bucket, lower_seconds, upper_seconds
    FROM (VALUES
        (1, 0, 60), (2, 60, 300), (3, 300, 900), (4, 900, 1800), (5, 1800, 3600), (6, 3600, 7200), (7, 7200, 14400), (8, 14400, 28800),
        (9, 28800, 43200), (10, 43200, 86400), (11, 86400, 259200), (12, 259200, 604800), (13, 604800, NULL)
    ) AS edges (bucket, lower_seconds, upper_seconds)
),
cells AS MATERIALIZED (
    SELECT
        week_index(ended_at) AS week,
        month_index(ended_at) AS month,
        quarter_index(ended_at) AS quarter,
        tier,
        1 + (duration_seconds >= 60)::INT + (duration_seconds >= 300)::INT + (duration_seconds >= 900)::INT + (duration_seconds >= 1800)::INT
            + (duration_seconds >= 3600)::INT + (duration_seconds >= 7200)::INT + (duration_seconds >= 14400)::INT + (duration_seconds >= 28800)::INT
            + (duration_seconds >= 43200)::INT + (duration_seconds >= 86400)::INT + (duration_seconds >= 259200)::INT + (duration_seconds >= 604800)::INT
            AS bucket,
        count(*) AS n
    FROM sessions
    WHERE status <> 'failed' AND ended_at IS NOT NULL AND duration_seconds >= 0
    GROUP BY ALL
),
totals AS (
    SELECT
        CASE WHEN grouping(week) = 0 THEN 'week' WHEN grouping(month) = 0 THEN 'month' ELSE 'quarter' END AS period_kind,
        CASE WHEN grouping(week) = 0 THEN week WHEN grouping(month) = 0 THEN month ELSE quarter END AS period_index,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        bucket,
        sum(n) AS n
    FROM cells
    GROUP BY GROUPING SETS ((week, tier, bucket), (week, bucket), (month, tier, bucket), (month, bucket), (quarter, tier, bucket), (quarter, bucket))
),
tiers AS (
    SELECT DISTINCT tier FROM sessions WHERE tier IS NOT NULL UNION ALL SELECT '(all)'
)
SELECT calendar.period_kind, calendar.period_start, tiers.tier, buckets.lower_seconds, buckets.upper_seconds, coalesce(totals.n, 0) AS n
FROM calendar
CROSS JOIN tiers
CROSS JOIN buckets
LEFT JOIN totals
    ON totals.period_kind = calendar.period_kind
    AND totals.period_index = calendar.period_index
    AND totals.tier = tiers.tier
    AND totals.bucket = buckets.bucket
ORDER BY calendar.period_kind, calendar.period_start, tiers.tier, buckets.lower_seconds
