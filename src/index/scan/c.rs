//! C: which braces are open, and what they hold. In: words and marks. Out: definitions at file level and in the bodies of structs,
//! unions and enums; what is in functions and initialisers is only used.
//!
//! Both branches of `#if` are read. So that a brace which both of them open counts once, `#else` goes back to what stood at `#if`:
//!
//! ```text
//!     #ifdef A
//!     int f(int a) {       one brace open
//!     #else
//!     int f(void) {        none, and now one again
//!     #endif
//! ```

use super::lex::{Apostrophe, Branch, Grammar, Hash, Place, Word};
use super::statement::{Level, Opens, Statement};
use super::words::Words;

/// Bodies in bodies, and conditionals in conditionals, that are told apart; deeper ones are only counted.
const DEEPEST: usize = 32;

/// An open brace.
#[derive(Clone, Copy)]
struct Open<'a> {
    opens: Opens,
    /// Braces in a body where only their number matters.
    nested: u32,
    /// The declaration that the body belongs to.
    outer: Statement<'a>,
}

/// What is open at a place.
#[derive(Clone, Default)]
struct State<'a> {
    open: Vec<Open<'a>>,
    statement: Statement<'a>,
}

/// The grammar of C, as far as declarations need it.
#[derive(Default)]
pub(super) struct C<'a> {
    state: State<'a>,
    /// What was open at each `#if`.
    branches: Vec<State<'a>>,
    /// `#if`s beyond the deepest.
    deeper: u32,
}

impl<'a> Grammar<'a> for C<'a> {
    const APOSTROPHE: Apostrophe = Apostrophe::Character;
    const HASH: Hash = Hash::Directive;

    #[inline]
    fn word(&mut self, word: Word<'a>, words: &mut Words) {
        match self.state.open.last().map(|o| o.opens) {
            Some(Opens::Function | Opens::Other) => {}
            Some(Opens::Enumerators) => self.state.statement.constant(word, words),
            Some(Opens::Fields) => self.state.statement.word(word, Level::Fields),
            Some(Opens::Linkage) | None => self.state.statement.word(word, Level::File),
        }
    }

    #[inline]
    fn mark(&mut self, mark: u8, place: Place, words: &mut Words) {
        match mark {
            b'{' => self.state.open_brace(words),
            b'}' => self.state.close_brace(place),
            _ => self.state.other_mark(mark, words),
        }
    }

    fn branch(&mut self, branch: Branch) {
        match branch {
            Branch::If if self.branches.len() == DEEPEST => self.deeper += 1,
            Branch::If => self.branches.push(self.state.clone()),
            Branch::End if self.deeper > 0 => self.deeper -= 1,
            Branch::End => drop(self.branches.pop()),
            Branch::Else if self.deeper > 0 => {}
            Branch::Else => {
                if let Some(before) = self.branches.last() {
                    self.state.clone_from(before);
                }
            }
        }
    }
}

impl State<'_> {
    /// An opening brace: what it begins.
    fn open_brace(&mut self, words: &mut Words) {
        let full = self.open.len() == DEEPEST;
        if let Some(open) = self.open.last_mut()
            && (full || matches!(open.opens, Opens::Function | Opens::Other))
        {
            open.nested = open.nested.saturating_add(1);
            return;
        }
        let opens = match self.open.last().map(|o| o.opens) {
            Some(Opens::Enumerators) => Opens::Other,
            _ => self.statement.opens(words),
        };
        let outer = std::mem::take(&mut self.statement);
        self.open.push(Open { opens, nested: 0, outer });
    }

    /// A closing brace: back to the declaration around it.
    fn close_brace(&mut self, place: Place) {
        // No brace within a function stands at the margin: one that does shows that the count went wrong.
        if place == Place::Margin && self.open.first().is_some_and(|o| o.opens == Opens::Function) {
            self.open.clear();
            self.statement = Statement::default();
            return;
        }
        if let Some(open) = self.open.last_mut().filter(|o| o.nested > 0) {
            open.nested -= 1;
            return;
        }
        self.statement = match self.open.pop() {
            Some(Open { opens: Opens::Fields | Opens::Enumerators | Opens::Other, outer, .. }) => outer,
            _ => Statement::default(),
        };
    }

    /// Any mark but a brace.
    fn other_mark(&mut self, mark: u8, words: &mut Words) {
        let level = match self.open.last().map(|o| o.opens) {
            Some(Opens::Function | Opens::Other) => return,
            Some(Opens::Enumerators) => return self.statement.constant_mark(mark),
            Some(Opens::Fields) => Level::Fields,
            Some(Opens::Linkage) | None => Level::File,
        };
        match mark {
            b';' => self.statement.end(level, words),
            _ => self.statement.mark(mark, level, words),
        }
    }
}
