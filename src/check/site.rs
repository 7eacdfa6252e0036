//! Where targets are built: the throw-away worktree, the shell in it, and one side's trees, by position. In: positions and targets.
//! Out: states, as [`stretch`](super::stretch) asks for them.

use super::Asked;
use super::ground::Ground;
use super::kbuild::{self, Kbuild};
use super::program::{End, Said, Shell};
use super::stretch::{Build, State};
use crate::error::Result;
use crate::git::{Oid, Store};
use bstr::{BString, ByteSlice};
use std::ffi::OsString;

/// Stands in the command for the targets.
pub const OBJECTS: &str = "{objects}";

/// The new kernel with the series, or the old one.
#[derive(Debug)]
pub struct Side {
    /// `new` or `old`; it names the folder for objects.
    pub name: &'static str,
    /// The tree of each position.
    pub trees: Vec<Oid>,
    /// What each position is called when people are told of it.
    pub called: Vec<String>,
}

/// One side's trees and what builds them.
pub struct Site<'a> {
    pub store: &'a mut Store,
    pub ground: &'a mut Ground,
    pub shell: &'a mut Shell,
    /// Its trees.
    pub side: &'a Side,
    /// The command line, with [`OBJECTS`].
    pub command: &'a str,
    /// Says what is being done.
    pub told: &'a dyn Fn(&str),
    /// Of a kernel; other trees are built as the command says, without a configuration.
    kbuild: Option<Kbuild>,
    /// Why nothing can be built here.
    broken: Option<String>,
    /// Where the worktree stands.
    here: Option<usize>,
}

/// What a site is made of.
pub struct Parts<'a> {
    /// Objects.
    pub store: &'a mut Store,
    /// The worktree.
    pub ground: &'a mut Ground,
    /// The shell in it.
    pub shell: &'a mut Shell,
}

