-- question: What did sessions and their logs cost whom?
-- unit: sessions; hours; log_bytes in bytes; log_cost in the currency of the configured prices
-- grain: owner, cost_center
-- definition: kpi_owner
-- needs: kpi_owner
SELECT
    owner,
    cost_center,
    sessions,
    session_hours,
    over_limit_hours,
    idle_hours_suspected,
    log_bytes,
    log_cost
FROM kpi_owner
WHERE period_kind = $kind
    AND period_start = $start
ORDER BY over_limit_hours DESC, session_hours DESC, owner, cost_center
