//! Macros that were another name of something, and are gone: what they stood for is what to write now.
//!
//! In: a name that is gone, the header of old upstream that defined it. Out: the rule that its own definition is, if new upstream's version of
//! the header declares what it stood for.
//!
//! ```text
//!   #define spi_master                      spi_controller
//!   #define devm_spi_register_master(d, c)  devm_spi_register_controller(d, c)
//! ```

use super::kernels::Kernels;
use crate::error::Result;
use crate::merge::Change;
use crate::rule::{Pattern, Requirement, Rule};
use crate::syntax::items::{ItemKind, items};
use crate::syntax::lex::{Kind, tokens};
use bstr::{BStr, ByteSlice};

/// The rules for the word alone; none if its definition was something else. What has no parameters may have been a type.
///
/// # Errors
/// An object is missing or damaged.
pub fn rules(kernels: &mut Kernels, name: &[u8], header: &[u8]) -> Result<Vec<Rule>> {
    let Some(Change { before, after }) = kernels.file(BStr::new(header))? else { return Ok(Vec::new()) };
    let defined = items(&before).list;
    let mut own = defined.iter().filter(|item| is_macro(item.kind) && item.identity(&before) == name);
    // Defined twice it is one thing or another.
    let (Some(item), None) = (own.next(), own.next()) else { return Ok(Vec::new()) };
    let Some(target) = stands_for(&before[item.span.clone()], item.kind) else { return Ok(Vec::new()) };
    let is_there = items(&after).list.iter().any(|item| item.identity(&after) == target);
    let kinds: &[&str] = match item.kind {
        _ if !is_there => &[],
        ItemKind::FunctionMacro => &["identifier"],
        _ => &["identifier", "type_identifier"],
    };
    Ok(kinds.iter().map(|kind| rule(kind, Change { before: name, after: target })).collect())
}

fn is_macro(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::ObjectMacro | ItemKind::FunctionMacro)
}

/// What a macro is another name of: a word, or a call of it with the macro's own parameters in their order.
fn stands_for(definition: &[u8], kind: ItemKind) -> Option<&[u8]> {
    // To the lexer the whole line is one token.
    let (_, line) = definition.split_once_str("define")?;
    let code = tokens(line).into_iter().filter(|token| token.kind != Kind::Comment && token.text != b"\\");
    let words: Vec<&[u8]> = code.map(|token| token.text).collect();
    let rest = words.get(1..)?;
    let (target, given) = match kind {
        ItemKind::FunctionMacro => {
            let end = rest.iter().position(|word| *word == b")")? + 1;
            let (parameters, body) = rest.split_at(end);
            let (target, given) = body.split_first()?;
            (target, (given, parameters))
        }
        _ => (rest.first()?, (&rest[1..], &rest[..0])),
    };
    let is_word = target.first().is_some_and(|c| c.is_ascii_alphabetic() || *c == b'_');
    (is_word && given.0 == given.1).then_some(*target)
}

/// The rule for a word of a kind.
fn rule(kind: &'static str, change: Change<&[u8]>) -> Rule {
    let old = change.before.to_str_lossy();
    let leaves = Change { before: Pattern::leaf(kind, change.before), after: Pattern::leaf(kind, change.after) };
    let mut rule = Rule::of_term(&format!("{old}_was"), Vec::new(), leaves);
    rule.required = Requirement::Required;
    rule.knowledge.why = format!("{old} was another name of it");
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_that_hands_its_parameters_on_is_another_name() {
        let object = |text: &str| stands_for(text.as_bytes(), ItemKind::ObjectMacro).map(<[u8]>::to_vec);
        let call = |text: &str| stands_for(text.as_bytes(), ItemKind::FunctionMacro).map(<[u8]>::to_vec);
        assert_eq!(object("#define acme_master\t\tacme_host\n"), Some(b"acme_host".to_vec()));
        assert_eq!(object("#define ACME 3\n"), None);
        assert_eq!(object("#define ACME_NAME acme host\n"), None);
        assert_eq!(
            call("#define acme_add(_a, _b) \\\n\tacme_host_add(_a, _b) /* old */\n"),
            Some(b"acme_host_add".to_vec())
        );
        for other in
            ["acme_host_add(_b, _a)", "acme_host_add(_a)", "acme_host_add(_a, _b, 0)", "(acme_host_add(_a, _b))"]
        {
            assert_eq!(call(&format!("#define acme_add(_a, _b) {other}\n")), None, "{other}");
        }
    }
}
