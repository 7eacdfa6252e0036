//! The fingerprint itself: what a node says of its statement.
//!
//! In: a text. Out: its nodes in the order of their first bytes, each inside its parent or apart from its siblings, so that
//! every token of the text is in a node.

use std::ops::Range;

/// A text as a list of statements.
#[derive(Clone, Debug, Default)]
pub struct Fingerprint<'a> {
    /// The text.
    pub text: &'a [u8],
    /// The statements, by their first byte; a parent comes before what is in it.
    pub nodes: Vec<Node<'a>>,
    /// The hashes of all nodes' tokens, node after node.
    tokens: Vec<u32>,
}

/// One statement, directive or comment, and where it stands.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// What it is, with its names.
    pub kind: NodeKind<'a>,
    /// Its first line, from 1.
    pub pos: usize,
    /// Its last line, from 1: of its closing brace, its single body, its `#endif`.
    pub end: usize,
    /// Its bytes, all that is in it included.
    pub bytes: Range<usize>,
    /// The bytes of its own beginning: the function header before `{`, the directive's line; all of a simple statement. A
    /// comment or a conditional may stand within.
    pub head: Range<usize>,
    /// Hash of its own tokens: without comments, spacing, the braces around its body and a last `,`.
    pub hash: u64,
    /// The names called in its own tokens, in order: a word that is no keyword before `(`.
    pub calls: Vec<&'a [u8]>,
    /// How many nodes it stands in: bodies, braces, conditionals.
    pub depth: usize,
    /// The node it stands in.
    pub parent: Option<usize>,
    /// Whether the end of the text, or of a conditional's branch, cut it off.
    pub is_cut: bool,
    /// Its part of the fingerprint's token hashes.
    pub(super) tokens: Range<usize>,
}

/// What a node is. A name is empty where the text has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind<'a> {
    /// `/* ... */` or `// ...`.
    Comment,
    /// `#define` of this name.
    Define(&'a [u8]),
    /// `#include` of this path, without its quotes.
    Include(&'a [u8]),
    /// `#if` of this condition, to its `#endif`.
    PpIf(&'a [u8]),
    /// `#ifdef` of this name, to its `#endif`.
    Ifdef(&'a [u8]),
    /// `#ifndef` of this name, to its `#endif`.
    Ifndef(&'a [u8]),
    /// `#elif` of this condition.
    Elif(&'a [u8]),
    /// `#else`.
    PpElse,
    /// `#endif`.
    Endif,
    /// Any other directive, by its name: `undef`, `pragma`, `error`.
    OtherDirective(&'a [u8]),
    /// A function with its body, or a macro with a body that defines one.
    FuncDef(Box<Signature<'a>>),
    /// A function's prototype.
    FuncDecl(Box<Signature<'a>>),
    /// A macro called outside of functions, by its name.
    MacroCall(&'a [u8]),
    /// Variables.
    VarDec(Declaration<'a>),
    /// `struct` of this name with its body.
    Struct(&'a [u8]),
    /// `union` of this name with its body.
    Union(&'a [u8]),
    /// `enum` of this name with its body.
    Enum(&'a [u8]),
    /// `typedef` of this name.
    Typedef(&'a [u8]),
    /// A member of a struct or union.
    FieldDeclaration(Declaration<'a>),
    /// A member of an enum, by its name.
    Enumerator(&'a [u8]),
    /// An entry of an initialiser, by its field, its index or its only word.
    Entry(&'a [u8]),
    /// Inline assembly.
    Asm,
    /// `if (...)` with its body.
    If,
    /// `else if (...)` with its body.
    ElseIf,
    /// `else` with its body.
    Else,
    /// `for (...)`, or a macro that stands for one, with its body.
    For,
    /// `while (...)` with its body.
    While,
    /// `do`, to its `while (...);`.
    Do,
    /// `switch (...)` with its body.
    Switch,
    /// `case ...:`.
    Case,
    /// `default:`.
    Default,
    /// A label, by its name.
    Label(&'a [u8]),
    /// `return`.
    Return,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `goto` this label.
    Goto(&'a [u8]),
    /// A statement that is one call, by the last word before its arguments.
    FuncCall(&'a [u8]),
    /// An assignment, `++` and `--` included.
    Assign,
    /// Any other statement, a lone `;` or bracket included.
    Expression,
    /// Braces of their own.
    Block,
    /// What follows of a statement that a conditional cut in two.
    Continuation,
}

/// A function's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature<'a> {
    /// Its name; of a macro such as `SYSCALL_DEFINE2(name, ...)` the first argument.
    pub name: &'a [u8],
    /// The words (and `*`) before its name; the macro's name if a macro defines it.
    pub types: Vec<&'a [u8]>,
    /// Its parameters, none for `(void)`.
    pub params: Vec<Parameter<'a>>,
}

/// A function's parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// The words (and `*`) of its type; `...` for the rest.
    pub types: Vec<&'a [u8]>,
    /// Its name, empty if it has none.
    pub name: &'a [u8],
}

/// The variables or members that one statement declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declaration<'a> {
    /// Their names, in order.
    pub names: Vec<&'a [u8]>,
    /// The words (and `*`) before the first name.
    pub types: Vec<&'a [u8]>,
}

impl<'a> Fingerprint<'a> {
    /// Puts a fingerprint together from its parts.
    pub(super) fn from_parts(text: &'a [u8], nodes: Vec<Node<'a>>, tokens: Vec<u32>) -> Self {
        Self { text, nodes, tokens }
    }

    /// The hashes of all tokens; a node's are at its range of them.
    pub(super) fn all_tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// The hashes of a node's own tokens, in order.
    pub fn tokens(&self, node: &Node<'_>) -> &[u32] {
        &self.tokens[node.tokens.clone()]
    }
}

impl<'a> NodeKind<'a> {
    /// The name a node goes by: of a function, macro, type, field, label, path or condition; of several variables the first.
    pub fn name(&self) -> &'a [u8] {
        match self {
            Self::Define(name)
            | Self::Include(name)
            | Self::PpIf(name)
            | Self::Ifdef(name)
            | Self::Ifndef(name)
            | Self::Elif(name)
            | Self::OtherDirective(name)
            | Self::MacroCall(name)
            | Self::Struct(name)
            | Self::Union(name)
            | Self::Enum(name)
            | Self::Typedef(name)
            | Self::Enumerator(name)
            | Self::Entry(name)
            | Self::Label(name)
            | Self::Goto(name)
            | Self::FuncCall(name) => name,
            Self::FuncDef(signature) | Self::FuncDecl(signature) => signature.name,
            Self::VarDec(declared) | Self::FieldDeclaration(declared) => declared.names.first().copied().unwrap_or(b""),
            _ => b"",
        }
    }

    /// Whether it opens a preprocessor conditional.
    pub fn opens_conditional(&self) -> bool {
        matches!(self, Self::PpIf(_) | Self::Ifdef(_) | Self::Ifndef(_))
    }
}
