//! How upstream's own code changed where it used a name that is gone, or that is declared otherwise. In: files of both kernels that used
//! it. Out: a few uses before and after, with their places, that a person can read.

use super::kernels::Kernels;
use crate::error::Result;
use crate::merge::line::{alike, ink, shown, words};
use crate::merge::line_edit::{Fate, line_edits};
use crate::merge::{Change, Evidence};
use crate::rule::Pair;
use crate::run::quoted;
use crate::syntax::items::{Item, ItemKind, items};
use crate::syntax::language::Language;
use crate::syntax::lex::{Kind, Token, has_word, tokens};
use crate::syntax::options::written;
use bstr::{BStr, ByteSlice};
use rustc_hash::FxHashMap;

/// Examples of a name.
const EXAMPLES: usize = 3;
/// Files that are looked into for them.
const FILES: usize = 16;

/// A line of the new file, from 1, and what is said of it.
type Seen = (usize, String);

/// Up to [`EXAMPLES`] lines of these files that had the name and were rewritten without it; one of each file.
///
/// # Errors
/// An object is missing or damaged.
pub fn examples(kernels: &mut Kernels, name: &[u8], users: &[Vec<u8>]) -> Result<Vec<Evidence>> {
    seen(kernels, users, |path, change| example(change, written(Language::of(path), name)))
}

/// The same of a function or macro that is still there and is called otherwise: a call before and after; else a line that lost
/// the name. If no file has either, lines that have the name still and became other ones.
///
/// # Errors
/// An object is missing or damaged.
pub fn examples_of_calls(kernels: &mut Kernels, name: &[u8], users: &[Vec<u8>]) -> Result<Vec<Evidence>> {
    let found = seen(kernels, users, |_, change| call(change, name).or_else(|| example(change, name)))?;
    if !found.is_empty() {
        return Ok(found);
    }
    examples_of_lines(kernels, name, users)
}

/// Lines that have the name still and became other ones.
///
/// # Errors
/// An object is missing or damaged.
pub fn examples_of_lines(kernels: &mut Kernels, name: &[u8], users: &[Vec<u8>]) -> Result<Vec<Evidence>> {
    seen(kernels, users, |_, change| edited(change, &|before, after| has_word(before, name) && has_word(after, name)))
}

/// The same of a member that is accessed otherwise: lines of the same words with other signs between them.
///
/// # Errors
/// An object is missing or damaged.
pub fn examples_of_access(kernels: &mut Kernels, name: &[u8], users: &[Vec<u8>]) -> Result<Vec<Evidence>> {
    let is_one = |before: &[u8], after: &[u8]| {
        has_word(before, name) && has_word(after, name) && words(before) == words(after) && !alike(before, after)
    };
    seen(kernels, users, |_, change| edited(change, &is_one))
}

/// A function whose head became another one: all of both heads. `None` if they say the same.
pub fn example_of_head(pair: &Pair) -> Option<Evidence> {
    let head = |text: &[u8]| {
        let end = text.find_byte(b'{').unwrap_or(text.len());
        text[..end].fields().collect::<Vec<_>>().join(&b' ').to_str_lossy().into_owned()
    };
    let (before, after) = (head(&pair.before), head(&pair.after));
    (before != after).then(|| Evidence::new(format!("'{before}' became '{after}'")).at(pair.path.clone()))
}

/// One example of each file, as long as more are wanted.
fn seen(
    kernels: &mut Kernels,
    users: &[Vec<u8>],
    one: impl Fn(&BStr, Change<&[u8]>) -> Option<Seen>,
) -> Result<Vec<Evidence>> {
    let mut examples = Vec::new();
    for path in users.iter().take(FILES) {
        if examples.len() == EXAMPLES {
            break;
        }
        let path = BStr::new(path);
        let Some(file) = kernels.file(path)? else { continue };
        let place = |line: usize| format!("{}:{line}", quoted(path));
        let change = Change { before: &file.before[..], after: &file.after };
        examples.extend(one(path, change).map(|(line, said)| Evidence::new(said).at(place(line))));
    }
    Ok(examples)
}

/// The first line with the name that became one without it.
fn example(change: Change<&[u8]>, name: &[u8]) -> Option<Seen> {
    edited(change, &|before, after| has_word(before, name) && !has_word(after, name))
}

/// The first line that became another one, of those that are wanted: both in words.
fn edited(change: Change<&[u8]>, is_wanted: &dyn Fn(&[u8], &[u8]) -> bool) -> Option<Seen> {
    let lines: Vec<&[u8]> = change.before.lines_with_terminator().collect();
    let edits = line_edits(change);
    let (at, after) = edits.fates.iter().enumerate().find_map(|(at, fate)| match fate {
        Fate::Edited(after) if is_wanted(lines[at], after) => Some((at, *after)),
        _ => None,
    })?;
    let line = change.after.lines_with_terminator().position(|line| std::ptr::eq(line, after)).map_or(1, |at| at + 1);
    Some((line, format!("'{}' became '{}'", shown(lines[at]), shown(after))))
}

