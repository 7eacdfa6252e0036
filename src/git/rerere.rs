//! git's rerere store, as files: `rr-cache/<id>/preimage` has a file with markers, `postimage` what a person made of it.

use super::Repo;
use crate::error::{Result, io};
use std::fs;

/// A conflict that git rerere has recorded: its name, the file with markers, the file as a person left it.
pub type Recorded = (String, Vec<u8>, Vec<u8>);

impl Repo {
    /// Conflicts and what was made of them, as git rerere keeps them: its name for each, the file with markers, the file without.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn rerere(&self) -> Result<Vec<Recorded>> {
        let root = self.common_dir().join("rr-cache");
        let folders = match fs::read_dir(&root) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(io(root.display()))?,
        };
        let mut found = Vec::new();
        for folder in folders {
            let folder = folder.map_err(io(root.display()))?.path();
            let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = file.file_name().to_string_lossy().into_owned();
                // `preimage`, or `preimage.1` of a second conflict with the same sides.
                let Some(variant) = name.strip_prefix("preimage") else { continue };
                let after = folder.join(format!("postimage{variant}"));
                if let (Ok(before), Ok(after)) = (fs::read(file.path()), fs::read(after)) {
                    found.push((format!("{id}{variant}"), before, after));
                }
            }
        }
        found.sort();
        Ok(found)
    }
}
