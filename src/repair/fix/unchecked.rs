//! A result that must be looked at and is not. In: a call that is a statement. Out: the result in the function's own variable, and a
//! way out where it is negative, which is an error whatever else the function returns.

use super::source::{Function, indent_of, line_end};
use super::way_out::{Leaving, mentions, returns, way_out, written};
use super::{Case, Fix, Made, No};
use crate::rule::{Declaration, Declared, Edit};
use crate::syntax::items::items;
use bstr::ByteSlice;

/// What the kernel's functions call such a variable.
pub(super) const NAMES: [&[u8]; 7] = [b"ret", b"err", b"rc", b"error", b"retval", b"status", b"result"];

/// Functions that return how many bytes were not copied.
const COPIES: [&[u8]; 3] = [b"copy_from_user", b"copy_to_user", b"clear_user"];

/// Looks at it.
pub fn fix(case: &Case<'_>) -> Made {
    if !case.is_about(&["-Wunused-result", "CHECKED_RETURN"], &["ignoring return value", "unchecked return"]) {
        return Err(No::NotMine);
    }
    let function = case.function()?;
    let named = case.quoted();
    let fits = |name: &[u8]| named.first().is_none_or(|first| first.as_bytes() == name);
    let thrown = |call: &super::Call| function.is_unused(call.node) && fits(function.bytes(&call.callee));
    let on_line = |call: &super::Call| {
        let (first, last) = function.lines_of(call.node);
        (first..=last).contains(&case.line)
    };
    let found: Vec<super::Call> = function.calls().into_iter().filter(|call| thrown(call) && on_line(call)).collect();
    let [call] = &found[..] else { return Err("there is not one such call on the line".into()) };
    let statement = function.statement(call.node);
    let range = function.range(statement);
    if function.kind(function.parent(call.node)) != "expression_statement" {
        return Err("the result is thrown away on purpose".into());
    }
    if function.kind(function.parent(statement)) != "compound_statement" {
        return Err("the call is no statement of its own in a block".into());
    }
    if returns(&function) == "void" {
        return Err("the function returns nothing, so the error cannot be handed on".into());
    }
    let name = function.bytes(&call.callee);
    let indent = indent_of(case.source.text, range.start);
    let told = name.to_str_lossy();
    if COPIES.contains(&name) {
        let out = way_out(&function, &Leaving { at: range.start, error: "-EFAULT", null: None })?;
        let text = written(indent, &function.bytes(&(range.start..range.end - 1)).to_str_lossy(), &out);
        let edit = Edit::new(range.start - indent.len()..line_end(case.source.text, range.end - 1), text);
        return Ok(Fix::within(vec![edit], format!("{told} returns what it did not copy; {}", out.why)));
    }
    returns_int(case, name)?;
    let variable = variable(&function)?;
    is_free(&function, variable, range.end)?;
    let variable = variable.to_str_lossy();
    let out = way_out(&function, &Leaving { at: range.start, error: &variable, null: None })?;
    let behind = line_end(case.source.text, range.end - 1);
    let edits = vec![
        Edit::new(range.start..range.start, format!("{variable} = ")),
        Edit::new(behind..behind, written(indent, &format!("{variable} < 0"), &out)),
    ];
    Ok(Fix::within(edits, format!("{told} returns an int, and a negative one is an error; {}", out.why)))
}

/// Is the function declared to return `int`, in this file or in one that the tree knows?
fn returns_int(case: &Case<'_>, name: &[u8]) -> Result<(), No> {
    let found = declared(case, name)?;
    let is_int = |declaration: &Declaration| matches!(&declaration.declared, Declared::Function { returns, .. } if returns == b"int");
    match (found.is_empty(), found.iter().all(is_int)) {
        (true, _) => Err(format!("where {} is declared is not seen", name.to_str_lossy()).into()),
        (_, true) => Ok(()),
        _ => Err(format!("{} does not return an int", name.to_str_lossy()).into()),
    }
}

/// What a name is declared to be: in this file, else in the headers that the tree knows.
pub(super) fn declared(case: &Case<'_>, name: &[u8]) -> Result<Vec<Declaration>, No> {
    let mut found = declared_in(case.source.text, name);
    if found.is_empty() {
        for spot in case.tree.places(name)?.into_iter().filter(|spot| spot.is_declared && spot.path.ends_with(b".h")) {
            found.extend(declared_in(&case.tree.read(spot.path.as_ref())?.unwrap_or_default(), name));
        }
    }
    Ok(found)
}

/// What a text declares a name to be.
fn declared_in(text: &[u8], name: &[u8]) -> Vec<Declaration> {
    let named = items(text).list.into_iter().filter(|item| item.identity(text) == name);
    named.filter_map(|item| Declaration::read(name, &text[item.signature])).collect()
}

/// The one variable that the function has for errors.
fn variable<'a>(function: &Function<'a>) -> Result<&'a [u8], No> {
    let is_one = |name: &&&[u8]| match &function.locals(name)[..] {
        [local] => {
            local.is_plain()
                && function.type_of(local.declaration) == b"int"
                && function.kind(local.declaration) == "declaration"
        }
        _ => false,
    };
    let all: Vec<&&[u8]> = NAMES.iter().filter(is_one).collect();
    let [one] = all[..] else { return Err("the function has not one variable for errors".into()) };
    let node = function.locals(one).first().map_or(0, |local| local.node);
    Ok(function.word(node))
}

/// What the variable holds must not be wanted any more: the next that happens to it is that it is set.
fn is_free(function: &Function<'_>, variable: &[u8], from: usize) -> Result<(), No> {
    let used = |at: &usize| {
        function.kind(*at) == "identifier" && function.word(*at) == variable && function.range(*at).start >= from
    };
    let next = function.nodes().find(used);
    let is_set = |at: usize| {
        function.kind(function.parent(at)) == "assignment_expression"
            && function.field(at) == Some("left")
            && function
                .child(function.parent(at), "right")
                .is_some_and(|right| !mentions(function, &function.range(right), variable))
    };
    match next {
        Some(at) if !is_set(at) => {
            Err(format!("{} is used behind the call, and would be another", variable.to_str_lossy()).into())
        }
        _ => Ok(()),
    }
}
