//! Rules of this house written as semantic patches that `spatch` reads.
//!
//! In: a rule book. Out: one text, rules in their order. Where SmPL says less than a rule the rule is written as the nearest thing:
//! a sequence whose every replacement must apply becomes rules that only look, and rules that depend on them; the head of a
//! conditional stands with a statement for its body.
//!
//! ```text
//! Term   class_create(THIS_MODULE, X) -> class_create(X)        - class_create(THIS_MODULE, X)
//!                                                               + class_create(X)
//! Term   .probe_new = X -> .probe = X  (within struct i2c_driver)   struct i2c_driver I = {
//!                                                               - .probe_new = X,
//!                                                               + .probe = X,
//!                                                                 };
//! ```

use crate::merge::Change;
use crate::rule::pattern::{Metavariable, Pattern};
use crate::rule::rule::{Body, Rule, RuleBook, Step};
use std::collections::BTreeSet;
use std::fmt::Write;

/// All rules of a book as one semantic patch.
pub fn print(book: &RuleBook) -> String {
    let mut names = BTreeSet::new();
    book.rules.iter().map(|rule| one(rule, &unique(&rule.name, &mut names))).collect::<Vec<_>>().join("\n")
}

/// One rule as a semantic patch.
pub fn rule(rule: &Rule) -> String {
    one(rule, &unique(&rule.name, &mut BTreeSet::new()))
}

/// A name that SmPL takes and that no other rule has.
fn unique(name: &str, names: &mut BTreeSet<String>) -> String {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut plain: String = name.chars().map(|c| if is_letter(c) { c } else { '_' }).collect();
    let reserved = [
        "depends",
        "disable",
        "exists",
        "expression",
        "forall",
        "script",
        "virtual",
        "patch",
        "initialize",
        "finalize",
    ];
    if plain.chars().next().is_none_or(|c| c.is_ascii_digit()) || reserved.contains(&plain.as_str()) {
        plain.insert_str(0, "rule_");
    }
    let mut free = plain.clone();
    let mut number = 2;
    while !names.insert(free.clone()) {
        free = format!("{plain}_{number}");
        number += 1;
    }
    free
}

/// One rule under a name.
fn one(rule: &Rule, name: &str) -> String {
    match &rule.body {
        Body::Term(change) => {
            let mut sheet = Sheet::new(rule);
            sheet.change(change);
            sheet.finish(name, "")
        }
        Body::Terms(changes) => several(rule, changes, name),
        Body::Path(steps) => {
            let mut sheet = Sheet::new(rule);
            sheet.path(steps);
            sheet.finish(name, "")
        }
    }
}

/// Replacements of which each must apply: first rules that look for all of them.
fn several(rule: &Rule, changes: &[Change<Pattern>], name: &str) -> String {
    let has = |at: usize| format!("{name}_has_{}", at + 1);
    let all = (0..changes.len()).map(has).collect::<Vec<_>>().join(" && ");
    let mut parts = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let mut sheet = Sheet::new(rule);
        sheet.change(&Change { before: change.before.clone(), after: change.before.clone() });
        parts.push(sheet.finish(&has(at), ""));
    }
    for (at, change) in changes.iter().enumerate() {
        let mut sheet = Sheet::new(rule);
        sheet.change(change);
        parts.push(sheet.finish(&format!("{name}_{}", at + 1), &format!(" depends on {all}")));
    }
    parts.join("\n")
}

/// A rule while it is written.
struct Sheet<'a> {
    rule: &'a Rule,
    lines: Vec<String>,
    /// Metavariables that only the writing needs: `type`, name.
    more: Vec<(&'static str, String)>,
    /// Patterns that were written: their words are looked at for types and loops.
    seen: Vec<Pattern>,
    /// Braces of a function that are open.
    open: bool,
}

/// What a line begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It stays.
    Context,
    /// It goes.
    Minus,
    /// It comes.
    Plus,
}

