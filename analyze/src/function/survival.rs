//! Kaplan–Meier on plain numbers (ruling R28).

/// What was seen of one subject: until when, in seconds, and whether it ended then (else it was lost from sight).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) seconds: f64,
    pub(super) ended: bool,
}

/// The share S(t) that has not ended by t, as steps: from each time on, the share.
#[derive(Debug)]
pub(super) struct Survival {
    steps: Vec<(f64, Share)>,
    last: Option<f64>,
}

impl Survival {
    /// The estimate from what was seen. At equal times ends come before losses: who was lost at t was still there when others ended.
    pub(super) fn estimate(mut seen: Vec<Seen>) -> Self {
        seen.sort_unstable_by(|left, right| left.seconds.total_cmp(&right.seconds));
        let mut steps: Vec<(f64, Share)> = Vec::new();
        let mut at_risk = seen.len() as u128;
        let mut share = Share::WHOLE;
        for together in seen.chunk_by(|left, right| left.seconds == right.seconds) {
            let ended = together.iter().filter(|seen| seen.ended).count() as u128;
            if ended > 0 {
                share = share.times(at_risk - ended, at_risk);
                steps.push((together[0].seconds, share));
            }
            at_risk -= together.len() as u128;
        }
        Self { steps, last: seen.last().map(|seen| seen.seconds) }
    }

    /// The smallest t with S(t) ≤ 1 − `share`; `None` where that is not reached. `share` is exact to a millionth.
    pub(super) fn percentile(&self, share: f64) -> Option<f64> {
        self.steps.iter().find(|(_, left)| left.is_at_most_without(share)).map(|(seconds, _)| *seconds)
    }

    /// ∫ S from 0 to `tau`: the mean time until the end where nothing is waited for longer than that. `None` of nothing, and
    /// where S > 0 at the last time and that is before `tau`.
    pub(super) fn restricted_mean(&self, tau: f64) -> Option<f64> {
        let gone = self.steps.last().is_some_and(|(_, share)| share.is_none());
        if self.last? < tau && !gone {
            return None;
        }
        let (mut area, mut since, mut share) = (0.0, 0.0, 1.0);
        for (seconds, following) in &self.steps {
            // No evidence gives an end before the breach that it proves (ruling R10); should one come, it ends at once.
            let until = seconds.clamp(0.0, tau);
            area += share * (until - since);
            (since, share) = (until, following.as_f64());
        }
        Some(area + share * (tau - since))
    }
}

/// A share as an exact fraction, while it fits; as a double once it does not.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Share {
    Exact { numerator: u128, denominator: u128 },
    Rounded(f64),
}

impl Share {
    const WHOLE: Self = Self::Exact { numerator: 1, denominator: 1 };

    fn times(self, left: u128, of: u128) -> Self {
        match self {
            Self::Exact { numerator, denominator } => {
                let (above, below) = (gcd(numerator, of), gcd(left, denominator));
                // With `left` 0, `below` is the denominator itself, and the fraction becomes 0 / 1.
                match ((numerator / above).checked_mul(left / below), (denominator / below).checked_mul(of / above)) {
                    (Some(numerator), Some(denominator)) => Self::Exact { numerator, denominator },
                    _ => Self::Rounded(self.as_f64() * ratio(left, of)),
                }
            }
            Self::Rounded(share) => Self::Rounded(share * ratio(left, of)),
        }
    }

    fn is_none(self) -> bool {
        self.as_f64() == 0.0
    }

    fn as_f64(self) -> f64 {
        match self {
            Self::Exact { numerator, denominator } => ratio(numerator, denominator),
            Self::Rounded(share) => share,
        }
    }

