-- question: What could not be understood, and what should be there and is not?
-- unit: rejects and places
-- grain: what, source, cause
-- definition: kpi_evidence
-- columns:
--   what: reject: it was read and could not be understood; gap: it should be there.
--   source: Name of the configured source.
--   cause: Code of the reject, or cause of the gap.
--   n: How many.
--   example: Such as this one.
SELECT 'reject' AS what, source, code AS cause, count(*) AS n, min(object) AS example
FROM standing_rejects
GROUP BY source, code
UNION ALL
SELECT 'gap' AS what, source, cause, count(*) AS n, min(place) AS example
FROM gaps
GROUP BY source, cause
ORDER BY what, source, cause
