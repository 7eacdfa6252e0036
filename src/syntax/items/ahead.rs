//! A definition at the beginning of a line, told by what comes: the place where a scan that lost count of its brackets starts
//! afresh.
//!
//! In: the tokens and a place. Out: whether `type name(...) {` comes, no function having one in its body.

use crate::syntax::lex::{Kind, Token, is_keyword};

/// How many tokens ahead a definition at the beginning of a line must show its body.
const LOOK_AHEAD: usize = 400;

/// Looks for `type name(...) {` from `at` on; else how far it could not be one.
pub(super) fn definition_ahead(tokens: &[Token<'_>], at: usize) -> Result<(), usize> {
    let (mut parens, mut words, mut group) = (0usize, 0usize, false);
    let end = tokens.len().min(at + LOOK_AHEAD);
    for (n, token) in tokens[..end].iter().enumerate().skip(at) {
        match token.text {
            _ if token.kind == Kind::Comment => {}
            _ if token.kind == Kind::Directive => return Err(n),
            b"(" => {
                if parens == 0 && words < 2 {
                    return Err(n);
                }
                parens += 1;
            }
            b")" if parens == 0 => return Err(n),
            b")" => {
                parens -= 1;
                group = true;
            }
            b"{" if group && parens == 0 => return Ok(()),
            b"{" | b"}" | b";" => return Err(n),
            word if is_keyword(word) => return Err(n),
            _ if parens > 0 => {}
            _ if token.kind == Kind::Word => words += 1,
            b"*" => {}
            _ => return Err(n),
        }
    }
    Err(at + 1)
}
