//! A sequence of SmPL read as C.
//!
//! In: tokens and slots. Out: a tree that the file's own parser made of them, in which slots and metavariables are names that no C
//! has, and by which every token of the tree knows the token of the body that it is.
//!
//! ```text
//! SmPL    if (x == NULL || ...) S       T y = f(...)        ... when != y
//! C       if (kmx_0 == NULL || kms_0) kmx_1;      struct kmx_2 kmx_3 = f(kms_1);     kms_2;
//! ```

use super::as_c::{WrittenC, leaf, write};
use super::body::{Part, Slot};
use super::compiled::Compiled;
use super::declare::Sort;
use super::lex::Kind;
use super::problem::Problem;
use super::shape::{Leaf, Role, Shape, What};
use crate::rule::form::Form;
use crate::rule::term::Terms;
use crate::rule::tree::Tree;

/// Reads a sequence in a role.
pub fn read(terms: &mut Terms, compiled: &Compiled, parts: &[Part], role: Role) -> Result<Shape, Problem> {
    if parts.is_empty() {
        return Ok(Shape::default());
    }
    if let [Part::Token(at), ..] = parts
        && compiled.body[*at].token.kind == Kind::Directive
    {
        return include(compiled, parts);
    }
    let line = parts.first().map_or(0, |part| match part {
        Part::Token(at) | Part::Slot(_, at) => compiled.body[*at].token.line,
    });
    let ends = ends(compiled, parts, 0);
    let tries: &[What] = match (role, ends) {
        (Role::Expression, _) => &[What::Expression],
        (Role::Statements | Role::Any, true) => &[What::Statements],
        (Role::Statements | Role::Any, false) => &[What::Expression, What::Statements],
        (Role::Top, true) if is_function(compiled, parts) => &[What::Items],
        (Role::Top, true) => &[What::Statements, What::Items],
        (Role::Top, false) => &[What::Expression, What::Statements],
    };
    for what in tries {
        let written = write(compiled, parts, *what);
        if let Some(shape) = parsed(terms, compiled, &written, *what) {
            return Ok(shape);
        }
    }
    Err(Problem::new(line, "this is no C that can be read"))
}

/// Whether a sequence ends a statement: one of its branches does, if it is a choice.
fn ends(compiled: &Compiled, parts: &[Part], depth: usize) -> bool {
    let Some(last) = parts.last().filter(|_| depth < 64) else { return false };
    match last {
        Part::Token(at) => ends_statement(compiled, *at),
        Part::Slot(slot, _) => match &compiled.slots[*slot] {
            Slot::Either(all) | Slot::Both(all) => {
                all.iter().any(|sequence| ends(compiled, &compiled.sequences[*sequence].parts, depth + 1))
            }
            Slot::Nest { inner, .. } if parts.len() == 1 => {
                ends(compiled, &compiled.sequences[*inner].parts, depth + 1)
            }
            _ => parts.iter().any(|part| matches!(part, Part::Token(at) if compiled.body[*at].token.is(b";"))),
        },
    }
}

/// Whether a token ends a statement.
fn ends_statement(compiled: &Compiled, at: usize) -> bool {
    let token = &compiled.body[at];
    let is_statement = token
        .meta
        .is_some_and(|m| matches!(compiled.metas[m].sort, Sort::Statement | Sort::StatementList | Sort::Declaration));
    is_statement || token.token.is(b";") || token.token.is(b"}")
}

/// A line of the preprocessor.
fn include(compiled: &Compiled, parts: &[Part]) -> Result<Shape, Problem> {
    let token = match parts {
        [Part::Token(at)] => &compiled.body[*at].token,
        [Part::Token(at), ..] => {
            return Err(Problem::new(compiled.body[*at].token.line, "code behind a line of the preprocessor"));
        }
        _ => return Ok(Shape::default()),
    };
    if !token.text.starts_with(b"#include") {
        return Err(Problem::new(token.line, "of the preprocessor's lines only `#include` is read"));
    }
    Ok(Shape { what: What::Include, ..Shape::default() })
}