impl<'a> Site<'a> {
    /// Moves the worktree to the first of these trees, and configures it if it is a kernel.
    ///
    /// # Errors
    /// An object is missing, or the disk.
    pub fn new(
        parts: Parts<'a>,
        side: &'a Side,
        (asked, command): (&Asked, &'a str),
        told: &'a dyn Fn(&str),
    ) -> Result<Self> {
        let Parts { store, ground, shell } = parts;
        let mut site = Self { store, ground, shell, side, command, told, kbuild: None, broken: None, here: None };
        let Some(first) = side.trees.first() else { return Ok(site) };
        told(&format!("laying out the {} kernel in {}", side.name, site.ground.root().display()));
        site.ground.move_to(site.store, *first)?;
        site.here = Some(0);
        if kbuild::is_kernel(site.ground.root()) {
            let out = format!(".kmigrate-{}", side.name);
            let user = site.shell.variables.iter().position(|(name, _)| *name == "KBUILD_OUTPUT");
            site.shell.variables.truncate(user.unwrap_or(site.shell.variables.len()));
            site.shell.variables.extend(kbuild::variables(&out, asked.config.as_deref()));
            site.kbuild = Some(Kbuild::new(&out, asked.config.as_deref()));
            told(&format!("configuring the {} kernel", side.name));
            site.configure()?;
        }
        Ok(site)
    }

    /// Was a header compiled into an object that was built here?
    pub fn has_read(&self, object: &str, header: &str) -> bool {
        self.kbuild.as_ref().is_some_and(|kbuild| kbuild.has_read(self.shell, (object, header)))
    }

    fn configure(&mut self) -> Result<()> {
        if let Some(kbuild) = &mut self.kbuild {
            self.broken = kbuild.configure(self.shell)?.err();
            if let Some(why) = &self.broken {
                (self.told)(&format!("it cannot be configured: {why}"));
            }
        }
        Ok(())
    }

    /// Moves the worktree to a position.
    pub(super) fn go_to(&mut self, at: usize) -> Result<()> {
        if self.here == Some(at) {
            return Ok(());
        }
        let changed = self.ground.move_to(self.store, self.side.trees[at])?;
        self.here = Some(at);
        let is_kconfig = |path: &BString| {
            path.rsplit_once_str("/").map_or(path.as_slice(), |(_, name)| name).starts_with(b"Kconfig")
        };
        if changed.iter().any(is_kconfig) {
            self.configure()?;
        }
        if let Some(kbuild) = &mut self.kbuild {
            kbuild.forget();
        }
        Ok(())
    }

    fn make(&mut self, targets: &[&String]) -> Result<Said> {
        let names: Vec<&str> = targets.iter().map(|target| target.as_str()).collect();
        self.shell.run(&self.command.replace(OBJECTS, &names.join(" ")))
    }

    /// The state of one target, built by itself.
    fn one(&mut self, target: &String) -> Result<State> {
        let said = self.make(&[target])?;
        Ok(match said.end {
            End::Well => self.made(target),
            End::TimedOut => State::Absent("the build was ended, as it took longer than --check-timeout".to_owned()),
            End::Badly | End::Killed if has_no_rule(&said.output, target) => {
                State::Absent("make has no rule for it with this configuration".to_owned())
            }
            End::Badly | End::Killed => State::Broken(said.output),
        })
    }

    /// A build that ended well has made the object, or it did nothing.
    fn made(&self, target: &str) -> State {
        match &self.kbuild {
            Some(kbuild) if !kbuild.has_made(self.shell, target) => {
                State::Absent("make did not make it with this configuration".to_owned())
            }
            _ => State::Built,
        }
    }

    /// The source of an object, where the worktree stands.
    pub(super) fn source_of(&self, target: &str) -> Option<String> {
        let stem = target.strip_suffix(".o").unwrap_or(target);
        let all = [".c", ".S"].map(|end| format!("{stem}{end}"));
        all.into_iter().find(|path| self.ground.root().join(path).is_file())
    }

    /// Takes an object away: what is made already is looked at by nobody again.
    pub(super) fn unmake(&self, target: &str) {
        let place = match &self.kbuild {
            Some(kbuild) => kbuild.place(self.shell, target),
            None => self.ground.root().join(target),
        };
        // One that is not there is as good.
        let _ = std::fs::remove_file(place);
    }

    /// Why a target is not tried where the worktree stands.
    pub(super) fn why_not(&mut self, target: &str) -> Result<Option<String>> {
        if self.broken.is_some() {
            return Ok(self.broken.clone());
        }
        if self.source_of(target).is_none() {
            return Ok(Some("its source is not there".to_owned()));
        }
        match &mut self.kbuild {
            Some(kbuild) => kbuild.why_not(self.shell, target),
            None => Ok(None),
        }
    }
}

impl Build for Site<'_> {
    fn build(&mut self, at: usize, targets: &[String]) -> Result<Vec<State>> {
        self.go_to(at)?;
        (self.told)(&format!("{}: building {}", self.side.called[at], named(targets)));
        let mut states: Vec<Option<State>> = Vec::with_capacity(targets.len());
        for target in targets {
            states.push(self.why_not(target)?.map(State::Absent));
        }
        let open: Vec<&String> = targets.iter().zip(&states).filter(|(_, s)| s.is_none()).map(|(t, _)| t).collect();
        // All at once while all is well; else one by one: what is made already costs nothing again.
        let well = open.len() > 1 && self.make(&open)?.end == End::Well;
        let mut done = Vec::with_capacity(states.len());
        for (target, state) in targets.iter().zip(states) {
            done.push(match state {
                Some(state) => state,
                None if well => self.made(target),
                None => self.one(target)?,
            });
        }
        Ok(done)
    }
}

/// Does make say that it knows nothing of the target?
fn has_no_rule(output: &[u8], target: &str) -> bool {
    output.lines().any(|line| {
        let line = line.to_str_lossy();
        // Of another file, what the target needs is missing: that is a failure.
        line.contains("No rule to make target") && !line.contains("needed by") && line.contains(&format!("{target}'"))
    })
}

/// The first few names.
fn named(targets: &[String]) -> String {
    let first: Vec<&str> = targets.iter().take(3).map(String::as_str).collect();
    let more = targets.len().saturating_sub(first.len());
    if more > 0 { format!("{}, and {more} more", first.join(", ")) } else { first.join(", ") }
}

/// What every build of a check sees in its environment.
pub fn variables() -> Vec<(&'static str, OsString)> {
    // Messages are read by us; the repository that the tree lies in is not the tree's.
    vec![("LC_ALL", "C".into()), ("GIT_DIR", "/nonexistent".into())]
}
