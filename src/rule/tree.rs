//! A text as places: which term stands where.
//!
//! In: the bytes of an item, a snippet or a fragment of one. Out: the places of its terms in preorder, each with its bytes and
//! its tokens. Terms know nothing of layout and comments; places know both, so that rewriting touches only tokens that change.
//! Words that the mask hides (`__init`) are in no term and no token: they stay as they stand.

use super::form::Form;
use super::template::{HOLE, list_style};
use super::term::{TermId, Terms, narrow};
use crate::syntax::lex::is_letter;
use crate::syntax::parse::{Reading, parse};
use crate::syntax::syntax_tree::{Node, Shape, SyntaxTree};

/// Named nodes that are read as one word, whatever the grammar sees in them.
const LEAVES: &[&str] = &["string_literal", "char_literal", "system_lib_string", "preproc_arg", "preproc_directive"];

/// The bytes of one token that belongs to a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past its last.
    pub end: u32,
}

/// A term where it stands. Its subtree is the places from its index to `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What stands here.
    pub term: TermId,
    /// First byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// The parent's index; the root is its own.
    pub parent: u32,
    /// One past the index of its last descendant.
    pub after: u32,
    /// Its first token and one past its last, as indexes of `Tree::tokens`.
    pub tokens: (u32, u32),
}

/// The places of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// In preorder.
    places: Vec<Place>,
    /// In the order of the text.
    tokens: Vec<Token>,
}

impl Tree {
    /// Reads an item or a run of items; `None` if the text is too long to parse.
    pub fn read(terms: &mut Terms, text: &[u8]) -> Option<Self> {
        let parsed = parse(text, Reading::Masked)?;
        Some(Reader { text, terms, tree: &parsed.tree }.read())
    }

    /// Reads a fragment of the given form; its root is the outermost place that covers it. `None` if there is no such place.
    pub fn read_as(terms: &mut Terms, text: &[u8], form: Form) -> Option<Self> {
        let (before, behind) = form.surroundings();
        let whole = Self::read(terms, &[before, text, behind].concat())?;
        let solid = text.trim_ascii();
        let lead = text.len() - text.trim_ascii_start().len();
        let start = before.len() + lead;
        let root = whole.places.iter().position(|place| {
            let (first, end) = (place.start as usize, place.end as usize);
            first == start && (end == start + solid.len() || end + 1 == start + solid.len() && solid.ends_with(b";"))
        });
        whole.cut(root?, before.len())
    }

    /// The subtree at `root`, with offsets that count from `offset`.
    fn cut(&self, root: usize, offset: usize) -> Option<Self> {
        let top = self.places.get(root)?;
        let (offset, root) = (u32::try_from(offset).ok()?, u32::try_from(root).ok()?);
        let place = |place: &Place| Place {
            start: place.start.saturating_sub(offset),
            end: place.end.saturating_sub(offset),
            parent: place.parent.saturating_sub(root),
            after: place.after - root,
            tokens: (place.tokens.0 - top.tokens.0, place.tokens.1 - top.tokens.0),
            ..*place
        };
        let token = |t: &Token| Token { start: t.start.saturating_sub(offset), end: t.end.saturating_sub(offset) };
        let places = self.places.get(root as usize..top.after as usize)?.iter().map(place).collect();
        let tokens = self.tokens.get(top.tokens.0 as usize..top.tokens.1 as usize)?.iter().map(token).collect();
        Some(Self { places, tokens })
    }

    /// All places in preorder, the root first.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// All tokens in the order of the text.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The term at the root.
    pub fn root(&self) -> Option<TermId> {
        self.places.first().map(|place| place.term)
    }

    /// The indexes of a place's children, in order; as many as its term has.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.places.get(at).map_or(0, |p| p.after as usize);
        let first = Some(at + 1).filter(|first| *first < end);
        std::iter::successors(first, move |at| Some(self.places.get(*at)?.after as usize).filter(|next| *next < end))
    }
}

/// The work of reading: places need their terms, terms need their children's.
struct Reader<'a> {
    text: &'a [u8],
    terms: &'a mut Terms,
    tree: &'a SyntaxTree,
}

