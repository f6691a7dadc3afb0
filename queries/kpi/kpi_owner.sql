-- question: Whose sessions take how many hours, how many of them beyond the limits, and what do their logs cost?
-- unit: sessions; hours; log_bytes in bytes; log_cost in the currency of [cost]
-- grain: period_kind, period_start, owner, cost_center
-- columns:
--   period_kind: week, month or quarter.
--   period_start: Local date on which the period begins.
--   owner: From the target's tags; null where it names none, or none is known. Hostile text.
--   cost_center: Likewise.
--   sessions: Sessions with started_at in the period.
--   session_hours: Hours that sessions were alive inside the period: from started_at to e.
--   over_limit_hours: Hours over the limit inside the period, of certain violations.
--   idle_hours_suspected: Hours inside the period that gaps without activity lasted beyond the idle limit; always a suspicion.
--   log_bytes: Bytes of the logs, as far as they were read, of the sessions with started_at, else ended_at, in the period.
--   log_cost: What these cost: what went to CloudWatch Logs once, by cloudwatch_ingest_per_gb, and what lies in S3 a month, by s3_storage_per_gb_month; null without the prices that it takes.
-- caveats: e is ended_at, else ended_after, so that only proven life counts. Periods without anything of an owner have no row. A GB is 1,000,000,000 bytes.
-- held: cells
-- rulings: R17, R20, R26, R39
WITH lives AS (
    SELECT
        owner,
        cost_center,
        started_at,
        coalesce(ended_at, ended_after) AS alive_until,
        over_limit_certainty,
        over_limit_at,
        coalesce(started_at, ended_at) AS logged_at,
        log_bytes,
        stored_bytes
    FROM sessions
),
marks AS (
    SELECT owner, cost_center, mark['measure'] AS measure, mark['from_at'] AS from_at, mark['until_at'] AS until_at, mark['bytes'] AS bytes, mark['stored'] AS stored
    FROM (
        SELECT
            owner,
            cost_center,
            unnest([
                named_struct('measure', 'begun', 'from_at', started_at, 'until_at', started_at, 'bytes', 0, 'stored', 0),
                named_struct('measure', 'alive', 'from_at', started_at, 'until_at', alive_until, 'bytes', 0, 'stored', 0),
                named_struct('measure', 'over', 'from_at', CASE WHEN over_limit_certainty = 'certain' THEN over_limit_at END, 'until_at', alive_until, 'bytes', 0, 'stored', 0),
                named_struct('measure', 'logged', 'from_at', logged_at, 'until_at', logged_at, 'bytes', log_bytes, 'stored', stored_bytes)
            ]) AS mark
        FROM lives
    ) AS marked
    UNION ALL
    SELECT owner, cost_center, 'idle', idle_from, idle_until, 0, 0
    FROM idle_spells
),
placed AS (
    SELECT
        owner,
        cost_center,
        measure,
        from_at,
        until_at,
        bytes,
        stored,
        unnest([
            named_struct('kind', 'week', 'first', week_index(from_at), 'last', week_index(until_at)),
            named_struct('kind', 'month', 'first', month_index(from_at), 'last', month_index(until_at)),
            named_struct('kind', 'quarter', 'first', quarter_index(from_at), 'last', quarter_index(until_at))
        ]) AS place
    FROM marks
    WHERE until_at >= from_at
),
cells AS (
    -- All of a cell begin in one period and end in one: what lies between them is whole periods. Whole microseconds add up to the same sum in any order.
    SELECT
        place['kind'] AS period_kind,
        place['first'] AS first_period,
        place['last'] AS last_period,
        owner,
        cost_center,
        measure,
        count(*) AS n,
        sum(CAST(micros_between('1970-01-01T00:00:00Z', from_at) AS DECIMAL(20, 0))) AS from_micros,
        sum(CAST(micros_between('1970-01-01T00:00:00Z', until_at) AS DECIMAL(20, 0))) AS until_micros,
        sum(bytes) AS bytes,
        sum(stored) AS stored
    FROM placed
    GROUP BY place['kind'], place['first'], place['last'], owner, cost_center, measure
),
bounds AS (
    SELECT
        period_kind,
        period_index,
        period_start,
        CAST(micros_between('1970-01-01T00:00:00Z', start_at) AS DECIMAL(17, 0)) AS start_micros,
        CAST(micros_between('1970-01-01T00:00:00Z', end_at) AS DECIMAL(17, 0)) AS end_micros
    FROM calendar
),
pieces AS (
    SELECT *, CAST(n AS DECIMAL(20, 0)) AS marks, unnest(generate_series(first_period, last_period)) AS period
    FROM cells
),
spent AS (
    SELECT
        pieces.*,
        bounds.period_start,
        CASE WHEN pieces.period = pieces.last_period THEN pieces.until_micros ELSE pieces.marks * bounds.end_micros END
        - CASE WHEN pieces.period = pieces.first_period THEN pieces.from_micros ELSE pieces.marks * bounds.start_micros END AS micros
    FROM pieces
    JOIN bounds ON bounds.period_kind = pieces.period_kind AND bounds.period_index = pieces.period
),
totals AS (
    SELECT
        period_kind,
        period_start,
        owner,
        cost_center,
        coalesce(sum(n) FILTER (WHERE measure = 'begun'), 0) AS sessions,
        coalesce(CAST(sum(micros) FILTER (WHERE measure = 'alive') AS DOUBLE), 0.0) / 3600000000.0 AS session_hours,
        coalesce(CAST(sum(micros) FILTER (WHERE measure = 'over') AS DOUBLE), 0.0) / 3600000000.0 AS over_limit_hours,
        coalesce(CAST(sum(micros) FILTER (WHERE measure = 'idle') AS DOUBLE), 0.0) / 3600000000.0 AS idle_hours_suspected,
        coalesce(sum(bytes), 0) AS log_bytes,
        coalesce(sum(stored), 0) AS stored_bytes
    FROM spent
    GROUP BY period_kind, period_start, owner, cost_center
)
SELECT
    totals.period_kind,
    totals.period_start,
    totals.owner,
    totals.cost_center,
    totals.sessions,
    totals.session_hours,
    totals.over_limit_hours,
    totals.idle_hours_suspected,
    totals.log_bytes,
    CASE
        WHEN totals.log_bytes > totals.stored_bytes THEN CAST(totals.log_bytes - totals.stored_bytes AS DOUBLE) / 1e9 * prices.cloudwatch_ingest_per_gb
        ELSE 0.0
    END
    + CASE WHEN totals.stored_bytes > 0 THEN CAST(totals.stored_bytes AS DOUBLE) / 1e9 * prices.s3_storage_per_gb_month ELSE 0.0 END AS log_cost
FROM totals
CROSS JOIN prices
WHERE totals.sessions > 0 OR totals.session_hours > 0 OR totals.over_limit_hours > 0 OR totals.idle_hours_suspected > 0 OR totals.log_bytes > 0
ORDER BY period_kind, period_start, owner, cost_center
