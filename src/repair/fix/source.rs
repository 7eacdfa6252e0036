//! A file as fixers look at it: its functions as trees, their calls and statements, what a name is declared to be. In: the text of a
//! file. Out: places in it, as bytes of the file.

use crate::syntax::items::{Item, ItemKind, Items, items};
use crate::syntax::parse::{Reading, parse};
use crate::syntax::syntax_tree::{Shape, SyntaxTree};
use bstr::ByteSlice;
use std::ops::Range;

/// Statements that may stand in a block.
const STATEMENTS: [&str; 13] = [
    "expression_statement",
    "declaration",
    "return_statement",
    "goto_statement",
    "if_statement",
    "for_statement",
    "while_statement",
    "do_statement",
    "switch_statement",
    "labeled_statement",
    "case_statement",
    "break_statement",
    "continue_statement",
];

/// A file, cut into items.
pub struct Source<'a> {
    /// All of it.
    pub text: &'a [u8],
    /// Its items.
    pub items: Items,
}

impl<'a> Source<'a> {
    /// Cuts a text into items.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, items: items(text) }
    }

    /// The item that a line (from 1) is in.
    pub fn item_on(&self, line: usize) -> Option<&Item> {
        self.items.on_line(line)
    }

    /// The function that a line (from 1) is in; an error in words if there is none that can be read.
    pub fn function_on(&self, line: usize) -> Result<Function<'a>, String> {
        let item = self.item_on(line).filter(|item| item.kind.is_function());
        Function::read(self.text, item.ok_or("the line is in no function")?)
    }

    /// The function of that name, if there is one.
    pub fn function_named(&self, name: &str) -> Option<Result<Function<'a>, String>> {
        let mut named = self
            .items
            .list
            .iter()
            .filter(|item| item.kind.is_function() && item.identity(self.text) == name.as_bytes());
        let item = named.next().filter(|_| named.next().is_none())?;
        Some(Function::read(self.text, item))
    }

    /// The item of a kind that a name is given to, if there is exactly one.
    pub fn item_named(&self, kind: ItemKind, name: &[u8]) -> Option<&Item> {
        let mut named = self.items.list.iter().filter(|item| {
            let is_defined = !item.body.is_empty() || kind == ItemKind::Variable;
            item.kind == kind && item.identity(self.text) == name && is_defined
        });
        named.next().filter(|_| named.next().is_none())
    }
}

/// The line (from 1) of a byte.
pub fn line_of(text: &[u8], at: usize) -> usize {
    1 + text[..at.min(text.len())].iter().filter(|c| **c == b'\n').count()
}

/// First byte of the line that a byte is in.
pub fn line_start(text: &[u8], at: usize) -> usize {
    text[..at.min(text.len())].rfind_byte(b'\n').map_or(0, |end| end + 1)
}

/// One past the line end of the line that a byte is in.
pub fn line_end(text: &[u8], at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find_byte(b'\n')).map_or(text.len(), |end| at + end + 1)
}

/// The white space that the line of a byte begins with.
pub fn indent_of(text: &[u8], at: usize) -> &[u8] {
    let rest = &text[line_start(text, at)..];
    &rest[..rest.iter().position(|c| !matches!(c, b' ' | b'\t')).unwrap_or(rest.len())]
}

/// A function or a type, read as a tree.
pub struct Function<'a> {
    /// The file.
    pub text: &'a [u8],
    /// Its own bytes.
    pub span: Range<usize>,
    /// First and last line, from 1.
    pub lines: (usize, usize),
    /// What it is called.
    pub name: &'a [u8],
    /// Its head, up to the body.
    pub head: Range<usize>,
    tree: SyntaxTree,
}

/// A call of a function by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The call.
    pub node: usize,
    /// The bytes of the name.
    pub callee: Range<usize>,
    /// The bytes of each argument.
    pub arguments: Vec<Range<usize>>,
}

/// How a function declares a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The declaration.
    pub declaration: usize,
    /// The name in it.
    pub node: usize,
    /// The declarators around the name, from the inside.
    pub path: Vec<&'static str>,
    /// The bytes between the brackets, of an array.
    pub size: Option<Range<usize>>,
}

impl Local {
    /// Is it an array of a known size, of no pointers?
    pub fn is_array(&self) -> bool {
        let shape: Vec<&str> = self.path.iter().copied().filter(|kind| *kind != "init_declarator").collect();
        shape == ["array_declarator"] && self.size.as_ref().is_some_and(|size| !size.is_empty())
    }

    /// Is it a plain variable, neither array nor pointer nor function?
    pub fn is_plain(&self) -> bool {
        self.path.iter().all(|kind| *kind == "init_declarator")
    }
}

impl<'a> Function<'a> {
    /// Reads an item.
    ///
    /// # Errors
    /// It does not parse, in words.
    pub fn read(text: &'a [u8], item: &Item) -> Result<Self, String> {
        let name = item.identity(text);
        let own = text.get(item.span.clone()).unwrap_or_default();
        let parsed = parse(own, Reading::Masked).ok_or("it is too long to be parsed")?;
        if !parsed.faults.is_empty() {
            return Err(format!("{} does not parse, so its statements are not known", name.to_str_lossy()));
        }
        let (span, head) = (item.span.clone(), item.signature.clone());
        Ok(Self { text, span, lines: item.lines, name, head, tree: parsed.tree })
    }

    /// The number of nodes.
    pub fn nodes(&self) -> Range<usize> {
        0..self.tree.nodes().len()
    }

