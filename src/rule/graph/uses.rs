//! What a file's tables say of its functions: `.remove = foo_remove` in a `struct platform_driver`.
//!
//! In: the text of a file. Out: for each name that stands in an initialiser, the fields that it is put into and the type of what they
//! are of. A header alone does not tell a driver's `remove` from its `probe`; the table does (Spinfer's C4, which it leaves out).

use crate::syntax::items::{Item, ItemKind, items};
use crate::syntax::lex::{self, Kind, Token};
use std::collections::{BTreeMap, BTreeSet};

/// A field of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Use {
    /// The type of the table: `struct platform_driver`.
    pub table: Vec<u8>,
    /// The field: `remove`.
    pub field: Vec<u8>,
}

/// Name to the fields that it is put into.
pub type Uses = BTreeMap<Vec<u8>, BTreeSet<Use>>;

/// The uses of a file.
pub fn uses(text: &[u8]) -> Uses {
    let mut found = Uses::new();
    for item in items(text).list.iter().filter(|item| item.kind == ItemKind::Variable && !item.body.is_empty()) {
        let body = text.get(item.body.clone()).unwrap_or_default();
        let Some(table) = table(text, item) else { continue };
        let tokens: Vec<Token<'_>> = lex::tokens(body).into_iter().filter(|t| t.kind != Kind::Comment).collect();
        for five in tokens.windows(5) {
            let [dot, field, equals, name, end] = five else { continue };
            if dot.is(".") && field.kind == Kind::Word && equals.is("=") && name.kind == Kind::Word {
                let field = Use { table: table.clone(), field: field.text.to_vec() };
                let name = if end.is("(") { wrapped(&tokens, end) } else { Some(*name) };
                let Some(name) = name.filter(|_| end.is(",") || end.is("}") || end.is("(")) else { continue };
                found.entry(name.text.to_vec()).or_default().insert(field);
            }
        }
    }
    found
}

/// The only word between the parentheses that open at a token: `__exit_p(name)`.
fn wrapped<'a>(tokens: &[Token<'a>], open: &Token<'a>) -> Option<Token<'a>> {
    let at = tokens.partition_point(|t| t.at <= open.at);
    let name = tokens.get(at).filter(|t| t.kind == Kind::Word)?;
    tokens.get(at + 1).filter(|t| t.is(")")).map(|_| *name)
}

/// The type of a variable: `struct` and its tag.
fn table(text: &[u8], item: &Item) -> Option<Vec<u8>> {
    let head = text.get(item.span.start..item.body.start)?;
    let tokens = lex::tokens(head);
    let at = tokens.iter().position(|t| t.is_word("struct"))?;
    Some([b"struct ", tokens.get(at + 1).filter(|t| t.kind == Kind::Word)?.text].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_the_field_and_table_that_it_is_put_into() {
        let text = b"static struct platform_driver d = {\n\t.probe = a_probe,\n\t.remove\t= a_gone,\n\t.driver = {\n\t\t.pm = &ops,\n\t\t.owner = X\n\t},\n\t.shutdown = __exit_p(a_off),\n};\nint x = 1;\n";
        let found = uses(text);
        let of = |name: &[u8]| {
            let all = found.get(name).into_iter().flatten();
            all.map(|u| format!("{} {}", String::from_utf8_lossy(&u.table), String::from_utf8_lossy(&u.field)))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(b"a_gone"), ["struct platform_driver remove"]);
        assert_eq!(of(b"a_probe"), ["struct platform_driver probe"]);
        assert_eq!(of(b"a_off"), ["struct platform_driver shutdown"]);
        assert!(of(b"ops").is_empty() && of(b"x").is_empty());
    }
}
