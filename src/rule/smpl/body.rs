//! The body of a rule, cut into sequences and slots.
//!
//! In: the tokens of a rule as it is written. Out: [`Body`]: the old code (context and `-`) as sequences of tokens and slots, and the
//! new code (`+`) and positions hanging on old tokens.

use super::file::SmplRule;
use super::lex::{Kind, Mark, Token};
use super::problem::Problem;
use rustc_hash::FxHashMap;

/// A body, cut.
#[derive(Clone, Debug)]
pub struct Body {
    /// The old code.
    pub tokens: Vec<BodyToken>,
    /// By the number in the parts.
    pub slots: Vec<Slot>,
    /// By slot: the token that opens it.
    pub openings: Vec<usize>,
    /// From the inside out; the whole body is the last one.
    pub sequences: Vec<Vec<Part>>,
}

/// A token of the old code.
#[derive(Clone, Debug)]
pub struct BodyToken {
    /// As it is written.
    pub token: Token,
    /// The metavariable that it is.
    pub meta: Option<usize>,
    /// Positions that are taken or asked for here, as metavariables.
    pub positions: Vec<usize>,
    /// New code that comes before it.
    pub ahead: Vec<Token>,
    /// New code that comes behind it.
    pub behind: Vec<Token>,
}

impl BodyToken {
    /// Whether it goes, or something comes beside it.
    pub fn changes(&self) -> bool {
        self.token.mark == Mark::Minus || !self.ahead.is_empty() || !self.behind.is_empty()
    }
}

/// A part of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A token, by its number in the body.
    Token(usize),
    /// A slot, by its number; the token that opens it.
    Slot(usize, usize),
}

/// A condition on dots.
#[derive(Clone, Debug)]
pub enum When {
    /// `when != ...`: this is not there.
    Not(usize),
    /// `when != true ...`: no way goes where this test is true (or false).
    NotTaken {
        /// The test.
        test: usize,
        /// What it must not be.
        truth: bool,
    },
    /// `when any`: what stands around the dots may be there, too.
    Any,
    /// `when strict`: on ways into error branches, too.
    Strict,
    /// `when exists`: on one way.
    Exists,
    /// `when forall`: on every way.
    Forall,
}

/// What a slot stands for.
#[derive(Clone, Debug)]
pub enum Slot {
    /// Anything.
    Dots(Vec<When>),
    /// Anything, with this in it any number of times (or once at least).
    Nest {
        /// What is looked for, as a sequence.
        inner: usize,
        /// Whether it must be there once.
        once: bool,
        /// Conditions.
        whens: Vec<When>,
    },
    /// One of these, the first that fits.
    Either(Vec<usize>),
    /// All of these at the same place.
    Both(Vec<usize>),
}

impl When {
    /// The sequence that it forbids.
    pub fn sequence(&self) -> Option<usize> {
        match self {
            Self::Not(sequence) | Self::NotTaken { test: sequence, .. } => Some(*sequence),
            _ => None,
        }
    }
}

/// Slots nested deeper are refused.
pub const MOST_DEPTH: usize = 40;

impl Body {
    /// Cuts the body of a rule; `names` are its metavariables by their index.
    pub fn cut(rule: &SmplRule, names: &FxHashMap<&[u8], usize>) -> Result<Self, Problem> {
        let (tokens, ends) = hung(rule, names)?;
        let mut work = Cutter {
            body: &tokens,
            ends: &ends,
            at: 0,
            slots: Vec::new(),
            openings: Vec::new(),
            sequences: Vec::new(),
        };
        let whole = work.sequence(0)?;
        if let Some(left) = work.body.get(work.at) {
            return Err(Problem::new(left.token.line, "a bracket of SmPL that nothing opens"));
        }
        work.keep(whole);
        let (slots, openings, sequences) = (work.slots, work.openings, work.sequences);
        Ok(Self { tokens, slots, openings, sequences })
    }
}

