//! A semantic patch cut into its rules.
//!
//! In: the bytes of a `.cocci` file. Out: its rules in order, each with header, metavariables and the tokens of its body; what was
//! skipped; or a [`Problem`] with its line.

use super::declarations;
use super::declare::Declared;
use super::header::{self, Header};
use super::lex::{self, Kind, Token};
use super::problem::Problem;

/// A rule as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmplRule {
    /// The line of its header.
    pub line: usize,
    /// Name, dependencies.
    pub header: Header,
    /// Its metavariables.
    pub metas: Vec<Declared>,
    /// Its body.
    pub tokens: Vec<Token>,
}

/// A file, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SemanticPatch {
    /// The names that a user may define: `patch`, `report`.
    pub virtuals: Vec<String>,
    /// In order.
    pub rules: Vec<SmplRule>,
    /// What was left out, a line each: `line 12: a script rule (python)`.
    pub skipped: Vec<String>,
}

/// Reads a semantic patch.
pub fn read(text: &[u8]) -> Result<SemanticPatch, Problem> {
    let mut work = Reader { text, at: 0, line: 1, out: SemanticPatch::default() };
    work.prelude()?;
    while work.at < text.len() {
        work.rule()?;
    }
    if work.out.rules.is_empty() && work.out.skipped.is_empty() {
        return Err(Problem::new(work.line, "there is no rule"));
    }
    Ok(work.out)
}

/// The name of the mode in which rules change something.
pub const PATCH: &str = "patch";

impl SemanticPatch {
    /// Whether it has a mode in which it changes something.
    pub fn has_patch_mode(&self) -> bool {
        let changes = |rule: &SmplRule| {
            rule.tokens.iter().any(|t| matches!(t.mark, lex::Mark::Minus | lex::Mark::Plus)) && self.may_run(rule)
        };
        self.rules.iter().any(changes)
    }

    /// Whether a rule can run at all when `patch` is defined and no other virtual name is.
    pub fn may_run(&self, rule: &SmplRule) -> bool {
        let known = |name: &str| match name {
            PATCH => Some(true),
            name if self.virtuals.iter().any(|v| v == name) => Some(false),
            _ => None,
        };
        rule.header.depends.may_hold(&known)
    }
}

/// A file while it is read.
struct Reader<'a> {
    text: &'a [u8],
    /// First byte of the current line.
    at: usize,
    line: usize,
    out: SemanticPatch,
}

impl<'a> Reader<'a> {
    /// The current line without its end.
    fn here(&self) -> &'a [u8] {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest.split(|c| *c == b'\n').next().unwrap_or_default();
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// Goes to the next line.
    fn step(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|c| *c == b'\n').map_or(rest.len(), |at| at + 1);
        self.line += 1;
    }

    /// What stands before the first rule: comments and virtual names.
    fn prelude(&mut self) -> Result<(), Problem> {
        let mut comment = false;
        while self.at < self.text.len() {
            let line = self.here();
            let shown = line.trim_ascii();
            if comment || shown.starts_with(b"/*") {
                comment = !shown.windows(2).any(|two| two == b"*/");
            } else if line.starts_with(b"@") {
                return Ok(());
            } else if let Some(names) = shown.strip_prefix(b"virtual ") {
                let names = names.split(|c| *c == b'/').next().unwrap_or_default();
                let names = String::from_utf8_lossy(names).into_owned();
                let all = names.split([',', ';', ' ', '\t']).filter(|name| !name.is_empty()).map(str::to_owned);
                self.out.virtuals.extend(all);
            } else if !(shown.is_empty() || shown.starts_with(b"//") || shown.starts_with(b"#")) {
                return Err(Problem::new(self.line, "neither a virtual name nor a rule"));
            }
            self.step();
        }
        Ok(())
    }

    /// Everything up to the `@` behind `from`; lines are counted.
    fn until_at(&mut self, from: usize) -> Result<&'a [u8], Problem> {
        let rest = self.text.get(from..).unwrap_or_default();
        let Some(length) = rest.iter().position(|c| *c == b'@') else {
            return Err(Problem::new(self.line, "a header without its second @"));
        };
        let header = &rest[..length];
        self.line += header.iter().filter(|c| **c == b'\n').count();
        self.at = from + length + 1;
        Ok(header)
    }

    /// One rule with its body.
    fn rule(&mut self) -> Result<(), Problem> {
        let line = self.line;
        let header = self.until_at(self.at + 1)?.trim_ascii();
        let declarations = self.declarations()?;
        let start = (self.at, self.line);
        while self.at < self.text.len() && !self.begins_rule() {
            self.step();
        }
        let body = self.text.get(start.0..self.at).unwrap_or_default();
        let word = header.split(|c| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if matches!(word, b"script" | b"initialize" | b"finalize") {
            let told = String::from_utf8_lossy(header).split_whitespace().take(1).collect::<String>();
            self.out.skipped.push(format!("line {line}: a script rule ({told})"));
            return Ok(());
        }
        let header = header::read(header, line)?;
        let metas = declarations::read(declarations.0, declarations.1, &mut self.out.skipped)?;
        let tokens = lex::tokens(body, start.1)?;
        balanced(&tokens, lex::Mark::Plus)?;
        balanced(&tokens, lex::Mark::Minus)?;
        if tokens.iter().any(|token| token.mark == lex::Mark::Star) {
            self.out
                .skipped
                .push(format!("line {line}: the marks `*` of a rule, which show something and change nothing"));
        }
        self.out.rules.push(SmplRule { line, header, metas, tokens });
        Ok(())
    }

    /// The declarations: what stands before the line that begins with `@@`, and the line it begins on.
    fn declarations(&mut self) -> Result<(&'a [u8], usize), Problem> {
        let (start, line) = (self.at, self.line);
        let rest = self.text.get(start..).unwrap_or_default();
        let Some(length) = rest.windows(2).position(|two| two == b"@@") else {
            return Err(Problem::new(line, "metavariables without the @@ behind them"));
        };
        self.line += rest[..length].iter().filter(|c| **c == b'\n').count();
        self.at = start + length;
        self.step();
        Ok((&rest[..length], line))
    }

    /// Whether the current line is the header of a rule: in the body a position may stand in the first column, too.
    fn begins_rule(&self) -> bool {
        let line = self.here();
        line.starts_with(b"@")
    }
}

