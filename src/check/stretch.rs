//! Which commit breaks which target, with few builds. In: what each commit touches, and a way to build. Out: what became of each.
//!
//! ```text
//!   commits   1  2  3  4 | 5  6  7  8 |      stretches of four; what any of them touches is built at the end
//!   built at           x            o        a target breaks at 4: is it broken at 0? no -> halve: 2 o, 3 x -> 3 breaks it
//! ```
//!
//! A commit whose targets build at the end of its stretch counts as built *there*, and says so. That a target once broken stays broken
//! within a stretch is what halving rests on; with stretches of one commit nothing is assumed.

use crate::error::Result;
use std::collections::{BTreeMap, BTreeSet};

/// What building a target came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It builds.
    Built,
    /// It does not: what was said.
    Broken(Vec<u8>),
    /// It was not tried, or is not there: why.
    Absent(String),
}

/// Builds targets in the tree of a position: 0 is the new kernel, 1 the first commit on it.
pub trait Build {
    /// The state of each target.
    ///
    /// # Errors
    /// The disk, or an object is missing; a build that fails is none.
    fn build(&mut self, at: usize, targets: &[String]) -> Result<Vec<State>>;
}

/// What became of a target of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It builds in the tree of this position, the commit's own or a later one.
    Built(usize),
    /// It does not build since this commit.
    Breaks {
        /// The position in whose tree that was seen: the commit's own, or that of a later one which first has it built.
        at: usize,
        /// What was said there.
        said: Vec<u8>,
    },
    /// It has been broken since this position already; 0: on the new kernel itself.
    Since(usize),
    /// It was not tried: why.
    Absent(String),
}

/// Who broke a target.
#[derive(Clone, Debug)]
struct Culprit {
    /// The first position where it is broken; 0: it does not build on the new kernel itself.
    at: usize,
    /// The commit to ask; mostly the same.
    owner: usize,
    /// What was said there.
    said: Vec<u8>,
    /// What it was at the position before.
    before: State,
}

/// Builds what each commit touches; `touched[0]` is of position 1. Every commit gets its targets back, and one that breaks another
/// target gets that, too.
///
/// # Errors
/// As [`Build::build`].
pub fn walk(build: &mut dyn Build, touched: &[BTreeSet<String>], length: usize) -> Result<Vec<BTreeMap<String, Came>>> {
    let mut walk = Walk { build, known: BTreeMap::new(), came: vec![BTreeMap::new(); touched.len()] };
    let mut start = 0;
    while start < touched.len() {
        let end = (start + length.max(1)).min(touched.len());
        walk.stretch((start, end), touched)?;
        start = end;
    }
    Ok(walk.came)
}

struct Walk<'a> {
    build: &'a mut dyn Build,
    known: BTreeMap<(usize, String), State>,
    came: Vec<BTreeMap<String, Came>>,
}

