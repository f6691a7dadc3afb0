-- question: How many sessions started, ended, were alive and ran over their limit, week by week?
-- unit: sessions; over_limit_hours in hours
-- grain: week_start, tier
-- columns:
--   week_start: Local Monday on which the week begins.
--   week: ISO week, such as 2026-W28.
--   tier: Policy tier, or (all), which also holds the sessions without a tier.
--   sessions_started: Sessions with started_at in the week.
--   sessions_ended: Sessions with ended_at in the week.
--   sessions_active: Sessions alive at some instant of the week.
--   over_limit_active: Certain violations whose time over the limit, [over_limit_at, e), meets the week: the headline.
--   over_limit_new: Certain violations with over_limit_at in the week.
--   over_limit_possible: Possible violations with over_limit_at in the week; in no other column.
--   idle_suspected_new: Sessions with idle_breach_at in the week; always a suspicion.
--   over_limit_hours: Hours over the limit inside the week, of certain violations.
--   over_limit_open_at_end: Certain violations that began before the week's end and last until then, or are still open.
-- caveats: e is ended_at, else ended_after, so that only proven life counts. A week that as_of() cuts is to date.
-- held: cells
-- rulings: R25, R26, R27
WITH lives AS (
    -- The weeks in which something happened to a session. Ordinals of weeks make intervals easy: no join on ranges of time.
    SELECT
        tier,
        week_index(started_at) AS start_week,
        week_index(ended_at) AS end_week,
        CASE WHEN started_at IS NOT NULL THEN greatest(week_index(started_at), week_before(coalesce(ended_at, ended_after))) END AS last_alive_week,
        over_limit_certainty AS certainty,
        week_index(over_limit_at) AS over_week,
        CASE WHEN coalesce(ended_at, ended_after) > over_limit_at THEN week_before(coalesce(ended_at, ended_after)) END AS last_over_week,
        -- From the end of this week on it counts no longer as open; never, while it is.
        CASE WHEN over_limit_certainty = 'certain' AND status <> 'open'
            THEN greatest(week_index(over_limit_at), week_index(coalesce(ended_at, ended_after)))
        END AS closed_week,
        week_index(idle_breach_at) AS idle_week,
        CASE WHEN over_limit_certainty = 'certain' AND coalesce(ended_at, ended_after) > over_limit_at THEN over_limit_at END AS exposed_from,
        CASE WHEN over_limit_certainty = 'certain' AND coalesce(ended_at, ended_after) > over_limit_at THEN coalesce(ended_at, ended_after) END AS exposed_to
    FROM sessions
),
cells AS (
    -- Whole microseconds add up to the same sum in any order.
    SELECT
        tier,
        start_week,
        end_week,
        last_alive_week,
        certainty,
        over_week,
        last_over_week,
        closed_week,
        idle_week,
        count(*) AS n,
        sum(CAST(micros_between('1970-01-01T00:00:00Z', exposed_from) AS DECIMAL(20, 0))) AS exposed_from,
        sum(CAST(micros_between('1970-01-01T00:00:00Z', exposed_to) AS DECIMAL(20, 0))) AS exposed_to
    FROM lives
    GROUP BY tier, start_week, end_week, last_alive_week, certainty, over_week, last_over_week, closed_week, idle_week
),
tiers AS (
    SELECT DISTINCT tier
    FROM cells
    WHERE tier IS NOT NULL
    UNION ALL
    SELECT '(all)' AS tier
),
changes AS (
    -- What each week adds to a count. What lasts is added in its first week and taken away after its last.
    SELECT
        tier,
        unnest([
            named_struct('week', start_week, 'measure', 'started', 'n', n),
            named_struct('week', end_week, 'measure', 'ended', 'n', n),
            named_struct('week', start_week, 'measure', 'alive', 'n', n),
            named_struct('week', last_alive_week + 1, 'measure', 'alive', 'n', -n),
            named_struct('week', CASE WHEN certainty = 'possible' THEN over_week END, 'measure', 'possible', 'n', n),
            named_struct('week', CASE WHEN certainty = 'certain' THEN over_week END, 'measure', 'new', 'n', n),
            named_struct('week', CASE WHEN certainty = 'certain' AND last_over_week IS NOT NULL THEN over_week END, 'measure', 'over', 'n', n),
            named_struct('week', CASE WHEN certainty = 'certain' THEN last_over_week + 1 END, 'measure', 'over', 'n', -n),
            named_struct('week', CASE WHEN certainty = 'certain' THEN over_week END, 'measure', 'open', 'n', n),
            named_struct('week', CASE WHEN certainty = 'certain' THEN closed_week END, 'measure', 'open', 'n', -n),
            named_struct('week', idle_week, 'measure', 'idle', 'n', n)
        ]) AS change
    FROM cells
),
dated AS (
    SELECT tier, change['week'] AS week, change['measure'] AS measure, change['n'] AS n
    FROM changes
    WHERE change['week'] IS NOT NULL
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
    GROUP BY GROUPING SETS ((week, tier), (week))
),
exposed AS (
    -- Certain violations, once for each week that their time over the limit meets.
    SELECT
        tier,
        CAST(n AS DECIMAL(20, 0)) AS violations,
        exposed_from,
        exposed_to,
        over_week,
        last_over_week,
        unnest(generate_series(over_week, last_over_week)) AS week
    FROM cells
    WHERE certainty = 'certain' AND last_over_week IS NOT NULL
),
bounds AS (
    SELECT
        period_index,
        CAST(micros_between('1970-01-01T00:00:00Z', start_at) AS DECIMAL(17, 0)) AS start_micros,
        CAST(micros_between('1970-01-01T00:00:00Z', end_at) AS DECIMAL(17, 0)) AS end_micros
    FROM calendar
    WHERE period_kind = 'week'
),
exposure AS (
    -- All of a cell go over the limit in one week, and end in one: what lies between them is whole weeks.
    SELECT
        exposed.week,
        CASE WHEN grouping(exposed.tier) = 1 THEN '(all)' ELSE exposed.tier END AS tier,
        sum(
            CASE WHEN exposed.week = exposed.last_over_week THEN exposed.exposed_to ELSE exposed.violations * bounds.end_micros END
            - CASE WHEN exposed.week = exposed.over_week THEN exposed.exposed_from ELSE exposed.violations * bounds.start_micros END
        ) AS micros
    FROM exposed
    JOIN bounds ON bounds.period_index = exposed.week
    GROUP BY GROUPING SETS ((exposed.week, exposed.tier), (exposed.week))
),
weeks AS (
    SELECT
        calendar.period_index,
        calendar.period_start,
        calendar.label,
        tiers.tier,
        coalesce(sums.started, 0) AS sessions_started,
        coalesce(sums.ended, 0) AS sessions_ended,
        sum(coalesce(sums.alive, 0)) OVER so_far AS sessions_active,
        sum(coalesce(sums.exceeding, 0)) OVER so_far AS over_limit_active,
        coalesce(sums.begun, 0) AS over_limit_new,
        coalesce(sums.possible, 0) AS over_limit_possible,
        coalesce(sums.idle, 0) AS idle_suspected_new,
        coalesce(CAST(exposure.micros AS DOUBLE), 0.0) / 3600000000.0 AS over_limit_hours,
        sum(coalesce(sums.unresolved, 0)) OVER so_far AS over_limit_open_at_end
    FROM calendar
    CROSS JOIN tiers
    LEFT JOIN sums ON sums.week = calendar.period_index AND sums.tier = tiers.tier
    LEFT JOIN exposure ON exposure.week = calendar.period_index AND exposure.tier = tiers.tier
    WHERE calendar.period_kind = 'week'
    WINDOW so_far AS (PARTITION BY tiers.tier ORDER BY calendar.period_index)
),
numbered AS (
    SELECT
        *,
        min(CASE
            WHEN sessions_started + sessions_ended + sessions_active + over_limit_active + over_limit_new + over_limit_possible + idle_suspected_new
                + over_limit_open_at_end > 0
                THEN period_index
        END) OVER () AS first_index
    FROM weeks
)
SELECT
    period_start AS week_start,
    label AS week,
    tier,
    sessions_started,
    sessions_ended,
    sessions_active,
    over_limit_active,
    over_limit_new,
    over_limit_possible,
    idle_suspected_new,
    over_limit_hours,
    over_limit_open_at_end
FROM numbered
WHERE period_index >= first_index
ORDER BY week_start, tier
