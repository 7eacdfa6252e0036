//! Names of the file that the patch's lines use and that upstream declares otherwise: a variable of another type, a function with other
//! arguments, a member of another type or none; or further below. What headers declare is looked up for the whole series, see the survey.
//!
//! In: a [`Case`]. Out: [`Remark`]s at the lines of the result.

use super::case::Case;
use crate::merge::delta::Hunk;
use crate::merge::{Remark, Sides};
use crate::rule::member::{Member, members};
use crate::rule::{Declaration, DeclarationChange, Requirement};
use crate::syntax::items::{Item, ItemKind, items};
use crate::syntax::language::Language;
use crate::syntax::lex::{has_word, is_name_byte, is_reserved};
use crate::syntax::outline::SectionKind;
use crate::syntax::version::Version;
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::ops::Range;

/// What a file declares some names to be.
struct Declarations<'a> {
    text: &'a [u8],
    list: Vec<Item>,
}

impl<'a> Declarations<'a> {
    fn of(text: &'a [u8], names: &FxHashSet<&[u8]>) -> Self {
        let mut list = items(text).list;
        list.retain(|item| {
            matches!(item.kind, ItemKind::Function | ItemKind::Variable) && names.contains(item.identity(text))
        });
        Self { text, list }
    }

    /// The only declaration of a name.
    fn read(&self, name: &[u8]) -> Option<Declaration> {
        let mut own = self.list.iter().filter(|item| item.identity(self.text) == name);
        let (item, None) = (own.next()?, own.next()) else { return None };
        Declaration::read(name, &item.declaration(self.text))
    }
}

/// Names that the patch's lines use as they were declared, and where.
pub fn doubts(case: &Case<'_>) -> Vec<Remark> {
    if case.language != Language::C {
        return Vec::new();
    }
    [otherwise(case), members_of(case), below(case)].concat()
}

/// Functions that stood above the patch's lines, and stand below them.
fn below(case: &Case<'_>) -> Vec<Remark> {
    let first = |version: &Version<'_>, name: &[u8]| {
        version.called(SectionKind::Function, name).next().map(|section| section.lines.start)
    };
    let mut seen: FxHashSet<&[u8]> = FxHashSet::default();
    let mut doubts = Vec::new();
    for landed in case.landed() {
        let line = case.result.lines[landed.result];
        for name in words(line).filter(|name| seen.insert(name)) {
            let is = first(&case.result, name).filter(|is| *is > landed.result);
            let Some(is) = is.filter(|_| first(&case.sides.theirs, name).is_some_and(|was| was < landed.theirs)) else {
                continue;
            };
            // Whatever names it further above may announce it.
            if !case.result.lines[..landed.result].iter().any(|above| has_word(above, name)) {
                let said =
                    format!("the patch uses '{}', which stands below it now, at line {}", name.to_str_lossy(), is + 1);
                doubts.push(Remark::new(landed.result + 1, said));
            }
        }
    }
    doubts
}

/// Members of the file's own types that are of other types, or gone.
fn members_of(case: &Case<'_>) -> Vec<Remark> {
    let Sides { base, ours, theirs } = &case.sides;
    let types = |version: &Version<'_>| -> FxHashMap<Vec<u8>, Vec<u8>> {
        let own = version.sections().iter().filter(|section| section.kind == SectionKind::Type);
        own.map(|section| (section.name.clone(), version.text_of(&section.lines))).collect()
    };
    let (mut before, after) = (types(base), types(ours));
    before.retain(|name, text| after.get(name).is_some_and(|now| now != text));
    if before.is_empty() {
        return Vec::new();
    }
    let runs: Vec<Range<usize>> = case.patch.iter().map(|hunk| hunk.after.clone()).collect();
    let landed: Vec<usize> = case.written().collect();
    let used: BTreeSet<Member> =
        members(theirs.text, &items(theirs.text).list, &runs).into_iter().map(|(member, _)| member).collect();
    let doubt = |member: &Member| {
        let (field, owner) = (&member.field, member.owner.to_str_lossy());
        let (old, new) = (before.get(member.tag())?, after.get(member.tag())?);
        let was = Declaration::of_member(field, old)?;
        let line = landed.iter().find(|at| has_word(case.result.lines[**at], field))?;
        let said = match Declaration::of_member(field, new) {
            Some(is) => {
                let change = DeclarationChange::between(&was, Some(&is));
                let told = || format!("the patch uses a member that {owner} declares otherwise: {}", change.told());
                change.refuses_reading().then(told)?
            }
            None if has_word(new, field) => return None,
            None => format!("the patch uses '{}', which {owner} has no more", field.to_str_lossy()),
        };
        Some(Remark::new(line + 1, said))
    };
    used.iter().filter_map(doubt).collect()
}

