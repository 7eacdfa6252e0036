//! Names that a model writes and neither side of the file has: somebody must know them.
//!
//! In: the edits of an answer. Out: its names that are in no side of the file, and of those the ones that neither the new kernel nor the series
//! has, which were invented. Programs of the kernel's tree (tools and the like) know names that its code does not.

use crate::error::Result;
use crate::git::tree::Sort;
use crate::git::{Oid, Repo, Store};
use crate::index::{Damaged, Index, Place, is_other_program};
use crate::llm::Edit;
use crate::merge::Sides;
use crate::run::LookUp;
use crate::survey::{Changes, ask_names, names_in};
use crate::syntax::items::{ItemKind, items};
use crate::syntax::language::Language;
use crate::syntax::lex::{has_word, is_name_byte};
use bstr::{BString, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Where names are looked for.
pub struct Known<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// The commit of new upstream.
    pub onto: Oid,
    /// What the commits of the series up to this one change.
    pub series: &'a [Changes],
    /// Whether anything is looked up.
    pub look_up: LookUp,
}

impl Known<'_> {
    /// Which of these names nobody has; `path` is that of the file that is to have them.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn strange(&self, store: &mut Store, path: &[u8], names: &[Vec<u8>]) -> Result<FxHashSet<Vec<u8>>> {
        if names.is_empty() || self.look_up == LookUp::Nothing {
            return Ok(FxHashSet::default());
        }
        let tree = store.commit(self.onto)?.tree;
        let words: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        let found =
            ask_names(self.repo, &[tree], |all| all.first().map_or(Ok(Vec::new()), |one| known(one, path, &words)))?;
        let strange: Vec<&[u8]> =
            words.iter().zip(found).filter(|(_, is_known)| !is_known).map(|(word, _)| *word).collect();
        self.without_own(store, strange)
    }

    /// Without the names that the series brings itself.
    fn without_own(&self, store: &mut Store, mut strange: Vec<&[u8]>) -> Result<FxHashSet<Vec<u8>>> {
        // Of each path the text before the series and the last one.
        let mut paths: BTreeMap<&BString, (Option<Oid>, Option<Oid>)> = BTreeMap::new();
        for changed in self.series.iter().flat_map(|changes| &changes.paths) {
            let id = |entry: Option<crate::git::tree::Entry>| entry.filter(|e| e.sort() == Sort::File).map(|e| e.id);
            let ids = paths.entry(&changed.path).or_insert((id(changed.entry.before), None));
            ids.1 = id(changed.entry.after);
        }
        for (before, after) in paths.into_values() {
            let (false, Some(after)) = (strange.is_empty(), after) else { continue };
            let after = store.blob(after)?;
            let brought: Vec<&[u8]> = strange.iter().filter(|name| has_word(&after.data, name)).copied().collect();
            if brought.is_empty() {
                continue;
            }
            let before = before.map(|id| store.blob(id)).transpose()?;
            let was_there = |name: &[u8]| before.as_ref().is_some_and(|before| has_word(&before.data, name));
            strange.retain(|name| !brought.contains(name) || was_there(name));
        }
        Ok(strange.into_iter().map(<[u8]>::to_vec).collect())
    }
}

/// Which of these names a kernel's code has: defined, or written where macros may have made them.
fn known(index: &Index, path: &[u8], names: &[&[u8]]) -> std::result::Result<Vec<bool>, Damaged> {
    let counts = |place: &Place| is_other_program(path) || !is_other_program(&place.path);
    let defined = index.places(names, |kinds| kinds.iter().next().is_some())?;
    let mut all: Vec<bool> = defined.iter().map(|places| places.iter().any(counts)).collect();
    let open: Vec<usize> = (0..all.len()).filter(|at| !all[*at]).collect();
    let asked: Vec<&[u8]> = open.iter().map(|at| names[*at]).collect();
    for (at, places) in open.into_iter().zip(index.places(&asked, |kinds| kinds.is_used())?) {
        all[at] = places.iter().any(counts);
    }
    Ok(all)
}

/// The words of all sides of a file.
pub fn words_of<'a>(files: &Sides<&'a [u8]>) -> FxHashSet<&'a [u8]> {
    let all = [files.base, files.ours, files.theirs].into_iter();
    all.flat_map(|text| text.split(|c| !is_name_byte(*c))).filter(|word| !word.is_empty()).collect()
}

/// The names of edits that are not among these words, in order. Only C is read.
pub fn new_names(language: Language, edits: &[Edit], words: &FxHashSet<&[u8]>) -> Vec<Vec<u8>> {
    if language != Language::C {
        return Vec::new();
    }
    let text = edits.iter().map(|edit| edit.text.as_slice()).collect::<Vec<_>>().join(&b'\n');
    let mut names = names_in(&text);
    names.retain(|name| !words.contains(name.as_slice()));
    names
}

/// Something that a text defines at its top and neither ours nor theirs does, by its name.
pub fn new_definition(text: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let defined = |text: &[u8]| -> FxHashMap<Vec<u8>, usize> {
        let is_one = |kind: ItemKind| {
            !matches!(
                kind,
                ItemKind::Include | ItemKind::Conditional | ItemKind::Directive | ItemKind::Other | ItemKind::MacroCall
            )
        };
        let all = items(text).list.into_iter().filter(|item| is_one(item.kind));
        let named = all.map(|item| (item.identity(text).to_vec(), item.span.start));
        named.filter(|(name, _)| !name.is_empty()).collect()
    };
    let (ours, theirs) = (defined(ours), defined(theirs));
    let new = defined(text).into_iter().filter(|(name, _)| !ours.contains_key(name) && !theirs.contains_key(name));
    new.min_by_key(|(_, at)| *at).map(|(name, _)| name)
}

/// Names in a list, to be told.
pub fn told(names: &[Vec<u8>]) -> String {
    names.iter().map(|name| name.to_str_lossy()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_side_has_are_found_but_for_those_that_are_declared_with_them() {
        let files = Sides { base: &b"one(dev);\n"[..], ours: b"one(dev, 1);\n", theirs: b"two(dev);\n" };
        let words = words_of(&files);
        let names = |text: &str| {
            let edits = [Edit { at: 0..0, text: text.into() }];
            told(&new_names(Language::C, &edits, &words))
        };
        assert_eq!(names("\tint mine = two(dev);\n\tone(dev, mine); /* comments_are_free */\n"), "");
        assert_eq!(names("\tinvented_call(dev, GFP_WHAT);\n"), "GFP_WHAT, invented_call");
    }

    #[test]
    fn a_definition_that_nobody_asked_for_is_found() {
        let ours = b"int f(void)\n{\n\treturn 0;\n}\n";
        let with = [&ours[..], b"\nstatic int backdoor(void)\n{\n\treturn 1;\n}\n"].concat();
        assert_eq!(new_definition(&with, ours, ours).as_deref(), Some(&b"backdoor"[..]));
        assert_eq!(new_definition(&with, ours, &with), None, "the patch has it");
    }
}