    /// A node's kind.
    pub fn kind(&self, node: usize) -> &'static str {
        self.tree.nodes().get(node).map_or("", |n| n.kind)
    }

    /// What a node is to its parent.
    pub fn field(&self, node: usize) -> Option<&'static str> {
        self.tree.nodes().get(node).and_then(|n| n.field)
    }

    /// A node's bytes in the file.
    pub fn range(&self, node: usize) -> Range<usize> {
        self.tree
            .nodes()
            .get(node)
            .map_or(0..0, |n| self.span.start + n.start as usize..self.span.start + n.end as usize)
    }

    /// A node's text.
    pub fn word(&self, node: usize) -> &'a [u8] {
        self.text.get(self.range(node)).unwrap_or_default()
    }

    /// The parent; of the root, itself.
    pub fn parent(&self, node: usize) -> usize {
        self.tree.nodes().get(node).map_or(0, |n| n.parent as usize)
    }

    /// The child in a field.
    pub fn child(&self, node: usize, field: &str) -> Option<usize> {
        self.tree.child(node, field)
    }

    /// The children that are neither punctuation nor keywords.
    pub fn children(&self, node: usize) -> Vec<usize> {
        let named = |at: &usize| self.tree.nodes().get(*at).is_some_and(|n| n.shape == Shape::Named);
        self.tree.children(node).filter(named).collect()
    }

    /// All nodes below one, itself first.
    pub fn below(&self, node: usize) -> Range<usize> {
        node..self.tree.nodes().get(node).map_or(node, |n| n.after as usize)
    }

    /// The nodes of a kind, in order.
    pub fn all<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = usize> + 's {
        self.nodes().filter(move |node| self.kind(*node) == kind)
    }

    /// The statement that a node is in.
    pub fn statement(&self, node: usize) -> usize {
        let mut at = node;
        while at != 0 && !STATEMENTS.contains(&self.kind(at)) {
            at = self.parent(at);
        }
        at
    }

    /// First and last line of a node, from 1.
    pub fn lines_of(&self, node: usize) -> (usize, usize) {
        let range = self.range(node);
        (line_of(self.text, range.start), line_of(self.text, range.end.saturating_sub(1)))
    }

    /// The calls of functions by name, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.all("call_expression").filter_map(|node| self.call(node)).collect()
    }

    /// A node as a call.
    pub fn call(&self, node: usize) -> Option<Call> {
        if self.kind(node) != "call_expression" {
            return None;
        }
        let callee = self.child(node, "function").filter(|at| self.kind(*at) == "identifier")?;
        let list = self.child(node, "arguments")?;
        let arguments = self.children(list).into_iter().filter(|at| self.kind(*at) != "comment");
        Some(Call { node, callee: self.range(callee), arguments: arguments.map(|at| self.range(at)).collect() })
    }

    /// The bytes of a range of the file.
    pub fn bytes(&self, range: &Range<usize>) -> &'a [u8] {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Is the value of an expression thrown away: is it a whole statement?
    pub fn is_unused(&self, node: usize) -> bool {
        let mut parent = self.parent(node);
        if self.kind(parent) == "cast_expression" {
            parent = self.parent(parent);
        }
        self.kind(parent) == "expression_statement"
    }

    /// The declarations of a name, in order: parameters, locals, or the fields of a type.
    pub fn locals(&self, name: &[u8]) -> Vec<Local> {
        let is_it =
            |node: &usize| matches!(self.kind(*node), "identifier" | "field_identifier") && self.word(*node) == name;
        self.nodes().filter(is_it).filter_map(|node| self.local(node)).collect()
    }

    /// A name as one that is declared.
    fn local(&self, node: usize) -> Option<Local> {
        let mut local = Local { declaration: 0, node, path: Vec::new(), size: None };
        let mut at = node;
        loop {
            let (parent, field) = (self.parent(at), self.field(at));
            match self.kind(parent) {
                "declaration" | "parameter_declaration" | "field_declaration" if field == Some("declarator") => {
                    local.declaration = parent;
                    return Some(local);
                }
                kind @ ("array_declarator" | "pointer_declarator" | "function_declarator" | "init_declarator")
                    if field == Some("declarator") =>
                {
                    local.path.push(kind);
                    if kind == "array_declarator" && local.size.is_none() {
                        local.size = Some(self.child(parent, "size").map_or(0..0, |size| self.range(size)));
                    }
                }
                kind @ "parenthesized_declarator" => local.path.push(kind),
                _ => return None,
            }
            at = parent;
        }
    }

    /// The type that a declaration gives, as it is written: `struct foo`.
    pub fn type_of(&self, declaration: usize) -> &'a [u8] {
        self.child(declaration, "type").map_or(b"".as_slice(), |node| self.word(node))
    }

    /// The words of the function that are this one, but for comments, and for what is a name of another sort: `struct it`, `p->it`.
    pub fn uses(&self, name: &[u8]) -> usize {
        use crate::syntax::lex::{Kind, has_word, tokens};
        let own = self.text.get(self.span.clone()).unwrap_or_default();
        let mut before: &[u8] = b"";
        let mut count = 0;
        for token in tokens(own) {
            let is_other = matches!(before, b"struct" | b"union" | b"enum" | b"->" | b".");
            count += usize::from(match token.kind {
                Kind::Comment => continue,
                Kind::Word => token.text == name && !is_other,
                Kind::Directive => has_word(token.text, name),
                _ => false,
            });
            before = token.text;
        }
        count
    }
}