impl Sign {
    /// As the line has it.
    fn text(self) -> &'static str {
        match self {
            Self::Context => "  ",
            Self::Minus => "- ",
            Self::Plus => "+ ",
        }
    }
}

impl<'a> Sheet<'a> {
    /// An empty one.
    fn new(rule: &'a Rule) -> Self {
        Self { rule, lines: Vec::new(), more: Vec::new(), seen: Vec::new(), open: false }
    }

    /// A line.
    fn put(&mut self, sign: Sign, text: &str) {
        self.lines.push(format!("{}{text}", sign.text()));
    }

    /// A name that no metavariable of the rule has.
    fn fresh(&mut self, kind: &'static str, wish: &str) -> String {
        let mut name = wish.to_owned();
        while self.rule.metavariables.iter().any(|m| m.name == name) || self.more.iter().any(|(_, n)| *n == name) {
            name.push('_');
        }
        self.more.push((kind, name.clone()));
        name
    }

    /// The text of a pattern as SmPL writes it.
    fn text(&mut self, pattern: &Pattern) -> String {
        self.seen.push(pattern.clone());
        pattern.text(&self.rule.metavariables)
    }

    /// One replacement, in what it has to stand in.
    fn change(&mut self, change: &Change<Pattern>) {
        match kind(&change.before) {
            "initializer_pair" => self.in_initialiser(change),
            "field_declaration" => self.in_struct(change),
            "parameter_declaration" => self.in_parameters(change),
            _ => self.pair(change, ""),
        }
    }

    /// Both halves, each with what stands behind it.
    fn pair(&mut self, change: &Change<Pattern>, behind: &str) {
        let before = self.text(&change.before);
        if change.before == change.after {
            return self.put(Sign::Context, &format!("{before}{behind}"));
        }
        self.put(Sign::Minus, &format!("{before}{behind}"));
        if change.after != Pattern::Nothing {
            let after = self.text(&change.after);
            self.put(Sign::Plus, &format!("{after}{behind}"));
        }
    }

    /// An element of an initialiser.
    fn in_initialiser(&mut self, change: &Change<Pattern>) {
        let owner = match &self.rule.within {
            Some(kind) => String::from_utf8_lossy(kind).into_owned(),
            None => self.fresh("type", "T"),
        };
        let name = self.fresh("identifier", "I");
        self.put(Sign::Context, &format!("{owner} {name} = {{"));
        self.pair(change, ",");
        self.put(Sign::Context, "};");
    }

    /// A member of a struct.
    fn in_struct(&mut self, change: &Change<Pattern>) {
        let name = self.fresh("identifier", "I");
        self.put(Sign::Context, &format!("struct {name} {{"));
        self.put(Sign::Context, "...");
        self.pair(change, "");
        self.put(Sign::Context, "...");
        self.put(Sign::Context, "};");
    }

    /// A parameter.
    fn in_parameters(&mut self, change: &Change<Pattern>) {
        let name = self.fresh("identifier", "F");
        self.put(Sign::Context, &format!("{name}(...,"));
        self.pair(change, "");
        self.put(Sign::Context, ",...) { ... }");
    }

    /// A path.
    fn path(&mut self, steps: &[Step]) {
        for (at, step) in steps.iter().enumerate() {
            let next_is_plus = matches!(steps.get(at + 1), Some(Step::Plus(_)));
            self.step(step, next_is_plus);
        }
        if self.open {
            let ends = self.lines.last().is_some_and(|line| line.trim_start().starts_with("..."));
            if !ends {
                self.put(Sign::Context, "...");
            }
            self.put(Sign::Context, "}");
        }
    }

