//! A repository as the user's git sees it: where its objects are, its settings, what a revision names.
//!
//! libgit2 only ever gets the object directories, so worktrees, `GIT_DIR`, reftable, extensions and `git -c` are git's own business.

use super::batch::{Answer, Batch};
use super::object::{Bytes, Kind, Oid, parse_id};
use super::program::Git;
use super::store::{Place, Store, Writes};
use super::{Commit, Object};
use crate::error::{Error, Result, io};
use bstr::ByteSlice;
use git2::ObjectFormat;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An entry of git config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Where it comes from, as `git config --show-scope` says it: system, global, local, worktree, command.
    pub scope: String,
    /// Section and name in lower case, the subsection as it is.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// An opened repository.
#[derive(Debug)]
pub struct Repo {
    /// The git program, run in this repository.
    pub git: Git,
    place: Place,
    common_dir: PathBuf,
    shallow: bool,
    /// In git's order: of a key that stands several times the last one counts.
    settings: Vec<Setting>,
    batch: RefCell<Option<Batch>>,
    post_rewrite: PathBuf,
    git_dir: PathBuf,
    /// Where new objects go, if that is not the repository; it goes with the last handle.
    _scratch: Option<Arc<tempfile::TempDir>>,
}

impl Repo {
    /// The repository that git finds.
    ///
    /// # Errors
    /// There is none, or the git program is missing or too old.
    pub fn open(git: Git) -> Result<Self> {
        let asked = [
            "rev-parse",
            "--path-format=absolute",
            "--git-common-dir",
            "--git-path",
            "objects",
            "--git-path",
            "hooks/post-rewrite",
            "--absolute-git-dir",
            "--is-shallow-repository",
            "--show-object-format",
        ];
        let said = git.output(&asked)?;
        let lines: Vec<&str> = said.lines().filter_map(|l| l.to_str().ok()).collect();
        let [common_dir, objects, post_rewrite, git_dir, shallow, format] = lines[..] else {
            return Err(Error::fatal("cannot understand what git rev-parse says of this repository")
                .hint("paths must be UTF-8, and git 2.39 or newer"));
        };
        let format = match format {
            "sha1" => ObjectFormat::Sha1,
            "sha256" => ObjectFormat::Sha256,
            other => return Err(Error::fatal(format!("unknown object format {other}"))),
        };
        let settings = settings(&git)?;
        Ok(Self {
            place: Place { objects: objects.into(), alternates: alternates_of_environment(), format },
            common_dir: common_dir.into(),
            shallow: shallow == "true",
            settings,
            batch: RefCell::new(None),
            post_rewrite: post_rewrite.into(),
            git_dir: git_dir.into(),
            _scratch: None,
            git,
        })
    }

    /// The same, but objects that are made go to a folder of their own, which goes with what is returned. git sees them there.
    ///
    /// # Errors
    /// There is no room for a temporary folder.
    pub fn aside(self) -> Result<Self> {
        let scratch = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let pack = scratch.path().join("pack");
        std::fs::create_dir(&pack).map_err(io(pack.display()))?;
        let git = self.git.writing_to(scratch.path(), &self.place.objects);
        let Place { objects, alternates, format } = self.place;
        let alternates = std::iter::once(objects).chain(alternates).collect();
        let place = Place { objects: scratch.path().to_owned(), alternates, format };
        Ok(Self { git, place, batch: RefCell::new(None), _scratch: Some(Arc::new(scratch)), ..self })
    }

    /// A handle on the objects.
    ///
    /// # Errors
    /// The object directory cannot be opened.
    pub fn store(&self, writes: Writes) -> Result<Store> {
        Store::open(self.place.clone(), writes)
    }

    /// Where the objects are, for a handle in another thread.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// sha1 or sha256.
    pub fn format(&self) -> ObjectFormat {
        self.place.format
    }

    /// The directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// Is there a post-rewrite hook?
    pub fn has_post_rewrite_hook(&self) -> bool {
        self.post_rewrite.exists()
    }

