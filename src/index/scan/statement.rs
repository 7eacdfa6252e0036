//! One declaration of C while it is read: which of its words is the name that it declares. In: words and marks, left to right.
//! Out: names with kinds.
//!
//! ```text
//!     static struct file_operations   foo_ops = {        last word before = ; , or [
//!     int (*open)(struct inode *)   ;                    the word behind (*
//!     static int __printf(1, 2) foo_say(const char *f)   the last word before ( that decorates nothing
//!     static DEFINE_MUTEX(foo_lock);                     a macro's argument
//! ```

use super::keyword;
use super::lex::Word;
use super::words::Words;
use crate::index::kind::Kind;
use crate::index::name::{Name, is_upper};

/// Where the declaration stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    /// In no braces.
    File,
    /// In the braces of a `struct` or `union`.
    Fields,
}

/// The token before.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Before {
    /// A mark, or nothing.
    #[default]
    Mark,
    /// The opening parenthesis of a group.
    Opening,
    /// `(*`, or only words that decorate since.
    Star,
    /// A word that may be a name.
    Word,
    /// `struct`, `union` or `enum`.
    Tag,
    /// A word that decorates.
    Attribute,
}

/// `word(`: a function's name and parameters, or a macro's and its arguments.
#[derive(Clone, Copy)]
struct Group<'a> {
    head: Word<'a>,
    /// The last word of the first two arguments.
    arguments: [Option<Word<'a>>; 2],
    /// Commas seen.
    commas: u8,
}

impl<'a> Group<'a> {
    /// Is it written like a macro?
    fn is_macro(&self) -> bool {
        is_upper(self.head.text)
    }

    /// Is this in its name?
    fn has(&self, part: &[u8]) -> bool {
        self.head.text.windows(part.len()).any(|w| w == part)
    }

    /// Is this a macro that defines or declares what its argument names?
    fn is_defining(&self) -> bool {
        self.is_macro() && (self.has(b"DEFINE") || self.has(b"DECLARE") || self.head.text.ends_with(b"LIST_HEAD"))
    }

    /// The argument that is the name: `DEFINE_MUTEX(name)`, `DEFINE_PER_CPU(type, name)`.
    fn named(&self) -> Option<Word<'a>> {
        let second = self.has(b"PER_CPU") || self.has(b"FLEX_ARRAY") || self.head.text.starts_with(b"DEFINE_EVENT");
        self.arguments[usize::from(second)]
    }
}

/// A declaration up to here.
#[derive(Clone, Copy, Default)]
pub(super) struct Statement<'a> {
    typedef: bool,
    external: bool,
    /// The last of `struct`, `union`, `enum`.
    tag: Option<Kind>,
    /// Words outside parentheses that are neither storage classes nor decoration: a type and a name make two.
    typed: u8,
    /// The last of them, unless something else came behind it.
    last: Option<Word<'a>>,
    before: Before,
    /// Open parentheses and brackets.
    open: u32,
    group: Option<Group<'a>>,
    /// The word behind `(*`.
    pointer: Option<Name>,
    /// Behind `=` or `:`, up to the next comma.
    assigned: bool,
    /// A body of fields or enumerators was closed.
    closed: bool,
}

/// What an opening brace begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Opens {
    /// A function's body.
    Function,
    /// Members.
    Fields,
    /// Constants.
    Enumerators,
    /// `extern "C" {`: as if it were not there.
    Linkage,
    /// An initialiser, or what nobody understands.
    Other,
}

impl<'a> Statement<'a> {
    /// A word of the declaration.
    pub(super) fn word(&mut self, word: Word<'a>, level: Level) {
        if self.open > 0 {
            return self.word_in_group(word);
        }
        if self.assigned {
            return;
        }
        match word.name {
            keyword::STRUCT => self.tagged(Kind::Struct),
            keyword::UNION => self.tagged(Kind::Union),
            keyword::ENUM => self.tagged(Kind::Enum),
            // Nothing but a new declaration begins so: whatever came before was a macro without its semicolon.
            keyword::TYPEDEF if level == Level::File => *self = Self { typedef: true, ..Self::default() },
            keyword::EXTERN if level == Level::File => *self = Self { external: true, ..Self::default() },
            name if keyword::is_storage(name) => self.before = Before::Attribute,
            name if is_decoration(word, name) => self.before = Before::Attribute,
            _ => {
                self.typed = self.typed.saturating_add(1);
                self.last = Some(word);
                self.before = Before::Word;
            }
        }
    }

