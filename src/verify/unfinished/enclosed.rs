//! Lines of the patch that stand under a condition that upstream turned round, or in its other arm.
//!
//! In: a case. Out: a remark for each run of such lines. A condition that was extended, or asks by another name, is none: mostly the
//! lines belong there as before.
//!
//! ```text
//!   theirs   if (a->ready) {        ours   if (!a->ready) {      result   if (!a->ready) {
//!                prime(a);                     wait(a);                       prime(a);
//! ```

use crate::merge::Remark;
use crate::merge::line::{shown, words};
use crate::syntax::language::Language;
use crate::syntax::lex::leading_name;
use crate::syntax::version::Version;
use crate::verify::case::Case;

/// Columns of a tabulator.
const TAB: usize = 8;
/// So many lines further up nobody looks.
const FAR: usize = 400;

/// The lines that came under something else.
pub fn enclosed(case: &Case<'_>) -> Vec<Remark> {
    if case.language != Language::C {
        return Vec::new();
    }
    let mut doubts: Vec<Remark> = Vec::new();
    for landed in case.landed() {
        let meant = enclosing(&case.sides.theirs, landed.theirs);
        let is = enclosing(&case.result, landed.result);
        let (Some(meant), Some(is)) = (meant, is) else { continue };
        if is_turned(meant, is) {
            let said = format!("lines that the patch has under '{}' are under '{}' now", shown(meant), shown(is));
            if doubts.last().is_none_or(|last| last.said != said) {
                doubts.push(Remark::new(landed.result + 1, said));
            }
        }
    }
    doubts
}

/// Is it the other arm, another kind of block, or the same words with other signs between them?
fn is_turned(meant: &[u8], is: &[u8]) -> bool {
    kind(meant) != kind(is) || words(meant) == words(is) && signs(meant) != signs(is)
}

/// The word that a line's block goes by.
fn kind(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii();
    leading_name(text.strip_prefix(b"}").unwrap_or(text).trim_ascii_start())
}

/// What turns a condition round.
fn signs(line: &[u8]) -> Vec<u8> {
    line.iter().copied().filter(|c| b"!=<>&|".contains(c)).collect()
}

/// The line that a line of code stands under: the next one above that is indented less, if that begins a block of a function.
fn enclosing<'a>(version: &Version<'a>, line: usize) -> Option<&'a [u8]> {
    let mut least = indent(version.lines.get(line)?);
    for above in version.lines[..line].iter().rev().take(FAR) {
        let text = above.trim_ascii();
        let (columns, is_label) = (indent(above), text.ends_with(b":") && !is_case(text));
        if text.is_empty() || text.starts_with(b"#") || is_label || columns >= least {
            continue;
        }
        if is_block(text) {
            return Some(above);
        }
        // What is wrapped goes on above.
        least = columns;
    }
    None
}

/// Does a line begin a block: `if (...)`, `} else {`, `case X:`, a loop?
fn is_block(text: &[u8]) -> bool {
    let word = kind(text);
    matches!(word, b"if" | b"else" | b"for" | b"while" | b"do" | b"switch")
        || is_case(text)
        || word.windows(8).any(|part| part == b"for_each") && text.ends_with(b"{")
}

fn is_case(text: &[u8]) -> bool {
    text.starts_with(b"case ") || text.starts_with(b"default:")
}

/// The columns that a line is indented by.
fn indent(line: &[u8]) -> usize {
    let blanks = line.iter().take_while(|c| matches!(c, b' ' | b'\t'));
    blanks.fold(0, |columns, c| if *c == b'\t' { (columns / TAB + 1) * TAB } else { columns + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::case::said_of_patch;

    const BASE: &str = "int f(struct acme *a)\n{\n\tif (a->ready) {\n\t\tkick(a);\n\t} else {\n\t\twait(a);\n\t}\n\n\tswitch (a->how) {\n\tcase ONE:\n\t\tone(a);\n\t\tbreak;\n\t}\n\treturn 0;\n}\n";

    fn said(own: (&str, &str), upstream: &[(&str, &str)]) -> Vec<String> {
        said_of_patch(BASE, own, upstream, enclosed)
    }

    #[test]
    fn lines_under_a_condition_that_was_turned_round_are_told() {
        let mine = ("\t\tkick(a);\n", "\t\tprime(a);\n\t\tkick(a);\n");
        let wanted = "lines that the patch has under 'if (a->ready) {' are under 'if (!a->ready) {' now";
        assert_eq!(said(mine, &[("if (a->ready)", "if (!a->ready)")]), [wanted]);
        assert_eq!(said(mine, &[("wait(a)", "wait(a, 1)")]), [""; 0]);
        let wanted = "lines that the patch has under 'if (a->ready) {' are under '} else {' now";
        assert_eq!(said(mine, &[("kick(a)", "tick(a)"), ("wait(a)", "kick(a)"), ("tick(a)", "wait(a)")]), [wanted]);
        let case = ("\t\tone(a);\n", "\t\tfirst(a);\n\t\tone(a);\n");
        assert_eq!(said(case, &[("case ONE", "case TWO")]), [""; 0], "another name");
        assert_eq!(said(mine, &[("if (a->ready)", "if (a->ready || a->forced)")]), [""; 0]);
        let plain = ("\treturn 0;\n", "\tlast(a);\n\treturn 0;\n");
        assert_eq!(said(plain, &[("if (a->ready)", "if (!a->ready)")]), [""; 0], "it stands under none");
    }
}