/// Brackets of the code without the tokens of one mark: what does not close matches nothing, and nobody would know why.
fn balanced(tokens: &[Token], without: lex::Mark) -> Result<(), Problem> {
    let mut open: Vec<(&[u8], usize)> = Vec::new();
    for token in tokens.iter().filter(|token| token.mark != without) {
        let closes: &[u8] = match (token.kind, token.text.as_slice()) {
            (Kind::Sign, b"(" | b"[" | b"{") | (Kind::Open, _) => {
                open.push((if token.kind == Kind::Open { b"choice" } else { &token.text }, token.line));
                continue;
            }
            (Kind::Sign, b")") => b"(",
            (Kind::Sign, b"]") => b"[",
            (Kind::Sign, b"}") => b"{",
            (Kind::Close | Kind::Bar | Kind::And, _) => b"choice",
            _ => continue,
        };
        match open.pop() {
            Some((found, line)) if found == closes => {
                if token.kind != Kind::Close && closes == b"choice" {
                    open.push((found, line));
                }
            }
            _ => return Err(Problem::new(token.line, "a bracket that was not opened, or another one was")),
        }
    }
    match open.last() {
        None => Ok(()),
        Some((_, line)) => Err(Problem::new(*line, "a bracket that is not closed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_cut_apart_and_script_rules_are_skipped_with_a_word() {
        let text = b"// spdx\nvirtual patch, report\n\n@r depends on patch@\nexpression x;\n@@\n- f(x)\n+ g(x)\n\n@script:python depends on report@\nx << r.x;\n@@\nprint(x)\n\n@@\n@@\n- h()\n";
        let patch = read(text).expect("a patch");
        assert_eq!(patch.virtuals, ["patch", "report"]);
        assert_eq!(
            patch.rules.iter().map(|r| (r.line, r.header.name.as_str())).collect::<Vec<_>>(),
            [(4, "r"), (15, "")]
        );
        assert_eq!(patch.skipped, ["line 10: a script rule (script:python)"]);
        assert!(patch.has_patch_mode());
        assert_eq!(patch.rules[1].tokens[0].line, 17);
    }

    #[test]
    fn what_is_no_semantic_patch_is_an_error_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("// no more\n", 2),
            ("int a;\n", 1),
            ("virtual x\n@r\n", 2),
            ("@r@\nexpression x;\n", 1),
            ("@r wants x@\n@@\n", 1),
        ] {
            assert_eq!(read(text.as_bytes()).expect_err(text).line, line, "{text}");
        }
    }

    #[test]
    fn any_bytes_end_in_a_patch_or_an_error() {
        for text in
            [vec![b'@'; 9000], (0..=255).cycle().take(5000).collect(), b"@@\n@@\n".repeat(900), b"@@\n@@\n(((".to_vec()]
        {
            let _ = read(&text);
        }
    }
}
