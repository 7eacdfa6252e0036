//! A commit that people carried to this very new upstream before, with other commits around it: where it asks for a person again, what they
//! made of it is made again, as the hunks that it was, or it is asked.
//!
//! Every text that is made so passes the door like any other; where it objects, somebody should look, unless people saw these very files.
//!
//! In: the files of a commit as they came out. Out: those files as people left them, with others that they changed along. On another upstream
//! that they changed other files is told, and somebody should look.

use super::Picker;
use super::by_hand::extra;
use super::decided::words;
use super::file_merge::FileMerge;
use crate::error::Result;
use crate::git::text::is_text;
use crate::git::tree::{self, Entry, Sort};
use crate::git::{Bytes, Commit, Kind, Oid};
use crate::learn::changed;
use crate::memory::{Decision, Id, Sight, What};
use crate::merge::{Evidence, Sides};
use crate::run::{Flag, Method, Outcome, quoted, unquoted};
use crate::syntax::language::Language;
use crate::verify::{Candidate, Objection, Question, verify};
use bstr::{BString, ByteSlice};
use std::collections::BTreeMap;

/// What stands at a path then.
type Standing = BTreeMap<BString, Option<Entry>>;

/// Makes what people made of a commit again, if it asks for a person, or is settled by the memory in a part of it only.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub(super) fn replay(
    picker: &mut Picker<'_>,
    tip: Oid,
    (commit, outcome): (&Commit, &mut Outcome),
    files: &mut Vec<FileMerge>,
) -> Result<()> {
    let asks = outcome.has(Flag::ToReview) || files.iter().any(|file| file.is_doubted() || file.is_conflicted());
    let is_remembered = files.iter().any(|file| file.method == Method::Remembered);
    // What moves on the way is not a change of one file.
    if !(asks || is_remembered) || files.iter().any(|file| file.came_from.is_some()) {
        return Ok(());
    }
    let onto = picker.onto.to_string();
    for decision in words(picker, commit)? {
        let What::Accept { seen, changes, on, .. } = &decision.what else { continue };
        let more = beside(files, seen);
        if !asks && more.is_empty() {
            continue;
        }
        // Of one that was settled away the files themselves are remembered.
        if *on == onto && !seen.is_empty() {
            match standing(picker, tip, (seen, changes))? {
                Ok(standing) => {
                    settle(picker, tip, (decision, seen, &standing), files)?;
                    outcome.flags.retain(|flag| *flag != Flag::ToReview);
                    outcome.findings.clear();
                    return Ok(());
                }
                Err(path) => {
                    let said = format!("what people made of the commit has no place in this file: {}", decision.origin);
                    outcome.evidence.push(Evidence::new(said).at(path));
                }
            }
        }
        tell_beside(decision, &more, files);
    }
    Ok(())
}

/// Files that people changed in a commit, and that it does not change by itself.
fn beside(files: &[FileMerge], seen: &[Sight]) -> Vec<String> {
    let is_own = |sight: &&Sight| {
        let path = unquoted(&sight.path);
        files.iter().any(|file| [&file.path, &file.own, &file.old_path].contains(&&path))
    };
    seen.iter().filter(|sight| !is_own(sight)).map(|sight| sight.path.clone()).collect()
}

/// What is settled as people settled it may need what they changed in other files.
fn tell_beside(decision: &Decision, more: &[String], files: &mut [FileMerge]) {
    let Some(first) = more.first() else { return };
    for file in files.iter_mut().filter(|file| file.method == Method::Remembered && !file.is_conflicted()) {
        let said = format!("who settled it changed {first} with it, and that is not done here: {}", decision.origin);
        file.doubt(Evidence::new(said).at(quoted(file.path.as_bstr())));
    }
}

/// What each file comes out as, if all of the changes have a place on the tip; else the first that has none.
fn standing(
    picker: &mut Picker<'_>,
    tip: Oid,
    (seen, changes): (&[Sight], &[Id]),
) -> Result<std::result::Result<Standing, String>> {
    let mut standing = Standing::new();
    for (at, sight) in seen.iter().enumerate() {
        let path = unquoted(&sight.path);
        let found = tree::lookup(picker.store, tip, path.as_ref())?;
        let change = changes.get(at).and_then(|id| picker.repo.written_id(id.as_deref()));
        match stands(picker, found, (sight, change))? {
            Some(entry) => drop(standing.insert(path, entry)),
            None => return Ok(Err(sight.path.clone())),
        }
    }
    Ok(Ok(standing))
}