impl Walk<'_> {
    fn stretch(&mut self, (start, end): (usize, usize), touched: &[BTreeSet<String>]) -> Result<()> {
        let all: BTreeSet<String> = touched[start..end].iter().flatten().cloned().collect();
        self.ask(end, &all)?;
        let broken: BTreeSet<String> = all.iter().filter(|t| self.is_broken(end, t)).cloned().collect();
        let mut culprits = self.culprits((start, end), broken)?;
        culprits.iter_mut().for_each(|(target, culprit)| culprit.owner = owner(culprit, target, touched));
        for (at, targets) in touched.iter().enumerate().take(end).skip(start) {
            for target in targets {
                let came = match (culprits.get(target), self.state(end, target)) {
                    (Some(culprit), _) => came(at + 1, culprit),
                    (None, State::Absent(why)) => Came::Absent(why),
                    (None, _) => Came::Built(end),
                };
                self.came[at].insert(target.clone(), came);
            }
        }
        // A header breaks what its commit does not touch.
        for (target, culprit) in culprits.into_iter().filter(|(_, culprit)| culprit.at > 0) {
            self.came[culprit.owner - 1].insert(target, Came::Breaks { at: culprit.at, said: culprit.said });
        }
        Ok(())
    }

    /// Who broke each of these, all of which are broken at the end.
    fn culprits(
        &mut self,
        (start, end): (usize, usize),
        broken: BTreeSet<String>,
    ) -> Result<BTreeMap<String, Culprit>> {
        let mut found = BTreeMap::new();
        self.ask(start, &broken)?;
        let (old, new) = self.parted(start, broken);
        self.halve((start, end), new, &mut found)?;
        if start > 0 && !old.is_empty() {
            // Broken by a commit that did not touch it, before this stretch, or never whole.
            self.ask(0, &old)?;
            let (never, since) = self.parted(0, old);
            self.halve((0, start), since, &mut found)?;
            self.never(never, &mut found);
        } else {
            self.never(old, &mut found);
        }
        Ok(found)
    }

    fn never(&self, targets: BTreeSet<String>, found: &mut BTreeMap<String, Culprit>) {
        for target in targets {
            let culprit = Culprit { at: 0, owner: 0, said: Vec::new(), before: State::Absent(String::new()) };
            found.insert(target, culprit);
        }
    }

    /// None of the targets is broken at the low end, all are at the high one.
    fn halve(
        &mut self,
        range: (usize, usize),
        targets: BTreeSet<String>,
        found: &mut BTreeMap<String, Culprit>,
    ) -> Result<()> {
        let mut open = vec![(range, targets)];
        while let Some(((low, high), targets)) = open.pop().filter(|(_, targets)| !targets.is_empty()) {
            if high - low > 1 {
                let middle = low + (high - low) / 2;
                self.ask(middle, &targets)?;
                let (early, late) = self.parted(middle, targets);
                open.extend([((middle, high), late), ((low, middle), early)].into_iter().filter(|o| !o.1.is_empty()));
                continue;
            }
            for target in targets {
                let State::Broken(said) = self.state(high, &target) else { continue };
                found.insert(target.clone(), Culprit { at: high, owner: high, said, before: self.state(low, &target) });
            }
        }
        Ok(())
    }

    /// Those that are broken at a position, and the others.
    fn parted(&self, at: usize, targets: BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
        targets.into_iter().partition(|target| self.is_broken(at, target))
    }

    /// Builds what is not known of a position yet.
    fn ask(&mut self, at: usize, targets: &BTreeSet<String>) -> Result<()> {
        let open: Vec<String> =
            targets.iter().filter(|t| !self.known.contains_key(&(at, (*t).clone()))).cloned().collect();
        if open.is_empty() {
            return Ok(());
        }
        let states = self.build.build(at, &open)?;
        for (target, state) in open.into_iter().zip(states) {
            self.known.insert((at, target), state);
        }
        Ok(())
    }

    fn state(&self, at: usize, target: &str) -> State {
        let known = self.known.get(&(at, target.to_owned())).cloned();
        known.unwrap_or_else(|| State::Absent("nothing was built there".to_owned()))
    }

    fn is_broken(&self, at: usize, target: &str) -> bool {
        matches!(self.state(at, target), State::Broken(_))
    }
}

/// The commit to ask about a target. One that only has it built for the first time, as a commit of a series that adds a driver to the
/// Makefiles does, did not write it: the last one before that touches it did.
fn owner(culprit: &Culprit, target: &str, touched: &[BTreeSet<String>]) -> usize {
    let touches = |position: &usize| touched[position - 1].contains(target);
    let is_new = matches!(culprit.before, State::Absent(_));
    let author = (1..culprit.at).rev().find(touches).filter(|_| is_new && !touches(&culprit.at));
    author.unwrap_or(culprit.at)
}

