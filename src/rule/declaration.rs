//! What a text declares a name to be: a function with parameters, a macro, a field, a type, a constant.
//!
//! In: the text of an item (as `syntax::items` cuts it) and a name. Out: a [`Declaration`], in words that can be compared with
//! those of the same name in another kernel. `const` is told; other qualifiers and what the mask hides (`__user`) are left out:
//! they never make a use invalid by themselves.

use super::metavariable::is_type;
use super::template::list_style;
use super::term::{TermId, Terms};
use super::tree::Tree;
use super::typing::type_words;
use crate::syntax::lex::{Kind, tokens};

/// What a name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declared {
    /// A function, by a prototype or a definition.
    Function {
        /// What it returns: `struct class *`.
        returns: Vec<u8>,
        /// Its parameters; `void` alone is none.
        parameters: Vec<Parameter>,
        /// Whether any number of arguments may follow.
        variadic: bool,
    },
    /// A macro with parameters.
    FunctionMacro {
        /// Their names.
        parameters: Vec<Parameter>,
        /// Whether any number of arguments may follow.
        variadic: bool,
    },
    /// A macro without parameters, and what it stands for.
    ObjectMacro(Vec<u8>),
    /// A member of a struct or union: its type.
    Field(Vec<u8>),
    /// A variable: its type.
    Variable(Vec<u8>),
    /// A struct, union, enum or typedef: which, as its keyword.
    Type(Vec<u8>),
    /// A constant of an enum.
    Constant,
    /// A header, by its path.
    Include,
}

/// A parameter; of a macro without a type, of a prototype perhaps without a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, perhaps empty.
    pub name: Vec<u8>,
    /// Its type, perhaps empty.
    pub kind: Vec<u8>,
}

/// A name and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The name; of a header its path.
    pub name: Vec<u8>,
    /// What it is.
    pub declared: Declared,
}

impl Declaration {
    /// Reads what `text` declares `name` to be; `None` if it declares no such name.
    pub fn read(name: &[u8], text: &[u8]) -> Option<Self> {
        let declared = if text.trim_ascii_start().starts_with(b"#") {
            directive(name, text)?
        } else {
            let mut terms = Terms::new();
            let tree = Tree::read(&mut terms, text)?;
            tree.places().iter().find_map(|place| at_place(&terms, place.term, name))?
        };
        Some(Self { name: name.to_vec(), declared })
    }

    /// Reads what a struct or union declares its own member `name` to be; members of what is nested in it and has no name are its own.
    pub fn of_member(name: &[u8], text: &[u8]) -> Option<Self> {
        let mut terms = Terms::new();
        let tree = Tree::read(&mut terms, text)?;
        let declared = tree.places().iter().enumerate().find_map(|(at, place)| {
            let is_own = terms.kind(place.term) == "field_declaration" && is_outermost(&terms, &tree, at);
            at_place(&terms, place.term, name).filter(|_| is_own)
        })?;
        Some(Self { name: name.to_vec(), declared })
    }

    /// What is declared, in a few words: `struct class *(struct module *, const char *)`.
    pub fn told(&self) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let list = |all: &[Parameter], variadic: bool| {
            let one = |p: &Parameter| text(if p.kind.is_empty() { &p.name } else { &p.kind });
            let rest = variadic.then(|| "...".to_owned());
            all.iter().map(one).chain(rest).collect::<Vec<_>>().join(", ")
        };
        match &self.declared {
            Declared::Function { returns, parameters, variadic } => {
                format!("{} ({})", text(returns), list(parameters, *variadic))
            }
            Declared::FunctionMacro { parameters, variadic } => format!("macro({})", list(parameters, *variadic)),
            Declared::ObjectMacro(value) => format!("macro {}", text(value)),
            Declared::Field(kind) => format!("field {}", text(kind)),
            Declared::Variable(kind) => format!("variable {}", text(kind)),
            Declared::Type(keyword) => text(keyword),
            Declared::Constant => "constant".to_owned(),
            Declared::Include => "header".to_owned(),
        }
    }
}

/// Whether nothing that has a name of its own stands between a member and the type that the text is about.
fn is_outermost(terms: &Terms, tree: &Tree, at: usize) -> bool {
    let mut at = at;
    while let Some(place) = tree.places().get(at) {
        let parent = place.parent as usize;
        if parent == at {
            break;
        }
        let around = tree.places()[parent].term;
        // A field that is itself a struct and has a name comes after that struct.
        let is_named = terms.kind(around) == "field_declaration"
            && terms
                .children(around)
                .iter()
                .any(|child| terms.kind(*child).ends_with("declarator") || terms.kind(*child) == "field_identifier");
        if is_named {
            return false;
        }
        at = parent;
    }
    true
}