    /// `struct`, `union` or `enum`: no macro call is complete before it.
    fn tagged(&mut self, kind: Kind) {
        self.tag = Some(kind);
        self.group = None;
        self.before = Before::Tag;
    }

    /// A word in parentheses or brackets.
    fn word_in_group(&mut self, word: Word<'a>) {
        let plain = !keyword::is_storage(word.name) && !is_decoration(word, word.name);
        if !plain {
            return;
        }
        if self.before == Before::Star && self.open == 1 && self.pointer.is_none() {
            self.pointer = Some(word.name);
            self.group = None;
        }
        if let Some(group) = self.group.as_mut().filter(|_| self.open == 1)
            && let Some(argument) = group.arguments.get_mut(usize::from(group.commas))
        {
            *argument = Some(word);
        }
        self.before = Before::Word;
    }

    /// A mark that is neither a brace nor a semicolon.
    pub(super) fn mark(&mut self, mark: u8, level: Level, words: &mut Words) {
        match mark {
            b'(' => self.open_group(),
            b'[' => self.open = self.open.saturating_add(1),
            b')' | b']' => self.close_group(),
            b'*' if self.open == 1 && self.before == Before::Opening => self.before = Before::Star,
            b'*' => {}
            b',' if self.open == 1 => self.next_argument(),
            b',' if self.open == 0 => self.next_name(level, words),
            b'=' | b':' if self.open == 0 && !self.assigned => {
                self.conclude(level, words);
                self.assigned = true;
            }
            _ => self.before = Before::Mark,
        }
    }

    /// An opening parenthesis.
    fn open_group(&mut self) {
        if self.open == 0 && !self.assigned {
            match (self.before, self.last, self.group) {
                (Before::Word, Some(head), group) if !is_behind(head, group) => {
                    self.group = Some(Group { head, arguments: [None; 2], commas: 0 });
                }
                // `int (name)(int)`
                (Before::Mark, None, Some(group)) if !group.is_macro() && self.pointer.is_none() => {
                    self.pointer = group.arguments[0].map(|word| word.name);
                }
                _ => {}
            }
            self.before = Before::Opening;
        }
        self.open = self.open.saturating_add(1);
    }

    /// A closing parenthesis or bracket; behind an array the name before it stays the last word.
    fn close_group(&mut self) {
        let was_array = self.open == 1 && self.group.is_none() && self.pointer.is_none();
        self.open = self.open.saturating_sub(1);
        self.before = Before::Mark;
        if self.open == 0 && !was_array {
            self.last = None;
        }
    }

    /// A comma between arguments.
    fn next_argument(&mut self) {
        if let Some(group) = &mut self.group {
            group.commas = group.commas.saturating_add(1);
        }
        self.before = Before::Mark;
    }

    /// A comma between declared names.
    fn next_name(&mut self, level: Level, words: &mut Words) {
        if !self.assigned {
            self.conclude(level, words);
        }
        (self.last, self.group, self.pointer) = (None, None, None);
        (self.assigned, self.before) = (false, Before::Mark);
    }

    /// A semicolon: the declaration is complete.
    pub(super) fn end(&mut self, level: Level, words: &mut Words) {
        if self.open == 0 && !self.assigned {
            self.conclude(level, words);
        }
        *self = Self::default();
    }

    /// Says what the declaration declares, as far as it is read.
    fn conclude(&self, level: Level, words: &mut Words) {
        let kind = match level {
            _ if self.typedef => Kind::Typedef,
            Level::Fields => Kind::Field,
            Level::File if self.external => Kind::Declaration,
            Level::File => Kind::Variable,
        };
        let has_type = self.typed >= 2 || self.closed;
        match (self.pointer, self.last, &self.group) {
            (Some(name), _, _) => words.defines(name, kind),
            (None, Some(word), _) if has_type => words.defines(word.name, kind),
            (None, None, Some(group)) => self.conclude_group(*group, kind, words),
            _ => {}
        }
    }

