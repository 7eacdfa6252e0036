//! Lines of one form: the same but for words that are the patch's own.
//!
//! ```text
//!   line        a_init(dev);      words of the base: dev, a, init, other_init
//!   by words    _(dev);           the name is nobody else's, so anything may stand there
//!   by parts    a_init(dev);      and b_init(dev) is of the form of other_init(dev)
//! ```

use super::{NEAR, SHORTEST};
use crate::merge::delta::Hunk;
use crate::merge::line::alike;
use crate::syntax::lex::{is_name_byte, is_reserved};
use bstr::ByteSlice;
use rustc_hash::FxHashSet;

/// What a line is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Names.
    Words,
    /// What stands between the underscores of names.
    Parts,
}

impl Grain {
    /// The words of a text.
    pub fn known(self, text: &[u8]) -> FxHashSet<&[u8]> {
        text.split(|c| !self.is_of_word(*c)).collect()
    }

    fn is_of_word(self, c: u8) -> bool {
        is_name_byte(c) && (self == Self::Words || c != b'_')
    }

    /// What stands between the words of a line, and the words, in turn; white space left out.
    fn pieces(self, line: &[u8]) -> Vec<Vec<u8>> {
        let mut pieces = vec![Vec::new()];
        for c in line {
            let is_word = self.is_of_word(*c);
            if is_word != (pieces.len() % 2 == 0) {
                pieces.push(Vec::new());
            }
            if !c.is_ascii_whitespace() {
                pieces.last_mut().expect("it begins with one").push(*c);
            }
        }
        pieces
    }
}

/// A line with holes where its words are the patch's own.
pub struct Form<'a> {
    /// Words and what stands between them, without white space; None is a hole.
    pieces: Vec<Option<Vec<u8>>>,
    /// Words that are no holes.
    fixed: usize,
    /// Of them, those that are names and not the language's.
    pub telling: usize,
    /// The longest word that is no hole: a line without it need not be cut up.
    longest: Vec<u8>,
    line: &'a [u8],
    grain: Grain,
}

impl<'a> Form<'a> {
    /// `known` are the words of the base, as fine as `grain`.
    pub fn of(line: &'a [u8], grain: Grain, known: &FxHashSet<&[u8]>) -> Self {
        let mut form = Self { pieces: Vec::new(), fixed: 0, telling: 0, longest: Vec::new(), line, grain };
        for (at, piece) in grain.pieces(line).into_iter().enumerate() {
            let is_word = at % 2 == 1;
            if is_word && !known.contains(piece.as_slice()) {
                form.pieces.push(None);
                continue;
            }
            if is_word {
                form.fixed += 1;
                if piece.len() > form.longest.len() {
                    form.longest.clone_from(&piece);
                }
                form.telling += usize::from(piece.len() >= SHORTEST && !is_reserved(&piece));
            }
            form.pieces.push(Some(piece));
        }
        form
    }

    /// Does it say enough to be known by, or is the line of the base that has it near the hunk?
    pub fn is_known_at(&self, hunk: &Hunk, at: usize) -> bool {
        let near = at + NEAR >= hunk.before.start && at <= hunk.before.end + NEAR;
        self.telling >= 2 || near && self.fixed >= 2
    }

    /// Is another line written like that?
    pub fn has(&self, line: &[u8]) -> bool {
        if alike(line, self.line) {
            return true;
        }
        if line.find(&self.longest).is_none() {
            return false;
        }
        let pieces = self.grain.pieces(line);
        pieces.len() == self.pieces.len()
            && self.pieces.iter().zip(&pieces).all(|(wanted, found)| wanted.as_ref().is_none_or(|w| w == found))
    }
}
