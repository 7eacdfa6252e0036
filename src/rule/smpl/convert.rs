//! A rule of a semantic patch as a rule of this house, where it can say the same.
//!
//! In: a rule as it is written. Out: a [`Rule`] with the body `Term` (an expression) or `Path` (statements and dots), or `None`: then
//! only this room can apply it. Positions, regular expressions, choices and nests have no place in the house's model.

use super::declare::{Declared, Sort};
use super::file::SmplRule;
use super::lex::{Kind, Mark, Token};
use crate::merge::Change;
use crate::rule::form::Form;
use crate::rule::metavariable::{Metavariable, MetavariableKind};
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Knowledge, Requirement, Rule, Step};

/// The rule, if the model can say it.
pub fn rule(rule: &SmplRule) -> Option<Rule> {
    let metas: Vec<Metavariable> =
        rule.metas.iter().filter(|m| m.sort != Sort::Word).map(metavariable).collect::<Option<_>>()?;
    let plain = |t: &Token| matches!(t.kind, Kind::Word | Kind::Literal | Kind::Sign | Kind::Dots);
    if rule.tokens.is_empty() || !rule.tokens.iter().all(|t| plain(t) && !t.optional && t.mark != Mark::Star) {
        return None;
    }
    let body = term(&rule.tokens, &metas).map(Body::Term).or_else(|| path(&rule.tokens, &metas).map(Body::Path))?;
    let name = if rule.header.name.is_empty() { format!("line_{}", rule.line) } else { rule.header.name.clone() };
    Some(Rule {
        name,
        metavariables: metas,
        body,
        within: None,
        required: Requirement::Unknown,
        knowledge: Knowledge::default(),
    })
}

/// A metavariable of the model.
fn metavariable(meta: &Declared) -> Option<Metavariable> {
    let limits = &meta.limits;
    if limits.matching.is_some()
        || limits.unlike.is_some()
        || limits.part_of.is_some()
        || !limits.except_bound.is_empty()
    {
        return None;
    }
    let (kind, wanted) = match &meta.sort {
        Sort::Expression(wanted) => (MetavariableKind::Expression, wanted.as_ref()),
        Sort::ExpressionList => (MetavariableKind::ExpressionList, None),
        Sort::Identifier => (MetavariableKind::Identifier, None),
        Sort::Constant => (MetavariableKind::Constant, None),
        Sort::Type => (MetavariableKind::Type, None),
        Sort::Statement => (MetavariableKind::Statement, None),
        Sort::Function => (MetavariableKind::Function, None),
        Sort::Declaration => (MetavariableKind::Declaration, None),
        Sort::Initialiser => (MetavariableKind::Initialiser, None),
        _ => return None,
    };
    let typed = match wanted {
        Some(wanted) if wanted.base.is_empty() || wanted.array => return None,
        Some(wanted) => {
            let space = if wanted.stars > 0 { &b" "[..] } else { b"" };
            Some([&wanted.base, space, &b"*".repeat(wanted.stars)].concat())
        }
        None => None,
    };
    Some(Metavariable {
        name: meta.name.clone(),
        kind,
        typed,
        inherited: meta.inherited.clone(),
        only: limits.only.clone(),
        except: limits.except.clone(),
        without: Vec::new(),
    })
}

/// Tokens as text.
fn text<'a>(tokens: impl Iterator<Item = &'a Token>) -> Option<String> {
    let words: Vec<&[u8]> = tokens.map(|t| t.text.as_slice()).collect();
    String::from_utf8(words.join(&b' ')).ok()
}

/// An expression before and after.
fn term(tokens: &[Token], metas: &[Metavariable]) -> Option<Change<Pattern>> {
    let before = text(tokens.iter().filter(|t| t.mark != Mark::Plus))?;
    let after = text(tokens.iter().filter(|t| t.mark != Mark::Minus))?;
    if before.ends_with(';') || before.ends_with('}') {
        return None;
    }
    let before = Pattern::parse(&before, Form::Expression, metas)?;
    Some(Change { before, after: Pattern::parse(&after, Form::Expression, metas)? })
}

