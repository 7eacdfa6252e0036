//! Logistic regression: the coefficients that make a few hundred answers, right or wrong, most likely.
//!
//! Newton's method (iteratively reweighted least squares) on standardised values, with a Gaussian prior on every coefficient but the
//! first: so few answers would else be learned by heart. Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 4.4.

use crate::verify::confidence::sigmoid;

/// Strength of the prior, as so many answers that say nothing.
const PRIOR: f64 = 1.0;
/// It converges in less than ten.
const STEPS: usize = 50;
/// A step that is shorter in every direction is the last.
const CONVERGED: f64 = 1e-9;

/// What is known of one answer.
#[derive(Clone, Debug)]
pub struct Known {
    /// The values of its features, as many for each.
    pub values: Vec<f64>,
    /// It was right.
    pub right: bool,
}

/// The coefficient of one, and one of each feature. Without answers all are 0; what is the same in all answers gets 0.
pub fn fit(known: &[Known]) -> Vec<f64> {
    let Some(width) = known.first().map(|k| k.values.len()) else { return Vec::new() };
    let scales: Vec<Scale> = (0..width).map(|at| Scale::of(known.iter().map(|k| k.values[at]))).collect();
    let row = |k: &Known| {
        let scaled = k.values.iter().zip(&scales).map(|(v, s)| s.apply(*v));
        std::iter::once(1.0).chain(scaled).collect::<Vec<f64>>()
    };
    let rows: Vec<(Vec<f64>, f64)> = known.iter().map(|k| (row(k), f64::from(u8::from(k.right)))).collect();
    let mut found = vec![0.0; width + 1];
    for _ in 0..STEPS {
        let step = newton(&rows, &found);
        found.iter_mut().zip(&step).for_each(|(f, s)| *f += s);
        if step.iter().all(|s| s.abs() < CONVERGED) {
            break;
        }
    }
    for (at, scale) in scales.iter().enumerate() {
        found[at + 1] /= scale.spread;
        found[0] -= found[at + 1] * scale.mean;
    }
    found
}

/// A step towards the maximum.
fn newton(rows: &[(Vec<f64>, f64)], at: &[f64]) -> Vec<f64> {
    let width = at.len();
    let mut gradient: Vec<f64> = at.iter().map(|c| -PRIOR * c).collect();
    let mut curvature = vec![vec![0.0; width]; width];
    for (i, row) in curvature.iter_mut().enumerate() {
        row[i] = PRIOR;
    }
    // The first is the share of right answers, which no prior should draw to a half.
    gradient[0] = 0.0;
    curvature[0][0] = 1e-9;
    for (row, right) in rows {
        let likely = sigmoid(row.iter().zip(at).map(|(v, c)| v * c).sum());
        let weight = likely * (1.0 - likely);
        for i in 0..width {
            gradient[i] += row[i] * (right - likely);
            for j in 0..width {
                curvature[i][j] += weight * row[i] * row[j];
            }
        }
    }
    solve(curvature, gradient)
}

/// Solves a system of as many equations as unknowns by elimination; an equation that says nothing gives 0.
fn solve(mut left: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for at in 0..width {
        let pivot = (at..width).max_by(|a, b| left[*a][at].abs().total_cmp(&left[*b][at].abs())).unwrap_or(at);
        left.swap(at, pivot);
        right.swap(at, pivot);
        if left[at][at].abs() < f64::EPSILON {
            continue;
        }
        for below in at + 1..width {
            let factor = left[below][at] / left[at][at];
            let (above, rest) = left.split_at_mut(below);
            rest[0].iter_mut().zip(&above[at]).skip(at).for_each(|(b, a)| *b -= factor * a);
            right[below] -= factor * right[at];
        }
    }
    for at in (0..width).rev() {
        let known: f64 = (at + 1..width).map(|i| left[at][i] * right[i]).sum();
        right[at] = if left[at][at].abs() < f64::EPSILON { 0.0 } else { (right[at] - known) / left[at][at] };
    }
    right
}

/// Where the values of a feature lie.
struct Scale {
    mean: f64,
    spread: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count: f64 = values.clone().map(|_| 1.0).sum();
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        Self { mean, spread: if variance > 0.0 { variance.sqrt() } else { 1.0 } }
    }

    fn apply(&self, value: f64) -> f64 {
        (value - self.mean) / self.spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(of: &[(f64, f64, usize, usize)]) -> Vec<Known> {
        let each = |(a, b, right, wrong): &(f64, f64, usize, usize)| {
            let one = |right| Known { values: vec![*a, *b], right };
            [vec![one(true); *right], vec![one(false); *wrong]].concat()
        };
        of.iter().flat_map(each).collect()
    }

    #[test]
    fn what_tells_right_from_wrong_gets_a_coefficient_and_what_does_not_gets_none() {
        let found = fit(&known(&[(0.0, 0.0, 80, 20), (0.0, 1.0, 80, 20), (1.0, 0.0, 20, 80), (1.0, 1.0, 20, 80)]));
        assert!(found[1] < -2.0, "{found:?}");
        assert!(found[2].abs() < 1e-6, "{found:?}");
        assert!((sigmoid(found[0]) - 0.8).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn what_always_goes_together_with_being_right_stays_finite() {
        let found = fit(&known(&[(0.0, 3.0, 50, 0), (1.0, 3.0, 0, 50)]));
        assert!(found.iter().all(|c| c.is_finite() && c.abs() < 20.0), "{found:?}");
        assert_eq!(found[2], 0.0, "the same in all answers");
    }

    #[test]
    fn without_answers_there_are_no_coefficients() {
        assert!(fit(&[]).is_empty());
    }
}
