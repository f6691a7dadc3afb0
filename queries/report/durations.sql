-- question: How long did sessions of each tier last?
-- unit: seconds; n, n_lower_bound and lost in sessions
-- grain: tier
-- definition: kpi_duration
-- columns:
--   n_before: The same of the period before.
--   p50_seconds_before: The same of the period before.
--   p90_seconds_before: The same of the period before.
SELECT
    this.tier,
    this.n,
    this.mean_seconds,
    this.p50_seconds,
    this.p90_seconds,
    this.p95_seconds,
    this.p99_seconds,
    this.max_seconds,
    this.n_lower_bound,
    this.lost,
    earlier.n AS n_before,
    earlier.p50_seconds AS p50_seconds_before,
    earlier.p90_seconds AS p90_seconds_before
FROM kpi_duration AS this
LEFT JOIN kpi_duration AS earlier
    ON earlier.period_kind = this.period_kind
    AND earlier.tier = this.tier
    AND earlier.period_start = $before
WHERE this.period_kind = $kind
    AND this.period_start = $start
ORDER BY tier
