//! A return that passes by the label which would give back what is held. In: a message that something leaks, at the return. Out: a
//! jump to the label.

use super::way_out::{Leaving, held, way_out};
use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use bstr::ByteSlice;

/// Kinds of the tools for this.
const KINDS: [&str; 5] = ["-Wanalyzer-malloc-leak", "RESOURCE_LEAK", "MEMORY_LEAK", "LEAK", "unix.Malloc"];

/// Goes to the label.
pub fn fix(case: &Case<'_>) -> Made {
    if !case.is_about(&KINDS, &["memory leak", "leak of", "resource leak"]) {
        return Err(No::NotMine);
    }
    let function = case.function()?;
    let returns: Vec<usize> =
        function.all("return_statement").filter(|at| function.lines_of(*at).0 == case.line).collect();
    let [leaving] = returns[..] else { return Err("there is not one return on the line".into()) };
    let range = function.range(leaving);
    let named = case.quoted();
    let held = held(&function, range.start);
    let leaks = |name: &&[u8]| case.told.message.find(&*name.to_str_lossy()).is_some();
    if named.is_empty() && !held.variables.iter().any(leaks) {
        return Err("which variable leaks is not said".into());
    }
    if let Some(name) = named.first().filter(|name| !held.variables.contains(name.as_bytes())) {
        return Err(format!("{name} is no variable that was allocated before the line").into());
    }
    let value = function.children(leaving).first().map(|value| function.word(*value)).unwrap_or_default();
    let value = value.to_str_lossy().into_owned();
    let null = tested_null(&function, leaving);
    if null.is_some_and(|null| named.first().is_some_and(|name| name.as_bytes() == null)) {
        return Err("what is said to leak is NULL there".into());
    }
    let out = way_out(&function, &Leaving { at: range.start, error: &value, null })?;
    if !out.statements.iter().any(|statement| statement.starts_with("goto ")) {
        return Err("no label gives back what is held".into());
    }
    let parent = function.parent(leaving);
    let edits = match (out.statements.as_slice(), function.kind(parent)) {
        ([one], _) => vec![Edit::new(range, one.as_str())],
        (many, "compound_statement") => {
            let indent = super::source::indent_of(case.source.text, range.start).to_str_lossy().into_owned();
            vec![Edit::new(range, many.join(&format!("\n{indent}")))]
        }
        (many, "if_statement") => braced(&function, (parent, leaving), many)?,
        _ => return Err("the return stands in a statement without braces that is no if".into()),
    };
    Ok(Fix::within(edits, out.why))
}

/// The variable that is NULL where the statement stands: `if (!x)` around it.
fn tested_null<'a>(function: &super::Function<'a>, statement: usize) -> Option<&'a [u8]> {
    let mut at = statement;
    if function.kind(function.parent(at)) == "compound_statement" {
        at = function.parent(at);
    }
    let test = function.parent(at);
    let is_then = function.kind(test) == "if_statement" && function.field(at) == Some("consequence");
    let condition = function.child(test, "condition").filter(|_| is_then)?;
    let text = function.word(condition).strip_prefix(b"(")?.strip_suffix(b")")?;
    text.trim().strip_prefix(b"!").filter(|name| !name.contains(&b'('))
}

/// Several statements in place of the one below an `if` without braces.
fn braced(function: &super::Function<'_>, (parent, leaving): (usize, usize), many: &[String]) -> Result<Vec<Edit>, No> {
    let condition = function.child(parent, "condition").ok_or("the if has no condition")?;
    if function.child(parent, "alternative").is_some() || function.field(leaving) != Some("consequence") {
        return Err("the if has an else".into());
    }
    let indent = super::source::indent_of(function.text, function.range(parent).start).to_str_lossy().into_owned();
    let body = many.join(&format!("\n{indent}\t"));
    let open = function.range(condition).end;
    let range = function.range(leaving);
    Ok(vec![Edit::new(open..open, " {"), Edit::new(range, format!("{body}\n{indent}}}"))])
}
