//! How a function is left with an error at some place. In: a function, a place in it, the error. Out: the statements that leave, or why
//! that is not clear.
//!
//! ```text
//!   nothing was taken before the place           -> return the error
//!   what was taken is what a label gives back    -> go there: every variable that was allocated, and none that was not yet
//!   a lock, a reference, something else is held  -> refused: what has to be given back is not known
//! ```
//!
//! What a call leaves behind its name tells, as far as it is known ([`left_behind`](super::left_behind)): a call that stands as a statement
//! before the place is one of those that leave nothing behind, or speaks against leaving, and so does one whose opposite (enable, disable)
//! stands behind the place.

use super::left_behind::{gives, gives_what_was_got, is_harmless, is_look, is_managed, is_opposite, takes, takes_null};
use super::source::{Call, Function};
use crate::syntax::lex::{Kind, has_word, tokens};
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::ops::Range;

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// Statements, in order.
    pub statements: Vec<String>,
    /// Why this way, in words.
    pub why: String,
}

/// Where a function is left, and with what.
#[derive(Clone, Debug)]
pub struct Leaving<'a> {
    /// The byte before which something failed.
    pub at: usize,
    /// The negative error: `-ENOMEM`, or a variable that holds it.
    pub error: &'a str,
    /// A variable that is NULL on the way out, if one is.
    pub null: Option<&'a [u8]>,
}

/// What was taken before a place.
#[derive(Debug, Default)]
pub struct Held<'a> {
    /// Variables with something that was allocated.
    pub variables: BTreeSet<&'a [u8]>,
    /// A function that took something else.
    pub other: Option<&'a [u8]>,
}

/// What the function holds at a byte, as far as names tell.
pub fn held<'a>(function: &Function<'a>, at: usize) -> Held<'a> {
    let mut held = Held::default();
    let (before, behind): (Vec<Call>, Vec<Call>) =
        function.calls().into_iter().partition(|call| call.callee.start < at);
    let behind: Vec<&[u8]> = behind.iter().map(|call| function.bytes(&call.callee)).collect();
    for call in before {
        let name = function.bytes(&call.callee);
        if is_managed(name) || is_look(name) {
            continue;
        }
        let takes = takes(name);
        let assigned = assigned(function, call.node);
        if let Some(variable) = assigned.filter(|_| takes) {
            held.variables.insert(variable);
        } else if takes && !is_harmless(name)
            || assigned.is_none() && behind.iter().any(|later| is_opposite(name, later))
            || function.is_unused(call.node) && !is_harmless(name) && !gives(name)
        {
            held.other = held.other.or(Some(name));
        }
    }
    held
}

/// The variable that a call's value goes to: `p = f()`, `t *p = f()`, also within a condition.
pub fn assigned<'a>(function: &Function<'a>, call: usize) -> Option<&'a [u8]> {
    let mut at = call;
    while matches!(function.kind(function.parent(at)), "cast_expression" | "parenthesized_expression") {
        at = function.parent(at);
    }
    let parent = function.parent(at);
    match function.kind(parent) {
        "assignment_expression" if function.field(at) == Some("right") => {
            function.child(parent, "left").map(|left| function.word(left))
        }
        "init_declarator" if function.field(at) == Some("value") => {
            let all = function.below(parent);
            all.into_iter().find(|node| function.kind(*node) == "identifier").map(|node| function.word(node))
        }
        _ => None,
    }
}

/// A label and what happens from there to the end of the function.
struct Label<'a> {
    name: &'a [u8],
    /// The calls behind it: name, and what each is given.
    gives: Vec<(&'a [u8], &'a [u8])>,
    /// What it returns; `None`: nothing.
    returns: Option<&'a [u8]>,
}

/// The labels of a function, in order.
fn labels<'a>(function: &Function<'a>) -> Vec<Label<'a>> {
    let found = function.all("labeled_statement").collect::<Vec<_>>();
    found.iter().filter_map(|node| label(function, *node)).collect()
}

