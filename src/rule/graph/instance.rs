//! Instances: the changed nodes of one function that belong to one application of one rule.
//!
//! In: the changed nodes of an example with their groups. Out: instances, each a list of stages. Nodes are joined, the strongest tie
//! first, as long as no instance gets two nodes of one group of which one may run after the other; so two timers in one function are
//! two instances (Spinfer, section 2, I1), and control-flow conflicts never arise within one.
//!
//! ```text
//!   ties: the size of the greatest local expression that both hold (data flow), the same place (a replacement);
//!         without either, groups that mostly occur together in one function (control flow)
//!   init_timer(&c->t1);   c->t1.data = 1;   init_timer(&c->t2);   c->t2.data = 2;
//!        └────── c->t1 ──────────┘               └────── c->t2 ──────────┘
//! ```

use super::cfg::Kind;
use super::cfg_diff::{Colour, side_of};
use super::example::{Changed, Example};
use crate::rule::metavariable::is_expression;
use crate::rule::term::{TermId, Terms};
use std::collections::{BTreeMap, BTreeSet};

/// A function with more changed nodes is no example: ties are quadratic.
pub const MOST_CHANGED: usize = 120;

/// How much an expression counts that only one node would hold; half of that if two do.
const RARE: u32 = 8;

/// The id of a function's header, on both sides.
const HEADER: usize = 1;

/// Groups are tied by data flow if they share this part of the functions that have either.
const TOGETHER_WITH_DATA: f64 = 0.25;

/// Groups are tied by control flow alone if they share this part of the functions that have either.
const TOGETHER: f64 = 0.5;

/// Something that stands at a stage of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// What stands there.
    pub at: Anchor,
    /// Further nodes of the same group on paths beside it, with what replaces them.
    pub more: Vec<(usize, Vec<usize>)>,
    /// Changed nodes that come before it.
    pub ahead: Vec<usize>,
    /// Changed nodes that come behind it, or in its place.
    pub behind: Vec<usize>,
}

/// A node of the before side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anchor {
    /// A changed node, by its index.
    Minus(usize),
    /// A context node, by its id.
    Context(usize),
}

/// One application of one rule in an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The example's index.
    pub example: usize,
    /// In the order of control flow.
    pub stages: Vec<Vec<Slot>>,
}

/// How often groups occur together: by pair of groups, the share of functions that have both among those with either.
#[derive(Clone, Debug, Default)]
pub struct Together {
    /// Group to the examples that have it.
    examples: BTreeMap<usize, BTreeSet<usize>>,
}

impl Together {
    /// Of all changed nodes.
    pub fn of(changed: &[Changed], groups: &[usize]) -> Self {
        let mut found = Self::default();
        for (node, group) in changed.iter().zip(groups) {
            found.examples.entry(*group).or_default().insert(node.example);
        }
        found
    }

    /// The share for one pair.
    fn share(&self, a: usize, b: usize) -> f64 {
        let (Some(one), Some(two)) = (self.examples.get(&a), self.examples.get(&b)) else { return 0.0 };
        let narrow = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        narrow(one.intersection(two).count()) / narrow(one.union(two).count().max(1))
    }
}

/// What the grouping of one example looks at.
pub struct Grouping<'a> {
    /// The arena.
    pub terms: &'a Terms,
    /// The example.
    pub example: &'a Example,
    /// All changed nodes of all examples.
    pub changed: &'a [Changed],
    /// Their groups.
    pub groups: &'a [usize],
    /// Groups and their company.
    pub together: &'a Together,
}

/// A reason to put two nodes into one instance; greater is stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tie {
    /// That of what both hold; for the same place 3, and one for each part of a name that both have.
    strength: u32,
    /// How far apart they stand, negative.
    nearness: i64,
}

