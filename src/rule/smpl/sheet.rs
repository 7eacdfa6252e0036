//! One rule while it is written as a semantic patch: lines with their sign, and the declarations that they need. In: patterns before and
//! after. Out: the text of the rule.

use crate::merge::Change;
use crate::rule::metavariable::Metavariable;
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Rule, Step};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A rule while it is written.
pub(super) struct Sheet<'a> {
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
    pub(super) fn new(rule: &'a Rule) -> Self {
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
    pub(super) fn change(&mut self, change: &Change<Pattern>) {
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
    pub(super) fn path(&mut self, steps: &[Step]) {
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
    pub(super) fn finish(self, name: &str, depends: &str) -> String {
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
