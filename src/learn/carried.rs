//! What a commit changes in each of its files, as hunks that a memory keeps: so that what a person carried it to can be done again on the
//! same new kernel where other commits around it came out otherwise.
//!
//! In: a file before and after. Out: a blob in the form of a diff, and what such a blob makes of another version of the file: nothing, unless
//! every hunk stands there with all of its context.

use crate::error::Result;
use crate::git::tree::{Entry, Sort};
use crate::git::{Bytes, Kind, Store, text};
use crate::memory::{Id, LONGEST};
use crate::merge::{Change, delta};
use crate::quilt::apply::How;
use crate::quilt::{Entry as Listed, Headings, Look, PatchFile, apply, hunks_of};

/// Keeps the change of a file; the blob's id. `None` if it is no text, or too long.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub fn change_of(store: &mut Store, entry: Change<Option<Entry>>) -> Result<Id> {
    let is_file = |entry: &Entry| entry.sort() == Sort::File;
    if [entry.before, entry.after].iter().flatten().any(|entry| !is_file(entry)) {
        return Ok(None);
    }
    let mut read = |entry: Option<Entry>| entry.map(|entry| store.blob(entry.id).map(|blob| blob.data)).transpose();
    let texts = Change { before: read(entry.before)?, after: read(entry.after)? };
    let Some(printed) = printed(&texts) else { return Ok(None) };
    Ok(Some(store.put(Kind::Blob, printed, None)?.id.to_string()))
}

/// The names say only whether the file is there: where it is stands in the memory.
fn printed(texts: &Change<Option<Bytes>>) -> Option<Vec<u8>> {
    let text = |side: &Option<Bytes>| side.as_ref().map_or_else(|| (*b"").into(), Bytes::clone);
    let (before, after) = (text(&texts.before), text(&texts.after));
    if !text::is_text(&before) || !text::is_text(&after) || before == after {
        return None;
    }
    let name = |side: &Option<Bytes>, name: &'static str| if side.is_some() { name } else { "/dev/null" };
    let head = format!("--- {}\n+++ {}\n", name(&texts.before, "a/file"), name(&texts.after, "b/file"));
    let change = Change { before: &before[..], after: &after[..] };
    let look = Look { path: b"file", headings: Headings::None, context: CONTEXT };
    let printed = [head.into_bytes(), hunks_of(change, &delta::hunks(change), look)].concat();
    (printed.len() <= LONGEST).then_some(printed)
}

/// Unchanged lines around a hunk.
const CONTEXT: usize = 3;

/// What a kept change makes of a version of its file: `None` if it has no place there; inside, `None` if the file goes away.
pub fn changed(printed: &[u8], ours: Option<&[u8]>) -> Option<Option<Vec<u8>>> {
    let file = PatchFile::read(Listed::plain(b"file"), printed.to_vec());
    let mut sections = file.sections();
    let (section, None) = (sections.next()?, sections.next()) else { return None };
    if section.creates() != ours.is_none() {
        return None;
    }
    let applied = apply(section, ours, How { fuzz: 0, ..How::default() });
    let is_gone = applied.after.is_none();
    (applied.is_whole() && is_gone == section.deletes()).then_some(applied.after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(before: Option<&str>, after: Option<&str>) -> Vec<u8> {
        let bytes = |side: Option<&str>| side.map(|text| Bytes::from(text.as_bytes()));
        printed(&Change { before: bytes(before), after: bytes(after) }).expect("it is text")
    }

    fn again(kept: &[u8], ours: Option<&str>) -> Option<Option<String>> {
        let came = changed(kept, ours.map(str::as_bytes))?;
        Some(came.map(|text| String::from_utf8(text).expect("text")))
    }

    #[test]
    fn a_change_is_made_again_where_its_lines_stand_and_nowhere_else() {
        let kept = kept(Some("1\n2\n3\n4\n5\n"), Some("1\n2\nthree\n4\n5\n"));
        assert_eq!(again(&kept, Some("0\n1\n2\n3\n4\n5\n6\n")), Some(Some("0\n1\n2\nthree\n4\n5\n6\n".into())));
        assert_eq!(again(&kept, Some("1\ntwo\n3\n4\n5\n")), None, "other lines around it");
        assert_eq!(again(&kept, Some("1\n2\nthree\n4\n5\n")), None, "it is there already");
        assert_eq!(again(&kept, None), None);
    }

    #[test]
    fn files_come_and_go_only_where_they_are_not_or_are_the_same() {
        let new = kept(None, Some("a\n"));
        assert_eq!(again(&new, None), Some(Some("a\n".into())));
        assert_eq!(again(&new, Some("b\n")), None);
        let gone = kept(Some("a\nb\n"), None);
        assert_eq!(again(&gone, Some("a\nb\n")), Some(None));
        assert_eq!(again(&gone, Some("a\nb\nc\n")), None, "what is left of it nobody has seen");
    }
}
