//! A function with everything that paths need of it: graph, places, and a term for each node.
//!
//! In: the text of one function and an arena. Out: for every node of the graph two terms. The *head* is what stands in the node
//! itself, with dots for the body, as header patterns have it; the *whole* is the statement with everything inside.
//!
//! ```text
//!   if (a)          node If      head   if_statement "if _ _" (a, ...)
//!           b();                 whole  if_statement "if _ _" (a, b();)
//! ```

use super::cfg::Kind;
use super::cfg_diff::Side;
use crate::rule::term::{Head, TermId, Terms};
use crate::rule::tree::Tree;
use crate::rule::typing::Types;
use crate::syntax::items::items;
use crate::syntax::parse::{Reading, parse};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// A longer function is left alone: nothing of the kernel that people write is.
pub const MOST_BYTES: usize = 200_000;

/// A function, read.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: Vec<u8>,
    /// Text, graph, tokens of the nodes.
    pub side: Side,
    /// Its places.
    pub tree: Tree,
    /// What it declares.
    pub types: Types,
    /// By node: the term of what stands in the node itself.
    pub heads: Vec<TermId>,
    /// By node: the term of the whole statement.
    pub wholes: Vec<TermId>,
    /// By node: the index of the statement's place.
    pub places: Vec<usize>,
    /// Terms of the identifiers that it declares, its own name and its labels among them.
    pub locals: FxHashSet<TermId>,
}

impl Function {
    /// Reads the text of one function; `None` if there is none or it is too long.
    pub fn read(terms: &mut Terms, text: &[u8]) -> Option<Self> {
        if text.len() > MOST_BYTES {
            return None;
        }
        let parsed = parse(text, Reading::Masked)?;
        let side = Side::new(text, &parsed.tree)?;
        let tree = Tree::read(terms, text)?;
        let types = Types::of(terms, &tree);
        let places = places_of(terms, &side, &tree, &parsed.tree);
        let term = |place: &usize| tree.places().get(*place).map(|p| p.term);
        let nothing = terms.node(Head::Dots, &[]);
        let wholes: Vec<TermId> = places.iter().map(|place| term(place).unwrap_or(nothing)).collect();
        let heads = (0..wholes.len()).map(|id| head(terms, &side, wholes[id], id)).collect();
        let locals = locals(terms, &tree);
        let name = name(terms, wholes[1]).unwrap_or_default();
        Some(Self { name, side, tree, types, heads, wholes, places, locals })
    }

    /// The bytes of a place.
    pub fn bytes(&self, place: usize) -> &[u8] {
        let range = self.tree.places().get(place).map_or(0..0, |p| p.start as usize..p.end as usize);
        self.side.text.get(range).unwrap_or_default()
    }

    /// The indexes of all places that lie in a node's own bytes, its statement's own place among them.
    pub fn places_in(&self, id: usize) -> impl Iterator<Item = usize> + '_ {
        let root = self.places[id];
        let end = self.tree.places().get(root).map_or(root, |p| p.after as usize);
        let own = self.side.cfg.nodes[id].place.end;
        (root..end).filter(move |at| *at == root || self.tree.places()[*at].end as usize <= own)
    }
}

/// The functions of a file: where each stands in it.
pub fn functions(text: &[u8]) -> Vec<(Vec<u8>, Range<usize>)> {
    let found = items(text).list.into_iter().filter(|item| item.kind.is_function());
    found.map(|item| (item.identity(text).to_vec(), item.span.start..item.body.end.max(item.span.start))).collect()
}

/// By node: the place with its statement's bytes and kind.
fn places_of(terms: &Terms, side: &Side, tree: &Tree, syntax: &crate::syntax::syntax_tree::SyntaxTree) -> Vec<usize> {
    let mut known: FxHashMap<(u32, u32, &str), usize> = FxHashMap::default();
    for (at, place) in tree.places().iter().enumerate() {
        known.entry((place.start, place.end, terms.kind(place.term))).or_insert(at);
    }
    let of = |id: usize| {
        let node = syntax.nodes().get(side.cfg.nodes[id].tree)?;
        known.get(&(node.start, node.end, node.kind)).copied()
    };
    (0..side.cfg.nodes.len()).map(|id| of(id).unwrap_or(usize::MAX)).collect()
}

