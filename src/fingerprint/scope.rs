//! Where the builder stands: which statements and braces are open, and how far each node reaches.
//!
//! Braces and preprocessor conditionals nest independently of each other, so there are two books. The *scopes* are a tree in an
//! arena, of which `now` is the current leaf; it can be put back in one step to where a conditional began, for its next branch.
//! The *spans* are the stack of nodes that reach on, conditionals included; they nest rightly by construction:
//!
//! ```text
//!   #ifdef A                  span A                 if (x) {            span if
//!   if (x) {                  span if, inside A      #ifdef A            span A, inside if
//!   #else                     if is cut off here     }                   scope `if` is left, but A is in the way ...
//!   if (y) {                  scopes as at #ifdef    #else
//!   #endif                    scopes as at #else     }
//!   body();                                          #endif              ... so `if` ends here, with A
//!   }                         a Continuation
//! ```
//!
//! Every step pops what was pushed before, or is of constant cost, so all is linear in the number of tokens.

use super::work::{Inside, Phase, Work};

/// Index into the arena of scopes.
pub(super) type Id = u32;

/// The scope of the text itself.
pub(super) const ROOT: Id = 0;

/// A place between two bytes, with its line from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Byte offset.
    pub at: usize,
    /// Line, from 1.
    pub line: usize,
}

/// What a node is as far as brackets tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seed {
    /// A comment.
    Comment,
    /// A preprocessor line.
    Directive,
    /// The rest of a statement that a conditional cut off.
    Continuation,
    /// A statement, where it stands, and what its (first) braces hold; a single statement as body counts as a block.
    Statement {
        /// What it stands in.
        inside: Inside,
        /// What stands in it.
        body: Option<Inside>,
    },
}

/// A node before its words are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    /// What it is.
    pub seed: Seed,
    /// The node it stands in.
    pub parent: Option<u32>,
    /// How many nodes it stands in.
    pub depth: u32,
    /// Its first byte.
    pub start: Mark,
    /// After its last byte, on the line of that byte.
    pub end: Mark,
    /// Whether something else ended it: the end of the text, or the end of a conditional's branch.
    pub is_cut: bool,
}

/// A statement or a pair of braces that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// Where one is when it is over.
    after: Id,
    /// The braces it is in, itself if it is one.
    braces: Id,
    /// The innermost braces around it, itself included, whose statement begins in column 0.
    margin: Id,
    /// Steps from the root.
    depth: u32,
    /// Its node.
    node: u32,
    /// Its place on the stack of spans, if its node still stands there.
    span: u32,
    /// What it holds.
    pub inside: Inside,
    /// Whether it is a statement, not braces.
    pub is_statement: bool,
    /// The notes, of a statement.
    pub work: Work,
}

/// A node that reaches on.
#[derive(Clone, Copy, Debug)]
struct Span {
    /// Which.
    node: u32,
    /// The depth of its scope; of a conditional, unused.
    depth: u32,
    /// Whether it is a conditional.
    is_conditional: bool,
}

/// Where one stands, to come back to.
#[derive(Clone, Copy, Debug)]
struct Stand {
    /// The scope.
    now: Id,
    /// Its notes.
    work: Work,
    /// The least depth that was reached in the branch, which tells what it closed.
    low: u32,
}

/// A conditional that is open.
#[derive(Clone, Copy, Debug)]
struct Conditional {
    /// Where it began.
    begin: Stand,
    /// Where the branch ended that counts: the first one that is not `#if 0`.
    chosen: Option<Stand>,
    /// The present branch is that of `#if 0`.
    is_dead: bool,
    /// The least depth reached in the present branch.
    low: u32,
}

/// Both books.
pub(super) struct Ground {
    /// The nodes so far.
    pub nodes: Vec<Raw>,
    /// After the last token read.
    pub done: Mark,
    /// The arena.
    scopes: Vec<Scope>,
    /// The nodes that reach on, innermost last.
    spans: Vec<Span>,
    /// The open conditionals, innermost last.
    conditionals: Vec<Conditional>,
    /// The current scope.
    now: Id,
    /// The outermost node that ended last.
    closed: Option<u32>,
}

