-- question: Is there a transcript of every session that should have one?
-- unit: sessions; present_percent in percent
-- grain: account_id
-- definition: kpi_evidence
-- columns:
--   account_id: The account; (none) where nothing ties the session to one.
--   sessions: Sessions of the period, by started_at, else ended_before, else ended_at.
--   present: Those with a transcript.
--   missing: Those without one where the preferences ask for one.
--   present_percent: 100 present / (present + missing); null for none.
--   not_loggable: Those of a kind that leaves none.
--   not_expected: Those for which the preferences ask for none.
--   unknown: Those of which nobody can tell.
SELECT
    coalesce(account_id, '(none)') AS account_id,
    count(*) AS sessions,
    count(*) FILTER (WHERE transcript = 'present') AS present,
    count(*) FILTER (WHERE transcript = 'missing') AS missing,
    100.0 * CAST(count(*) FILTER (WHERE transcript = 'present') AS DOUBLE)
        / CAST(nullif(count(*) FILTER (WHERE transcript IN ('present', 'missing')), 0) AS DOUBLE) AS present_percent,
    count(*) FILTER (WHERE transcript = 'not_loggable') AS not_loggable,
    count(*) FILTER (WHERE transcript = 'not_expected') AS not_expected,
    count(*) FILTER (WHERE transcript = 'unknown') AS unknown
FROM sessions
WHERE coalesce(started_at, ended_before, ended_at) >= $start_at
    AND coalesce(started_at, ended_before, ended_at) < $end_at
GROUP BY coalesce(account_id, '(none)')
ORDER BY account_id
