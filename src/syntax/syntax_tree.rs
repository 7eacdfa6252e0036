//! C text as a plain tree: the only thing of tree-sitter that other rooms see.
//!
//! In comes C text as bytes (any bytes: what does not parse becomes `ERROR` nodes), out goes an owned, flat tree. The nodes lie
//! in preorder, so a node's whole subtree is one range, and walks need no recursion and no stack:
//!
//! ```text
//!   index  node                     after   parent         a = b;
//!   0      translation_unit         7       -
//!   1        expression_statement   7       0              subtree of 2 = nodes 2..6
//!   2          assignment_expr.     6       1              first child of 2 = 3
//!   3            identifier         4       2              its next sibling = 4, and so on up to after(2) = 6
//!   4            =                  5       2
//!   5            identifier         6       2
//!   6          ;                    7       1
//! ```

use std::sync::LazyLock;
use tree_sitter::{Language, Parser, TreeCursor};

/// Texts above this many bytes are not parsed: a tree may take some hundred times its text in memory, and text that is no C up to ten
/// seconds a megabyte to recover from. Of the kernel only generated register lists are longer.
pub const MAX_BYTES: usize = 4 << 20;

/// The kind of a node over bytes that no rule of the grammar covers.
pub const ERROR: &str = "ERROR";

/// The C grammar and its names, which live as long as the program.
struct Grammar {
    /// What the parser is made with.
    language: Language,
    /// Kind id to name.
    kinds: Vec<String>,
    /// Field id to name; fields count from 1.
    fields: Vec<String>,
}

/// Read once: copying the name of every node would cost more than parsing.
static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let language = Language::from(tree_sitter_c::LANGUAGE);
    let ids = |count: usize| 0..u16::try_from(count).unwrap_or(u16::MAX);
    let kinds = ids(language.node_kind_count()).map(|id| language.node_kind_for_id(id).unwrap_or_default().to_owned());
    let kinds = kinds.collect();
    let fields =
        ids(language.field_count() + 1).map(|id| language.field_name_for_id(id).unwrap_or_default().to_owned());
    let fields = fields.collect();
    Grammar { language, kinds, fields }
});

/// How a node came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A rule of the grammar that has a name: `identifier`, `if_statement`.
    Named,
    /// Written between quotes in the grammar: `if`, `;`.
    Anonymous,
    /// A named node that recovery supposes; it covers no bytes.
    MissingNamed,
    /// An anonymous node that recovery supposes; it covers no bytes.
    MissingAnonymous,
    /// A named node with something that the tree does not show, told by tree-sitter's s-expression of the node: the character
    /// that stopped an `ERROR` leaf, `(UNEXPECTED '@')`, or a nameless token that recovery supposes, `(MISSING "...")`.
    Noted(Box<str>),
}

/// One node. Indexes point into the tree's node list, offsets into the parsed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The grammar's name, [`ERROR`] for what did not parse.
    pub kind: &'static str,
    /// What the node is to its parent: `left`, `body`.
    pub field: Option<&'static str>,
    /// How it came to be.
    pub shape: Shape,
    /// First byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// The parent's index; the root is its own parent.
    pub parent: u32,
    /// One past its last descendant's index, which is its next sibling if it has one.
    pub after: u32,
}

/// An owned syntax tree in preorder; it has at least a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxTree {
    /// All visible nodes, the root first.
    nodes: Vec<Node>,
}

impl SyntaxTree {
    /// Parses C; `None` if the text is longer than [`MAX_BYTES`].
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut parser = Parser::new();
        parser.set_language(&GRAMMAR.language).ok()?;
        let tree = parser.parse(text, None)?;
        Some(Self { nodes: flatten(tree.walk()) })
    }

    /// Cuts the ends of all nodes to a text's length: what was parsed may have had something put behind it.
    pub(crate) fn cut_to(mut self, length: usize) -> Self {
        let length = offset(length);
        for node in &mut self.nodes {
            (node.start, node.end) = (node.start.min(length), node.end.min(length));
        }
        self
    }

    /// All nodes in preorder, the root first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether the node has no children.
    pub fn is_leaf(&self, node: usize) -> bool {
        self.nodes.get(node).is_none_or(|n| n.after as usize == node + 1)
    }

    /// The indexes of a node's children, in order.
    pub fn children(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes.get(node).map_or(0, |n| n.after as usize);
        let first = Some(node + 1).filter(|first| *first < end);
        std::iter::successors(first, move |at| Some(self.nodes.get(*at)?.after as usize).filter(|next| *next < end))
    }

    /// The first child that stands in `field`.
    pub fn child(&self, node: usize, field: &str) -> Option<usize> {
        self.children(node).find(|at| self.nodes.get(*at).is_some_and(|n| n.field == Some(field)))
    }
}

/// A node whose subtree is being read.
struct Open {
    /// Its index.
    index: usize,
    /// Whether a child that the tree shows accounts for the node's error.
    explained: bool,
}

/// Copies what the cursor sees, from the root on; the stack of open nodes is on the heap, for trees as deep as the text is long.
fn flatten(mut cursor: TreeCursor) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    loop {
        let index = nodes.len();
        if let Some(parent) = open.last_mut() {
            parent.explained |= cursor.node().has_error();
        }
        nodes.push(node_at(&cursor, index, open.last().map_or(0, |parent| parent.index)));
        if cursor.goto_first_child() {
            open.push(Open { index, explained: false });
            continue;
        }
        while !cursor.goto_next_sibling() {
            let (true, Some(closed)) = (cursor.goto_parent(), open.pop()) else { return nodes };
            let after = offset(nodes.len());
            if let Some(node) = nodes.get_mut(closed.index) {
                node.after = after;
                note_hidden_error(node, &cursor, closed.explained);
            }
        }
    }
}

