-- question: What is or was wrong, since when, until when, and where can it be seen?
-- unit: findings
-- grain: finding_id
-- columns:
--   finding_id: Computed from the rule, the place, the subject, and for a state from when it began.
--   rule: The rule that is broken; `rules` says what each means.
--   severity: high, medium or low, by the rule.
--   certainty: certain, or suspected where the evidence allows no more.
--   account_id: The account.
--   region: The region.
--   subject_kind: session, event, document, bucket, log_group or instance.
--   subject: Which one: its id or name. Hostile text.
--   session_id: The session, where it is one.
--   tier: The policy tier, where the rule looks at one.
--   owner: Who owns the target, by its tags. Hostile text.
--   opened_at: When it began.
--   closed_at: When it ended; null while it lasts.
--   closed_by: end (of the session), activity, arrival (of the transcript), observation or acknowledged; null while it lasts.
--   detail: What was found, as JSON.
--   evidence: Where it can be seen, as JSON: the table, and what names the row in it.
--   controls: The controls it speaks to, the direct ones first; `controls` says what each is about.
-- caveats: What observations show without a break is one finding, whatever else changed meanwhile. Only what is certain of a session opens one, suspicions of idleness apart.
-- rulings: R34, R35, R36, R37
WITH all_shown AS (
    SELECT 'SESSION-OVER-MAX' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM session_over_max
    UNION ALL
    SELECT 'SESSION-OVER-IDLE' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM session_over_idle
    UNION ALL
    SELECT 'SLOW-TERMINATION' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM slow_termination
    UNION ALL
    SELECT 'OUTLIVED-STRICTER-POLICY' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM outlived_stricter_policy
    UNION ALL
    SELECT 'TRANSCRIPT-MISSING' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM transcript_missing
    UNION ALL
    SELECT 'DOCUMENT-BYPASS' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM document_bypass
    UNION ALL
    SELECT 'PREFS-CHANGED' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM prefs_changed
    UNION ALL
    SELECT 'MAXDUR-UNSET' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM maxdur_unset
    UNION ALL
    SELECT 'MAXDUR-TOO-LONG' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM maxdur_too_long
    UNION ALL
    SELECT 'IDLE-TOO-LONG' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM idle_too_long
    UNION ALL
    SELECT 'LOGGING-OFF' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM logging_off
    UNION ALL
    SELECT 'LOG-UNENCRYPTED' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM log_unencrypted
    UNION ALL
    SELECT 'SESSION-UNENCRYPTED' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM session_unencrypted
    UNION ALL
    SELECT 'LOG-BUCKET-MUTABLE' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM log_bucket_mutable
    UNION ALL
    SELECT 'ONE-SIZE-POLICY' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM one_size_policy
    UNION ALL
    SELECT 'NOT-MANAGED' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM not_managed
    UNION ALL
    SELECT 'OWNER-UNTAGGED' AS rule, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, evidence FROM owner_untagged
),
followed AS (
    -- Until when anything that began before lasted: what begins by then goes on with it.
    SELECT
        *,
        max(coalesce(closed_at, seconds_after('1970-01-01T00:00:00Z', 7258118400))) OVER (
            PARTITION BY rule, account_id, region, subject_kind, subject, tier
            ORDER BY opened_at, closed_at, detail ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS lasted_until
    FROM all_shown
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN lasted_until >= opened_at THEN 0 ELSE 1 END) OVER (
            PARTITION BY rule, account_id, region, subject_kind, subject, tier
            ORDER BY opened_at, closed_at, detail ROWS UNBOUNDED PRECEDING
        ) AS episode
    FROM followed
),
episodes AS (
    SELECT
        rule,
        account_id,
        region,
        subject_kind,
        subject,
        tier,
        min(opened_at) AS opened_at,
        CASE WHEN count(closed_at) = count(*) THEN max(closed_at) END AS closed_at,
        first_value(session_id ORDER BY opened_at, closed_at, detail) AS session_id,
        first_value(owner ORDER BY opened_at, closed_at, detail) AS owner,
        CASE WHEN count(closed_at) = count(*) THEN last_value(closed_by ORDER BY closed_at, detail) END AS closed_by,
        first_value(detail ORDER BY opened_at, closed_at, detail) AS detail,
        first_value(evidence ORDER BY opened_at, closed_at, detail) AS evidence
    FROM numbered
    GROUP BY rule, account_id, region, subject_kind, subject, tier, episode
),
named AS (
    SELECT
        episodes.*,
        rules.severity,
        rules.certainty,
        rules.lasts,
        concat_ws(
            '/',
            episodes.rule,
            coalesce(episodes.account_id, '-'),
            coalesce(episodes.region, '-'),
            -- A bucket's name has no colon.
            CASE WHEN episodes.subject_kind = 'log_group' THEN concat('log_group:', episodes.subject) ELSE episodes.subject END,
            CASE WHEN rules.lasts = 'state' THEN episodes.tier END,
            CASE WHEN rules.lasts = 'state' THEN to_char(episodes.opened_at, '%Y%m%dT%H%M%SZ') END
        ) AS finding_id
    FROM episodes
    JOIN rules ON rules.rule = episodes.rule
),
mapped AS (
    SELECT rule, string_agg(concat(framework, ' ', control), '; ' ORDER BY strength, framework, control) AS controls
    FROM controls
    GROUP BY rule
)
SELECT
    named.finding_id,
    named.rule,
    named.severity,
    named.certainty,
    named.account_id,
    named.region,
    named.subject_kind,
    named.subject,
    named.session_id,
    named.tier,
    named.owner,
    named.opened_at,
    CASE
        WHEN named.lasts <> 'event' THEN named.closed_at
        WHEN acknowledged.acknowledged_at IS NOT NULL THEN greatest(acknowledged.acknowledged_at, named.opened_at)
    END AS closed_at,
    CASE WHEN named.lasts = 'event' AND acknowledged.acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE named.closed_by END AS closed_by,
    named.detail,
    named.evidence,
    mapped.controls
FROM named
LEFT JOIN mapped ON mapped.rule = named.rule
LEFT JOIN (
    SELECT finding_id, acknowledged_at
    FROM acknowledgements
    WHERE acknowledged_at <= as_of()
) AS acknowledged ON acknowledged.finding_id = named.finding_id
