-- question: Who called which API of Session Manager, and was it allowed?
-- unit: CloudTrail events
-- grain: event_id
-- columns:
--   event_id: The event.
--   event_time: When, by AWS's clock.
--   event_source: CloudTrail's eventSource.
--   event_name: CloudTrail's eventName.
--   session_id: The session it named or made, or null.
--   account_id: The account.
--   region: The region.
--   principal_arn: ARN of the caller.
--   target_id: What the session reaches.
--   document_name: The Session document.
--   document_version: The version that the call made or set.
--   reason: Why, in the caller's words. Hostile text.
--   mfa: Whether the caller's credentials were made with a second factor.
--   source_ip: Where the call came from.
--   user_agent: With what. Hostile text.
--   error_code: Why it was refused, or null where it was accepted.
--   error_message: The same in words.
--   source: Name of the configured source.
--   object: Key of the object within the source.
--   position: Ordinal of the record within the object, from 0.
-- rulings: R2, R5
SELECT
    event_id,
    event_time,
    event_source,
    event_name,
    session_id,
    account_id,
    region,
    principal_arn,
    target_id,
    document_name,
    document_version,
    reason,
    mfa,
    source_ip,
    user_agent,
    error_code,
    error_message,
    source,
    object,
    position
FROM events
WHERE kind IN ('start_call', 'resume_call', 'terminate_call', 'other_call')
    AND event_time <= as_of()