    /// What git keeps for this worktree alone.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// What git is in the middle of in this worktree.
    pub fn operations_in_progress(&self) -> Vec<&'static str> {
        let signs = [
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase or am"),
            ("CHERRY_PICK_HEAD", "a cherry-pick"),
            ("REVERT_HEAD", "a revert"),
            ("MERGE_HEAD", "a merge"),
        ];
        signs.iter().filter(|(sign, _)| self.git_dir.join(sign).exists()).map(|(_, what)| *what).collect()
    }

    /// Was history cut off?
    pub fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// What of this repository shows other commits to git than those that are stored, and is not followed here: refs/replace/ and
    /// info/grafts; each with the command that shows the stored ones.
    ///
    /// # Errors
    /// git fails.
    pub fn not_followed(&self) -> Result<Vec<(&'static str, &'static str)>> {
        let setting = ["config", "--type=bool", "--get", "core.useReplaceRefs"];
        let is_off = std::env::var_os("GIT_NO_REPLACE_OBJECTS").is_some()
            || self.git.line(&setting)?.is_some_and(|value| value == "false");
        let mut found = Vec::new();
        if !is_off
            && self.git.line(&["for-each-ref", "--count=1", "refs/replace/"])?.is_some_and(|line| !line.is_empty())
        {
            found.push(("refs/replace/", "git -c core.useReplaceRefs=false log"));
        }
        if std::fs::metadata(self.common_dir.join("info/grafts")).is_ok_and(|about| about.len() > 0) {
            found.push(("info/grafts", "GIT_GRAFT_FILE=/dev/null git log"));
        }
        Ok(found)
    }

    /// The promisor remote of a partial clone.
    pub fn promisor(&self) -> Option<&str> {
        let named = self.setting("extensions.partialclone");
        named.or_else(|| {
            let mut all = self.settings.iter();
            let remote = all.find(|setting| setting.key.ends_with(".promisor") && setting.value == "true")?;
            remote.key.strip_prefix("remote.")?.strip_suffix(".promisor")
        })
    }

    /// A setting of git config; the key's section and name in lower case.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().rev().find(|setting| setting.key == key).map(|setting| setting.value.as_str())
    }

    /// All settings, in git's order.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// It names none.
    pub fn resolve(&self, revision: &str) -> Result<Oid> {
        match self.peeled(revision, "commit")? {
            Answer::Object(id, _) => self.parse_id(id.as_bytes()),
            Answer::Missing => None,
            Answer::Ambiguous => {
                return Err(Error::fatal(format!("revision '{revision}' is ambiguous"))
                    .hint("write more of the id, or the whole ref (refs/heads/...)"));
            }
        }
        .ok_or_else(|| {
            Error::fatal(format!("bad revision '{revision}': it names no commit here"))
                .hint("see `git branch -a` and `git tag`; a remote's branch must be fetched first")
        })
    }

    /// The tree that a revision names, if any.
    ///
    /// # Errors
    /// The git program is lost.
    pub fn tree_of(&self, revision: &str) -> Result<Option<Oid>> {
        match self.peeled(revision, "tree")? {
            Answer::Object(id, _) => Ok(self.parse_id(id.as_bytes())),
            Answer::Missing | Answer::Ambiguous => Ok(None),
        }
    }

    /// The object of a kind that a revision leads to. It is found first, then peeled: what stands behind `:/text` is a part of the text.
    fn peeled(&self, revision: &str, kind: &str) -> Result<Answer> {
        match self.ask(revision)? {
            Answer::Object(id, is) if is == kind => Ok(Answer::Object(id, is)),
            Answer::Object(id, _) => self.ask(&format!("{id}^{{{kind}}}")),
            // Of the objects that an abbreviation fits only one may be of this kind.
            Answer::Ambiguous => self.ask(&format!("{revision}^{{{kind}}}")),
            Answer::Missing => Ok(Answer::Missing),
        }
    }

    /// The object that a revision or a full ref name names, if any.
    ///
    /// # Errors
    /// The git program is lost.
    pub fn object(&self, name: &str) -> Result<Option<Oid>> {
        match self.ask(name)? {
            Answer::Object(id, _) => Ok(self.parse_id(id.as_bytes())),
            Answer::Missing | Answer::Ambiguous => Ok(None),
        }
    }

    fn ask(&self, name: &str) -> Result<Answer> {
        let mut batch = self.batch.borrow_mut();
        if batch.is_none() {
            *batch = Some(Batch::start(&self.git)?);
        }
        batch.as_mut().expect("started above").ask(name)
    }

    /// Reads an id of this repository's format.
    pub fn parse_id(&self, hex: &[u8]) -> Option<Oid> {
        parse_id(hex, self.place.format)
    }

    /// Reads an id that may have been written down. `None` if none was, or none of this repository's format.
    pub fn written_id(&self, hex: Option<&str>) -> Option<Oid> {
        self.parse_id(hex?.as_bytes())
    }

    /// The ids in git's output, one a line.
    ///
    /// # Errors
    /// git fails.
    pub fn ids(&self, args: &[&str]) -> Result<Vec<Oid>> {
        let said = self.git.output(args)?;
        Ok(said.lines().filter_map(|l| self.parse_id(l)).collect())
    }
}

impl Store {
    /// Reads a commit.
    ///
    /// # Errors
    /// It is missing or malformed.
    pub fn commit(&mut self, id: Oid) -> Result<Commit> {
        let raw: Bytes = self.read(id, Kind::Commit)?;
        let format = self.format();
        Commit::parse(id, raw, format).ok_or_else(|| {
            Error::fatal(format!("commit {id} is malformed")).hint("the repository is damaged; see `git fsck --full`")
        })
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// It is missing or damaged.
    pub fn blob(&mut self, id: Oid) -> Result<Object> {
        let data = self.read(id, Kind::Blob)?;
        Ok(Object { id, data })
    }
}

/// `git config --list`, last value wins, with keys as git prints them (section and name in lower case).
fn settings(git: &Git) -> Result<Vec<Setting>> {
    let said = git.output(&["config", "--list", "-z", "--show-scope"])?;
    let fields: Vec<&[u8]> = said.split_str("\0").collect();
    let setting = |pair: &[&[u8]]| {
        let [scope, item] = pair else { return None };
        let (key, value) = item.split_once_str("\n").unwrap_or((item, b"true"));
        let text = |bytes: &[u8]| bytes.to_str_lossy().into_owned();
        Some(Setting { scope: text(scope), key: text(key), value: text(value) })
    };
    Ok(fields.chunks(2).filter_map(setting).collect())
}

fn alternates_of_environment() -> Vec<PathBuf> {
    let Some(value) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") else {
        return Vec::new();
    };
    let paths = std::env::split_paths(&value);
    paths.filter(|p| !p.as_os_str().is_empty()).collect()
}