/// A label whose statements run straight to a return or to the end.
fn label<'a>(function: &Function<'a>, node: usize) -> Option<Label<'a>> {
    let block = function.parent(node);
    let is_body = function.kind(block) == "compound_statement"
        && matches!(function.kind(function.parent(block)), "function_definition");
    let name = function.child(node, "label").map(|at| function.word(at)).filter(|_| is_body)?;
    let start = function.range(node).start;
    let statements = function.children(block).into_iter().filter(|at| function.range(*at).start >= start);
    let mut label = Label { name, gives: Vec::new(), returns: None };
    for statement in statements {
        for at in function.below(statement) {
            match function.kind(at) {
                "return_statement" => {
                    label.returns = function.children(at).first().map(|value| function.word(*value));
                    return Some(label);
                }
                "goto_statement" | "for_statement" | "while_statement" | "do_statement" => return None,
                "call_expression" => {
                    let call = function.call(at)?;
                    let given = call.arguments.iter().map(|argument| function.bytes(argument));
                    let name = function.bytes(&call.callee);
                    let given: Vec<&[u8]> = given.collect();
                    label.gives.extend(given.iter().map(|given| (name, *given)));
                    if given.is_empty() {
                        label.gives.push((name, b""));
                    }
                }
                _ => {}
            }
        }
    }
    Some(label)
}

/// The way out of a function.
///
/// # Errors
/// Why it is not clear.
pub fn way_out(function: &Function<'_>, leaving: &Leaving<'_>) -> Result<WayOut, String> {
    let mut held = held(function, leaving.at);
    held.variables.retain(|name| Some(*name) != leaving.null);
    if let Some(name) = held.other {
        let name = name.to_str_lossy();
        return Err(format!("what {name} did may have to be undone first, and nothing tells how"));
    }
    let earlier = earlier_labels(function, leaving.at);
    if held.variables.is_empty() {
        let undoes = |label: &&Label<'_>| {
            earlier.contains(&label.name) && label.gives.iter().any(|(name, _)| !is_harmless(name))
        };
        let unread = earlier.iter().find(|name| !labels(function).iter().any(|label| label.name == **name));
        let found = labels(function).iter().find(undoes).map(|label| label.name).or(unread.copied());
        if let Some(name) = found {
            return Err(format!("what {} undoes may have to be undone here, too", name.to_str_lossy()));
        }
        let (statement, why) = returned(function, leaving.error)?;
        return Ok(WayOut { statements: vec![statement], why: format!("nothing is held there, and {why}") });
    }
    let names = held.variables.iter().map(|name| name.to_str_lossy().into_owned()).collect::<Vec<_>>().join(", ");
    // What goes to a label before this place leaves at least as much to undo.
    let reaches = |name: &[u8]| earlier.iter().all(|other| start_of(function, name) <= start_of(function, other));
    let after = |label: &Label<'_>| start_of(function, label.name) > Some(leaving.at) && reaches(label.name);
    let fits = |label: &&Label<'_>| after(label) && covers(label, &held.variables, leaving.null);
    let all = labels(function);
    // Of several, the one that does least: what it leaves alone was never taken.
    let label = all
        .iter()
        .filter(fits)
        .min_by_key(|label| label.gives.len())
        .ok_or_else(|| format!("{names} would leak, and no label gives back just that"))?;
    let name = label.name.to_str_lossy();
    let mut statements = vec![format!("goto {name};")];
    match label.returns {
        Some(value) if value == leaving.error.as_bytes() => {}
        Some(value) if is_variable(function, value) => {
            statements.insert(0, format!("{} = {};", value.to_str_lossy(), leaving.error));
        }
        Some(value) if value.starts_with(b"-E") || value == b"NULL" || value.starts_with(b"ERR_PTR(") => {}
        None if returns(function) == "void" => {}
        _ => return Err(format!("what the function returns behind {name} is not known to be the error")),
    }
    Ok(WayOut { statements, why: format!("{name} gives back {names}, and nothing else") })
}

/// Where a label stands.
fn start_of(function: &Function<'_>, name: &[u8]) -> Option<usize> {
    let is_it = |node: &usize| function.child(*node, "label").is_some_and(|label| function.word(label) == name);
    function.all("labeled_statement").find(is_it).map(|node| function.range(node).start)
}

/// The labels behind a byte that are gone to before it.
fn earlier_labels<'a>(function: &Function<'a>, at: usize) -> BTreeSet<&'a [u8]> {
    let gone = function.all("goto_statement").filter(|node| function.range(*node).start < at);
    let named = gone.filter_map(|node| function.child(node, "label").map(|label| function.word(label)));
    named.filter(|name| start_of(function, name) > Some(at)).collect()
}

