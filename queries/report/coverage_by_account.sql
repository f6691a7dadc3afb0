-- question: On how many instances do the limits hold, account by account, as last observed?
-- unit: instances; coverage_percent in percent
-- grain: account_id, region
-- definition: kpi_coverage
-- columns:
--   observed_on: Local date of the last observation before the end of the period.
SELECT
    account_id,
    region,
    observed_on,
    instances,
    covered,
    coverage_percent,
    not_assessed,
    not_managed,
    no_max_duration,
    max_duration_too_long,
    idle_timeout_too_long
FROM (
    SELECT *, row_number() OVER (PARTITION BY account_id, region ORDER BY observed_on DESC) AS age
    FROM kpi_coverage
    WHERE tier = '(all)'
        AND observed_on < local_date($end_at)
)
WHERE age = 1
ORDER BY account_id, region
