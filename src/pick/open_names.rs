//! Names that the tip has only because of an open conflict: a commit that uses one rests on that conflict, wherever it does.
//!
//! In: files as they stood in the tip before and after a commit, and the lines that stand in them because of a conflict. Out: the
//! commits whose conflicts a later change rests on.

use crate::merge::{Change, delta};
use crate::syntax::items::{ItemKind, items};
use crate::syntax::lex::{Kind, tokens};
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::ops::Range;

/// Functions and macros by name, with the position in the series of the commit whose conflict they stand in.
#[derive(Clone, Debug, Default)]
pub struct OpenNames {
    by_name: FxHashMap<Vec<u8>, usize>,
}

impl OpenNames {
    /// Takes what the lines (from 0) define that commit `n` left open, and that the file did not define before.
    pub fn open(&mut self, n: usize, (change, lines): (Change<&[u8]>, &[Range<usize>])) {
        let known: FxHashSet<Vec<u8>> = defined(change.before).map(|(name, _)| name).collect();
        let is_open = |line: &usize| lines.iter().any(|range| range.contains(line));
        let new = defined(change.after).filter(|(name, line)| is_open(line) && !known.contains(name));
        for (name, _) in new {
            self.by_name.entry(name).or_insert(n);
        }
    }

    /// Is nothing open?
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The commits whose open names the added lines of a change use.
    pub fn used(&self, change: Change<&[u8]>) -> BTreeSet<usize> {
        let lines: Vec<&[u8]> = change.after.lines_with_terminator().collect();
        let added = delta::hunks(change).into_iter().flat_map(|hunk| hunk.after).map(|line| lines[line]);
        let added = added.collect::<Vec<_>>().concat();
        let words = tokens(&added).into_iter().filter(|token| token.kind == Kind::Word);
        words.filter_map(|word| self.by_name.get(word.text).copied()).collect()
    }
}

/// The functions and macros of a text, each with the line (from 0) where it begins.
fn defined(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, usize)> {
    let is_it = |kind: ItemKind| kind.is_function() || matches!(kind, ItemKind::ObjectMacro | ItemKind::FunctionMacro);
    let all = items(text).list.into_iter().filter(move |item| is_it(item.kind));
    let named: Vec<(Vec<u8>, usize)> = all.map(|item| (item.identity(text).to_vec(), item.lines.0 - 1)).collect();
    named.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_an_open_conflict_defines_is_rested_on_by_those_who_use_it() {
        let before = b"int old(void)\n{\n\treturn 1;\n}\n".as_slice();
        let after = b"int old(void)\n{\n\treturn 2;\n}\n\nint fresh(void)\n{\n\treturn 3;\n}\n".as_slice();
        let mut names = OpenNames::default();
        names.open(5, (Change { before, after }, std::slice::from_ref(&(0..9))));
        let user = |line: &[u8]| [b"void f(void)\n{\n", line, b"}\n"].concat();
        let none = user(b"");
        let used = |line: &[u8]| names.used(Change { before: &none, after: &user(line) });
        assert_eq!(used(b"\tfresh();\n"), BTreeSet::from([5]));
        assert_eq!(used(b"\told();\n"), BTreeSet::new(), "upstream has it");
        assert_eq!(used(b"\tother(\"fresh\"); /* fresh */\n"), BTreeSet::new(), "no name in code");
        names = OpenNames::default();
        names.open(5, (Change { before, after }, std::slice::from_ref(&(0..3))));
        assert!(names.used(Change { before: &none, after: &user(b"\tfresh();\n") }).is_empty(), "it was settled");
    }
}
