-- question: How long do sessions last?
-- unit: seconds; n, n_lower_bound and lost in sessions
-- grain: period_kind, period_start, tier
-- columns:
--   period_kind: week, month or quarter.
--   period_start: Local date on which the period begins.
--   tier: Policy tier, or (all), which also holds the sessions without a tier.
--   n: Sessions with ended_at in the period and a known duration; failed ones are left out.
--   mean_seconds: Mean duration of these; null for none.
--   p50_seconds: Median, exact, by linear interpolation between the closest ranks (percentile_cont).
--   p90_seconds: 90th percentile, likewise.
--   p95_seconds: 95th percentile, likewise.
--   p99_seconds: 99th percentile, likewise.
--   max_seconds: The longest.
--   n_lower_bound: Those of n that can only have been longer, because their start or end is known from the stream.
--   lost: Sessions with started_at in the period that are over, but when is not known; not in n.
-- caveats: A period that as_of() cuts is to date. Sessions still open are in no row until they end.
-- held: cells
-- rulings: R13, R14, R25
WITH known AS (
    SELECT
        *,
        CASE WHEN status NOT IN ('lost', 'failed') AND ended_at IS NOT NULL THEN duration_seconds END AS seconds
    FROM sessions
),
spans AS (
    -- A session counts once: where it ended, or where it began if nobody knows when it ended. Others are here for their tier alone.
    SELECT
        tier,
        seconds,
        CASE WHEN status = 'lost' THEN started_at WHEN seconds IS NOT NULL THEN ended_at END AS counted_at,
        CASE WHEN seconds IS NOT NULL THEN micros_between(started_at, ended_at) END AS micros,
        seconds IS NOT NULL AND duration_is_lower_bound AS is_lower_bound,
        status = 'lost' AS is_lost
    FROM known
),
cells AS (
    -- Weeks do not fit into months; the pieces of their intersection fit into all three kinds of period.
    SELECT
        week_index(counted_at) AS week,
        month_index(counted_at) AS month,
        quarter_index(counted_at) AS quarter,
        tier,
        count(micros) AS n,
        sum(CAST(micros AS DECIMAL(20, 0))) AS micros,
        max(seconds) AS longest,
        numbers(seconds) AS durations,
        count(*) FILTER (WHERE is_lower_bound) AS n_lower_bound,
        count(*) FILTER (WHERE is_lost) AS lost
    FROM spans
    GROUP BY week_index(counted_at), month_index(counted_at), quarter_index(counted_at), tier
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
        sum(n) AS n,
        sum(micros) AS micros,
        max(longest) AS longest,
        percentiles(durations, [0.5, 0.9, 0.95, 0.99]) AS shares,
        sum(n_lower_bound) AS n_lower_bound,
        sum(lost) AS lost
    FROM cells
    WHERE week IS NOT NULL
    GROUP BY GROUPING SETS ((week, tier), (week), (month, tier), (month), (quarter, tier), (quarter))
),
periods AS (
    SELECT
        calendar.period_kind,
        calendar.period_index,
        calendar.period_start,
        tiers.tier,
        coalesce(totals.n, 0) AS n,
        CAST(totals.micros AS DOUBLE) / CAST(1000000 * nullif(totals.n, 0) AS DOUBLE) AS mean_seconds,
        totals.shares,
        totals.longest,
        coalesce(totals.n_lower_bound, 0) AS n_lower_bound,
        coalesce(totals.lost, 0) AS lost
    FROM calendar
    CROSS JOIN tiers
    LEFT JOIN totals ON totals.period_kind = calendar.period_kind AND totals.period_index = calendar.period_index AND totals.tier = tiers.tier
),
numbered AS (
    SELECT *, min(CASE WHEN n > 0 OR lost > 0 THEN period_index END) OVER (PARTITION BY period_kind) AS first_index
    FROM periods
)
SELECT
    period_kind,
    period_start,
    tier,
    n,
    mean_seconds,
    shares[1] AS p50_seconds,
    shares[2] AS p90_seconds,
    shares[3] AS p95_seconds,
    shares[4] AS p99_seconds,
    longest AS max_seconds,
    n_lower_bound,
    lost
FROM numbered
WHERE period_index >= first_index
ORDER BY period_kind, period_start, tier