/// What a directive declares.
fn directive(name: &[u8], text: &[u8]) -> Option<Declared> {
    let line = text.trim_ascii_start().strip_prefix(b"#")?.trim_ascii_start();
    if let Some(path) = line.strip_prefix(b"include") {
        let path: Vec<u8> = path.iter().copied().filter(|c| !b"<>\" \t\r\n".contains(c)).collect();
        return (path == name).then_some(Declared::Include);
    }
    let rest = line.strip_prefix(b"define")?.trim_ascii_start().strip_prefix(name)?;
    match rest.first() {
        Some(b'(') => {
            let end = rest.iter().position(|c| *c == b')')?;
            let words = tokens(rest.get(1..end)?);
            let variadic = words.iter().any(|t| t.is("..."));
            let word = |t: &crate::syntax::lex::Token<'_>| Parameter { name: t.text.to_vec(), kind: Vec::new() };
            let parameters = words.iter().filter(|t| t.kind == Kind::Word).map(word).collect();
            Some(Declared::FunctionMacro { parameters, variadic })
        }
        Some(c) if c.is_ascii_alphanumeric() || *c == b'_' => None,
        _ => Some(Declared::ObjectMacro(rest.trim_ascii().to_vec())),
    }
}

/// What a term declares `name` to be.
fn at_place(terms: &Terms, term: TermId, name: &[u8]) -> Option<Declared> {
    let children = terms.children(term);
    let is_name = |id: &TermId| terms.leaf(*id) == Some(name);
    match terms.kind(term) {
        "function_definition" | "declaration" | "field_declaration" | "type_definition" => {
            let base = children.iter().position(|child| is_type(terms.kind(*child)))?;
            let declarators = children.get(base + 1..)?;
            declarators.iter().find_map(|d| of_declarator(terms, (term, children[base]), *d, name))
        }
        kind @ ("struct_specifier" | "union_specifier" | "enum_specifier") => {
            let has_body = children.last().is_some_and(|last| list_style(terms.kind(*last)).is_some());
            let keyword = kind.trim_end_matches("_specifier").as_bytes().to_vec();
            (has_body && children.first().is_some_and(is_name)).then_some(Declared::Type(keyword))
        }
        "enumerator" => children.first().is_some_and(is_name).then_some(Declared::Constant),
        _ => None,
    }
}

/// What a declarator of `name` makes of the type before it; `base` is the declaration and that type.
fn of_declarator(terms: &Terms, base: (TermId, TermId), declarator: TermId, name: &[u8]) -> Option<Declared> {
    let (mut at, mut kind) = (declarator, qualified(terms, base.0, base.1));
    let mut function: Option<TermId> = None;
    let mut is_pointer = false;
    for _ in 0..16 {
        let children = terms.children(at);
        match terms.kind(at) {
            "identifier" | "field_identifier" | "type_identifier" => break,
            "pointer_declarator" if function.is_some() => is_pointer = true,
            "pointer_declarator" => push_star(&mut kind),
            "array_declarator" => kind.extend_from_slice(b"[]"),
            "function_declarator" => function = Some(*children.last()?),
            "init_declarator" | "parenthesized_declarator" | "attributed_declarator" | "bitfield_clause" => {}
            _ => return None,
        }
        let is_inner = |kind: &str| kind.ends_with("identifier") || kind.ends_with("_declarator");
        at = *children.iter().find(|child| is_inner(terms.kind(**child)))?;
    }
    if terms.leaf(at) != Some(name) {
        return None;
    }
    Some(match (terms.kind(base.0), function) {
        ("type_definition", _) => Declared::Type(b"typedef".to_vec()),
        (place, Some(list)) => {
            let (parameters, variadic) = parameters(terms, list);
            if is_pointer {
                let shown = Declaration {
                    name: Vec::new(),
                    declared: Declared::Function { returns: kind, parameters, variadic },
                };
                let shown = shown.told().into_bytes();
                if place == "field_declaration" { Declared::Field(shown) } else { Declared::Variable(shown) }
            } else {
                Declared::Function { returns: kind, parameters, variadic }
            }
        }
        ("field_declaration", None) => Declared::Field(kind),
        _ => Declared::Variable(kind),
    })
}

/// The words of a type with `const` before them if the declaration has it.
fn qualified(terms: &Terms, declaration: TermId, base: TermId) -> Vec<u8> {
    let is_const = |id: &TermId| terms.kind(*id) == "type_qualifier" && terms.leaf(*id) == Some(b"const");
    let prefix: &[u8] = if terms.children(declaration).iter().any(is_const) { b"const " } else { b"" };
    [prefix, &type_words(terms, base)].concat()
}

