WITH lives AS (
    SELECT
        tier,
        week_index(started_at) AS start_week,
        week_index(ended_at) AS end_week,
        CASE WHEN started_at IS NOT NULL THEN greatest(week_index(started_at), week_before(coalesce(ended_at, ended_after))) END AS last_alive_week,
        over_limit_certainty AS certainty,
        week_index(over_limit_at) AS over_week,
        CASE WHEN coalesce(ended_at, ended_after) > over_limit_at THEN week_before(coalesce(ended_at, ended_after)) END AS last_over_week,
        CASE WHEN over_limit_certainty = 'certain' AND status <> 'open'
            THEN greatest(week_index(over_limit_at), week_index(coalesce(ended_at, ended_after)))
        END AS closed_week,
        week_index(idle_breach_at) AS idle_week,
        CASE WHEN over_limit_certainty = 'certain' AND coalesce(ended_at, ended_after) > over_limit_at THEN epoch_us(over_limit_at) END AS exposed_from,
        CASE WHEN over_limit_certainty = 'certain' AND coalesce(ended_at, ended_after) > over_limit_at THEN epoch_us(coalesce(ended_at, ended_after)) END AS exposed_to
    FROM sessions
),
cells AS MATERIALIZED (
    SELECT * EXCLUDE (exposed_from, exposed_to), count(*) AS n, sum(exposed_from) AS exposed_from, sum(exposed_to) AS exposed_to
    FROM lives
    GROUP BY ALL
),
tiers AS (
    SELECT DISTINCT tier FROM cells WHERE tier IS NOT NULL UNION ALL SELECT '(all)'
),
dated AS (
    SELECT tier, unnest([
        {'week': start_week, 'measure': 'started', 'n': n},
        {'week': end_week, 'measure': 'ended', 'n': n},
        {'week': start_week, 'measure': 'alive', 'n': n},
        {'week': last_alive_week + 1, 'measure': 'alive', 'n': -n},
        {'week': CASE WHEN certainty = 'possible' THEN over_week END, 'measure': 'possible', 'n': n},
        {'week': CASE WHEN certainty = 'certain' THEN over_week END, 'measure': 'new', 'n': n},
        {'week': CASE WHEN certainty = 'certain' AND last_over_week IS NOT NULL THEN over_week END, 'measure': 'over', 'n': n},
        {'week': CASE WHEN certainty = 'certain' THEN last_over_week + 1 END, 'measure': 'over', 'n': -n},
        {'week': CASE WHEN certainty = 'certain' THEN over_week END, 'measure': 'open', 'n': n},
        {'week': CASE WHEN certainty = 'certain' THEN closed_week END, 'measure': 'open', 'n': -n},
        {'week': idle_week, 'measure': 'idle', 'n': n}
    ], recursive := true)
    FROM cells
),
sums AS (
    SELECT
        week,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        sum(n) FILTER (WHERE measure = 'started') AS started,
        sum(n) FILTER (WHERE measure = 'ended') AS ended,
        sum(n) FILTER (WHERE measure = 'alive') AS alive,
        sum(n) FILTER (WHERE measure = 'over') AS exceeding,
        sum(n) FILTER (WHERE measure = 'new') AS begun,
        sum(n) FILTER (WHERE measure = 'possible') AS possible,
        sum(n) FILTER (WHERE measure = 'idle') AS idle,
        sum(n) FILTER (WHERE measure = 'open') AS unresolved
    FROM dated
    WHERE week IS NOT NULL
    GROUP BY GROUPING SETS ((week, tier), (week))
),
exposed AS (
    SELECT tier, n, exposed_from, exposed_to, over_week, last_over_week, unnest(range(over_week, last_over_week + 1)) AS week
    FROM cells
    WHERE certainty = 'certain' AND last_over_week IS NOT NULL
),
exposure AS (
    SELECT
        week,
        CASE WHEN grouping(tier) = 1 THEN '(all)' ELSE tier END AS tier,
        sum(
            CASE WHEN week = last_over_week THEN exposed_to ELSE n * week_start(week + 1)::HUGEINT END
            - CASE WHEN week = over_week THEN exposed_from ELSE n * week_start(week)::HUGEINT END
        ) AS micros
    FROM exposed
    GROUP BY GROUPING SETS ((week, tier), (week))
)
SELECT
    calendar.period_start AS week_start,
    tiers.tier,
    coalesce(sums.started, 0) AS sessions_started,
    coalesce(sums.ended, 0) AS sessions_ended,
    sum(coalesce(sums.alive, 0)) OVER so_far AS sessions_active,
    sum(coalesce(sums.exceeding, 0)) OVER so_far AS over_limit_active,
    coalesce(sums.begun, 0) AS over_limit_new,
    coalesce(sums.possible, 0) AS over_limit_possible,
    coalesce(sums.idle, 0) AS idle_suspected_new,
    coalesce(exposure.micros, 0) / 3600000000.0 AS over_limit_hours,
    sum(coalesce(sums.unresolved, 0)) OVER so_far AS over_limit_open_at_end
FROM calendar
CROSS JOIN tiers
LEFT JOIN sums ON sums.week = calendar.period_index AND sums.tier = tiers.tier
LEFT JOIN exposure ON exposure.week = calendar.period_index AND exposure.tier = tiers.tier
WHERE calendar.period_kind = 'week'
WINDOW so_far AS (PARTITION BY tiers.tier ORDER BY calendar.period_index)
ORDER BY week_start, tiers.tier
