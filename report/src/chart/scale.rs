//! Where the marks of an axis stand: round numbers, and round times.

use crate::Unit;
use crate::shown::lasting;

/// The marks of an axis from nothing to at least `most`, the last of them its end.
pub(super) fn marks(most: f64, unit: Unit, wanted: usize) -> Vec<f64> {
    if unit == Unit::Percent {
        return vec![0.0, 25.0, 50.0, 75.0, 100.0];
    }
    let most = if most > 0.0 && most.is_finite() { most } else { 1.0 };
    let rough = most / f64::from(u32::try_from(wanted.max(1)).unwrap_or(1));
    let step = match unit {
        Unit::Seconds => TIMES.into_iter().find(|step| *step >= rough).unwrap_or_else(|| round(rough / DAY) * DAY),
        // There is no half session.
        Unit::None | Unit::Bytes => round(rough).max(1.0),
        Unit::Hours | Unit::Percent => round(rough),
    };
    let mut marks = vec![0.0];
    let mut at = 0.0;
    while at < most {
        at += step;
        marks.push(at);
    }
    marks
}

/// What stands at a mark.
pub(super) fn label(mark: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds => lasting(mark),
        Unit::Percent => format!("{mark:.0} %"),
        Unit::Hours => format!("{mark} h"),
        Unit::Bytes if mark >= 1e6 => format!("{:.0} MB", mark / 1e6),
        Unit::Bytes | Unit::None => format!("{mark}"),
    }
}

/// The next of 1, 2, 5, 10, 20, …
fn round(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

const DAY: f64 = 86_400.0;
const TIMES: [f64; 16] = [1.0, 5.0, 15.0, 30.0, 60.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 21_600.0, 43_200.0, DAY, 2.0 * DAY];
