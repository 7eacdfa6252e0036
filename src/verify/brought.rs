//! Lines that the patch adds and upstream has added, too: a part of the patch may be there already.
//!
//! In: a [`Case`]. Out: [`Remark`]s at the lines of the result. Where both sides add a line at one place, merging joins them and
//! says so; here are those that upstream put elsewhere in the file, so that the result has them twice:
//!
//! ```text
//!   base    (none)      ours   #define ID_B 2  +      theirs   #define ID_C 3      result   #define ID_B 2  + #define ID_C 3
//!                                                            + #define ID_B 2                                + #define ID_B 2
//! ```

use super::case::Case;
use crate::merge::Remark;
use crate::merge::line::{ink, is_telling, shown};
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};

/// Lines with fewer bytes that are not white space are anybody's.
const LEAST_INK: usize = 8;
/// So many are told one by one.
const TOLD: usize = 3;

/// Lines that upstream has brought as well.
pub fn doubts(case: &Case<'_>) -> Vec<Remark> {
    let mut added: FxHashMap<Vec<u8>, &[u8]> = FxHashMap::default();
    for at in case.patch.iter().flat_map(|hunk| hunk.after.clone()) {
        let line = case.sides.theirs.lines[at];
        if says_something(line) {
            added.insert(text(line), line);
        }
    }
    // Few patches have any: the rest of the file is not looked at for the others.
    let new = case.upstream().iter().flat_map(|hunk| hunk.after.clone());
    let brought: FxHashSet<Vec<u8>> =
        new.map(|at| text(case.sides.ours.lines[at])).filter(|line| added.contains_key(line)).collect();
    added.retain(|line, _| brought.contains(line));
    if added.is_empty() {
        return Vec::new();
    }
    for line in &case.sides.base.lines {
        added.remove(&text(line));
    }
    let mut places: FxHashMap<Vec<u8>, Vec<usize>> = FxHashMap::default();
    for (at, line) in case.result.lines.iter().enumerate() {
        let line = text(line);
        if added.contains_key(&line) {
            places.entry(line).or_default().push(at + 1);
        }
    }
    let mut doubts = Vec::new();
    for (line, at) in &places {
        if let [first, second, ..] = at[..] {
            let line = shown(added.get(line).copied().unwrap_or_default());
            let said = format!("upstream has added the patch's line '{line}', too: it is here and at line {first}");
            doubts.push(Remark::new(second, said));
        }
    }
    doubts.sort_unstable();
    doubts.truncate(TOLD);
    doubts
}

/// Is a line known by its text? Many files may include a header for reasons of their own, and functions are left alike: `return ret;`.
fn says_something(line: &[u8]) -> bool {
    let begins = |words: &[&[u8]]| words.iter().any(|word| line.trim_start().starts_with(word));
    let leaves = begins(&[b"return ", b"goto "]) && !line.contains(&b'(');
    ink(line).count() >= LEAST_INK && is_telling(line) && !leaves && !begins(&[b"#include"])
}

/// A line without its white space.
fn text(line: &[u8]) -> Vec<u8> {
    ink(line).copied().collect()
}

#[cfg(test)]
mod tests {
    use crate::merge::Sides;
    use crate::run::Method;
    use crate::syntax::language::Language;
    use crate::verify::{Candidate, Question, verify};

    const BASE: &str = "#define ID_A 1\n#define ID_D 4\n\nint a;\nint b;\nint c;\n";

    fn said(ours: &str, theirs: &str, result: &str) -> Vec<String> {
        let sides = Sides { base: BASE.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        let passed =
            verify(&Question { language: Language::C, sides }, Candidate::of_lines(result.into(), Method::Text));
        passed.expect("it passes").doubts().iter().map(|doubt| format!("{}: {}", doubt.line, doubt.said)).collect()
    }

    #[test]
    fn a_line_that_both_sides_add_in_two_places_is_told() {
        let ours = BASE.replace("ID_A 1\n", "ID_A 1\n#define ID_B 2\n");
        let theirs = BASE.replace("ID_D 4\n", "ID_D 4\n#define ID_B\t2\n");
        let both = ours.replace("ID_D 4\n", "ID_D 4\n#define ID_B\t2\n");
        assert_eq!(
            said(&ours, &theirs, &both),
            ["4: upstream has added the patch's line '#define ID_B\t2', too: it is here and at line 2"]
        );
    }

    #[test]
    fn a_line_that_the_file_had_before_or_that_is_there_once_is_not() {
        let ours = BASE.replace("int c;\n", "int c;\n#define ID_A 1\n");
        let theirs = BASE.replace("int a;\n", "int a;\n#define ID_A 1\n");
        let both = ours.replace("int a;\n", "int a;\n#define ID_A 1\n");
        assert!(said(&ours, &theirs, &both).is_empty());
        let same = BASE.replace("ID_A 1\n", "ID_A 1\n#define ID_B 2\n");
        assert!(said(&same, &same, &same).is_empty());
    }

    #[test]
    fn leaving_a_function_says_nothing_and_what_it_is_left_with_may() {
        assert!(!super::says_something(b"\treturn ret;\n") && !super::says_something(b"\tgoto out_free;\n"));
        assert!(super::says_something(b"\treturn acme_put(a);\n"));
    }
}