/// The old tokens with the new ones and positions hung on them, and by token whether a condition behind `when` ends before it.
fn hung(rule: &SmplRule, names: &FxHashMap<&[u8], usize>) -> Result<(Vec<BodyToken>, Vec<bool>), Problem> {
    let mut body: Vec<BodyToken> = Vec::new();
    let mut ends = Vec::new();
    let mut waiting: Vec<Token> = Vec::new();
    for token in &rule.tokens {
        if token.kind == Kind::Position && token.mark != Mark::Plus {
            let Some(meta) = names.get(token.text.as_slice()) else {
                return Err(Problem::new(token.line, "a position that is not declared"));
            };
            if let Some(last) = body.last_mut() {
                last.positions.push(*meta);
            }
            continue;
        }
        if token.mark == Mark::Plus {
            let prior = body.last_mut().filter(|_| waiting.is_empty()).filter(|last| carries(last.token.kind));
            match prior {
                Some(last) => last.behind.push(token.clone()),
                None => waiting.push(token.clone()),
            }
            continue;
        }
        let meta = names.get(token.text.as_slice()).copied().filter(|_| token.kind == Kind::Word);
        let ahead = if carries(token.kind) { std::mem::take(&mut waiting) } else { Vec::new() };
        if !waiting.is_empty() && !carries(token.kind) && token.kind != Kind::Open {
            return Err(Problem::new(token.line, "new code that stands beside nothing but dots"));
        }
        ends.push(token.first);
        body.push(BodyToken { token: token.clone(), meta, positions: Vec::new(), ahead, behind: Vec::new() });
    }
    if let Some(left) = waiting.first() {
        return Err(Problem::new(left.line, "new code that stands beside nothing"));
    }
    Ok((body, ends))
}

/// Whether new code can hang on such a token.
fn carries(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Literal | Kind::Sign | Kind::Directive)
}

/// The work of finding slots.
struct Cutter<'a> {
    body: &'a [BodyToken],
    /// Whether a token is the first on its line.
    ends: &'a [bool],
    at: usize,
    slots: Vec<Slot>,
    openings: Vec<usize>,
    sequences: Vec<Vec<Part>>,
}

