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

use super::file::read;
use super::sheet::Sheet;
use crate::merge::Change;
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Rule, RuleBook};
use std::collections::BTreeSet;

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

/// The rules that can be written as a semantic patch, and a note of each other one: a text that is no C (half a merge, a stray byte) gives
/// rules that nobody can read, and one of them would take all the others with it.
pub fn sayable(rules: Vec<Rule>, notes: &mut Vec<String>) -> Vec<Rule> {
    let reads = |rules: Vec<Rule>| read(print(&RuleBook { rules }).as_bytes()).is_ok();
    if reads(rules.clone()) {
        return rules;
    }
    let (said, unsaid): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| reads(vec![rule.clone()]));
    notes.extend(unsaid.iter().map(|rule| format!("{}: cannot be written as a semantic patch", rule.name)));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::form::Form;
    use crate::rule::metavariable::{Metavariable, MetavariableKind};
    use crate::rule::rule::{Knowledge, Requirement, Step};

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
