//! Signatures of commits, made as git makes them: the program that `gpg.format` and its settings name is given the commit's bytes.
//!
//! In: the bytes of a commit. Out: the same with its signature as a header. git has no command that signs given bytes, and `git commit-tree -S`
//! writes neither further headers nor every author's name as they are; so the program is called here as git's documentation of these
//! settings says. It may ask for a passphrase in its own way.

use super::{ObjectFormat, Repo};
use crate::error::{Error, Result, io};
use bstr::ByteSlice;
use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// What `gpg.format` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    OpenPgp,
    X509,
    Ssh,
}

/// Who signs, and by what.
#[derive(Clone, Debug)]
pub struct Signer {
    form: Form,
    program: String,
    key: String,
    object_format: ObjectFormat,
}

impl Repo {
    /// Does the user want commits signed (`commit.gpgSign`)?
    ///
    /// # Errors
    /// The git program cannot be started.
    pub fn signs_commits(&self) -> Result<bool> {
        Ok(self.git.line(&["config", "--type=bool", "--get", "commit.gpgSign"])?.as_deref() == Some("true"))
    }

    /// Who signs: by this key, else by `user.signingKey`, else by what git takes then.
    ///
    /// # Errors
    /// The settings name no form that git has, or there is no key.
    pub fn signer(&self, key: Option<&str>, committer: &str) -> Result<Signer> {
        let form = match self.setting("gpg.format") {
            None | Some("openpgp") => Form::OpenPgp,
            Some("x509") => Form::X509,
            Some("ssh") => Form::Ssh,
            Some(other) => return Err(Error::fatal(format!("gpg.format: git signs with no '{other}'"))),
        };
        let path = |key: &str| self.git.line(&["config", "--type=path", "--get", key]);
        let own = match form {
            Form::OpenPgp => path("gpg.openpgp.program")?.or(path("gpg.program")?),
            Form::X509 => path("gpg.x509.program")?,
            Form::Ssh => path("gpg.ssh.program")?,
        };
        let usual = match form {
            Form::OpenPgp => "gpg",
            Form::X509 => "gpgsm",
            Form::Ssh => "ssh-keygen",
        };
        let set = self.setting("user.signingkey").filter(|key| !key.is_empty());
        let key = match (key.or(set), form) {
            (Some(key), Form::Ssh) if !is_literal(key) && Some(key) == set => {
                path("user.signingkey")?.unwrap_or_else(|| key.to_owned())
            }
            (Some(key), _) => key.to_owned(),
            (None, Form::Ssh) => self.default_ssh_key()?,
            // Without the date.
            (None, _) => committer.rsplit_once('>').map_or(committer.to_owned(), |(who, _)| format!("{who}>")),
        };
        Ok(Signer { form, program: own.unwrap_or_else(|| usual.to_owned()), key, object_format: self.format() })
    }

    /// The key that `gpg.ssh.defaultKeyCommand` prints first.
    fn default_ssh_key(&self) -> Result<String> {
        let none =
            || Error::fatal("there is no key to sign with").hint("set user.signingKey, or give --gpg-sign=<key>");
        let line = self.setting("gpg.ssh.defaultkeycommand").ok_or_else(none)?;
        let output = Command::new("sh").arg("-c").arg(line).stdin(Stdio::null()).output();
        let output = output.map_err(|e| Error::fatal(format!("cannot start sh for gpg.ssh.defaultKeyCommand: {e}")))?;
        let first = output.stdout.lines().next().and_then(|line| line.to_str().ok()).unwrap_or_default();
        Some(first.to_owned()).filter(|key| output.status.success() && is_literal(key)).ok_or_else(none)
    }
}

/// A public key itself, not the file that holds it.
fn is_literal(key: &str) -> bool {
    key.starts_with("ssh-") || key.starts_with("key::")
}

impl Signer {
    /// What a signature depends on beside the commit: of another one it is made anew.
    pub fn name(&self) -> String {
        format!("{:?} {}", self.form, self.key)
    }

    /// A commit with its signature.
    ///
    /// # Errors
    /// The program cannot be started, or it makes none.
    pub fn sign(&self, commit: &[u8]) -> Result<Vec<u8>> {
        let signature = match self.form {
            Form::OpenPgp | Form::X509 => self.by_gpg(commit)?,
            Form::Ssh => self.by_ssh(commit)?,
        };
        let header: &[u8] = match self.object_format {
            ObjectFormat::Sha256 => b"gpgsig-sha256",
            _ => b"gpgsig",
        };
        Ok(with_header(commit, header, &signature))
    }

    fn by_gpg(&self, commit: &[u8]) -> Result<Vec<u8>> {
        let args = ["--status-fd=2", "-bsau", &self.key].map(OsString::from);
        let output = self.run(&args, commit)?;
        let made = output.stderr.lines().any(|line| line.starts_with(b"[GNUPG:] SIG_CREATED "));
        match output.status.success() && made {
            true => Ok(output.stdout),
            false => Err(self.failed(&output)),
        }
    }

    fn by_ssh(&self, commit: &[u8]) -> Result<Vec<u8>> {
        let folder = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let [buffer, public] = ["commit", "key"].map(|name| folder.path().join(name));
        std::fs::write(&buffer, commit).map_err(io(buffer.display()))?;
        let mut args: Vec<OsString> = ["-Y", "sign", "-n", "git", "-f"].map(OsString::from).into();
        if is_literal(&self.key) {
            let key = self.key.strip_prefix("key::").unwrap_or(&self.key);
            std::fs::write(&public, format!("{key}\n")).map_err(io(public.display()))?;
            // Its other half is with the agent.
            args.extend([public.into(), "-U".into()]);
        } else {
            args.push(self.key.clone().into());
        }
        args.push(buffer.clone().into());
        let output = self.run(&args, b"")?;
        let signature = std::fs::read(buffer.with_extension("sig"));
        match (output.status.success(), signature) {
            (true, Ok(signature)) => Ok(signature),
            _ => Err(self.failed(&output)),
        }
    }

    fn run(&self, args: &[OsString], input: &[u8]) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().map_err(|e| Error::fatal(format!("cannot start {} to sign: {e}", self.program)))?;
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input).ok());
            child.wait_with_output()
        });
        output.map_err(|e| Error::fatal(format!("lost {}: {e}", self.program)))
    }

    fn failed(&self, output: &Output) -> Error {
        let lines: Vec<_> = output.stderr.lines().filter(|line| !line.starts_with(b"[GNUPG:]")).collect();
        let said = bstr::join("; ", lines).to_str_lossy().into_owned();
        Error::fatal(format!("a commit could not be signed: {}: {said}", self.program))
            .hint("no ref was moved; `git kmigrate continue` tries again, with --no-gpg-sign it does not sign")
    }
}

/// Adds a header behind the others, its lines indented as git has them.
fn with_header(commit: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let end = commit.find(b"\n\n").map_or(commit.len(), |at| at + 1);
    let mut out = commit[..end].to_vec();
    for (n, line) in value.lines().enumerate() {
        out.extend_from_slice(if n == 0 { name } else { b"" });
        out.push(b' ');
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(&commit[end..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_stands_behind_the_other_headers() {
        let signed = with_header(b"tree t\nx-extra kept\n\nsubject\n\nbody\n", b"gpgsig", b"-----A\r\n\nb\n");
        assert_eq!(signed.as_bstr(), b"tree t\nx-extra kept\ngpgsig -----A\n \n b\n\nsubject\n\nbody\n".as_bstr());
    }
}
