//! Places that are written to or whose address is taken, and what may stand there.
//!
//! In: a patch, where it matched, and what its metavariables stand for. Out: whether something that can be written to became, or was put
//! where it must be, something that cannot.
//!
//! ```text
//! X->users -> users_of(X)       n = a->users;     n = users_of(a);
//!                               a->users = 5;     users_of(a) = 5;      is no C
//! f(X) -> f(&X)                 f(flags(a));      f(&flags(a));         is no C
//! ```

use super::apply::Patch;
use super::matcher::{Bindings, Found};
use super::precedence::Around;
use super::term::{Head, TermId, Terms};
use super::tree::Tree;

/// Macros whose first argument is written to, or whose address is taken in them; of `swap` both.
const WRITING: &[&[u8]] = &[
    b"READ_ONCE",
    b"WRITE_ONCE",
    b"RCU_INIT_POINTER",
    b"__get_user",
    b"do_div",
    b"get_user",
    b"rcu_access_pointer",
    b"rcu_assign_pointer",
    b"rcu_dereference",
    b"rcu_dereference_protected",
    b"rcu_replace_pointer",
    b"swap",
];

/// Whether something can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A value.
    Value,
    /// What a macro may make of it: a call, a name in capitals.
    Perhaps,
    /// An object.
    Object,
}

/// What a node asks of one of its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// A value will do.
    Value,
    /// It is written to, or its address is taken.
    Object,
    /// What is asked of the node itself.
    Same,
}

/// Whether a patch leaves every place that needs an object with one.
pub fn is_kept(terms: &Terms, patch: &Patch, (tree, at): (&Tree, usize), found: &Found) -> bool {
    let bindings = &found.bindings;
    let Some(place) = tree.places().get(at) else { return false };
    if is_asked_for(terms, tree, at) && rank(terms, patch.after, bindings) < rank(terms, place.term, bindings) {
        return false;
    }
    let (mut before, mut after) = (Vec::new(), Vec::new());
    written_to(terms, patch.before, Asks::Value, &mut before);
    written_to(terms, patch.after, Asks::Value, &mut after);
    let is_object =
        |number: u32| bindings.term(number).is_none_or(|value| rank(terms, value, bindings) == Rank::Object);
    after.iter().all(|number| before.contains(number) || is_object(*number))
}

/// Whether what stands at a place must be an object.
fn is_asked_for(terms: &Terms, tree: &Tree, at: usize) -> bool {
    let mut at = at;
    loop {
        let (Some(around), Some(place)) = (Around::of(tree, at), tree.places().get(at)) else { return false };
        let parent = place.parent as usize;
        let above = Around::of(tree, parent).map(|above| above.node);
        match asks(terms, above, around) {
            Asks::Value => return false,
            Asks::Object => return true,
            Asks::Same => at = parent,
        }
    }
}

/// The metavariables of a pattern that must stand for objects.
fn written_to(terms: &Terms, pattern: TermId, asked: Asks, found: &mut Vec<u32>) {
    if let (Head::Meta(number), Asks::Object) = (terms.head(pattern), asked) {
        found.push(number);
    }
    if !terms.is_open(pattern) || !terms.is_shallow(pattern) {
        return;
    }
    for (child, part) in terms.children(pattern).iter().enumerate() {
        let around = Around { node: pattern, child };
        match asks(terms, None, around) {
            Asks::Same => written_to(terms, *part, asked, found),
            own => written_to(terms, *part, own, found),
        }
        if is_writing(terms, pattern) && child == 1 {
            let of_call = |child| asks(terms, Some(pattern), Around { node: *part, child });
            let arguments = terms.children(*part).iter().enumerate();
            arguments.for_each(|(at, argument)| written_to(terms, *argument, of_call(at), found));
        }
    }
}

/// What a node, within the one `above`, asks of a child.
fn asks(terms: &Terms, above: Option<TermId>, Around { node, child }: Around) -> Asks {
    let word = terms.head_word(node);
    match terms.kind(node) {
        "assignment_expression" if child == 0 => Asks::Object,
        "update_expression" | "gnu_asm_output_operand" => Asks::Object,
        "pointer_expression" if word == b"& _" => Asks::Object,
        "field_expression" if child == 0 && word == b"_ . _" => Asks::Same,
        "parenthesized_expression" => Asks::Same,
        "argument_list" => match above.filter(|call| is_writing(terms, *call)) {
            Some(call) if child == 0 || terms.callee(call) == Some(b"swap") => Asks::Object,
            _ => Asks::Value,
        },
        _ => Asks::Value,
    }
}

/// Whether a term is a call of a macro that writes to its argument.
fn is_writing(terms: &Terms, id: TermId) -> bool {
    terms.callee(id).is_some_and(|name| WRITING.contains(&name))
}

/// Whether a term can be written to; a metavariable is what it stands for.
fn rank(terms: &Terms, id: TermId, bindings: &Bindings) -> Rank {
    let first = || terms.children(id).first().map_or(Rank::Value, |child| rank(terms, *child, bindings));
    let is_capital = |word: &[u8]| !word.iter().any(u8::is_ascii_lowercase);
    match (terms.head(id), terms.kind(id), terms.head_word(id)) {
        (Head::Meta(number), ..) => bindings.term(number).map_or(Rank::Value, |value| match terms.head(value) {
            Head::Meta(_) => Rank::Value,
            _ => rank(terms, value, bindings),
        }),
        _ if !terms.is_shallow(id) => Rank::Value,
        (_, "identifier", word) => {
            if is_capital(word) {
                Rank::Perhaps
            } else {
                Rank::Object
            }
        }
        (_, "call_expression", _) => Rank::Perhaps,
        (_, "subscript_expression" | "compound_literal_expression", _) => Rank::Object,
        (_, "pointer_expression", b"* _") => Rank::Object,
        (_, "field_expression", b"_ . _") | (_, "parenthesized_expression", _) => first(),
        (_, "field_expression", _) => Rank::Object,
        _ => Rank::Value,
    }
}