/// Whether the parts are a function: words, brackets, a brace.
fn is_function(compiled: &Compiled, parts: &[Part]) -> bool {
    let mut depth = 0_usize;
    let mut brackets = false;
    for (at, part) in parts.iter().enumerate() {
        let Part::Token(token) = part else {
            if depth == 0 {
                return false;
            }
            continue;
        };
        let token = &compiled.body[*token];
        match token.token.text.as_slice() {
            b"(" => (depth, brackets) = (depth + 1, true),
            b")" => depth = depth.saturating_sub(1),
            b"{" if depth == 0 => return brackets,
            b"if" | b"while" | b"for" | b"switch" | b"do" | b"struct" | b"union" | b"enum"
                if at == 0 && !is_typed(compiled, parts) =>
            {
                return false;
            }
            b"=" | b";" | b":" if depth == 0 => return false,
            _ if at == 0 && token.meta.is_some_and(|m| compiled.metas[m].sort == Sort::Iterator) => return false,
            _ => {}
        }
    }
    false
}

/// Whether a sequence that begins with `struct` goes on as the type of a function: `struct a *f(`.
fn is_typed(compiled: &Compiled, parts: &[Part]) -> bool {
    let text = |at: usize| match parts.get(at) {
        Some(Part::Token(token)) => compiled.body[*token].token.text.as_slice(),
        _ => &b""[..],
    };
    matches!(text(0), b"struct" | b"union" | b"enum") && text(2) != b"{" && text(2) != b"("
}

/// The tree of written C; `None` if the parser is not content with it.
fn parsed(terms: &mut Terms, compiled: &Compiled, written: &WrittenC, what: What) -> Option<Shape> {
    let form = match what {
        What::Expression => Form::Expression,
        What::Items => Form::Item,
        _ => Form::Statement,
    };
    let (before, behind) = form.surroundings();
    let text = [before, &written.text, behind].concat();
    let tree = Tree::read(terms, &text)?;
    let is_broken = |p: &crate::rule::tree::Place| {
        terms.kind(p.term) == "ERROR" || p.end == p.start && p.term != tree.places()[0].term
    };
    if tree.places().iter().any(is_broken) {
        return None;
    }
    let at = |start: u32| {
        let start = (start as usize).checked_sub(before.len())?;
        let found = written.at.binary_search_by_key(&start, |(at, _)| *at).ok()?;
        written.at[found].1
    };
    let tokens: Vec<Option<usize>> = tree.tokens().iter().map(|t| at(t.start)).collect();
    let seen: rustc_hash::FxHashSet<usize> = tokens.iter().flatten().copied().collect();
    if written.at.iter().filter_map(|(_, token)| *token).any(|token| !seen.contains(&token)) {
        return None;
    }
    let roots = roots(terms, &tree, what, (before.len(), before.len() + written.text.len()))?;
    let leaves: Vec<Leaf> =
        tree.places().iter().map(|place| terms.leaf(place.term).map_or(Leaf::Plain, leaf)).collect();
    let open = opened(compiled, &tree, &tokens, &leaves);
    Some(Shape { tree, tokens, what, roots, roles: written.roles.clone(), leaves, open })
}

/// The places of statements, items, or the expression.
fn roots(terms: &Terms, tree: &Tree, what: What, solid: (usize, usize)) -> Option<Vec<usize>> {
    let children = |at: usize| tree.children(at).collect::<Vec<usize>>();
    match what {
        What::Items => Some(children(0)),
        What::Statements => {
            let body = tree.places().iter().position(|p| terms.kind(p.term) == "compound_statement")?;
            Some(children(body))
        }
        _ => {
            let first = tree.tokens().iter().find(|t| t.start as usize >= solid.0)?.start;
            let last = tree.tokens().iter().rfind(|t| (t.end as usize) <= solid.1)?.end;
            let found = tree.places().iter().position(|p| p.start == first && p.end == last)?;
            Some(vec![found])
        }
    }
}

/// By place: whether something in it is not plain.
fn opened(compiled: &Compiled, tree: &Tree, tokens: &[Option<usize>], leaves: &[Leaf]) -> Vec<bool> {
    let is_open = |token: &Option<usize>| {
        token.is_none_or(|at| {
            let t = &compiled.body[at];
            let is_marked = t.token.mark != super::lex::Mark::Context || !t.ahead.is_empty() || !t.behind.is_empty();
            t.meta.is_some() || is_marked || !t.positions.is_empty()
        })
    };
    let of = |at: usize| {
        let place = &tree.places()[at];
        let range = place.tokens.0 as usize..place.tokens.1 as usize;
        tokens.get(range).is_none_or(|all| all.iter().any(is_open))
            || leaves[at..(place.after as usize).min(leaves.len())].iter().any(|leaf| *leaf != Leaf::Plain)
    };
    (0..leaves.len()).map(of).collect()
}
