//! What happened to a declaration between two kernels, and whether old uses still compile.
//!
//! In: what a name was declared to be, and what it is (or nothing). Out: the differences in words, whether they make the old form
//! invalid, and for functions the rewriting of a call that they suggest.
//!
//! ```text
//! class_create(owner, name)                 parameters are paired by name and type, then by name, then by type;
//! class_create(const char *name)            what is left over was taken away or added:   class_create(X0, X1) -> class_create(X1)
//! ```

use super::declaration::{Declaration, Declared, Parameter};
use super::metavariable::{Metavariable, MetavariableKind};
use super::pattern::Pattern;
use super::rule::{Requirement, Rule};
use super::type_fit::{differ_in_struct, is_arrow, is_compatible, is_readable};
use crate::merge::Change;

/// One difference. Arguments count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The name is gone.
    Removed,
    /// The name is gone, and callers use these names instead, the most frequent first.
    Renamed(Vec<Vec<u8>>),
    /// A parameter came.
    ArgumentAdded(usize, Parameter),
    /// A parameter went.
    ArgumentRemoved(usize, Parameter),
    /// A parameter stands elsewhere: before, after.
    ArgumentMoved(usize, usize),
    /// A parameter has another type: which, before, after.
    ArgumentRetyped(usize, Vec<u8>, Vec<u8>),
    /// It returns another type: before, after.
    Returns(Vec<u8>, Vec<u8>),
    /// A field or variable has another type: before, after.
    Retyped(Vec<u8>, Vec<u8>),
    /// It is another kind of thing: before, after.
    Became(&'static str, &'static str),
    /// A macro stands for something else.
    Value,
}

/// What happened to a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclarationChange {
    /// The name.
    pub name: Vec<u8>,
    /// As it was.
    pub before: Declaration,
    /// As it is; `None` if it is gone.
    pub after: Option<Declaration>,
    /// In the order of the declaration; empty if it is the same.
    pub differences: Vec<Difference>,
    /// For each parameter after: which one before it was.
    arguments: Vec<Option<usize>>,
}

impl DeclarationChange {
    /// Whether what fits the one does not fit the other: another number or order of arguments, a pointer for a value, another struct,
    /// something for nothing. Numbers have many names, and `const` is another matter.
    pub fn refuses(&self) -> bool {
        let is_void = |kind: &[u8]| kind == b"void";
        let is_hard = |difference: &Difference| match difference {
            Difference::ArgumentAdded(..) | Difference::ArgumentRemoved(..) | Difference::ArgumentMoved(..) => true,
            Difference::ArgumentRetyped(_, a, b) => a.ends_with(b"*") != b.ends_with(b"*") || differ_in_struct(a, b),
            Difference::Returns(a, b) => is_void(a) != is_void(b) || differ_in_struct(a, b),
            _ => false,
        };
        self.differences.iter().any(is_hard)
    }

    /// Compares a declaration with what the name is declared to be later.
    pub fn between(before: &Declaration, after: Option<&Declaration>) -> Self {
        let mut change = Self {
            name: before.name.clone(),
            before: before.clone(),
            after: after.cloned(),
            differences: Vec::new(),
            arguments: Vec::new(),
        };
        match after {
            None => change.differences.push(Difference::Removed),
            Some(after) => change.compare(&before.declared, &after.declared),
        }
        change
    }

    /// Takes over from the rules of the name what callers use instead.
    pub fn with_rules(mut self, rules: &[Rule]) -> Self {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let after = rules.iter().flat_map(Rule::changes).map(|change| (change.before.words(), change.after.words()));
        for (old, new) in after {
            let first = new.into_iter().find(|word| {
                !old.contains(word) && word.first().is_some_and(|c| c.is_ascii_alphabetic() || *c == b'_')
            });
            names.extend(first.map(|word| word.to_vec()).filter(|word| !names.contains(word)));
        }
        if self.differences == [Difference::Removed] && !names.is_empty() {
            self.differences = vec![Difference::Renamed(names)];
        }
        self
    }

    /// Notes the differences of two declarations.
    fn compare(&mut self, before: &Declared, after: &Declared) {
        use Declared::{Field, Function, FunctionMacro, ObjectMacro, Variable};
        if matches!(before, Function { .. } | FunctionMacro { .. }) && is_alias(after) {
            return self.differences.push(Difference::Value);
        }
        if word(before) != word(after) {
            self.differences.push(Difference::Became(word(before), word(after)));
        }
        match (before, after) {
            (
                Function { parameters: old, .. } | FunctionMacro { parameters: old, .. },
                Function { parameters: new, .. } | FunctionMacro { parameters: new, .. },
            ) => self.compare_parameters(old, new),
            (Field(old), Field(new)) | (Variable(old), Variable(new)) if old != new => {
                self.differences.push(Difference::Retyped(old.clone(), new.clone()));
            }
            (ObjectMacro(old), ObjectMacro(new)) if old != new => self.differences.push(Difference::Value),
            _ => {}
        }
        if let (Function { returns: old, .. }, Function { returns: new, .. }) = (before, after)
            && old != new
        {
            self.differences.push(Difference::Returns(old.clone(), new.clone()));
        }
    }