impl Cutter<'_> {
    /// What kind the next token is of.
    fn kind(&self) -> Option<Kind> {
        self.body.get(self.at).map(|t| t.token.kind)
    }

    /// A problem at the current token.
    fn problem<T>(&self, what: &str) -> Result<T, Problem> {
        let line = self.body.get(self.at).or(self.body.last()).map_or(0, |t| t.token.line);
        Err(Problem::new(line, what))
    }

    /// Tokens and slots up to what closes them.
    fn sequence(&mut self, depth: usize) -> Result<Vec<Part>, Problem> {
        if depth > MOST_DEPTH {
            return self.problem("brackets of SmPL that are nested too deep");
        }
        let mut parts = Vec::new();
        while let Some(kind) = self.kind() {
            match kind {
                Kind::Bar | Kind::And | Kind::Close | Kind::NestClose => break,
                Kind::Word | Kind::Literal | Kind::Sign | Kind::Directive | Kind::Position => {
                    parts.push(Part::Token(self.at));
                    self.at += 1;
                }
                Kind::Dots | Kind::NestOpen | Kind::NestOpenOnce | Kind::Open => {
                    let opening = self.at;
                    let slot = match kind {
                        Kind::Dots => self.dots(depth)?,
                        Kind::Open => self.choice(depth)?,
                        _ => self.nest(depth)?,
                    };
                    self.slots.push(slot);
                    self.openings.push(opening);
                    parts.push(Part::Slot(self.slots.len() - 1, opening));
                }
            }
        }
        Ok(parts)
    }

    /// Keeps a sequence.
    fn keep(&mut self, parts: Vec<Part>) -> usize {
        self.sequences.push(parts);
        self.sequences.len() - 1
    }

    /// `...` with its conditions.
    fn dots(&mut self, depth: usize) -> Result<Slot, Problem> {
        self.at += 1;
        Ok(Slot::Dots(self.whens(depth)?))
    }

    /// `<... inner ...>` with its conditions.
    fn nest(&mut self, depth: usize) -> Result<Slot, Problem> {
        let once = self.kind() == Some(Kind::NestOpenOnce);
        self.at += 1;
        let mut whens = self.whens(depth)?;
        let inner = self.sequence(depth + 1)?;
        if self.kind() != Some(Kind::NestClose) {
            return self.problem("`...>` is missing");
        }
        self.at += 1;
        whens.extend(self.whens(depth)?);
        let inner = self.keep(inner);
        Ok(Slot::Nest { inner, once, whens })
    }

    /// `( a | b )` or `( a & b )`.
    fn choice(&mut self, depth: usize) -> Result<Slot, Problem> {
        self.at += 1;
        let (mut branches, mut sign) = (Vec::new(), None);
        loop {
            let branch = self.sequence(depth + 1)?;
            branches.push(self.keep(branch));
            let kind = self.kind();
            self.at += 1;
            match kind {
                Some(Kind::Close) => break,
                Some(Kind::Bar | Kind::And) if sign.is_none() || sign == kind => sign = kind,
                _ => {
                    self.at -= 1;
                    return self.problem("`|` or `)` is missing");
                }
            }
        }
        Ok(if sign == Some(Kind::And) { Slot::Both(branches) } else { Slot::Either(branches) })
    }

    /// The conditions behind dots; each ends with its line.
    fn whens(&mut self, depth: usize) -> Result<Vec<When>, Problem> {
        let mut all = Vec::new();
        while self.body.get(self.at).is_some_and(|t| t.token.is(b"when")) {
            self.at += 1;
            let Some(next) = self.body.get(self.at).map(|t| t.token.text.clone()) else {
                return self.problem("a condition is missing");
            };
            self.at += 1;
            let word = match next.as_slice() {
                b"!=" => {
                    let truth = self.body.get(self.at).and_then(|t| match t.token.text.as_slice() {
                        b"true" => Some(true),
                        b"false" => Some(false),
                        _ => None,
                    });
                    let is_test = truth.is_some() && self.ends.get(self.at + 1) == Some(&false);
                    if let (Some(truth), true) = (truth, is_test) {
                        self.at += 1;
                        let test = self.condition(depth)?;
                        all.push(When::NotTaken { test, truth });
                        continue;
                    }
                    let all_parts = self.condition(depth)?;
                    all.push(When::Not(all_parts));
                    continue;
                }
                b"any" => When::Any,
                b"strict" => When::Strict,
                b"exists" => When::Exists,
                b"forall" => When::Forall,
                other => {
                    self.at -= 1;
                    return self.problem(&format!("`when {}` is not read", String::from_utf8_lossy(other)));
                }
            };
            all.push(word);
            // `when strict, any`
            if self.body.get(self.at).is_some_and(|t| t.token.is(b",")) && !self.ends[self.at] {
                return self.problem("several words behind one `when` are not read");
            }
        }
        Ok(all)
    }

    /// What stands behind `when !=`, up to the line's end.
    fn condition(&mut self, depth: usize) -> Result<usize, Problem> {
        let start = self.at;
        let end = (start + 1..self.body.len())
            .find(|at| self.ends[*at] && !self.is_open(start, *at))
            .unwrap_or(self.body.len());
        let when = (start..end).find(|at| self.body[*at].token.is(b"when"));
        let end = when.unwrap_or(end);
        let mut inner = Cutter {
            body: &self.body[..end],
            ends: self.ends,
            at: start,
            ..std::mem::replace(
                self,
                Cutter { slots: Vec::new(), openings: Vec::new(), sequences: Vec::new(), ..*self },
            )
        };
        let parts = inner.sequence(depth + 1);
        (self.at, self.slots, self.openings, self.sequences) = (inner.at, inner.slots, inner.openings, inner.sequences);
        let parts = parts?;
        // A nest that closes on the same line.
        if self.at < end && self.kind() != Some(Kind::NestClose) {
            return self.problem("a condition that cannot be read");
        }
        Ok(self.keep(parts))
    }

    /// Whether a bracket of SmPL is open between two tokens.
    fn is_open(&self, start: usize, end: usize) -> bool {
        let count = |kind: Kind| self.body[start..end].iter().filter(|t| t.token.kind == kind).count();
        count(Kind::Open) > count(Kind::Close)
    }
}
