//! A rule put to use: matches become edits of bytes.
//!
//! In: a rule and the text of a function or file. Out: edits that leave everything else as it stands, or nothing for a match that
//! cannot be written (a branch without braces would lose its only statement).
//!
//! ```text
//!   minus, nothing added       the statement's lines go, and one of two blank lines that would meet
//!   minus, something added     the least edits of its tokens; further statements on lines of their own
//!   a head with all it holds   the whole statement goes
//! ```

use super::cfg::Kind;
use super::function::{Function, functions};
use super::path::{Hit, Match, Search};
use super::stages::{Role, Stage, stages};
use super::uses::{Use, uses};
use super::written::{applied, edits, laid_out, tokens};
use crate::rule::edit::Edit;
use crate::rule::form::Form;
use crate::rule::matcher::Bindings;
use crate::rule::metavariable::{Metavariable, MetavariableKind};
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Knowledge, Requirement, Rule, RuleBook, Step};
use crate::rule::term::{TermId, Terms};
use crate::syntax::lex::is_name_byte;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A match and what it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Where the path runs.
    pub found: Match,
    /// What is written.
    pub edits: Vec<Edit>,
}

/// A rule, ready for an arena.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its path.
    pub stages: Vec<Stage>,
    /// Its metavariables.
    pub metas: Vec<Metavariable>,
    /// Words that a function must have, or the rule has nothing to do in it.
    pub words: Vec<Vec<u8>>,
    /// The table's field that the function's name must be put into.
    pub anchor: Option<Use>,
}

impl Ready {
    /// `None` if this room cannot apply it.
    pub fn new(terms: &mut Terms, rule: &Rule) -> Option<Self> {
        let stages = stages(terms, rule)?;
        let words = words(terms, &stages);
        Some(Self { stages, metas: rule.metavariables.clone(), words, anchor: None })
    }

    /// The rules of a book: those that only say where a name is put are anchors of those that inherit it.
    pub fn book(terms: &mut Terms, book: &RuleBook) -> Vec<Self> {
        let anchors: BTreeMap<&str, Use> =
            book.rules.iter().filter_map(|rule| Some((rule.name.as_str(), anchor_of(rule)?))).collect();
        let rules = book.rules.iter().filter(|rule| !anchors.contains_key(rule.name.as_str()));
        rules
            .filter_map(|rule| {
                let inherited = rule.metavariables.iter().find_map(|meta| meta.inherited.as_ref());
                let anchor = inherited.and_then(|(name, _)| anchors.get(name.as_str()).cloned());
                // What inherits from a rule that is not known here would apply anywhere.
                let known = inherited.is_none() || anchor.is_some();
                Self::new(terms, rule).filter(|_| known).map(|ready| Self { anchor, ..ready })
            })
            .collect()
    }

    /// Whether a text has all the words, and its name is put where it must be.
    pub fn may_apply(&self, text: &[u8], uses: &BTreeSet<Use>) -> bool {
        self.anchor.as_ref().is_none_or(|anchor| uses.contains(anchor))
            && self.words.iter().all(|word| memchr::memmem::find(text, word).is_some())
    }

    /// All matches in a function that can be written.
    pub fn sites(&self, terms: &mut Terms, function: &Function) -> Vec<Applied> {
        let found = Search::new(terms, &self.metas, &self.stages, function).run();
        let written = |m: Match| {
            let edits = edits_of(terms, &self.stages, function, &m)?;
            Some(Applied { found: m, edits })
        };
        found.into_iter().filter_map(written).collect()
    }

    /// The function's text after all matches; `None` if nothing matches.
    pub fn rewritten(&self, terms: &mut Terms, function: &Function) -> Option<Vec<u8>> {
        let all: Vec<Edit> = self.sites(terms, function).into_iter().flat_map(|site| site.edits).collect();
        (!all.is_empty()).then(|| applied(&function.side.text, all))
    }
}

/// The rule that says where a name is put: `.remove = X` in a table.
pub fn anchor_rule(name: &str, anchor: &Use) -> Rule {
    let metas = vec![Metavariable::new("X0", MetavariableKind::Identifier)];
    let text = format!(".{} = X0", String::from_utf8_lossy(&anchor.field));
    let pattern = Pattern::parse(&text, Form::Initialiser, &metas).unwrap_or(Pattern::Dots);
    Rule {
        name: name.to_owned(),
        metavariables: metas,
        body: Body::Path(vec![Step::Context(pattern)]),
        required: Requirement::Unknown,
        within: Some(anchor.table.clone()),
        knowledge: Knowledge::default(),
    }
}

