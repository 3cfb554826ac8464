//! Samples whose answers are known.
use super::*;

fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-3, "{one} is not {other}");
}

#[test]
fn the_middle_and_the_end() {
    let values = [5.0, 1.0, 3.0, 2.0, 4.0];
    near(median(&values), 3.0);
    near(quantile(&values, 0.99), 5.0);
    near(median(&[]), 0.0);
}

#[test]
fn chances_of_the_normal_distribution() {
    for (z, chance) in [(0.0, 1.0), (1.0, 0.3173), (1.96, 0.05), (2.5758, 0.01), (5.0, 0.0)] {
        near(beyond(z), chance);
    }
}

#[test]
fn samples_that_are_alike_and_samples_that_are_not() {
    let even: Vec<f64> = (0..1000).map(|n| f64::from(n * 2)).collect();
    let odd: Vec<f64> = (0..1000).map(|n| f64::from(n * 2 + 1)).collect();
    assert!(compared(&even, &odd) > 0.9);
    near(compared(&even, &even), 1.0);
    let later: Vec<f64> = even.iter().map(|value| value + 200.0).collect();
    assert!(compared(&even, &later) < 1e-6);
    near(compared(&[1.0; 50], &[1.0; 50]), 1.0);
}
