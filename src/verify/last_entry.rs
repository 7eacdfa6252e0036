//! The last entry of a list needs no comma, and no backslash in a macro: where it is the last no more, it does. No parser sees that: two
//! entries without a comma between them read as one expression, or as a macro and its argument.
//!
//! ```text
//!   ours   A,          theirs   A,          result   A,
//!          B                    C                    B        <- was the last of ours
//!   };                 };                            C
//!                                           };
//! ```

use super::case::Case;
use super::{Objection, Reason};
use crate::merge::line::{is_telling, shown};
use crate::syntax::language::Language;
use crate::syntax::version::Version;
use bstr::ByteSlice;

/// Looks at each line that came, with the one in front of it and the one behind.
///
/// # Errors
/// What was the last entry on its side stands in front of another one, without a comma.
pub fn check(case: &Case<'_>) -> Result<(), Objection> {
    if case.language != Language::C {
        return Ok(());
    }
    let result = &case.result.lines;
    for at in case.carried.iter().flat_map(|hunk| hunk.after.clone()) {
        let above = (0..at).rev().find(|n| !is_blank(result[*n]));
        for x in above.into_iter().chain([at]) {
            let Some(y) = next(result, x).filter(|y| is_entry(result[*y])) else { continue };
            if ends_open(result[x]) && (ends_list(case, result[x]) || leaves_macro(case, (result[x], result[y]))) {
                let said =
                    format!("'{}' was the last of a list, and '{}' follows it", shown(result[x]), shown(result[y]));
                return Err(Objection { reason: Reason::Parse, said, line: x + 1 });
            }
        }
    }
    Ok(())
}

/// Is a line the last entry of a list on a side that has it?
fn ends_list(case: &Case<'_>, line: &[u8]) -> bool {
    any(case, line, |side, at| {
        let closes = next(&side.lines, at).is_some_and(|next| side.lines[next].trim_ascii().starts_with(b"}"));
        ends_with(side, at.checked_sub(1), b",") && closes
    })
}

/// Is a line the last one of a macro on its side, and what follows it a line within the macro on its own?
fn leaves_macro(case: &Case<'_>, (line, behind): (&[u8], &[u8])) -> bool {
    let is_within = |side: &Version<'_>, at: usize| ends_with(side, at.checked_sub(1), b"\\");
    let is_last = any(case, line, |side, at| is_within(side, at) && !ends_with(side, Some(at), b"\\"));
    is_last && any(case, behind, is_within)
}

/// Does something hold of a line where ours or theirs has it?
fn any(case: &Case<'_>, line: &[u8], holds: impl Fn(&Version<'_>, usize) -> bool) -> bool {
    let of = |side: &Version<'_>| (0..side.lines.len()).any(|at| side.lines[at] == line && holds(side, at));
    of(&case.sides.ours) || of(&case.sides.theirs)
}

fn ends_with(side: &Version<'_>, at: Option<usize>, end: &[u8]) -> bool {
    at.is_some_and(|at| side.lines[at].trim_ascii_end().ends_with(end))
}

/// Does a line say something, and end in a word, a text or a bracket that it has opened itself? A lone `}` ends anything.
fn ends_open(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let is_code = !line.starts_with(b"#") && !line.contains_str("//") && !line.contains_str("*/");
    let end = line.last().copied().unwrap_or_default();
    let is_open =
        end.is_ascii_alphanumeric() || matches!(end, b'_' | b')' | b'"') || end == b'}' && line.contains(&b'{');
    is_code && is_telling(line) && is_open
}

/// Can a line be an entry: does it begin with something that no list ends with?
fn is_entry(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    is_telling(line) && !line.starts_with(b"}") && !line.starts_with(b"#") && !line.starts_with(b"/")
}

fn next(lines: &[&[u8]], at: usize) -> Option<usize> {
    (at + 1..lines.len()).find(|n| !is_blank(lines[*n]))
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Sides;
    use crate::verify::Question;

    fn passes(sides: [&str; 3], result: &str) -> bool {
        let [base, ours, theirs] = sides.map(str::as_bytes);
        let question = Question { language: Language::C, sides: Sides { base, ours, theirs } };
        check(&Case::new(&question, result.as_bytes())).is_ok()
    }

    #[test]
    fn two_last_entries_stand_behind_each_other_only_with_a_comma() {
        let of = |end: &str| format!("enum state {{\n\tSTATE_IDLE,\n{end}}};\n");
        let (base, ours, theirs) =
            (of("\tSTATE_DEAD\n"), of("\tSTATE_DEAD,\n\tSTATE_UP\n"), of("\tSTATE_DEAD,\n\tSTATE_MINE\n"));
        let passes = |end: &str| passes([&base, &ours, &theirs], &of(end));
        assert!(!passes("\tSTATE_DEAD,\n\tSTATE_UP\n\tSTATE_MINE\n"));
        assert!(!passes("\tSTATE_DEAD,\n\tSTATE_MINE\n\tSTATE_UP\n"));
        assert!(passes("\tSTATE_DEAD,\n\tSTATE_UP,\n\tSTATE_MINE\n"));
    }

    #[test]
    fn a_macro_goes_on_with_a_backslash() {
        let of = |end: &str| format!("#define OPS \\\n\t.open = acme_open, \\\n{end}\nint f(void);\n");
        let (base, ours, theirs) = (of("\t.a = a\n"), of("\t.a = a, \\\n\t.b = b\n"), of("\t.a = a, \\\n\t.c = c\n"));
        assert!(!passes([&base, &ours, &theirs], &of("\t.a = a, \\\n\t.c = c\n\t.b = b\n")));
        assert!(passes([&base, &ours, &theirs], &of("\t.a = a, \\\n\t.b = b, \\\n\t.c = c\n")));
    }

    #[test]
    fn what_is_no_list_is_passed_over() {
        let base = "int f(void)\n{\n\tif (a)\n\t\tb();\n}\n";
        let theirs = base.replace("\t\tb();\n", "\t\tc();\n");
        assert!(passes([base, base, &theirs], &theirs));
        let table = "struct s t[] = {\n\t{\n\t\t.a = 1,\n\t},\n\t{\n\t\t.a = 2,\n\t}\n};\n";
        let (base, theirs) =
            (format!("{table}{base}"), format!("{table}{}", base.replace("b();\n", "b();\n\t}\n\td();\n")));
        assert!(passes([&base, &base, &theirs], &theirs), "a lone bracket is no entry");
    }
}
