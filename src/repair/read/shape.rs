//! The shape of a line that names a place: `path:line`, what follows it, and what that says. In: a line. Out: its parts.

/// A place, and the rest of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// Without a leading `./`.
    pub file: &'a str,
    /// From 1.
    pub line: usize,
    /// As the tool counts.
    pub column: Option<usize>,
    /// What stands between the place and `rest`.
    pub mark: Mark,
    /// Behind the place and its mark.
    pub rest: &'a str,
}

/// How a place ends: each tool has its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `:12:` or `:12:5:`.
    Colon,
    /// `:12:5-9:`, as coccilib prints it.
    Columns,
    /// `:12 `, as smatch prints it.
    Space,
}

/// A number that is too long to be one of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Takes a line that begins with a place apart; `None`: it does not.
///
/// # Errors
/// A number in it is too long.
pub fn placed(text: &str) -> Result<Option<Placed<'_>>, TooLong> {
    let Some((file, after)) = file_and_rest(text) else { return Ok(None) };
    let (line, after) = number(after)?;
    let Some(line) = line.filter(|line| *line > 0) else { return Ok(None) };
    let file = file.strip_prefix("./").unwrap_or(file);
    let made = |column, mark, rest| Ok(Some(Placed { file, line, column, mark, rest }));
    if let Some(rest) = after.strip_prefix(' ') {
        return made(None, Mark::Space, rest);
    }
    let Some(after) = after.strip_prefix(':') else { return Ok(None) };
    let (column, behind) = number(after)?;
    match (column, behind.strip_prefix(':'), behind.strip_prefix('-')) {
        (Some(column), Some(rest), _) => made(Some(column), Mark::Colon, rest),
        (Some(column), None, Some(tail)) => match number(tail)? {
            (Some(_), rest) if rest.starts_with(':') => made(Some(column), Mark::Columns, &rest[1..]),
            _ => made(None, Mark::Colon, after),
        },
        _ => made(None, Mark::Colon, after),
    }
}

/// Up to the first colon that a digit follows; a path has no blanks.
fn file_and_rest(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    while let Some(colon) = text[from..].find(':').map(|at| from + at) {
        let (file, after) = (&text[..colon], &text[colon + 1..]);
        if file.is_empty() || file.contains(char::is_whitespace) {
            return None;
        }
        if after.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((file, after));
        }
        from = colon + 1;
    }
    None
}

/// The digits at the start, if any, and what follows them.
fn number(text: &str) -> Result<(Option<usize>, &str), TooLong> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        0 => Ok((None, text)),
        1..=9 => Ok((text[..digits].parse().ok(), &text[digits..])),
        _ => Err(TooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_ends_a_place_in_its_own_way() {
        let mark = |text| placed(text).expect("no long number").map(|p| (p.line, p.column, p.mark, p.rest));
        assert_eq!(mark("a.c:3:7: error: x"), Some((3, Some(7), Mark::Colon, " error: x")));
        assert_eq!(mark("a.c:3: warning: x"), Some((3, None, Mark::Colon, " warning: x")));
        assert_eq!(mark("./a.c:3:7-9: x"), Some((3, Some(7), Mark::Columns, " x")));
        assert_eq!(mark("a.c:3 f() warn: x"), Some((3, None, Mark::Space, "f() warn: x")));
        for none in ["", "a.c", "a.c:", "a.c:x:3", "  CC a.o", ":3:", "In file a.c:3:", "a.c:0: x", "make[1]: *** x"] {
            assert_eq!(mark(none), None, "{none}");
        }
        assert_eq!(placed("a.c:12345678901: error: x"), Err(TooLong));
    }
}
