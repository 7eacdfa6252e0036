//! Functions and macros whose declaration went to a header that a file of the series does not see.
//!
//! In: the calls of the series, the headers that declare them on both kernels. Out: those that a file saw on old upstream, and to whose new
//! header none of its includes leads.
//!
//! ```text
//!   a.c includes <linux/acme.h>     base: acme_get() in linux/acme.h     onto: in linux/acme-extra.h, which linux/acme.h does not include
//! ```

use super::headers::{self, included, went};
use super::kernels::Kernels;
use super::reach::Reach;
use super::stale_name::{Header, StaleName};
use super::standing::Standing;
use super::{Added, Use};
use crate::error::Result;
use crate::git::{Oid, Repo, Store, Writes};
use crate::merge::Evidence;
use crate::run::quoted;
use bstr::{BStr, ByteSlice};
use rustc_hash::FxHashSet;

/// The names whose header is not seen, each with the positions of the files that use it.
///
/// # Errors
/// An object is missing or damaged.
pub fn unseen(
    (repo, store): (&Repo, &mut Store),
    (base, onto): (Oid, Oid),
    (standing, added): (&Standing<'_>, &[Added<'_>]),
    known: &FxHashSet<&Use>,
) -> Result<Vec<(StaleName, Vec<usize>)>> {
    let mut then = View::new((repo, store), base, added)?;
    let mut now = View::new((repo, store), onto, added)?;
    let mut found = Vec::new();
    for (used, before, after) in standing.names.iter().filter(|(used, ..)| !known.contains(*used)) {
        let Some((from, to, name)) = went(used, before, after) else { continue };
        let mut files = Vec::new();
        for (at, file) in added.iter().enumerate() {
            let is_unit = file.changed.path.ends_with(b".c") && file.uses.binary_search(used).is_ok();
            let Some(entry) = file.changed.entry.after.filter(|_| is_unit) else { continue };
            let text = store.blob(entry.id)?.data;
            let path = &file.changed.path;
            if then.sees((path, &text), &from.path)? && !now.sees((path, &text), &to.path)? {
                files.push(at);
            }
        }
        if !files.is_empty() {
            let written = [b"<", name, b">"].concat();
            let said = format!(
                "{} was declared in {}, is in {} now, and no include leads there",
                used.name.to_str_lossy(),
                from.path.to_str_lossy(),
                to.path.to_str_lossy()
            );
            let header = Header { old: None, new: Some(written) };
            let was = Evidence::new(said).at(quoted(from.path.as_bstr()));
            found.push((headers::name((*used).clone(), was, Vec::new(), header), files));
        }
    }
    Ok(found)
}

/// What files see on one kernel.
struct View {
    kernels: Kernels,
    reach: Reach,
}

impl View {
    fn new((repo, store): (&Repo, &mut Store), tree: Oid, added: &[Added<'_>]) -> Result<Self> {
        let kernels = Kernels::new(repo.store(Writes::Nowhere)?, (tree, tree));
        Ok(Self { kernels, reach: Reach::new(store, added)? })
    }

    /// Does a way lead from the file of the series, or from what this kernel has there, to a header?
    fn sees(&mut self, (path, text): (&[u8], &[u8]), header: &[u8]) -> Result<bool> {
        let mut includes = included(text);
        if let Some(text) = self.kernels.now(BStr::new(path))? {
            includes.extend(included(&text));
        }
        // What the compiler is told to include first.
        includes.insert(b"<linux/compiler_types.h>".to_vec());
        self.reach.leads_to(&mut self.kernels, (path, &includes), header)
    }
}