/// Does a label give back all of these, and nothing else? What it calls beside that must be known to leave nothing behind.
fn covers(label: &Label<'_>, held: &BTreeSet<&[u8]>, null: Option<&[u8]>) -> bool {
    let given = |variable: &[u8]| label.gives.iter().any(|(name, what)| gives_what_was_got(name) && *what == variable);
    let harmless = |(name, what): &(&[u8], &[u8])| {
        is_harmless(name) || gives_what_was_got(name) && held.contains(what) || Some(*what) == null && takes_null(name)
    };
    held.iter().all(|variable| given(variable)) && label.gives.iter().all(harmless)
}

/// A plain local number.
fn is_variable(function: &Function<'_>, name: &[u8]) -> bool {
    match &function.locals(name)[..] {
        [local] => local.is_plain() && matches!(function.type_of(local.declaration), b"int" | b"long" | b"ssize_t"),
        _ => false,
    }
}

/// What a function returns, in a word: `void`, `int`, `pointer`, or as it is written.
pub fn returns(function: &Function<'_>) -> String {
    let head = &function.text[function.head.clone()];
    let name = head.find(function.name).unwrap_or(0);
    let words: Vec<_> = tokens(&head[..name]).into_iter().filter(|token| token.kind != Kind::Comment).collect();
    if words.iter().any(|token| token.is("*")) {
        return "pointer".to_owned();
    }
    let plain = words.iter().filter(|token| token.kind == Kind::Word).map(|token| token.text);
    let kinds: [&[u8]; 5] = [b"void", b"int", b"ssize_t", b"long", b"bool"];
    plain
        .filter(|word| kinds.contains(word))
        .map(|word| word.to_str_lossy().into_owned())
        .next_back()
        .unwrap_or_default()
}

/// `return -ENOMEM;` as this function says it.
fn returned(function: &Function<'_>, error: &str) -> Result<(String, String), String> {
    let own = &function.text[function.span.clone()];
    let returned: Vec<&[u8]> = function
        .all("return_statement")
        .filter_map(|node| function.children(node).first().map(|value| function.word(*value)))
        .collect();
    let says = |start: &[u8]| returned.iter().any(|value| value.starts_with(start));
    match returns(function).as_str() {
        "void" => Ok(("return;".to_owned(), "the function returns nothing".to_owned())),
        "int" | "ssize_t" | "long" => {
            let negative =
                own.windows(3).any(|three| three[0] == b'-' && three[1] == b'E' && three[2].is_ascii_uppercase());
            match negative || has_word(own, b"IS_ERR") {
                true => Ok((format!("return {error};"), "the function returns negative errors elsewhere".to_owned())),
                false => Err("nothing in the function shows that it returns negative errors".to_owned()),
            }
        }
        "pointer" => match (says(b"NULL"), says(b"ERR_PTR(") || says(b"ERR_CAST(")) {
            (true, false) => Ok(("return NULL;".to_owned(), "the function returns NULL elsewhere".to_owned())),
            (false, true) => {
                Ok((format!("return ERR_PTR({error});"), "the function returns ERR_PTR elsewhere".to_owned()))
            }
            _ => Err("whether the function fails with NULL or with ERR_PTR is not clear".to_owned()),
        },
        _ => Err("how the function tells an error is not clear".to_owned()),
    }
}

/// A condition and the way out below it, as lines with an indent.
pub fn written(indent: &[u8], condition: &str, out: &WayOut) -> Vec<u8> {
    let indent = indent.to_str_lossy();
    let many = out.statements.len() > 1;
    let mut text = format!("{indent}if ({condition}){}\n", if many { " {" } else { "" });
    for statement in &out.statements {
        text.push_str(&format!("{indent}\t{statement}\n"));
    }
    if many {
        text.push_str(&format!("{indent}}}\n"));
    }
    text.into_bytes()
}

/// Does a name stand in a range, as a word?
pub fn mentions(function: &Function<'_>, range: &Range<usize>, name: &[u8]) -> bool {
    // `dev->buf` is looked for as it is written.
    match name.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_') {
        true => has_word(function.bytes(range), name),
        false => function.bytes(range).find(name).is_some(),
    }
}
