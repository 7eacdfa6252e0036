//! The leaves of a syntax tree as the Python package's data flow sees them: numbered, with their texts.
//!
//! In comes a tree with its text, out go a number for every leaf and one for every different text. A string literal is one token;
//! comments are none. The package takes tree-sitter's columns, which count bytes, for columns that count characters: behind a
//! character of several bytes the texts of that line are shifted. That is kept, since it changes which tokens are equal:
//!
//! ```text
//!   x = "é" + yy;      bytes of yy: 10..12      characters 10..12: "y;"
//! ```

use crate::syntax::syntax_tree::{Node, SyntaxTree};
use std::collections::HashMap;

/// Kinds that are one token though they have children.
const WHOLE: [&str; 3] = ["string_literal", "string", "character_literal"];

/// The tokens of one text.
pub struct Tokens {
    /// By node: its token, if it is one, and whether its text differs from its kind, which makes it a variable.
    leaves: Vec<Option<(u32, bool)>>,
    /// By token: the number of its text.
    text_of: Vec<u32>,
    /// By text: its rank among all texts in byte order.
    ranks: Vec<u32>,
}

impl Tokens {
    /// Reads the tokens; `None` if one lies deeper than `max_depth` nodes.
    pub fn read(tree: &SyntaxTree, text: &str, max_depth: usize) -> Option<Self> {
        let nodes = tree.nodes();
        let places = places(tree, max_depth)?;
        let mut rows = Rows::new(text);
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut leaves = vec![None; nodes.len()];
        let mut text_of = Vec::with_capacity(places.len());
        for (token, &at) in (0..).zip(&places) {
            let Some(node) = nodes.get(at) else { continue };
            let text = rows.slice(node);
            if let Some(leaf) = leaves.get_mut(at) {
                *leaf = Some((token, text != node.kind));
            }
            let next = number(numbers.len());
            text_of.push(*numbers.entry(text).or_insert(next));
        }
        Some(Self { leaves, text_of, ranks: ranks(numbers) })
    }

    /// How many tokens there are.
    pub fn count(&self) -> usize {
        self.text_of.len()
    }

    /// How many different texts they have.
    pub fn texts(&self) -> usize {
        self.ranks.len()
    }

    /// The token of a node that is one.
    pub fn at(&self, node: usize) -> Option<u32> {
        self.leaves.get(node).copied().flatten().map(|(token, _)| token)
    }

    /// Whether the node is a token that is no keyword and no punctuation.
    pub fn is_variable(&self, node: usize) -> bool {
        self.leaves.get(node).copied().flatten().is_some_and(|(_, variable)| variable)
    }

    /// The number of a token's text.
    pub fn text(&self, token: u32) -> u32 {
        self.text_of.get(token as usize).copied().unwrap_or(u32::MAX)
    }

    /// The rank of a text, given by number, in byte order.
    pub fn rank(&self, text: u32) -> u32 {
        self.ranks.get(text as usize).copied().unwrap_or(u32::MAX)
    }
}

/// A number that fits, as a text has at most 2^32 tokens.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The nodes that are tokens, in order; `None` if one lies too deep.
fn places(tree: &SyntaxTree, max_depth: usize) -> Option<Vec<usize>> {
    let nodes = tree.nodes();
    let (mut places, mut open, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(node) = nodes.get(at) {
        while open.pop_if(|after| *after <= at).is_some() {}
        if open.len() >= max_depth {
            return None;
        }
        let is_comment = node.kind == "comment";
        if !is_comment && (tree.is_leaf(at) || WHOLE.contains(&node.kind)) {
            places.push(at);
            at = node.after as usize;
        } else {
            open.push(node.after as usize);
            at += 1;
        }
    }
    Some(places)
}

/// By number: the rank of each text in byte order.
fn ranks(numbers: HashMap<String, u32>) -> Vec<u32> {
    let mut texts: Vec<(String, u32)> = numbers.into_iter().collect();
    texts.sort_unstable();
    let mut ranks = vec![0; texts.len()];
    for (rank, (_, text)) in (0..).zip(texts) {
        if let Some(place) = ranks.get_mut(text as usize) {
            *place = rank;
        }
    }
    ranks
}

/// A text by rows, for cutting at columns that count characters.
struct Rows<'t> {
    /// The text of each row, without line ends.
    rows: Vec<&'t str>,
    /// The byte at which each row starts.
    starts: Vec<u32>,
    /// The row whose characters are at hand, and the byte in it at which each starts. Tokens come in order, so one is enough.
    at_hand: (usize, Vec<usize>),
}

impl<'t> Rows<'t> {
    /// Splits the text.
    fn new(text: &'t str) -> Self {
        let rows: Vec<&str> = text.split('\n').collect();
        let mut next = 0;
        let mut starts = Vec::with_capacity(rows.len());
        for row in &rows {
            starts.push(number(next));
            next += row.len() + 1;
        }
        Self { rows, starts, at_hand: (usize::MAX, Vec::new()) }
    }

    /// Row and column, in bytes, of a byte.
    fn point(&self, byte: u32) -> (usize, usize) {
        let row = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        (row, self.starts.get(row).map_or(0, |start| byte - start) as usize)
    }

    /// What the package takes for the node's text; line ends are left out.
    fn slice(&mut self, node: &Node) -> String {
        let (from, to) = (self.point(node.start), self.point(node.end));
        if from.0 == to.0 {
            return self.columns(from.0, from.1, to.1).to_owned();
        }
        let mut text = self.columns(from.0, from.1, usize::MAX).to_owned();
        for row in from.0 + 1..to.0 {
            text.push_str(self.rows.get(row).copied().unwrap_or_default());
        }
        text.push_str(self.columns(to.0, 0, to.1));
        text
    }

    /// The characters `from..to` of a row, as far as it has them.
    fn columns(&mut self, row: usize, from: usize, to: usize) -> &'t str {
        let text = self.rows.get(row).copied().unwrap_or_default();
        if self.at_hand.0 != row {
            self.at_hand = (row, text.char_indices().map(|(byte, _)| byte).collect());
        }
        let byte = |column: usize| self.at_hand.1.get(column).copied().unwrap_or(text.len());
        text.get(byte(from)..byte(to)).unwrap_or_default()
    }
}
