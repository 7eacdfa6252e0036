//! The share of the truth's subtrees that the answer has too: CodeBLEU's syntax part.
//!
//! In come two syntax trees, out goes a number from 0 to 1. A subtree is a node with children, and two are equal if their
//! s-expressions are: kinds and field names of named nodes, no text. The package compares strings, each with each; here every
//! different subtree gets a number bottom up, so that equal subtrees have equal numbers and nothing is compared twice:
//!
//! ```text
//!   (call function: (identifier) arguments: (list (identifier)))
//!      identifier = 1     list[1] = 2     call[function 1, arguments 2] = 3
//! ```
//!
//! Source: CodeBLEU (arXiv 2009.10297, section 3.2) as codebleu 0.7.0 computes it: recall over the truth's subtrees, each counted
//! as often as it stands there.

use crate::syntax::syntax_tree::{Node, Shape, SyntaxTree};
use std::collections::{HashMap, HashSet};

/// What an s-expression says of a node, children by number.
#[derive(PartialEq, Eq, Hash)]
struct Expression<'t> {
    /// The kind, or tree-sitter's note.
    name: &'t str,
    /// Whether recovery supposed it.
    missing: bool,
    /// Field and number of the children that an s-expression shows.
    children: Vec<(Option<&'static str>, u32)>,
}

/// Numbers for expressions, the same for equal ones of either tree.
type Numbers<'t> = HashMap<Expression<'t>, u32>;

/// The syntax match of an answer, from 0 to 1.
pub fn syntax_match(answer: &SyntaxTree, truth: &SyntaxTree) -> f64 {
    let mut numbers = Numbers::new();
    let answer: HashSet<u32> = subtrees(answer, &mut numbers).into_iter().collect();
    let truth = subtrees(truth, &mut numbers);
    let found = truth.iter().filter(|number| answer.contains(number)).count();
    ratio(found, truth.len())
}

/// `found` of `all`; every tree has a subtree, its root.
#[allow(clippy::cast_precision_loss)]
fn ratio(found: usize, all: usize) -> f64 {
    found as f64 / all.max(1) as f64
}

/// The numbers of a tree's subtrees: the root's and those of all nodes with children.
fn subtrees<'t>(tree: &'t SyntaxTree, numbers: &mut Numbers<'t>) -> Vec<u32> {
    let nodes = tree.nodes();
    let mut found = Vec::new();
    // Children stand behind their parent, so backwards every node finds its children's numbers ready, the last child on top.
    let mut ready: Vec<(usize, u32)> = Vec::new();
    for (at, node) in nodes.iter().enumerate().rev() {
        let mut children = Vec::new();
        while let Some((child, number)) = ready.pop_if(|(child, _)| *child < node.after as usize) {
            children.extend(nodes.get(child).filter(|n| is_shown(n)).map(|n| (n.field, number)));
        }
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let number = *numbers.entry(expression(node, children)).or_insert(next);
        ready.push((at, number));
        if at == 0 || !tree.is_leaf(at) {
            found.push(number);
        }
    }
    found
}

/// Whether an s-expression shows the node below another.
fn is_shown(node: &Node) -> bool {
    node.shape != Shape::Anonymous
}

/// What the node looks like, apart from its place.
fn expression<'t>(node: &'t Node, children: Vec<(Option<&'static str>, u32)>) -> Expression<'t> {
    match &node.shape {
        // The note is the whole s-expression.
        Shape::Noted(note) => Expression { name: note, missing: false, children: Vec::new() },
        Shape::MissingNamed | Shape::MissingAnonymous => Expression { name: node.kind, missing: true, children },
        Shape::Named | Shape::Anonymous => Expression { name: node.kind, missing: false, children },
    }
}
