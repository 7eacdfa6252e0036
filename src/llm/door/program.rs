//! A program of the user's, run by `sh`. In: a command line and its input. Out: what it printed.
//!
//! It gets a process group of its own, so that all it has started can be ended with it: on a timeout, on Ctrl-C, when it prints
//! without end. A program that does not read its input is none the worse for it.

use super::failure::Failure;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// Most bytes that are kept of what it says to stderr: the end of it.
const WORDS: usize = 400;

/// A run of a program.
pub(crate) struct Run<'a> {
    /// For `sh -c`.
    pub shell: &'a str,
    /// For stdin.
    pub input: Vec<u8>,
    /// Added to its environment.
    pub variables: Vec<(&'static str, String)>,
    /// Most bytes that it may print.
    pub most: usize,
    /// When it is ended.
    pub timeout: Duration,
}

impl Run<'_> {
    /// What it printed, if it ended well.
    pub async fn output(self) -> Result<Vec<u8>, Failure> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(self.shell).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        let down = |e: std::io::Error| Failure::Down { host: "sh".into(), words: e.to_string() };
        let mut child = command.spawn().map_err(down)?;
        // Dropped before the child is, so while its number still stands for it.
        let mut group = Group(child.id());
        let talk = talk(&mut child, &self.input, self.most);
        match tokio::time::timeout(self.timeout, talk).await {
            Err(_) => Err(Failure::TimedOut { after: self.timeout }),
            Ok(Err(failure)) => Err(failure),
            Ok(Ok(said)) => {
                group.0 = None;
                said.judged()
            }
        }
    }
}

/// What a program said until its end.
struct Said {
    printed: Vec<u8>,
    complained: Vec<u8>,
    status: std::process::ExitStatus,
}

impl Said {
    /// What it printed, if it ended well.
    fn judged(self) -> Result<Vec<u8>, Failure> {
        let complaint = String::from_utf8_lossy(&self.complained);
        let complaint = complaint.trim();
        let words = match complaint.is_empty() {
            true => format!("the program ended with {}", self.status),
            false => format!("the program ended with {}: {complaint}", self.status),
        };
        match self.status.code() {
            Some(0) => Ok(self.printed),
            // sh's own: cannot be run, is not there. Nobody needs to try again.
            Some(126 | 127) => Err(Failure::Down { host: "the program".into(), words }),
            _ => Err(Failure::Program { words }),
        }
    }
}

/// Writes, reads and waits, all at once: no pipe can fill up.
async fn talk(child: &mut Child, input: &[u8], most: usize) -> Result<Said, Failure> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // It may have closed its end; what it answers counts.
            let _ = stdin.write_all(input).await;
        }
        Ok(())
    };
    let read = async { tokio::try_join!(up_to(stdout, most), last(stderr)) };
    let ((), ((printed, complained), status)) = tokio::try_join!(write, and_end(read, child))?;
    Ok(Said { printed, complained, status })
}

/// What was read, and how the child ended. Output ends when nobody has the pipe open any more.
async fn and_end<T>(
    read: impl Future<Output = Result<T, Failure>>,
    child: &mut Child,
) -> Result<(T, std::process::ExitStatus), Failure> {
    let read = read.await?;
    let lost = |e: std::io::Error| Failure::Program { words: format!("the program was lost: {e}") };
    Ok((read, child.wait().await.map_err(lost)?))
}

/// All that comes, unless it is too much.
async fn up_to(from: Option<impl AsyncRead + Unpin>, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What cannot be read is cut off; the exit code tells.
        let _ = from.take(most as u64 + 1).read_to_end(&mut bytes).await;
    }
    if bytes.len() > most {
        return Err(Failure::Program { words: format!("the program printed more than {most} bytes") });
    }
    Ok(bytes)
}

/// The end of all that comes.
async fn last(from: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, Failure> {
    let mut kept = Vec::new();
    let Some(mut from) = from else { return Ok(kept) };
    let mut piece = [0; 4096];
    while let Ok(count) = from.read(&mut piece).await {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&piece[..count]);
        kept.drain(..kept.len().saturating_sub(WORDS));
    }
    Ok(kept)
}

/// A process group that is ended when this goes, by the number of its first process.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(number) = self.0 {
            // A signal to a group cannot be sent without unsafe code; sh can send it.
            let kill = format!("kill -s KILL -- -{number}");
            let mut kill_it = std::process::Command::new("sh");
            let _ = kill_it.arg("-c").arg(kill).stderr(Stdio::null()).stdin(Stdio::null()).status();
        }
    }
}