impl Grouping<'_> {
    /// The instances among these nodes, which are all of the example.
    pub fn instances(&self, nodes: &[usize]) -> Vec<Instance> {
        if nodes.len() > MOST_CHANGED {
            return Vec::new();
        }
        let reach: BTreeMap<usize, Vec<bool>> = nodes.iter().map(|n| (*n, self.reachable(*n))).collect();
        let holders = self.holders(nodes);
        let mut ties: Vec<(Tie, usize, usize)> = Vec::new();
        for (at, a) in nodes.iter().enumerate() {
            for b in &nodes[at + 1..] {
                ties.extend(self.tie(*a, *b, &holders).map(|tie| (tie, *a, *b)));
            }
        }
        ties.sort_by(|x, y| y.0.cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        let mut parts: Vec<Vec<usize>> = nodes.iter().map(|n| vec![*n]).collect();
        for (_, a, b) in ties {
            let of = |n: usize| parts.iter().position(|part| part.contains(&n));
            let (Some(one), Some(two)) = (of(a), of(b)) else { continue };
            if one != two && self.may_join(&parts[one], &parts[two], &reach) {
                let (into, from) = (one.min(two), one.max(two));
                let moved = parts.remove(from);
                parts[into].extend(moved);
            }
        }
        parts.into_iter().filter_map(|part| self.staged(part, &reach)).collect()
    }

    /// Nodes of the same side that can run after a node.
    fn reachable(&self, node: usize) -> Vec<bool> {
        let changed = &self.changed[node];
        self.example.functions[side_of(changed.colour)].side.cfg.reachable(changed.id)
    }

    /// What ties two nodes.
    fn tie(&self, a: usize, b: usize, holders: &BTreeMap<TermId, u32>) -> Option<Tie> {
        let (one, two) = (&self.changed[a], &self.changed[b]);
        let data = self.shared_data(one, two, holders);
        let together = self.together.share(self.groups[a], self.groups[b]);
        let same_place = match (one.colour, two.colour) {
            (Colour::Before, Colour::After) => self.example.diff.shares_place(one.id, two.id),
            (Colour::After, Colour::Before) => self.example.diff.shares_place(two.id, one.id),
            _ => false,
        };
        let enough = same_place || data > 0 && together >= TOGETHER_WITH_DATA || together >= TOGETHER;
        let line = |n: &Changed| i64::try_from(self.position(n)).unwrap_or(i64::MAX);
        let names = || self.names(one.term).intersection(&self.names(two.term)).count();
        let strength = data + if same_place { 3 + u32::try_from(names()).unwrap_or(0) } else { 0 };
        enough.then(|| Tie { strength, nearness: -(line(one) - line(two)).abs() })
    }

    /// Where a node stands, in nodes of the before side; of an added node, its nearest context before it.
    fn position(&self, node: &Changed) -> usize {
        match node.colour {
            Colour::Before => node.id,
            Colour::After => {
                let partners = &self.example.diff.partner[1];
                (0..=node.id).rev().find_map(|id| partners[id]).unwrap_or(0) + 1
            }
        }
    }

    /// How many of these nodes hold an expression.
    fn holders(&self, nodes: &[usize]) -> BTreeMap<TermId, u32> {
        let mut found = BTreeMap::new();
        for part in nodes.iter().flat_map(|n| self.terms.subterms(self.changed[*n].term)) {
            *found.entry(part).or_default() += 1;
        }
        found
    }

    /// How strong the strongest expression with a local in it is that both hold: twice its size, and the more the fewer other
    /// nodes hold it.
    fn shared_data(&self, one: &Changed, two: &Changed, holders: &BTreeMap<TermId, u32>) -> u32 {
        let locals = |n: &Changed| &self.example.functions[side_of(n.colour)].locals;
        let parts: BTreeSet<TermId> = self.terms.subterms(one.term).into_iter().collect();
        let has_local = |id: TermId| self.terms.any(id, &mut |part| locals(one).contains(&part));
        let of_both = self.terms.subterms(two.term).into_iter().filter(|id| parts.contains(id));
        of_both
            .filter(|id| is_expression(self.terms.kind(*id)) && has_local(*id))
            .map(|id| 2 * self.terms.size(id) + RARE / holders.get(&id).copied().unwrap_or(1).max(1))
            .max()
            .unwrap_or(0)
    }

    /// Two nodes of one group may be in one instance only on paths beside each other.
    fn may_join(&self, one: &[usize], two: &[usize], reach: &BTreeMap<usize, Vec<bool>>) -> bool {
        let clash = |a: &usize, b: &usize| {
            let (x, y) = (&self.changed[*a], &self.changed[*b]);
            x.colour == y.colour && self.groups[*a] == self.groups[*b] && !beside(reach, (*a, x.id), (*b, y.id))
        };
        !one.iter().any(|a| two.iter().any(|b| clash(a, b)))
    }

    /// Puts the nodes of an instance in the order of control flow; `None` if something that was added has no place.
    fn staged(&self, part: Vec<usize>, reach: &BTreeMap<usize, Vec<bool>>) -> Option<Instance> {
        let (mut minus, mut plus): (Vec<usize>, Vec<usize>) =
            part.into_iter().partition(|n| self.changed[*n].colour == Colour::Before);
        minus.sort_by_key(|n| self.changed[*n].id);
        plus.sort_by_key(|n| self.changed[*n].id);
        let mut slots: Vec<Slot> = minus.iter().map(|n| Slot::new(Anchor::Minus(*n))).collect();
        for added in &plus {
            self.place(*added, &mut slots)?;
        }
        slots.sort_by_key(|slot| self.id_of(slot.at));
        let mut stages: Vec<Vec<Slot>> = Vec::new();
        for slot in slots {
            let apart = |other: &Slot| match (slot.at, other.at) {
                (Anchor::Minus(a), Anchor::Minus(b)) => beside(reach, (a, self.changed[a].id), (b, self.changed[b].id)),
                _ => false,
            };
            match stages.last_mut().filter(|stage| stage.iter().all(apart)) {
                Some(stage) => self.add(stage, slot),
                None => stages.push(vec![slot]),
            }
        }
        Some(Instance { example: self.example_index(&stages)?, stages })
    }

    /// The example that the nodes are of.
    fn example_index(&self, stages: &[Vec<Slot>]) -> Option<usize> {
        let slots = stages.iter().flatten();
        let nodes = slots.flat_map(|slot| {
            let own = match slot.at {
                Anchor::Minus(n) => Some(n),
                Anchor::Context(_) => None,
            };
            own.into_iter().chain(slot.ahead.iter().copied()).chain(slot.behind.iter().copied())
        });
        nodes.map(|n| self.changed[n].example).next()
    }

    /// The id of a slot's node on the before side.
    fn id_of(&self, at: Anchor) -> usize {
        match at {
            Anchor::Minus(n) => self.changed[n].id,
            Anchor::Context(id) => id,
        }
    }

    /// Puts a slot into a stage: nodes of one group with the same company are one slot.
    fn add(&self, stage: &mut Vec<Slot>, slot: Slot) {
        let group = |slot: &Slot| match slot.at {
            Anchor::Minus(n) => Some(self.groups[n]),
            Anchor::Context(_) => None,
        };
        let known = stage.iter_mut().find(|other| group(other) == group(&slot) && group(other).is_some());
        match (known, slot.at) {
            (Some(known), Anchor::Minus(n)) => known.more.push((n, slot.behind)),
            _ => stage.push(slot),
        }
    }

    /// Finds the slot that an added node stands at: what it replaces, else the context beside it.
    fn place(&self, added: usize, slots: &mut Vec<Slot>) -> Option<()> {
        let node = &self.changed[added];
        let is_header = |node: &Changed| node.kind == Kind::Header;
        let shared = |n: usize| {
            is_header(&self.changed[n]) == is_header(node)
                && self.example.diff.shares_place(self.changed[n].id, node.id)
        };
        let likeness = |slot: &Slot| match slot.at {
            Anchor::Minus(n) if shared(n) => {
                let taken = slot.behind.len();
                Some((self.likeness(self.changed[n].term, node.term), usize::MAX - taken))
            }
            _ => None,
        };
        let mut best: Option<((usize, usize), usize)> = None;
        for (at, slot) in slots.iter().enumerate() {
            if let Some(like) = likeness(slot)
                && best.is_none_or(|(known, _)| like > known)
            {
                best = Some((like, at));
            }
        }
        if let Some((_, at)) = best {
            slots[at].behind.push(added);
            return Some(());
        }
        let header = slots.iter().position(|slot| self.id_of(slot.at) == HEADER);
        let (anchor, is_ahead) = match header.filter(|_| self.is_behind_header(node)) {
            Some(at) => {
                slots[at].behind.push(added);
                return Some(());
            }
            None => self.beside_context(node)?,
        };
        let known = slots.iter().position(|slot| slot.at == Anchor::Context(anchor));
        let at = known.unwrap_or_else(|| {
            slots.push(Slot::new(Anchor::Context(anchor)));
            slots.len() - 1
        });
        let list = if is_ahead { &mut slots[at].ahead } else { &mut slots[at].behind };
        list.push(added);
        Some(())
    }

    /// Whether only added nodes stand between the function's header and an added node.
    fn is_behind_header(&self, node: &Changed) -> bool {
        let partners = &self.example.diff.partner[1];
        node.kind != Kind::Header && (HEADER + 1..node.id).all(|id| partners[id].is_none())
    }

    /// How much two terms are alike: how many different subterms they share, and how many parts of names: `i_ctime` and
    /// `inode_set_ctime` have one.
    fn likeness(&self, a: TermId, b: TermId) -> usize {
        let parts: BTreeSet<TermId> = self.terms.subterms(a).into_iter().collect();
        let shared = self.terms.subterms(b).into_iter().filter(|id| parts.contains(id)).count();
        shared + self.names(a).intersection(&self.names(b)).count()
    }

    /// The parts of the names in a term.
    fn names(&self, id: TermId) -> BTreeSet<&[u8]> {
        let leaves = self.terms.subterms(id).into_iter().filter_map(|part| self.terms.leaf(part));
        leaves.flat_map(|leaf| leaf.split(|c| *c == b'_')).filter(|part| part.len() > 1).collect()
    }

    /// The context node directly before or behind an added one, and whether the added one comes ahead of it.
    fn beside_context(&self, node: &Changed) -> Option<(usize, bool)> {
        let cfg = &self.example.functions[0].side.cfg;
        let [before, behind] = self.example.diff.nearest_context(Colour::After, node.id);
        let plain = |id: &usize| {
            let kind = cfg.nodes[*id].kind;
            matches!(kind, Kind::Statement | Kind::Declaration | Kind::Return | Kind::LastReturn) || kind.is_head()
        };
        let only = |all: &BTreeSet<usize>| all.first().copied().filter(|id| all.len() == 1 && plain(id));
        let straight = |id: &usize| matches!(cfg.nodes[*id].kind, Kind::Statement | Kind::Declaration);
        if let Some(id) = only(&before).filter(straight) {
            return Some((id, false));
        }
        only(&behind).filter(|id| cfg.nodes[*id].kind != Kind::Header).map(|id| (id, true))
    }
}

impl Slot {
    /// With nothing around it.
    fn new(at: Anchor) -> Self {
        Self { at, more: Vec::new(), ahead: Vec::new(), behind: Vec::new() }
    }
}

/// Whether neither of two nodes can run after the other: pairs of (index, id).
fn beside(reach: &BTreeMap<usize, Vec<bool>>, a: (usize, usize), b: (usize, usize)) -> bool {
    let reaches = |from: usize, to: usize| reach.get(&from).is_some_and(|seen| seen[to]);
    !reaches(a.0, b.1) && !reaches(b.0, a.1)
}