/// Statements one after the other, each with one mark, and dots between them.
fn path(tokens: &[Token], metas: &[Metavariable]) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.kind == Kind::Dots && token.first {
            let (dots, next) = dots(tokens, at, metas)?;
            steps.push(dots);
            at = next;
            continue;
        }
        let end = statement_end(tokens, at)?;
        let all = tokens.get(at..=end)?;
        let mark = token.mark;
        if all.iter().any(|t| t.mark != mark) {
            return None;
        }
        let pattern = Pattern::parse(&text(all.iter())?, Form::Statement, metas)?;
        steps.push(match mark {
            Mark::Minus => Step::Minus(pattern),
            Mark::Plus => Step::Plus(pattern),
            _ => Step::Context(pattern),
        });
        at = end + 1;
    }
    Some(steps)
}

/// The `;` or `}` that ends the statement which begins at `start`.
fn statement_end(tokens: &[Token], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_slice() {
            b"(" | b"{" | b"[" => depth += 1,
            b")" | b"]" => depth = depth.checked_sub(1)?,
            b"}" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            b";" if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// Dots with `when != ...` lines; `None` for other conditions.
fn dots(tokens: &[Token], start: usize, metas: &[Metavariable]) -> Option<(Step, usize)> {
    let mut when_not = Vec::new();
    let mut at = start + 1;
    while tokens.get(at).is_some_and(|t| t.is(b"when")) {
        if !tokens.get(at + 1)?.is(b"!=") {
            return None;
        }
        let first = at + 2;
        let end =
            (first + 1..tokens.len()).find(|t| tokens[*t].first || tokens[*t].is(b"when")).unwrap_or(tokens.len());
        let condition = text(tokens.get(first..end)?.iter())?;
        when_not.push(Pattern::parse(&condition, Form::Expression, metas)?);
        at = end;
    }
    Some((Step::Dots { when_not }, at))
}

#[cfg(test)]
mod tests {
    use super::super::file::read;
    use super::super::print;
    use super::*;

    /// The rules of a patch, as far as the model says them.
    fn rules(text: &str) -> Vec<Option<Rule>> {
        read(text.as_bytes()).expect("a patch").rules.iter().map(rule).collect()
    }

    #[test]
    fn an_expression_is_a_term_and_is_printed_as_it_was_read() {
        let text = "@r@\nexpression X;\n@@\n- class_create(THIS_MODULE, X)\n+ class_create(X)\n";
        let found = rules(text).pop().flatten().expect("a rule");
        assert_eq!(found.told(), "class_create(THIS_MODULE, X) -> class_create(X)");
        assert_eq!(print::rule(&found), text);
    }

    #[test]
    fn statements_and_dots_are_a_path_and_are_printed_as_they_were_read() {
        let text =
            "@r@\nexpression X;\nexpression E;\n@@\n- begin(X);\n+ start(X);\n  ...\n      when != X = E\n- end(X);\n";
        let found = rules(text).pop().flatten().expect("a rule");
        assert!(matches!(&found.body, Body::Path(steps) if steps.len() == 4), "{found:?}");
        assert_eq!(print::rule(&found), text);
    }

    #[test]
    fn what_the_model_cannot_say_is_left_to_this_room() {
        for text in [
            "@r@\nposition p;\n@@\n- f@p(1)\n+ g(1)\n",
            "@r@\nexpression X;\n@@\n(\n- f(X)\n+ g(X)\n|\n- h(X)\n+ g(X)\n)\n",
            "@r@\nidentifier x =~ \"a\";\n@@\n- f(x)\n+ g(x)\n",
            "@r@\nexpression *X;\n@@\n- f(X)\n+ g(X)\n",
        ] {
            assert_eq!(rules(text), [None], "{text}");
        }
    }
}
