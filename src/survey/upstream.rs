//! What upstream has already: proof, and words that are only evidence.
//!
//! Proof is a patch-id equal to one of upstream's, or an upstream commit or release that the commit names, that onto contains,
//! *and* content that agrees ([`Agreement`]). The third proof, a merge that changes nothing, is `pick`'s.

use super::culprits::Touches;
use super::{Agreement, Changes, Country, Culprit, Moves};
use crate::error::Result;
use crate::git::tree::{Changed, Sort};
use crate::git::{
    Claim, Commit, Direction, History, Named, Oid, Release, Repo, Series, Store, changes_of, claims, release, text,
};
use crate::merge::line::stands_out;
use crate::merge::{Change, Evidence, delta};
use bstr::BString;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// What the survey knows about upstream's own commits.
#[derive(Debug)]
pub struct Upstream {
    onto_tree: Oid,
    release: Option<Release>,
    history: History,
    touches: Touches,
    /// What the commits of the series say of upstream.
    claims: FxHashMap<Oid, Vec<Claim>>,
    /// Hex ids that commits of the series name, and the upstream commit where onto contains it.
    named: FxHashMap<Vec<u8>, Oid>,
    same_patch: FxHashMap<Oid, Oid>,
    /// As `same_patch`, but upstream took it back.
    reverted: FxHashMap<Oid, Oid>,
}

/// The tip, as far as a verdict needs it.
#[derive(Clone, Copy)]
pub struct TipView<'a> {
    /// Its tree.
    pub tree: Oid,
    /// Where a path of the series lives in it, if not there.
    pub place: &'a dyn Fn(&Changed) -> Option<BString>,
}

/// The change that would undo it.
fn reversed(changes: &[Changed]) -> Vec<Changed> {
    let back =
        |c: &Changed| Changed { path: c.path.clone(), entry: Change { before: c.entry.after, after: c.entry.before } };
    changes.iter().map(back).collect()
}

/// What upstream is known to have of a commit.
#[derive(Debug, Default)]
pub struct Verdict {
    /// It has the commit: proven.
    pub proven: bool,
    /// Hunks that are nevertheless not in the tip: the series took them back, or an open conflict did.
    pub undone: usize,
    /// The commit names an upstream commit or release that onto contains.
    pub named: bool,
    /// Upstream had the very patch and took it back; whoever carries it must know.
    pub reverted: bool,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
}

impl Upstream {
    /// Compares the series with upstream's history base..onto, as far as this repository has it.
    ///
    /// # Errors
    /// An object is missing, or git fails.
    pub fn survey(
        (repo, store): (&Repo, &mut Store),
        country: Country,
        (series, changes): (&Series, &[Changes]),
        history: History,
    ) -> Result<Self> {
        let (onto, onto_tree) = country.onto;
        let (touches, by_paths) = Touches::of(store, &history, changes)?;
        let same = same_patches(repo, (&history, &by_paths), (series, changes))?;
        let claims = series.commits.iter().map(|c| (c.id, claims(c.message())));
        let claims: FxHashMap<Oid, Vec<Claim>> = claims.filter(|(_, claims)| !claims.is_empty()).collect();
        Ok(Self {
            onto_tree,
            release: release(repo, store, onto_tree)?,
            named: contained(repo, onto, &claims)?,
            claims,
            history,
            touches,
            same_patch: same.standing,
            reverted: same.reverted,
        })
    }

    /// What upstream has of one commit, and the tip still shows: what the series itself undid is not there any more.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn verdict(
        &self,
        store: &mut Store,
        (moves, tip): (&Moves, TipView<'_>),
        (commit, changes): (&Commit, &[Changed]),
    ) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        if let Some(id) = self.reverted.get(&commit.id) {
            verdict.reverted = true;
            let said = "an upstream commit of base..onto has the same patch-id, but another takes it back";
            verdict.evidence.push(Evidence::new(said).at(id.to_string()));
            return Ok(verdict);
        }
        let same_patch = self.same_patch.get(&commit.id);
        if let Some(id) = same_patch {
            let said = "an upstream commit of base..onto has the same patch-id";
            verdict.evidence.push(Evidence::new(said).at(id.to_string()));
        }
        for claim in self.claims.get(&commit.id).into_iter().flatten() {
            verdict.evidence.extend(self.weigh(claim));
        }
        for upstream in self.history.with_subject(&commit.subject_bytes()) {
            if upstream.author == commit.author_name_and_mail() && is_alike(store, upstream.id, changes)? {
                let said = "an upstream commit of base..onto has the same subject and author";
                verdict.evidence.push(Evidence::new(said).at(upstream.id.to_string()));
            }
        }
        verdict.named = !verdict.evidence.is_empty();
        if !verdict.named {
            return Ok(verdict);
        }
        let in_onto = |c: &Changed| moves.of_file(c.path.as_ref()).map(|p| p.path);
        let there = Agreement::of(store, self.onto_tree, changes, &in_onto)?;
        verdict.evidence.push(Evidence::new(format!(
            "{} of its {} hunks stand in the new kernel's files",
            there.standing, there.hunks
        )));
        if !there.is_whole() && same_patch.is_none() {
            return Ok(verdict);
        }
        // Where the code still is as it was before the patch, the patch is not there: the series took it back, or upstream did, or
        // upstream patched a twin of this place. (An equal patch-id needs no more: upstream may have gone on since.)
        let undo = reversed(changes);
        let onto = Agreement::of(store, self.onto_tree, &undo, &in_onto)?;
        let tip = Agreement::of(store, tip.tree, &undo, tip.place)?;
        verdict.proven = onto.standing == 0;
        verdict.undone = tip.standing;
        let undone = onto.standing.max(tip.standing);
        if undone > 0 {
            let said = format!("at {undone} of {} places the code is as it was before", onto.hunks);
            verdict.evidence.push(Evidence::new(said));
        }
        Ok(verdict)
    }

    /// Upstream's commits that made the lines of a file (a path of the old series) before the change those after it, as far as history is here.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn culprits(&self, store: &mut Store, path: &BString, change: Change<&[u8]>) -> Result<Vec<Culprit>> {
        self.touches.culprits((store, &self.history), path, change)
    }

    /// The upstream commit that took a file away for good.
    pub fn remover(&self, path: &BString) -> Option<Culprit> {
        self.touches.remover(&self.history, path)
    }

    /// A claim becomes evidence if onto contains what it names.
    fn weigh(&self, claim: &Claim) -> Option<Evidence> {
        let says = |what: &str| Evidence::new(format!("the message says \"{}\", and {what}", claim.line));
        match &claim.named {
            Named::Commit(hex) => {
                let id = self.named.get(hex)?;
                Some(says("the new kernel contains that commit").at(id.to_string()))
            }
            Named::Release(release) => {
                let onto = self.release.filter(|onto| release <= onto)?;
                Some(says(&format!("the new kernel is {onto}")))
            }
            // A tag alone (UPSTREAM:) says where the patch comes from, not that this kernel has it.
            Named::Nothing => None,
        }
    }
}

