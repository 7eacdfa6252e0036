//! Several answers to one question: which one to take.
//!
//! In: the texts that samples or models came to, and those of the deterministic methods, whose word counts like a sample's. Out: the
//! one that differs least from all others; agreement of those who did not copy from each other is the best evidence there is.

use crate::merge::Change;
use crate::merge::delta::distance;

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Which sample.
    pub at: usize,
    /// How many samples say exactly the same, itself among them.
    pub equal: usize,
    /// How many deterministic methods do.
    pub confirmed: usize,
    /// Lines that differ from another sample or candidate, in the mean; 0 if it is alone.
    pub mean_distance: f64,
}

/// The sample nearest to all others; of equals the first. `None` without samples.
pub fn choose<T: AsRef<[u8]>, U: AsRef<[u8]>>(samples: &[T], candidates: &[U]) -> Option<Choice> {
    let others = || samples.iter().map(AsRef::as_ref).chain(candidates.iter().map(AsRef::as_ref));
    let apart = |one, other| distance(Change { before: one, after: other });
    let sum = |at: usize| others().map(|other| apart(samples[at].as_ref(), other)).sum::<usize>();
    let (at, sum) = (0..samples.len()).map(|at| (at, sum(at))).min_by_key(|(at, sum)| (*sum, *at))?;
    let same = |text: &[u8]| text == samples[at].as_ref();
    let count = others().count() - 1;
    Some(Choice {
        at,
        equal: samples.iter().filter(|text| same(text.as_ref())).count(),
        confirmed: candidates.iter().filter(|text| same(text.as_ref())).count(),
        #[allow(clippy::cast_precision_loss)]
        mean_distance: if count == 0 { 0.0 } else { sum as f64 / count as f64 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [&str; 0] = [];

    #[test]
    fn the_sample_that_most_agree_with_is_taken() {
        let chosen = choose(&["a\nx\n", "a\nb\n", "a\nb\n"], &NONE).expect("samples");
        assert_eq!((chosen.at, chosen.equal, chosen.confirmed), (1, 2, 0));
        assert!((chosen.mean_distance - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_deterministic_candidate_breaks_what_samples_leave_open() {
        assert_eq!(choose(&["a\n", "b\n"], &NONE).map(|c| c.at), Some(0), "of equals the first");
        let chosen = choose(&["a\n", "b\n"], &["b\n"]).expect("samples");
        assert_eq!((chosen.at, chosen.confirmed), (1, 1));
    }

    #[test]
    fn one_sample_is_taken_and_none_is_none() {
        let chosen = choose(&["a\n"], &NONE).expect("a sample");
        assert_eq!((chosen.at, chosen.mean_distance), (0, 0.0));
        assert_eq!(choose(&NONE, &["a\n"]), None);
    }

    #[test]
    fn the_middle_of_three_different_answers_is_taken() {
        assert_eq!(choose(&["a\nb\nc\nd\n", "a\nb\nc\nX\n", "a\nb\nY\nX\n"], &NONE).map(|c| c.at), Some(1));
    }
}