/// What one file comes out as; outside, `None` if its change has no place.
fn stands(
    picker: &mut Picker<'_>,
    found: Option<Entry>,
    (sight, change): (&Sight, Option<Oid>),
) -> Result<Option<Option<Entry>>> {
    let result = sight.result.as_ref().map(|(mode, hex)| (*mode, picker.repo.parse_id(hex.as_bytes())));
    if found.map(|entry| entry.id.to_string()) == sight.ours {
        match result {
            None => return Ok(Some(None)),
            Some((mode, Some(id))) if picker.store.has(id) => return Ok(Some(Some(Entry { mode, id }))),
            Some(_) => {}
        }
    }
    let Some(change) = change.filter(|id| picker.store.has_blob(*id)) else { return Ok(None) };
    let previous = match found {
        None => None,
        Some(entry) if entry.sort() == Sort::File => Some(picker.store.blob(entry.id)?),
        Some(_) => return Ok(None),
    };
    let printed = picker.store.blob(change)?.data;
    match (changed(&printed, previous.as_ref().map(|blob| &blob.data[..])), result) {
        (Some(None), None) => Ok(Some(None)),
        (Some(Some(text)), Some((mode, _))) => {
            let id = picker.store.put(Kind::Blob, text, previous.as_ref())?.id;
            Ok(Some(Some(Entry { mode, id })))
        }
        _ => Ok(None),
    }
}

/// Has the files stand so. What people left out of the commit stays as the tip has it.
fn settle(
    picker: &mut Picker<'_>,
    tip: Oid,
    (decision, people, standing): (&Decision, &[Sight], &Standing),
    files: &mut Vec<FileMerge>,
) -> Result<()> {
    let said = format!("it stands as people left it {}", decision.origin);
    let seen = |file: &FileMerge| Evidence::new(said.clone()).at(quoted(file.path.as_bstr()));
    for file in files.iter_mut() {
        let is_settled = !file.is_doubted() && !file.is_conflicted();
        let entry = match standing.get(&file.path) {
            Some(entry) if is_settled && *entry == file.in_tip.after => {
                // It passed the door as a merge, not as a change of theirs.
                pass(picker, file, people)?;
                continue;
            }
            Some(entry) => *entry,
            None => {
                tree::lookup(picker.store, tip, file.path.as_ref())?.filter(|entry| entry.sort() != Sort::Directory)
            }
        };
        file.stand(entry);
        let told = seen(file);
        file.see(told);
        pass(picker, file, people)?;
    }
    for (path, entry) in standing {
        if files.iter().any(|file| file.path == *path) {
            continue;
        }
        let ours = tree::lookup(picker.store, tip, path.as_ref())?;
        let mut extra = extra(path.clone(), ours, *entry);
        extra.method = Method::Remembered;
        let told = seen(&extra);
        extra.see(told);
        pass(picker, &mut extra, people)?;
        files.push(extra);
    }
    Ok(())
}

/// Asks the door about a file that people left so among other commits, unless they saw just this one: as what the commit became, and, where
/// their own files are here, as a change of theirs that is made once more. What they wrote and left out is theirs to answer for; that it
/// went elsewhere, stands there twice or breaks the file is not.
fn pass(picker: &mut Picker<'_>, file: &mut FileMerge, seen: &[Sight]) -> Result<()> {
    let now = file.seen();
    let result = now.result.map(|stored| (stored.mode, stored.id));
    let sight = seen.iter().find(|sight| sight.path == now.path);
    if sight.is_some_and(|sight| sight.ours == now.ours && sight.result == result) {
        return Ok(());
    }
    let Some((sides, result)) = file.texts(picker.store)? else { return Ok(()) };
    let then = sight.map(|sight| [sight.ours.as_deref(), sight.result.as_ref().map(|(_, id)| id.as_str())]);
    let mut ways = vec![sides.clone()];
    if let Some([Some(before), Some(after)]) = then.map(|ids| ids.map(|id| text_of(picker, id))) {
        ways.push(Sides { base: before?, ours: sides.ours, theirs: after? });
    }
    for sides in ways {
        if let Some(objection) = objection(file, sides.as_ref().map(|text| &text[..]), &result) {
            let said = format!("as people left it elsewhere it does not stand up here: {}", objection.said);
            file.doubt(Evidence::new(said).at(format!("{}:{}", quoted(file.path.as_bstr()), objection.line)));
            return Ok(());
        }
    }
    Ok(())
}

/// What the door says against a text, where all of its lines are answered for.
fn objection(file: &FileMerge, sides: Sides<&[u8]>, result: &[u8]) -> Option<Objection> {
    if ![sides.base, sides.ours, sides.theirs, result].into_iter().all(is_text) {
        return None;
    }
    let answered = [result, sides.ours, sides.theirs].into_iter().flat_map(ByteSlice::lines_with_terminator);
    let composed = answered.map(<[u8]>::to_vec).collect();
    let candidate = Candidate { composed, ..Candidate::of_lines(result.to_vec(), Method::Remembered) };
    verify(&Question { language: Language::of(&file.path), sides }, candidate)
        .err()
        .map(|rejection| rejection.objection)
}

/// A blob that a decision names, if it is here. A file that is not there is empty.
fn text_of(picker: &mut Picker<'_>, id: Option<&str>) -> Option<Result<Bytes>> {
    let Some(id) = id else { return Some(Ok([].into())) };
    let id = picker.repo.written_id(Some(id)).filter(|id| picker.store.has_blob(*id))?;
    Some(picker.store.blob(id).map(|object| object.data))
}
