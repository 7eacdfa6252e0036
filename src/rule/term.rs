//! Terms, hash-consed: two subtrees that say the same are one number.
//!
//! In: heads and children. Out: a [`TermId`] for each different term; equality is comparing two numbers, and the size of a
//! term is known without looking into it (spdiff, section 5.4). Layout and comments are no part of a term. Patterns live in
//! the same arena while they are worked with: a metavariable is a head of its own kind.
//!
//! ```text
//! f(a, 1)   0 identifier "f"   1 identifier "a"   2 number_literal "1"
//!           3 argument_list "" (1 2)              4 call_expression "_ _" (0 3)
//! ```

use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Recursion goes no deeper. Kernel functions nest some 40 nodes deep, generated tables some 60.
pub const MAX_DEPTH: u16 = 400;

/// The kind of the term that stands for nothing.
pub const NOTHING: &str = "nothing";

/// A word that occurs in a term, as a number of its arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(u32);

/// A term, as a number of its arena: equal terms have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(u32);

impl TermId {
    /// The number, which counts from 0 within its arena.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What stands at the top of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Head {
    /// A constructor: what the grammar calls it, and the text of a leaf or the template of a node (see `template`).
    Known {
        /// The grammar's name: `call_expression`; `atom` for terms that are no C.
        kind: &'static str,
        /// The text of a leaf; the tokens of a node with `_` for each child; empty for nodes that hold lists.
        word: Symbol,
    },
    /// A metavariable by its number; with children it stands for the head alone.
    Meta(u32),
    /// Anything at all, which is not remembered; in a list, any number of elements.
    Dots,
}

/// One node of the arena.
#[derive(Clone, Debug)]
struct Entry {
    head: Head,
    /// Where its children begin in `Terms::pool`.
    first: u32,
    /// How many children.
    count: u32,
    /// |a| = 1, |c(ts)| = 1 + sum of |t| (spdiff, section 4.1); saturating.
    size: u32,
    /// How deep it goes, a leaf 1; saturating.
    depth: u16,
    /// Whether a metavariable or dots are in it.
    open: bool,
    /// The next entry with the same hash.
    next: Option<TermId>,
}

/// The arena.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    entries: Vec<Entry>,
    pool: Vec<TermId>,
    /// Hash to the newest entry with it.
    known: FxHashMap<u64, TermId>,
    words: Vec<Box<[u8]>>,
    symbols: FxHashMap<Box<[u8]>, Symbol>,
}

impl Terms {
    /// An empty arena.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of a word.
    pub fn symbol(&mut self, word: &[u8]) -> Symbol {
        if let Some(known) = self.symbols.get(word) {
            return *known;
        }
        let new = Symbol(narrow(self.words.len()));
        self.words.push(word.into());
        self.symbols.insert(word.into(), new);
        new
    }

    /// The number of a word if it occurs in any term so far.
    pub fn known_symbol(&self, word: &[u8]) -> Option<Symbol> {
        self.symbols.get(word).copied()
    }

    /// The bytes of a word.
    pub fn word(&self, symbol: Symbol) -> &[u8] {
        self.words.get(symbol.0 as usize).map_or(&[], |word| word)
    }

    /// The term with this head and these children.
    pub fn node(&mut self, head: Head, children: &[TermId]) -> TermId {
        let key = hash(head, children);
        let mut at = self.known.get(&key).copied();
        while let Some(id) = at {
            if self.head(id) == head && self.children(id) == children {
                return id;
            }
            at = self.entries.get(id.index()).and_then(|entry| entry.next);
        }
        let size = children.iter().fold(1_u32, |sum, child| sum.saturating_add(self.size(*child)));
        let open = !matches!(head, Head::Known { .. }) || children.iter().any(|child| self.is_open(*child));
        let depth = children.iter().map(|child| self.depth(*child)).max().unwrap_or(0).saturating_add(1);
        let id = TermId(narrow(self.entries.len()));
        let next = self.known.insert(key, id);
        let (first, count) = (narrow(self.pool.len()), narrow(children.len()));
        self.pool.extend_from_slice(children);
        self.entries.push(Entry { head, first, count, size, depth, open, next });
        id
    }

    /// The term with a known head, whose word is told as bytes.
    pub fn known(&mut self, kind: &'static str, word: &[u8], children: &[TermId]) -> TermId {
        let word = self.symbol(word);
        self.node(Head::Known { kind, word }, children)
    }

    /// A metavariable alone.
    pub fn meta(&mut self, number: u32) -> TermId {
        self.node(Head::Meta(number), &[])
    }

    /// How many different terms there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What stands at the top.
    pub fn head(&self, id: TermId) -> Head {
        self.entries.get(id.index()).map_or(Head::Dots, |entry| entry.head)
    }

    /// The children, in order.
    pub fn children(&self, id: TermId) -> &[TermId] {
        let entry = self.entries.get(id.index());
        entry.and_then(|e| self.pool.get(e.first as usize..(e.first + e.count) as usize)).unwrap_or_default()
    }