/// What `anchor_rule` says, read back.
fn anchor_of(rule: &Rule) -> Option<Use> {
    let (Body::Path(steps), Some(table)) = (&rule.body, &rule.within) else { return None };
    let [Step::Context(pattern)] = steps.as_slice() else { return None };
    let text = pattern.text(&rule.metavariables);
    let field = text.strip_prefix('.')?.split(' ').next()?;
    Some(Use { table: table.clone(), field: field.as_bytes().to_vec() })
}

/// The words of every stage that has no choice.
fn words(terms: &Terms, stages: &[Stage]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for stage in stages {
        let [only] = stage.alternatives.as_slice() else { continue };
        let part = match &only.role {
            Role::Within(change) => Some(change.before),
            _ => None,
        };
        for id in [Some(only.pattern), part].into_iter().flatten() {
            let leaves = terms.subterms(id).into_iter().filter_map(|t| terms.leaf(t));
            found.extend(leaves.filter(|leaf| leaf.iter().all(|c| is_name_byte(*c))).map(<[u8]>::to_vec));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The edits of one match; `None` if it cannot be written.
fn edits_of(terms: &Terms, stages: &[Stage], function: &Function, found: &Match) -> Option<Vec<Edit>> {
    let work = Work { terms, stages, function, found };
    let mut all = Vec::new();
    for hit in &found.hits {
        all.extend(work.hit(hit)?);
    }
    let whole: Vec<Range<usize>> = all.iter().filter(|e| e.text.is_empty()).map(|e| e.start..e.end).collect();
    all.retain(|e| !whole.iter().any(|w| w.start <= e.start && e.end <= w.end && (w.start, w.end) != (e.start, e.end)));
    all.dedup();
    Some(all)
}

/// The work on one match.
struct Work<'a> {
    /// The arena.
    terms: &'a Terms,
    /// The rule's path.
    stages: &'a [Stage],
    /// Where it matched.
    function: &'a Function,
    /// The match.
    found: &'a Match,
}

impl Work<'_> {
    /// What is bound.
    fn bindings(&self) -> &Bindings {
        &self.found.bindings
    }

    /// The edits at one node.
    fn hit(&self, hit: &Hit) -> Option<Vec<Edit>> {
        let alternative = &self.stages[hit.stage.0].alternatives[hit.stage.1];
        let node = &self.function.side.cfg.nodes[hit.node];
        let own = if hit.whole { node.whole.clone() } else { node.place.clone() };
        let mut found = match &alternative.role {
            Role::Context => Vec::new(),
            Role::Within(change) => {
                let place = self.function.tree.places().get(hit.part?)?;
                let new = tokens(self.terms, change.after, self.bindings(), self.function)?;
                edits(self.function, place.start as usize..place.end as usize, &new)
            }
            Role::Minus => match alternative.behind.first() {
                Some(first) => self.replaced(hit, own.clone(), *first)?,
                None => vec![self.removed(hit)?],
            },
        };
        let rest = alternative.behind.get(usize::from(alternative.role == Role::Minus)..).unwrap_or_default();
        if !alternative.ahead.is_empty() || !rest.is_empty() {
            found.extend(self.lines(hit, &own, &alternative.ahead, rest)?);
        }
        Some(found)
    }

    /// The node's tokens become those of what takes its place.
    fn replaced(&self, hit: &Hit, own: Range<usize>, pattern: TermId) -> Option<Vec<Edit>> {
        let new = tokens(self.terms, pattern, self.bindings(), self.function)?;
        let has_body = new.iter().any(|t| t.text == b"{") || new.iter().filter(|t| t.text == b";").count() > 1;
        if has_body && !self.is_bare(hit) {
            return Some(vec![Edit { start: own.start, end: own.end, text: laid_out(&new, &self.indent(own.start)) }]);
        }
        Some(edits(self.function, own, &new))
    }

    /// Statements on lines of their own, before and behind.
    fn lines(&self, hit: &Hit, own: &Range<usize>, ahead: &[TermId], behind: &[TermId]) -> Option<Vec<Edit>> {
        let kind = self.function.side.cfg.nodes[hit.node].kind;
        if kind == Kind::Header {
            return self.first_lines(own, behind).filter(|_| ahead.is_empty());
        }
        if self.is_bare(hit) || kind.is_head() && !hit.whole && !behind.is_empty() {
            return None;
        }
        let indent = self.indent(own.start);
        let write = |pattern: &TermId| {
            tokens(self.terms, *pattern, self.bindings(), self.function).map(|new| laid_out(&new, &indent))
        };
        let mut found = Vec::new();
        for pattern in ahead {
            let text = [&write(pattern)?[..], b"\n", &indent].concat();
            found.push(Edit { start: own.start, end: own.start, text });
        }
        for pattern in behind {
            let text = [b"\n", &indent[..], &write(pattern)?[..]].concat();
            found.push(Edit { start: own.end, end: own.end, text });
        }
        let merged: Vec<u8> = found.iter().filter(|e| e.start == own.end).flat_map(|e| e.text.clone()).collect();
        found.retain(|e| e.start != own.end);
        let first: Vec<u8> = found.iter().flat_map(|e| e.text.clone()).collect();
        let edit = |at: usize, text: Vec<u8>| (!text.is_empty()).then_some(Edit { start: at, end: at, text });
        Some([edit(own.start, first), edit(own.end, merged)].into_iter().flatten().collect())
    }

    /// Statements at the beginning of the function's body.
    fn first_lines(&self, header: &Range<usize>, added: &[TermId]) -> Option<Vec<Edit>> {
        let text = &self.function.side.text;
        let open = text[header.end..].iter().position(|c| *c == b'{').map(|at| header.end + at + 1)?;
        let mut lines = Vec::new();
        for pattern in added {
            let new = tokens(self.terms, *pattern, self.bindings(), self.function)?;
            lines.extend_from_slice(&[b"\n\t", &laid_out(&new, b"\t")[..]].concat());
        }
        Some(vec![Edit { start: open, end: open, text: lines }])
    }

    /// The node's lines go; a head goes with everything inside, if that goes too.
    fn removed(&self, hit: &Hit) -> Option<Edit> {
        let node = &self.function.side.cfg.nodes[hit.node];
        let is_whole = hit.whole || node.kind.is_head();
        if node.kind.is_head() && !hit.whole {
            let gone = |id: usize| self.found.hits.iter().any(|h| h.node == id && self.is_minus(h));
            if node.kind == Kind::Header || !(hit.node..node.after).all(gone) {
                return None;
            }
        }
        let own = if is_whole { node.whole.clone() } else { node.place.clone() };
        // A `return` elsewhere than at the end cannot go: control would fall through. Where the function has become `void`, it
        // returns nothing.
        let has_header = self.found.hits.iter().any(|h| self.function.side.cfg.nodes[h.node].kind == Kind::Header);
        if node.kind == Kind::Return && has_header {
            return Some(Edit { start: own.start, end: own.end, text: b"return;".to_vec() });
        }
        match self.parent_kind(hit) {
            "labeled_statement" => return Some(Edit { start: own.start, end: own.end, text: b";".to_vec() }),
            _ if self.is_bare(hit) => return None,
            _ => {}
        }
        Some(self.line_cut(own))
    }

    /// Whether a hit goes without anything in its place.
    fn is_minus(&self, hit: &Hit) -> bool {
        let alternative = &self.stages[hit.stage.0].alternatives[hit.stage.1];
        alternative.role == Role::Minus && alternative.behind.is_empty()
    }

    /// The grammar's name of what a statement stands in.
    fn parent_kind(&self, hit: &Hit) -> &'static str {
        let places = self.function.tree.places();
        let parent = places.get(self.function.places[hit.node]).and_then(|p| places.get(p.parent as usize));
        parent.map_or("", |p| self.terms.kind(p.term))
    }

    /// Whether a statement is the only one of a branch or loop without braces.
    fn is_bare(&self, hit: &Hit) -> bool {
        let kind = self.parent_kind(hit);
        matches!(kind, "if_statement" | "else_clause" | "while_statement" | "for_statement" | "do_statement")
    }

    /// The white space at the beginning of a line.
    fn indent(&self, at: usize) -> Vec<u8> {
        let text = &self.function.side.text;
        let line = text[..at].iter().rposition(|c| *c == b'\n').map_or(0, |n| n + 1);
        text[line..at].iter().copied().take_while(|c| matches!(c, b' ' | b'\t')).collect()
    }

    /// Cuts a statement out with its lines, if nothing else is on them, and a blank line that would meet another.
    fn line_cut(&self, own: Range<usize>) -> Edit {
        let text = &self.function.side.text;
        let line = text[..own.start].iter().rposition(|c| *c == b'\n').map_or(0, |n| n + 1);
        let rest = text[own.end..].iter().position(|c| *c == b'\n').map_or(text.len(), |n| own.end + n + 1);
        let alone = text[line..own.start].trim_ascii().is_empty() && text[own.end..rest].trim_ascii().is_empty();
        if !alone {
            return Edit { start: own.start, end: own.end, text: Vec::new() };
        }
        let above = text[..line].trim_ascii_end();
        let gap = &text[above.len()..line];
        let blank_above = gap.iter().filter(|c| **c == b'\n').count() > 1;
        let below = text[rest..].trim_ascii_start();
        let blank_below = text[rest..text.len() - below.len()].contains(&b'\n');
        let (mut start, mut end) = (line, rest);
        if blank_below && (blank_above || above.ends_with(b"{")) {
            end = text[rest..].iter().position(|c| *c == b'\n').map_or(rest, |n| rest + n + 1);
        } else if blank_above && below.starts_with(b"}") {
            start = line - gap.iter().rev().skip(1).position(|c| *c == b'\n').map_or(0, |n| n + 1);
        }
        Edit { start, end, text: Vec::new() }
    }
}

