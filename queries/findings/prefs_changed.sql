-- question: Who changed the preferences of Session Manager?
-- unit: findings
-- grain: account_id, region, subject, tier, opened_at
-- columns: as in the table shown
-- caveats: CloudTrail hides what was changed; `preference_changes` puts what was observed before and after beside it.
-- rulings: R2, R36
SELECT
    account_id,
    region,
    'event' AS subject_kind,
    event_id AS subject,
    CAST(NULL AS VARCHAR) AS session_id,
    CAST(NULL AS VARCHAR) AS tier,
    CAST(NULL AS VARCHAR) AS owner,
    event_time AS opened_at,
    arrow_cast(NULL, 'Timestamp(Microsecond, Some("UTC"))') AS closed_at,
    CAST(NULL AS VARCHAR) AS closed_by,
    json_object(named_struct(
        'event_name', event_name, 'document_name', document_name, 'document_version', document_version, 'principal_arn', principal_arn
    )) AS detail,
    json_object(named_struct('table', 'api_calls', 'event_id', event_id, 'source', source, 'object', object, 'position', position)) AS evidence
FROM api_calls
WHERE event_source = 'ssm.amazonaws.com'
    AND event_name IN ('CreateDocument', 'UpdateDocument', 'UpdateDocumentDefaultVersion', 'DeleteDocument', 'ModifyDocumentPermission')
    AND document_name = 'SSM-SessionManagerRunShell'
    AND error_code IS NULL
