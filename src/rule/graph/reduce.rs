//! A statement that is replaced by one like it: only the expression that differs.
//!
//! In: two terms. Out: the smallest expressions that must be exchanged, or nothing if more than expressions differ. What stands around
//! the change (an assignment, a declaration, a condition) is then no part of the rule, which Spinfer's own rules keep (section 4.5,
//! over-specialisation).
//!
//! ```text
//!   cls = class_create(THIS_MODULE, n);   ->  class_create(THIS_MODULE, n)
//!   cls = class_create(n);                    class_create(n)                   not `cls =`, and not only the arguments
//! ```

use crate::rule::term::{Head, TermId, Terms};

/// Kinds of expressions that say something by themselves: with what is called or which field is meant. An assignment is none: what
/// takes its place is seldom a value.
const UNITS: &[&str] = &["call_expression", "field_expression"];

/// The pairs of expressions whose exchange makes `before` into `after`; equal pairs once. Empty if that is not all.
pub fn reduced(terms: &Terms, before: TermId, after: TermId) -> Vec<(TermId, TermId)> {
    let mut found = Vec::new();
    if before == after || !terms.is_shallow(before) || !descend(terms, (before, after), None, &mut found) {
        return Vec::new();
    }
    found
}

/// Goes down to where the terms differ; `unit` is the innermost expression around that says something by itself.
fn descend(
    terms: &Terms,
    pair: (TermId, TermId),
    unit: Option<(TermId, TermId)>,
    found: &mut Vec<(TermId, TermId)>,
) -> bool {
    let (before, after) = pair;
    let is_unit = |id: TermId| UNITS.contains(&terms.kind(id));
    let unit = if is_unit(before) && is_expression(terms, after) { Some(pair) } else { unit };
    let (old, new) = (terms.children(before), terms.children(after));
    let same = terms.head(before) == terms.head(after) && old.len() == new.len();
    let differing: Vec<(TermId, TermId)> =
        old.iter().copied().zip(new.iter().copied()).filter(|(a, b)| a != b).collect();
    let whole_call = terms.kind(before) == "call_expression" && old.first() != new.first();
    if !same || differing.is_empty() || whole_call || differing.len() > 1 && terms.kind(before) == "argument_list" {
        let Some(unit) = unit else { return false };
        if !found.contains(&unit) {
            found.push(unit);
        }
        return true;
    }
    differing.into_iter().all(|inner| descend(terms, inner, unit, found))
}

/// Whether a term can stand where an expression stands.
fn is_expression(terms: &Terms, id: TermId) -> bool {
    matches!(terms.head(id), Head::Known { kind, .. } if crate::rule::metavariable::is_expression(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::graph::function::Function;
    use crate::rule::print;

    /// What two statements reduce to.
    fn told(before: &str, after: &str) -> Vec<String> {
        let mut terms = Terms::new();
        let mut read = |text: &str| {
            let text = format!("void f(void)\n{{\n{text}\n}}\n");
            Function::read(&mut terms, text.as_bytes()).expect("short").heads[2]
        };
        let (before, after) = (read(before), read(after));
        let show = |id| print::text(&terms, id, &[]);
        reduced(&terms, before, after).into_iter().map(|(a, b)| format!("{} -> {}", show(a), show(b))).collect()
    }

    /// SF-19: neither the assignment nor the declaration around it is part of the rule.
    #[test]
    fn only_the_call_is_left_of_an_assignment_a_declaration_and_a_condition() {
        let call = ["make(THIS, n) -> make(n)"];
        assert_eq!(told("x = make(THIS, n);", "x = make(n);"), call);
        assert_eq!(told("struct c *x = make(THIS, n);", "struct c *x = make(n);"), call);
        assert_eq!(told("if (make(THIS, n)) go();", "if (make(n)) go();"), call);
    }

    #[test]
    fn a_changed_argument_keeps_its_call_and_a_changed_field_its_struct() {
        assert_eq!(told("x = f(a, OLD);", "x = f(a, NEW);"), ["f(a, OLD) -> f(a, NEW)"]);
        assert_eq!(told("g(a->old + 1);", "g(a->new + 1);"), ["a->old -> a->new"]);
        assert!(told("v->flags |= X;", "flags_set(v, X);").is_empty());
    }

    #[test]
    fn two_changes_in_a_statement_are_two_and_what_is_no_expression_is_none() {
        assert_eq!(told("x = f(1) + f(2);", "x = g(1) + g(2);"), ["f(1) -> g(1)", "f(2) -> g(2)"]);
        assert!(told("return 0;", "return;").is_empty());
        assert!(told("struct a x;", "struct b x;").is_empty());
    }
}
