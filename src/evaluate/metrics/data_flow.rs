//! The share of the truth's data flow that the answer has too: CodeBLEU's last part.
//!
//! In come two syntax trees with their texts, out goes a number from 0 to 1. A flow says where a token's value comes from:
//!
//! ```text
//!   token      0   1 2     3                       flows
//!              int a ;                             1 <- nothing           (dropped unless something comes from it)
//!                    b = a + 1;                    b computedFrom a, 1    a comesFrom a (token 1)
//!   compared with names by number:                 (v1, computedFrom, [v2 v0]), (v0, comesFrom, [v0]), ...
//! ```
//!
//! The package reads C by its rules for C#, so of its many rules only those act whose node kinds C has as well: assignments, `if`
//! and `while`. A token is known once it was seen as an identifier or assigned to; declarations start no new variable, and nothing
//! ends one. A `while` is walked twice, so what its end assigns reaches its start; nested ones therefore cost 2^depth, which
//! [`MAX_STEPS`] bounds.
//!
//! Where several names flow into one token, the package orders them by Python's randomised hashes, so that its own result varies a
//! little from run to run; here they are in byte order.
//!
//! Source: CodeBLEU (arXiv 2009.10297, section 3.3) as codebleu 0.7.0 computes it (its `DFG_csharp`).

use super::known::{Defined, Known};
use super::tokens::Tokens;
use crate::syntax::syntax_tree::SyntaxTree;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// Trees deeper than this have no data flow: the package gives up where Python's stack of 1000 calls ends.
const MAX_DEPTH: usize = 985;

/// Texts that take more steps than this have no data flow; the kernel's longest C files take a sixteenth of it. A step is a visited node,
/// or a place that flows somewhere.
const MAX_STEPS: usize = 1 << 22;

/// How a value gets to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Relation {
    /// The token is used.
    ComesFrom,
    /// The token is assigned to.
    ComputedFrom,
}

/// A flow with the names numbered by first appearance in its text.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Flow {
    /// Whose value it is.
    name: usize,
    /// How it got there.
    relation: Relation,
    /// The names it came from, in byte order of the names themselves.
    sources: Vec<usize>,
}

/// Why a text has no data flow: too deep, too costly, or an assignment without sides.
struct GivenUp;

/// The data flow match of an answer, each text given with its tree. 0 if the truth has no data flow.
pub fn data_flow_match(answer: (&SyntaxTree, &str), truth: (&SyntaxTree, &str)) -> f64 {
    let truth = flows(truth.0, truth.1);
    if truth.is_empty() {
        return 0.0;
    }
    let mut left: HashMap<Flow, usize> = HashMap::new();
    for flow in flows(answer.0, answer.1) {
        *left.entry(flow).or_insert(0) += 1;
    }
    let found = truth.iter().filter(|flow| left.get_mut(flow).is_some_and(take_one)).count();
    ratio(found, truth.len())
}

/// Takes one away if there is one.
fn take_one(left: &mut usize) -> bool {
    let any = *left > 0;
    *left = left.saturating_sub(1);
    any
}

/// `found` of `all`, which is not 0.
#[allow(clippy::cast_precision_loss)]
fn ratio(found: usize, all: usize) -> f64 {
    found as f64 / all as f64
}

/// The flows of a text in token order; none if the walk was given up.
fn flows(tree: &SyntaxTree, text: &str) -> Vec<Flow> {
    let Some(tokens) = Tokens::read(tree, text, MAX_DEPTH) else { return Vec::new() };
    let mut walk = Walk::new(tree, &tokens);
    match walk.node(0) {
        Ok(()) => walk.numbered(),
        Err(GivenUp) => Vec::new(),
    }
}

/// The walk over one text.
struct Walk<'t> {
    /// The nodes.
    tree: &'t SyntaxTree,
    /// Their leaves, with texts by number.
    tokens: &'t Tokens,
    /// What is known of each text at this point.
    known: Known,
    /// By token: the relation of the first flow into it.
    relation: Vec<Option<Relation>>,
    /// By token: the texts that flow into it, with repetitions.
    sources: Vec<Vec<u32>>,
    /// By token: whether a value flows into it or out of it.
    flowing: Vec<bool>,
    /// Steps left.
    steps: usize,
}

impl<'t> Walk<'t> {
    /// Before the first node.
    fn new(tree: &'t SyntaxTree, tokens: &'t Tokens) -> Self {
        let count = tokens.count();
        Self {
            tree,
            tokens,
            known: Known::new(tokens.texts()),
            relation: vec![None; count],
            sources: vec![Vec::new(); count],
            flowing: vec![false; count],
            steps: MAX_STEPS,
        }
    }

    /// Takes steps from what is left.
    fn spend(&mut self, steps: usize) -> Result<(), GivenUp> {
        self.steps = self.steps.checked_sub(steps).ok_or(GivenUp)?;
        Ok(())
    }

    /// Walks a subtree. Recursion is no deeper than [`MAX_DEPTH`], which reading the tokens has checked.
    fn node(&mut self, at: usize) -> Result<(), GivenUp> {
        self.spend(1)?;
        if let Some(token) = self.tokens.at(at) {
            return self.leaf(at, token);
        }
        match self.tree.nodes().get(at).map_or("", |node| node.kind) {
            "assignment_expression" => self.assignment(at),
            "if_statement" => self.branch(at),
            "while_statement" => self.children(at).and_then(|()| self.children(at)),
            _ => self.children(at),
        }
    }

