//! The types of expressions, as far as one file tells them.
//!
//! In: the declarations of a file and of one function. Out: the type of an expression: of names, casts, fields of structs that the
//! file defines, and of calls of functions that it defines or declares.

use crate::rule::term::{TermId, Terms};
use crate::rule::tree::Tree;
use crate::rule::typing::Types;
use rustc_hash::{FxHashMap, FxHashSet};

/// A type: a base, and stars or brackets behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// `struct sk_buff`
    pub base: Vec<u8>,
    /// How many stars.
    pub stars: usize,
    /// How many brackets.
    pub arrays: usize,
}

impl Type {
    /// Of a type as `Types` writes it: `struct sk_buff *`, `u8 []`.
    pub fn read(text: &[u8]) -> Self {
        let stars = text.iter().filter(|c| **c == b'*').count();
        let arrays = text.iter().filter(|c| **c == b'[').count();
        let end = text.iter().position(|c| matches!(c, b'*' | b'[')).unwrap_or(text.len());
        Self { base: text[..end].trim_ascii().to_vec(), stars, arrays }
    }

    /// Written.
    pub fn text(&self) -> Vec<u8> {
        let space = if self.stars + self.arrays > 0 { &b" "[..] } else { b"" };
        [&self.base, space, &b"*".repeat(self.stars), &b"[]".repeat(self.arrays)].concat()
    }

    /// The type without this many stars, or without brackets; `None` if it has fewer.
    pub fn less(&self, stars: usize, array: bool) -> Option<Vec<u8>> {
        let arrays = self.arrays.checked_sub(usize::from(array))?;
        let stars = self.stars.checked_sub(stars)?;
        Some(Self { base: self.base.clone(), stars, arrays }.text())
    }

    /// What `*x` or `x[i]` is of.
    fn behind(mut self) -> Option<Self> {
        if self.arrays > 0 {
            self.arrays -= 1;
        } else {
            self.stars = self.stars.checked_sub(1)?;
        }
        Some(self)
    }
}

/// What a file and one of its functions declare.
#[derive(Clone, Debug, Default)]
pub struct Typing {
    /// Of the function, then of the file.
    pub types: Types,
    /// What the function declares itself.
    pub locals: FxHashSet<Vec<u8>>,
    /// Of the file: by struct and field.
    pub fields: FxHashMap<(Vec<u8>, Vec<u8>), Type>,
    /// Of the file: what functions return.
    pub returns: FxHashMap<Vec<u8>, Type>,
}

/// Expressions nested deeper have no type.
const MOST_DEPTH: usize = 32;

impl Typing {
    /// Adds what an item of the file declares: variables, structs, functions.
    pub fn widen(&mut self, terms: &Terms, tree: &Tree) {
        for (at, place) in tree.places().iter().enumerate() {
            match terms.kind(place.term) {
                "struct_specifier" | "union_specifier" => self.members(terms, place.term),
                "function_definition" | "declaration" if self.is_top(terms, tree, at) => {
                    self.function(terms, place.term);
                }
                _ => {}
            }
        }
        let is_function = tree.places().iter().any(|p| terms.kind(p.term) == "function_definition");
        if !is_function {
            self.types.widen(&Types::of(terms, tree));
        }
    }

    /// Whether a place stands in no function.
    fn is_top(&self, terms: &Terms, tree: &Tree, at: usize) -> bool {
        let parent = tree.places()[at].parent as usize;
        tree.places().get(parent).is_some_and(|p| terms.kind(p.term) == "translation_unit")
    }

    /// The same with what a function declares.
    pub fn within(&self, terms: &Terms, tree: &Tree) -> Self {
        let mut types = Types::of(terms, tree);
        let mut locals = FxHashSet::default();
        for place in tree.places() {
            if let Some(word) = terms.leaf(place.term)
                && terms.kind(place.term) == "identifier"
                && types.declares(word)
            {
                locals.insert(word.to_vec());
            }
        }
        types.widen(&self.types);
        Self { types, locals, fields: self.fields.clone(), returns: self.returns.clone() }
    }

    /// Whether a name is a variable or parameter of the function.
    pub fn is_local(&self, name: &[u8]) -> bool {
        self.locals.contains(name)
    }

    /// Reads the members of a struct that is defined here.
    fn members(&mut self, terms: &Terms, id: TermId) {
        let children = terms.children(id);
        let Some(list) = children.iter().find(|c| terms.kind(**c) == "field_declaration_list") else { return };
        let Some(name) = children.iter().find(|c| terms.kind(**c) == "type_identifier").and_then(|c| terms.leaf(*c))
        else {
            return;
        };
        let keyword: &[u8] = if terms.kind(id) == "struct_specifier" { b"struct " } else { b"union " };
        let owner = [keyword, name].concat();
        for field in terms.children(*list) {
            let parts = terms.children(*field);
            let Some(base) = parts.iter().find(|c| crate::rule::metavariable::is_type(terms.kind(**c))) else {
                continue;
            };
            let base = base_of(terms, *base);
            for declarator in parts {
                if let Some((name, stars, arrays)) = declared(terms, *declarator) {
                    self.fields.insert((owner.clone(), name), Type { base: base.clone(), stars, arrays });
                }
            }
        }
    }

