//! The names that lines of C use, each with the role it has there. In: a text and some of its lines. Out: [`Use`]s.
//!
//! ```text
//!   ctx->len = round_up(sizeof(struct pkt), LEN);     len: Member   round_up: Call   pkt: Tag   LEN: Plain
//! ```
//!
//! What a line declares it does not use; a variable of a function is no name of a kernel, whatever it is called.

use crate::index::{Kind, Kinds};
use crate::syntax::lex::{self, Token, is_keyword, is_reserved};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// What a name is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Behind it stands an argument list.
    Call,
    /// Behind `.` or `->`.
    Member,
    /// Behind `struct`, `union` or `enum`.
    Tag,
    /// In `EXPORT_SYMBOL()`: what it names is made in the file.
    Exported,
    /// Anything else: a constant, a variable, a type, a function that is passed on.
    Plain,
}

impl Role {
    /// Does a file that defines a name as this define it for the role?
    pub fn is_defined_by(self, kinds: Kinds) -> bool {
        let any = |wanted: &[Kind]| wanted.iter().any(|kind| kinds.defines(*kind));
        match self {
            Self::Call => any(&[Kind::Function, Kind::Macro, Kind::Declaration]),
            Self::Member => kinds.defines(Kind::Field),
            Self::Tag => any(&[Kind::Struct, Kind::Union, Kind::Enum]),
            Self::Exported => any(&[Kind::Function, Kind::Variable, Kind::Declaration]),
            Self::Plain => any(&[
                Kind::Function,
                Kind::Macro,
                Kind::Enumerator,
                Kind::Variable,
                Kind::Declaration,
                Kind::Typedef,
                Kind::Config,
            ]),
        }
    }
}

/// A name in a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Use {
    /// The name.
    pub name: Vec<u8>,
    /// What it is used as.
    pub role: Role,
}

/// Shorter names are anybody's.
const SHORTEST: usize = 4;

/// What the lines use and what they declare, each once, sorted.
pub fn of_lines(text: &[u8], runs: &[Range<usize>]) -> (Vec<Use>, Vec<Vec<u8>>) {
    let (mut used, mut declared) = (FxHashSet::default(), FxHashSet::default());
    let starts = line_starts(text);
    let at = |line: usize| starts.get(line).copied().unwrap_or(text.len());
    for run in runs {
        let lines = &text[at(run.start)..at(run.end)];
        // A line inside of a comment that was opened before the run begins with a star.
        if lines.trim_ascii_start().starts_with(b"* ") {
            continue;
        }
        see(&lex::tokens(lines), &mut |token, role| {
            match role {
                Some(role) => used.insert(Use { name: token.to_vec(), role }),
                None => declared.insert(token.to_vec()),
            };
        });
    }
    let mut used: Vec<Use> = used.into_iter().collect();
    used.sort_unstable();
    let mut declared: Vec<Vec<u8>> = declared.into_iter().collect();
    declared.sort_unstable();
    (used, declared)
}

/// The names that a piece of C uses and does not declare itself, each once, sorted.
pub fn names_in(text: &[u8]) -> Vec<Vec<u8>> {
    let lines = text.iter().filter(|c| **c == b'\n').count() + 1;
    let (used, declared) = of_lines(text, std::slice::from_ref(&(0..lines)));
    let mut names: Vec<Vec<u8>> = used.into_iter().map(|used| used.name).collect();
    names.dedup();
    names.retain(|name| declared.binary_search(name).is_err());
    names
}

/// The entries that lines of Kconfig declare, by the name that they have in code.
pub fn entries(text: &[u8], runs: &[Range<usize>]) -> Vec<Vec<u8>> {
    let lines: Vec<&[u8]> = text.split(|c| *c == b'\n').collect();
    let name = |line: &[u8]| {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let is_entry = matches!(words.next(), Some(b"config" | b"menuconfig"));
        words.next().filter(|_| is_entry).map(|name| [b"CONFIG_", name].concat())
    };
    runs.iter().flat_map(Clone::clone).filter_map(|at| name(lines.get(at)?)).collect()
}

/// The names that a text declares anywhere, as variables, parameters or members; a scanner of definitions does not know all of them.
pub fn declared(text: &[u8]) -> FxHashSet<Vec<u8>> {
    let tokens: Vec<Token<'_>> = code(lex::tokens(text));
    (0..tokens.len()).filter(|at| is_declared(&tokens, *at)).map(|at| tokens[at].text.to_vec()).collect()
}

