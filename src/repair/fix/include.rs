//! A function or macro that no header in sight declares. In: the compiler's message. Out: the one header of the tree that does, among
//! the others; refused if there are several.

use super::{Case, Fix, Made, No};
use crate::index::is_other_program;
use crate::rule::Edit;
use crate::syntax::items::ItemKind;
use bstr::{BString, ByteSlice};

/// Includes it.
pub fn fix(case: &Case<'_>) -> Made {
    let message = &case.told.message;
    let undeclared =
        message.contains("undeclared (first use") || message.contains("undeclared here (not in a function)");
    let is_mine = message.contains("implicit declaration of function")
        || undeclared
        || message.contains("call to undeclared function");
    if !is_mine {
        return Err(No::NotMine);
    }
    let name = *case.quoted().first().ok_or(No::NotMine)?;
    let header = header(case, name)?;
    let told = header.to_str_lossy().into_owned();
    let text = case.source.text;
    let top = |item: &&crate::syntax::items::Item| item.kind == ItemKind::Include && item.branch == 0;
    let includes: Vec<(&[u8], usize, usize)> = case
        .source
        .items
        .list
        .iter()
        .filter(top)
        .map(|item| (item.name.clone(), item.span.clone()))
        .map(|(name, span)| (&text[name], span.start, super::source::line_end(text, span.end.saturating_sub(1))))
        .collect();
    let wanted = format!("<{told}>");
    let any = case
        .source
        .items
        .list
        .iter()
        .any(|item| item.kind == ItemKind::Include && text[item.name.clone()] == *wanted.as_bytes());
    if any {
        return Err(format!("{wanted} is included already: {name} may hang on a configuration").into());
    }
    let folder = told.split('/').next().unwrap_or_default();
    let start = format!("<{folder}/");
    let group: Vec<_> = includes.iter().filter(|(name, ..)| name.starts_with(start.as_bytes())).collect();
    let group =
        if group.is_empty() { includes.iter().filter(|(name, ..)| name.starts_with(b"<")).collect() } else { group };
    let last =
        group.last().ok_or("the file includes nothing in <> outside of conditionals, so the place is not clear")?;
    let sorted = group.windows(2).all(|two| two[0].0 <= two[1].0);
    let before =
        group.iter().find(|(name, ..)| sorted && *name > wanted.as_bytes() && name.starts_with(start.as_bytes()));
    let at = before.map_or(last.2, |(_, start, _)| *start);
    let mut fix = Fix::within(
        vec![Edit::new(at..at, format!("#include {wanted}\n"))],
        format!("of the headers in include/, only {told} declares {name}"),
    );
    fix.elsewhere = Some("a header is included at the top of the file".to_owned());
    Ok(fix)
}

/// The one header below `include/` that declares a name, as it is included.
fn header(case: &Case<'_>, name: &str) -> Result<BString, No> {
    let is_header = |path: &[u8]| {
        path.starts_with(b"include/") && path.ends_with(b".h") && !path.starts_with(b"include/generated/")
    };
    let places = case.tree.places(name.as_bytes())?;
    // A short name means something else in each corner of the tree: a macro of another driver is no reason to include its header.
    let is_other = |path: &[u8]| !is_other_program(path) && path.ends_with(b".h") && !path.starts_with(b"include/");
    let declared = places.iter().filter(|spot| spot.is_declared);
    let (others, sources): (Vec<_>, Vec<_>) = declared
        .filter(|spot| is_other(&spot.path) || spot.path.ends_with(b".c"))
        .partition(|spot| is_other(&spot.path));
    if let Some(other) = others.first().or(sources.get(1)) {
        return Err(format!("{name} is not the business of one header: {} defines it, too", other.path).into());
    }
    let all: Vec<BString> =
        places.into_iter().filter(|spot| spot.is_declared && is_header(&spot.path)).map(|spot| spot.path).collect();
    match all.as_slice() {
        [] => Err(format!("no header below include/ declares {name}").into()),
        [one] => {
            let path = one.strip_prefix(b"include/").unwrap_or(one);
            Ok(path.strip_prefix(b"uapi/").unwrap_or(path).into())
        }
        many => {
            let told: Vec<String> = many.iter().map(|path| path.to_str_lossy().into_owned()).collect();
            Err(format!("several headers declare {name}: {}", told.join(", ")).into())
        }
    }
}
