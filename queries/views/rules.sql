-- question: Which rules can a finding break, and how much does each matter?
-- unit: rules
-- grain: rule
-- columns:
--   rule: The rule.
--   severity: high, medium or low.
--   certainty: certain, or suspected where the evidence allows no more.
--   lasts: state (as long as observations show it), session (until the session ends) or event (until it is acknowledged).
--   title: What has happened where the rule is broken.
-- rulings: R34
SELECT rule, severity, certainty, lasts, title
FROM (
    VALUES
        ('SESSION-OVER-MAX', 'high', 'certain', 'session', 'A session outlived its longest allowed duration.'),
        ('SESSION-OVER-IDLE', 'medium', 'suspected', 'session', 'A session seems to have been idle for longer than allowed.'),
        ('SLOW-TERMINATION', 'high', 'certain', 'session', 'A session over its limit was not ended within the target.'),
        ('OUTLIVED-STRICTER-POLICY', 'medium', 'certain', 'session', 'A session went on under a limit that a later policy had made shorter.'),
        ('TRANSCRIPT-MISSING', 'high', 'certain', 'session', 'A transcript that was due had not arrived an hour after the end.'),
        ('DOCUMENT-BYPASS', 'high', 'certain', 'event', 'A session was started through a document without a maximum duration or without logging.'),
        ('PREFS-CHANGED', 'medium', 'certain', 'event', 'Somebody changed the preferences of Session Manager.'),
        ('MAXDUR-UNSET', 'high', 'certain', 'state', 'The preferences set no maximum duration.'),
        ('MAXDUR-TOO-LONG', 'medium', 'certain', 'state', 'The preferences allow longer sessions than the policy.'),
        ('IDLE-TOO-LONG', 'medium', 'certain', 'state', 'The preferences allow longer idle times than the policy.'),
        ('LOGGING-OFF', 'high', 'certain', 'state', 'The preferences name neither a bucket nor a log group.'),
        ('LOG-UNENCRYPTED', 'medium', 'certain', 'state', 'Session logs may be kept without encryption.'),
        ('SESSION-UNENCRYPTED', 'medium', 'certain', 'state', 'The preferences name no KMS key for sessions.'),
        ('LOG-BUCKET-MUTABLE', 'medium', 'certain', 'state', 'Session logs can be changed or deleted in their bucket.'),
        ('ONE-SIZE-POLICY', 'medium', 'certain', 'state', 'Tiers with different limits share one document.'),
        ('NOT-MANAGED', 'medium', 'certain', 'state', 'A running instance is not managed by Systems Manager.'),
        ('OWNER-UNTAGGED', 'low', 'certain', 'state', 'A running instance names no owner.')
) AS t (rule, severity, certainty, lasts, title)
