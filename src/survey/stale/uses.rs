//! The names that lines of C use, and options that lines of Kconfig and makefiles do, each with the role it has there. In: a text and some of its lines. Out: [`Use`]s.
//!
//! ```text
//!   ctx->len = round_up(sizeof(struct pkt), LEN);     len: Member   round_up: Call   pkt: Tag   LEN: Plain
//! ```
//!
//! What a line declares it does not use; a variable of a function is no name of a kernel in that function, whatever it is called.

use crate::index::{Kind, Kinds};
use crate::syntax::items::Item;
use crate::syntax::language::Language;
use crate::syntax::lex::{self, Token, is_reserved};
use crate::syntax::options::{Named, PREFIX, options};
use crate::syntax::scope::{Declared, Extent, Place, Scopes, What, is_unit};
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

    /// Does a declaration mean what is used in this role?
    pub fn is_meant_by(self, what: &What) -> bool {
        match what {
            What::Macro => true,
            What::Name => matches!(self, Self::Call | Self::Plain | Self::Exported),
            What::Member(_) => self == Self::Member,
            What::Tag => self == Self::Tag,
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

/// What lines (from 0) of a file with these items use and what they declare, each once, sorted.
pub fn of_lines((path, text): (&[u8], &[u8]), items: &[Item], runs: &[Range<usize>]) -> (Vec<Use>, Vec<Declared>) {
    let extent = if is_unit(path) { Extent::File } else { Extent::Everywhere };
    let is_asked = |line: usize| runs.iter().any(|run| run.contains(&(line - 1)));
    Said::of(&Scopes::of_items(path, text, items), extent, &is_asked).sorted()
}

/// The names that a piece of C uses and does not declare itself, each once, sorted.
pub fn names_in(text: &[u8]) -> Vec<Vec<u8>> {
    let (used, declared) = Said::of(&Scopes::of_piece(text), Extent::File, &|_| true).sorted();
    let mut names: Vec<Vec<u8>> = used.into_iter().map(|used| used.name).collect();
    names.dedup();
    names.retain(|name| declared.binary_search_by(|one| one.name.cmp(name)).is_err());
    names
}

/// The options that lines (from 0) of Kconfig or of a makefile use and define, by the names that they have in code; each once, sorted.
pub fn of_options((language, text): (Language, &[u8]), runs: &[Range<usize>]) -> (Vec<Use>, Vec<Declared>) {
    let mut said = Said::default();
    options(language, text, |Named { line, name, is_defined }| {
        if !runs.iter().any(|run| run.contains(&line)) {
            return;
        }
        let name = [PREFIX, name].concat();
        if is_defined {
            said.declared.insert(Declared { name, what: What::Name, extent: Extent::Everywhere });
        } else {
            said.used.insert(Use { name, role: Role::Plain });
        }
    });
    said.sorted()
}

/// What lines say.
#[derive(Default)]
struct Said {
    used: FxHashSet<Use>,
    declared: FxHashSet<Declared>,
}

impl Said {
    /// What all of a text says, whose macros count so far.
    fn of(scopes: &Scopes<'_>, extent: Extent, is_asked: &impl Fn(usize) -> bool) -> Self {
        let mut said = Self::default();
        scopes.directives.iter().for_each(|token| said.read_directive(token, extent, is_asked));
        said.read(scopes, (1, &[]), is_asked);
        said
    }

    /// Adds what code says whose first line is this and that is given these names.
    fn read(&mut self, scopes: &Scopes<'_>, (first, given): (usize, &[&[u8]]), is_asked: &impl Fn(usize) -> bool) {
        let tokens = &scopes.tokens;
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| is_asked(first + token.line - 1)) {
            let is_name = token.kind == lex::Kind::Word && token.text.len() >= SHORTEST && !is_reserved(token.text);
            if !is_name || *scopes.place(at) != Place::Use || is_label(tokens, at) {
                continue;
            }
            let role = role(tokens, at);
            let is_own = matches!(role, Role::Call | Role::Plain) && scopes.is_local(at);
            if !is_own && !given.contains(&token.text) {
                self.used.insert(Use { name: token.text.to_vec(), role });
            }
        }
        let lines = scopes.kept().filter(|(at, _)| is_asked(first + tokens[*at].line - 1));
        self.declared.extend(lines.map(|(_, declared)| declared));
    }

    /// Adds what a directive says.
    fn read_directive(&mut self, token: &Token<'_>, extent: Extent, is_asked: &impl Fn(usize) -> bool) {
        let text = token.text;
        let line = |rest: &[u8]| token.line + text[..text.len() - rest.len()].iter().filter(|c| **c == b'\n').count();
        match lex::directive(text) {
            b"define" => {
                let (name, given, body) = macro_parts(text);
                if is_asked(token.line) {
                    self.declared.insert(Declared { name: name.to_vec(), what: What::Macro, extent });
                }
                let mut own = Self::default();
                own.read(&Scopes::of_piece(body), (line(body), &given), is_asked);
                // What the body declares it declares where it is written; as what, that place tells.
                let made = own.declared.into_iter().map(|one| Declared { what: What::Macro, extent, ..one });
                self.declared.extend(made);
                self.used.extend(own.used);
            }
            b"if" | b"ifdef" | b"ifndef" | b"elif" => {
                let rest = condition(text);
                self.read(&Scopes::of_piece(rest), (line(rest), &[]), is_asked);
            }
            _ => {}
        }
    }

    fn sorted(self) -> (Vec<Use>, Vec<Declared>) {
        let mut used: Vec<Use> = self.used.into_iter().collect();
        used.sort_unstable();
        let mut declared: Vec<Declared> = self.declared.into_iter().collect();
        declared.sort_unstable();
        (used, declared)
    }
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

/// What macros begin with that do not make what they name.
const EXPORT: &[u8] = b"EXPORT_SYMBOL";

/// `goto name;`, `name:` at the start of a statement.
fn is_label(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| &tokens[at]);
    let starts = before.is_none_or(|t| t.is(";") || t.is("{") || t.is("}"));
    before.is_some_and(|t| t.is_word("goto")) || (starts && tokens.get(at + 1).is_some_and(|t| t.is(":")))
}

/// A macro's name, its parameters, and what it stands for.
fn macro_parts(directive: &[u8]) -> (&[u8], Vec<&[u8]>, &[u8]) {
    let rest = directive[position_of(directive, b"define") + b"define".len()..].trim_ascii_start();
    let end = rest.iter().position(|c| !lex::is_letter(*c) && !c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let arguments = match rest.first() {
        Some(b'(') => rest.iter().position(|c| *c == b')').map_or(rest.len(), |end| end + 1),
        _ => 0,
    };
    let (given, body) = rest.split_at(arguments);
    let given = given.split(|c| matches!(c, b'(' | b')' | b',' | b'.')).map(<[u8]>::trim_ascii);
    (name, given.filter(|name| !name.is_empty()).collect(), body)
}

/// What a conditional asks.
fn condition(directive: &[u8]) -> &[u8] {
    let word = lex::directive(directive);
    &directive[position_of(directive, word) + word.len()..]
}

fn position_of(text: &[u8], word: &[u8]) -> usize {
    memchr::memmem::find(text, word).unwrap_or(text.len() - word.len().min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::items::items;

    /// What lines of a file use and declare.
    fn of_lines(text: &[u8], run: Range<usize>) -> (Vec<Use>, Vec<Declared>) {
        super::of_lines((b"a.c", text), &items(text).list, std::slice::from_ref(&run))
    }

    fn told(text: &str) -> Vec<(String, Role)> {
        let lines = text.lines().count();
        let told = |u: Use| (String::from_utf8(u.name).expect("text"), u.role);
        of_lines(text.as_bytes(), 0..lines).0.into_iter().map(told).collect()
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
    }

    #[test]
    fn comments_strings_labels_and_the_names_of_macros_are_no_uses() {
        let text = "\t/* gone_name() */\n\tpr_info(\"gone_name\");\nfail_label:\n\tgoto fail_label;\n#define ACME_MAX(value) old_max(value)\n#ifdef CONFIG_ACME\n";
        let names: Vec<String> = told(text).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["CONFIG_ACME", "old_max", "pr_info"]);
    }

    #[test]
    fn what_a_condition_asks_and_what_a_macro_stands_for_is_used() {
        let found = told("#if IS_ENABLED(CONFIG_GONE)\n#define ACME_MASK BIT(OLD_SHIFT)\n#endif\n");
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["CONFIG_GONE", "IS_ENABLED", "OLD_SHIFT"]);
        assert_eq!(names_in(b"\tWARN_ON(invented_flag);\n"), [&b"WARN_ON"[..], b"invented_flag"]);
    }

    #[test]
    fn what_lines_declare_is_known_for_every_way_to_declare() {
        let text = b"#define ACME_BITS(x) (x)\nstruct acme_state {\n\tint level_now;\n};\nenum {\n\tACME_ONE,\n\tACME_TWO = 2,\n};\nstatic DEFINE_MUTEX(acme_lock);\n";
        let declared = of_lines(text, 0..9).1;
        for name in ["ACME_BITS", "acme_state", "level_now", "ACME_ONE", "ACME_TWO", "acme_lock"] {
            assert!(declared.iter().any(|one| one.name == name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn the_options_of_kconfig_and_of_makefiles_are_told_by_their_names_in_code() {
        let text = b"config ACME\n\tdepends on OLD_BUS\nmenuconfig LEDS\n\tselect OTHER\n";
        let (used, declared) = of_options((Language::Kconfig, text), std::slice::from_ref(&(0..3)));
        assert_eq!(used, [Use { name: b"CONFIG_OLD_BUS".to_vec(), role: Role::Plain }]);
        assert_eq!(declared.iter().map(|one| &one.name[..]).collect::<Vec<_>>(), [b"CONFIG_ACME", b"CONFIG_LEDS"]);
        let (used, _) = of_options((Language::Make, b"obj-$(CONFIG_OLD) += a.o\n"), std::slice::from_ref(&(0..1)));
        assert_eq!(used, [Use { name: b"CONFIG_OLD".to_vec(), role: Role::Plain }]);
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
        assert_eq!(of_lines(text, 1..2).0, [Use { name: b"second_call".to_vec(), role: Role::Call }]);
        assert_eq!(of_lines(text, 7..9).0, []);
    }

    #[test]
    fn a_local_hides_its_name_in_its_function_and_no_member() {
        let text = "int one(struct acme *acme)\n{\n\tint users = acme->users;\n\n\treturn users;\n}\nint two(void)\n{\n\treturn users + other(users);\n}\n";
        let found = told(text);
        let found: Vec<(&str, Role)> = found.iter().map(|(name, role)| (name.as_str(), *role)).collect();
        assert_eq!(
            found,
            [("acme", Role::Tag), ("other", Role::Call), ("users", Role::Member), ("users", Role::Plain)]
        );
        assert_eq!(told(&text[..text.find("int two").expect("there")]).len(), 2, "the local is no use");
    }

    #[test]
    fn what_stands_in_a_macro_of_an_expression_is_used() {
        let text = "int f(struct acme *acme, int n)\n{\n\tvoid *p = ERR_PTR(acme_new(acme));\n\n\tif (WARN_ON(acme_get(acme)))\n\t\treturn n * acme_put(acme);\n\tWARN_ON(acme_end(acme));\n\treturn PTR_ERR(p);\n}\n";
        let calls: Vec<String> =
            told(text).into_iter().filter(|(_, role)| *role == Role::Call).map(|(name, _)| name).collect();
        assert_eq!(calls, ["ERR_PTR", "PTR_ERR", "WARN_ON", "acme_end", "acme_get", "acme_new", "acme_put"]);
    }
}
