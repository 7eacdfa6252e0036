//! Functions that changed with the field they are hung on: `.remove` returns nothing now, so `foo_remove` does not either.
//!
//! In: the rule that knows the field (`.remove = X0`, which may leave it as it is), the functions that upstream had hung there,
//! before and after. Out: a rule that takes over the function's name from that rule and rewrites its header and its last `return`.
//!
//! ```text
//! rule 1   .remove = X0   (within struct platform_driver)
//! rule 2   static int X0(PS) { L return 0; }   ->   static void X0(PS) { L }        L without another return
//! ```

use super::apply::{Patch, apply};
use super::distance::Distances;
use super::form::Form;
use super::infer::{Options, Pair};
use super::metavariable::{Metavariable, MetavariableKind};
use super::pattern::Pattern;
use super::renames::told_as_before;
use super::rule::{Body, Example, Knowledge, Likeness, MOST_EXAMPLES, Rule, Site};
use super::site::ReadPair;
use super::term::{TermId, Terms};
use super::typing::Types;
use crate::merge::Change;

/// The head of a function: what stands before its name, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heading {
    /// `static int`, without what the mask hides.
    before: String,
    /// `static void`.
    after: String,
    /// The value of the last `return` before, which is gone after: `0`.
    value: String,
}

/// The rule for the functions that metavariable `meta` of `finder` stands for; `None` if fewer than the threshold changed alike,
/// or fewer than four fifths of those that it fits became what it makes.
pub fn infer_callbacks(finder: &Rule, meta: &str, pairs: &[Pair], options: &Options) -> Option<Rule> {
    let mut terms = Terms::new();
    let read: Vec<ReadPair> = pairs.iter().map(|pair| ReadPair::read(&mut terms, &pair.before, &pair.after)).collect();
    let headings: Vec<Heading> = read.iter().filter_map(|pair| heading(&terms, pair)).collect();
    let count = |heading: &Heading| headings.iter().filter(|other| *other == heading).count();
    let best = headings.iter().max_by_key(|heading| count(heading))?;
    let metas = metas(finder, meta);
    let change = change(best, &metas)?;
    let patch = Patch::of(&mut terms, &change, &metas);
    let mut judged = Judged::default();
    for (at, pair) in read.iter().enumerate() {
        judged.add(&mut terms, &patch, (at, pair));
    }
    let is_enough = judged.good.len() >= options.threshold && judged.bad.len() * 4 <= judged.good.len();
    let told = |which: &[usize]| which.iter().take(MOST_EXAMPLES).map(|at| example(&pairs[*at])).collect();
    is_enough.then(|| Rule {
        name: format!("{}_callback", finder.name),
        metavariables: metas,
        body: Body::Term(change),
        within: None,
        required: options.required,
        knowledge: Knowledge {
            examples: told(&judged.good),
            support: judged.good.len(),
            functions: judged.good.len(),
            counter_examples: told(&judged.bad),
            commits: Vec::new(),
            why: options.why.clone(),
            declared: Likeness::Unknown,
        },
    })
}

/// The rule that only looks: what stands in a field of initialisers of a type, to be taken over by another rule. It stands before
/// rules that rename the field. `None` if `field` is no name.
pub fn finder(field: &str, within: &str) -> Option<Rule> {
    let metas = vec![Metavariable::new("X0", MetavariableKind::Expression)];
    let found = Pattern::parse(&format!(".{field} = X0"), Form::Initialiser, &metas)?;
    let mut rule = Rule::of_term(&format!("{field}_found"), metas, Change { before: found.clone(), after: found });
    rule.within = Some(within.as_bytes().to_vec());
    Some(rule)
}

/// A function as an example: its first line before and after.
fn example(pair: &Pair) -> Example {
    let first = |text: &[u8]| {
        String::from_utf8_lossy(text.split(|c| *c == b'\n').next().unwrap_or_default().trim_ascii()).into_owned()
    };
    let site = Site { path: pair.path.clone(), function: pair.function.clone(), line: 1 };
    Example { site, before: first(&pair.before), after: first(&pair.after) }
}

/// The function's name, its parameters and its statements.
fn metas(finder: &Rule, meta: &str) -> Vec<Metavariable> {
    let mut name = Metavariable::new("F", MetavariableKind::Identifier);
    name.inherited = Some((finder.name.clone(), meta.to_owned()));
    let mut body = Metavariable::new("SL", MetavariableKind::List);
    body.except = vec![b"return_statement".to_vec()];
    vec![name, Metavariable::new("PS", MetavariableKind::Parameters), body]
}

