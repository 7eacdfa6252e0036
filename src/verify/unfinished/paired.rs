//! Calls that belong together, and a patch that comes between them: upstream takes something before its place and gives it back behind
//! it, or no longer gives back what the patch gives back.
//!
//! In: a case. Out: remarks.
//!
//! ```text
//!   ours   mutex_lock(&a->lock);                theirs   return -EINVAL;    held     the lock stays taken
//!          ...
//!          mutex_unlock(&a->lock);
//!   base   mutex_unlock(&a->lock);              theirs   mutex_unlock(&a->lock); return -EINVAL;
//!   ours   guard(mutex)(&a->lock);                                          given    it is given back twice
//! ```

use crate::merge::delta::Hunk;
use crate::merge::line::{alike, shown};
use crate::merge::{Remark, Sides};
use crate::syntax::language::Language;
use crate::syntax::lex::{has_word, is_name_byte, leading_name};
use crate::syntax::outline::{Section, SectionKind};
use crate::verify::case::Case;
use bstr::ByteSlice;

/// Words of a name that say that something is given back.
const GIVES_BACK: [&[u8]; 21] = [
    b"abort",
    b"cancel",
    b"close",
    b"destroy",
    b"detach",
    b"disable",
    b"end",
    b"exit",
    b"free",
    b"kfree",
    b"put",
    b"release",
    b"restore",
    b"stop",
    b"unlock",
    b"unmap",
    b"unpin",
    b"unprepare",
    b"unregister",
    b"unwind",
    b"up",
];

/// A statement that is one call: `name(argument, ...);`.
struct Call<'a> {
    name: &'a [u8],
    /// Its first argument.
    about: &'a [u8],
}

impl<'a> Call<'a> {
    fn of(line: &'a [u8]) -> Option<Self> {
        let line = line.trim_ascii();
        let name = leading_name(line);
        let inner = line[name.len()..].strip_prefix(b"(")?.strip_suffix(b");")?;
        let end = inner.find_byte(b',').unwrap_or(inner.len());
        let about = inner[..end].trim_ascii();
        (!name.is_empty() && !about.is_empty() && !about.contains(&b'(')).then_some(Self { name, about })
    }

    /// Does its name say that it gives something back?
    fn gives_back(&self) -> bool {
        self.name.split(|c| *c == b'_').any(|part| GIVES_BACK.contains(&part))
    }

    /// Is a line about the same thing?
    fn is_about(&self, line: &[u8]) -> bool {
        let ends = |at: usize| !line.get(at).copied().is_some_and(is_name_byte);
        let begins =
            |at: usize| at.checked_sub(1).is_none_or(|at| !is_name_byte(line[at]) && !matches!(line[at], b'>' | b'.'));
        line.find_iter(self.about).any(|at| begins(at) && ends(at + self.about.len()))
    }
}

/// What upstream did in a function, on the two sides of a hunk of the patch.
struct Around<'a> {
    came_before: Vec<&'a [u8]>,
    went_before: Vec<&'a [u8]>,
    came_behind: Vec<&'a [u8]>,
}

impl<'a> Around<'a> {
    fn of(case: &Case<'a>, section: &Section, hunk: &Hunk) -> Self {
        let Sides { base, ours, .. } = &case.sides;
        let within = |up: &&Hunk| section.lines.start <= up.before.start && up.before.end <= section.lines.end;
        let (mut came_before, mut went_before, mut came_behind) = (Vec::new(), Vec::new(), Vec::new());
        // Of what both put at one place nobody knows which comes first.
        for up in case.upstream().iter().filter(within).filter(|up| up.before != hunk.before) {
            if up.before.end <= hunk.before.start {
                came_before.extend(&ours.lines[up.after.clone()]);
                went_before.extend(&base.lines[up.before.clone()]);
            } else if up.before.start >= hunk.before.end {
                came_behind.extend(&ours.lines[up.after.clone()]);
            }
        }
        Self { came_before, went_before, came_behind }
    }
}

/// Calls that the patch comes between.
pub fn paired(case: &Case<'_>) -> Vec<Remark> {
    if case.language != Language::C {
        return Vec::new();
    }
    let Sides { base, theirs, .. } = &case.sides;
    let mut doubts = Vec::new();
    for hunk in case.patch.iter().filter(|hunk| !hunk.after.is_empty()) {
        let Some(section) = base.section_of(&hunk.before).filter(|of| of.kind == SectionKind::Function) else {
            continue;
        };
        let added = &theirs.lines[hunk.after.clone()];
        let said = held(case, (section, hunk), added).or_else(|| given(case, section, added));
        if let Some((said, line)) = said {
            doubts.push(Remark::new(case.line_of(line), said));
        }
    }
    doubts
}