    /// Walks the children in order.
    fn children(&mut self, at: usize) -> Result<(), GivenUp> {
        let tree = self.tree;
        tree.children(at).try_for_each(|child| self.node(child))
    }

    /// A token that is used.
    fn leaf(&mut self, at: usize, token: u32) -> Result<(), GivenUp> {
        if !self.tokens.is_variable(at) {
            return Ok(());
        }
        let text = self.tokens.text(token);
        let Some(defined) = self.known.get(text) else {
            if self.tree.nodes().get(at).is_some_and(|node| node.kind == "identifier") {
                self.known.set(text, Defined::at(token));
            }
            self.flow(token, Relation::ComesFrom, None);
            return Ok(());
        };
        self.flow(token, Relation::ComesFrom, Some(text));
        self.mark(token);
        // A list that many uses share is gone through once.
        if defined.is_first_use() {
            self.spend(defined.places().len())?;
            defined.places().iter().for_each(|place| self.mark(*place));
        }
        Ok(())
    }

    /// `left = right`: every variable of the left is computed from every one of the right.
    fn assignment(&mut self, at: usize) -> Result<(), GivenUp> {
        let left = self.tree.child(at, "left").ok_or(GivenUp)?;
        let right = self.tree.child(at, "right").ok_or(GivenUp)?;
        self.node(right)?;
        let (targets, values) = (self.variables(left)?, self.variables(right)?);
        self.spend(targets.len().saturating_mul(values.len()))?;
        for target in targets {
            for value in &values {
                self.flow(target, Relation::ComputedFrom, Some(self.tokens.text(*value)));
                self.mark(target);
                self.mark(*value);
            }
            self.known.set(self.tokens.text(target), Defined::at(target));
        }
        Ok(())
    }

    /// The variable tokens below a node, in order.
    fn variables(&mut self, at: usize) -> Result<Vec<u32>, GivenUp> {
        let after = self.tree.nodes().get(at).map_or(at, |node| node.after as usize);
        self.spend(after - at)?;
        Ok((at..after).filter(|leaf| self.tokens.is_variable(*leaf)).filter_map(|leaf| self.tokens.at(leaf)).collect())
    }

    /// An `if`: what is known behind it is what either way knows.
    ///
    /// Only an `if` directly below, without braces, makes a way of its own in a C tree; what follows it starts from before as well.
    /// An `else` is an `else_clause` in C and so continues the first way, but keeps what was known before out of the result.
    fn branch(&mut self, at: usize) -> Result<(), GivenUp> {
        let tree = self.tree;
        let fork = self.known.fork();
        let (mut ways, mut has_else, mut is_split) = (Vec::new(), false, false);
        for child in tree.children(at) {
            let kind = tree.nodes().get(child).map_or("", |node| node.kind);
            has_else |= kind.contains("else");
            if !is_split && matches!(kind, "if_statement" | "else") {
                is_split = true;
                ways.push(self.known.back_to(&fork));
            }
            self.node(child)?;
            if is_split {
                ways.push(self.known.back_to(&fork));
            }
        }
        if !is_split {
            ways.push(self.known.back_to(&fork));
        }
        if !has_else {
            ways.push(HashMap::new());
        }
        self.known.close(fork);
        self.join(&ways)
    }

    /// Makes known what any of the ways knows, each given by what it changed.
    fn join(&mut self, ways: &[HashMap<u32, Rc<Defined>>]) -> Result<(), GivenUp> {
        let changed: BTreeSet<u32> = ways.iter().flat_map(|way| way.keys().copied()).collect();
        for text in changed {
            let before = self.known.get(text);
            let mut places = BTreeSet::new();
            for way in ways {
                let known = way.get(&text).or(before.as_ref());
                let known = known.map_or(&[][..], |defined| defined.places());
                self.spend(known.len() + 1)?;
                places.extend(known);
            }
            self.known.set(text, Defined::at_all(places.into_iter().collect()));
        }
        Ok(())
    }

    /// Notes a flow into a token.
    fn flow(&mut self, token: u32, relation: Relation, source: Option<u32>) {
        let token = token as usize;
        if let (Some(first), Some(sources)) = (self.relation.get_mut(token), self.sources.get_mut(token)) {
            first.get_or_insert(relation);
            sources.extend(source);
        }
    }

    /// Notes that a value flows into or out of a token.
    fn mark(&mut self, token: u32) {
        if let Some(flowing) = self.flowing.get_mut(token as usize) {
            *flowing = true;
        }
    }

    /// The flows found, names numbered by first appearance, a flow's sources before its target.
    fn numbered(self) -> Vec<Flow> {
        let mut numbers: HashMap<u32, usize> = HashMap::new();
        let mut number = |text: u32| {
            let next = numbers.len();
            *numbers.entry(text).or_insert(next)
        };
        let mut flows = Vec::new();
        for (token, ((relation, mut sources), flowing)) in
            (0..).zip(self.relation.into_iter().zip(self.sources).zip(self.flowing))
        {
            let (Some(relation), true) = (relation, flowing) else { continue };
            sources.sort_unstable_by_key(|text| self.tokens.rank(*text));
            sources.dedup();
            let sources = sources.into_iter().map(&mut number).collect();
            flows.push(Flow { name: number(self.tokens.text(token)), relation, sources });
        }
        flows
    }
}