/// What a commit's target came to, whose culprit is known.
fn came(at: usize, culprit: &Culprit) -> Came {
    if at == culprit.owner {
        return Came::Breaks { at: culprit.at, said: culprit.said.clone() };
    }
    if at > culprit.owner {
        return Came::Since(culprit.owner);
    }
    match &culprit.before {
        State::Built => Came::Built(culprit.at - 1),
        State::Absent(why) => Came::Absent(why.clone()),
        State::Broken(_) => Came::Since(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Targets with the positions from and up to which they are broken, and what was built where.
    struct Fake {
        broken: Vec<(&'static str, usize, usize)>,
        absent: Vec<&'static str>,
        builds: Vec<(usize, Vec<String>)>,
    }

    impl Build for Fake {
        fn build(&mut self, at: usize, targets: &[String]) -> Result<Vec<State>> {
            self.builds.push((at, targets.to_vec()));
            let state = |target: &String| match target {
                t if self.absent.contains(&t.as_str()) => State::Absent("off".into()),
                t if self.broken.iter().any(|(b, from, to)| b == t && (*from..*to).contains(&at)) => {
                    State::Broken(format!("{t} at {at}").into_bytes())
                }
                _ => State::Built,
            };
            Ok(targets.iter().map(state).collect())
        }
    }

    fn touched(all: &[&[&str]]) -> Vec<BTreeSet<String>> {
        all.iter().map(|targets| targets.iter().map(|t| (*t).to_owned()).collect()).collect()
    }

    fn breaks(at: usize, said: &str) -> Came {
        Came::Breaks { at, said: said.as_bytes().to_vec() }
    }

    fn fake(broken: &[(&'static str, usize, usize)]) -> Fake {
        Fake { broken: broken.to_vec(), absent: vec!["off.o"], builds: Vec::new() }
    }

    #[test]
    fn what_builds_at_the_end_of_a_stretch_is_built_once_for_all_its_commits() {
        let mut fake = fake(&[]);
        let came = walk(&mut fake, &touched(&[&["a.o"], &["b.o"], &[], &["a.o", "off.o"]]), 8).expect("no error");
        assert_eq!(fake.builds, [(4, vec!["a.o".to_owned(), "b.o".into(), "off.o".into()])]);
        assert_eq!(came[0]["a.o"], Came::Built(4));
        assert_eq!(came[3]["off.o"], Came::Absent("off".into()), "never counted as passed");
        assert!(came[2].is_empty());
    }

    #[test]
    fn the_first_commit_that_breaks_is_found_by_halving_and_the_others_are_not_blamed() {
        let mut fake = fake(&[("a.o", 5, 99)]);
        let all: Vec<&[&str]> = vec![&["a.o"]; 8];
        let came = walk(&mut fake, &touched(&all), 8).expect("no error");
        assert_eq!(came[3]["a.o"], Came::Built(4));
        assert_eq!(came[4]["a.o"], breaks(5, "a.o at 5"));
        assert_eq!(came[7]["a.o"], Came::Since(5));
        assert!(fake.builds.len() <= 5, "8, 0, and three to halve: {:?}", fake.builds);
    }

    #[test]
    fn what_the_new_kernel_does_not_build_is_nobodys_fault() {
        let mut fake = fake(&[("a.o", 0, 99)]);
        let came = walk(&mut fake, &touched(&[&["a.o"], &["b.o"], &["a.o"]]), 2).expect("no error");
        assert_eq!((&came[0]["a.o"], &came[2]["a.o"]), (&Came::Since(0), &Came::Since(0)));
        assert_eq!(came[1]["b.o"], Came::Built(2));
    }

    #[test]
    fn a_commit_that_breaks_what_only_a_later_stretch_touches_is_blamed() {
        let mut fake = fake(&[("a.o", 2, 99)]);
        let came = walk(&mut fake, &touched(&[&["b.o"], &["b.o"], &["b.o"], &["a.o"]]), 3).expect("no error");
        assert_eq!(came[1]["a.o"], breaks(2, "a.o at 2"));
        assert_eq!(came[3]["a.o"], Came::Since(2));
    }

    #[test]
    fn who_wrote_a_file_is_asked_about_it_and_not_who_first_has_it_built() {
        /// `new.o` is listed since position 3, and never compiles.
        struct Late;
        impl Build for Late {
            fn build(&mut self, at: usize, targets: &[String]) -> Result<Vec<State>> {
                let state = match at {
                    0..3 => State::Absent("not listed".into()),
                    _ => State::Broken(b"x".to_vec()),
                };
                Ok(vec![state; targets.len()])
            }
        }
        for length in [1, 2, 8] {
            let came = walk(&mut Late, &touched(&[&["new.o"], &["new.o"], &[], &["new.o"]]), length).expect("no error");
            assert_eq!(came[0]["new.o"], Came::Absent("not listed".into()));
            assert_eq!(came[1]["new.o"], breaks(3, "x"), "stretches of {length}");
            assert!(came[2].is_empty());
            assert_eq!(came[3]["new.o"], Came::Since(2));
        }
    }

    #[test]
    fn two_targets_of_one_stretch_have_each_their_culprit() {
        let mut fake = fake(&[("a.o", 1, 99), ("b.o", 4, 99)]);
        let all: Vec<&[&str]> = vec![&["a.o", "b.o"]; 4];
        let came = walk(&mut fake, &touched(&all), 4).expect("no error");
        assert_eq!(came[0]["a.o"], breaks(1, "a.o at 1"));
        assert_eq!(came[0]["b.o"], Came::Built(3));
        assert_eq!(came[3]["b.o"], breaks(4, "b.o at 4"));
    }

    #[test]
    fn stretches_of_one_see_what_is_broken_and_mended_later() {
        let mut long = fake(&[("a.o", 2, 3)]);
        let all: Vec<&[&str]> = vec![&["a.o"]; 3];
        assert_eq!(walk(&mut long, &touched(&all), 3).expect("no error")[1]["a.o"], Came::Built(3));
        let mut short = fake(&[("a.o", 2, 3)]);
        let came = walk(&mut short, &touched(&all), 1).expect("no error");
        assert_eq!(came[1]["a.o"], breaks(2, "a.o at 2"));
        assert_eq!(came[2]["a.o"], Came::Built(3));
    }
}
