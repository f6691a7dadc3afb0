WITH spans AS (
    SELECT
        tier,
        duration_seconds AS seconds,
        status = 'lost' AS is_lost,
        CASE WHEN status = 'lost' THEN started_at ELSE ended_at END AS counted_at,
        duration_is_lower_bound
    FROM sessions
    WHERE status = 'lost' OR (status <> 'failed' AND ended_at IS NOT NULL AND duration_seconds IS NOT NULL)
),
placed AS (
    SELECT *, week_index(counted_at) AS week, month_index(counted_at) AS month, quarter_index(counted_at) AS quarter
    FROM spans
    WHERE counted_at IS NOT NULL
),
totals AS (
    SELECT
        CASE WHEN grouping(week) = 0 THEN 'week' WHEN grouping(month) = 0 THEN 'month' ELSE 'quarter' END AS period_kind,
        CASE WHEN grouping(week) = 0 THEN week WHEN grouping(month) = 0 THEN month ELSE quarter END AS period_index,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        count(*) FILTER (WHERE NOT is_lost) AS n,
        avg(seconds) FILTER (WHERE NOT is_lost) AS mean_seconds,
        quantile_cont(seconds, [0.5, 0.9, 0.95, 0.99]) FILTER (WHERE NOT is_lost) AS shares,
        max(seconds) FILTER (WHERE NOT is_lost) AS longest,
        count(*) FILTER (WHERE NOT is_lost AND duration_is_lower_bound) AS n_lower_bound,
        count(*) FILTER (WHERE is_lost) AS lost
    FROM placed
    GROUP BY GROUPING SETS ((week, tier), (week), (month, tier), (month), (quarter, tier), (quarter))
),
tiers AS (
    SELECT DISTINCT tier FROM sessions WHERE tier IS NOT NULL UNION ALL SELECT '(all)'
)
SELECT
    calendar.period_kind,
    calendar.period_start,
    tiers.tier,
    coalesce(n, 0) AS n,
    mean_seconds,
    shares[1] AS p50_seconds,
    shares[2] AS p90_seconds,
    shares[3] AS p95_seconds,
    shares[4] AS p99_seconds,
    longest AS max_seconds,
    coalesce(n_lower_bound, 0) AS n_lower_bound,
    coalesce(lost, 0) AS lost
FROM calendar
CROSS JOIN tiers
LEFT JOIN totals ON totals.period_kind = calendar.period_kind AND totals.period_index = calendar.period_index AND totals.tier = tiers.tier
ORDER BY calendar.period_kind, calendar.period_start, tiers.tier
