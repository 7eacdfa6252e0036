//! Headers that are gone, and headers that what the series calls is declared in now.
//!
//! In: the includes that the series adds, the calls whose declaration stands in another header, both kernels. Out: for each what has to
//! be included, as upstream's own files tell.
//!
//! ```text
//!   #include <asm/unaligned.h>     gone; of 12 files that had it 12 have #include <linux/unaligned.h> now        -> replaced
//!   skb_gso_segment()              was in linux/netdevice.h, is in net/gso.h, which 21 of its 22 callers include  -> included
//! ```

use super::include::{first, include, included, places};
use super::kernels::Kernels;
use super::stale_name::{Header, How, StaleName};
use super::standing::Standing;
use super::{Added, Role, Use};
use crate::error::Result;
use crate::git::Store;
use crate::git::tree::{self, Finder};
use crate::index::Place;
use crate::merge::{Change, Evidence};
use crate::run::quoted;
use crate::syntax::conditionals::Conditionals;
use crate::syntax::language::Language;
use bstr::{BStr, ByteSlice};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Files that are looked into.
const FILES: usize = 40;
/// Files that are searched for one that is rare.
const SEARCHED: usize = 4000;
/// Files that must agree at least.
pub const LEAST: usize = 3;
/// Of ten files so many must agree.
const OF_TEN: usize = 8;
/// Examples that are shown.
const EXAMPLES: usize = 3;

/// Calls of the series whose declaration went to another header, and that upstream's callers had to include it for.
///
/// # Errors
/// An object is missing or damaged.
pub fn moved(kernels: &mut Kernels, standing: &Standing<'_>) -> Result<Vec<StaleName>> {
    let mut found = Vec::new();
    for (used, then, now) in &standing.names {
        let Some((from, name)) = went(used, then, now) else { continue };
        let written = [b"<", name, b">"].concat();
        if kernels.now(BStr::new(&from.path))?.is_some_and(|text| included(&text).contains(&written)) {
            continue;
        }
        let (with, examples) = includers(kernels, (used, &written), now)?;
        if with.0 >= LEAST && with.0 * 10 >= with.1 * OF_TEN {
            let said = format!(
                "{} was declared in {}; of {} of its users {} include {} now",
                used.name.to_str_lossy(),
                from.path.to_str_lossy(),
                with.1,
                with.0,
                written.to_str_lossy()
            );
            let header = Header { old: None, new: Some(written) };
            found.push(self::name(
                (*used).clone(),
                Evidence::new(said).at(quoted(from.path.as_bstr())),
                examples,
                header,
            ));
        }
    }
    Ok(found)
}

/// The header that declared what is called, and how the one that does now is included, if it is another one.
fn went<'p>(used: &Use, then: &'p [Place], now: &'p [Place]) -> Option<(&'p Place, &'p [u8])> {
    if used.role != Role::Call {
        return None;
    }
    let declares =
        |p: &&Place| p.path.ends_with(b".h") && used.role.is_defined_by(p.kinds) && !p.path.starts_with(b"tools/");
    let only = |places: &'p [Place]| {
        let mut headers = places.iter().filter(declares);
        headers.next().filter(|_| headers.next().is_none())
    };
    let (from, to) = (only(then)?, only(now)?);
    let is_one = from.path != to.path && from.path.starts_with(b"include/");
    let path = to.path.strip_prefix(b"include/").map(|p| p.strip_prefix(b"uapi/").unwrap_or(p));
    path.filter(|_| is_one).map(|path| (from, path))
}

/// Of the files of new upstream that use a name: how many include a header, of how many; and the first of them.
pub fn includers(
    kernels: &mut Kernels,
    (used, written): (&Use, &[u8]),
    now: &[Place],
) -> Result<((usize, usize), Vec<Evidence>)> {
    let (mut with, mut examples) = ((0, 0), Vec::new());
    let users =
        now.iter().filter(|p| p.kinds.is_used() && p.path.ends_with(b".c") && !used.role.is_defined_by(p.kinds));
    for place in users.take(FILES) {
        let Some(text) = kernels.now(BStr::new(&place.path))? else { continue };
        with.1 += 1;
        let line = text.lines().position(|line| include(line) == Some(written));
        if let Some(line) = line {
            with.0 += 1;
            if examples.len() < EXAMPLES {
                let said = format!("#include {}", written.to_str_lossy());
                examples.push(Evidence::new(said).at(format!("{}:{}", quoted(place.path.as_bstr()), line + 1)));
            }
        }
    }
    Ok((with, examples))
}

/// A stale name that is about a header.
pub fn name(used: Use, was: Evidence, examples: Vec<Evidence>, header: Header) -> StaleName {
    StaleName { examples, header: Some(header), ..StaleName::new(used, was, How::Header) }
}

