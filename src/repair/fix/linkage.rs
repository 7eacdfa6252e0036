//! A symbol that only its own file knows, and that every other file could clash with. In: sparse's "was not declared", gcc's
//! `-Wmissing-prototypes`. Out: `static`, if no other file of the tree names it.

use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use bstr::ByteSlice;

/// Makes it static.
pub fn fix(case: &Case<'_>) -> Made {
    let is_sparse = case.told.message.contains("was not declared. Should it be static?");
    let kind = case.told.kind.as_deref().unwrap_or_default();
    if !is_sparse
        && !matches!(kind, "-Wmissing-prototypes" | "-Wmissing-declarations" | "-Wmissing-variable-declarations")
    {
        return Err(No::NotMine);
    }
    let name = *case.quoted().first().ok_or(No::NotMine)?;
    let item = case.source.item_on(case.line).filter(|item| item.identity(case.source.text) == name.as_bytes());
    let item = item.ok_or_else(|| format!("{name} is not defined at the line"))?;
    let head = &case.source.text[item.signature.clone()];
    if crate::syntax::lex::has_word(head, b"static") || crate::syntax::lex::has_word(head, b"asmlinkage") {
        return Err(format!("{name} is declared in a way that static does not go with").into());
    }
    let others = case.tree.places(name.as_bytes())?.into_iter().filter(|spot| spot.path != *case.path);
    let others: Vec<String> = others.map(|spot| spot.path.to_str_lossy().into_owned()).collect();
    if let Some(other) = others.first() {
        return Err(format!("{other} knows {name}, too: a header may be missing").into());
    }
    let exported = format!("({name})");
    let is_exported =
        case.source.text.lines().any(|line| line.starts_with(b"EXPORT_") && line.find(exported.as_bytes()).is_some());
    if is_exported {
        return Err(format!("{name} is exported").into());
    }
    let edit = Edit::new(item.span.start..item.span.start, "static ");
    let mut fix = Fix::within(vec![edit], format!("no other file of the tree names {name}"));
    fix.elsewhere = Some(format!("it is where {name} is defined"));
    Ok(fix)
}
