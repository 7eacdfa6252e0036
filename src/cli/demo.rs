//! `git kmigrate demo`.

use super::Exit;
use super::args::Demo;
use crate::error::{Error, Result};

/// Runs it.
pub fn run(_args: &Demo) -> Result<Exit> {
    Err(Error::fatal("not yet"))
}
