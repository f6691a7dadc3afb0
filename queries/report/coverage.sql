-- question: On how many instances of the fleet do the limits hold, at the end of each period?
-- unit: instances; coverage_percent in percent
-- grain: period_start
-- definition: kpi_fleet_coverage
-- columns:
--   period_start: Local date on which the period begins.
--   period: Name of the period.
--   observed_on: The last day of the period on which anything is known of the fleet; null where on none.
WITH periods AS (
    SELECT period_start, label, lead(period_start) OVER (ORDER BY period_start) AS next_start
    FROM calendar
    WHERE period_kind = $kind
),
days AS (
    SELECT
        periods.period_start,
        periods.label AS period,
        fleet.*,
        row_number() OVER (PARTITION BY periods.period_start ORDER BY fleet.observed_on DESC) AS age
    FROM periods
    -- A period in which nobody looked has a row that says so.
    LEFT JOIN kpi_fleet_coverage AS fleet ON fleet.observed_on >= periods.period_start AND (periods.next_start IS NULL OR fleet.observed_on < periods.next_start)
)
SELECT
    period_start,
    period,
    observed_on,
    instances,
    covered,
    coverage_percent,
    not_assessed,
    not_managed,
    no_max_duration,
    max_duration_too_long,
    idle_timeout_too_long
FROM days
WHERE age = 1
    AND period_start BETWEEN $first AND $start
ORDER BY period_start
