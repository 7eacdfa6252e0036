//! The graphs of one function before and after a change, laid over each other (Spinfer, section 3.3: CFG-Diff).
//!
//! In: two graphs with their texts. Out: a colour for every node of both. Nodes are aligned in the order of the text, by their
//! tokens; what has a partner is context, the rest of one side is `Before`, of the other `After`. A statement of which
//! everything is coloured, head and parts, is one coloured node: its parts are inside.
//!
//! ```text
//!   before            after
//!   a();        ───   a();           context
//!   init(&t);                        Before   nearest context: a(), b()
//!   b();        ───   b();           context
//!                     setup(&t, d);  After    nearest context: b(), exit
//! ```

use super::cfg::{Cfg, Kind};
use crate::merge::delta;
use crate::syntax::lex;
use std::collections::BTreeSet;

/// One side of a pair: the text and its graph.
#[derive(Clone, Debug)]
pub struct Side {
    /// The function's text.
    pub text: Vec<u8>,
    /// Its graph.
    pub cfg: Cfg,
    /// By id: the tokens of the node, one space between them; comments and layout are left out.
    pub tokens: Vec<Vec<u8>>,
}

/// Which side of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Colour {
    /// Only before the change.
    Before,
    /// Only after it.
    After,
}

/// Two graphs over each other.
#[derive(Clone, Debug)]
pub struct CfgDiff {
    /// Before and after.
    pub sides: [Side; 2],
    /// Per side, by id: the partner on the other side, for context.
    pub partner: [Vec<Option<usize>>; 2],
    /// Per side: the coloured nodes, ascending, without those inside of a coloured statement.
    pub changed: [Vec<usize>; 2],
    /// Per side, by id: whether all nodes of the statement are coloured.
    whole: [Vec<bool>; 2],
}

impl Side {
    /// From a function's text; `None` if it has no graph.
    pub fn new(text: &[u8], tree: &crate::syntax::syntax_tree::SyntaxTree) -> Option<Self> {
        let cfg = Cfg::of(text, tree)?;
        let all = lex::tokens(text);
        let words = |place: &std::ops::Range<usize>| {
            let first = all.partition_point(|t| t.at < place.start);
            let inside = all[first..].iter().take_while(|t| t.at < place.end);
            let texts: Vec<&[u8]> = inside.filter(|t| t.kind != lex::Kind::Comment).map(|t| t.text).collect();
            texts.join(&b' ')
        };
        let tokens = cfg.nodes.iter().map(|node| words(&node.place)).collect();
        Some(Self { text: text.to_vec(), cfg, tokens })
    }

    /// The own bytes of a node.
    pub fn bytes(&self, id: usize) -> &[u8] {
        self.text.get(self.cfg.nodes[id].place.clone()).unwrap_or_default()
    }
}

/// The index of a colour's side.
pub fn side_of(colour: Colour) -> usize {
    match colour {
        Colour::Before => 0,
        Colour::After => 1,
    }
}

impl CfgDiff {
    /// Aligns two sides.
    pub fn new(before: Side, after: Side) -> Self {
        let sides = [before, after];
        let partner = align(&sides);
        let whole = [0, 1].map(|side| whole_statements(&sides[side].cfg, &partner[side]));
        let changed = [0, 1].map(|side| outermost(&sides[side].cfg, &partner[side], &whole[side]));
        Self { sides, partner, changed, whole }
    }

    /// Whether a node stands for its statement with everything inside.
    pub fn is_whole(&self, colour: Colour, id: usize) -> bool {
        let side = side_of(colour);
        self.sides[side].cfg.nodes[id].kind.is_head() && self.whole[side][id]
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changed.iter().all(Vec::is_empty)
    }

    /// The nearest context nodes before and behind a coloured node, as ids of the before side (Spinfer's Merge nodes).
    pub fn nearest_context(&self, colour: Colour, id: usize) -> [BTreeSet<usize>; 2] {
        let side = side_of(colour);
        let inside = |at: usize| self.is_whole(colour, id) && (id..self.sides[side].cfg.nodes[id].after).contains(&at);
        [Direction::Back, Direction::Forth].map(|direction| {
            let mut found = BTreeSet::new();
            let mut seen = BTreeSet::from([id]);
            let mut open = vec![id];
            while let Some(at) = open.pop() {
                for to in self.steps(side, at, direction) {
                    match self.partner[side][to] {
                        Some(other) if !inside(to) => {
                            found.insert(if colour == Colour::Before { to } else { other });
                        }
                        _ if seen.insert(to) => open.push(to),
                        _ => {}
                    }
                }
            }
            found
        })
    }

    /// The neighbours of a node in one direction.
    fn steps(&self, side: usize, at: usize, direction: Direction) -> Vec<usize> {
        let node = &self.sides[side].cfg.nodes[at];
        match direction {
            Direction::Back => node.previous.clone(),
            Direction::Forth => node.next.clone(),
        }
    }

    /// Whether a Before and an After node take each other's place: they share a context before them and one behind.
    pub fn shares_place(&self, before: usize, after: usize) -> bool {
        let old = self.nearest_context(Colour::Before, before);
        let new = self.nearest_context(Colour::After, after);
        old.iter().zip(&new).all(|(a, b)| a.intersection(b).next().is_some())
    }
}

/// Along the edges or against them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// To what ran before.
    Back,
    /// To what runs next.
    Forth,
}

