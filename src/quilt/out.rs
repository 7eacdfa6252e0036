//! A patch directory after migration: same names, same headers, and a series file that says what is left out.
//!
//! In: a collection and what became of each of its files. Out: names and bytes to write, and lists for the report. What does not apply
//! any more lies in `unresolved/` with its old bytes, commented out in the series, and beside it, as `<name>.migrated`, what was made of it; what upstream has already is left out and listed. A
//! patch that was switched off is copied as it is: nobody can say whether it would apply.

use super::directory::Collection;
use super::series::{Entry, Mark};

/// What became of a patch file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its bytes stay.
    Kept,
    /// It has new bytes.
    Refreshed(Vec<u8>),
    /// Nothing is left of it; why.
    Removed(String),
    /// It has a conflict that nobody has settled.
    Unresolved {
        /// Why.
        because: String,
        /// What was made of it so far, on the new kernel with all patches before it.
        migrated: Option<Vec<u8>>,
    },
}

/// A directory that is ready to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Names below the folder, and bytes.
    pub files: Vec<(Vec<u8>, Vec<u8>)>,
    /// Patches that are refreshed.
    pub refreshed: Vec<Vec<u8>>,
    /// Patches that are left out, and why.
    pub removed: Vec<(Vec<u8>, String)>,
    /// Patches that lie in `unresolved/`, and why.
    pub unresolved: Vec<(Vec<u8>, String)>,
}

/// The folder of what is not resolved.
const UNRESOLVED: &[u8] = b"unresolved/";
/// What the name of a patch that was migrated as far as it went ends in.
const MIGRATED: &[u8] = b".migrated";

/// Lays a directory out. `fates` has one entry for each file of the collection, in order; a missing one counts as [`Fate::Kept`].
pub fn write_back(collection: &Collection, fates: &[Fate]) -> Written {
    let mut written = Written::default();
    for (n, file) in collection.files.iter().enumerate() {
        let name = file.name.clone();
        match fates.get(n).filter(|_| !file.entry.disabled).unwrap_or(&Fate::Kept) {
            Fate::Kept => written.files.push((name, file.bytes.clone())),
            Fate::Refreshed(bytes) => {
                written.refreshed.push(name.clone());
                written.files.push((name, bytes.clone()));
            }
            Fate::Removed(why) => written.removed.push((name, why.clone())),
            Fate::Unresolved { because, migrated } => {
                let beside = [UNRESOLVED, &name, MIGRATED].concat();
                written.files.push(([UNRESOLVED, &name].concat(), file.bytes.clone()));
                written.files.extend(migrated.clone().map(|bytes| (beside, bytes)));
                written.unresolved.push((name, because.clone()));
            }
        }
    }
    if let Some(series) = &collection.series {
        let mark = |entry: &Entry| mark(&written, entry);
        let text = series.series.print(&mark);
        written.files.push((series.name.clone().into_bytes(), text));
    }
    written
}

/// What becomes of an entry in the series.
fn mark(written: &Written, entry: &Entry) -> Mark {
    let among =
        |list: &[(Vec<u8>, String)]| list.iter().find(|(name, _)| *name == entry.name).map(|(_, why)| why.clone());
    if let Some(why) = among(&written.unresolved) {
        return Mark::CommentOut(format!("unresolved: {why}"));
    }
    match among(&written.removed) {
        Some(_) => Mark::Remove,
        None => Mark::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::directory::{SeriesFile, Shape};
    use crate::quilt::{PatchFile, Series};

    #[test]
    fn fates_decide_what_is_written_and_the_series_says_so() {
        let series = Series::read(b"# mine\na.patch\nb.patch -p1\nsub/c.patch\nd.patch\n");
        let files = series.entries().map(|e| PatchFile::read(e.clone(), e.name.clone())).collect();
        let series = Some(SeriesFile { name: "series".into(), series });
        let collection = Collection { folder: "x".into(), shape: Shape::Series, series, files, left_alone: Vec::new() };
        let fates = [
            Fate::Kept,
            Fate::Removed("upstream".into()),
            Fate::Unresolved { because: "conflict".into(), migrated: Some(b"so far".to_vec()) },
            Fate::Refreshed(b"new".to_vec()),
        ];
        let written = write_back(&collection, &fates);
        let text = |name: &str| {
            written
                .files
                .iter()
                .find(|(n, _)| n == name.as_bytes())
                .map(|(_, b)| String::from_utf8_lossy(b).into_owned())
        };
        assert_eq!(text("a.patch").as_deref(), Some("a.patch"));
        assert_eq!(text("unresolved/sub/c.patch").as_deref(), Some("sub/c.patch"));
        assert_eq!(text("unresolved/sub/c.patch.migrated").as_deref(), Some("so far"));
        assert_eq!(text("d.patch").as_deref(), Some("new"));
        assert_eq!(text("series").as_deref(), Some("# mine\na.patch\n# sub/c.patch # unresolved: conflict\nd.patch\n"));
        assert_eq!(written.files.len(), 5);
    }
}
