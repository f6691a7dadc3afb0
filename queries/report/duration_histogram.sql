-- question: How are the durations of sessions spread in each tier?
-- unit: sessions
-- grain: tier, lower_seconds
-- definition: kpi_duration_histogram
-- columns:
--   bucket: The bucket in words.
SELECT
    tier,
    lower_seconds,
    upper_seconds,
    CASE lower_seconds
        WHEN 0 THEN 'under 1 min'
        WHEN 60 THEN '1–5 min'
        WHEN 300 THEN '5–15 min'
        WHEN 900 THEN '15–30 min'
        WHEN 1800 THEN '30–60 min'
        WHEN 3600 THEN '1–2 h'
        WHEN 7200 THEN '2–4 h'
        WHEN 14400 THEN '4–8 h'
        WHEN 28800 THEN '8–12 h'
        WHEN 43200 THEN '12–24 h'
        WHEN 86400 THEN '1–3 d'
        WHEN 259200 THEN '3–7 d'
        WHEN 604800 THEN '7 d and more'
    END AS bucket,
    n
FROM kpi_duration_histogram
WHERE period_kind = $kind
    AND period_start = $start
ORDER BY tier, lower_seconds
