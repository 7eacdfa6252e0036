//! `git kmigrate demo`: a small kernel-shaped repository from `fixtures/series/demo`, a series migrated in it, and what came out.

use super::args::Demo;
use super::{Exit, walk};
use crate::error::{Error, Result, io};
use crate::git::{Ask, Git, Merges, Repo};
use crate::rebase::{Leaves, Rebase, Target};
use crate::report::{self, Format, Manner, Verbosity};
use crate::run::{Additions, Limits, LookUp, Method, OnConflict, Options, Progress, Signing, UpstreamPolicy};
use include_dir::{Dir, include_dir};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

static FIXTURE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/series/demo");

/// Old upstream, new upstream, the patched branch.
const NAMES: (&str, &str, &str) = ("v6.1", "v6.6", "acme");

/// Runs it.
pub fn run(args: &Demo) -> Result<Exit> {
    let dir = folder(args.dir.as_deref())?;
    let git = Git::alone_at(dir.as_os_str());
    build(&git, &dir)?;
    let (base, onto, branch) = NAMES;
    report::say(&format!(
        "A small kernel, {base}; its upstream went on to {onto}; {branch} is a series of patches on {base}.\n\
         $ git kmigrate {base}..{branch} --onto {onto}\n\n"
    ))?;
    walk::walk(start(&git, OnConflict::Carry, Leaves::Run)?, None, manner(Verbosity::Normal), walk::Notes::None)?;
    for (policy, word) in [(OnConflict::Skip, "skip"), (OnConflict::Stop, "stop")] {
        report::say(&format!("\n$ git kmigrate {base}..{branch} --onto {onto} --on-conflict={word} --dry-run"))?;
        walk::walk(start(&git, policy, Leaves::Nothing)?, None, manner(Verbosity::Totals), walk::Notes::None)?;
    }
    let dir = dir.display();
    report::say(&format!(
        "\nThe repository is at {dir}. Look at a conflict, or have the branch with the patch's side of each:\n\
         $ cd {dir}\n$ git kmigrate show 12\n\
         $ git kmigrate {base}..{branch} --onto {onto} --allow-conflicts --unreviewed\n\
         $ git log --oneline --graph {branch}-{onto} {onto}\n"
    ))?;
    Ok(Exit::Done)
}

fn start(git: &Git, on_conflict: OnConflict, leaves: Leaves) -> Result<Rebase> {
    let (base, onto, branch) = NAMES;
    let ask = Ask {
        ranges: vec![format!("{base}..{branch}")],
        listed: None,
        named: None,
        root: false,
        base: None,
        onto: onto.to_owned(),
        merges: Merges::Refuse,
    };
    let options = Options {
        on_conflict,
        upstream: UpstreamPolicy::Drop,
        methods: vec![Method::Text],
        look_up: LookUp::Nothing,
        limits: Limits::default(),
        model: None,
        memory: None,
        additions: Additions::default(),
        signing: Signing::Never,
        doubted: Default::default(),
    };
    let target = Target::plain(leaves);
    Rebase::start(Repo::open(git.clone())?, &ask, options, target)
}

fn manner(verbosity: Verbosity) -> Manner {
    Manner { format: Format::Text, verbosity, progress: Progress::Never }
}

/// The folder that was asked for, if it is empty or new; else a temporary one that stays.
fn folder(asked: Option<&Path>) -> Result<PathBuf> {
    let Some(dir) = asked else {
        let temporary = tempfile::Builder::new().prefix("kmigrate-demo-").tempdir();
        return Ok(temporary.map_err(io("a temporary folder"))?.keep());
    };
    let name = dir.display();
    std::fs::create_dir_all(dir).map_err(io(name.to_string()))?;
    let mut inside = std::fs::read_dir(dir).map_err(io(name.to_string()))?;
    match inside.next() {
        None => std::path::absolute(dir).map_err(io(name.to_string())),
        Some(_) => Err(Error::fatal(format!("{name} is not empty")).hint("give a new or empty folder with --dir")),
    }
}

/// Makes the repository: old upstream as a tag, upstream's own mails on it, then the series' mails on old upstream.
fn build(git: &Git, dir: &Path) -> Result<()> {
    let (base, onto, branch) = NAMES;
    git.output(&["init", "-q", "--object-format=sha1", "-b", "main"])?;
    for (key, value) in [("core.autocrlf", "false"), ("user.name", "Demo"), ("user.email", "demo@example.org")] {
        git.output(&["config", key, value])?;
    }
    write(FIXTURE.get_dir(base), dir, base)?;
    git.output(&["add", "-f", "-A"])?;
    git.output(&["commit", "-q", "-m", "Linux 6.1"])?;
    git.output(&["tag", base])?;
    let mails = tempfile::tempdir().map_err(io("a temporary folder"))?;
    apply(git, mails.path(), "upstream")?;
    git.output(&["tag", onto])?;
    git.output(&["checkout", "-q", "-b", branch, base])?;
    apply(git, mails.path(), "patches")
}

fn apply(git: &Git, mails: &Path, name: &str) -> Result<()> {
    let folder = FIXTURE.get_dir(name);
    let into = mails.join(name);
    write(folder, &into, name)?;
    let mut paths: Vec<PathBuf> = folder.into_iter().flat_map(Dir::files).map(|f| mails.join(f.path())).collect();
    paths.sort();
    let mut args: Vec<OsString> =
        ["am", "-q", "--no-3way", "--keep-cr", "--empty=keep"].iter().map(OsString::from).collect();
    args.extend(paths.into_iter().map(OsString::from));
    git.output(&args).map(drop)
}

/// Writes a folder of the fixture, without its own name in front.
fn write(folder: Option<&Dir<'_>>, into: &Path, name: &str) -> Result<()> {
    let mut open: Vec<&Dir<'_>> = vec![folder.expect("the fixture has the folder")];
    while let Some(dir) = open.pop() {
        for file in dir.files() {
            let inside = file.path().strip_prefix(name).expect("a file is below its folder");
            write_file(&into.join(inside), file.contents())?;
        }
        open.extend(dir.dirs());
    }
    Ok(())
}

fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent).map_err(io(parent.display()))?;
    std::fs::write(path, content).map_err(io(path.display()))
}
