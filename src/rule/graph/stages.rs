//! A rule's steps as the path matcher walks them: one stage per place in the control flow.
//!
//! In: the steps of a `Body::Path`, or a term's change. Out: stages in an arena. A stage has one alternative for each thing that may
//! stand there; what is added hangs on the alternative that it stands before or behind.
//!
//! ```text
//!   - init_timer(&X);       stage 0   adjacent   minus init_timer(&X)   behind: setup_timer(...)
//!   + setup_timer(&X, F);
//!   ...
//!   - X.function = F;       stage 1   dots       minus X.function = F
//! ```

use crate::merge::Change;
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Rule, Step};
use crate::rule::term::{TermId, Terms};

/// What becomes of what an alternative matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It stays.
    Context,
    /// It goes; what is added behind it takes its place.
    Minus,
    /// A part of it is replaced by another.
    Within(Change<TermId>),
}

/// One thing that may stand at a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// A statement or a header.
    pub pattern: TermId,
    /// What becomes of it.
    pub role: Role,
    /// What is added before it.
    pub ahead: Vec<TermId>,
    /// What is added behind it, or in its place.
    pub behind: Vec<TermId>,
}

/// What may lie between a stage and the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing.
    Adjacent,
    /// Anything but these.
    Dots(Vec<TermId>),
}

/// One place in the control flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What may lie before it.
    pub gap: Gap,
    /// What may stand there.
    pub alternatives: Vec<Alternative>,
}

/// The stages of a rule; `None` if it has none, or alternatives that are longer than one stage.
pub fn stages(terms: &mut Terms, rule: &Rule) -> Option<Vec<Stage>> {
    match &rule.body {
        Body::Term(change) => {
            let anything = Pattern::Dots;
            let step = Step::Within { context: anything, change: change.clone() };
            of_steps(terms, &[step])
        }
        Body::Terms(_) => None,
        Body::Path(steps) => of_steps(terms, steps),
    }
}

/// The stages of a list of steps.
fn of_steps(terms: &mut Terms, steps: &[Step]) -> Option<Vec<Stage>> {
    let mut found: Vec<Stage> = Vec::new();
    let mut gap = Gap::Adjacent;
    let mut ahead: Vec<TermId> = Vec::new();
    // Added steps hang on what they follow, and on what they precede only behind dots.
    let mut open = false;
    for step in steps {
        match step {
            Step::Dots { when_not } => {
                gap = Gap::Dots(when_not.iter().map(|p| p.intern(terms)).collect());
                open = false;
            }
            Step::Plus(pattern) => {
                let added = pattern.intern(terms);
                match found.last_mut().filter(|_| open) {
                    Some(stage) => stage.alternatives.iter_mut().for_each(|a| a.behind.push(added)),
                    None => ahead.push(added),
                }
            }
            step => {
                let mut alternatives = alternatives(terms, step)?;
                for alternative in &mut alternatives {
                    alternative.ahead.splice(0..0, ahead.iter().copied());
                }
                ahead.clear();
                found.push(Stage { gap: std::mem::replace(&mut gap, Gap::Adjacent), alternatives });
                open = true;
            }
        }
    }
    (!found.is_empty() && ahead.is_empty()).then_some(found)
}

/// The alternatives of one step that stands for a place.
fn alternatives(terms: &mut Terms, step: &Step) -> Option<Vec<Alternative>> {
    let mut one = |pattern: &Pattern, role| {
        let pattern = pattern.intern(terms);
        Alternative { pattern, role, ahead: Vec::new(), behind: Vec::new() }
    };
    Some(match step {
        Step::Context(pattern) => vec![one(pattern, Role::Context)],
        Step::Minus(pattern) => vec![one(pattern, Role::Minus)],
        Step::Within { context, change } => {
            let mut found = one(context, Role::Context);
            found.role =
                Role::Within(Change { before: change.before.intern(terms), after: change.after.intern(terms) });
            vec![found]
        }
        Step::Either(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                let mut stages = of_steps(terms, branch)?;
                let only = stages.pop().filter(|_| stages.is_empty())?;
                all.extend(only.alternatives);
            }
            all
        }
        Step::Plus(_) | Step::Dots { .. } => return None,
    })
}

/// Steps of stages, as a rule keeps them.
pub fn steps(terms: &Terms, stages: &[Stage]) -> Option<Vec<Step>> {
    let mut found = Vec::new();
    for stage in stages {
        if let Gap::Dots(when_not) = &stage.gap {
            let when_not = when_not.iter().map(|id| Pattern::of(terms, *id)).collect::<Option<Vec<_>>>()?;
            found.push(Step::Dots { when_not });
        }
        match stage.alternatives.as_slice() {
            [only] => found.extend(steps_of(terms, only)?),
            several => {
                let branches = several.iter().map(|a| steps_of(terms, a)).collect::<Option<Vec<_>>>()?;
                found.push(Step::Either(branches));
            }
        }
    }
    Some(found)
}

/// One alternative and what is added around it.
fn steps_of(terms: &Terms, alternative: &Alternative) -> Option<Vec<Step>> {
    let plus = |ids: &[TermId]| ids.iter().map(|id| Some(Step::Plus(Pattern::of(terms, *id)?))).collect::<Vec<_>>();
    let pattern = Pattern::of(terms, alternative.pattern)?;
    let own = match &alternative.role {
        Role::Context => Step::Context(pattern),
        Role::Minus => Step::Minus(pattern),
        Role::Within(change) => Step::Within {
            context: pattern,
            change: Change { before: Pattern::of(terms, change.before)?, after: Pattern::of(terms, change.after)? },
        },
    };
    plus(&alternative.ahead).into_iter().chain([Some(own)]).chain(plus(&alternative.behind)).collect()
}