    /// The same for `word(...)`: a macro that defines, exports or traces, or a prototype.
    fn conclude_group(&self, group: Group<'a>, kind: Kind, words: &mut Words) {
        if group.is_defining() {
            let elsewhere = [&b"DECLARE_PER_CPU"[..], b"DECLARE_STATIC_", b"DECLARE_TRACE"];
            let declares = elsewhere.iter().any(|start| group.head.text.starts_with(start));
            let kind = if declares { Kind::Declaration } else { kind };
            defines_or_traces(group, kind, words);
        } else if group.head.text.starts_with(b"EXPORT_") {
            if let Some(word) = group.named() {
                words.defines(word.name, Kind::Export);
            }
        } else if group.has(b"TRACE_EVENT") && group.is_macro() {
            defines_or_traces(group, kind, words);
        } else if self.typed >= 2 && kind != Kind::Field {
            let kind = if self.typedef { kind } else { Kind::Declaration };
            words.defines(group.head.name, kind);
        }
    }

    /// An opening brace: what is in it.
    pub(super) fn opens(&mut self, words: &mut Words) -> Opens {
        if self.open > 0 || self.assigned {
            return Opens::Other;
        }
        if let Some(name) = self.pointer.filter(|_| self.tag.is_none() || self.typed > 1) {
            words.defines(name, Kind::Function);
            return Opens::Function;
        }
        match (self.group, self.tag) {
            (Some(group), _) => {
                self.defines_function(group, words);
                Opens::Function
            }
            (None, Some(kind)) => {
                if let Some(word) = self.last.filter(|_| self.before != Before::Tag) {
                    words.defines(word.name, kind);
                }
                (self.last, self.closed, self.before) = (None, true, Before::Mark);
                if kind == Kind::Enum { Opens::Enumerators } else { Opens::Fields }
            }
            (None, None) if self.external => Opens::Linkage,
            (None, None) => Opens::Other,
        }
    }

    /// A word in the body of an `enum`: the first of each entry is its constant.
    pub(super) fn constant(&mut self, word: Word<'a>, words: &mut Words) {
        if self.open == 0 && self.typed == 0 {
            words.defines(word.name, Kind::Enumerator);
            self.typed = 1;
        }
    }

    /// A mark in the body of an `enum`.
    pub(super) fn constant_mark(&mut self, mark: u8) {
        match mark {
            b'(' | b'[' => self.open = self.open.saturating_add(1),
            b')' | b']' => self.open = self.open.saturating_sub(1),
            b',' if self.open == 0 => self.typed = 0,
            _ => {}
        }
    }

    /// A body follows `word(...)`: the word is a function, or the macro's argument is.
    fn defines_function(&self, group: Group<'a>, words: &mut Words) {
        let by_macro = group.is_macro() && (self.typed == 1 || group.has(b"DEFINE"));
        let Some(word) = Some(group.head).filter(|_| !by_macro).or(group.arguments[0]) else {
            return;
        };
        words.defines(word.name, Kind::Function);
        if group.has(b"SYSCALL_DEFINE") {
            let prefix: &[u8] = if group.has(b"COMPAT") { b"compat_sys_" } else { b"sys_" };
            words.implies(Name::joined(prefix, word.text), Kind::Function);
        }
    }
}

/// What a defining macro names; a trace event `x` is called as `trace_x`.
fn defines_or_traces(group: Group<'_>, kind: Kind, words: &mut Words) {
    match group.named() {
        Some(word) if group.has(b"EVENT") => words.implies(Name::joined(b"trace_", word.text), Kind::Function),
        Some(word) => words.defines(word.name, kind),
        None => {}
    }
}

/// Does this decorate the function whose parameters were read already: `int f(int a) __writes(a) {`?
fn is_behind(head: Word<'_>, group: Option<Group<'_>>) -> bool {
    head.text.starts_with(b"__") && group.is_some_and(|g| !g.is_macro() && !g.head.text.starts_with(b"__"))
}

/// A decorating macro; all of them begin with two underscores.
fn is_decoration(word: Word<'_>, name: Name) -> bool {
    word.text.starts_with(b"__") && keyword::is_attribute(name)
}
