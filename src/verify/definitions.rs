//! Nothing is defined twice that was not: functions and types of a file; fields, constants, cases and labels of a section.

use super::case::Case;
use super::{Objection, Reason};
use crate::fingerprint::{Fingerprint, NodeKind};
use crate::syntax::outline::{Section, SectionKind};
use crate::syntax::version::Version;
use rustc_hash::FxHashMap;

/// What is defined under which conditions, and how often.
type Definitions = FxHashMap<(u8, Vec<u8>, Vec<Vec<u8>>), usize>;

/// Compares what the lines that ours does not have define with what was there.
pub fn check(case: &Case<'_>) -> Result<(), Objection> {
    let Case { sides, result, .. } = case;
    let (ours, theirs, now) = (of_file(&sides.ours), of_file(&sides.theirs), of_file(result));
    for section in case.sections_written() {
        let key = key_of(result, section);
        let most = count(&ours, &key).max(count(&theirs, &key)).max(1);
        if count(&now, &key) > most {
            let name = String::from_utf8_lossy(&section.name).into_owned();
            let said = format!("{} {name} is defined twice", section.kind.word());
            return Err(Objection { reason: Reason::Duplicate, said, line: section.lines.start + 1 });
        }
        members(case, section)?;
    }
    Ok(())
}

fn key_of(version: &Version<'_>, section: &Section) -> (u8, Vec<u8>, Vec<Vec<u8>>) {
    let arms = version.conditionals().at(section.lines.start).to_vec();
    (section.kind as u8, section.name.clone(), arms)
}

fn of_file(version: &Version<'_>) -> Definitions {
    let mut definitions = Definitions::default();
    for section in version.sections().iter().filter(|s| !s.name.is_empty() && s.kind != SectionKind::Macro) {
        *definitions.entry(key_of(version, section)).or_default() += 1;
    }
    definitions
}

fn count<K: std::hash::Hash + Eq>(counts: &FxHashMap<K, usize>, key: &K) -> usize {
    counts.get(key).copied().unwrap_or(0)
}

/// The members of a section: once each, unless ours or theirs has them more often.
fn members(case: &Case<'_>, section: &Section) -> Result<(), Objection> {
    let Case { sides, result, .. } = case;
    let text = result.text_of(&section.lines);
    let kind = section.kind;
    let now = of_section(kind, &text);
    if now.values().all(|(n, _)| *n < 2) {
        return Ok(());
    }
    let (ours, theirs) = (sides.ours.text_of_same(section), sides.theirs.text_of_same(section));
    let (ours, theirs) = (of_section(kind, &ours), of_section(kind, &theirs));
    let before = |key: &Member| ours.get(key).map_or(0, |(n, _)| *n).max(theirs.get(key).map_or(0, |(n, _)| *n)).max(1);
    let mut twice: Vec<_> = now.iter().filter(|(key, (n, _))| *n > before(key)).collect();
    twice.sort_by_key(|(_, (_, line))| *line);
    match twice.first() {
        None => Ok(()),
        Some((key, (_, line))) => {
            let said = format!("{} is there twice", String::from_utf8_lossy(&key.1));
            Err(Objection { reason: Reason::Duplicate, said, line: section.lines.start + line })
        }
    }
}

/// A member: what it is, its text or name, and the statement it stands in.
type Member = (u8, Vec<u8>, u64);

/// Members with how often they are there, and the last line (from 1).
fn of_section(section: SectionKind, text: &[u8]) -> FxHashMap<Member, (usize, usize)> {
    let fingerprint = Fingerprint::of(text);
    let mut members: FxHashMap<Member, (usize, usize)> = FxHashMap::default();
    // What may be there again in another block, by the block.
    let mut in_blocks: FxHashMap<(u8, &[u8], Option<usize>), usize> = FxHashMap::default();
    for node in &fingerprint.nodes {
        let (kind, names): (u8, Vec<&[u8]>) = match (section, &node.kind) {
            (SectionKind::Function, NodeKind::Case) => (1, vec![text.get(node.head.clone()).unwrap_or_default()]),
            (SectionKind::Function, NodeKind::Label(name)) => (2, vec![name]),
            (SectionKind::Type, NodeKind::Enumerator(name)) => (3, vec![name]),
            (SectionKind::Type, NodeKind::FieldDeclaration(declared)) => (4, declared.names.clone()),
            (SectionKind::Function, NodeKind::VarDec(declared)) => (5, declared.names.clone()),
            (SectionKind::Table, NodeKind::Entry(_)) => {
                (6, designator(text.get(node.head.clone())).into_iter().collect())
            }
            _ => continue,
        };
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            // A label is of its function, the rest of what they stand in.
            let (parent, often) = match kind {
                2 => (0, None),
                5 | 6 => {
                    let often = in_blocks.entry((kind, name, node.parent)).or_insert(0);
                    *often += 1;
                    (0, Some(*often))
                }
                _ => (node.parent.map_or(0, |at| fingerprint.nodes[at].hash), None),
            };
            let member = members.entry((kind, name.trim_ascii().to_vec(), parent)).or_insert((0, 0));
            *member = match often {
                Some(often) if often > member.0 => (often, node.pos),
                Some(_) => *member,
                None => (member.0 + 1, node.pos),
            };
        }
    }
    members
}

/// `.field` or `[INDEX]`, before its value; words alone may stand in a list again.
fn designator(entry: Option<&[u8]>) -> Option<&[u8]> {
    let head = entry?.split(|c| *c == b'=').next()?.trim_ascii();
    matches!(head.first(), Some(b'.' | b'[')).then_some(head)
}
