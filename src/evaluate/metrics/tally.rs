//! Verdicts summed over a data set.
//!
//! In comes the size of the data set, then a [`Verdict`] for every sample that has an answer; out go shares. The size is what
//! shares are of, whatever came in: a sample for which nothing was retrieved, or for which no answer came, has failed.

use super::{Closeness, Verdict};

/// Samples of MigGPT's data set whose change does not touch the patch.
pub const MIGGPT_TYPE1: usize = 80;

/// Samples of MigGPT's data set whose change overlaps or touches the patch.
pub const MIGGPT_TYPE2: usize = 55;

/// All samples of MigGPT's data set.
pub const MIGGPT_ALL: usize = MIGGPT_TYPE1 + MIGGPT_TYPE2;

/// How far an answer is off that is no best match, by line edit distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Miss {
    /// Less than 3 lines.
    Below3,
    /// 3 to 5 lines.
    From3To5,
    /// 6 to 8 lines.
    From6To8,
    /// 9 lines or more.
    From9,
}

impl Miss {
    /// All bins, nearest first.
    pub const ALL: [Self; 4] = [Self::Below3, Self::From3To5, Self::From6To8, Self::From9];

    /// The bin of a distance in lines.
    pub fn of(distance: usize) -> Self {
        match distance {
            0..3 => Self::Below3,
            3..6 => Self::From3To5,
            6..9 => Self::From6To8,
            _ => Self::From9,
        }
    }

    /// As in a table's head.
    pub fn label(self) -> &'static str {
        match self {
            Self::Below3 => "<3",
            Self::From3To5 => "3-5",
            Self::From6To8 => "6-8",
            Self::From9 => ">=9",
        }
    }
}

/// The sums of one data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Samples of the data set.
    samples: usize,
    /// Answers seen.
    answers: usize,
    /// Best matches.
    best: usize,
    /// Semantic matches, best ones included.
    semantic: usize,
    /// Lines of distance over all answers.
    distance: usize,
    /// By [`Miss`]: answers that are no best match.
    misses: [usize; 4],
}

impl Tally {
    /// For a data set of so many samples.
    pub fn over(samples: usize) -> Self {
        Self { samples, answers: 0, best: 0, semantic: 0, distance: 0, misses: [0; 4] }
    }

    /// Counts a sample that has an answer. Samples without are counted by leaving them out.
    pub fn add(&mut self, verdict: &Verdict) {
        self.answers += 1;
        self.distance += verdict.distance;
        self.best += usize::from(verdict.closeness == Closeness::Best);
        self.semantic += usize::from(verdict.closeness <= Closeness::Semantic);
        if verdict.closeness != Closeness::Best {
            let miss = Miss::of(verdict.distance);
            for (bin, count) in Miss::ALL.iter().zip(&mut self.misses) {
                *count += usize::from(*bin == miss);
            }
        }
    }

    /// What shares are of: the size of the data set, unless more answers came than it has samples.
    pub fn samples(&self) -> usize {
        self.samples.max(self.answers)
    }

    /// Samples without an answer.
    pub fn unanswered(&self) -> usize {
        self.samples() - self.answers
    }

    /// Best matches.
    pub fn best(&self) -> usize {
        self.best
    }

    /// Semantic matches; every best match is one.
    pub fn semantic(&self) -> usize {
        self.semantic
    }

    /// Share of best matches, 0 to 1.
    pub fn best_share(&self) -> f64 {
        share(self.best, self.samples())
    }

    /// Share of semantic matches, 0 to 1.
    pub fn semantic_share(&self) -> f64 {
        share(self.semantic, self.samples())
    }

    /// Mean line edit distance of the answers, in lines. Samples without answer have no distance and are not in it.
    pub fn mean_distance(&self) -> f64 {
        share(self.distance, self.answers)
    }

    /// Answers that are no best match, by how far they are off.
    pub fn misses(&self) -> impl Iterator<Item = (Miss, usize)> + '_ {
        Miss::ALL.into_iter().zip(self.misses)
    }
}

/// `part` of `all`, 0 of nothing.
#[allow(clippy::cast_precision_loss)]
fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A verdict.
    fn verdict(closeness: Closeness, distance: usize) -> Verdict {
        Verdict { closeness, distance }
    }

    #[test]
    fn bins_end_at_3_6_and_9_lines() {
        let labels: Vec<&str> = (0..=10).map(|d| Miss::of(d).label()).collect();
        assert_eq!(labels, ["<3", "<3", "<3", "3-5", "3-5", "3-5", "6-8", "6-8", "6-8", ">=9", ">=9"]);
    }

    #[test]
    fn a_best_match_is_a_semantic_match_and_in_no_bin() {
        let mut tally = Tally::over(4);
        tally.add(&verdict(Closeness::Best, 1));
        tally.add(&verdict(Closeness::Semantic, 3));
        tally.add(&verdict(Closeness::Apart, 12));
        assert_eq!((tally.best(), tally.semantic()), (1, 2));
        assert_eq!(tally.misses().map(|(_, count)| count).collect::<Vec<_>>(), [0, 1, 0, 1]);
        assert!((tally.mean_distance() - 16.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_sample_without_answer_has_failed() {
        let mut tally = Tally::over(MIGGPT_TYPE2);
        (0..11).for_each(|_| tally.add(&verdict(Closeness::Best, 0)));
        assert!((tally.best_share() - 0.2).abs() < 1e-12);
        assert!((tally.semantic_share() - 0.2).abs() < 1e-12);
        assert_eq!(tally.unanswered(), 44);
        assert_eq!((MIGGPT_TYPE1, MIGGPT_TYPE2, MIGGPT_ALL), (80, 55, 135));
    }

    #[test]
    fn an_empty_data_set_has_shares_of_zero() {
        assert_eq!(Tally::over(0).best_share().to_bits(), 0.0_f64.to_bits());
        assert_eq!(Tally::over(0).mean_distance().to_bits(), 0.0_f64.to_bits());
    }
}
