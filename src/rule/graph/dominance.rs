//! Dominance: on every way from the entry to `b` lies `a`; post-dominance: on every way from `b` to the exit lies `a`.
//!
//! In comes a graph, out go the immediate dominators of its nodes, by which any pair is answered. The iterative method of
//! Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm"): walk in reverse postorder, meet in the tree so far.
//!
//! ```text
//!   1 if ──> 2 a ─┐        idom(4) = 1: neither 2 nor 3 is on every way
//!    └────> 3 b ──┴> 4 c
//! ```

use super::cfg::Cfg;

/// Not reached from the root.
const NOWHERE: usize = usize::MAX;

/// The dominator tree of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dominators {
    /// By id: the nearest node that dominates it; the root is its own; `NOWHERE` if not reached.
    nearest: Vec<usize>,
    /// By id: the number of edges to the root in the tree.
    depth: Vec<usize>,
}

/// Both directions, for one graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dominance {
    /// From the entry.
    pub before: Dominators,
    /// From the exit backwards.
    pub behind: Dominators,
    /// From the exit backwards, without the branches that leave for good (`Cfg::error_branches`).
    pub behind_errors: Dominators,
}

impl Dominance {
    /// Of one graph.
    pub fn of(cfg: &Cfg) -> Self {
        let next: Vec<Vec<usize>> = cfg.nodes.iter().map(|n| n.next.clone()).collect();
        let previous: Vec<Vec<usize>> = cfg.nodes.iter().map(|n| n.previous.clone()).collect();
        let (mut kept_next, mut kept_previous) = (next.clone(), previous.clone());
        for (head, branch) in cfg.error_branches() {
            kept_next[head].retain(|to| *to != branch);
            kept_previous[branch].retain(|from| *from != head);
        }
        Self {
            before: Dominators::new(&next, &previous, Cfg::ENTRY),
            behind: Dominators::new(&previous, &next, cfg.exit()),
            behind_errors: Dominators::new(&kept_previous, &kept_next, cfg.exit()),
        }
    }
}

impl Dominators {
    /// From edges in both directions and the root.
    pub fn new(next: &[Vec<usize>], previous: &[Vec<usize>], root: usize) -> Self {
        let order = postorder(next, root);
        let mut rank = vec![0; next.len()];
        for (at, node) in order.iter().enumerate() {
            rank[*node] = at;
        }
        let mut nearest = vec![NOWHERE; next.len()];
        nearest[root] = root;
        let mut changed = true;
        while changed {
            changed = false;
            for node in order.iter().rev().filter(|node| **node != root) {
                let reached = previous[*node].iter().copied().filter(|from| nearest[*from] != NOWHERE);
                let met = reached.reduce(|a, b| meet(&nearest, &rank, a, b)).unwrap_or(NOWHERE);
                changed |= std::mem::replace(&mut nearest[*node], met) != met;
            }
        }
        let mut depth = vec![0; next.len()];
        for node in order.iter().rev().filter(|node| **node != root) {
            depth[*node] = depth[nearest[*node]] + 1;
        }
        Self { nearest, depth }
    }

    /// Whether every way from the root to `lower` goes through `upper`; a node dominates itself. Nodes that are not reached
    /// dominate nothing, and nothing dominates them.
    pub fn dominates(&self, upper: usize, lower: usize) -> bool {
        if self.nearest[upper] == NOWHERE || self.nearest[lower] == NOWHERE {
            return false;
        }
        let mut at = lower;
        while self.depth[at] > self.depth[upper] {
            at = self.nearest[at];
        }
        at == upper
    }
}

/// The nearest node above both, in the tree so far.
fn meet(nearest: &[usize], rank: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        if rank[a] < rank[b] {
            a = nearest[a];
        } else {
            b = nearest[b];
        }
    }
    a
}

/// What is reached from `root`, each behind everything that is reached from it first.
fn postorder(next: &[Vec<usize>], root: usize) -> Vec<usize> {
    let mut order = Vec::new();
    let mut seen = vec![false; next.len()];
    seen[root] = true;
    let mut open = vec![(root, 0)];
    while let Some((node, edge)) = open.pop() {
        let Some(to) = next[node].get(edge) else {
            order.push(node);
            continue;
        };
        open.push((node, edge + 1));
        if !std::mem::replace(&mut seen[*to], true) {
            open.push((*to, 0));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::graph::cfg_diff::tests::side;

    /// Graph and dominance of a body whose statements count from 2.
    fn of(body: &str) -> (Cfg, Dominance) {
        let cfg = side(&format!("int f(int a)\n{{\n{body}\n}}\n")).cfg;
        let dominance = Dominance::of(&cfg);
        (cfg, dominance)
    }

    /// SF-08.
    #[test]
    fn the_entry_dominates_all_and_the_exit_stands_behind_all() {
        let (cfg, found) = of("a(); if (b) { c(); } while (d) e(); switch (f) { case 1: g(); }");
        assert!(cfg.inner().all(|id| found.before.dominates(Cfg::ENTRY, id) && found.behind.dominates(cfg.exit(), id)));
    }

    #[test]
    fn one_branch_dominates_nothing_behind_the_conditional() {
        let (_, found) = of("if (a) b(); else c(); d();");
        assert!(found.before.dominates(2, 5) && !found.before.dominates(3, 5) && !found.before.dominates(4, 5));
        assert!(found.behind.dominates(5, 3) && found.behind.dominates(5, 2) && !found.behind.dominates(3, 2));
    }

    #[test]
    fn a_branch_that_leaves_does_not_keep_what_follows_from_standing_behind() {
        let (_, found) = of("a(); if (!b) { c(); return 1; } d();");
        assert!(!found.behind.dominates(6, 2));
        assert!(found.behind_errors.dominates(6, 2));
        assert!(!found.behind_errors.dominates(6, 4));
    }

    #[test]
    fn what_is_never_reached_is_dominated_by_nothing() {
        let (_, found) = of("return 1; a();");
        assert!(!found.before.dominates(Cfg::ENTRY, 3) && !found.before.dominates(3, 3));
    }

    /// Against the definition: `a` dominates `b` if `b` is not reached once `a` is taken out.
    #[test]
    fn the_tree_says_what_the_definition_says() {
        let body = "if (a) { b(); goto x; } while (c) { if (d) break; if (e) continue; f(); }\nx:\n\tdo { g(); } while (h); \
                    switch (i) { case 1: j(); case 2: k(); break; default: return 2; } l();";
        let (cfg, found) = of(body);
        let reached = |without: usize| {
            let mut seen = vec![false; cfg.nodes.len()];
            let mut open = vec![Cfg::ENTRY];
            while let Some(at) = open.pop() {
                if at != without && !std::mem::replace(&mut seen[at], true) {
                    open.extend(&cfg.nodes[at].next);
                }
            }
            seen
        };
        for upper in 0..cfg.nodes.len() {
            let seen = reached(upper);
            for (lower, seen) in seen.iter().enumerate() {
                assert_eq!(found.before.dominates(upper, lower), !seen, "{upper} {lower}");
            }
        }
    }
}
