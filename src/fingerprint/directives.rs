//! What a preprocessor line is: its kind with the name, path or condition that it holds.
//!
//! In: the line and its tokens after the `#`, without comments. Out: a [`NodeKind`].

use super::cfp::NodeKind;
use crate::syntax::lex::Token;

/// What a directive is; `own` are its tokens after the `#`.
pub(super) fn directive<'a>(line: &'a [u8], own: &[&Token<'a>]) -> NodeKind<'a> {
    let name = own.first().map_or(&b""[..], |first| first.text);
    let first = own.get(1).map_or(&b""[..], |second| second.text);
    match name {
        b"define" => NodeKind::Define(first),
        b"include" | b"include_next" | b"import" => NodeKind::Include(path(line)),
        b"if" => NodeKind::PpIf(condition(line, own)),
        b"ifdef" => NodeKind::Ifdef(first),
        b"ifndef" => NodeKind::Ifndef(first),
        b"elif" | b"elifdef" | b"elifndef" => NodeKind::Elif(condition(line, own)),
        b"else" => NodeKind::PpElse,
        b"endif" => NodeKind::Endif,
        _ => NodeKind::OtherDirective(name),
    }
}

/// The path of an `#include`: between its quotes, else what it says.
fn path(line: &[u8]) -> &[u8] {
    let quoted = |open: u8, close: u8| {
        let start = line.iter().position(|c| *c == open)? + 1;
        let length = line[start..].iter().position(|c| *c == close)?;
        Some(&line[start..start + length])
    };
    let rest = line.iter().position(|c| c.is_ascii_whitespace()).map_or(&b""[..], |space| &line[space..]);
    quoted(b'<', b'>').or_else(|| quoted(b'"', b'"')).unwrap_or(rest.trim_ascii())
}

/// The condition of `#if`, from its first token to its last.
fn condition<'a>(line: &'a [u8], own: &[&Token<'a>]) -> &'a [u8] {
    match own {
        // The tokens were read without the `#`.
        [_, first, ..] => &line[first.at + 1..own[own.len() - 1].end() + 1],
        _ => b"",
    }
}
