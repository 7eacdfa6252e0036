//! The control-flow graph of one function: what may run after what.
//!
//! In comes a function's syntax tree (`build`), out goes a list of nodes in the order of the text, each with its bytes and
//! its edges. A node is a statement without parts, or the head of one that has parts; a statement's own nodes are one
//! range of ids, so that "everything in this `if`" is `id..after`.
//!
//! ```text
//!   int f(int a)            1 Header                0 is the entry, the last one the exit
//!   {
//!           if (a) {        2 If        after 4     2 -> 3, 2 -> 4
//!                   g();    3 Statement
//!           }
//!           return a;       4 Return                4 -> exit
//!   }
//! ```

use std::ops::Range;

/// What a node of the graph stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Where control comes in; it covers no bytes.
    Entry,
    /// Where every way ends; it covers no bytes.
    Exit,
    /// The function's own head: `static int f(int a)`.
    Header,
    /// An expression and its `;`, or a lone `;`.
    Statement,
    /// A declaration inside of a body.
    Declaration,
    /// `if (...)`.
    If,
    /// `while (...)` and `for (...)`.
    Loop,
    /// A macro that is a loop: `list_for_each_entry(...)`.
    Iterator,
    /// The `while (...);` that ends a `do`.
    Until,
    /// `switch (...)`.
    Switch,
    /// `case X:` and `default:`.
    Case,
    /// `out:`.
    Label,
    /// `return` before the body's end.
    Return,
    /// The `return` with which the body ends.
    LastReturn,
    /// `goto`, `break`, `continue`.
    Jump,
    /// `#if` and its arms, and other directives inside of a body.
    Directive,
    /// What did not parse.
    Opaque,
    /// The head of a block, which has no bytes; none is left in a finished graph.
    Block,
}

impl Kind {
    /// Whether the node is the head of a statement whose parts come behind it.
    pub fn is_head(self) -> bool {
        matches!(self, Self::Header | Self::If | Self::Loop | Self::Iterator | Self::Switch)
    }
}

/// A node. Ids count from 0 in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CfgNode {
    /// What it stands for.
    pub kind: Kind,
    /// Its own bytes: a simple statement with its `;`, of a head everything up to its `)`.
    pub place: Range<usize>,
    /// The bytes of the whole statement, with everything inside.
    pub whole: Range<usize>,
    /// The statement's index in the syntax tree.
    pub tree: usize,
    /// One past the id of the last node inside of the statement.
    pub after: usize,
    /// The id of the innermost head around it; the entry for the outermost.
    pub parent: usize,
    /// Ids that may run next, ascending.
    pub next: Vec<usize>,
    /// Ids that may have run before, ascending.
    pub previous: Vec<usize>,
}

/// The graph of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cfg {
    /// All nodes: the entry first, the exit last.
    pub nodes: Vec<CfgNode>,
}

impl Cfg {
    /// The entry's id.
    pub const ENTRY: usize = 0;

    /// The exit's id.
    pub fn exit(&self) -> usize {
        self.nodes.len() - 1
    }

    /// Ids of everything that has bytes.
    pub fn inner(&self) -> Range<usize> {
        1..self.exit()
    }

    /// Branches that leave: `if (...) { ...; return x; }`, without an `else`, of which no way comes back. They are how C
    /// handles errors; what holds "on every path" holds on the others. Pairs (head, first node of the branch).
    pub fn error_branches(&self) -> Vec<(usize, usize)> {
        self.inner().filter_map(|head| Some((head, self.error_branch(head)?))).collect()
    }

    /// The first node of the branch behind `head` that never comes back to what follows it.
    fn error_branch(&self, head: usize) -> Option<usize> {
        let node = &self.nodes[head];
        let inside = head + 1..node.after;
        let branch = *node.next.iter().find(|to| inside.contains(to))?;
        let behind = *node.next.iter().find(|to| !inside.contains(to))?;
        let is_jump = |at: usize| {
            let kind = self.nodes[at].kind;
            // A loop's own `break` is no error.
            matches!(kind, Kind::Return | Kind::LastReturn) || kind == Kind::Jump && self.leaves(at, behind)
        };
        let leaving = |at: usize| self.nodes[at].next.iter().all(|to| inside.contains(to)) || is_jump(at);
        (node.kind == Kind::If && inside.clone().all(leaving)).then_some(branch)
    }

    /// Whether a jump goes somewhere else than where control would have gone anyway.
    fn leaves(&self, jump: usize, behind: usize) -> bool {
        self.nodes[jump].next.iter().all(|to| *to != behind)
    }

    /// Ids that can run after `from`, by at least one edge; as a set by id.
    pub fn reachable(&self, from: usize) -> Vec<bool> {
        let mut seen = vec![false; self.nodes.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for to in &self.nodes[at].next {
                if !std::mem::replace(&mut seen[*to], true) {
                    open.push(*to);
                }
            }
        }
        seen
    }
}
