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
use crate::merge::line::{ends_entry, is_telling, shown};
use crate::syntax::version::Version;
use rustc_hash::FxHashSet;
use std::cell::OnceCell;

/// Looks at each line that came, with the one in front of it and the one behind.
///
/// # Errors
/// What was the last entry on its side stands in front of another one, without a comma.
pub fn check(case: &Case<'_>) -> Result<(), Objection> {
    let result = &case.result.lines;
    let sides = OnceCell::new();
    let ends = || sides.get_or_init(|| Ends::of([&case.sides.ours, &case.sides.theirs]));
    for hunk in case.carried.iter().filter(|hunk| !hunk.after.is_empty()) {
        let above = (0..hunk.after.start).rev().find(|n| !is_blank(result[*n]));
        for x in above.into_iter().chain(hunk.after.clone()).filter(|x| ends_entry(result[*x])) {
            let Some(y) = next(result, x).filter(|y| is_entry(result[*y])) else { continue };
            let (line, behind) = (result[x], result[y]);
            let leaves_macro = ends().of_macros.contains(line) && ends().in_macros.contains(behind);
            if leaves_macro || ends().of_lists.contains(line) {
                let said = format!("'{}' was the last of a list, and '{}' follows it", shown(line), shown(behind));
                return Err(Objection { reason: Reason::Parse, said, line: x + 1 });
            }
        }
    }
    Ok(())
}

/// Where lists and macros end on the sides that have them.
#[derive(Default)]
struct Ends<'a> {
    /// Last entries of lists.
    of_lists: FxHashSet<&'a [u8]>,
    /// Last lines of macros.
    of_macros: FxHashSet<&'a [u8]>,
    /// Lines of macros, but for the first ones.
    in_macros: FxHashSet<&'a [u8]>,
}

impl<'a> Ends<'a> {
    fn of(sides: [&Version<'a>; 2]) -> Self {
        let mut ends = Self::default();
        for side in sides {
            for (at, line) in side.lines.iter().copied().enumerate().skip(1) {
                if ends_with(side, at - 1, b",") {
                    let closes = |next: usize| side.lines[next].trim_ascii().starts_with(b"}");
                    ends.of_lists.extend(next(&side.lines, at).is_some_and(closes).then_some(line));
                } else if ends_with(side, at - 1, b"\\") {
                    ends.in_macros.insert(line);
                    ends.of_macros.extend((!ends_with(side, at, b"\\")).then_some(line));
                }
            }
        }
        ends
    }
}

fn ends_with(side: &Version<'_>, at: usize, end: &[u8]) -> bool {
    side.lines[at].trim_ascii_end().ends_with(end)
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
    use crate::syntax::language::Language;
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
