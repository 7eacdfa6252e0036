//! A way out of a function that the patch adds, and lines that upstream moved across it: what ran before it runs after it now, and
//! is left out where the way is taken; or the other way round.
//!
//! In: a case. Out: a remark for each such way out.

use crate::merge::line::{is_telling, shown};
use crate::merge::{Remark, Sides};
use crate::syntax::language::Language;
use crate::syntax::lex::has_word;
use crate::verify::case::{Case, Landed};
use rustc_hash::FxHashMap;

/// One line may have moved by chance: a diff aligns what it can.
const SEVERAL: usize = 2;

/// The ways out that lines were moved across.
pub fn crossed(case: &Case<'_>) -> Vec<Remark> {
    if case.language != Language::C {
        return Vec::new();
    }
    let Sides { base, theirs, .. } = &case.sides;
    let leaves = |line: &[u8]| has_word(line, b"return") || has_word(line, b"goto");
    let landed = case.landed();
    let (mut then, mut now) = (None, None);
    let mut doubts = Vec::new();
    for hunk in case.patch.iter().filter(|hunk| theirs.lines[hunk.after.clone()].iter().any(|line| leaves(line))) {
        let Some(came) = landed.iter().find(|came| hunk.after.contains(&came.theirs)) else { continue };
        let Some(section) = base.section_of(&hunk.before) else { continue };
        let now = now.get_or_insert_with(|| once(&case.result.lines));
        let then = then.get_or_insert_with(|| once(&base.lines));
        let moved: Vec<&[u8]> = section
            .lines
            .clone()
            .filter(|at| !hunk.before.contains(at) && then.contains_key(base.lines[*at]))
            .filter(|at| {
                let is_in_it = |to: &usize| case.result.section_at(*to).is_some_and(|now| now.name == section.name);
                let to = now.get(base.lines[*at]).copied().filter(is_in_it);
                to.is_some_and(|to| is_crossing((*at, hunk.before.start), (to, came)))
            })
            .map(|at| base.lines[at])
            .collect();
        if moved.len() >= SEVERAL {
            let said = format!(
                "the patch leaves the function here, and upstream moved '{}' across this place",
                shown(moved[0])
            );
            doubts.push(Remark::new(came.result + 1, said));
        }
    }
    doubts
}

/// Was a line on one side of a place, and is it on the other?
fn is_crossing((was, place): (usize, usize), (is, came): (usize, &Landed)) -> bool {
    (was < place) != (is < came.result)
}

/// Telling lines that a text has once, and where; from 0.
fn once<'a>(lines: &[&'a [u8]]) -> FxHashMap<&'a [u8], usize> {
    let mut found: FxHashMap<&[u8], Option<usize>> = FxHashMap::default();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_telling(line)) {
        found.entry(line).and_modify(|at| *at = None).or_insert(Some(at));
    }
    found.into_iter().filter_map(|(line, at)| Some((line, at?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::case::said_of;

    const BASE: &str = "int write(void)\n{\n\tint n = begin();\n\n\tput_names(n);\n\tput_markers(n);\n\n\tput_table(n);\n\tput_index(n);\n\treturn 0;\n}\n";

    fn said(what: &str, ours: &str) -> Vec<String> {
        let patch = |text: &str| text.replace("\n\tput_table", &format!("{what}\n\tput_table"));
        let theirs = patch(BASE);
        let result = patch(ours);
        said_of(Sides { base: BASE, ours, theirs: &theirs }, &result, crossed)
    }

    #[test]
    fn lines_that_upstream_moved_behind_a_way_out_of_the_patch_are_told() {
        let ours = "int write(void)\n{\n\tint n = begin();\n\n\tput_table(n);\n\tput_index(n);\n\n\tput_names(n);\n\tput_markers(n);\n\treturn 0;\n}\n";
        let told = said("\n\tif (is_short(n))\n\t\treturn 1;\n", ours);
        assert_eq!(told, ["the patch leaves the function here, and upstream moved 'put_names(n);' across this place"]);
        assert_eq!(said("\n\tput_more(n);\n", ours), [""; 0], "it leaves nothing");
        assert_eq!(said("\n\tif (is_short(n))\n\t\treturn 1;\n", BASE), [""; 0], "nothing moved");
    }
}