    /// Notes the differences of two lists of parameters.
    fn compare_parameters(&mut self, old: &[Parameter], new: &[Parameter]) {
        let partner = paired(old, new);
        for (at, parameter) in old.iter().enumerate() {
            if !partner.contains(&Some(at)) {
                self.differences.push(Difference::ArgumentRemoved(at + 1, parameter.clone()));
            }
        }
        let mut last = None;
        for (at, parameter) in new.iter().enumerate() {
            let Some(from) = partner[at] else {
                self.differences.push(Difference::ArgumentAdded(at + 1, parameter.clone()));
                continue;
            };
            if last.is_some_and(|last| from < last) {
                self.differences.push(Difference::ArgumentMoved(from + 1, at + 1));
            }
            last = last.max(Some(from));
            let (a, b) = (&old[from].kind, &parameter.kind);
            if a != b && !a.is_empty() && !b.is_empty() {
                self.differences.push(Difference::ArgumentRetyped(from + 1, a.clone(), b.clone()));
            }
        }
        self.arguments = partner;
    }

    /// Whether the old form still compiles.
    pub fn requirement(&self) -> Requirement {
        let variadic = |d: &Option<Declaration>| {
            matches!(
                d.as_ref().map(|d| &d.declared),
                Some(Declared::Function { variadic: true, .. } | Declared::FunctionMacro { variadic: true, .. })
            )
        };
        let is_hard = |difference: &Difference| match difference {
            Difference::Removed | Difference::Renamed(_) | Difference::ArgumentMoved(..) => true,
            Difference::ArgumentAdded(..) => true,
            Difference::ArgumentRemoved(..) => !variadic(&self.after),
            Difference::ArgumentRetyped(_, a, b) => !is_compatible(a, b),
            // What may no longer be assigned.
            Difference::Retyped(a, b) => !is_compatible(a, b) || b.starts_with(b"const ") && !a.starts_with(b"const "),
            Difference::Returns(a, b) => a != b"void" && !is_compatible(a, b),
            Difference::Became(a, b) => !is_same_use(a, b),
            Difference::Value => false,
        };
        if self.differences.iter().any(is_hard) { Requirement::Required } else { Requirement::Optional }
    }

    /// Whether what is read from it does not fit where it went: it may be written to no more and still be read.
    pub fn refuses_reading(&self) -> bool {
        self.differences.iter().any(|one| matches!(one, Difference::Retyped(a, b) if !is_readable(a, b)))
    }

    /// Whether a struct became a pointer to one: what was accessed by `.` is accessed by `->`.
    pub fn is_pointer_now(&self) -> bool {
        matches!(&self.differences[..], [Difference::Retyped(a, b)] if is_arrow(a, b))
    }

    /// The rewriting of a call that the parameters alone suggest: arguments taken out or put in another order. `None` if an
    /// argument came, whose value only callers know, or nothing has to change.
    pub fn suggestion(&self) -> Option<(Change<Pattern>, Vec<Metavariable>)> {
        let (Declared::Function { parameters: old, .. } | Declared::FunctionMacro { parameters: old, .. }) =
            &self.before.declared
        else {
            return None;
        };
        let arguments: Option<Vec<usize>> = self.arguments.iter().copied().collect();
        let order = arguments.filter(|order| self.after.is_some() && *order != (0..old.len()).collect::<Vec<_>>())?;
        let leaf = Pattern::leaf("identifier", &self.name);
        let call = |numbers: &mut dyn Iterator<Item = usize>| {
            let all = numbers.filter_map(|n| u32::try_from(n).ok()).map(Pattern::Meta).collect();
            let list = Pattern::Node { kind: "argument_list", word: [].into(), children: all };
            Pattern::Node { kind: "call_expression", word: (*b"_ _").into(), children: vec![leaf.clone(), list] }
        };
        let metas = (0..old.len()).map(|n| Metavariable::new(&format!("X{n}"), MetavariableKind::Expression)).collect();
        Some((Change { before: call(&mut (0..old.len())), after: call(&mut order.into_iter()) }, metas))
    }

