//! From the tokens of a body to something that can be matched.
//!
//! In: a rule as it is written. Out: [`Compiled`]: the old code (context and `-`) as sequences of tokens and slots, each read as C
//! (`shape`), and the new code (`+`) hanging on old tokens.
//!
//! ```text
//!   f(x,              body 0..3                       sequence   f ( x , SLOT0 ) ; SLOT1 g ( ) ;
//! - ...);             4 is slot 0 (dots), 5, 6        slots      0 dots   1 dots, when != x = E
//!   ... when != x = E slot 1
//! + h();              hangs ahead of `g`
//!   g();
//! ```

use super::declare::{Declared, Sort};
use super::file::{Problem, SmplRule};
use super::header::{Header, Paths};
use super::lex::{Kind, Mark, Token};
use super::shape::{self, Role, Shape};
use crate::rule::term::Terms;
use rustc_hash::FxHashMap;

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

/// A sequence: its parts, and what they are as C.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Tokens and slots.
    pub parts: Vec<Part>,
    /// As C; empty for a sequence without parts.
    pub shape: Shape,
}

/// A rule, ready to be matched.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Name, dependencies.
    pub header: Header,
    /// Metavariables; positions in the body's tokens are by their index.
    pub metas: Vec<Declared>,
    /// Regular expressions of metavariables, by index.
    pub patterns: Vec<(Option<regex::bytes::Regex>, Option<regex::bytes::Regex>)>,
    /// The old code.
    pub body: Vec<BodyToken>,
    /// By the number in the parts.
    pub slots: Vec<Slot>,
    /// By slot: the token that opens it.
    pub openings: Vec<usize>,
    /// The whole body is the last one.
    pub sequences: Vec<Sequence>,
    /// Words that a text must have, or nothing matches: of each list one.
    pub words: Vec<Vec<Vec<u8>>>,
    /// The line of its header.
    pub line: usize,
    /// Whether it asks for types, which other items of the file tell.
    pub typed: bool,
}

impl Compiled {
    /// The sequence of the whole body.
    pub fn root(&self) -> Option<&Sequence> {
        self.sequences.last()
    }

    /// Over how many ways a path must hold.
    pub fn paths(&self) -> Paths {
        self.header.paths
    }

    /// Whether it changes anything.
    pub fn changes(&self) -> bool {
        self.body.iter().any(|t| t.token.mark == Mark::Minus || !t.ahead.is_empty() || !t.behind.is_empty())
    }
}

/// Slots nested deeper are refused.
const MOST_DEPTH: usize = 40;

/// Compiles a rule; `terms` takes in what the patterns say.
pub fn compile(terms: &mut Terms, rule: &SmplRule) -> Result<Compiled, Problem> {
    let names: FxHashMap<&[u8], usize> = rule.metas.iter().enumerate().map(|(at, m)| (m.name.as_bytes(), at)).collect();
    let (body, ends) = hung(rule, &names)?;
    let mut work =
        Compiler { body: &body, ends: &ends, at: 0, slots: Vec::new(), openings: Vec::new(), sequences: Vec::new() };
    let parts = work.sequence(0)?;
    if let Some(left) = work.body.get(work.at) {
        return Err(Problem::new(left.token.line, "a bracket of SmPL that nothing opens"));
    }
    let line = rule.line;
    let (slots, openings, raw) = (work.slots, work.openings, work.sequences);
    let mut compiled = Compiled {
        header: rule.header.clone(),
        metas: rule.metas.clone(),
        patterns: rule
            .metas
            .iter()
            .map(|m| (regex(m.limits.matching.as_deref()), regex(m.limits.unlike.as_deref())))
            .collect(),
        body,
        slots,
        openings,
        sequences: Vec::new(),
        words: Vec::new(),
        line,
        typed: rule
            .metas
            .iter()
            .any(|m| matches!(&m.sort, Sort::Expression(Some(_)) | Sort::Local(Some(_)) | Sort::Name(Some(_)))),
    };
    read_shapes(terms, &mut compiled, raw, parts)?;
    compiled.words = words(&compiled);
    Ok(compiled)
}

/// A regular expression that was read before.
fn regex(text: Option<&str>) -> Option<regex::bytes::Regex> {
    regex::bytes::Regex::new(text?).ok()
}

