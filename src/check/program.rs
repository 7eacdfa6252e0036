//! Programs that a check runs: make, and what the user gives. The room's only door to them.
//!
//! Each runs in a process group of its own, so that all it has started can be ended with it. A guard, a small shell that lives as long
//! as the check, ends the group and removes the throw-away folder when the check is over, however it ends: it waits for the end of its
//! standard input, which comes on Ctrl-C and on SIGKILL, too.

use crate::error::{Error, Result, io};
use bstr::ByteSlice;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Most bytes of output that are kept; the first errors are the ones that count.
pub const MOST: usize = 2 << 20;

/// Lives in the guard: learns which group runs, and clears up at the end of its input.
const GUARD: &str = "trap '' INT TERM HUP QUIT
group=
while read -r number; do group=$number; done
[ -n \"$group\" ] && kill -s KILL -- \"-$group\" 2>/dev/null
exec rm -rf -- \"$0\"";

/// The same, with files that stand in the worktree for a trial: each that still has one of the texts of its trials gets back what it
/// had before, whole. What cannot be put back stays beside the others of the folder, for the next one who comes.
const KEEPER: &str = "trap '' INT TERM HUP QUIT
group=
while read -r number; do group=$number; done
[ -n \"$group\" ] && kill -s KILL -- \"-$group\" 2>/dev/null
left=
for kept in \"$0\"/*/; do
	place=$(cat \"$kept/path\" 2>/dev/null) && [ -n \"$place\" ] || continue
	for now in \"$kept\"/now.*; do
		cmp -s \"$now\" \"$place\" || continue
		cp -p -- \"$kept/before\" \"$place.kmigrate-$$\" 2>/dev/null && mv -f -- \"$place.kmigrate-$$\" \"$place\" || {
			rm -f -- \"$place.kmigrate-$$\"
			left=$kept
		}
		break
	done
done
[ -n \"$left\" ] || exec rm -rf -- \"$0\"";

/// Removes a folder when it goes, or when this process does.
#[derive(Debug)]
pub struct Guard {
    child: Child,
    input: Option<ChildStdin>,
}

impl Guard {
    /// Over a folder, which need not be there yet.
    ///
    /// # Errors
    /// There is no shell.
    pub fn over(dir: &Path) -> Result<Self> {
        Self::with(GUARD, (dir, Path::new("/")))
    }

    /// Over a folder with what was kept of files below a worktree's top: they are put back first.
    ///
    /// # Errors
    /// There is no shell.
    pub fn keeping(dir: &Path, top: &Path) -> Result<Self> {
        Self::with(KEEPER, (dir, top))
    }

    fn with(script: &str, (dir, here): (&Path, &Path)) -> Result<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(dir).current_dir(here).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(io("sh"))?;
        let input = child.stdin.take();
        Ok(Self { child, input })
    }

    /// Says which group runs now; none: an empty line.
    fn tell(&mut self, group: Option<u32>) {
        let line = group.map(|g| g.to_string()).unwrap_or_default();
        if let Some(input) = &mut self.input {
            // A guard that is gone is no reason to stop.
            let _ = writeln!(input, "{line}");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With exit code 0.
    Well,
    /// With another.
    Badly,
    /// By a signal, or as a shell says that what it ran was.
    Killed,
    /// It was ended, as it took too long.
    TimedOut,
}

/// What a program said, both its outputs in order, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The beginning of it.
    pub output: Vec<u8>,
    /// How.
    pub end: End,
}

/// Where and how programs run.
#[derive(Debug)]
pub struct Shell {
    /// Their folder.
    pub dir: PathBuf,
    /// Added to the environment.
    pub variables: Vec<(&'static str, OsString)>,
    /// When one is ended.
    pub timeout: Option<Duration>,
    /// Who clears up.
    pub guard: Guard,
}

impl Shell {
    /// Runs a command line.
    ///
    /// # Errors
    /// There is no shell.
    pub fn run(&mut self, line: &str) -> Result<Said> {
        let mut command = Command::new("sh");
        // Both outputs in one pipe: what belongs together stays together.
        command.arg("-c").arg(format!("exec 2>&1\n{line}")).current_dir(&self.dir).process_group(0);
        command.envs(self.variables.iter().map(|(name, value)| (*name, value)));
        for variable in ["MAKEFLAGS", "MAKELEVEL", "MFLAGS", "GNUMAKEFLAGS"] {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(io("sh"))?;
        self.guard.tell(Some(child.id()));
        let said = wait(&mut child, self.timeout);
        self.guard.tell(None);
        said
    }
}

/// Reads until nobody has the pipe open any more, or the time is over.
fn wait(child: &mut Child, timeout: Option<Duration>) -> Result<Said> {
    let stdout = child.stdout.take().ok_or_else(|| Error::fatal("a program has no standard output"))?;
    let (send, receive) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        // Whoever asked has given up, if nobody takes it.
        let _ = send.send(up_to(stdout));
    });
    let output = match timeout {
        Some(timeout) => receive.recv_timeout(timeout).ok(),
        None => receive.recv().ok(),
    };
    let Some(output) = output else {
        end_group(child.id());
        let _ = child.wait();
        let _ = reader.join();
        return Ok(Said { output: receive.try_recv().unwrap_or_default(), end: End::TimedOut });
    };
    let status = child.wait().map_err(io("a program was lost"))?;
    if let Some(126 | 127) = status.code() {
        // What cannot be run says nothing of any commit.
        let said = output.to_str_lossy().lines().last().unwrap_or_default().to_owned();
        return Err(Error::fatal(format!("the command cannot be run: {said}")).hint("nothing was found out by it"));
    }
    let end = match status.code() {
        Some(0) => End::Well,
        Some(code) if code <= 128 => End::Badly,
        _ => End::Killed,
    };
    Ok(Said { output, end })
}

/// The beginning of all that comes; the rest is read and dropped, so that nobody waits.
fn up_to(mut from: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut piece = [0; 16 << 10];
    while let Ok(count) = from.read(&mut piece) {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&piece[..count.min(MOST - kept.len().min(MOST))]);
    }
    kept
}

/// A signal to a group cannot be sent without unsafe code; sh can send it.
fn end_group(number: u32) {
    let mut kill = Command::new("sh");
    kill.arg("-c").arg(format!("kill -s KILL -- -{number}")).stdin(Stdio::null()).stderr(Stdio::null());
    let _ = kill.status();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn shell(dir: &Path, timeout: Option<Duration>) -> Shell {
        let guard = Guard::over(&dir.join("work")).expect("a shell");
        Shell { dir: dir.to_owned(), variables: vec![("WORD", "seen".into())], timeout, guard }
    }

    #[test]
    fn both_outputs_come_in_order_and_the_end_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut shell = shell(dir.path(), None);
        let said = shell.run("echo a; echo b >&2; echo $WORD; exit 3").expect("a shell");
        assert_eq!(said, Said { output: b"a\nb\nseen\n".to_vec(), end: End::Badly });
        assert_eq!(shell.run("cat").expect("a shell").end, End::Well, "there is nothing to read, and no waiting");
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_all_it_started() {
        let dir = tempfile::tempdir().expect("a folder");
        let begun = Instant::now();
        let said = shell(dir.path(), Some(Duration::from_millis(300))).run("echo x; sleep 60 & sleep 60; wait");
        assert_eq!(said.expect("a shell").end, End::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn the_folder_goes_with_its_guard() {
        let dir = tempfile::tempdir().expect("a folder");
        let work = dir.path().join("work");
        let guard = Guard::over(&work).expect("a shell");
        std::fs::create_dir_all(work.join("deep")).expect("folders");
        drop(guard);
        assert!(!work.exists() && dir.path().exists());
    }
}