/// What upstream declares otherwise.
fn otherwise(case: &Case<'_>) -> Vec<Remark> {
    let Sides { base, ours, theirs } = &case.sides;
    let added = |hunk: &Hunk| hunk.after.clone();
    let mut used: FxHashSet<&[u8]> = case.patch.iter().flat_map(added).flat_map(|at| words(theirs.lines[at])).collect();
    // Whatever is declared otherwise stands in a line that went and in one that came. Few files have any that the patch uses.
    let gone = case.upstream().iter().flat_map(|hunk| &base.lines[hunk.before.clone()]);
    let came = case.upstream().iter().flat_map(|hunk| &ours.lines[hunk.after.clone()]);
    used = gone.flat_map(|line| words(line)).filter(|word| used.contains(word)).collect();
    used = came.flat_map(|line| words(line)).filter(|word| used.contains(word)).collect();
    if used.is_empty() {
        return Vec::new();
    }
    let [before, patched, after] = [base, theirs, ours].map(|side| Declarations::of(side.text, &used));
    let mut names: Vec<&[u8]> = used.into_iter().collect();
    names.sort_unstable();
    let landed: Vec<usize> = case.written().collect();
    let doubt = |name: &[u8]| {
        let (old, new) = (before.read(name)?, after.read(name)?);
        let change = DeclarationChange::between(&old, Some(&new));
        let line = landed.iter().find(|at| has_word(case.result.lines[**at], name))?;
        // Whoever declares it otherwise knows what it is.
        let is_own = patched.read(name).is_none_or(|own| own.declared != old.declared);
        let is_other = change.requirement() == Requirement::Required && !is_own;
        is_other.then(|| {
            Remark::new(line + 1, format!("the patch uses what upstream declares otherwise: {}", change.told()))
        })
    };
    names.into_iter().filter_map(doubt).collect()
}

/// The names in a line.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_name = |word: &&[u8]| word.first().is_some_and(|c| !c.is_ascii_digit()) && !is_reserved(word);
    line.split(|c| !is_name_byte(*c)).filter(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::case::said_of;

    const BASE: &str = "u64 sequence;\n\nstatic void send(struct dev *dev, int how)\n{\n\tgo(dev, how);\n}\n\nint last(void)\n{\n\treturn 0;\n}\n";

    fn said(ours: &str, more: &str) -> Vec<String> {
        let patch = |text: &str| format!("{text}\n{more}");
        let (theirs, result) = (patch(BASE), patch(ours));
        said_of(Sides { base: BASE, ours, theirs: &theirs }, &result, doubts)
    }

    #[test]
    fn a_variable_of_another_type_and_a_function_with_other_arguments_are_told() {
        let more = "u64 next(void)\n{\n\tsend(NULL, 1);\n\treturn ++sequence;\n}\n";
        let ours = BASE.replace("u64 sequence", "atomic64_t sequence").replace(", int how)", ", int how, int more)");
        let wanted = [
            "the patch uses what upstream declares otherwise: send: argument 3 (int) added",
            "the patch uses what upstream declares otherwise: sequence: was u64, is atomic64_t",
        ];
        assert_eq!(said(&ours, more), wanted);
        assert_eq!(said(&ours, "int more(void)\n{\n\treturn 1;\n}\n"), [""; 0], "it uses neither");
        assert_eq!(said(&BASE.replace("u64 sequence", "static u64 sequence = 1"), more), [""; 0], "it is what it was");
    }

    #[test]
    fn a_function_that_upstream_moved_below_its_use_is_told() {
        let (send, last) = BASE.split_at(BASE.find("int last").expect("a function"));
        let (before, function) = send.split_at(send.find("static").expect("a function"));
        let ours = [before, last, "\n", function].concat();
        let patch = |text: &str| text.replace("int last", "void more(void)\n{\n\tsend(NULL, 1);\n}\n\nint last");
        let told = |ours: &str| said_of(Sides { base: BASE, ours, theirs: &patch(BASE) }, &patch(ours), doubts);
        assert_eq!(told(&ours), ["the patch uses 'send', which stands below it now, at line 13"]);
        let announced = ours.replace("u64 sequence;\n", "u64 sequence;\nstatic void send(struct dev *dev, int how);\n");
        assert_eq!(told(&announced), [""; 0]);
    }

    #[test]
    fn a_member_of_another_type_or_none_is_told() {
        let base =
            "struct acme {\n\tspinlock_t lock;\n\tint users;\n\tint state;\n};\n\nint last(void)\n{\n\treturn 0;\n}\n";
        let ours = base.replace("spinlock_t lock", "raw_spinlock_t lock").replace("\tint users;\n", "");
        let more = "int more(struct acme *a)\n{\n\tspin_lock(&a->lock);\n\ta->users = a->state;\n\treturn 1;\n}\n";
        let told = |ours: &str| {
            let [theirs, result] = [base, ours].map(|text| format!("{text}\n{more}"));
            said_of(Sides { base, ours, theirs: &theirs }, &result, doubts)
        };
        assert_eq!(
            told(&ours),
            [
                "the patch uses a member that struct acme declares otherwise: lock: was spinlock_t, is raw_spinlock_t",
                "the patch uses 'users', which struct acme has no more"
            ]
        );
        assert_eq!(told(&base.replace("int state", "const int state")), [""; 0], "it can be read as before");
    }
}
