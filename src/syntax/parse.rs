//! Parsing an item or snippet: masked, or as it is; and the places where the grammar gave up.
//!
//! In: the bytes of an item, a snippet or a file. Out: a `SyntaxTree` whose offsets are those of the bytes that came in, and
//! its faults with bytes and lines. Where a masked tree has a word that the mask rewrote, the text at its place has the
//! original: read words from the text, kinds from the tree.

use crate::syntax::lex::{self, Kind};
use crate::syntax::mask::mask;
use crate::syntax::syntax_tree::{ERROR, Node, Shape, SyntaxTree};

/// A longer item is not parsed: of the kernel's items only generated tables are.
pub const LONGEST_ITEM: usize = 1 << 20;

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// With kernel idioms masked: for items and snippets.
    Masked,
    /// As it is.
    Plain,
}

/// A place where the grammar gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// First and last line, from 1; of something missing, where it should be.
    pub lines: (usize, usize),
    /// First byte, and one past the last; equal where something is missing.
    pub bytes: (usize, usize),
}

/// A tree and its faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The tree.
    pub tree: SyntaxTree,
    /// In the tree's order.
    pub faults: Vec<Fault>,
}

/// Parses `text`; `None` if it is longer than `LONGEST_ITEM`.
pub fn parse(text: &[u8], reading: Reading) -> Option<Parsed> {
    if text.len() > LONGEST_ITEM {
        return None;
    }
    let read = match reading {
        Reading::Masked => ended(mask(text), text),
        Reading::Plain => text.to_vec(),
    };
    let tree = SyntaxTree::parse(&read)?.cut_to(text.len());
    let lines = Lines::of(text);
    let faults = tree.nodes().iter().filter(|node| is_fault(node)).map(|node| lines.fault(node)).collect();
    Some(Parsed { tree, faults })
}

/// Whether a node is an error, or something is missing in it.
fn is_fault(node: &Node) -> bool {
    node.kind == ERROR || !matches!(node.shape, Shape::Named | Shape::Anonymous)
}

/// The masked text with what the grammar needs behind its end: a directive its line end, a macro without `;` that.
fn ended(mut masked: Vec<u8>, text: &[u8]) -> Vec<u8> {
    let tokens = lex::tokens(text);
    let last = tokens.iter().rfind(|t| t.kind != Kind::Comment);
    let directive = tokens.first().is_some_and(|t| t.kind == Kind::Directive);
    if last.is_some_and(|t| t.is(")") || t.kind == Kind::Word) && !directive {
        let closed = masked.trim_ascii_end().last().is_some_and(|c| matches!(c, b';' | b'}'));
        masked.extend_from_slice(if closed { b"\n" } else { b"\n;" });
    }
    masked.extend_from_slice(b"\n\n"); // two: the first may be continued by a backslash
    masked
}

/// Where the lines of a text begin.
struct Lines {
    /// Offset of every line's first byte.
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of `text`.
    fn of(text: &[u8]) -> Self {
        let ends = text.iter().enumerate().filter(|(_, c)| **c == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The place of a node that is a fault.
    fn fault(&self, node: &Node) -> Fault {
        let (start, end) = (node.start as usize, node.end as usize);
        let last = end.saturating_sub(1).max(start);
        Fault { lines: (self.line(start), self.line(last)), bytes: (start, end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_lines_are_those_of_the_text() {
        let text = b"\nstatic int __init f(void)\n{\n\tg(;\n}\n";
        let parsed = parse(text, Reading::Masked).expect("short");
        assert_eq!(parsed.faults.len(), 1);
        assert_eq!(parsed.faults[0].lines, (4, 4));
        let name = parsed.tree.nodes().iter().find(|node| node.kind == "identifier").expect("a name");
        assert_eq!(&text[name.start as usize..name.end as usize], b"f");
    }

    #[test]
    fn a_macro_or_directive_that_ends_the_text_is_complete() {
        for text in [
            "EXPORT_SYMBOL(f)",
            "EXPORT_SYMBOL(f) // why",
            "TEST_MAIN",
            "#define A 1",
            "#define A \\",
            "#include <a.h> /* b */",
            "int a;",
        ] {
            let parsed = parse(text.as_bytes(), Reading::Masked).expect("short");
            assert_eq!(parsed.faults, [], "{text}");
            assert!(parsed.tree.nodes().iter().all(|node| node.end as usize <= text.len()), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_a_fault() {
        assert_eq!(parse(b"int f(void) { return 1 }", Reading::Plain).expect("short").faults.len(), 1);
        assert_eq!(parse(b"int a;\n", Reading::Plain).expect("short").faults, []);
    }

    #[test]
    fn a_text_above_the_limit_is_not_parsed() {
        assert_eq!(parse(&vec![b' '; LONGEST_ITEM + 1], Reading::Plain), None);
        assert!(parse(&[0xff, 0, b'{', 0xc3], Reading::Masked).is_some());
    }
}