/// A way out between what upstream takes and where it gives it back; with the line of the way out.
fn held<'a>(case: &Case<'a>, (section, hunk): (&Section, &Hunk), added: &[&'a [u8]]) -> Option<(String, &'a [u8])> {
    let way_out = added.iter().find(|line| has_word(line, b"return") || has_word(line, b"goto"))?;
    let around = Around::of(case, section, hunk);
    around.came_behind.iter().find_map(|line| {
        let call = Call::of(line).filter(Call::gives_back)?;
        let is_same = |other: &&'_ [u8]| alike(other, line);
        if added.iter().any(|own| has_word(own, call.name)) || around.came_before.iter().any(is_same) {
            return None;
        }
        let taken = around.came_before.iter().find(|other| other.contains(&b'(') && call.is_about(other));
        let said = match taken {
            Some(taken) => format!(
                "the patch leaves the function between '{}' and '{}', which upstream added",
                shown(taken),
                shown(line)
            ),
            None if around.went_before.iter().any(is_same) => {
                format!("the patch leaves the function here, and upstream moved '{}' behind this place", shown(line))
            }
            None => return None,
        };
        Some((said, *way_out))
    })
}

/// A call of the patch that the function made, too, and makes no more.
fn given<'a>(case: &Case<'a>, section: &Section, added: &[&'a [u8]]) -> Option<(String, &'a [u8])> {
    let Sides { base, ours, .. } = &case.sides;
    let now = ours.same(section).next()?;
    let has = |lines: &[&[u8]], line: &[u8]| lines.iter().any(|other| alike(other, line));
    let line = added.iter().find(|line| {
        Call::of(line).is_some_and(|call| call.gives_back())
            && has(&base.lines[section.lines.clone()], line)
            && !has(&ours.lines[now.lines.clone()], line)
    })?;
    Some((
        format!("the patch calls '{}' as the function did, and upstream has taken that out of it", shown(line)),
        line,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::case::{said_of, said_of_patch};

    const BASE: &str = "int f(struct acme *a)\n{\n\tint ret;\n\n\tfirst(a);\n\tsecond(a);\n\tthird(a);\n\tof_node_put(a->node);\n\n\treturn 0;\n}\n";

    fn said(own: &str, upstream: &[(&str, &str)]) -> Vec<String> {
        said_of_patch(BASE, ("\tthird(a);\n", &format!("{own}\tthird(a);\n")), upstream, paired)
    }

    const OUT: &str = "\tif (!a->n)\n\t\treturn 1;\n";

    #[test]
    fn a_way_out_between_what_upstream_takes_and_gives_back_is_told() {
        let lock = ("\tfirst(a);\n", "\tmutex_lock(&a->lock);\n\tfirst(a);\n");
        let unlock = ("\n\treturn 0;\n", "\tmutex_unlock(&a->lock);\n\n\treturn 0;\n");
        let wanted = "the patch leaves the function between 'mutex_lock(&a->lock);' and 'mutex_unlock(&a->lock);', which upstream added";
        assert_eq!(said(OUT, &[lock, unlock]), [wanted]);
        assert_eq!(said("\tmine(a);\n", &[lock, unlock]), [""; 0], "it leaves nothing");
        assert_eq!(said("\tif (x) {\n\t\tmutex_unlock(&a->lock);\n\t\treturn 1;\n\t}\n", &[lock, unlock]), [""; 0]);
        let other = ("\tfirst(a);\n", "\tmutex_lock(&a->other_lock);\n\tmutex_unlock(&a->other_lock);\n\tfirst(a);\n");
        let both = ("\tsecond(a);\n", "\tsecond(a);\n");
        assert_eq!(said(OUT, &[other, both]), [""; 0], "both stand before it");
    }

    #[test]
    fn what_is_given_back_behind_a_way_out_or_no_more_is_told() {
        let moved = [("\tof_node_put(a->node);\n", ""), ("\tfirst(a);\n", "\tfirst(a);\n")];
        assert_eq!(said(OUT, &moved), [""; 0], "it stood behind and is gone");
        let own = "\tif (!a->n) {\n\t\tof_node_put(a->node);\n\t\treturn 1;\n\t}\n";
        let wanted =
            "the patch calls 'of_node_put(a->node);' as the function did, and upstream has taken that out of it";
        assert_eq!(said(own, &moved), [wanted]);
        assert_eq!(said(own, &[("\tfirst(a);\n", "\tfirst(a, 1);\n")]), [""; 0], "the function does so still");
        let base = BASE
            .replace("\tof_node_put(a->node);\n", "")
            .replace("\tfirst(a);\n", "\tof_node_put(a->node);\n\tfirst(a);\n");
        let patch = |text: &str| text.replace("\tthird(a);\n", &format!("{OUT}\tthird(a);\n"));
        let (theirs, result) = (patch(&base), patch(BASE));
        let told = said_of(Sides { base: &base, ours: BASE, theirs: &theirs }, &result, paired);
        assert_eq!(
            told,
            ["the patch leaves the function here, and upstream moved 'of_node_put(a->node);' behind this place"]
        );
    }
}
