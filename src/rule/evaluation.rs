//! Values that do something when they are evaluated, and how often that happens before and after a rule.
//!
//! In: a patch and what its metavariables stand for. Out: whether everything is evaluated as often as before, or does nothing.
//!
//! ```text
//! f(X) -> f(X, name(X))      X is  dev       the same
//!                            X is  get()     done twice
//! f(X, Y) -> f(Y)            X is  *p++      not done
//! ```

use super::apply::Patch;
use super::matcher::{Binding, Bindings};
use super::term::{Head, TermId, Terms};

/// Expressions whose operand is not evaluated.
const ASKED: &[&str] = &["sizeof_expression", "alignof_expression", "offsetof_expression"];

/// Macros that do not evaluate their arguments.
const ASKING: &[&[u8]] = &[b"ARRAY_SIZE", b"offsetof", b"sizeof_field", b"typeof", b"__typeof__"];

/// Kinds that do something, or that nobody understands.
const DOES: &[&str] = &[
    "assignment_expression",
    "call_expression",
    "compound_statement",
    "gnu_asm_expression",
    "update_expression",
    "ERROR",
];

/// Whether a patch leaves each value evaluated as often as it was, but for those that do nothing.
pub fn is_kept(terms: &Terms, patch: &Patch, bindings: &Bindings) -> bool {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    evaluated(terms, patch.before, &mut before);
    evaluated(terms, patch.after, &mut after);
    let times = |all: &[u32], number: u32| all.iter().filter(|one| **one == number).count();
    before.iter().chain(&after).all(|number| {
        times(&before, *number) == times(&after, *number)
            || match bindings.get(*number) {
                Some(Binding::Term(value)) => is_idle(terms, *value),
                Some(Binding::List(all)) => all.iter().all(|value| is_idle(terms, *value)),
                Some(Binding::Head(_)) | None => true,
            }
    })
}

/// The metavariables of a pattern that are evaluated, each as often as it stands there.
fn evaluated(terms: &Terms, pattern: TermId, found: &mut Vec<u32>) {
    if !terms.is_open(pattern) || !terms.is_shallow(pattern) || is_asking(terms, pattern) {
        return;
    }
    if let Head::Meta(number) = terms.head(pattern) {
        found.push(number);
    }
    terms.children(pattern).iter().for_each(|child| evaluated(terms, *child, found));
}

/// Whether evaluating a value changes nothing. Of a call nobody knows: `READ_ONCE(x)` and `get(x)` look alike.
fn is_idle(terms: &Terms, value: TermId) -> bool {
    let does = DOES.contains(&terms.kind(value)) || terms.leaf(value) == Some(b"volatile");
    is_asking(terms, value)
        || !does && terms.is_shallow(value) && terms.children(value).iter().all(|part| is_idle(terms, *part))
}

/// Whether a term only asks something about what is in it.
fn is_asking(terms: &Terms, id: TermId) -> bool {
    ASKED.contains(&terms.kind(id)) || terms.callee(id).is_some_and(|name| ASKING.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::super::form::Form;
    use super::super::tree::Tree;
    use super::*;

    #[test]
    fn what_only_reads_does_nothing_and_of_calls_nobody_knows() {
        let idle = |text: &str| {
            let mut terms = Terms::new();
            let root = Tree::read_as(&mut terms, text.as_bytes(), Form::Expression).and_then(|tree| tree.root());
            is_idle(&terms, root.expect("an expression"))
        };
        for text in ["dev", "&a->dev", "a[i + 1].b", "*p", "a ?: b", "(u8)3", "sizeof(*get(x))", "ARRAY_SIZE(a[i++])"] {
            assert!(idle(text), "{text}");
        }
        for text in
            ["get(a)", "devs[i++]", "*--p", "(a = b)", "READ_ONCE(a->b)", "({ a; })", "*(volatile u32 *)p", "a + b()"]
        {
            assert!(!idle(text), "{text}");
        }
    }
}
