//! Figures about predictions whose truth is known.

use std::collections::BTreeMap;

/// A prediction beside the truth.
#[derive(Clone, Debug)]
pub struct Judged {
    /// P(right), as it was predicted.
    pub likely: f64,
    /// Was it right?
    pub right: bool,
    /// What it is counted with: its method, for instance.
    pub group: String,
    /// Lines that were expected to differ.
    pub predicted: f64,
    /// Lines that do.
    pub distance: f64,
}

/// A share with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// From 0 to 1.
    pub share: f64,
    /// Where it may lie.
    pub low: f64,
    /// Where it may lie.
    pub high: f64,
}

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_964;

/// The share of `right` in `all`, with Wilson's 95 % interval (E. B. Wilson, JASA 22, 1927).
pub fn wilson(right: usize, all: usize) -> Share {
    let n = float(all.max(1));
    let share = float(right) / n;
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Share { share, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

/// Those in the same slice of the confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Slice {
    /// How many.
    pub all: usize,
    /// Of these, right.
    pub right: usize,
    /// Sum of their confidences.
    pub likely: f64,
}

/// Cuts the confidence from 0 to 1 into so many slices.
pub fn slices(judged: &[Judged], count: usize) -> Vec<Slice> {
    let mut slices = vec![Slice::default(); count];
    for one in judged {
        // Boundaries belong to the slice above.
        let at = (1..count).filter(|k| one.likely * float(count) >= float(*k)).count();
        let slice = &mut slices[at];
        slice.all += 1;
        slice.right += usize::from(one.right);
        slice.likely += one.likely;
    }
    slices
}

/// Expected calibration error over ten slices.
pub fn calibration_error(judged: &[Judged]) -> f64 {
    let off = slices(judged, 10).iter().map(|s| (s.likely - float(s.right)).abs()).sum::<f64>();
    off / float(judged.len().max(1))
}

/// Mean squared difference of prediction and truth.
pub fn brier(judged: &[Judged]) -> f64 {
    let off = judged.iter().map(|j| (j.likely - f64::from(u8::from(j.right))).powi(2)).sum::<f64>();
    off / float(judged.len().max(1))
}

/// The chance that a right one is surer than a wrong one; ties count half. A half if there is nothing to compare.
pub fn auroc(judged: &[Judged]) -> f64 {
    let (mut wrong_below, mut pairs) = (0.0, 0.0);
    let (mut wrong_seen, wrong_all) = (0.0, float(judged.iter().filter(|j| !j.right).count()));
    for tied in groups_of_equals(judged).iter().rev() {
        let right = float(tied.iter().filter(|j| j.right).count());
        let wrong = float(tied.len()) - right;
        wrong_below += right * (wrong_seen + wrong / 2.0);
        pairs += right * wrong_all;
        wrong_seen += wrong;
    }
    if pairs == 0.0 { 0.5 } else { wrong_below / pairs }
}

/// The surest first, those of the same confidence together.
fn groups_of_equals(judged: &[Judged]) -> Vec<Vec<&Judged>> {
    let mut sorted: Vec<&Judged> = judged.iter().collect();
    sorted.sort_by(|a, b| b.likely.total_cmp(&a.likely));
    sorted.chunk_by(|a, b| a.likely.total_cmp(&b.likely).is_eq()).map(<[_]>::to_vec).collect()
}

/// For each confidence, from the highest down: how many are at least that sure, and how many of these are right.
pub fn taken(judged: &[Judged]) -> Vec<(usize, usize)> {
    let (mut all, mut right) = (0, 0);
    let each = |tied: &Vec<&Judged>| {
        all += tied.len();
        right += tied.iter().filter(|j| j.right).count();
        (all, right)
    };
    groups_of_equals(judged).iter().map(each).collect()
}

/// The largest share that can be taken with at least this precision.
pub fn coverage_at(judged: &[Judged], precision: f64) -> f64 {
    let enough = taken(judged).into_iter().filter(|(all, right)| float(*right) >= precision * float(*all));
    enough.map(|(all, _)| float(all)).fold(0.0, f64::max) / float(judged.len().max(1))
}

/// Mean absolute error of the predicted distance, and of predicting none.
pub fn mean_distances(judged: &[Judged]) -> (f64, f64) {
    let n = float(judged.len().max(1));
    let ours = judged.iter().map(|j| (j.predicted - j.distance).abs()).sum::<f64>();
    (ours / n, judged.iter().map(|j| j.distance).sum::<f64>() / n)
}

/// How many of each group there are, and how many of them are right.
pub fn groups(judged: &[Judged]) -> Vec<(&str, usize, usize)> {
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in judged {
        let counts = found.entry(&one.group).or_default();
        counts.0 += 1;
        counts.1 += usize::from(one.right);
    }
    let mut groups: Vec<_> = found.into_iter().map(|(name, (all, right))| (name, all, right)).collect();
    groups.sort_by_key(|(_, all, _)| std::cmp::Reverse(*all));
    groups
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts of files are far below 2^52")]
pub fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(likely: f64, right: bool) -> Judged {
        Judged { likely, right, group: String::new(), predicted: 0.0, distance: 0.0 }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn wilsons_interval_is_that_of_the_books() {
        let half = wilson(5, 10);
        assert!(close(half.low, 0.2366) && close(half.high, 0.7634), "{half:?}");
        let none = wilson(0, 10);
        assert!(close(none.low, 0.0) && close(none.high, 0.2775), "{none:?}");
        assert_eq!(wilson(0, 0).share, 0.0);
    }

    #[test]
    fn ranking_is_perfect_reversed_or_of_no_use() {
        let good = [judged(0.9, true), judged(0.8, true), judged(0.2, false)];
        assert!(close(auroc(&good), 1.0));
        assert!(close(auroc(&good.clone().map(|j| judged(1.0 - j.likely, j.right))), 0.0));
        assert!(close(auroc(&[judged(0.5, true), judged(0.5, false)]), 0.5));
        assert!(close(auroc(&[judged(0.5, true)]), 0.5));
    }

    #[test]
    fn coverage_is_what_can_be_taken_with_the_precision() {
        let some = [judged(0.9, true), judged(0.8, true), judged(0.7, false), judged(0.6, true)];
        assert!(close(coverage_at(&some, 1.0), 0.5));
        assert!(close(coverage_at(&some, 0.75), 1.0));
        assert_eq!(taken(&some), [(1, 1), (2, 2), (3, 2), (4, 3)]);
        // What is equally sure is taken together or not at all.
        assert!(close(coverage_at(&[judged(0.9, true), judged(0.9, false)], 0.95), 0.0));
    }

    #[test]
    fn a_slice_holds_what_begins_at_its_boundary() {
        let found = slices(&[judged(0.0, true), judged(0.1, true), judged(0.99, false), judged(1.0, true)], 10);
        assert_eq!(found.iter().map(|s| s.all).collect::<Vec<_>>(), [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
        assert!(close(calibration_error(&[judged(0.8, true), judged(0.8, false)]), 0.3));
    }
}
