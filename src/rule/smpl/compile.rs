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

use super::body::{Body, MOST_DEPTH, Part, Slot, When};
use super::compiled::{Compiled, Sequence};
use super::declare::{Declared, Sort};
use super::file::SmplRule;
use super::lex::{Kind, Mark};
use super::problem::Problem;
use super::reading;
use super::shape::{Role, Shape};
use crate::rule::term::Terms;
use rustc_hash::FxHashMap;

/// Compiles a rule; `terms` takes in what the patterns say.
pub fn compile(terms: &mut Terms, rule: &SmplRule) -> Result<Compiled, Problem> {
    let names: FxHashMap<&[u8], usize> = rule.metas.iter().enumerate().map(|(at, m)| (m.name.as_bytes(), at)).collect();
    let body = Body::cut(rule, &names)?;
    bound(rule, &names, &body)?;
    let mut compiled = Compiled {
        header: rule.header.clone(),
        metas: rule.metas.clone(),
        patterns: rule
            .metas
            .iter()
            .map(|m| (regex(m.limits.matching.as_deref()), regex(m.limits.unlike.as_deref())))
            .collect(),
        body: body.tokens,
        slots: body.slots,
        openings: body.openings,
        sequences: Vec::new(),
        words: Vec::new(),
        line: rule.line,
        typed: rule
            .metas
            .iter()
            .any(|m| matches!(&m.sort, Sort::Expression(Some(_)) | Sort::Local(Some(_)) | Sort::Name(Some(_)))),
    };
    read_shapes(terms, &mut compiled, body.sequences)?;
    compiled.words = words(&compiled);
    Ok(compiled)
}

/// New code has no metavariable that nothing binds: neither the old code nor the rule that it is inherited from.
fn bound(rule: &SmplRule, names: &FxHashMap<&[u8], usize>, body: &Body) -> Result<(), Problem> {
    let is_typed_by = |name: &str| {
        let wanted = |meta: &Declared| match &meta.sort {
            Sort::Expression(wanted) | Sort::Local(wanted) | Sort::Name(wanted) => wanted.clone(),
            _ => None,
        };
        rule.metas.iter().filter_map(wanted).any(|w| w.base.split(|c| *c == b'|').any(|word| word == name.as_bytes()))
    };
    let is_bound = |at: usize| {
        let meta = &rule.metas[at];
        let is_word = matches!(meta.sort, Sort::Word | Sort::Position);
        is_word
            || meta.inherited.is_some()
            || body.tokens.iter().any(|token| token.meta == Some(at))
            || is_typed_by(&meta.name)
    };
    let new = rule.tokens.iter().filter(|token| token.mark == Mark::Plus && token.kind == Kind::Word);
    let unbound =
        new.filter_map(|token| Some((token, *names.get(token.text.as_slice())?))).find(|(_, at)| !is_bound(*at));
    match unbound {
        None => Ok(()),
        Some((token, at)) => {
            let what = format!("`{}` stands in new code only: nothing binds it", rule.metas[at].name);
            Err(Problem::new(token.line, &what))
        }
    }
}

/// A regular expression that was read before.
fn regex(text: Option<&str>) -> Option<regex::bytes::Regex> {
    regex::bytes::Regex::new(text?).ok()
}

/// Reads each sequence in the role in which it stands.
fn read_shapes(terms: &mut Terms, compiled: &mut Compiled, all: Vec<Vec<Part>>) -> Result<(), Problem> {
    let mut roles: Vec<Option<Role>> = vec![None; all.len()];
    if let Some(root) = roles.last_mut() {
        *root = Some(if compiled.header.expression { Role::Expression } else { Role::Top });
    }
    let mut shapes: Vec<Option<Shape>> = vec![None; all.len()];
    compiled.sequences = all.iter().map(|parts| Sequence { parts: parts.clone(), shape: Shape::default() }).collect();
    // Sequences are numbered from the inside out.
    for at in (0..all.len()).rev() {
        let role = roles[at].unwrap_or(Role::Any);
        let shape = reading::read(terms, compiled, &all[at], role)?;
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
