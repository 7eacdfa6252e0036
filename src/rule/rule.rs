//! Rules: what upstream does whenever it meets a certain form.
//!
//! A rule stands by itself: it belongs to no text and no arena. It says what it knows: where it was learned, how many
//! places support it, and which places have the same form and were left as they were.

use super::metavariable::Metavariable;
use super::pattern::Pattern;
use crate::merge::Change;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Unique in its book; letters, digits and underscores.
    pub name: String,
    /// What the numbers in the patterns mean.
    pub metavariables: Vec<Metavariable>,
    /// What it does.
    pub body: Body,
    /// Only within the initialiser of something of this type, as `Types` writes it: `struct platform_driver`.
    pub within: Option<Vec<u8>>,
    /// Whether the old form still compiles.
    pub required: Requirement,
    /// What it was learned from.
    pub knowledge: Knowledge,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Replaces a term wherever it stands, top-down, once (spdiff's term replacement patch).
    Term(Change<Pattern>),
    /// Replacements one after the other, each of which must apply (spdiff's generic patch).
    Terms(Vec<Change<Pattern>>),
    /// A sequence along the control flow of one function, as SmPL writes it.
    Path(Vec<Step>),
}

/// One step of a path. A header of a conditional, a loop or a function is a node whose body is `Pattern::Dots`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Must be there and stays.
    Context(Pattern),
    /// Must be there and goes.
    Minus(Pattern),
    /// Comes here: behind the step before it, before the one after it.
    Plus(Pattern),
    /// Must be there; within it (an expression inside one statement) a part is replaced.
    Within {
        /// The statement or header, with the old part in it.
        context: Pattern,
        /// The part, before and after.
        change: Change<Pattern>,
    },
    /// Anything along every path, except what is named.
    Dots {
        /// What must not stand there.
        when_not: Vec<Pattern>,
    },
    /// One of several.
    Either(Vec<Vec<Self>>),
}

/// Whether the old form is still valid in the new kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// It no longer compiles: the rule has to be applied.
    Required,
    /// It still compiles: upstream's habit changed.
    Optional,
    /// Nobody looked.
    #[default]
    Unknown,
}

/// A place in a tree of files.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// Path of the file.
    pub path: String,
    /// The function or item.
    pub function: String,
    /// Its line within the text that was given, from 1.
    pub line: usize,
}

/// A place where upstream made the change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// Where.
    pub site: Site,
    /// The line before the change, without its indent.
    pub before: String,
    /// The line after it.
    pub after: String,
}

/// What a rule knows about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// Where upstream made the change; at most `MOST_EXAMPLES`.
    pub examples: Vec<Example>,
    /// How many places upstream changed so.
    pub support: usize,
    /// In how many functions.
    pub functions: usize,
    /// Places with the same form that upstream left as they were, or changed otherwise.
    pub counter_examples: Vec<Example>,
    /// Upstream commits that made the change, where history exists.
    pub commits: Vec<String>,
    /// What happened to the declaration, in a line; why the rule is required.
    pub why: String,
    /// Of a rule that puts one name in the place of another: how the new one is declared.
    pub declared: Likeness,
}

/// How the name that a rule brings is declared, beside the one that it takes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Likeness {
    /// Nobody knows, or the rule is no rename.
    #[default]
    Unknown,
    /// As the old one was: the same thing under another name, of which one example is enough.
    Alike,
    /// So that what fits the old one does not fit it: another argument, another struct. More than the name has to change.
    Otherwise,
}

/// More examples are counted and not kept.
pub const MOST_EXAMPLES: usize = 20;

/// Rules in the order in which they apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleBook {
    /// The rules.
    pub rules: Vec<Rule>,
}

impl Rule {
    /// A rule that replaces one term.
    pub fn of_term(name: &str, metavariables: Vec<Metavariable>, change: Change<Pattern>) -> Self {
        Self {
            name: name.to_owned(),
            metavariables,
            body: Body::Term(change),
            within: None,
            required: Requirement::Unknown,
            knowledge: Knowledge::default(),
        }
    }

    /// The replacements of a rule that has no path.
    pub fn changes(&self) -> &[Change<Pattern>] {
        match &self.body {
            Body::Term(change) => std::slice::from_ref(change),
            Body::Terms(changes) => changes,
            Body::Path(_) => &[],
        }
    }

    /// Whether it only looks, for another one that works on what it finds.
    pub fn is_finder(&self) -> bool {
        let changes = self.changes();
        !changes.is_empty() && changes.iter().all(|change| change.before == change.after)
    }

    /// In a line: `class_create(THIS_MODULE, X0) -> class_create(X0)`.
    pub fn told(&self) -> String {
        let half = |pattern: &Pattern| match pattern {
            Pattern::Nothing => "(nothing)".to_owned(),
            pattern => pattern.text(&self.metavariables),
        };
        let told = |change: &Change<Pattern>| format!("{} -> {}", half(&change.before), half(&change.after));
        let body = match &self.body {
            Body::Path(steps) => format!("a path of {} steps", steps.len()),
            _ => self.changes().iter().map(told).collect::<Vec<_>>().join(" ; "),
        };
        let typed =
            |meta: &Metavariable| Some(format!("{} is {}", meta.name, String::from_utf8_lossy(meta.typed.as_ref()?)));
        let within = self.within.as_ref().map(|kind| format!("within {}", String::from_utf8_lossy(kind)));
        let conditions: Vec<String> = self.metavariables.iter().filter_map(typed).chain(within).collect();
        if conditions.is_empty() { body } else { format!("{body} ({})", conditions.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::Form;
    use super::super::metavariable::MetavariableKind;
    use super::*;

    #[test]
    fn a_rule_tells_itself_in_a_line() {
        let metas = vec![Metavariable::new("X0", MetavariableKind::Expression)];
        let read = |text| Pattern::parse(text, Form::Expression, &metas).expect("an expression");
        let change = Change { before: read("class_create(THIS_MODULE, X0)"), after: read("class_create(X0)") };
        let rule = Rule::of_term("class_create", metas.clone(), change);
        assert_eq!(rule.told(), "class_create(THIS_MODULE, X0) -> class_create(X0)");
    }
}