    /// S ≤ 1 − share.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is 0 to 1, so its parts are 0 to a million")]
    fn is_at_most_without(self, share: f64) -> bool {
        let left = PARTS - (share * 1e6).round() as u128;
        if let Self::Exact { numerator, denominator } = self
            && let (Some(own), Some(bound)) = (numerator.checked_mul(PARTS), denominator.checked_mul(left))
        {
            return own <= bound;
        }
        // Rounding after some thousand steps stays below a ten-billionth.
        self.as_f64() <= ratio(left, PARTS) * (1.0 + 1e-10)
    }
}

#[expect(clippy::cast_precision_loss, reason = "both are rounded to 53 bits, and so is their ratio")]
fn ratio(numerator: u128, denominator: u128) -> f64 {
    numerator as f64 / denominator as f64
}

fn gcd(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.max(1)
}

const PARTS: u128 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::{Seen, Survival};

    fn seen(ends: &[f64], losses: &[f64]) -> Survival {
        let of = |times: &[f64], ended| times.iter().map(|&seconds| Seen { seconds, ended }).collect::<Vec<_>>();
        Survival::estimate([of(ends, true), of(losses, false)].concat())
    }

    #[test]
    fn a_sample_that_was_worked_out_on_paper() {
        // Ten: ends at 100, 300, 300, 600, 900; losses at 300, 700, 4000, 4000, 4000.
        // S: 9/10 from 100; of 9 two end at 300 (the loss at 300 is still there): 9/10 · 7/9 = 7/10; of 6 one at 600: 7/10 · 5/6 = 7/12;
        // of 4 (700 is gone) one at 900: 7/12 · 3/4 = 7/16.
        let survival = seen(&[100.0, 300.0, 300.0, 600.0, 900.0], &[300.0, 700.0, 4_000.0, 4_000.0, 4_000.0]);
        assert_eq!(survival.percentile(0.1), Some(100.0));
        assert_eq!(survival.percentile(0.3), Some(300.0));
        assert_eq!(survival.percentile(0.5), Some(900.0));
        assert_eq!(survival.percentile(0.9), None);
        // 100 + 0.9 · 200 + 0.7 · 300 + 7/12 · 300 + 7/16 · 2700 = 100 + 180 + 210 + 175 + 1181.25
        assert_eq!(survival.restricted_mean(3_600.0), Some(1_846.25));
        assert_eq!(survival.restricted_mean(4_000.0), Some(2_021.25));
        assert_eq!(survival.restricted_mean(4_000.1), None, "nothing is known beyond the last time");
    }

    #[test]
    fn exactly_half_is_reached() {
        assert_eq!(seen(&[10.0], &[20.0]).percentile(0.5), Some(10.0));
        // 1 - 1/3 - 1/3 … in doubles is not 1/3; as a fraction it is.
        let survival = seen(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], &[10.0]);
        assert_eq!(survival.percentile(0.9), Some(9.0));
    }

    #[test]
    fn nothing_and_all() {
        assert_eq!((seen(&[], &[]).percentile(0.5), seen(&[], &[]).restricted_mean(10.0)), (None, None));
        assert_eq!(seen(&[4.0, 8.0], &[]).restricted_mean(86_400.0), Some(6.0));
        assert_eq!(seen(&[], &[5.0]).restricted_mean(5.0), Some(5.0));
        assert_eq!(seen(&[], &[5.0]).restricted_mean(6.0), None);
        assert_eq!(seen(&[-3.0], &[]).restricted_mean(6.0), Some(0.0));
    }

    #[test]
    fn many_losses_between_many_ends_do_not_overflow() {
        let ends: Vec<f64> = (0..5_000).map(|n| f64::from(2 * n)).collect();
        let losses: Vec<f64> = (0..5_000).map(|n| f64::from(2 * n + 1)).collect();
        let survival = seen(&ends, &losses);
        // Half are lost on the way, evenly, so S(t) is near the square root of what is left: one half once three quarters are gone.
        let median = survival.percentile(0.5).unwrap_or_default();
        assert!((7_400.0..7_600.0).contains(&median), "{median}");
        assert!(survival.restricted_mean(1_000.0).is_some());
    }
}