/// Shows each name to `take`: with its role, or without one where it is declared.
fn see(tokens: &[Token<'_>], take: &mut impl FnMut(&[u8], Option<Role>)) {
    for directive in tokens.iter().filter(|token| token.kind == lex::Kind::Directive) {
        let rest = match lex::directive(directive.text) {
            b"define" => {
                let (name, body) = macro_parts(directive.text);
                take(name, None);
                body
            }
            b"if" | b"ifdef" | b"ifndef" | b"elif" => condition(directive.text),
            _ => continue,
        };
        // A directive's own text holds no directive.
        see_code(&code(lex::tokens(rest)), take);
    }
    see_code(&code(tokens.to_vec()), take);
}

fn see_code(tokens: &[Token<'_>], take: &mut impl FnMut(&[u8], Option<Role>)) {
    for (at, token) in tokens.iter().enumerate() {
        let is_name = token.kind == lex::Kind::Word && token.text.len() >= SHORTEST && !is_reserved(token.text);
        if is_name && !is_label(tokens, at) {
            let is_declared = is_declared(tokens, at) || is_made(tokens, at);
            take(token.text, (!is_declared).then(|| role(tokens, at)));
        }
    }
}

/// Without comments and directives.
fn code(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let is_code = |token: &Token<'_>| !matches!(token.kind, lex::Kind::Comment | lex::Kind::Directive);
    tokens.into_iter().filter(is_code).collect()
}

fn role(tokens: &[Token<'_>], at: usize) -> Role {
    let before = at.checked_sub(1).map(|at| &tokens[at]);
    match before {
        Some(t) if t.is("->") || t.is(".") => Role::Member,
        Some(t) if t.is_word("struct") || t.is_word("union") || t.is_word("enum") => Role::Tag,
        Some(t) if t.is("(") && at > 1 && tokens[at - 2].text.starts_with(EXPORT) => Role::Exported,
        _ if tokens.get(at + 1).is_some_and(|t| t.is("(")) => Role::Call,
        _ => Role::Plain,
    }
}

/// `type name`, `type *name` before `;`, `=`, `,`, `[`, `)`, `(`, `:` or `{`.
fn is_declared(tokens: &[Token<'_>], at: usize) -> bool {
    let is_type = |t: &Token<'_>| t.kind == lex::Kind::Word && !is_keyword(t.text);
    let ends = tokens.get(at + 1).is_none_or(|t| [";", "=", ",", "[", ")", "(", ":", "{"].iter().any(|p| t.is(p)));
    if tokens[at].kind != lex::Kind::Word || is_keyword(tokens[at].text) || !ends {
        return false;
    }
    let Some(before) = at.checked_sub(1).map(|at| &tokens[at]) else { return false };
    let is_tag = [&b"struct"[..], b"union", b"enum"].contains(&before.text);
    if is_type(before) && !is_tag {
        return true;
    }
    // `a * b` in an expression looks the same; then a name too few is looked up.
    let first = tokens[..at].iter().rev().find(|t| !t.is("*"));
    (before.is("*") && first.is_some_and(is_type))
        || (first.is_some_and(|t| t.is(",")) && is_in_declaration(tokens, at))
}

/// Is the statement up to here a list of variables: `int a = 0, *b`?
fn is_in_declaration(tokens: &[Token<'_>], at: usize) -> bool {
    let is_end = |t: &Token<'_>| t.is(";") || t.is("{") || t.is("}");
    let start = tokens[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let statement = &tokens[start..at];
    let of_type = statement.iter().take_while(|t| t.kind == lex::Kind::Word || t.is("*")).count() >= 2;
    let is_plain = |t: &Token<'_>| !["(", ")", "->", ".", "?"].iter().any(|p| t.is(p));
    of_type && statement.first().is_some_and(|t| !is_keyword(t.text)) && statement.iter().all(is_plain)
}

/// What macros begin with that do not make what they name.
const EXPORT: &[u8] = b"EXPORT_SYMBOL";

/// `struct name {`, a constant alone on its line as in the body of an enum, or the argument of a macro that makes things:
/// `DEFINE_MUTEX(name)`.
fn is_made(tokens: &[Token<'_>], at: usize) -> bool {
    let is = |at: Option<usize>, punct: &str| at.and_then(|at| tokens.get(at)).is_some_and(|t| t.is(punct));
    let before = at.checked_sub(1);
    let is_tag = before.is_some_and(|at| [&b"struct"[..], b"union", b"enum"].contains(&tokens[at].text));
    let starts_line = before.is_none_or(|before| tokens[before].last_line() < tokens[at].line);
    let ends_line = tokens.get(at + 2).is_none_or(|t| t.line > tokens[at].line);
    let is_upper = |word: &[u8]| !word.iter().any(u8::is_ascii_lowercase);
    let is_constant =
        starts_line && is_upper(tokens[at].text) && ((is(Some(at + 1), ",") && ends_line) || is(Some(at + 1), "="));
    let maker = at.checked_sub(2).filter(|_| is(before, "(")).map(|at| &tokens[at]);
    let makes = |t: &Token<'_>| t.kind == lex::Kind::Word && is_upper(t.text) && !t.text.starts_with(EXPORT);
    let is_argument = maker.is_some_and(makes);
    (is_tag && is(Some(at + 1), "{")) || is_constant || is_argument
}

/// `goto name;`, `name:` at the start of a statement.
fn is_label(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| &tokens[at]);
    let starts = before.is_none_or(|t| t.is(";") || t.is("{") || t.is("}"));
    before.is_some_and(|t| t.is_word("goto")) || (starts && tokens.get(at + 1).is_some_and(|t| t.is(":")))
}

/// A macro's name, and what it stands for.
fn macro_parts(directive: &[u8]) -> (&[u8], &[u8]) {
    let rest = directive[position_of(directive, b"define") + b"define".len()..].trim_ascii_start();
    let end = rest.iter().position(|c| !lex::is_letter(*c) && !c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let arguments = match rest.first() {
        Some(b'(') => rest.iter().position(|c| *c == b')').map_or(rest.len(), |end| end + 1),
        _ => 0,
    };
    (name, &rest[arguments..])
}

/// What a conditional asks.
fn condition(directive: &[u8]) -> &[u8] {
    let word = lex::directive(directive);
    &directive[position_of(directive, word) + word.len()..]
}

fn position_of(text: &[u8], word: &[u8]) -> usize {
    memchr::memmem::find(text, word).unwrap_or(text.len() - word.len().min(text.len()))
}

fn line_starts(text: &[u8]) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text).map(|at| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, Role)> {
        let lines = text.lines().count();
        let told = |u: Use| (String::from_utf8(u.name).expect("text"), u.role);
        of_lines(text.as_bytes(), std::slice::from_ref(&(0..lines))).0.into_iter().map(told).collect()
    }

    #[test]
    fn each_name_has_the_role_that_it_stands_in() {
        let found = told("\tctx->length = round_up(sizeof(struct packet), LENGTH);\n");
        let wanted =
            [("LENGTH", Role::Plain), ("length", Role::Member), ("packet", Role::Tag), ("round_up", Role::Call)];
        let own = |(name, role): &(String, Role)| (name.clone(), *role);
        let rest: Vec<_> = found.iter().map(own).collect();
        assert_eq!(rest, wanted.map(|(name, role)| (name.to_owned(), role)));
    }

    #[test]
    fn an_initialiser_names_members_and_passes_functions_on() {
        let found = told("\t.probe_new = acme_probe,\n");
        assert_eq!(found, [("acme_probe".to_owned(), Role::Plain), ("probe_new".to_owned(), Role::Member)]);
    }

    #[test]
    fn what_a_line_declares_it_does_not_use() {
        assert_eq!(told("\tunsigned long total_count = 0, *other_count;\n\tu32 flags_of(int argument)\n"), []);
        assert!(declared(b"int f(struct acme *acme_dev)\n{\n\tint total_count;\n").contains(&b"total_count"[..]));
    }

    #[test]
    fn comments_strings_labels_and_the_names_of_macros_are_no_uses() {
        let text = "\t/* gone_name() */\n\tpr_info(\"gone_name\");\nfail_label:\n\tgoto fail_label;\n#define ACME_MAX(value) old_max(value)\n#ifdef CONFIG_ACME\n";
        let names: Vec<String> = told(text).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["CONFIG_ACME", "old_max", "pr_info", "value"]);
    }

    #[test]
    fn what_lines_declare_is_known_for_every_way_to_declare() {
        let text = b"#define ACME_BITS(x) (x)\nstruct acme_state {\n\tint level_now;\n};\nenum {\n\tACME_ONE,\n\tACME_TWO = 2,\n};\nstatic DEFINE_MUTEX(acme_lock);\n";
        let declared = of_lines(text, std::slice::from_ref(&(0..9))).1;
        for name in ["ACME_BITS", "acme_state", "level_now", "ACME_ONE", "ACME_TWO", "acme_lock"] {
            assert!(declared.contains(&name.as_bytes().to_vec()), "{name}");
        }
        assert_eq!(entries(b"config ACME\n\tbool\nmenuconfig LEDS\n", std::slice::from_ref(&(0..2))), [b"CONFIG_ACME"]);
    }

    #[test]
    fn what_is_exported_was_made_elsewhere() {
        assert_eq!(
            told("EXPORT_SYMBOL_GPL(acme_get);\n"),
            [("EXPORT_SYMBOL_GPL".to_owned(), Role::Call), ("acme_get".to_owned(), Role::Exported)]
        );
    }

    #[test]
    fn only_the_lines_asked_for_are_read() {
        let text = b"\tfirst_call();\n\tsecond_call();\n\tthird_call();\n";
        assert_eq!(
            of_lines(text, std::slice::from_ref(&(1..2))).0,
            [Use { name: b"second_call".to_vec(), role: Role::Call }]
        );
        assert_eq!(of_lines(text, std::slice::from_ref(&(7..9))).0, []);
    }
}