/// What becomes of a node of the syntax tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A place.
    Place,
    /// A token of its parent.
    Token,
    /// Nothing: a comment, or something within a leaf.
    Nothing,
}

impl Reader<'_> {
    /// Terms from the last node to the first, so that children come before parents; then places from the first to the last.
    fn read(mut self) -> Tree {
        let nodes = self.tree.nodes();
        let roles = roles(nodes);
        let mut terms: Vec<Option<TermId>> = vec![None; nodes.len()];
        for at in (0..nodes.len()).rev() {
            if roles[at] == Role::Place {
                terms[at] = Some(self.term(at, &roles, &terms));
            }
        }
        self.places(&roles, &terms)
    }

    /// The term of one node, whose children have theirs.
    fn term(&mut self, at: usize, roles: &[Role], known: &[Option<TermId>]) -> TermId {
        let node = &self.tree.nodes()[at];
        let mut children = Vec::new();
        let mut word: Vec<u8> = Vec::new();
        let mut has_parts = false;
        for child in self.tree.children(at) {
            let part = match roles[child] {
                Role::Place => {
                    children.extend(known[child]);
                    HOLE
                }
                Role::Token => self.token(&self.tree.nodes()[child]),
                Role::Nothing => continue,
            };
            has_parts = true;
            word.extend_from_slice(if word.is_empty() { b"" } else { b" " });
            word.extend_from_slice(part);
        }
        if list_style(node.kind).is_some() {
            word.clear();
        } else if !has_parts {
            word = one_line(self.slice(node.start, node.end));
        }
        self.terms.known(node.kind, &word, &children)
    }

    /// The bytes of a token: of a keyword that the mask put over a longer word, that word.
    fn token(&self, node: &Node) -> &[u8] {
        self.slice(node.start, self.token_end(node))
    }

    /// Where a token ends in the text.
    fn token_end(&self, node: &Node) -> u32 {
        let end = node.end as usize;
        let is_word = node.kind.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        if !is_word || self.text.get(node.start as usize..end) == Some(node.kind.as_bytes()) && !self.continues(end) {
            return node.end;
        }
        let more = self.text.get(end..).unwrap_or_default().iter().take_while(|c| is_letter(**c)).count();
        u32::try_from(end + more).unwrap_or(node.end)
    }

    /// Whether the word before `at` goes on there.
    fn continues(&self, at: usize) -> bool {
        self.text.get(at).is_some_and(|c| is_letter(*c))
    }

    /// Bytes of the text.
    fn slice(&self, start: u32, end: u32) -> &[u8] {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Places and tokens, in the order of the text.
    fn places(&self, roles: &[Role], terms: &[Option<TermId>]) -> Tree {
        let nodes = self.tree.nodes();
        let mut tree = Tree::default();
        // Of each node: how many places and tokens lie before it.
        let mut before: Vec<(u32, u32)> = Vec::with_capacity(nodes.len() + 1);
        for (at, node) in nodes.iter().enumerate() {
            before.push((narrow(tree.places.len()), narrow(tree.tokens.len())));
            if let Some(term) = terms[at] {
                let parent = before.get(node.parent as usize).map_or(0, |b| b.0);
                let (start, end) = (node.start, node.end);
                tree.places.push(Place { term, start, end, parent, after: narrow(at), tokens: (0, 0) });
            }
            let is_leaf = terms[at].is_some_and(|term| self.terms.children(term).is_empty());
            let has_tokens = is_leaf && self.tree.children(at).any(|child| roles[child] == Role::Token);
            if (roles[at] == Role::Token || is_leaf && !has_tokens) && node.end > node.start {
                let end = if roles[at] == Role::Token { self.token_end(node) } else { node.end };
                tree.tokens.push(Token { start: node.start, end });
            }
        }
        before.push((narrow(tree.places.len()), narrow(tree.tokens.len())));
        for place in &mut tree.places {
            let node = place.after as usize;
            let after = nodes.get(node).map_or(nodes.len(), |n| n.after as usize);
            let (first, last) = (before[node], before[after.min(nodes.len())]);
            (place.after, place.tokens) = (last.0, (first.1, last.1));
        }
        tree
    }
}

