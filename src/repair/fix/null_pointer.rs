//! `0` where a pointer is meant. In: sparse's message, with the column. Out: `NULL`.

use super::source::line_start;
use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use crate::syntax::lex::{Kind, tokens};

/// Writes NULL.
pub fn fix(case: &Case<'_>) -> Made {
    if !case.told.message.contains("plain integer as NULL pointer") {
        return Err(No::NotMine);
    }
    let text = case.source.text;
    let start = text.split_inclusive(|c| *c == b'\n').take(case.line - 1).map(<[u8]>::len).sum::<usize>();
    debug_assert_eq!(start, line_start(text, start));
    let line = text[start..].split(|c| *c == b'\n').next().unwrap_or_default();
    let zeros: Vec<usize> =
        tokens(line).iter().filter(|token| token.kind == Kind::Number && token.text == b"0").map(|t| t.at).collect();
    match zeros[..] {
        [at] => {
            let edit = Edit::new(start + at..start + at + 1, "NULL");
            let mut fix = Fix::within(vec![edit], "the 0 is a pointer");
            if case.source.function_on(case.line).is_err() {
                fix.elsewhere = Some("the finding is in no function".to_owned());
            }
            Ok(fix)
        }
        [] => Err("there is no 0 on the line".into()),
        _ => Err("there are several 0 on the line".into()),
    }
}
