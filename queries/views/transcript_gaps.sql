-- question: Of which sessions is the transcript not there, or was late, and why?
-- unit: sessions
-- grain: account_id, region, session_id
-- columns:
--   account_id: The account.
--   region: The region.
--   session_id: The session. Hostile text: written by whoever called.
--   target_id: What it reached.
--   started_at: Its start.
--   ended_before: By when it was over.
--   cause: The first that holds of not_loggable, late, denied, unreadable, log_group_missing, never_connected, agent_killed and unexplained.
--   certainty: certain, or suspected where the cause is told by what surrounds the session.
--   detail: What shows it: when it arrived, why the object cannot be read, the name of the log group, when the node was not seen any more; null where nothing more is known.
-- caveats: not_loggable: of a port or SSH session nobody can make one. late: more than an hour after the end. denied: an object of that name is there, and may not be read. unreadable: it is an open gap for any other cause. log_group_missing: the preferences observed at the start name a log group that a whole list of log groups
--   does not have; the agent then goes on without. never_connected: it failed, or ended within two seconds. agent_killed: the first look at the fleet after the end does not show the node as managed any more. unexplained: none of these.
-- rulings: R24, R35, R40
WITH wanting AS (
    SELECT
        account_id,
        region,
        session_id,
        target_id,
        started_at,
        ended_before,
        transcript,
        text_arrived_at,
        never_connected OR status = 'failed' AS is_void
    FROM sessions
    WHERE transcript IN ('missing', 'not_loggable')
        OR (
            transcript = 'present'
            AND seconds_after(ended_before, 3600) <= as_of()
            AND (text_arrived_at IS NULL OR text_arrived_at > seconds_after(ended_before, 3600))
            AND coalesce(end_method IN ('history', 'terminate_call'), TRUE)
        )
),
unread AS (
    -- A transcript is named after its session.
    SELECT
        reverse(split_part(reverse(place), '/', 1)) AS name,
        bool_or(cause = 'denied') AS is_denied,
        min(detail) AS detail
    FROM gaps
    WHERE cause <> 'unanswered'
    GROUP BY reverse(split_part(reverse(place), '/', 1))
),
absent AS (
    SELECT wanting.account_id, wanting.region, wanting.session_id, min(spells.name) AS log_group
    FROM wanting
    JOIN destination_spells AS spells
        ON spells.account_id = wanting.account_id
        AND spells.region = wanting.region
        AND spells.kind = 'log_group'
        AND spells.observed_from <= wanting.started_at
        AND (spells.observed_until IS NULL OR spells.observed_until > wanting.started_at)
    WHERE NOT spells.found
    GROUP BY wanting.account_id, wanting.region, wanting.session_id
),
looks AS (
    SELECT DISTINCT account_id, region, observed_at
    FROM observations
    WHERE answer = 'instance_information' AND complete
),
next_look AS (
    SELECT wanting.account_id, wanting.region, wanting.session_id, min(looks.observed_at) AS observed_at
    FROM wanting
    JOIN looks ON looks.account_id = wanting.account_id AND looks.region = wanting.region AND looks.observed_at > wanting.ended_before
    GROUP BY wanting.account_id, wanting.region, wanting.session_id
),
vanished AS (
    SELECT wanting.account_id, wanting.region, wanting.session_id, max(spells.observed_until) AS gone_at
    FROM wanting
    JOIN instance_spells AS spells
        ON spells.account_id = wanting.account_id
        AND spells.region = wanting.region
        AND spells.instance_id = wanting.target_id
        AND spells.observed_from <= wanting.ended_before
        AND spells.observed_until > wanting.started_at
    JOIN next_look
        ON next_look.account_id = wanting.account_id
        AND next_look.region = wanting.region
        AND next_look.session_id = wanting.session_id
    WHERE spells.managed AND spells.observed_until <= next_look.observed_at
    GROUP BY wanting.account_id, wanting.region, wanting.session_id
),
explained AS (
    SELECT
        wanting.*,
        unread.is_denied,
        unread.detail AS unread_detail,
        absent.log_group,
        vanished.gone_at,
        CASE
            WHEN wanting.transcript = 'not_loggable' THEN 'not_loggable'
            WHEN wanting.transcript = 'present' THEN 'late'
            WHEN unread.is_denied THEN 'denied'
            WHEN unread.name IS NOT NULL THEN 'unreadable'
            WHEN absent.log_group IS NOT NULL THEN 'log_group_missing'
            WHEN wanting.is_void THEN 'never_connected'
            WHEN vanished.gone_at IS NOT NULL THEN 'agent_killed'
            ELSE 'unexplained'
        END AS cause
    FROM wanting
    LEFT JOIN unread ON unread.name = concat(wanting.session_id, '.log')
    LEFT JOIN absent ON absent.account_id = wanting.account_id AND absent.region = wanting.region AND absent.session_id = wanting.session_id
    LEFT JOIN vanished ON vanished.account_id = wanting.account_id AND vanished.region = wanting.region AND vanished.session_id = wanting.session_id
)
SELECT
    account_id,
    region,
    session_id,
    target_id,
    started_at,
    ended_before,
    cause,
    CASE WHEN cause IN ('not_loggable', 'late', 'denied', 'unreadable') THEN 'certain' ELSE 'suspected' END AS certainty,
    CASE
        WHEN cause = 'late' AND text_arrived_at IS NULL THEN 'has not arrived'
        WHEN cause = 'late' THEN concat('arrived at ', to_char(text_arrived_at, '%Y-%m-%dT%H:%M:%SZ'))
        WHEN cause IN ('denied', 'unreadable') THEN unread_detail
        WHEN cause = 'log_group_missing' THEN log_group
        WHEN cause = 'agent_killed' THEN concat('not managed any more at ', to_char(gone_at, '%Y-%m-%dT%H:%M:%SZ'))
    END AS detail
FROM explained
