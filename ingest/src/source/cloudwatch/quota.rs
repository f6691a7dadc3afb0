//! How many calls CloudWatch Logs grants.

/// Calls of `FilterLogEvents` a second that an account is granted in a region. The quota cannot be raised, and whoever else asks in the account
/// shares it. Source: service quotas of CloudWatch Logs: 25 in us-east-1, 5 or 10 elsewhere.
pub(super) fn quota(region: &str) -> f64 {
    QUOTAS.iter().find(|(name, _)| *name == region).map_or(ELSEWHERE, |(_, calls)| *calls)
}

const QUOTAS: [(&str, f64); 1] = [("us-east-1", 25.0)];
const ELSEWHERE: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_asked_than_is_granted() {
        assert!((quota("us-east-1") - 25.0).abs() < f64::EPSILON && (quota("eu-west-1") - 5.0).abs() < f64::EPSILON);
    }
}