    /// The number of nodes, at most `u32::MAX`.
    pub fn size(&self, id: TermId) -> u32 {
        self.entries.get(id.index()).map_or(0, |entry| entry.size)
    }

    /// How deep it goes, a leaf 1; what is deeper than [`MAX_DEPTH`] is compared as a whole and never opened by recursion.
    pub fn depth(&self, id: TermId) -> u16 {
        self.entries.get(id.index()).map_or(0, |entry| entry.depth)
    }

    /// Whether recursion over it is safe.
    pub fn is_shallow(&self, id: TermId) -> bool {
        self.depth(id) <= MAX_DEPTH
    }

    /// Whether it holds a metavariable or dots.
    pub fn is_open(&self, id: TermId) -> bool {
        self.entries.get(id.index()).is_some_and(|entry| entry.open)
    }

    /// What the grammar calls its head; empty for a metavariable.
    pub fn kind(&self, id: TermId) -> &'static str {
        match self.head(id) {
            Head::Known { kind, .. } => kind,
            _ => "",
        }
    }

    /// The word of its head; empty for a metavariable.
    pub fn head_word(&self, id: TermId) -> &[u8] {
        match self.head(id) {
            Head::Known { word, .. } => self.word(word),
            _ => &[],
        }
    }

    /// The text of a leaf.
    pub fn leaf(&self, id: TermId) -> Option<&[u8]> {
        let Head::Known { word, .. } = self.head(id) else { return None };
        self.children(id).is_empty().then(|| self.word(word))
    }

    /// Whether `part` is `whole` or somewhere in it. Each different subterm is looked at once.
    pub fn holds(&self, whole: TermId, part: TermId) -> bool {
        self.any(whole, &mut |id| id == part)
    }

    /// Whether `word` is the text of a leaf of `whole`.
    pub fn holds_word(&self, whole: TermId, word: &[u8]) -> bool {
        let Some(symbol) = self.known_symbol(word) else { return false };
        self.any(whole, &mut |id| matches!(self.head(id), Head::Known { word, .. } if word == symbol))
    }

    /// The name that a call calls.
    pub fn callee(&self, id: TermId) -> Option<&[u8]> {
        let name = *self.children(id).first()?;
        self.leaf(name).filter(|_| self.kind(id) == "call_expression")
    }

    /// Whether a subterm answers `asked`; smaller terms have smaller numbers, so what is greater is not asked.
    pub fn any(&self, whole: TermId, asked: &mut dyn FnMut(TermId) -> bool) -> bool {
        self.subterms(whole).into_iter().any(asked)
    }

    /// All different subterms, `whole` first, in preorder of their first occurrence.
    pub fn subterms(&self, whole: TermId) -> Vec<TermId> {
        let mut seen = rustc_hash::FxHashSet::default();
        let (mut found, mut open) = (Vec::new(), vec![whole]);
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                found.push(id);
                open.extend(self.children(id).iter().rev());
            }
        }
        found
    }

    /// The metavariables in it, in order of their first occurrence.
    pub fn metas(&self, id: TermId) -> Vec<u32> {
        let mut found = Vec::new();
        for part in self.subterms(id) {
            if let Head::Meta(number) = self.head(part)
                && !found.contains(&number)
            {
                found.push(number);
            }
        }
        found
    }
}

/// The hash of a node.
fn hash(head: Head, children: &[TermId]) -> u64 {
    let mut hasher = FxHasher::default();
    head.hash(&mut hasher);
    children.hash(&mut hasher);
    hasher.finish()
}

/// Numbers fit: a text has at most 2^20 bytes, and an arena far fewer than 2^32 words and terms.
pub(super) fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SP-14.
    #[test]
    fn equal_terms_are_one_number_and_different_ones_are_not() {
        let mut terms = Terms::new();
        let one = terms.known("atom", b"1", &[]);
        let first = terms.known("atom", b"f", &[one, one]);
        let again = terms.known("atom", b"1", &[]);
        assert_eq!(terms.known("atom", b"f", &[again, one]), first);
        assert_ne!(terms.known("atom", b"f", &[one]), first);
        assert_ne!(terms.known("other", b"f", &[one, one]), first);
        assert_eq!((terms.size(first), terms.len()), (3, 4));
    }

    /// SP-14.
    #[test]
    fn a_term_of_two_to_the_sixty_nodes_is_compared_at_once() {
        let mut terms = Terms::new();
        let mut twice = [terms.known("atom", b"a", &[]); 2];
        for _ in 0..60 {
            twice = [terms.known("atom", b"f", &twice); 2];
        }
        let (size, again) = (terms.size(twice[0]), terms.known("atom", b"f", &[twice[0], twice[0]]));
        assert_eq!(size, u32::MAX);
        assert_ne!(again, twice[0]);
        assert!(terms.holds_word(twice[0], b"a") && !terms.holds_word(twice[0], b"b"));
    }
}
