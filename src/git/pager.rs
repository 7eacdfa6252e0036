//! The user's pager, chosen as git chooses it.

use super::Repo;
use crate::error::{Error, Result};
use std::io::Write;
use std::process::{Command, Stdio};

/// What `less` and `lv` get unless the user has set it, as from git.
const DEFAULTS: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];

impl Repo {
    /// The pager of a command of ours: `GIT_PAGER` (which `git --no-pager` sets to `cat`), `pager.kmigrate`, then `core.pager`,
    /// `PAGER` and git's default. `None` if it is not to be paged.
    ///
    /// # Errors
    /// The git program cannot be started.
    pub fn pager(&self) -> Result<Option<String>> {
        let environment = std::env::var("GIT_PAGER").ok();
        let own = self.setting("pager.kmigrate");
        let named = match (environment, own) {
            (Some(pager), _) => Some(pager),
            (None, Some("false" | "no" | "off" | "0")) => return Ok(None),
            (None, Some("true" | "yes" | "on" | "1") | None) => self.git.line(&["var", "GIT_PAGER"])?,
            (None, Some(pager)) => Some(pager.to_owned()),
        };
        Ok(named.filter(|pager| !matches!(pager.trim(), "" | "cat")))
    }

    /// Shows text in a pager. Somebody who leaves it early has seen enough.
    ///
    /// # Errors
    /// There is no shell.
    pub fn page(&self, pager: &str, text: &[u8]) -> Result<()> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(pager).stdin(Stdio::piped());
        for (name, value) in DEFAULTS {
            if std::env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        let lost = |e| Error::fatal(format!("cannot run the pager '{pager}': {e}"));
        let mut child = command.spawn().map_err(lost)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text).ok();
        }
        child.wait().map(drop).map_err(lost)
    }
}