    /// One step.
    fn step(&mut self, step: &Step, next_is_plus: bool) {
        match step {
            Step::Context(pattern) => self.statement(Sign::Context, pattern, false),
            Step::Minus(pattern) => self.statement(Sign::Minus, pattern, next_is_plus),
            Step::Plus(pattern) => self.statement(Sign::Plus, pattern, false),
            Step::Within { context, change } => self.within(context, change),
            Step::Dots { when_not } => {
                self.put(Sign::Context, "...");
                for pattern in when_not {
                    let text = self.text(pattern);
                    self.put(Sign::Context, &format!("    when != {text}"));
                }
            }
            Step::Either(branches) => {
                for (at, branch) in branches.iter().enumerate() {
                    self.lines.push(if at == 0 { "(" } else { "|" }.to_owned());
                    let open = std::mem::take(&mut self.open);
                    for (index, step) in branch.iter().enumerate() {
                        self.step(step, matches!(branch.get(index + 1), Some(Step::Plus(_))));
                    }
                    self.open = open;
                }
                self.lines.push(")".to_owned());
            }
        }
    }

    /// A statement, or the head of one; `more` says that the new head follows.
    fn statement(&mut self, sign: Sign, pattern: &Pattern, more: bool) {
        let Some(head) = headless(pattern) else {
            let text = self.text(pattern);
            return self.put(sign, &text);
        };
        self.seen.push(pattern.clone());
        let text = head.text(&self.rule.metavariables);
        let text = text.trim_end().trim_end_matches("...").trim_end();
        self.put(sign, text);
        if more && sign == Sign::Minus {
            return;
        }
        if kind(pattern) == "function_definition" {
            if !self.open {
                self.put(Sign::Context, "{");
                self.open = true;
            }
        } else {
            let body = self.fresh("statement", "S");
            self.put(if sign == Sign::Plus { Sign::Context } else { sign }, &body);
        }
    }

    /// A statement in which a part is replaced.
    fn within(&mut self, context: &Pattern, change: &Change<Pattern>) {
        if matches!(context, Pattern::Dots) {
            return self.pair(change, "");
        }
        let (whole, part) = (self.text(context), self.text(&change.before));
        let head = headless(context).is_some();
        let whole = if head { whole.trim_end().trim_end_matches("...").trim_end().to_owned() } else { whole };
        match whole.split_once(part.as_str()) {
            Some((before, behind)) => {
                if !before.trim().is_empty() {
                    self.put(Sign::Context, before.trim_end());
                }
                self.pair(change, "");
                if !behind.trim().is_empty() {
                    self.put(Sign::Context, behind.trim_start());
                }
            }
            None => self.pair(change, ""),
        }
        if head && kind(context) == "function_definition" {
            self.put(Sign::Context, "{");
            self.open = true;
        } else if head {
            let body = self.fresh("statement", "S");
            self.put(Sign::Context, &body);
        }
    }

    /// The rule with its header.
    fn finish(self, name: &str, depends: &str) -> String {
        let mut out = format!("@{name}{depends}@\n");
        for meta in &self.rule.metavariables {
            let number = self.rule.metavariables.iter().position(|m| m.name == meta.name);
            let is_used = self.seen.iter().any(|p| number.is_some_and(|n| p.metas().iter().any(|m| *m as usize == n)));
            if is_used {
                let _ = writeln!(out, "{}", declaration(meta));
            }
        }
        for (kind, name) in &self.more {
            let _ = writeln!(out, "{kind} {name};");
        }
        let mut words = Words::default();
        self.seen.iter().for_each(|pattern| words.collect(pattern, "", 0));
        for (kind, names) in [("typedef", words.types), ("iterator name", words.loops)] {
            for name in names {
                let _ = writeln!(out, "{kind} {name};");
            }
        }
        out.push_str("@@\n");
        for line in self.lines {
            let _ = writeln!(out, "{}", line.trim_end());
        }
        out
    }
}

/// A metavariable's declaration.
fn declaration(meta: &Metavariable) -> String {
    let told = |words: &[Vec<u8>]| {
        words.iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect::<Vec<_>>().join(", ")
    };
    let name = match &meta.inherited {
        Some((rule, name)) => format!("{rule}.{name}"),
        None => meta.name.clone(),
    };
    let limit = match (meta.only.is_empty(), meta.except.is_empty()) {
        (false, _) => format!(" = {{{}}}", told(&meta.only)),
        (true, false) => format!(" != {{{}}}", told(&meta.except)),
        (true, true) => String::new(),
    };
    match &meta.typed {
        Some(kind) => {
            let kind = String::from_utf8_lossy(kind);
            let space = if kind.ends_with('*') { "" } else { " " };
            format!("{kind}{space}{name}{limit};")
        }
        None => format!("{} {name}{limit};", meta.kind.word()),
    }
}

