//! A function of one file that nothing calls, as migrations leave them. In: the compiler's message. Out: the function gone, with what
//! announces it; refused where another configuration, or a macro that makes names, may know it, and in a migrated series where it was not
//! the migration that left it unused.

use super::migration::named_elsewhere;
use super::source::{line_end, line_start};
use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use crate::syntax::items::{Item, ItemKind};
use crate::syntax::lex::{Kind, has_word, tokens};
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::ops::Range;

/// Takes it away.
pub fn fix(case: &Case<'_>) -> Made {
    let is_mine =
        case.told.kind.as_deref() == Some("-Wunused-function") || case.told.message.contains("defined but not used");
    let name = *case.quoted().first().filter(|_| is_mine).ok_or(No::NotMine)?;
    let text = case.source.text;
    let named: Vec<&Item> =
        case.source.items.list.iter().filter(|item| item.identity(text) == name.as_bytes()).collect();
    let is_body = |item: &&&Item| item.kind.is_function() && !item.body.is_empty();
    let bodies: Vec<&&Item> = named.iter().filter(is_body).collect();
    let [function] = bodies[..] else {
        // A variable of the file is another matter.
        return if bodies.is_empty() { Err(No::NotMine) } else { Err("it is defined more than once".into()) };
    };
    if named.iter().any(|item| item.branch != 0) {
        return Err(format!("{name} stands under a condition of the preprocessor").into());
    }
    if !has_word(&text[function.signature.clone()], b"static") {
        return Err(format!("{name} is not static").into());
    }
    let inside: Vec<Range<usize>> = named.iter().map(|item| item.comment..item.span.end).collect();
    if let Some(line) = named_elsewhere(text, name.as_bytes(), &inside) {
        return Err(format!("line {line} names {name}").into());
    }
    if let Some(migration) = case.migration {
        migration.left_unused(case.path, name)??;
    }
    makes_names(case, name)?;
    leaves_none(case, function)?;
    let edits = named.iter().map(|item| removal(text, item)).collect::<Result<Vec<Edit>, No>>()?;
    let mut fix = Fix::within(edits, format!("nothing in the file names {name}, and no other file can"));
    fix.elsewhere = Some("the function itself goes".to_owned());
    fix.gone = Some(name.as_bytes().to_vec());
    Ok(fix)
}

/// A macro that joins words may make the name: `DEFINE_SHOW_ATTRIBUTE(foo)` uses `foo_show`.
fn makes_names(case: &Case<'_>, name: &str) -> Result<(), No> {
    let text = case.source.text;
    let parts: Vec<&str> = name.split('_').filter(|part| !part.is_empty()).collect();
    let ends: BTreeSet<String> = (1..parts.len()).flat_map(|n| [parts[..n].join("_"), parts[n..].join("_")]).collect();
    let top = case.source.items.list.iter().filter(|item| matches!(item.kind, ItemKind::MacroCall | ItemKind::Other));
    for item in top {
        let own = &text[item.span.clone()];
        let word = |token: &crate::syntax::lex::Token<'_>| {
            token.kind == Kind::Word && token.text.to_str().is_ok_and(|word| ends.contains(word))
        };
        if tokens(own).iter().any(word) {
            return Err(format!("{} may make the name {name}", item.identity(text).to_str_lossy()).into());
        }
    }
    Ok(())
}

/// What only this function uses would be unused next.
fn leaves_none(case: &Case<'_>, function: &Item) -> Result<(), No> {
    let text = case.source.text;
    for other in case.source.items.list.iter().filter(|item| item.kind.is_function() || item.kind == ItemKind::Variable)
    {
        let name = other.identity(text);
        let is_own = has_word(&text[other.signature.clone()], b"static") && other.span != function.span;
        if is_own
            && has_word(&text[function.body.clone()], name)
            && named_elsewhere(text, name, &[other.span.clone(), function.span.clone()]).is_none()
        {
            return Err(format!("{} would be unused without it", name.to_str_lossy()).into());
        }
    }
    Ok(())
}

/// The item with its lines, the comment that belongs to it and one of the empty lines around it.
fn removal(text: &[u8], item: &Item) -> Result<Edit, No> {
    let (start, mut end) = (line_start(text, item.comment), line_end(text, item.span.end.saturating_sub(1)));
    let before = &text[line_start(text, item.span.start)..item.span.start];
    if !before.trim_ascii().is_empty() || !text[item.span.end..end].trim_ascii().is_empty() {
        return Err("there is something else on its lines".into());
    }
    let below = line_end(text, end);
    if text[..start].ends_with(b"\n\n") && text[end..below].trim_ascii().is_empty() && below > end {
        end = below;
    }
    Ok(Edit::new(start..end, ""))
}
