//! `strlcpy`, which new kernels have no more: it reads all of its source. In: a call. Out: `strscpy`, where what it returns is not used,
//! or is compared in the one way that both answer alike.

use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use crate::syntax::lex::has_word;

/// Replaces it.
pub fn fix(case: &Case<'_>) -> Made {
    if !has_word(case.said().as_bytes(), b"strlcpy") {
        return Err(No::NotMine);
    }
    let function = case.function()?;
    let call = case.one_call(&function, |name| name == b"strlcpy")?.ok_or("the function calls no strlcpy")?;
    case.kernel_has("strscpy")?;
    let size = call.arguments.get(2).filter(|_| call.arguments.len() == 3).ok_or("the call has another form")?;
    let name = Edit::new(call.callee.clone(), "strscpy");
    if function.is_unused(call.node) {
        return Ok(Fix::within(vec![name], "what it returns is not used, and it copies the same"));
    }
    let parent = function.parent(call.node);
    let operator = function.child(parent, "operator");
    let is_left = function.child(parent, "left") == Some(call.node);
    let right = function.child(parent, "right");
    let too_long = operator.is_some_and(|at| function.kind(at) == ">=")
        && right.is_some_and(|at| function.word(at) == function.bytes(size));
    match (operator, right) {
        (Some(operator), Some(right)) if is_left && too_long => {
            let edits = vec![name, Edit::new(function.range(operator), "<"), Edit::new(function.range(right), "0")];
            Ok(Fix::within(edits, "both say that the source was too long, strscpy by a negative number"))
        }
        _ => {
            Err("what strlcpy returns is used, and strscpy returns another: the length of the source against what was \
                  copied, or -E2BIG"
                .into())
        }
    }
}