/// The term of what stands in a node itself.
fn head(terms: &mut Terms, side: &Side, whole: TermId, id: usize) -> TermId {
    let node = &side.cfg.nodes[id];
    let kind = terms.kind(whole);
    let dots = terms.node(Head::Dots, &[]);
    let mut children = terms.children(whole).to_vec();
    match (node.kind, kind) {
        (Kind::Entry | Kind::Exit, _) => dots,
        (Kind::If, _) => {
            children.truncate(1);
            children.push(dots);
            let word = if terms.head_word(whole).starts_with(b"if ") { b"if _ _".to_vec() } else { return whole };
            terms.known("if_statement", &word, &children)
        }
        (Kind::Header | Kind::Loop | Kind::Iterator | Kind::Switch | Kind::Label, _) => {
            if let Some(last) = children.last_mut() {
                *last = dots;
            }
            let same = terms.head(whole);
            terms.node(same, &children)
        }
        (Kind::Until, _) => {
            if let Some(first) = children.first_mut() {
                *first = dots;
            }
            let same = terms.head(whole);
            terms.node(same, &children)
        }
        (Kind::Case | Kind::Directive, _) => terms.known("head", &side.tokens[id], &[]),
        _ => whole,
    }
}

/// The name that a function's term defines.
fn name(terms: &Terms, function: TermId) -> Option<Vec<u8>> {
    let mut at = *terms.children(function).iter().find(|c| terms.kind(**c).ends_with("_declarator"))?;
    for _ in 0..16 {
        let inner = terms.children(at).iter();
        let found = inner.clone().find(|c| terms.kind(**c) == "identifier");
        if let Some(leaf) = found {
            return terms.leaf(*leaf).map(<[u8]>::to_vec);
        }
        at = *inner.clone().find(|c| terms.kind(**c).ends_with("_declarator"))?;
    }
    None
}

/// The identifiers that a function declares.
fn locals(terms: &Terms, tree: &Tree) -> FxHashSet<TermId> {
    let mut found = FxHashSet::default();
    for (at, place) in tree.places().iter().enumerate() {
        match terms.kind(place.term) {
            "declaration" | "parameter_declaration" | "function_definition" => {
                for child in tree.children(at) {
                    found.extend(declared(terms, tree, child));
                }
            }
            "statement_identifier" => {
                found.insert(place.term);
            }
            _ => {}
        }
    }
    found
}

/// The identifier that a declarator declares.
fn declared(terms: &Terms, tree: &Tree, declarator: usize) -> Option<TermId> {
    let mut at = declarator;
    for _ in 0..16 {
        let term = tree.places().get(at)?.term;
        match terms.kind(term) {
            "identifier" => return Some(term),
            kind if kind.ends_with("_declarator") => {
                at = tree.children(at).find(|c| {
                    let kind = tree.places().get(*c).map_or("", |p| terms.kind(p.term));
                    kind == "identifier" || kind.ends_with("_declarator")
                })?;
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::print;

    #[test]
    fn a_head_has_dots_for_its_body_and_knows_its_locals() {
        let mut terms = Terms::new();
        let text = b"static int f(struct a *p)\n{\n\tint i;\n\n\tif (p->x) {\n\t\tg(i);\n\t}\n\twhile (i)\n\t\th(other);\n\treturn 0;\n}\n";
        let function = Function::read(&mut terms, text).expect("short");
        let shown: Vec<String> =
            function.side.cfg.inner().map(|id| print::text(&terms, function.heads[id], &[])).collect();
        let expected = [
            "static int f(struct a *p) ...",
            "int i;",
            "if (p->x) ...",
            "g(i);",
            "while (i) ...",
            "h(other);",
            "return 0;",
        ];
        assert_eq!(shown, expected);
        let mut names: Vec<&[u8]> = function.locals.iter().filter_map(|term| terms.leaf(*term)).collect();
        names.sort_unstable();
        assert_eq!(names, [b"f", b"i", b"p"]);
        assert_eq!(function.name, b"f");
    }

    #[test]
    fn places_of_a_head_end_with_its_head() {
        let mut terms = Terms::new();
        let function = Function::read(&mut terms, b"void f(void)\n{\n\tif (a(1))\n\t\tb(2);\n}\n").expect("short");
        let words = |id: usize| -> Vec<String> {
            function.places_in(id).map(|at| String::from_utf8_lossy(function.bytes(at)).into_owned()).collect()
        };
        assert!(words(2).contains(&"1".to_owned()) && !words(2).contains(&"2".to_owned()));
    }

    #[test]
    fn functions_of_a_file_are_found_by_name() {
        let text = b"int a;\nstatic int f(void)\n{\n\treturn 0;\n}\n\nvoid g(void) {}\n";
        let found = functions(text);
        assert_eq!(found.iter().map(|f| f.0.as_slice()).collect::<Vec<_>>(), [b"f", b"g"]);
        assert!(text[found[0].1.clone()].ends_with(b"}"));
    }
}
