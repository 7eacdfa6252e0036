//! The top-level items of a C file: its functions, types, tables, declarations, macro calls and directives.
//!
//! In: bytes of a file, or of any cut of one. Out: the items in order, each with its name, its places, and the stack of
//! `#if` branches that it stands in; between items is only white space, lone comments, stray punctuation and assembler.
//! No preprocessor runs and no parser: brackets are counted, and every branch of an `#if` is counted from the same depth.
//!
//! ```text
//! static int f(int a)     head: tokens outside of braces, from which `head` tells kind and name
//! {                       body: from the brace to the one that closes it
//! #ifdef X
//!         if (a) {        depth 2
//! #else
//!         {               depth 2 again: the count restarts from the #ifdef
//! #endif                  and goes on as the first branch left it
//!         } }             the item ends with its body, a declaration with its `;`, a macro call with its `)`
//! ```

mod ahead;
mod arms;
mod branch;
mod group;
mod head;
mod scan;

use std::ops::Range;

pub use branch::{Arm, Branches};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemKind {
    /// A function with its body.
    Function,
    /// A macro call with a body: `SYSCALL_DEFINE1(name, int, fd) { ... }`.
    MacroFunction,
    /// `struct x { ... };`, or only its name.
    Struct,
    /// `union x { ... };`
    Union,
    /// `enum x { ... };`
    Enum,
    /// `typedef ...;`
    Typedef,
    /// A variable, with its initialiser if there is one.
    Variable,
    /// A function declared without a body.
    Prototype,
    /// A call at top level: `EXPORT_SYMBOL(x);`, `static DEFINE_MUTEX(x);`.
    MacroCall,
    /// `#define X ...`
    ObjectMacro,
    /// `#define X(a) ...`
    FunctionMacro,
    /// `#include ...`
    Include,
    /// `#if`, `#ifdef`, `#ifndef`, `#elif`, `#else`, `#endif`.
    Conditional,
    /// Any other directive.
    Directive,
    /// Something that no rule knows.
    Other,
}

impl ItemKind {
    /// Whether it is code with a body.
    pub fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::MacroFunction)
    }
}

/// One top-level item. All places are byte offsets into the text; an empty range means that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// The name: of what is defined; of a macro call, the macro's; of an include, its path with the quotes.
    pub name: Range<usize>,
    /// The first argument of a macro call or macro function; the first constant of an enum without a name.
    pub argument: Range<usize>,
    /// All of it, without the comments above, with a comment behind it on its last line.
    pub span: Range<usize>,
    /// Where the comments directly above it begin; `span.start` if there are none.
    pub comment: usize,
    /// First and last line of `span`, from 1.
    pub lines: (usize, usize),
    /// From its beginning to its body; without a body, all of it.
    pub signature: Range<usize>,
    /// From `{` to `}` with both: of a function, a type or an initialiser.
    pub body: Range<usize>,
    /// The `#if` branch in which it begins: a key for `Items::branches`.
    pub branch: usize,
}

impl Item {
    /// The bytes of what names it: the function, type or variable; of a macro function the thing that it defines.
    pub fn identity<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let place =
            if self.kind == ItemKind::MacroFunction && !self.argument.is_empty() { &self.argument } else { &self.name };
        text.get(place.clone()).unwrap_or_default()
    }

    /// What it says to those who use it: of a function its head, with an empty body in the place of its own.
    pub fn declaration(&self, text: &[u8]) -> Vec<u8> {
        match self.kind {
            ItemKind::Function => [&text[self.span.start..self.signature.end], b" { }"].concat(),
            _ => text[self.span.clone()].to_vec(),
        }
    }
}

/// The items of a text and the branches they stand in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// In order; they don't overlap.
    pub list: Vec<Item>,
    /// The `#if` branches of the text.
    pub branches: Branches,
}

impl Items {
    /// The item that holds the byte at `offset`, the comments above it included.
    pub fn at(&self, offset: usize) -> Option<&Item> {
        let after = self.list.partition_point(|item| item.comment <= offset);
        self.list.get(after.checked_sub(1)?).filter(|item| offset < item.span.end)
    }

    /// The item that holds `line` (from 1), the comments above it left aside.
    pub fn on_line(&self, line: usize) -> Option<&Item> {
        let after = self.list.partition_point(|item| item.lines.0 <= line);
        self.list.get(after.checked_sub(1)?).filter(|item| line <= item.lines.1)
    }
}

/// Cuts `text` into its top-level items, in time linear in its length.
pub fn items(text: &[u8]) -> Items {
    scan::Scanner::new(text).run()
}

#[cfg(test)]
mod tests;
