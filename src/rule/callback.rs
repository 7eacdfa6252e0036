//! Functions that changed with the field they are hung on: `.remove` returns nothing now, so `foo_remove` does not either; `.probe` is
//! given one argument less.
//!
//! In: the rule that knows the field (`.remove = X0`, which may leave it as it is), the functions that upstream had hung there,
//! before and after. Out: a rule that takes over the function's name from that rule and rewrites its header, and its last `return` if
//! there is none any more.
//!
//! ```text
//! rule 1   .remove = F   (within struct platform_driver)
//! rule 2   static int F(PS) { L return 0; }   ->   static void F(PS) { L }                L without another return
//!
//! rule 1   .probe = F    (within struct i2c_driver)
//! rule 2   static int F(struct a *X0, struct b *X1) { L }   ->   static int F(struct a *X0) { L }       L without X1
//! ```
//!
//! Who else calls the function is not rewritten, so where somebody does, nothing is (see `rewrite`).

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

/// What changed in the head of a function and at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heading {
    /// What stands before its name, without what the mask hides: `static int`.
    before: String,
    /// The same after: `static void`.
    after: String,
    /// Its parameters, where some went; all others stayed as they were.
    parameters: Vec<Parameter>,
    /// The value of the last `return` before, if there is none after: `0`.
    value: Option<String>,
}

/// A parameter: the text before its name and behind it, and whether it went.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parameter {
    kind: (String, String),
    is_gone: bool,
}