    /// In a line: `class_create: argument 1 (struct module *) removed`.
    pub fn told(&self) -> String {
        let all: Vec<String> = self.differences.iter().map(told).collect();
        let what = if all.is_empty() { "unchanged".to_owned() } else { all.join("; ") };
        format!("{}: {what}", String::from_utf8_lossy(&self.name))
    }
}

/// A difference in words.
fn told(difference: &Difference) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let one = |p: &Parameter| text(if p.kind.is_empty() { &p.name } else { &p.kind });
    match difference {
        Difference::Removed => "removed".to_owned(),
        Difference::Renamed(names) => {
            format!("became {}", names.iter().map(|name| text(name)).collect::<Vec<_>>().join(" or "))
        }
        Difference::ArgumentAdded(at, p) => format!("argument {at} ({}) added", one(p)),
        Difference::ArgumentRemoved(at, p) => format!("argument {at} ({}) removed", one(p)),
        Difference::ArgumentMoved(from, to) => format!("argument {from} is argument {to}"),
        Difference::ArgumentRetyped(at, a, b) => format!("argument {at} was {}, is {}", text(a), text(b)),
        Difference::Returns(a, b) => format!("returned {}, returns {}", text(a), text(b)),
        Difference::Retyped(a, b) => {
            let access = if is_arrow(a, b) {
                ": . became ->"
            } else if is_arrow(b, a) {
                ": -> became ."
            } else {
                ""
            };
            format!("was {}, is {}{access}", text(a), text(b))
        }
        Difference::Became(a, b) => format!("was a {a}, is a {b}"),
        Difference::Value => "stands for something else".to_owned(),
    }
}

/// Whether a macro is another name of something: what that is says whether it can be called.
fn is_alias(declared: &Declared) -> bool {
    let is_letter = |c: &u8| c.is_ascii_alphanumeric() || *c == b'_';
    matches!(declared, Declared::ObjectMacro(value) if !value.is_empty() && value.iter().all(is_letter))
}

/// What kind of thing it is, in a word.
fn word(declared: &Declared) -> &'static str {
    match declared {
        Declared::Function { .. } => "function",
        Declared::FunctionMacro { .. } => "macro with arguments",
        Declared::ObjectMacro(_) => "macro",
        Declared::Field(_) => "field",
        Declared::Variable(_) => "variable",
        Declared::Type(keyword) => match &keyword[..] {
            b"struct" => "struct",
            b"union" => "union",
            b"enum" => "enum",
            _ => "typedef",
        },
        Declared::Constant => "constant",
        Declared::Include => "header",
    }
}

/// Whether what is used as the one can be used as the other: a call is a call, a value a value.
fn is_same_use(before: &str, after: &str) -> bool {
    let class = |word: &str| match word {
        "function" | "macro with arguments" => 1,
        "macro" | "constant" | "variable" => 2,
        "field" => 3,
        "struct" => 4,
        "union" => 5,
        "enum" => 6,
        "typedef" => 7,
        _ => 8,
    };
    class(before) == class(after)
}

/// For each new parameter the old one that it was: those that are most alike first, in order.
fn paired(old: &[Parameter], new: &[Parameter]) -> Vec<Option<usize>> {
    let mut partner: Vec<Option<usize>> = vec![None; new.len()];
    // In lists of the same length what is left over has a new name and a new type, at its old place.
    let least = if old.len() == new.len() { 0 } else { 1 };
    for grade in (least..=3).rev() {
        for (at, parameter) in new.iter().enumerate() {
            if partner[at].is_none() {
                let free = |n: &usize| !partner.contains(&Some(*n));
                partner[at] = (0..old.len()).filter(free).find(|n| likeness(&old[*n], parameter) >= grade);
            }
        }
    }
    // What is left over at the same place has a new name and a new type.
    for at in 0..new.len().min(old.len()) {
        let is_pointer = |p: &Parameter| p.kind.ends_with(b"*");
        if partner[at].is_none() && !partner.contains(&Some(at)) && is_pointer(&old[at]) == is_pointer(&new[at]) {
            partner[at] = Some(at);
        }
    }
    partner
}

