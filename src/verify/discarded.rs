//! Code that is discarded after boot and is called from code that is not: a section mismatch, which no compiler sees.
//!
//! ```text
//!   theirs   static void __init mine(void)      int __init start(void) { mine(); }
//!   ours                                        int start(void) { }                   upstream needs it later, too
//! ```
//! In: a [`Case`]. Out: [`Remark`]s at the functions of the result that call.

use super::case::Case;
use crate::merge::{Change, Remark};
use crate::syntax::items::{Item, ItemKind, items};
use crate::syntax::language::Language;
use crate::syntax::lex::has_word;
use bstr::ByteSlice;

/// How such a function is marked.
const MARK: &[u8] = b"__init";

/// Calls that were from marked functions to marked functions, and are no more.
pub fn doubts(case: &Case<'_>) -> Vec<Remark> {
    let marks = |lines: &[&[u8]]| lines.iter().any(|line| has_word(line, MARK));
    let change = Change { before: &case.sides.base.lines, after: &case.sides.ours.lines };
    let is_about_it = case
        .upstream()
        .iter()
        .any(|hunk| marks(&change.before[hunk.before.clone()]) || marks(&change.after[hunk.after.clone()]));
    if case.language != Language::C || !is_about_it {
        return Vec::new();
    }
    let (theirs, result) = (case.sides.theirs.text, case.result.text);
    let then = functions(theirs);
    let now = functions(result);
    // What upstream's own functions use is upstream's matter.
    let ours = case.sides.ours.text;
    let own = functions(ours);
    let is_upstreams = |name: &[u8], callee: &[u8]| {
        let same = own.iter().find(|item| item.identity(ours) == name);
        same.is_some_and(|item| {
            has_word(&ours[item.body.clone()], callee) && !has_word(&ours[item.signature.clone()], MARK)
        })
    };
    let is_marked = |text: &[u8], all: &[Item], name: &[u8]| {
        let mut own = all.iter().filter(|item| item.identity(text) == name);
        own.next().map(|item| has_word(&text[item.signature.clone()], MARK))
    };
    let mut doubts = Vec::new();
    for caller in now.iter().filter(|item| !has_word(&result[item.signature.clone()], MARK)) {
        let name = caller.identity(result);
        let body = &result[caller.body.clone()];
        for called in now.iter().filter(|item| has_word(&result[item.signature.clone()], MARK)) {
            let callee = called.identity(result);
            let was_wrong =
                is_marked(theirs, &then, name) == Some(false) && is_marked(theirs, &then, callee) == Some(true);
            if callee.is_empty() || was_wrong || !has_word(body, callee) || is_upstreams(name, callee) {
                continue;
            }
            let said =
                format!("{} is __init, and {}, which uses it, is not", callee.to_str_lossy(), name.to_str_lossy());
            doubts.push(Remark::new(caller.lines.0, said));
        }
    }
    doubts
}

/// The functions of a text.
fn functions(text: &[u8]) -> Vec<Item> {
    let mut list = items(text).list;
    list.retain(|item| item.kind == ItemKind::Function);
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Sides;
    use crate::verify::case::said_of;

    const BASE: &str = "static int __init start(void)\n{\n\tfirst();\n\treturn 0;\n}\n";

    fn said(ours: &str) -> Vec<String> {
        let mine = "static void __init mine(void)\n{\n}\n\n";
        let patch = |text: &str| format!("{mine}{}", text.replace("\treturn 0;", "\tmine();\n\treturn 0;"));
        let (theirs, result) = (patch(BASE), patch(ours));
        said_of(Sides { base: BASE, ours, theirs: &theirs }, &result, doubts)
    }

    #[test]
    fn a_function_that_is_gone_after_boot_is_not_called_from_one_that_stays() {
        assert_eq!(said(&BASE.replace("__init ", "")), ["mine is __init, and start, which uses it, is not"]);
        assert_eq!(said(&BASE.replace("first()", "second()")), [""; 0]);
    }
}