/// Writes one more star behind a type.
fn push_star(kind: &mut Vec<u8>) {
    kind.extend_from_slice(if kind.ends_with(b"*") { b"*" } else { b" *" });
}

/// The parameters of a list, and whether any number of arguments may follow.
fn parameters(terms: &Terms, list: TermId) -> (Vec<Parameter>, bool) {
    let (mut all, mut variadic) = (Vec::new(), false);
    for child in terms.children(list) {
        match terms.kind(*child) {
            "parameter_declaration" => all.push(parameter(terms, *child)),
            "variadic_parameter" => variadic = true,
            _ => {}
        }
    }
    if let [only] = &all[..]
        && only.name.is_empty()
        && only.kind == b"void"
    {
        all.clear();
    }
    (all, variadic)
}

/// One parameter.
fn parameter(terms: &Terms, id: TermId) -> Parameter {
    let children = terms.children(id);
    let base = children.iter().position(|child| is_type(terms.kind(*child)));
    let mut kind = base.map(|at| qualified(terms, id, children[at])).unwrap_or_default();
    let mut name = Vec::new();
    let mut open: Vec<TermId> = base.and_then(|at| children.get(at + 1)).copied().into_iter().collect();
    for _ in 0..16 {
        let Some(at) = open.pop() else { break };
        match terms.kind(at) {
            "identifier" => name = terms.leaf(at).unwrap_or_default().to_vec(),
            "pointer_declarator" | "abstract_pointer_declarator" => push_star(&mut kind),
            "array_declarator" | "abstract_array_declarator" => push_star(&mut kind),
            "function_declarator" | "abstract_function_declarator" => kind.extend_from_slice(b" ()"),
            _ => {}
        }
        let is_inner = |id: &&TermId| terms.kind(**id) == "identifier" || terms.kind(**id).ends_with("declarator");
        open.extend(terms.children(at).iter().find(is_inner));
    }
    Parameter { name, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_declaration_is_read() {
        for (name, text, wanted) in [
            (
                "f",
                "extern struct class *f(struct module *owner, const char *name);",
                "struct class * (struct module *, const char *)",
            ),
            ("f", "static inline int f(void)\n{\n\treturn 0;\n}", "int ()"),
            (
                "f",
                "int __must_check f(int a, char __user *b, unsigned long c[], ...);",
                "int (int, char *, unsigned long *, ...)",
            ),
            ("M", "#define M(owner, name, ...) \\\n\tg(owner)", "macro(owner, name, ...)"),
            ("M", "#define M  4", "macro 4"),
            ("b", "struct s {\n\tint a;\n\tstruct t *b;\n};", "field struct t *"),
            ("cb", "struct s {\n\tint (*cb)(struct t *t);\n};", "field int (struct t *)"),
            ("s", "struct s {\n\tint a;\n};", "struct"),
            ("t", "typedef unsigned int t;", "typedef"),
            ("B", "enum e {\n\tA = 1,\n\tB,\n};", "constant"),
            ("v", "extern struct list_head v;", "variable struct list_head"),
            ("linux/a.h", "#include <linux/a.h>", "header"),
        ] {
            let read = Declaration::read(name.as_bytes(), text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(read.told(), wanted, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "[a-c(){};,*=\\n#. ]{0,80}") {
            let one = Declaration::read(b"a", text.as_bytes());
            let two = Declaration::read(b"a", format!("int a({text});").as_bytes());
            if let (Some(one), Some(two)) = (&one, &two) {
                let change = super::super::declaration_change::DeclarationChange::between(one, Some(two));
                assert!(!change.told().is_empty());
                change.suggestion();
            }
        }
    }

    #[test]
    fn members_of_what_is_nested_without_a_name_are_the_structs_own() {
        let text = b"struct s {\n\tunion {\n\t\tint a;\n\t\tlong b;\n\t};\n\tstruct {\n\t\tint c;\n\t} in;\n\tvoid (*d)(struct t *);\n};";
        let of = |name: &[u8]| Declaration::of_member(name, text).map(|d| d.told());
        assert_eq!([of(b"a"), of(b"d")], ["field int", "field void (struct t *)"].map(|told| Some(told.to_owned())));
        assert_eq!(of(b"c"), None);
    }

    #[test]
    fn what_is_not_declared_there_is_not_read() {
        for (name, text) in [
            ("M", "#define MAX 4"),
            ("g", "int f(int g);"),
            ("s", "struct s *f(void);"),
            ("x", ""),
            ("a", "#include <a.h>"),
        ] {
            assert_eq!(Declaration::read(name.as_bytes(), text.as_bytes()), None, "{text}");
        }
    }
}