/// How alike two parameters are: 3 the same, 2 the same name, 1 the same type, 0 nothing. A macro's have no types.
fn likeness(a: &Parameter, b: &Parameter) -> u8 {
    let name = !a.name.is_empty() && a.name == b.name;
    let untyped = a.kind.is_empty() || b.kind.is_empty();
    match (name, !untyped && a.kind == b.kind) {
        (true, true) => 3,
        (true, false) if untyped => 3,
        (true, false) => 2,
        (false, true) => 1,
        (false, false) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What happened to `name`, told, and whether it is required.
    fn change(name: &str, before: &str, after: &str) -> DeclarationChange {
        let read = |text: &str| Declaration::read(name.as_bytes(), text.as_bytes());
        DeclarationChange::between(&read(before).expect("it is declared"), read(after).as_ref())
    }

    #[test]
    fn differences_are_told_in_a_line_and_known_as_required_or_not() {
        use Requirement::{Optional, Required};
        for (name, before, after, told, requirement) in [
            ("f", "int f(int a);", "", "f: removed", Required),
            ("f", "int f(int a);", "int f(int a);", "f: unchanged", Optional),
            ("f", "int f(struct m *m, char *n);", "int f(char *n);", "f: argument 1 (struct m *) removed", Required),
            (
                "f",
                "#define f(owner, name) g(name)",
                "int f(char *name);",
                "f: was a macro with arguments, is a function; argument 1 (owner) removed",
                Required,
            ),
            ("f", "int f(int a);", "int f(int a, struct d *d);", "f: argument 2 (struct d *) added", Required),
            ("f", "int f(int a, char *b);", "int f(char *b, int a);", "f: argument 1 is argument 2", Required),
            (
                "f",
                "int f(struct a *a);",
                "int f(struct b *a);",
                "f: argument 1 was struct a *, is struct b *",
                Required,
            ),
            ("f", "int f(int a);", "int f(unsigned int a);", "f: argument 1 was int, is unsigned int", Optional),
            (
                "f",
                "int f(unsigned *a);",
                "int f(unsigned int *a);",
                "f: argument 1 was unsigned *, is unsigned int *",
                Optional,
            ),
            ("f", "int f(struct a a);", "int f(struct a *a);", "f: argument 1 was struct a, is struct a *", Required),
            ("f", "int f(void);", "void f(void);", "f: returned int, returns void", Required),
            ("f", "int f(void);", "bool f(void);", "f: returned int, returns bool", Optional),
            ("f", "void f(void);", "int f(void);", "f: returned void, returns int", Optional),
            (
                "m",
                "struct s { struct t m; };",
                "struct s { struct t *m; };",
                "m: was struct t, is struct t *: . became ->",
                Required,
            ),
            (
                "m",
                "struct s { unsigned long m; };",
                "struct s { const unsigned long m; };",
                "m: was unsigned long, is const unsigned long",
                Required,
            ),
            (
                "m",
                "struct s { int (*m)(struct d *); };",
                "struct s { int (*m)(const struct d *); };",
                "m: was int (struct d *), is int (const struct d *)",
                Required,
            ),
            ("f", "int f(char *a);", "int f(const char *a);", "f: argument 1 was char *, is const char *", Optional),
            ("f", "int f(const char *a);", "int f(char *a);", "f: argument 1 was const char *, is char *", Required),
            (
                "f",
                "int f(struct a *a, struct i *i);",
                "int f(struct b *b, u32 m, struct i *i);",
                "f: argument 1 was struct a *, is struct b *; argument 2 (u32) added",
                Required,
            ),
            ("A", "#define A 1", "enum { A };", "A: was a macro, is a constant", Optional),
            ("A", "#define A 1", "#define A(x) 1", "A: was a macro, is a macro with arguments", Required),
            ("f", "int f(int a, ...);", "int f(int a, ...);", "f: unchanged", Optional),
        ] {
            let change = change(name, before, after);
            assert_eq!((change.told().as_str(), change.requirement()), (told, requirement), "{before} {after}");
        }
    }

    #[test]
    fn arguments_that_went_or_moved_suggest_a_rewriting() {
        let told = |change: DeclarationChange| {
            let (change, metas) = change.suggestion()?;
            Some(format!("{} -> {}", change.before.text(&metas), change.after.text(&metas)))
        };
        let two = change("f", "#define f(owner, name) g(name)", "int f(char *name);");
        assert_eq!(told(two).as_deref(), Some("f(X0, X1) -> f(X1)"));
        assert_eq!(
            told(change("f", "int f(int a, char *b);", "int f(char *b, int a);")).as_deref(),
            Some("f(X0, X1) -> f(X1, X0)")
        );
        assert_eq!(told(change("f", "int f(int a);", "int f(int a, int b);")), None);
        assert_eq!(told(change("f", "int f(int a);", "int f(int a);")), None);
    }

    #[test]
    fn what_callers_use_instead_is_taken_from_the_rules() {
        let metas = vec![Metavariable::new("X", MetavariableKind::Expression)];
        let read = |text| Pattern::parse(text, crate::rule::Form::Expression, &metas).expect("an expression");
        let rule = Rule::of_term("r", metas.clone(), Change { before: read("old(X)"), after: read("newer(X, GFP)") });
        let told = change("old", "int old(int a);", "").with_rules(&[rule]).told();
        assert_eq!(told, "old: became newer");
    }
}
