//! The declared types of a function's names, as far as its own text tells them.
//!
//! In: a tree with the declarations. Out: name to type, one written way for each type: `struct sk_buff *`. What is declared
//! twice with different types (in different blocks) has none, so that a typed metavariable never matches by mistake.

use super::metavariable::is_type;
use super::term::{TermId, Terms};
use super::tree::Tree;
use rustc_hash::FxHashMap;

/// Name to type; `None` for a name with several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types {
    /// Names and types as bytes.
    known: FxHashMap<Box<[u8]>, Option<Box<[u8]>>>,
}

impl Types {
    /// What a tree declares: parameters, local variables, variables of the file.
    pub fn of(terms: &Terms, tree: &Tree) -> Self {
        let mut types = Self::default();
        for place in tree.places() {
            if matches!(terms.kind(place.term), "declaration" | "parameter_declaration") {
                types.read(terms, place.term);
            }
        }
        types
    }

    /// The type of a name.
    pub fn of_name(&self, name: &[u8]) -> Option<&[u8]> {
        self.known.get(name)?.as_deref()
    }

    /// Whether a name is declared at all, with whatever types.
    pub fn declares(&self, name: &[u8]) -> bool {
        self.known.contains_key(name)
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Adds what another text declares, where this one says nothing.
    pub fn widen(&mut self, outer: &Self) {
        for (name, kind) in &outer.known {
            self.known.entry(name.clone()).or_insert_with(|| kind.clone());
        }
    }

    /// Reads one declaration: a type, then declarators.
    fn read(&mut self, terms: &Terms, declaration: TermId) {
        let children = terms.children(declaration);
        let Some(at) = children.iter().position(|child| is_type(terms.kind(*child))) else { return };
        let base = type_words(terms, children[at]);
        for declarator in &children[at + 1..] {
            if let Some((name, stars)) = declared(terms, *declarator) {
                let space = if stars.is_empty() { &b""[..] } else { b" " };
                self.insert(&name, &[&base, space, &stars].concat());
            }
        }
    }

    /// Remembers a type; a second, different one makes the name unknown.
    fn insert(&mut self, name: &[u8], kind: &[u8]) {
        let entry = self.known.entry(name.into()).or_insert_with(|| Some(kind.into()));
        if entry.as_deref() != Some(kind) {
            *entry = None;
        }
    }
}

/// The type of what the initialiser around a place initialises: of a declaration, else of a compound literal. Initialisers within
/// initialisers are of types that only their fields tell: they have none.
pub fn initialised(terms: &Terms, tree: &Tree, at: usize) -> Option<Vec<u8>> {
    let (mut at, mut lists) = (at, 0);
    loop {
        let place = tree.places().get(at)?;
        let children = terms.children(place.term);
        match terms.kind(place.term) {
            "initializer_list" => lists += 1,
            "declaration" if lists > 0 => {
                let base = children.iter().find(|child| is_type(terms.kind(**child)))?;
                return (lists == 1).then(|| type_words(terms, *base));
            }
            "compound_literal_expression" if lists > 0 => {
                let base = terms.children(*children.first()?).iter().find(|child| is_type(terms.kind(**child)))?;
                return (lists == 1).then(|| type_words(terms, *base));
            }
            "function_definition" | "compound_statement" => return None,
            _ => {}
        }
        at = Some(place.parent as usize).filter(|parent| *parent != at)?;
    }
}

/// The words of a type without a body: `struct sk_buff`.
pub(super) fn type_words(terms: &Terms, id: TermId) -> Vec<u8> {
    let keyword: &[u8] = match terms.kind(id) {
        "struct_specifier" => b"struct ",
        "union_specifier" => b"union ",
        "enum_specifier" => b"enum ",
        "sized_type_specifier" => return super::print::text(terms, id, &[]).into_bytes(),
        _ => return terms.leaf(id).unwrap_or_default().to_vec(),
    };
    let name = terms.children(id).iter().find(|child| terms.kind(**child) == "type_identifier");
    [keyword, name.and_then(|n| terms.leaf(*n)).unwrap_or_default()].concat()
}

/// The name that a declarator declares, and what of its type is written around it: stars, and brackets as `[]`.
pub(super) fn declared(terms: &Terms, declarator: TermId) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut at, mut stars) = (declarator, Vec::new());
    for _ in 0..16 {
        match terms.kind(at) {
            "identifier" => return Some((terms.leaf(at)?.to_vec(), stars)),
            "pointer_declarator" => stars.push(b'*'),
            "array_declarator" => stars.extend_from_slice(b"[]"),
            "init_declarator" | "parenthesized_declarator" => {}
            _ => return None,
        }
        let is_inner = |kind: &str| kind == "identifier" || kind.ends_with("_declarator");
        at = *terms.children(at).iter().find(|child| is_inner(terms.kind(**child)))?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_locals_have_types() {
        let mut terms = Terms::new();
        let text =
            b"static int f(struct sk_buff *skb, unsigned long n)\n{\n\tstruct page *p = g(), **q, r;\n\tu8 b[4];\n}\n";
        let tree = Tree::read(&mut terms, text).expect("short");
        let types = Types::of(&terms, &tree);
        assert_eq!(types.of_name(b"skb"), Some(&b"struct sk_buff *"[..]));
        assert_eq!(types.of_name(b"p"), Some(&b"struct page *"[..]));
        assert_eq!(types.of_name(b"q"), Some(&b"struct page **"[..]));
        assert_eq!(types.of_name(b"r"), Some(&b"struct page"[..]));
        assert_eq!(types.of_name(b"b"), Some(&b"u8 []"[..]));
        assert_eq!(types.of_name(b"x"), None);
    }

    #[test]
    fn a_name_with_two_types_has_none() {
        let mut terms = Terms::new();
        let text = b"void f(void)\n{\n\t{ int a; }\n\t{ long a; }\n}\n";
        let tree = Tree::read(&mut terms, text).expect("short");
        assert_eq!(Types::of(&terms, &tree).of_name(b"a"), None);
    }
}