/// The grammar's name of a pattern; empty if it is no node.
fn kind(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::Node { kind, .. } => kind,
        _ => "",
    }
}

/// The pattern if it is the head of a statement or function: its last child is dots.
fn headless(pattern: &Pattern) -> Option<&Pattern> {
    let Pattern::Node { kind, children, .. } = pattern else { return None };
    let heads = ["if_statement", "while_statement", "for_statement", "switch_statement", "function_definition"];
    (heads.contains(kind) && matches!(children.last(), Some(Pattern::Dots))).then_some(pattern)
}

/// Words that SmPL has to be told about.
#[derive(Default)]
struct Words {
    /// Names of types without `struct`.
    types: BTreeSet<String>,
    /// Names of macros that are loops.
    loops: BTreeSet<String>,
}

/// What SmPL takes for a type by itself.
const KNOWN_TYPES: &[&str] = &[
    "void",
    "char",
    "short",
    "int",
    "long",
    "float",
    "double",
    "signed",
    "unsigned",
    "size_t",
    "ssize_t",
    "ptrdiff_t",
];

impl Words {
    /// Takes the words of a pattern.
    fn collect(&mut self, pattern: &Pattern, around: &str, depth: usize) {
        let Pattern::Node { kind, word, children } = pattern else { return };
        if depth > 400 {
            return;
        }
        let text = String::from_utf8_lossy(word).into_owned();
        let is_tag = matches!(around, "struct_specifier" | "union_specifier" | "enum_specifier");
        if matches!(*kind, "type_identifier" | "primitive_type") && !is_tag && !KNOWN_TYPES.contains(&text.as_str()) {
            self.types.insert(text);
        } else if matches!(*kind, "for_statement" | "while_statement") {
            let first = text.split(' ').next().unwrap_or_default();
            if !matches!(first, "for" | "while" | "") {
                self.loops.insert(first.to_owned());
            }
        }
        children.iter().for_each(|child| self.collect(child, kind, depth + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::pattern::{Form, MetavariableKind};
    use crate::rule::rule::{Knowledge, Requirement};

    /// Metavariables for the tests: an expression, a list, a type word, an identifier, a typed one, a statement.
    fn metas() -> Vec<Metavariable> {
        vec![
            Metavariable::new("X", MetavariableKind::Expression),
            Metavariable::new("ES", MetavariableKind::ExpressionList),
            Metavariable::new("N", MetavariableKind::Identifier),
            Metavariable::typed("SKB", b"struct sk_buff *"),
        ]
    }

    /// A pattern.
    fn read(text: &str, form: Form) -> Pattern {
        Pattern::parse(text, form, &metas()).unwrap_or_else(|| panic!("{text}"))
    }

    /// A rule that replaces one term.
    fn term(before: &str, after: &str, form: Form) -> Rule {
        let after = if after.is_empty() { Pattern::Nothing } else { read(after, form) };
        Rule::of_term("r", metas(), Change { before: read(before, form), after })
    }

    /// A rule with a body.
    fn with(body: Body) -> Rule {
        Rule {
            name: "r".into(),
            metavariables: metas(),
            body,
            within: None,
            required: Requirement::Unknown,
            knowledge: Knowledge::default(),
        }
    }

    /// A header with dots for its body.
    fn head(text: &str, form: Form) -> Pattern {
        match read(text, form) {
            Pattern::Node { kind, word, mut children } => {
                children.pop();
                children.push(Pattern::Dots);
                Pattern::Node { kind, word, children }
            }
            other => other,
        }
    }

    /// Rules of every kind of body and form.
    fn every_kind() -> Vec<Rule> {
        let mut inside = term(".probe_new = X", ".probe = X", Form::Initialiser);
        inside.within = Some(b"struct i2c_driver".to_vec());
        let (f, g) = (read("f(X);", Form::Statement), read("g(X, N);", Form::Statement));
        let part = Change { before: read("old(X)", Form::Expression), after: read("renewed(X)", Form::Expression) };
        let path = vec![
            Step::Minus(f.clone()),
            Step::Plus(g.clone()),
            Step::Dots { when_not: vec![read("X = N", Form::Expression)] },
            Step::Within { context: read("N = old(X);", Form::Statement), change: part.clone() },
            Step::Dots { when_not: Vec::new() },
            Step::Either(vec![
                vec![Step::Minus(read("h(N);", Form::Statement))],
                vec![Step::Context(read("return N;", Form::Statement))],
            ]),
        ];
        let function = vec![
            Step::Minus(head("static int N(struct a *p) {}", Form::Item)),
            Step::Plus(head("static void N(struct a *p) {}", Form::Item)),
            Step::Dots { when_not: Vec::new() },
            Step::Minus(read("return 0;", Form::Statement)),
        ];
        let branch = vec![Step::Within { context: head("if (old(X)) f();", Form::Statement), change: part.clone() }];
        vec![
            term("class_create(THIS_MODULE, X)", "class_create(X)", Form::Expression),
            term("seq_path(X, ES)", "seq_path2(ES, (u8)X)", Form::Expression),
            term("memcpy(X, SKB->data, N)", "skb_copy(SKB, X, N)", Form::Expression),
            term("f(..., X);", "", Form::Statement),
            inside,
            term(".owner = THIS_MODULE", "", Form::Initialiser),
            term("struct page *N;", "struct folio *N;", Form::Field),
            term("struct user_namespace *N", "struct mnt_idmap *N", Form::Parameter),
            term("struct list_head N = LIST_HEAD_INIT(N);", "LIST_HEAD(N);", Form::Statement),
            with(Body::Terms(vec![
                Change { before: read("f(X)", Form::Expression), after: read("f2(X)", Form::Expression) },
                part,
            ])),
            with(Body::Path(path)),
            with(Body::Path(function)),
            with(Body::Path(branch)),
        ]
    }

    #[test]
    fn a_replacement_is_two_lines_below_its_declarations() {
        let text = rule(&term("class_create(THIS_MODULE, X)", "class_create(X)", Form::Expression));
        assert_eq!(text, "@r@\nexpression X;\n@@\n- class_create(THIS_MODULE, X)\n+ class_create(X)\n");
    }

    #[test]
    fn names_are_unique_and_nothing_that_smpl_reserves() {
        let mut names = BTreeSet::new();
        assert_eq!(unique("a-b", &mut names), "a_b");
        assert_eq!(unique("a b", &mut names), "a_b_2");
        assert_eq!(unique("patch", &mut names), "rule_patch");
        assert_eq!(unique("3", &mut names), "rule_3");
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let text = print(&RuleBook { rules: every_kind() });
        let patch = super::super::file::read(text.as_bytes()).unwrap_or_else(|problem| panic!("{problem}\n{text}"));
        let ready = super::super::apply::Ready::new(&patch).unwrap_or_else(|problem| panic!("{problem}\n{text}"));
        assert_eq!(ready.rules().len(), 16);
    }

    /// SF-15: skipped where Coccinelle is not installed.
    #[test]
    fn spatch_reads_what_is_printed() {
        for rule_of in every_kind() {
            let text = rule(&rule_of);
            let path = std::env::temp_dir().join(format!("kmigrate-print-{}.cocci", std::process::id()));
            std::fs::write(&path, &text).expect("a temporary file");
            let Ok(out) = std::process::Command::new("spatch").arg("--parse-cocci").arg(&path).output() else { return };
            let told = String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout);
            assert!(out.status.success() && !told.contains("parse error"), "{text}\n{told}");
        }
    }
}
