-- question: Which findings are open?
-- unit: findings
-- grain: finding_id
-- definition: findings
-- needs: findings
-- columns:
--   subject: What it is about. Hostile text, where it is a session.
SELECT severity, rule, certainty, opened_at, account_id, region, subject_kind, subject, tier, owner, detail, finding_id
FROM findings
WHERE opened_at < $end_at
    AND (closed_at IS NULL OR closed_at >= $end_at)
ORDER BY CASE severity WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, opened_at, finding_id