/// Pairs nodes of the same kind and tokens, in order; entry with entry, exit with exit.
fn align(sides: &[Side; 2]) -> [Vec<Option<usize>>; 2] {
    let key = |side: &Side, id: usize| {
        let kind = match side.cfg.nodes[id].kind {
            Kind::LastReturn => Kind::Return,
            kind => kind,
        };
        [format!("{kind:?} ").as_bytes(), &side.tokens[id]].concat()
    };
    let keys = |side: &Side| side.cfg.inner().map(|id| key(side, id)).collect::<Vec<_>>();
    let hunks = delta::of_lists(&keys(&sides[0]), &keys(&sides[1]));
    let mut partner = [vec![None; sides[0].cfg.nodes.len()], vec![None; sides[1].cfg.nodes.len()]];
    let mut pair = |a: usize, b: usize| {
        partner[0][a] = Some(b);
        partner[1][b] = Some(a);
    };
    pair(Cfg::ENTRY, Cfg::ENTRY);
    pair(sides[0].cfg.exit(), sides[1].cfg.exit());
    let (mut old, mut new) = (1, 1);
    let ends = (sides[0].cfg.exit(), sides[1].cfg.exit());
    for hunk in hunks.into_iter().map(Some).chain([None]) {
        let (old_end, new_end) = hunk.as_ref().map_or(ends, |h| (h.before.start + 1, h.after.start + 1));
        while old < old_end && new < new_end {
            pair(old, new);
            (old, new) = (old + 1, new + 1);
        }
        if let Some(h) = hunk {
            (old, new) = (h.before.end + 1, h.after.end + 1);
        }
    }
    partner
}

/// By id: whether the node and everything inside of its statement has no partner.
fn whole_statements(cfg: &Cfg, partner: &[Option<usize>]) -> Vec<bool> {
    let mut kept_before = vec![0_usize];
    for found in partner {
        kept_before.push(kept_before.last().copied().unwrap_or(0) + usize::from(found.is_some()));
    }
    (0..cfg.nodes.len()).map(|id| kept_before[cfg.nodes[id].after] == kept_before[id]).collect()
}

/// The coloured nodes that are in no whole coloured statement.
fn outermost(cfg: &Cfg, partner: &[Option<usize>], whole: &[bool]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut id = cfg.inner().start;
    while id < cfg.exit() {
        if partner[id].is_none() {
            found.push(id);
            if whole[id] && cfg.nodes[id].kind.is_head() {
                id = cfg.nodes[id].after;
                continue;
            }
        }
        id += 1;
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::syntax::parse::{Reading, parse};

    /// One side, from the text of a function.
    pub fn side(text: &str) -> Side {
        let parsed = parse(text.as_bytes(), Reading::Masked).expect("it is short");
        Side::new(text.as_bytes(), &parsed.tree).expect("it has a function")
    }

    /// The coloured nodes of both sides as text.
    fn coloured(diff: &CfgDiff) -> [Vec<String>; 2] {
        [0, 1].map(|at| {
            let side = &diff.sides[at];
            diff.changed[at].iter().map(|id| String::from_utf8_lossy(&side.tokens[*id]).into_owned()).collect()
        })
    }

    /// SF-07.
    #[test]
    fn what_has_a_partner_is_context_whatever_its_layout_and_the_rest_is_coloured() {
        let old = side("void f(void)\n{\n\ta();\n\tinit(&t);\n\tb(1, 2);\n}\n");
        let new = side("void f(void)\n{\n\ta(); /* x */\n\tb(1,\n\t  2);\n\tsetup(&t, d);\n}\n");
        let diff = CfgDiff::new(old, new);
        assert_eq!(coloured(&diff), [["init ( & t ) ;"], ["setup ( & t , d ) ;"]]);
        assert_eq!(diff.partner[0][4], Some(3));
    }

    /// SF-06, SF-07: a conditional that goes with all it holds is one node.
    #[test]
    fn a_statement_that_goes_with_everything_inside_is_one_node_and_one_that_loses_its_head_is_not() {
        let old = side("int f(void)\n{\n\tif (a) {\n\t\tb();\n\t\treturn 1;\n\t}\n\tc();\n}\n");
        let gone = CfgDiff::new(old.clone(), side("int f(void)\n{\n\tc();\n}\n"));
        assert_eq!(coloured(&gone)[0], ["if ( a )"]);
        assert!(gone.is_whole(Colour::Before, 2));
        let unwrapped = CfgDiff::new(old, side("int f(void)\n{\n\tb();\n\treturn 1;\n\tc();\n}\n"));
        assert_eq!(coloured(&unwrapped), [vec!["if ( a )"], vec![]]);
        assert!(!unwrapped.is_whole(Colour::Before, 2));
    }

    /// SF-09: the old and the new call stand between the same context nodes, a statement farther down does not.
    #[test]
    fn a_replacement_shares_the_nearest_context_on_both_sides() {
        let old = side("void f(void)\n{\n\ta();\n\tinit(&t);\n\tb();\n\tt.data = d;\n\tc();\n}\n");
        let new = side("void f(void)\n{\n\ta();\n\tsetup(&t, d);\n\tb();\n\tc();\n}\n");
        let diff = CfgDiff::new(old, new);
        assert_eq!(diff.changed, [vec![3, 5], vec![3]]);
        assert!(diff.shares_place(3, 3));
        assert!(!diff.shares_place(5, 3));
        assert!(diff.nearest_context(Colour::Before, 5)[0].contains(&4));
    }
}