/// Whether an upstream commit changes a line as a commit of the series does: authors give several patches one subject. What cannot be
/// compared may be alike.
fn is_alike(store: &mut Store, upstream: Oid, changes: &[Changed]) -> Result<bool> {
    let Some(theirs) = changes_of(store, upstream)? else { return Ok(true) };
    let (Some(own), Some(theirs)) = (changed_lines(store, changes)?, changed_lines(store, &theirs)?) else {
        return Ok(true);
    };
    Ok(!own.is_disjoint(&theirs))
}

/// The telling lines that a commit takes away or brings, without the white space around them; `None` if it changes something else than
/// lines.
fn changed_lines(store: &mut Store, changes: &[Changed]) -> Result<Option<FxHashSet<Vec<u8>>>> {
    let mut lines = FxHashSet::default();
    for Changed { entry, .. } in changes {
        let mut sides = [[].into(), [].into()];
        for (side, entry) in sides.iter_mut().zip([entry.before, entry.after]) {
            match entry {
                Some(entry) if entry.sort() == Sort::File => *side = store.blob(entry.id)?.data,
                Some(_) => return Ok(None),
                None => {}
            }
        }
        let [before, after] = &sides;
        if before == after || !sides.iter().all(|side| text::is_text(side)) {
            return Ok(None);
        }
        let delta::Lines { removed, added } = delta::lines(Change { before, after });
        let both = removed.iter().chain(&added);
        lines.extend(both.filter(|line| stands_out(line)).map(|line| line.trim_ascii().to_vec()));
    }
    Ok(Some(lines))
}

/// The commits that the series' messages name and onto contains.
fn contained(repo: &Repo, onto: Oid, claims: &FxHashMap<Oid, Vec<Claim>>) -> Result<FxHashMap<Vec<u8>, Oid>> {
    let named = claims.values().flatten().filter_map(|claim| match &claim.named {
        Named::Commit(hex) => Some(hex.clone()),
        Named::Release(_) | Named::Nothing => None,
    });
    let wanted: BTreeSet<Vec<u8>> = named.collect();
    repo.contained(onto, &wanted.into_iter().collect::<Vec<_>>())
}

/// Commits of the series whose patch-id an upstream commit has, each with the first such commit in history's order.
#[derive(Default)]
struct SamePatches {
    standing: FxHashMap<Oid, Oid>,
    reverted: FxHashMap<Oid, Oid>,
}

/// Compares patch-ids. Only commits that touch the same paths can have the same.
fn same_patches(
    repo: &Repo,
    (history, by_paths): (&History, &FxHashMap<Vec<BString>, Vec<Oid>>),
    (series, changes): (&Series, &[Changes]),
) -> Result<SamePatches> {
    let mut same = SamePatches::default();
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for (commit, changed) in series.commits.iter().zip(changes) {
        let mut paths: Vec<BString> = changed.paths.iter().map(|c| c.path.clone()).collect();
        paths.sort();
        if let Some(same) = by_paths.get(&paths) {
            theirs.push(commit.id);
            ours.extend(same);
        }
    }
    let mut upstream: FxHashMap<String, Vec<Oid>> = FxHashMap::default();
    let patches = repo.patch_ids(&ours, Direction::Forward)?;
    for commit in &history.commits {
        if let Some(patch) = patches.get(&commit.id) {
            upstream.entry(patch.clone()).or_default().push(commit.id);
        }
    }
    let mut taken = repo.patch_ids(&theirs, Direction::Forward)?;
    taken.retain(|_, patch| upstream.contains_key(patch));
    theirs.retain(|id| taken.contains_key(id));
    let undoing = repo.patch_ids(&theirs, Direction::Reverse)?;
    for (id, patch) in taken {
        let applied = &upstream[&patch];
        let undone = undoing.get(&id).and_then(|patch| upstream.get(patch)).map_or(0, Vec::len);
        let list = match applied.len() > undone {
            true => &mut same.standing,
            false => &mut same.reverted,
        };
        list.insert(id, applied[0]);
    }
    Ok(same)
}