/// What becomes of each node.
fn roles(nodes: &[Node]) -> Vec<Role> {
    let mut roles = Vec::with_capacity(nodes.len());
    let mut within = 0;
    for (at, node) in nodes.iter().enumerate() {
        if at < within || node.kind == "comment" {
            within = within.max(node.after as usize);
            roles.push(Role::Nothing);
            continue;
        }
        let is_named = !matches!(node.shape, Shape::Anonymous | Shape::MissingAnonymous);
        roles.push(match (is_named, node.end > node.start) {
            (true, _) => Role::Place,
            (false, true) => Role::Token,
            (false, false) => Role::Nothing,
        });
        if LEAVES.contains(&node.kind) {
            within = node.after as usize;
        }
    }
    roles
}

/// A leaf's text with each run of white space as one space.
fn one_line(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(u8::is_ascii_whitespace) {
        return text.to_vec();
    }
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_comments_are_no_part_of_a_term() {
        let mut terms = Terms::new();
        let one = Tree::read(&mut terms, b"int f(void)\n{\n\treturn g(a, b);\n}\n").expect("short");
        let two = Tree::read(&mut terms, b"int f(void) { return /* why */ g(a,\n b); }").expect("short");
        let other = Tree::read(&mut terms, b"int f(void) { return g(a, c); }").expect("short");
        assert_eq!(one.root(), two.root());
        assert_ne!(one.root(), other.root());
    }

    #[test]
    fn operators_and_keywords_are_part_of_a_term_and_list_lengths_of_its_children() {
        let mut terms = Terms::new();
        let mut read = |text: &str| Tree::read_as(&mut terms, text.as_bytes(), Form::Expression).and_then(|t| t.root());
        assert_ne!(read("a + b"), read("a - b"));
        assert_ne!(read("a->b"), read("a.b"));
        let (one, two) = (read("f(a)").expect("it is one"), read("f(a, b)").expect("it is one"));
        let lists = (terms.children(one)[1], terms.children(two)[1]);
        assert_eq!(terms.head(lists.0), terms.head(lists.1));
    }

    #[test]
    fn places_and_tokens_lie_where_the_text_has_them() {
        let mut terms = Terms::new();
        let text = b"static int __init f(void)\n{\n\tx = g( a,b );\n}\n";
        let tree = Tree::read(&mut terms, text).expect("short");
        for (at, place) in tree.places().iter().enumerate() {
            assert_eq!(tree.children(at).count(), terms.children(place.term).len());
            for (child, term) in tree.children(at).zip(terms.children(place.term)) {
                assert_eq!(tree.places()[child].term, *term);
                assert_eq!(tree.places()[child].parent as usize, at);
            }
        }
        let call = tree.places().iter().find(|p| terms.kind(p.term) == "call_expression").expect("a call");
        let tokens = &tree.tokens()[call.tokens.0 as usize..call.tokens.1 as usize];
        let words: Vec<&[u8]> = tokens.iter().map(|t| &text[t.start as usize..t.end as usize]).collect();
        assert_eq!(words, [&b"g"[..], b"(", b"a", b",", b"b", b")"]);
        assert!(!tree.tokens().iter().any(|t| &text[t.start as usize..t.end as usize] == b"__init"));
    }

    #[test]
    fn a_loop_macro_keeps_its_name() {
        let mut terms = Terms::new();
        let text = b"void f(void)\n{\n\tlist_for_each_entry(p, &head, list)\n\t\tg(p);\n}\n";
        let tree = Tree::read(&mut terms, text).expect("short");
        let root = tree.root().expect("a root");
        assert!(terms.any(root, &mut |id| terms.head_word(id).starts_with(b"list_for_each_entry ")));
        assert!(tree.tokens().iter().any(|t| &text[t.start as usize..t.end as usize] == b"list_for_each_entry"));
    }

    #[test]
    fn any_bytes_are_read() {
        let mut terms = Terms::new();
        for text in [vec![b'('; 20_000], (0..=255).cycle().take(5000).collect(), Vec::new(), b"f(".repeat(9000)] {
            assert!(Tree::read(&mut terms, &text).is_some());
        }
    }
}