impl Ground {
    /// The start of a text.
    pub fn new() -> Self {
        let work = Work { phase: Phase::Plain, ..Work::new(0) };
        let root = Scope {
            after: ROOT,
            braces: ROOT,
            margin: ROOT,
            depth: 0,
            node: 0,
            span: 0,
            inside: Inside::Top,
            is_statement: false,
            work,
        };
        let (nodes, spans, conditionals) = (Vec::new(), Vec::new(), Vec::new());
        let done = Mark { at: 0, line: 1 };
        Self { nodes, done, scopes: vec![root], spans, conditionals, now: ROOT, closed: None }
    }

    /// The current scope.
    pub fn scope(&self) -> &Scope {
        &self.scopes[self.now as usize]
    }

    /// The notes on the current statement.
    pub fn work(&mut self) -> &mut Work {
        &mut self.scopes[self.now as usize].work
    }

    /// The current statement's node as it is known so far.
    pub fn raw(&mut self) -> &mut Raw {
        let node = self.scope().node;
        &mut self.nodes[node as usize]
    }

    /// Adds a node that starts at `start` and ends, for now, at `end`.
    pub fn leaf(&mut self, seed: Seed, (start, end): (Mark, Mark)) -> u32 {
        let parent = self.spans.last().map(|span| span.node);
        let depth = parent.map_or(0, |at| self.nodes[at as usize].depth + 1);
        self.nodes.push(Raw { seed, parent, depth, start, end, is_cut: false });
        self.nodes.len() as u32 - 1
    }

    /// Opens a statement whose first token has this index.
    pub fn open_statement(&mut self, start: Mark, first: u32) {
        let outer = *self.scope();
        let awaited = outer.is_statement;
        let after = match (awaited, outer.work.is_do) {
            (false, _) => self.now,
            (true, false) => outer.after,
            (true, true) => {
                self.work().phase = Phase::DoWhile;
                self.now
            }
        };
        if awaited {
            self.note_body(Inside::Block);
        }
        let inside = if awaited { Inside::Block } else { outer.inside };
        let node = self.leaf(Seed::Statement { inside, body: None }, (start, start));
        let depth = outer.depth + 1;
        let span = self.spans.len() as u32;
        self.spans.push(Span { node, depth, is_conditional: false });
        let (braces, margin, work) = (outer.braces, outer.margin, Work::new(first));
        self.scopes.push(Scope { after, braces, margin, depth, node, span, inside, is_statement: true, work });
        self.now = self.scopes.len() as u32 - 1;
    }

    /// Opens the braces of the current statement; `at_margin` if that begins in column 0.
    pub fn open_braces(&mut self, inside: Inside, at_margin: bool) {
        self.note_body(inside);
        let statement = *self.scope();
        let goes_on = inside != Inside::Block || statement.work.is_do;
        let after = if goes_on { self.now } else { statement.after };
        self.work().phase = if statement.work.is_do { Phase::DoWhile } else { Phase::Plain };
        let id = self.scopes.len() as u32;
        let margin = if at_margin { id } else { statement.margin };
        let depth = statement.depth + 1;
        self.scopes.push(Scope { after, braces: id, margin, depth, inside, is_statement: false, ..statement });
        self.now = id;
    }

    /// Notes what the current statement's body is, the first time.
    fn note_body(&mut self, body: Inside) {
        if let Seed::Statement { body: noted @ None, .. } = &mut self.raw().seed {
            *noted = Some(body);
        }
    }

    /// Ends the current scope at the last token read.
    pub fn finish(&mut self) {
        self.leave_to(self.scope().after);
    }

    /// Goes to the braces that a `}` closes, ending the statements in them; false if there are none. A `}` in column 0 closes
    /// those that were opened by a statement in column 0, whatever is still open in them.
    pub fn leave_to_braces(&mut self, at_margin: bool) -> bool {
        let Scope { braces, margin, .. } = *self.scope();
        let target = if at_margin && margin != ROOT { margin } else { braces };
        if target != ROOT {
            self.leave_to(target);
        }
        target != ROOT
    }

    /// Whether the innermost braces stand in a statement, themselves included, that begins in column 0.
    pub fn is_in_margin(&self) -> bool {
        self.scope().margin != ROOT
    }

    /// Leaves all scopes.
    pub fn leave_all(&mut self) {
        self.leave_to(ROOT);
    }

