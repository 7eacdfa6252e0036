//! A variable that nothing uses, as migrations leave them. In: the compiler's message. Out: its declaration gone. What its initialiser
//! does, and uses under another configuration, are kept.

use super::source::{Function, Local, line_end, line_start};
use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use bstr::ByteSlice;

/// Takes it away.
pub fn fix(case: &Case<'_>) -> Made {
    if case.told.kind.as_deref() != Some("-Wunused-variable") && !case.told.message.starts_with("unused variable") {
        return Err(No::NotMine);
    }
    let name = *case.quoted().first().ok_or(No::NotMine)?;
    let function = case.function()?;
    if function.uses(name.as_bytes()) != 1 {
        return Err(format!("{name} is named elsewhere in the function, where this configuration does not look").into());
    }
    let [local] = &function.locals(name.as_bytes())[..] else {
        return Err(format!("how {name} is declared is not clear").into());
    };
    let edit = declared_away(&function, local)?;
    Ok(Fix::within(vec![edit], format!("nothing in the function names {name} but its declaration")))
}

/// The function without the declaration of a variable.
pub(super) fn declared_away(function: &Function<'_>, local: &Local) -> Result<Edit, No> {
    let name = function.word(local.node).to_str_lossy();
    let declaration = local.declaration;
    if function.kind(declaration) != "declaration"
        || function.kind(function.parent(declaration)) != "compound_statement"
    {
        return Err(format!("{name} is not declared in a block").into());
    }
    let declarators: Vec<usize> =
        function.children(declaration).into_iter().filter(|at| function.field(*at) == Some("declarator")).collect();
    let own =
        declarators.iter().position(|at| function.below(*at).contains(&local.node)).ok_or("it has no declarator")?;
    let does = |at: usize| {
        matches!(
            function.kind(at),
            "call_expression"
                | "assignment_expression"
                | "update_expression"
                | "compound_literal_expression"
                | "parenthesized_expression"
        )
    };
    if function.below(declarators[own]).any(does) {
        return Err(format!("the initialiser of {name} may do something").into());
    }
    match declarators.as_slice() {
        [_] => whole(function, declaration),
        many => Ok(one_of(function, many, own)),
    }
}

/// The declaration with its line, and with the empty line behind it where it was the only one.
fn whole(function: &Function<'_>, declaration: usize) -> Result<Edit, No> {
    let text = function.text;
    let range = function.range(declaration);
    let (start, mut end) = (line_start(text, range.start), line_end(text, range.end - 1));
    if !text[start..range.start].trim_ascii().is_empty() || !text[range.end..end].trim_ascii().is_empty() {
        return Err("there is something else on the line of the declaration".into());
    }
    let block = function.parent(declaration);
    let others = function.children(block).into_iter().filter(|at| function.kind(*at) == "declaration").count();
    // The empty line behind the only declaration, or several.
    while others == 1 && end < text.len() && text[end..line_end(text, end)].trim_ascii().is_empty() {
        end = line_end(text, end);
    }
    Ok(Edit::new(start..end, ""))
}

/// One of several declarators, with its comma.
fn one_of(function: &Function<'_>, all: &[usize], own: usize) -> Edit {
    let range = function.range(all[own]);
    match all.get(own + 1) {
        Some(next) => Edit::new(range.start..function.range(*next).start, ""),
        None => Edit::new(function.range(all[own - 1]).end..range.end, ""),
    }
}
