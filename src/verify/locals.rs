//! Names of a function that the patch's lines use, and that the function has no more, or declares otherwise: parameters, variables,
//! labels.
//!
//! In: a [`Case`]. Out: [`Remark`]s at the lines of the result.
//!
//! ```text
//!   theirs   f(int count) { ... + if (!count) }      ours   f(struct list *all) { ... }      nobody declares `count` here
//! ```

use super::case::{Case, Landed};
use crate::merge::Remark;
use crate::syntax::language::Language;
use crate::syntax::lex::{Kind, Token, is_keyword, is_reserved};
use crate::syntax::outline::{Section, SectionKind};
use crate::syntax::scope::{Place, Scopes};
use crate::syntax::version::Version;
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};

/// Words of a declaration that say nothing of the type.
const QUALIFIERS: [&[u8]; 4] = [b"const", b"volatile", b"static", b"register"];

/// What a function names for itself.
struct Names<'t> {
    scopes: Scopes<'t>,
    /// Its parameters and variables with their types; more than one if inner blocks have a name again.
    variables: FxHashMap<&'t [u8], Vec<Vec<u8>>>,
    labels: FxHashSet<&'t [u8]>,
}

/// A word that stands for a variable, or for a label.
struct Use<'t> {
    name: &'t [u8],
    /// Its line in the function, from 0.
    line: usize,
    is_label: bool,
}

impl<'t> Names<'t> {
    fn of(function: &'t [u8]) -> Self {
        let scopes = Scopes::of_piece(function);
        let mut variables: FxHashMap<&[u8], Vec<Vec<u8>>> = FxHashMap::default();
        let mut labels = FxHashSet::default();
        for (at, token) in scopes.tokens.iter().enumerate() {
            if *scopes.place(at) == Place::Local {
                variables.entry(token.text).or_default().push(type_of(&scopes.tokens, at));
            } else if is_label(&scopes.tokens, at) {
                labels.insert(token.text);
            }
        }
        Self { scopes, variables, labels }
    }

    /// Its words that may be a variable or a label, where they are used.
    fn uses(&self) -> impl Iterator<Item = Use<'t>> {
        let tokens = &self.scopes.tokens;
        tokens.iter().enumerate().filter_map(|(at, token)| {
            let before = at.checked_sub(1).map(|at| tokens[at].text).unwrap_or_default();
            let is_name = token.kind == Kind::Word && !is_keyword(token.text) && !is_reserved(token.text);
            let is_other = matches!(before, b"." | b"->" | b"struct" | b"union" | b"enum") || is_label(tokens, at);
            let is_used = is_name && !is_other && *self.scopes.place(at) == Place::Use;
            is_used.then(|| Use { name: token.text, line: token.line - 1, is_label: before == b"goto" })
        })
    }

    /// Its only type of a name.
    fn only_type(&self, name: &[u8]) -> Option<&[u8]> {
        self.variables.get(name).filter(|types| types.len() == 1).map(|types| types[0].as_slice())
    }
}

/// Names that the patch's lines use where the function has them no more, or declares them otherwise.
pub fn doubts(case: &Case<'_>) -> Vec<Remark> {
    if case.language != Language::C || case.upstream().is_empty() {
        return Vec::new();
    }
    let landed = case.landed();
    let functions = case.sections_written().into_iter().filter(|section| section.kind == SectionKind::Function);
    functions.flat_map(|section| of_function(case, (section, home(case, section, landed)))).collect()
}

/// The same for a function of the result, and where the patch had its lines.
fn of_function(case: &Case<'_>, (section, home): (&Section, Option<&Section>)) -> Vec<Remark> {
    let [base, ours] = [&case.sides.base, &case.sides.ours];
    let text = |side: &Version<'_>, of: Option<&Section>| of.map_or(Vec::new(), |of| side.text_of_same(of));
    let (then, meant) = (text(base, home), text(&case.sides.theirs, home));
    let (here, is) = (ours.text_of_same(section), case.result.text_of(&section.lines));
    let [then, meant, here, is] = [&then, &meant, &here, &is].map(|text| Names::of(text));
    let others: FxHashSet<&[u8]> = here.uses().map(|one| one.name).collect();
    let written: FxHashSet<usize> = case.written().collect();
    let mut seen = FxHashSet::default();
    let mut doubts = Vec::new();
    for one in is.uses().filter(|one| written.contains(&(section.lines.start + one.line))) {
        let (shown, function) = (one.name.to_str_lossy(), section.name.to_str_lossy());
        let said = if one.is_label {
            let is_lost = meant.labels.contains(one.name) && !is.labels.contains(one.name);
            is_lost.then(|| format!("the patch goes to '{shown}', and function {function} has no such label any more"))
        } else if !meant.variables.contains_key(one.name) {
            None
        } else if !is.variables.contains_key(one.name) {
            // What the kernel's own lines use there is declared in a way that is not seen.
            let is_lost = !others.contains(one.name);
            is_lost.then(|| format!("the patch uses '{shown}', and function {function} declares it no more"))
        } else {
            let types = [&then, &meant, &is].map(|names| names.only_type(one.name));
            let [Some(old), Some(own), Some(new)] = types.map(|of| of.map(|of| of.to_str_lossy().into_owned())) else {
                continue;
            };
            let is_other = old == own && own != new && !(is_number(&old) && is_number(&new));
            is_other.then(|| format!("the patch uses '{shown}', which was {old} in function {function} and is {new}"))
        };
        if let Some(said) = said.filter(|_| seen.insert((one.name, one.is_label))) {
            doubts.push(Remark::new(section.lines.start + one.line + 1, said));
        }
    }
    doubts
}

