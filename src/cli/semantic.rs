//! Semantic patches that are named on the command line. In: their files. Out: rules that are ready to be put to texts.

use crate::error::{Error, Result, io};
use crate::repair::fix::Rules;
use crate::report;
use crate::rule::smpl::apply::Ready;
use crate::rule::smpl::compiled::Compiled;
use crate::rule::smpl::{self, Problem};
use std::path::{Path, PathBuf};

/// The rules of a file; what of them is passed over is said.
///
/// # Errors
/// It cannot be read, is no semantic patch, or changes nothing.
pub fn ready(path: &Path) -> Result<Ready> {
    let text = std::fs::read(path).map_err(io(path.display()))?;
    let bad = |problem: Problem| Error::fatal(format!("{}:{}: {}", path.display(), problem.line, problem.what));
    let patch = smpl::read(&text).map_err(bad)?;
    for skipped in &patch.skipped {
        report::warn(&format!("{}: skipped: {skipped}", path.display()));
    }
    let ready = Ready::new(&patch).map_err(bad)?;
    if !ready.rules().iter().any(Compiled::changes) {
        let said = format!("{} has no rule that changes anything", path.display());
        return Err(Error::fatal(said)
            .hint("rules run in the mode `patch`: `-` and `+` lines change something, `*` lines don't"));
    }
    Ok(ready)
}

/// Those of several, as fixers take them.
///
/// # Errors
/// One of them cannot be read, is no semantic patch, or changes nothing.
pub fn rules(files: &[PathBuf]) -> Result<Vec<Rules>> {
    files.iter().map(|path| Ok(Rules::Semantic(Box::new(ready(path)?), path.display().to_string()))).collect()
}