/// The change of a whole function.
fn change(heading: &Heading, metas: &[Metavariable]) -> Option<Change<Pattern>> {
    let read = |text: String| Pattern::parse(&text, Form::Item, metas);
    let before = read(format!("{} F(PS)\n{{\n\tSL;\n\treturn {};\n}}", heading.before, heading.value))?;
    let after = read(format!("{} F(PS)\n{{\n\tSL;\n}}", heading.after))?;
    Some(Change { before, after })
}

/// What changed in a function's head and at its end; `None` if that is not the whole form of such a change.
fn heading(terms: &Terms, pair: &ReadPair) -> Option<Heading> {
    let (before, after) = (definition(terms, &pair.before)?, definition(terms, &pair.after)?);
    let last = |id: TermId| terms.children(id).last().copied();
    let value = last(before.1).filter(|id| terms.kind(*id) == "return_statement").and_then(last)?;
    let is_gone = last(after.1).is_none_or(|id| terms.kind(id) != "return_statement");
    let value = super::print::text(terms, value, &[]);
    (before.0 != after.0 && is_gone).then_some(Heading { before: before.0, after: after.0, value })
}

/// The words before a function's name, and its body.
fn definition(terms: &Terms, tree: &super::tree::Tree) -> Option<(String, TermId)> {
    let place = tree.places().iter().find(|place| terms.kind(place.term) == "function_definition")?;
    let children = terms.children(place.term);
    let at = children.iter().position(|child| terms.kind(*child) == "function_declarator")?;
    let words: Vec<String> = children[..at].iter().map(|child| super::print::text(terms, *child, &[])).collect();
    Some((words.join(" "), *children.last()?))
}

/// Which pairs speak for and against a patch.
#[derive(Default)]
struct Judged {
    good: Vec<usize>,
    bad: Vec<usize>,
    distances: Distances,
}

impl Judged {
    /// Judges one pair: what is made must lie on the way to what it became.
    fn add(&mut self, terms: &mut Terms, patch: &Patch, pair: (usize, &ReadPair)) {
        let (Some(before), Some(after)) = (pair.1.before.root(), pair.1.after.root()) else { return };
        let made = apply(terms, patch, &Types::default(), before);
        if made.matched == 0 {
            return;
        }
        let after = told_as_before(terms, after, &pair.1.renames);
        let mut between = |a, b| u64::from(self.distances.between(terms, a, b));
        let is_part = between(before, made.term) + between(made.term, after) == between(before, after);
        if is_part { self.good.push(pair.0) } else { self.bad.push(pair.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::edit::edited;
    use super::super::rewrite::{Where, rewrite};
    use super::*;

    #[test]
    fn functions_of_a_field_that_returns_nothing_now_return_nothing() {
        let pair = |name: &str, body: &str| Pair {
            path: format!("{name}.c"),
            function: format!("{name}_remove"),
            before: format!("static int {name}_remove(struct platform_device *pdev)\n{{\n{body}\n\treturn 0;\n}}\n")
                .into(),
            after: format!("static void {name}_remove(struct platform_device *pdev)\n{{\n{body}\n}}\n").into(),
        };
        let pairs =
            [pair("a", "\tstop(pdev);\n"), pair("b", "\tif (x)\n\t\tstop(pdev);\n\tfree(pdev);\n"), pair("c", "")];
        let finder = finder("remove", "struct platform_driver").expect("a name");
        let rule = infer_callbacks(&finder, "X0", &pairs, &Options::default()).expect("a rule");
        let text = "static int d_remove(struct platform_device *p)\n{\n\tgo(p);\n\n\treturn 0;\n}\n\nstatic int e(struct platform_device *p)\n{\n\treturn 0;\n}\n\nstatic int f(struct platform_device *p)\n{\n\tif (p)\n\t\treturn 1;\n\treturn 0;\n}\n\nstatic struct platform_driver d = {\n\t.remove = d_remove,\n};\n\nstatic struct platform_driver g = {\n\t.remove = f,\n};\n\nstatic struct other h = {\n\t.remove = e,\n};\n";
        let done = rewrite(text.as_bytes(), &[finder, rule], Where::Everywhere);
        let made = String::from_utf8(edited(text.as_bytes(), &done.edits)).expect("text");
        let wanted = text.replace(
            "static int d_remove(struct platform_device *p)\n{\n\tgo(p);\n\n\treturn 0;\n}",
            "static void d_remove(struct platform_device *p)\n{\n\tgo(p);\n}",
        );
        assert_eq!(made, wanted);
    }
}
