//! Answers that are kept: the cache, a record for people (`--record`), and reading one (`--replay`). In: questions. Out: their
//! responses, if they are there.
//!
//! ```text
//!   <dir>/<id>.json   { "label", "question", "response", "check" }
//! ```
//!
//! All three have this form. A file counts only if its question is the one that was asked and, where it has a `check` (the cache
//! writes one), its response is as it was written: a damaged file is asked for again. A record has no check, so that people may
//! write answers of their own. There is no key and no header in any of them. They hold source code: only the user may read them.

use super::ask::{Finish, Response, Sample};
use super::id::Id;
use super::question::Question;
use crate::error::{Result, io};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Where answers are cached, and how large that may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheDir {
    /// A directory of its own; it is made if it is missing.
    pub dir: PathBuf,
    /// Bytes of all files in it; those used longest ago go first.
    pub limit: u64,
}

/// For whom answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Us: short, and checked.
    Us,
    /// People: readable.
    People,
}

/// A file of a shelf.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// For people.
    #[serde(default)]
    label: String,
    /// What was asked.
    question: Question,
    /// What was answered.
    response: Response,
    /// Hash of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

/// A directory with answers.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    dir: PathBuf,
    whose: For,
}

impl Shelf {
    /// Of a directory, made if it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make(dir: &Path, whose: For) -> Result<Self> {
        fs::create_dir_all(dir).map_err(io(format!("cannot make {}", dir.display())))?;
        Ok(Self { dir: dir.to_owned(), whose })
    }

    /// Of a directory that is there.
    ///
    /// # Errors
    /// It is not.
    pub fn open(dir: &Path, whose: For) -> Result<Self> {
        fs::read_dir(dir).map_err(io(format!("cannot read {}", dir.display())))?;
        Ok(Self { dir: dir.to_owned(), whose })
    }

    /// The file of a question.
    fn path(&self, id: Id) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    /// The response to a question, if it is there and whole.
    pub fn find(&self, id: Id, question: &Question) -> Option<Response> {
        let path = self.path(id);
        let kept: Kept = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        let whole = kept.check.as_ref().map_or(self.whose == For::People, |check| *check == hash(&kept.response));
        let ours = kept.question == *question && !kept.response.samples.is_empty();
        if !whole || !ours {
            return None;
        }
        if self.whose == For::Us {
            // Only which file was used last depends on it.
            let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        }
        Some(kept.response)
    }

    /// Keeps a response. The file appears whole.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, label: &str, question: &Question, response: &Response) -> Result<()> {
        let (label, question, response) = (label.to_owned(), question.clone(), response.clone());
        let check = (self.whose == For::Us).then(|| hash(&response));
        let path = self.path(question.id());
        let kept = Kept { label, question, response, check };
        let text = match self.whose {
            For::Us => serde_json::to_vec(&kept),
            For::People => serde_json::to_vec_pretty(&kept),
        };
        let text = text.expect("strings and numbers can be written");
        write(&self.dir, &path, &text).map_err(io(format!("cannot write {}", path.display())))
    }

    /// Removes the files used longest ago until the rest is within the limit.
    pub fn shrink(&self, limit: u64) {
        let mut files: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if let Ok(about) = entry.metadata()
                && about.is_file()
            {
                files.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path(), about.len()));
            }
        }
        files.sort();
        let mut size: u64 = files.iter().map(|(_, _, bytes)| bytes).sum();
        for (_, path, bytes) in files {
            if size <= limit {
                break;
            }
            if fs::remove_file(path).is_ok() {
                size -= bytes;
            }
        }
    }
}

/// Writes aside, then renames; readable for the user only.
fn write(dir: &Path, path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o600)).tempfile_in(dir)?;
    file.write_all(text)?;
    file.persist(path)?;
    Ok(())
}

/// The hash of a response.
fn hash(response: &Response) -> String {
    Id::of(&serde_json::to_vec(response).expect("strings and numbers can be written")).to_string()
}

/// Changes every text that a server wrote into a sample.
pub(crate) fn each_text(sample: &mut Sample, change: impl Fn(&String) -> String) {
    sample.text = change(&sample.text);
    if let Finish::Refused(words) = &mut sample.finish {
        *words = change(words);
    }
}