    /// Makes `target` the current scope and ends the spans that are deeper, up to the innermost conditional.
    fn leave_to(&mut self, target: Id) {
        self.now = target;
        self.end_deeper(self.scopes[target as usize].depth);
    }

    /// Ends the spans deeper than `depth`, or leaves that to the conditional they are around.
    fn end_deeper(&mut self, depth: u32) {
        while let Some(&span) = self.spans.last() {
            if span.is_conditional {
                let low = self.conditionals.last_mut().map(|conditional| &mut conditional.low);
                low.into_iter().for_each(|low| *low = depth.min(*low));
                return;
            }
            if span.depth <= depth {
                return;
            }
            self.end_span();
        }
    }

    /// Ends the innermost span at the last token read.
    fn end_span(&mut self) {
        if let Some(span) = self.spans.pop() {
            self.nodes[span.node as usize].end = self.done;
            self.closed = Some(span.node);
        }
    }

    /// Cuts the innermost span off after the last token read.
    fn cut_span(&mut self) {
        if let Some(span) = self.spans.last() {
            self.nodes[span.node as usize].is_cut = true;
        }
        self.end_span();
    }

    /// The node to which a token at `start` of the current scope belongs: a new one if a conditional cut the old one off.
    pub fn holder(&mut self, start: Mark) -> u32 {
        let scope = *self.scope();
        let standing = self.spans.get(scope.span as usize);
        if standing.is_some_and(|span| span.node == scope.node && !span.is_conditional) {
            return scope.node;
        }
        let node = self.leaf(Seed::Continuation, (start, start));
        let span = self.spans.len() as u32;
        let depth = scope.depth - u32::from(!scope.is_statement);
        self.spans.push(Span { node, depth, is_conditional: false });
        let after = scope.after as usize;
        let of_same = !scope.is_statement && self.scopes[after].node == scope.node && scope.after != ROOT;
        for id in [self.now as usize, if of_same { after } else { self.now as usize }] {
            self.scopes[id].node = node;
            self.scopes[id].span = span;
        }
        node
    }

    /// The node that has just ended with the last token read, if it is still the last thing where one stands.
    pub fn just_closed(&self) -> Option<u32> {
        let node = self.closed?;
        let raw = &self.nodes[node as usize];
        let here = raw.end == self.done && raw.parent == self.spans.last().map(|span| span.node);
        here.then_some(node)
    }

    /// Opens a conditional, whose node is a leaf already.
    pub fn open_conditional(&mut self, node: u32, is_dead: bool) {
        let begin = Stand { now: self.now, work: self.scope().work, low: u32::MAX };
        self.spans.push(Span { node, depth: 0, is_conditional: true });
        self.conditionals.push(Conditional { begin, chosen: None, is_dead, low: u32::MAX });
    }

    /// Ends the present branch, cutting off what it has opened; false if no conditional is open. One then stands where the
    /// conditional began.
    pub fn end_branch(&mut self) -> bool {
        let Some(conditional) = self.conditionals.last().copied() else { return false };
        while self.spans.last().is_some_and(|span| !span.is_conditional) {
            self.cut_span();
        }
        let end = Stand { now: self.now, work: self.scope().work, low: conditional.low };
        self.stand(conditional.begin);
        if let Some(open) = self.conditionals.last_mut() {
            open.chosen = open.chosen.or((!open.is_dead).then_some(end));
            (open.is_dead, open.low) = (false, u32::MAX);
        }
        true
    }

    /// Closes the innermost conditional after its last branch, and what that branch has closed around it. The `#endif` is the
    /// last token read.
    pub fn close_conditional(&mut self) {
        let Some(conditional) = self.conditionals.pop() else { return };
        self.end_span();
        let stand = conditional.chosen.unwrap_or(conditional.begin);
        self.stand(stand);
        if stand.low < u32::MAX {
            self.end_deeper(stand.low);
        }
    }

    /// Goes to where one stood.
    fn stand(&mut self, stand: Stand) {
        self.now = stand.now;
        self.scopes[stand.now as usize].work = stand.work;
    }

    /// Ends everything with the text.
    pub fn close_all(&mut self) {
        while !self.spans.is_empty() {
            self.cut_span();
        }
    }
}