/// The rule for the functions that metavariable `meta` of `finder` stands for; `None` if fewer than the threshold changed alike,
/// or fewer than four fifths of those that it fits became what it makes.
pub fn infer_callbacks(finder: &Rule, meta: &str, pairs: &[Pair], options: &Options) -> Option<Rule> {
    let mut terms = Terms::new();
    let read: Vec<ReadPair> = pairs.iter().map(|pair| ReadPair::read(&mut terms, &pair.before, &pair.after)).collect();
    let headings: Vec<Heading> = read.iter().filter_map(|pair| heading(&terms, pair)).collect();
    let count = |heading: &Heading| headings.iter().filter(|other| *other == heading).count();
    let best = headings.iter().max_by_key(|heading| count(heading))?;
    let metas = metas(best, (finder, meta));
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

/// The function's name, its statements, and its parameters: all together, or those of which some go one by one.
fn metas(heading: &Heading, (finder, meta): (&Rule, &str)) -> Vec<Metavariable> {
    let mut name = Metavariable::new("F", MetavariableKind::Identifier);
    name.inherited = Some((finder.name.clone(), meta.to_owned()));
    let mut body = Metavariable::new("SL", MetavariableKind::List);
    if heading.value.is_some() {
        body.except = vec![b"return_statement".to_vec()];
    }
    let gone = (FIRST..).zip(&heading.parameters).filter(|(_, parameter)| parameter.is_gone);
    body.without = gone.map(|(number, _)| number).collect();
    let mut all = vec![name, body];
    match heading.parameters.len() {
        0 => all.push(Metavariable::new("PS", MetavariableKind::Parameters)),
        count => all.extend((0..count).map(|n| Metavariable::new(&format!("X{n}"), MetavariableKind::Identifier))),
    }
    all
}

/// The number of the first parameter's metavariable.
const FIRST: u32 = 2;

/// The change of a whole function.
fn change(heading: &Heading, metas: &[Metavariable]) -> Option<Change<Pattern>> {
    let read = |text: String| Pattern::parse(&text, Form::Item, metas);
    let listed = |taken: &dyn Fn(&Parameter) -> bool| {
        let all = heading.parameters.iter().enumerate().filter(|(_, parameter)| taken(parameter));
        let told: Vec<String> = all.map(|(n, Parameter { kind, .. })| format!("{}X{n}{}", kind.0, kind.1)).collect();
        match (heading.parameters.len(), told.len()) {
            (0, _) => "PS".to_owned(),
            (_, 0) => "void".to_owned(),
            _ => told.join(", "),
        }
    };
    let end = heading.value.as_ref().map(|value| format!("\treturn {value};\n")).unwrap_or_default();
    let before = read(format!("{} F({})\n{{\n\tSL;\n{end}}}", heading.before, listed(&|_| true)))?;
    let after = read(format!("{} F({})\n{{\n\tSL;\n}}", heading.after, listed(&|one| !one.is_gone)))?;
    Some(Change { before, after })
}

/// What changed in a function's head and at its end; `None` if that is not the whole form of such a change.
fn heading(terms: &Terms, pair: &ReadPair) -> Option<Heading> {
    let (before, after) = (definition(terms, &pair.before)?, definition(terms, &pair.after)?);
    let last = |id: TermId| terms.children(id).last().copied();
    let end = |body: TermId| last(body).filter(|id| terms.kind(*id) == "return_statement");
    let value = match (end(before.body), end(after.body)) {
        (Some(value), None) => Some(super::print::text(terms, last(value)?, &[])),
        _ => None,
    };
    let parameters = parameters(terms, (before.parameters, after.parameters))?;
    let is_other = match (&value, before.words == after.words) {
        (Some(_), is_same) => !is_same,
        (None, is_same) => is_same && !parameters.is_empty(),
    };
    is_other.then_some(Heading { before: before.words, after: after.words, parameters, value })
}

/// The parameters of which some went; none if all stayed, in whatever words; `None` if something else became of them.
fn parameters(terms: &Terms, (before, after): (TermId, TermId)) -> Option<Vec<Parameter>> {
    let kinds = |list: TermId| terms.children(list).iter().map(|one| unnamed(terms, *one)).collect::<Option<Vec<_>>>();
    if terms.children(before).len() == terms.children(after).len() {
        return Some(Vec::new());
    }
    let is_void = matches!(terms.children(after), [only] if super::print::text(terms, *only, &[]) == "void");
    let stays = if is_void { Vec::new() } else { kinds(after)? };
    let mut left = stays.iter().peekable();
    let told = |kind: (String, String)| {
        let is_gone = left.next_if(|next| **next == kind).is_none();
        Parameter { kind, is_gone }
    };
    let all: Vec<Parameter> = kinds(before)?.into_iter().map(told).collect();
    left.peek().is_none().then_some(all)
}

/// What stands before and behind the name of a parameter; `None` if it has none, or several words could be it.
fn unnamed(terms: &Terms, parameter: TermId) -> Option<(String, String)> {
    let names: Vec<TermId> =
        terms.subterms(parameter).into_iter().filter(|id| terms.kind(*id) == "identifier").collect();
    let [name] = names[..] else { return None };
    let name = String::from_utf8_lossy(terms.leaf(name)?).into_owned();
    let text = super::print::text(terms, parameter, &[]);
    let at = text.rfind(&name)?;
    Some((text[..at].to_owned(), text[at + name.len()..].to_owned()))
}

/// A function's definition.
struct Definition {
    /// The words before its name.
    words: String,
    parameters: TermId,
    body: TermId,
}

/// The definition in a tree.
fn definition(terms: &Terms, tree: &super::tree::Tree) -> Option<Definition> {
    let place = tree.places().iter().find(|place| terms.kind(place.term) == "function_definition")?;
    let children = terms.children(place.term);
    let at = children.iter().position(|child| terms.kind(*child) == "function_declarator")?;
    let words: Vec<String> = children[..at].iter().map(|child| super::print::text(terms, *child, &[])).collect();
    let parameters = *terms.children(children[at]).last()?;
    Some(Definition { words: words.join(" "), parameters, body: *children.last()? })
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
    use super::super::rewrite::{Deed, Where, rewrite};
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

    #[test]
    fn functions_of_a_field_that_is_given_less_now_take_less_if_they_can() {
        let pair = |name: &str, body: &str| Pair {
            path: format!("{name}.c"),
            function: format!("{name}_probe"),
            before: format!(
                "static int {name}_probe(struct bus_client *client,\n\t\t\tconst struct bus_id *id)\n{{\n{body}\n}}\n"
            )
            .into(),
            after: format!("static int {name}_probe(struct bus_client *client)\n{{\n{body}\n}}\n").into(),
        };
        let pairs = [
            pair("a", "\treturn start(client);"),
            pair("b", "\tif (x)\n\t\treturn 1;\n\treturn 0;"),
            pair("c", "\treturn 0;"),
        ];
        let finder = finder("probe", "struct bus_driver").expect("a name");
        let rule = infer_callbacks(&finder, "X0", &pairs, &Options::default()).expect("a rule");
        let driver =
            |name: &str| format!("static struct bus_driver {name}_driver = {{\n\t.probe = {name}_probe,\n}};\n");
        let made = |text: &str| {
            let done = rewrite(text.as_bytes(), &[finder.clone(), rule.clone()], Where::Everywhere);
            String::from_utf8(edited(text.as_bytes(), &done.edits)).expect("text")
        };
        let one = |head: &str, body: &str| format!("{head}\n{{\n\treturn go({body});\n}}\n\n{}", driver("d"));
        let old = "static int d_probe(struct bus_client *c, const struct bus_id *which)";
        let new = "static int d_probe(struct bus_client *c)";
        let deeds = |text: &str| rewrite(text.as_bytes(), &[finder.clone(), rule.clone()], Where::Everywhere).sites;
        assert_eq!(deeds(&one(new, "c")).last().map(|site| site.deed), Some(Deed::There));
        assert_eq!(made(&one(old, "c")), one(new, "c"));
        let pointed = |text: String| text.replace("= d_probe", "= &d_probe");
        assert_eq!(made(&pointed(one(old, "c"))), pointed(one(new, "c")));
        for left in [
            one(old, "c, which"),
            one(old, "c").replace("bus_driver d", "other_driver d"),
            format!("{}int e(struct bus_client *c)\n{{\n\treturn d_probe(c, NULL);\n}}\n", one(old, "c")),
        ] {
            assert_eq!(made(&left), left);
        }
    }
}