/// Recovery also supposes tokens without a name, such as the line end behind `#endif` at the end of a text. The cursor passes over
/// them, so the node that holds one is known by an error that none of its children has.
fn note_hidden_error(node: &mut Node, cursor: &TreeCursor, explained: bool) {
    if cursor.node().has_error() && !cursor.node().is_error() && !explained {
        node.shape = Shape::Noted(cursor.node().to_sexp().into());
    }
}

/// The node under the cursor, which gets number `index`; `after` is a leaf's until its subtree is closed.
fn node_at(cursor: &TreeCursor, index: usize, parent: usize) -> Node {
    let node = cursor.node();
    let shape = match (node.is_missing(), node.is_named()) {
        (false, true) if node.is_error() && node.child_count() == 0 => Shape::Noted(node.to_sexp().into()),
        (false, true) => Shape::Named,
        (false, false) => Shape::Anonymous,
        (true, true) => Shape::MissingNamed,
        (true, false) => Shape::MissingAnonymous,
    };
    Node {
        kind: GRAMMAR.kinds.get(usize::from(node.kind_id())).map_or(ERROR, String::as_str),
        field: cursor.field_id().and_then(|id| GRAMMAR.fields.get(usize::from(id.get()))).map(String::as_str),
        shape,
        start: offset(node.start_byte()),
        end: offset(node.end_byte()),
        parent: offset(parent),
        after: offset(index + 1),
    }
}

/// Offsets fit: a text has at most [`MAX_BYTES`] bytes, and a tree has no more than a few nodes for each.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree of a short text.
    fn tree(text: &str) -> SyntaxTree {
        SyntaxTree::parse(text.as_bytes()).expect("the text is short")
    }

    /// Kinds of the children of the first node of a kind.
    fn child_kinds(tree: &SyntaxTree, kind: &str) -> Vec<&'static str> {
        let at = tree.nodes().iter().position(|n| n.kind == kind).expect("the kind is in the tree");
        tree.children(at).map(|child| tree.nodes()[child].kind).collect()
    }

    #[test]
    fn a_statement_lies_in_preorder_with_fields_and_byte_ranges() {
        let tree = tree("void f(void) { a = b; }");
        assert_eq!(child_kinds(&tree, "assignment_expression"), ["identifier", "=", "identifier"]);
        let at = tree.nodes().iter().position(|n| n.kind == "assignment_expression").expect("it is there");
        let right = tree.child(at, "right").expect("an assignment has a right side");
        assert_eq!((tree.nodes()[right].start, tree.nodes()[right].end), (19, 20));
        assert_eq!(tree.nodes()[right].parent as usize, at);
        assert_eq!(tree.child(at, "body"), None);
    }

    #[test]
    fn every_subtree_is_the_range_up_to_after() {
        let tree = tree("int f(int a)\n{\n\tif (a)\n\t\treturn 1;\n\treturn g(a, \"x\");\n}\n");
        for (at, node) in tree.nodes().iter().enumerate() {
            let inside: usize = tree.children(at).map(|c| tree.nodes()[c].after as usize - c).sum();
            assert_eq!(node.after as usize, at + 1 + inside);
            assert!(tree.children(at).all(|child| tree.nodes()[child].parent as usize == at));
            assert_eq!(tree.is_leaf(at), inside == 0);
        }
        assert_eq!(tree.nodes()[0].after as usize, tree.nodes().len());
    }

    #[test]
    fn an_empty_text_has_a_root() {
        assert_eq!(tree("").nodes().len(), 1);
        assert_eq!(tree("").nodes()[0].kind, "translation_unit");
    }

    #[test]
    fn what_recovery_supposes_is_told_apart() {
        let missing = tree("int f(void) { return 1 }");
        assert!(missing.nodes().iter().any(|n| n.shape == Shape::MissingAnonymous && n.kind == ";"));
        let stopped = tree("int @ x;");
        assert!(stopped.nodes().iter().any(|n| n.kind == ERROR));
    }

    #[test]
    fn a_supposed_line_end_without_a_name_is_noted_on_its_directive() {
        let whole = tree("#define A 1\n");
        let cut = tree("#define A 1");
        let noted = |tree: &SyntaxTree| tree.nodes().iter().any(|n| matches!(n.shape, Shape::Noted(_)));
        assert!(!noted(&whole));
        assert!(noted(&cut));
    }

    #[test]
    fn a_hundred_thousand_parentheses_and_any_bytes_are_parsed() {
        assert!(tree(&"(".repeat(100_000)).nodes().len() > 1);
        assert!(tree(&format!("int x = {}1{};", "(".repeat(50_000), ")".repeat(50_000))).nodes().len() > 100_000);
        let bytes: Vec<u8> = (0..=255).cycle().take(20_000).collect();
        assert!(SyntaxTree::parse(&bytes).is_some());
    }

    #[test]
    fn a_text_above_the_limit_is_refused() {
        assert!(SyntaxTree::parse(&vec![b' '; MAX_BYTES + 1]).is_none());
    }
}