/// Includes of the series that old upstream had and that new upstream has no more, each with the positions of the files that add it.
///
/// # Errors
/// An object is missing or damaged.
pub fn gone((store, kernels): (&mut Store, &mut Kernels), added: &[Added<'_>]) -> Result<Vec<(StaleName, Vec<usize>)>> {
    let mut asked: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (at, file) in added.iter().enumerate() {
        let for_all = file.includes.iter().filter(|written| written.starts_with(b"<"));
        for_all.for_each(|written| asked.entry(written).or_default().push(at));
    }
    let (mut base, mut onto) = (Finder::new(kernels.trees.0), Finder::new(kernels.trees.1));
    let mut found = Vec::new();
    for (written, files) in asked {
        let places = places(b"", written);
        if first(store, &mut base, &places)?.is_none() || first(store, &mut onto, &places)?.is_some() {
            continue;
        }
        let paths: Vec<&[u8]> = files.iter().map(|at| added[*at].changed.path.as_slice()).collect();
        let (new, examples) = successor((store, kernels), (written, &paths))?;
        let path = &written[1..written.len() - 1];
        let said = format!("header {} was here", path.to_str_lossy());
        let used = Use { name: path.to_vec(), role: Role::Plain };
        let header = Header { old: Some(written.to_vec()), new };
        found.push((name(used, Evidence::new(said), examples, header), files));
    }
    Ok(found)
}

/// What upstream's files that had an include have in its place, as most of them tell; files near those of the series are asked first.
fn successor(
    (store, kernels): (&mut Store, &mut Kernels),
    (written, paths): (&[u8], &[&[u8]]),
) -> Result<(Option<Vec<u8>>, Vec<Evidence>)> {
    let (base, onto) = kernels.trees;
    let mut changed = tree::diff(store, Change { before: Some(base), after: Some(onto) })?;
    changed.retain(|c| c.path.ends_with(b".c") && c.entry.before.is_some() && c.entry.after.is_some());
    let near = |path: &[u8]| paths.iter().map(|other| super::folders_in_common(path, other)).max();
    changed.sort_by_cached_key(|c| std::cmp::Reverse(near(&c.path)));
    let (mut counts, mut asked, mut examples) = (FxHashMap::<Vec<u8>, usize>::default(), 0, Vec::new());
    for one in changed.iter().take(SEARCHED) {
        if asked >= FILES {
            break;
        }
        let Some(file) = kernels.file(one.path.as_bstr())? else { continue };
        if memchr::memmem::find(&file.before, written).is_none() {
            continue;
        }
        let (old, new) = (included(&file.before), included(&file.after));
        if !old.contains(written) || new.contains(written) {
            continue;
        }
        asked += 1;
        for came in new.difference(&old) {
            *counts.entry(came.clone()).or_insert(0) += 1;
        }
        if examples.len() < EXAMPLES {
            let came: Vec<String> = new.difference(&old).map(|came| came.to_str_lossy().into_owned()).collect();
            let said = format!("{} went, {} came", written.to_str_lossy(), came.join(" "));
            examples.push(Evidence::new(said).at(quoted(one.path.as_bstr())));
        }
    }
    let best = counts.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
    let is_enough = |(_, count): &(Vec<u8>, usize)| *count >= LEAST && count * 10 >= asked * OF_TEN;
    Ok((best.filter(is_enough).map(|(header, _)| header), examples))
}

/// Where a line with a new include goes: its byte. Behind the last include of the same folder that comes before it in the alphabet, else
/// before the first of that folder, else behind the last one of angle brackets. What stands under a condition is no place for it.
pub fn place_of(text: &[u8], written: &[u8]) -> Option<usize> {
    let folder = |written: &[u8]| written.iter().rposition(|c| *c == b'/').map(|end| written[..end].to_vec());
    let own = folder(written);
    let conditionals = Conditionals::of(Language::C, text);
    let (mut at, mut all) = (0, Vec::new());
    for (number, line) in text.lines_with_terminator().enumerate() {
        let span = at..at + line.len();
        at = span.end;
        all.extend(include(line).map(|other| (other, conditionals.at(number).len(), span)));
    }
    // The includes that are under fewest conditions are under one where a guard is around the file.
    let depth = all.iter().map(|(_, depth, _)| *depth).min();
    let (mut behind, mut before, mut last) = (None, None, None);
    for (other, _, span) in all.iter().filter(|(other, own, _)| other.starts_with(b"<") && Some(*own) == depth) {
        last = Some(span.end);
        if folder(other) == own {
            if *other < written {
                behind = Some(span.end);
            } else if before.is_none() {
                before = Some(span.start);
            }
        }
    }
    behind.or(before).or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_include_stands_among_its_kind_in_the_order_of_the_alphabet() {
        let text = b"#include <linux/a.h>\n#include <net/b.h>\n#include <net/d.h>\n#include \"own.h\"\n";
        let after = |written: &[u8]| {
            let at = place_of(text, written).expect("a place");
            text[..at].lines().next_back().map(|line| line.to_vec())
        };
        assert_eq!(after(b"<net/c.h>"), Some(b"#include <net/b.h>".to_vec()));
        assert_eq!(after(b"<net/a.h>"), Some(b"#include <linux/a.h>".to_vec()));
        assert_eq!(after(b"<other/a.h>"), Some(b"#include <net/d.h>".to_vec()));
        assert_eq!(place_of(b"int a;\n", b"<a.h>"), None);
        let debug = b"#include <linux/a.h>\n#ifdef CONFIG_DEBUG\n#include <linux/b.h>\n#endif\n";
        assert_eq!(place_of(debug, b"<linux/z.h>"), Some(21), "not only where it is debugged");
        let guarded = b"#ifndef _A_H\n#define _A_H\n#include <linux/a.h>\n#endif\n";
        assert_eq!(place_of(guarded, b"<linux/z.h>"), Some(47));
    }
}