/// Reads each sequence in the role in which it stands.
fn read_shapes(
    terms: &mut Terms,
    compiled: &mut Compiled,
    raw: Vec<Vec<Part>>,
    parts: Vec<Part>,
) -> Result<(), Problem> {
    let root = raw.len();
    let mut roles: Vec<Option<Role>> = vec![None; root + 1];
    roles[root] = Some(if compiled.header.expression { Role::Expression } else { Role::Top });
    let all: Vec<Vec<Part>> = raw.into_iter().chain([parts]).collect();
    let mut shapes: Vec<Option<Shape>> = vec![None; all.len()];
    compiled.sequences = all.iter().map(|parts| Sequence { parts: parts.clone(), shape: Shape::default() }).collect();
    // Sequences are numbered from the inside out.
    for at in (0..all.len()).rev() {
        let role = roles[at].unwrap_or(Role::Any);
        let shape = shape::read(terms, compiled, &all[at], role)?;
        for (slot, role) in &shape.roles {
            let inner: Vec<usize> = match &compiled.slots[*slot] {
                Slot::Dots(whens) => whens.iter().filter_map(When::sequence).collect(),
                Slot::Nest { inner, whens, .. } => whens.iter().filter_map(When::sequence).chain([*inner]).collect(),
                Slot::Either(all) | Slot::Both(all) => all.clone(),
            };
            // What dots and nests hold may be anything that stands where they stand.
            let is_choice = matches!(compiled.slots[*slot], Slot::Either(_) | Slot::Both(_));
            for sequence in inner {
                roles[sequence] = Some(if is_choice || *role == Role::Expression { *role } else { Role::Any });
            }
        }
        shapes[at] = Some(shape);
    }
    compiled.sequences = all
        .into_iter()
        .zip(shapes)
        .map(|(parts, shape)| Sequence { parts, shape: shape.unwrap_or_default() })
        .collect();
    Ok(())
}

impl When {
    /// The sequence that it forbids.
    fn sequence(&self) -> Option<usize> {
        match self {
            Self::Not(sequence) | Self::NotTaken { test: sequence, .. } => Some(*sequence),
            _ => None,
        }
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
struct Compiler<'a> {
    body: &'a [BodyToken],
    /// Whether a token is the first on its line.
    ends: &'a [bool],
    at: usize,
    slots: Vec<Slot>,
    openings: Vec<usize>,
    sequences: Vec<Vec<Part>>,
}

impl Compiler<'_> {
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
        let mut inner = Compiler {
            body: &self.body[..end],
            ends: self.ends,
            at: start,
            ..std::mem::replace(
                self,
                Compiler { slots: Vec::new(), openings: Vec::new(), sequences: Vec::new(), ..*self },
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

/// Words of the old code that every match has, as lists of which one must be there: a choice has a word of each branch.
fn words(compiled: &Compiled) -> Vec<Vec<Vec<u8>>> {
    compiled.sequences.len().checked_sub(1).map(|root| words_of(compiled, root, 0)).unwrap_or_default()
}

/// The same of one sequence.
fn words_of(compiled: &Compiled, sequence: usize, depth: usize) -> Vec<Vec<Vec<u8>>> {
    let mut found: Vec<Vec<Vec<u8>>> = Vec::new();
    for part in &compiled.sequences[sequence].parts {
        match part {
            Part::Token(at) => {
                let token = &compiled.body[*at];
                // What an isomorphism can turn into something else is not asked for.
                let is_word = token.token.kind == Kind::Word && token.meta.is_none() && token.token.text != b"NULL";
                let is_firm = is_word || token.token.kind == Kind::Literal && token.token.text.starts_with(b"\"");
                if is_firm && !found.iter().any(|list| *list == [token.token.text.clone()]) {
                    found.push(vec![token.token.text.clone()]);
                }
            }
            Part::Slot(slot, _) if depth < MOST_DEPTH => match &compiled.slots[*slot] {
                Slot::Either(branches) => {
                    let best = |branch: &usize| words_of(compiled, *branch, depth + 1).into_iter().min_by_key(Vec::len);
                    let lists: Option<Vec<Vec<Vec<u8>>>> = branches.iter().map(best).collect();
                    found.extend(lists.map(|lists| lists.concat()));
                }
                Slot::Both(branches) => found.extend(branches.iter().flat_map(|b| words_of(compiled, *b, depth + 1))),
                Slot::Nest { inner, once: true, .. } => found.extend(words_of(compiled, *inner, depth + 1)),
                _ => {}
            },
            Part::Slot(..) => {}
        }
    }
    found
}

/// Whether a metavariable stands for any number of things.
pub fn is_list(sort: &Sort) -> bool {
    matches!(
        sort,
        Sort::ExpressionList | Sort::StatementList | Sort::ParameterList | Sort::InitialiserList | Sort::FieldList
    )
}