    /// Reads what a function returns.
    fn function(&mut self, terms: &Terms, id: TermId) {
        let children = terms.children(id);
        let Some(base) = children.iter().find(|c| crate::rule::metavariable::is_type(terms.kind(**c))) else { return };
        let base = base_of(terms, *base);
        for declarator in children {
            let (mut at, mut stars) = (*declarator, 0);
            while terms.kind(at) == "pointer_declarator" {
                let Some(inner) = terms.children(at).last() else { break };
                (at, stars) = (*inner, stars + 1);
            }
            if terms.kind(at) == "function_declarator"
                && let Some(name) = terms.children(at).first().and_then(|c| terms.leaf(*c))
            {
                self.returns.insert(name.to_vec(), Type { base: base.clone(), stars, arrays: 0 });
            }
        }
    }

    /// The type of an expression.
    pub fn type_of(&self, terms: &Terms, id: TermId) -> Option<Type> {
        self.type_within(terms, id, 0)
    }

    /// The same, within so many others.
    fn type_within(&self, terms: &Terms, id: TermId, depth: usize) -> Option<Type> {
        if depth > MOST_DEPTH {
            return None;
        }
        let children = terms.children(id);
        let of = |at: usize| children.get(at).and_then(|child| self.type_within(terms, *child, depth + 1));
        match (terms.kind(id), terms.head_word(id)) {
            ("identifier", word) => self.types.of_name(word).map(Type::read),
            ("parenthesized_expression", _) => of(0),
            ("pointer_expression", b"& _") => of(0).map(|mut kind| {
                kind.stars += 1;
                kind
            }),
            ("pointer_expression", _) | ("subscript_expression", _) => of(0)?.behind(),
            ("assignment_expression", _) => of(0),
            ("update_expression", _) => of(0),
            ("conditional_expression", _) => of(1).or_else(|| of(2)),
            ("string_literal" | "concatenated_string", _) => Some(Type { base: b"char".to_vec(), stars: 1, arrays: 0 }),
            ("field_expression", word) => {
                let owner = of(0)?;
                let owner = if word == b"_ -> _" { owner.behind()? } else { owner };
                let field = terms.leaf(*children.get(1)?)?;
                self.fields.get(&(owner.text(), field.to_vec())).cloned()
            }
            ("call_expression", _) => self.returns.get(terms.leaf(*children.first()?)?).cloned(),
            ("cast_expression", _) => described(terms, *children.first()?),
            ("binary_expression", b"_ + _" | b"_ - _") => of(0).filter(|kind| kind.stars + kind.arrays > 0),
            _ => None,
        }
    }
}

/// The type that a cast names.
fn described(terms: &Terms, id: TermId) -> Option<Type> {
    let children = terms.children(id);
    let base = children.iter().find(|c| crate::rule::metavariable::is_type(terms.kind(**c)))?;
    let mut stars = 0;
    let mut at = children.iter().find(|c| terms.kind(**c) == "abstract_pointer_declarator").copied();
    while let Some(here) = at {
        stars += 1;
        at = terms.children(here).iter().find(|c| terms.kind(**c) == "abstract_pointer_declarator").copied();
    }
    Some(Type { base: base_of(terms, *base), stars, arrays: 0 })
}

/// The words of a type without a body.
fn base_of(terms: &Terms, id: TermId) -> Vec<u8> {
    let name = || terms.children(id).iter().find(|c| terms.kind(**c) == "type_identifier").and_then(|c| terms.leaf(*c));
    match terms.kind(id) {
        "struct_specifier" => [b"struct ", name().unwrap_or_default()].concat(),
        "union_specifier" => [b"union ", name().unwrap_or_default()].concat(),
        "enum_specifier" => [b"enum ", name().unwrap_or_default()].concat(),
        _ => crate::rule::print::text(terms, id, &[]).into_bytes(),
    }
}

/// Name, stars and brackets of a member.
fn declared(terms: &Terms, declarator: TermId) -> Option<(Vec<u8>, usize, usize)> {
    let (mut at, mut stars, mut arrays) = (declarator, 0, 0);
    for _ in 0..16 {
        match terms.kind(at) {
            "field_identifier" => return Some((terms.leaf(at)?.to_vec(), stars, arrays)),
            "pointer_declarator" => stars += 1,
            "array_declarator" => arrays += 1,
            _ => return None,
        }
        let is_inner = |kind: &str| kind == "field_identifier" || kind.ends_with("_declarator");
        at = *terms.children(at).iter().find(|child| is_inner(terms.kind(**child)))?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::form::Form;

    #[test]
    fn names_fields_calls_and_casts_have_types_and_nothing_else_has() {
        let mut terms = Terms::new();
        let mut typing = Typing::default();
        let file = b"struct a { struct b *next; int n[4]; };\nstatic struct a *make(void);\n";
        let tree = Tree::read(&mut terms, file).expect("short");
        typing.widen(&terms, &tree);
        let function = Tree::read(&mut terms, b"void f(struct a *x) { u8 c; }").expect("short");
        let typing = typing.within(&terms, &function);
        for (text, wanted) in [
            ("x", "struct a *"),
            ("x->next", "struct b *"),
            ("(*x).n[1]", "int"),
            ("make()", "struct a *"),
            ("(struct c *)y", "struct c *"),
            ("&c", "u8 *"),
            ("y", ""),
            ("y->next", ""),
        ] {
            let tree = Tree::read_as(&mut terms, text.as_bytes(), Form::Expression).expect("an expression");
            let found = typing.type_of(&terms, tree.root().expect("a root")).map(|t| t.text()).unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(&found), wanted, "{text}");
        }
        assert!(typing.is_local(b"x") && !typing.is_local(b"make"));
    }
}
