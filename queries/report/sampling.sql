-- question: Which sessions should an auditor look at?
-- unit: sessions
-- grain: stratum, draw
-- definition: kpi_evidence
-- columns:
--   stratum: violation: certainly over its limit; other: every other session.
--   draw: Its place in the order of draw_key within the stratum; the first 25 of each are here.
--   population: Sessions of the stratum in the quarter, by started_at, else ended_before, else ended_at.
--   session_id: The session. Hostile text: written by whoever called.
--   draw_key: SHA-256 of the quarter's name, a colon and the session id, in hexadecimal: anybody can work it out, and nobody who starts a session can know its place among others.
-- caveats: Deterministic: the same sessions give the same list. Violations come first. A longer list goes on in the same order.
WITH drawn AS (
    SELECT
        CASE WHEN over_limit_certainty = 'certain' THEN 'violation' ELSE 'other' END AS stratum,
        sha256_hex($label || ':' || session_id) AS draw_key,
        session_id,
        account_id,
        region,
        tier,
        principal_name,
        owner,
        started_at,
        ended_at,
        status,
        over_limit_seconds,
        transcript
    FROM sessions
    WHERE coalesce(started_at, ended_before, ended_at) >= $start_at
        AND coalesce(started_at, ended_before, ended_at) < $end_at
),
populations AS (
    SELECT stratum, count(*) AS population
    FROM drawn
    GROUP BY stratum
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY stratum ORDER BY draw_key, account_id, region) AS draw
    FROM drawn
)
SELECT
    ranked.stratum,
    ranked.draw,
    populations.population,
    ranked.session_id,
    ranked.account_id,
    ranked.region,
    ranked.tier,
    ranked.principal_name,
    ranked.owner,
    ranked.started_at,
    ranked.ended_at,
    ranked.status,
    ranked.over_limit_seconds,
    ranked.transcript,
    ranked.draw_key
FROM ranked
JOIN populations ON populations.stratum = ranked.stratum
WHERE ranked.draw <= 25
ORDER BY stratum DESC, draw
