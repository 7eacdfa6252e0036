//! The record of a run as git objects: a tree of JSON and conflict texts in a commit whose parent is the record before.

use crate::error::{Error, Result};
use crate::git::tree::{self, Edit, Entry, Twin};
use crate::git::{Kind, Oid, Repo, Store};
use crate::run::Record;
use bstr::{BString, ByteSlice};

/// Writes a record and returns its commit.
///
/// # Errors
/// A pack could not be written.
pub fn write_record(repo: &Repo, store: &mut Store, record: &Record, earlier: Option<Oid>) -> Result<Oid> {
    let mut edits = Vec::new();
    for (name, text) in record.files() {
        edits.push(file(name.to_owned(), store.put(Kind::Blob, text, None)?.id));
    }
    for outcome in &record.outcomes {
        for (k, conflicted) in outcome.files.iter().enumerate() {
            let diff3 = conflicted.conflict.as_ref().and_then(|c| c.diff3.as_deref());
            let id = repo.written_id(diff3);
            edits.extend(id.map(|id| file(format!("conflicts/{}/{k}", outcome.n), id)));
            for (i, asked) in conflicted.asked.iter().enumerate() {
                for (what, id) in [("question", &asked.prompt), ("answer", &asked.answer)] {
                    let id = repo.parse_id(id.as_bytes());
                    edits.extend(id.map(|id| file(format!("asked/{}/{k}-{i}-{what}", outcome.n), id)));
                }
            }
        }
    }
    let tree = tree::write(store, (None, Twin::default()), &edits)?.tree;
    let parent = earlier.map_or_else(String::new, |id| format!("parent {id}\n"));
    let inputs = &record.inputs;
    let (who, source, onto) = (&inputs.committer, &inputs.source, &inputs.onto_name);
    let commit = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\nkmigrate: {source} onto {onto}\n");
    Ok(store.put(Kind::Commit, commit.into_bytes(), None)?.id)
}

fn file(path: String, id: Oid) -> Edit {
    Edit { path: BString::from(path), entry: Some(Entry { mode: 0o100_644, id }), own: false }
}

/// Reads the record of a run.
///
/// # Errors
/// It is missing, or of a version that this tool does not read.
pub fn read_record(store: &mut Store, commit: Oid) -> Result<Record> {
    let tree = store.commit(commit)?.tree;
    let mut text = |name: &str| -> Result<Vec<u8>> {
        let entry = tree::lookup(store, tree, name.as_bytes().as_bstr())?;
        let entry = entry.ok_or_else(|| Error::fatal(format!("run record {commit} has no {name}")))?;
        Ok(store.blob(entry.id)?.data.to_vec())
    };
    let (inputs, outcomes) = (text(Record::INPUTS)?, text(Record::OUTCOMES)?);
    Record::parse(&inputs, &outcomes).map_err(|e| {
        Error::fatal(format!("run record {commit} cannot be read: {e}"))
            .hint("it may be of another version of git-kmigrate; run the migration again")
    })
}
