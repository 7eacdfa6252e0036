//! A symbol that only its own file knows, and that every other file could clash with. In: sparse's "was not declared", gcc's
//! `-Wmissing-prototypes`. Out: `static`, if no other file of the tree names it.

use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use crate::syntax::items::ItemKind;
use crate::syntax::lex::{has_word, tokens};
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
    let bad = ["static", "extern", "asmlinkage", "__weak", "__visible", "__attribute__", "weak", "visibility"];
    if let Some(word) = bad.iter().find(|word| has_word(head, word.as_bytes())) {
        return Err(format!("{name} is declared with {word}, which static does not go with").into());
    }
    let named = case.source.items.list.iter().filter(|other| other.identity(case.source.text) == name.as_bytes());
    if named.count() > 1 {
        return Err(format!("{name} is declared more than once in the file").into());
    }
    if item.branch != 0 {
        return Err(format!("{name} stands under a condition of the preprocessor").into());
    }
    if item.kind == ItemKind::Variable && is_several(&case.source.text[item.span.clone()]) {
        return Err(format!("{name} is declared together with others, which would be static, too").into());
    }
    let others = case.tree.places(name.as_bytes())?.into_iter().filter(|spot| spot.path != *case.path);
    let others: Vec<String> = others.map(|spot| spot.path.to_str_lossy().into_owned()).collect();
    if let Some(other) = others.first() {
        return Err(format!("{other} knows {name}, too: a header may be missing").into());
    }
    let is_exported = case
        .source
        .text
        .lines()
        .any(|line| line.trim_ascii_start().starts_with(b"EXPORT_") && has_word(line, name.as_bytes()));
    if is_exported {
        return Err(format!("{name} is exported").into());
    }
    let edit = Edit::new(item.span.start..item.span.start, "static ");
    let mut fix = Fix::within(vec![edit], format!("no other file of the tree names {name}"));
    fix.elsewhere = Some(format!("it is where {name} is defined"));
    Ok(fix)
}

/// Does a declaration give more than one name: has it a comma that is in no brackets?
fn is_several(text: &[u8]) -> bool {
    let mut depth = 0usize;
    tokens(text).iter().any(|token| {
        match token.text {
            b"(" | b"[" | b"{" => depth += 1,
            b")" | b"]" | b"}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is(",")
    })
}