/// The function of the patched file that the patch's lines in a function of the result came from.
fn home<'c>(case: &'c Case<'_>, section: &Section, landed: &[Landed]) -> Option<&'c Section> {
    let theirs = &case.sides.theirs;
    let landed = landed.iter().filter(|line| section.lines.contains(&line.result));
    let from = landed.filter_map(|line| theirs.section_at(line.theirs)).find(|from| from.kind == SectionKind::Function);
    from.or_else(|| theirs.same(section).next())
}

/// `name:` where a statement begins.
fn is_label(tokens: &[Token<'_>], at: usize) -> bool {
    let begins = at.checked_sub(1).is_some_and(|at| [";", "{", "}", ":"].iter().any(|p| tokens[at].is(p)));
    let is_word = tokens[at].kind == Kind::Word && tokens[at].text != b"default";
    is_word && begins && tokens.get(at + 1).is_some_and(|next| next.is(":"))
}

/// The type that a declared name has: its words, without qualifiers, a star for each pointer, brackets of an array.
fn type_of(tokens: &[Token<'_>], at: usize) -> Vec<u8> {
    let stars = tokens[..at].iter().rev().take_while(|token| token.is("*")).count();
    let is_word = |token: &&Token<'_>| token.kind == Kind::Word;
    let mut words: Vec<&[u8]> = tokens[..at - stars].iter().rev().take_while(is_word).map(|token| token.text).collect();
    if words.is_empty() {
        // `int a, *b`: the words stand at the statement's beginning.
        let is_end = |token: &Token<'_>| [";", "{", "}"].iter().any(|p| token.is(p));
        let start = tokens[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
        let all: Vec<&[u8]> = tokens[start..at].iter().take_while(is_word).map(|token| token.text).collect();
        // The last one is the first name, if no star stands between.
        words = match tokens.get(start + all.len()) {
            Some(token) if token.is("*") => all,
            _ => all[..all.len().saturating_sub(1)].to_vec(),
        };
        words.reverse();
    }
    words.retain(|word| !QUALIFIERS.contains(word) && !word.starts_with(b"__"));
    words.reverse();
    let end: &[u8] = if tokens.get(at + 1).is_some_and(|next| next.is("[")) { b"[]" } else { b"" };
    [&words.join(&b' ')[..], &b" "[..usize::from(stars > 0)], &b"*".repeat(stars), end].concat()
}

/// Is a type a number of some width? One serves as well as another, mostly.
fn is_number(of: &str) -> bool {
    of.split(' ').all(|word| is_reserved(word.as_bytes()) && !matches!(word, "struct" | "union" | "void"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::case::said_of_patch;

    const BASE: &str = "static int f(struct acme *acme, int count)\n{\n\tunsigned long *flags, key;\n\n\tfirst(acme, flags);\n\tsecond(count);\n\tif (third())\n\t\tgoto err_free;\n\n\treturn 0;\n\nerr_free:\n\tput(acme, key);\n\treturn 1;\n}\n";

    fn said(line: &str, upstream: &[(&str, &str)]) -> Vec<String> {
        said_of_patch(BASE, ("\n\treturn 0;", &format!("{line}\n\treturn 0;")), upstream, doubts)
    }

    #[test]
    fn a_variable_or_label_that_the_function_has_no_more_is_told() {
        let renamed = [("int count", "int nr"), ("(count)", "(nr)"), ("err_free", "err_put")];
        assert_eq!(
            said("\tif (count > acme->count)\n\t\tgoto err_free;\n", &renamed),
            [
                "the patch uses 'count', and function f declares it no more",
                "the patch goes to 'err_free', and function f has no such label any more"
            ]
        );
        assert_eq!(said("\tacme->count = 0;\n\tlabel(\"count\");\n", &renamed), [""; 0], "a member, and a text");
        let hidden = [("int count", "DECLARES(count)")];
        assert_eq!(said("\tgo_on_with(count);\n", &hidden), [""; 0], "the kernel's own lines use it");
        let own = [("int count)\n{\n", "int nr)\n{\n\tint count = nr;\n")];
        assert_eq!(said("\tgo_on_with(count);\n", &own), [""; 0], "it is a variable now");
    }

    #[test]
    fn a_variable_of_another_type_is_told() {
        let other = [("int count", "u64 *count"), ("unsigned long *flags, key", "unsigned long flags, key")];
        assert_eq!(
            said("\tgo_on_with(count, flags);\n\tgo_on_with(key, acme);\n", &other),
            [
                "the patch uses 'count', which was int in function f and is u64 *",
                "the patch uses 'flags', which was unsigned long * in function f and is unsigned long"
            ]
        );
        let same = [("struct acme *acme, int count", "const struct acme *acme, u64 count")];
        assert_eq!(said("\tgo_on_with(count, acme, key);\n", &same), [""; 0], "a qualifier, and another width");
    }
}
