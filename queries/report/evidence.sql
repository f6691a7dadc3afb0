-- question: How well do we know what we say, account by account?
-- unit: sessions; known_end_percent in percent; hours_not_read in hours
-- grain: account_id
-- definition: kpi_evidence
SELECT
    account_id,
    sessions,
    end_history,
    end_terminate_call,
    end_transcript,
    end_upload,
    end_stream,
    end_unknown,
    known_end_percent,
    violations,
    violations_tier_c_only,
    violations_uncorroborated_terminate,
    hours_not_read
FROM kpi_evidence
WHERE week_start = $start
ORDER BY account_id
