//! What may be said of two samples. It must never assume that times are distributed normally: they are not.

/// The middle value; zero of none.
pub(super) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value that this part of the others does not exceed.
pub(super) fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of measurements"
    )]
    let at = ((sorted.len().saturating_sub(1)) as f64 * part).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

/// How likely two samples of one and the same thing differ at least as much as these: the test of Mann and Whitney, two-sided,
/// by the normal approximation, which is exact enough from some twenty values on.
#[expect(
    clippy::cast_precision_loss,
    reason = "there are thousands of measurements, not billions"
)]
pub(super) fn compared(one: &[f64], other: &[f64]) -> f64 {
    let (n, m) = (one.len() as f64, other.len() as f64);
    let tagged = |values: &[f64], first: bool| values.iter().map(move |value| (*value, first)).collect::<Vec<_>>();
    let mut all = tagged(one, true);
    all.extend(tagged(other, false));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut ties, mut before) = (0.0, 0.0, 0.0);
    for group in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let size = group.len() as f64;
        let rank = before + (size + 1.0) / 2.0;
        ranks += rank * group.iter().filter(|(_, first)| *first).count() as f64;
        ties += size * size * size - size;
        before += size;
    }
    let total = n + m;
    let u = ranks - n * (n + 1.0) / 2.0;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (u - n * m / 2.0).abs() / variance.sqrt();
    beyond(z)
}

/// How much of a normal distribution is at least so many deviations away, on both sides (Abramowitz and Stegun 7.1.26, to
/// seven places).
fn beyond(z: f64) -> f64 {
    const TERMS: [f64; 5] = [
        0.254_829_592,
        -0.284_496_736,
        1.421_413_741,
        -1.453_152_027,
        1.061_405_429,
    ];
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / 0.327_591_1_f64.mul_add(x, 1.0);
    let sum = TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    sum * (-x * x).exp()
}

#[cfg(test)]
mod tests;