/// A call of a function that both files have: as it was, and as it is. One with another number of arguments comes first: that
/// an argument is another expression may be the caller's own matter.
fn call(change: Change<&[u8]>, name: &[u8]) -> Option<Seen> {
    let (old, new) = (items(change.before), items(change.after));
    let is_function = |item: &&Item| item.kind == ItemKind::Function;
    let mut now: FxHashMap<&[u8], &Item> = FxHashMap::default();
    new.list.iter().rev().filter(is_function).for_each(|item| {
        now.insert(item.identity(change.after), item);
    });
    let mut found: Vec<(Call, Call)> = Vec::new();
    for item in old.list.iter().filter(is_function) {
        let Some(same) = now.get(item.identity(change.before)) else { continue };
        let before = calls(&change.before[item.span.clone()], name);
        let after = calls(&change.after[same.span.clone()], name);
        let line = change.after[..same.span.start].iter().filter(|c| **c == b'\n').count();
        let is_in = |call: &Call, others: &[Call]| others.iter().any(|other| alike(&call.text, &other.text));
        let gone: Vec<Call> = before.iter().filter(|call| !is_in(call, &after)).cloned().collect();
        let came = after.iter().filter(|call| !is_in(call, &before)).cloned();
        let came: Vec<Call> = came.map(|call| Call { line: call.line + line, ..call }).collect();
        // Where some are gone and others came nobody knows which became which.
        if gone.len() == came.len() {
            found.extend(gone.into_iter().zip(came));
        }
    }
    let (before, after) = found.iter().find(|(a, b)| a.arguments != b.arguments).or(found.first())?;
    Some((after.line, format!("'{}' became '{}'", shown(&before.text), shown(&after.text))))
}

/// A call, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    /// Its line in the text, from 1.
    line: usize,
    /// On one line.
    text: Vec<u8>,
    /// How many arguments it has.
    arguments: usize,
}

/// The calls of a name in a text.
fn calls(text: &[u8], name: &[u8]) -> Vec<Call> {
    let all: Vec<Token<'_>> = tokens(text).into_iter().filter(|token| token.kind != Kind::Comment).collect();
    let begins = |at: &usize| all[*at].text == name && all.get(at + 1).is_some_and(|next| next.is("("));
    (0..all.len()).filter(begins).filter_map(|at| call_at(text, &all[at..])).collect()
}

/// The call that tokens begin with, up to its `)`.
fn call_at(text: &[u8], tokens: &[Token<'_>]) -> Option<Call> {
    let (mut depth, mut commas) = (0_usize, 0);
    for token in tokens {
        let opens = ["(", "[", "{"].into_iter().any(|sign| token.is(sign));
        let closes = [")", "]", "}"].into_iter().any(|sign| token.is(sign));
        commas += usize::from(depth == 1 && token.is(","));
        depth += usize::from(opens);
        if closes {
            depth = depth.checked_sub(1)?;
        }
        if closes && depth == 0 {
            let first = tokens.first()?;
            let whole = text[first.at..token.end()].fields().collect::<Vec<_>>().join(&b' ');
            // The name and two brackets are no argument.
            let is_empty = ink(&whole).count() == first.text.len() + 2;
            let arguments = if is_empty { 0 } else { commas + 1 };
            return Some(Call { line: first.line, text: whole, arguments });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_lost_the_name_is_shown_as_it_was_and_as_it_is() {
        let before = b"int a;\nb = old_call(x);\nold_call_other(y);\n";
        let after = b"int a;\nint more;\nb = new_call(x, 0);\nold_call_other(y);\n";
        let found = example(Change { before, after }, b"old_call");
        assert_eq!(found, Some((3, "'b = old_call(x);' became 'b = new_call(x, 0);'".to_owned())));
        assert_eq!(example(Change { before, after }, b"old_call_other"), None);
    }

    #[test]
    fn a_call_with_another_argument_is_shown_whole_and_before_one_that_only_names_another_variable() {
        let before = b"int f(void)\n{\n\treturn get(a);\n}\n\nint g(void)\n{\n\tset(get(b,\n\t\t x(1, 2)));\n}\n";
        let after =
            b"int f(void)\n{\n\treturn get(d);\n}\n\nint g(void)\n{\n\tset(get(b,\n\t\t x(1, 2),\n\t\t 0));\n}\n";
        let found = call(Change { before, after }, b"get");
        assert_eq!(found, Some((8, "'get(b, x(1, 2))' became 'get(b, x(1, 2), 0)'".to_owned())));
        let alone = Change { before: &before[..33], after: &after[..33] };
        assert_eq!(call(alone, b"get").map(|(line, _)| line), Some(3));
        assert_eq!(call(Change { before, after: before }, b"get"), None);
        let count = |text: &[u8]| calls(text, b"get").iter().map(|call| call.arguments).collect::<Vec<_>>();
        assert_eq!(count(b"get(); get( ) + get(a) * get((b, c), d); get"), [0, 0, 1, 2]);
    }

    #[test]
    fn a_function_that_hangs_somewhere_is_shown_with_its_whole_head_if_that_changed() {
        let pair = |before: &str, after: &str| Pair {
            path: "a.c".to_owned(),
            function: "f".to_owned(),
            before: before.into(),
            after: after.into(),
        };
        let found = example_of_head(&pair(
            "static int f(int a,\n\t\tstruct b *b)\n{ }",
            "static int f(int a,\n\t\tstruct c *b)\n{ }",
        ));
        let said = found.expect("it changed").statement;
        assert_eq!(said, "'static int f(int a, struct b *b)' became 'static int f(int a, struct c *b)'");
        assert_eq!(example_of_head(&pair("int f(void)\n{ a(); }", "int f(void)\n{ b(); }")), None);
    }

    #[test]
    fn a_member_that_became_a_pointer_is_shown_by_lines_of_the_same_words() {
        let is_one = |before: &[u8], after: &[u8]| words(before) == words(after) && !alike(before, after);
        let change = Change { before: b"a = x->dev;\nf(&x->dev);\n".as_slice(), after: b"b = x->dev;\nf(x->dev);\n" };
        assert_eq!(edited(change, &is_one), Some((2, "'f(&x->dev);' became 'f(x->dev);'".to_owned())));
    }
}
