//! How good an answer is, beside what people wrote: the measures of MigGPT (best match, semantic match, line edit distance).
//!
//! In come the bytes of an answer and of one or two accepted texts, out goes a [`Verdict`]; a [`Tally`] sums verdicts over a data
//! set whose size is fixed before, so that a missing answer counts as a failure.
//!
//! ```text
//!   answer, truth --+-- best_match     equal once all whitespace is gone
//!                   +-- code_bleu      n_gram, weighted n_gram, syntax, data_flow; semantic if the mean is > 0.9
//!                   +-- line_distance  inserted + deleted + substituted lines
//! ```

pub mod code_bleu;
mod data_flow;
mod known;
mod line_distance;
mod n_gram;
mod python_text;
mod syntax_match;
mod tally;
mod tokens;

pub use code_bleu::{CodeBleu, code_bleu};
pub use line_distance::line_distance;
pub use tally::{MIGGPT_ALL, MIGGPT_TYPE1, MIGGPT_TYPE2, Miss, Tally};

use python_text::is_space;

/// A CodeBLEU must be above this, not equal to it, to be a semantic match (MigGPT, App. F.6).
pub const SEMANTIC_ABOVE: f64 = 0.9;

/// How near an answer came, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closeness {
    /// Equal to an accepted text but for whitespace. A semantic match as well, by definition.
    Best,
    /// CodeBLEU above [`SEMANTIC_ABOVE`].
    Semantic,
    /// Neither.
    Apart,
}

/// What is said of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Beside the accepted text it is nearest to.
    pub closeness: Closeness,
    /// Line edit distance, in lines, to the accepted text with the least.
    pub distance: usize,
}

/// Judges an answer by the accepted text, and by a second one where the data set has one.
pub fn judge(answer: &[u8], truth: &[u8], other_truth: Option<&[u8]>) -> Verdict {
    let against = |truth| Verdict { closeness: closeness(answer, truth), distance: line_distance(answer, truth) };
    let first = against(truth);
    other_truth.map(against).map_or(first, |second| Verdict {
        closeness: first.closeness.min(second.closeness),
        distance: first.distance.min(second.distance),
    })
}

/// Best, semantic, or neither. Texts too long for CodeBLEU can only be best matches.
pub fn closeness(answer: &[u8], truth: &[u8]) -> Closeness {
    if best_match(answer, truth) {
        return Closeness::Best;
    }
    match code_bleu(answer, truth) {
        Some(parts) if parts.score() > SEMANTIC_ABOVE => Closeness::Semantic,
        _ => Closeness::Apart,
    }
}

/// Whether the texts are equal once all whitespace is removed.
///
/// Whitespace is what Python's `str.split()` takes for it, in the parts of the text that are UTF-8; other bytes must be equal.
pub fn best_match(answer: &[u8], truth: &[u8]) -> bool {
    solid(answer).eq(solid(truth))
}

/// A character of a text, or a byte that is none.
#[derive(PartialEq, Eq)]
enum Piece {
    /// UTF-8.
    Char(char),
    /// Not UTF-8.
    Byte(u8),
}

/// The text without its whitespace.
fn solid(text: &[u8]) -> impl Iterator<Item = Piece> + '_ {
    text.utf8_chunks().flat_map(|chunk| {
        let chars = chunk.valid().chars().filter(|c| !is_space(*c)).map(Piece::Char);
        chars.chain(chunk.invalid().iter().copied().map(Piece::Byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_best_match_ignores_whitespace_and_nothing_else() {
        assert!(best_match(b"int a;\r\n\tb ();", b"int a; b( );\n"));
        assert!(best_match("a\u{a0}b".as_bytes(), b"ab"));
        assert!(best_match(b"", b" \n"));
        assert!(!best_match(b"int a;", b"int b;"));
        assert!(!best_match(b"a", b"ab"));
    }

    #[test]
    fn bytes_that_are_no_text_are_compared_as_they_are() {
        assert!(best_match(b"a \xe9 b", b"a\xe9b"));
        assert!(!best_match(b"a\xe9", b"a\xe8"));
        assert!(!best_match(b"a\xe9", "a\u{fffd}".as_bytes()));
    }

    #[test]
    fn a_best_match_stays_one_where_code_bleu_is_low() {
        assert!(code_bleu(b"a", b"a").expect("short").score() < SEMANTIC_ABOVE);
        assert_eq!(closeness(b"a", b"a"), Closeness::Best);
        assert_eq!(closeness(b"", b""), Closeness::Best);
        assert!(Closeness::Best < Closeness::Semantic);
    }

    #[test]
    fn a_small_change_in_a_long_function_is_semantic() {
        let truth: String = (0..40).map(|i| format!("\tfoo_write(foo, REG_{i}, val_{i});\n")).collect();
        let truth = format!("void foo_setup(struct foo *foo)\n{{\n{truth}}}\n");
        let answer = truth.replace("REG_7,", "REG_8,");
        assert_eq!(
            judge(answer.as_bytes(), truth.as_bytes(), None),
            Verdict { closeness: Closeness::Semantic, distance: 1 }
        );
        assert_eq!(closeness(b"int a;", truth.as_bytes()), Closeness::Apart);
    }

    #[test]
    fn a_second_truth_can_only_help() {
        let verdict = judge(b"a\nb\n", b"x\ny\nz\n", Some(b"a b\n"));
        assert_eq!(verdict, Verdict { closeness: Closeness::Best, distance: 2 });
    }

    #[test]
    fn a_text_too_long_for_code_bleu_can_be_a_best_match_or_none() {
        let long = "a;\n".repeat(2_000_000);
        assert_eq!(closeness(long.as_bytes(), long.as_bytes()), Closeness::Best);
        assert_eq!(closeness(long.as_bytes(), long.replacen('a', "b", 1).as_bytes()), Closeness::Apart);
    }
}
