//! What must hold of a fix before anybody sees it, whoever made it. In: the file before and after, and where the finding is. Out: the
//! diff, or what speaks against it.
//!
//! ```text
//!   applies     the diff, put to the text before, gives the text after
//!   parses      no section that changed has an error which it had not
//!   stays       only the function of the finding changes, unless the fixer says why
//!   keeps       nothing is defined twice that was not, no item is gone that nothing was said of
//! ```

use super::diff;
use crate::merge::{Change, delta};
use crate::syntax::items::{Items, items};
use crate::syntax::language::Language;
use crate::syntax::new_errors::new_errors;
use crate::syntax::version::Version;
use bstr::{BStr, ByteSlice};
use std::collections::BTreeMap;

/// Where a fix may be.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The file.
    pub path: &'a BStr,
    /// The line of the finding, from 1, in the text before.
    pub line: usize,
    /// The function that the tool names.
    pub function: Option<&'a str>,
    /// Why something outside of it changes.
    pub elsewhere: Option<&'a str>,
    /// What goes on purpose.
    pub gone: Option<&'a [u8]>,
}

/// Proves a fix; the diff.
///
/// # Errors
/// What speaks against it.
pub fn prove(change: Change<&[u8]>, scope: &Scope<'_>) -> Result<Vec<u8>, String> {
    if change.before == change.after {
        return Err("it changes nothing".to_owned());
    }
    let diff = diff::unified(scope.path, change);
    match diff::applied(&diff, change.before) {
        Ok(after) if after == change.after => {}
        Ok(_) => return Err("its diff does not give the text that was meant".to_owned()),
        Err(why) => return Err(why),
    }
    if Language::of(scope.path) == Language::C {
        stays(change, scope)?;
        parses(change)?;
        keeps(change, scope.gone)?;
    }
    Ok(diff)
}

/// Is every changed line in the function of the finding?
fn stays(change: Change<&[u8]>, scope: &Scope<'_>) -> Result<(), String> {
    if scope.elsewhere.is_some() {
        return Ok(());
    }
    let items = items(change.before);
    let named = |item: &&crate::syntax::items::Item| {
        item.kind.is_function() && scope.function.is_some_and(|name| item.identity(change.before) == name.as_bytes())
    };
    let item = items.list.iter().find(named).or_else(|| items.on_line(scope.line));
    let Some(item) = item else { return Err("the finding is in no function, and something changes".to_owned()) };
    let (first, last) = item.lines;
    let outside = delta::hunks(change).into_iter().find(|hunk| {
        hunk.before.start < first - 1 || hunk.before.end > last || hunk.before.is_empty() && hunk.before.start == last
    });
    match outside {
        Some(hunk) => {
            Err(format!("line {} is outside of {}", hunk.before.start + 1, item.identity(change.before).to_str_lossy()))
        }
        None => Ok(()),
    }
}

/// Does every section that changed parse no worse?
fn parses(change: Change<&[u8]>) -> Result<(), String> {
    let (before, after) = (Version::new(Language::C, change.before), Version::new(Language::C, change.after));
    for hunk in delta::hunks(change) {
        let near = hunk.after.start..hunk.after.end.max(hunk.after.start + 1).min(after.lines.len().max(1));
        let Some(section) = after.section_at(near.start) else { continue };
        let (old, new) = (before.text_of_same(section), after.text_of(&section.lines));
        let errors = new_errors(&old, &old, &new).unwrap_or_default();
        if let Some(first) = errors.first() {
            let name = section.name.to_str_lossy();
            return Err(format!(
                "{} {name} does not parse any more, at line {}",
                section.kind.word(),
                section.lines.start + first
            ));
        }
    }
    Ok(())
}

/// Are the items the same, but for includes, and what goes on purpose?
fn keeps(change: Change<&[u8]>, gone: Option<&[u8]>) -> Result<(), String> {
    let named = |text: &[u8]| -> BTreeMap<Vec<u8>, usize> {
        let Items { list, .. } = items(text);
        let mut count = BTreeMap::new();
        for item in list.iter().filter(|item| item.kind != crate::syntax::items::ItemKind::Include) {
            *count.entry(item.identity(text).to_vec()).or_default() += 1;
        }
        count
    };
    let (before, after) = (named(change.before), named(change.after));
    let is_other = |name: &&Vec<u8>| match gone == Some(name.as_slice()) {
        true => after.contains_key(*name),
        false => before.get(*name) != after.get(*name),
    };
    let other = before.keys().chain(after.keys()).find(is_other);
    match other {
        Some(name) => Err(format!("{} is not defined as often as it was", name.to_str_lossy())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "#include <a.h>\n\nint f(int a)\n{\n\treturn a;\n}\n\nint g(void)\n{\n\treturn 1;\n}\n";

    fn prove_it(after: &str, elsewhere: Option<&str>) -> Result<Vec<u8>, String> {
        let scope = Scope { path: "a.c".into(), line: 5, function: Some("f"), elsewhere, gone: None };
        prove(Change { before: BEFORE.as_bytes(), after: after.as_bytes() }, &scope)
    }

    #[test]
    fn a_fix_stays_in_its_function_unless_it_says_why() {
        assert!(prove_it(&BEFORE.replace("return a;", "return a + 1;"), None).is_ok());
        let other = BEFORE.replace("return 1;", "return 2;");
        assert_eq!(prove_it(&other, None), Err("line 10 is outside of f".to_owned()));
        assert!(prove_it(&other, Some("a reason")).is_ok());
        assert!(prove_it(&BEFORE.replace("<a.h>\n", "<a.h>\n#include <b.h>\n"), None).is_err());
    }

    #[test]
    fn a_fix_that_does_not_parse_or_defines_twice_or_changes_nothing_is_none() {
        assert!(prove_it(&BEFORE.replace("return a;", "return a"), None).expect_err("no").contains("does not parse"));
        let twice = BEFORE.replace("\treturn a;\n}\n", "\treturn a;\n}\nint g(void)\n{\n\treturn 1;\n}\n");
        assert!(prove_it(&twice, Some("a reason")).expect_err("no").contains("not defined as often"));
        assert_eq!(prove_it(BEFORE, None), Err("it changes nothing".to_owned()));
    }
}