/// A file's text after rules, one after the other, each in every function.
pub fn apply(terms: &mut Terms, rules: &[Ready], text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    let (known, none) = (uses(text), BTreeSet::new());
    for (name, place) in functions(text).into_iter().rev() {
        let Some(old) = text.get(place.clone()) else { continue };
        let uses = known.get(&name).unwrap_or(&none);
        if let Some(new) = apply_to_function(terms, rules, old, uses) {
            out.splice(place, new);
        }
    }
    out
}

/// A function's text after rules, one after the other; `None` if none of them matches.
pub fn apply_to_function(terms: &mut Terms, rules: &[Ready], text: &[u8], uses: &BTreeSet<Use>) -> Option<Vec<u8>> {
    let mut now: Option<Vec<u8>> = None;
    for rule in rules {
        let old = now.as_deref().unwrap_or(text);
        if !rule.may_apply(old, uses) {
            continue;
        }
        let Some(function) = Function::read(terms, old) else { continue };
        if let Some(new) = rule.rewritten(terms, &function) {
            now = Some(new);
        }
    }
    now
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::merge::Change;

    /// A rule from lines as SmPL writes them; `when` lines follow their dots; words of one capital are expressions, `F` and `f...`
    /// with two capitals identifiers.
    pub fn rule(lines: &[&str]) -> Rule {
        let names = ["X", "Y", "Z", "E"].map(|n| Metavariable::new(n, MetavariableKind::Expression));
        let others = ["F", "FF"].map(|n| Metavariable::new(n, MetavariableKind::Identifier));
        let metas: Vec<Metavariable> = names.into_iter().chain(others).collect();
        let read = |text: &str| {
            let head = text.strip_suffix("...").map(|head| format!("{head} KMIGRATE_BODY;"));
            match head {
                Some(head) if head.starts_with("if") || head.starts_with("while") => {
                    dotted(Pattern::parse(&head, Form::Statement, &metas).expect("a header"))
                }
                Some(_) => {
                    let text = text.replace("...", "{}");
                    dotted(Pattern::parse(&text, Form::Item, &metas).expect("a function's header"))
                }
                None => Pattern::parse(text, Form::Statement, &metas).expect("a statement"),
            }
        };
        let mut steps: Vec<Step> = Vec::new();
        for line in lines {
            match (line.split_at(1), steps.last_mut()) {
                ((".", _), _) => steps.push(Step::Dots { when_not: Vec::new() }),
                (("!", rest), Some(Step::Dots { when_not })) => {
                    let form = if rest.ends_with(';') { Form::Statement } else { Form::Expression };
                    when_not.push(Pattern::parse(rest.trim(), form, &metas).expect("a pattern"));
                }
                (("-", rest), _) => steps.push(Step::Minus(read(rest.trim()))),
                (("+", rest), _) => steps.push(Step::Plus(read(rest.trim()))),
                _ => steps.push(Step::Context(read(line.trim()))),
            }
        }
        Rule {
            name: "rule".to_owned(),
            metavariables: metas,
            body: Body::Path(steps),
            required: Requirement::Unknown,
            within: None,
            knowledge: Knowledge::default(),
        }
    }

    /// The same with dots for its last child.
    fn dotted(pattern: Pattern) -> Pattern {
        let Pattern::Node { kind, word, mut children } = pattern else { return pattern };
        if let Some(last) = children.last_mut() {
            *last = Pattern::Dots;
        }
        Pattern::Node { kind, word, children }
    }

    /// A text after a rule.
    pub fn after(lines: &[&str], text: &str) -> String {
        let mut terms = Terms::new();
        let ready = Ready::new(&mut terms, &rule(lines)).expect("it has stages");
        String::from_utf8(apply(&mut terms, &[ready], text.as_bytes())).expect("it is text")
    }

    const TIMER: &[&str] =
        &["- init_timer(&X);", "+ setup_timer(&X, Y, Z);", "...", "- X.function = Y;", "...", "- X.data = Z;"];

    #[test]
    fn lines_go_and_come_where_they_stand_and_what_lies_between_stays() {
        let old = "void f(struct c *c)\n{\n\tinit_timer(&c->t);\n\tc->n = 1;\n\tc->t.function = tick;\n\tc->t.data = (long)c;\n\n\tgo(c);\n}\n";
        let new = "void f(struct c *c)\n{\n\tsetup_timer(&c->t, tick, (long)c);\n\tc->n = 1;\n\n\tgo(c);\n}\n";
        assert_eq!(after(TIMER, old), new);
    }

    #[test]
    fn another_order_and_another_variable_do_not_match() {
        for body in [
            "init_timer(&a); a.data = 1; a.function = t;",
            "init_timer(&a); b.function = t; b.data = 1;",
            "init_timer(&a); a.function = t; if (x) a.data = 1;",
        ] {
            let old = format!("void f(void)\n{{\n{body}\n}}\n");
            assert_eq!(after(TIMER, &old), old);
        }
    }

    #[test]
    fn in_a_function_that_becomes_void_an_early_return_returns_nothing() {
        let lines = &["- static int F(struct a *FF) ...", "+ static void F(struct a *FF) ...", "...", "- return 0;"];
        let old = "static int gone(struct a *p)\n{\n\tif (!p)\n\t\treturn 0;\n\tdrop(p);\n\treturn 0;\n}\n";
        let new = "static void gone(struct a *p)\n{\n\tif (!p)\n\t\treturn;\n\tdrop(p);\n}\n";
        assert_eq!(after(lines, old), new);
    }

    const ZALLOC: &[&str] = &["- X = kmalloc(Y, Z);", "+ X = kzalloc(Y, Z);", "...", "! X = E", "- memset(X, 0, Y);"];

    /// SF-18: LASE's first error.
    #[test]
    fn a_memset_on_another_path_is_none_of_its_business() {
        let old = "void f(void)\n{\n\tif (a)\n\t\tx = kmalloc(n, g);\n\telse\n\t\tmemset(x, 0, n);\n}\n";
        assert_eq!(after(ZALLOC, old), old);
    }

    /// SF-18: LASE's second error.
    #[test]
    fn a_memset_of_another_variable_stays_and_the_right_one_goes_behind_an_error_branch() {
        let old = "int f(void)\n{\n\tx = kmalloc(n, g);\n\tif (!x)\n\t\treturn -ENOMEM;\n\tmemset(y, 0, n);\n\tmemset(x, 0, n);\n\treturn 0;\n}\n";
        let new = "int f(void)\n{\n\tx = kzalloc(n, g);\n\tif (!x)\n\t\treturn -ENOMEM;\n\tmemset(y, 0, n);\n\treturn 0;\n}\n";
        assert_eq!(after(ZALLOC, old), new);
    }

    /// SF-18: every instance, also the second one in a function.
    #[test]
    fn two_allocations_in_one_function_are_two_matches() {
        let part = |v: &str, f: &str| format!("\t{v} = {f}(n, g);\n\tif (!{v})\n\t\treturn 1;\n");
        let clear = |v: &str| format!("\tmemset({v}, 0, n);\n");
        let old = ["int f(void)\n{\n", &part("x", "kmalloc"), &clear("x"), &part("y", "kmalloc"), &clear("y"), "}\n"]
            .concat();
        let new = ["int f(void)\n{\n", &part("x", "kzalloc"), &part("y", "kzalloc"), "}\n"].concat();
        assert_eq!(after(ZALLOC, &old), new);
    }

    #[test]
    fn what_dots_must_not_pass_ends_the_way() {
        let old = "void f(void)\n{\n\tx = kmalloc(n, g);\n\tx = z;\n\tmemset(x, 0, n);\n}\n";
        assert_eq!(after(ZALLOC, old), old);
    }

    #[test]
    fn a_function_header_changes_its_type_and_keeps_what_the_mask_hides() {
        let lines = &["- static int F(struct a *FF) ...", "+ static void F(struct a *FF) ...", "...", "- return 0;"];
        let old = "static int __exit gone(struct a *p)\n{\n\tif (p)\n\t\tdrop(p);\n\n\treturn 0;\n}\n";
        let new = "static void __exit gone(struct a *p)\n{\n\tif (p)\n\t\tdrop(p);\n}\n";
        assert_eq!(after(lines, old), new);
    }

    #[test]
    fn a_branch_without_braces_never_loses_its_only_statement() {
        let old = "void f(void)\n{\n\tif (a)\n\t\tgone(1);\n}\n";
        assert_eq!(after(&["- gone(X);"], old), old);
        let braced = "void f(void)\n{\n\tif (a) {\n\t\tgone(1);\n\t\tb();\n\t}\n}\n";
        assert_eq!(after(&["- gone(X);"], braced), "void f(void)\n{\n\tif (a) {\n\t\tb();\n\t}\n}\n");
    }

    #[test]
    fn a_conditional_with_all_it_holds_goes_and_another_comes() {
        let old = "int f(void)\n{\n\ta();\n\n\tif (x) {\n\t\tb();\n\t}\n\n\tc();\n}\n";
        assert_eq!(after(&["- if (x) { b(); }"], old), "int f(void)\n{\n\ta();\n\n\tc();\n}\n");
        let new = "int f(void)\n{\n\ta();\n\n\tif (y) {\n\t\tc();\n\t\treturn 1;\n\t}\n\n\tc();\n}\n";
        assert_eq!(after(&["- if (x) { b(); }", "+ if (y) { c(); return 1; }"], old), new);
    }

    #[test]
    fn a_replaced_expression_touches_nothing_beside_it() {
        let metas = vec![Metavariable::new("X", MetavariableKind::Expression)];
        let read = |text| Pattern::parse(text, Form::Expression, &metas).expect("an expression");
        let change = Change { before: read("make(THIS, X)"), after: read("make(X)") };
        let mut terms = Terms::new();
        let ready = Ready::new(&mut terms, &Rule::of_term("r", metas.clone(), change)).expect("it has stages");
        let old = "void f(void)\n{\n\tint a = make(THIS, /* n */ \"x\") + make(THIS,\n\t\tmake(THIS, 1));\n\tif (make(THIS, b))\n\t\tmake(THIS, c);\n}\n";
        let new = String::from_utf8(apply(&mut terms, &[ready], old.as_bytes())).expect("text");
        assert!(new.contains("if (make(b))\n\t\tmake(c);"), "{new}");
        assert!(new.contains("int a = make(/* n */ \"x\") + make("), "{new}");
    }

    #[test]
    fn alternatives_stand_on_paths_beside_each_other() {
        let mut wanted =
            rule(&["- static int F(struct a *FF) ...", "+ static void F(struct a *FF) ...", "...", "- return 0;"]);
        if let Body::Path(steps) = &mut wanted.body {
            let last = steps.pop().expect("it has steps");
            let early = vec![Step::Minus(read_return("return 1;")), Step::Plus(read_return("return;"))];
            steps.push(Step::Either(vec![early, vec![last]]));
        }
        let mut terms = Terms::new();
        let ready = Ready::new(&mut terms, &wanted).expect("it has stages");
        let old = "static int f(struct a *p)\n{\n\tif (!p)\n\t\treturn 1;\n\tg(p);\n\treturn 0;\n}\n";
        let new = "static void f(struct a *p)\n{\n\tif (!p)\n\t\treturn;\n\tg(p);\n}\n";
        assert_eq!(String::from_utf8(apply(&mut terms, &[ready], old.as_bytes())).expect("text"), new);
    }

    #[test]
    fn any_bytes_are_taken() {
        let mut terms = Terms::new();
        let ready = [Ready::new(&mut terms, &rule(TIMER)).expect("it has stages")];
        let timer = b"init_timer(&a); a.function = b; a.data = c;";
        let odd: Vec<u8> = (0..=255).cycle().take(3000).collect();
        let crlf = [&b"void f(void)\r\n{\r\n"[..], timer, b"\r\n}\r\n"].concat();
        for text in
            [odd.clone(), [&b"void f(void) {"[..], &odd, timer].concat(), b"int f(".repeat(500), Vec::new(), crlf]
        {
            let _ = apply(&mut terms, &ready, &text);
        }
    }

    /// A statement without metavariables.
    fn read_return(text: &str) -> Pattern {
        Pattern::parse(text, Form::Statement, &[]).expect("a statement")
    }
}
