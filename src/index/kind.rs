//! What a name is in a file: defined as what, or used. In: marks of the scanner. Out: [`Kind`], [`Kinds`], [`Resolved`].

/// What a definition defines. The number is on disk; the most frequent ones are the smallest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A function with a body; what `SYSCALL_DEFINEn` and the like name.
    Function = 1,
    /// `#define`, or a macro of the assembler or of Rust.
    Macro = 2,
    /// A member of a `struct` or `union`.
    Field = 3,
    /// A constant in the body of an `enum`.
    Enumerator = 4,
    /// A variable at file level, also by `DEFINE_MUTEX(x)` and the like.
    Variable = 5,
    /// A prototype, or an `extern` variable: not where a thing is, but what its users see.
    Declaration = 6,
    /// `struct x {`.
    Struct = 7,
    /// `union x {`.
    Union = 8,
    /// `enum x {`.
    Enum = 9,
    /// The new name of a `typedef`.
    Typedef = 10,
    /// `config X` in Kconfig, known by the name it has in code: `CONFIG_X`.
    Config = 11,
    /// A label of a device tree or of an assembler file.
    Label = 12,
    /// The argument of `EXPORT_SYMBOL` and its kin.
    Export = 13,
}

impl Kind {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Macro => "macro",
            Self::Field => "field",
            Self::Enumerator => "constant",
            Self::Variable => "variable",
            Self::Declaration => "declaration",
            Self::Struct => "struct",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Typedef => "typedef",
            Self::Config => "config entry",
            Self::Label => "label",
            Self::Export => "export",
        }
    }

    /// Every kind, by its number less one.
    pub const ALL: [Self; 13] = [
        Self::Function,
        Self::Macro,
        Self::Field,
        Self::Enumerator,
        Self::Variable,
        Self::Declaration,
        Self::Struct,
        Self::Union,
        Self::Enum,
        Self::Typedef,
        Self::Config,
        Self::Label,
        Self::Export,
    ];
}

/// What one file does with a name: a set of kinds, and whether it also uses it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Kinds(u16);

impl Kinds {
    /// Nothing.
    pub(crate) const NONE: Self = Self(0);
    /// Occurs outside its own definitions.
    pub(crate) const USED: u8 = 0;

    /// One thing: [`USED`](Self::USED) or a kind's number.
    pub(crate) fn of(number: u8) -> Self {
        Self(1 << (number & 15))
    }

    /// From bits as they are stored; unknown ones are dropped.
    pub(crate) fn from_bits(bits: u16) -> Self {
        Self(bits & 0x3fff)
    }

    /// Adds what has this number: [`USED`](Self::USED) or a kind's.
    pub(crate) fn insert(&mut self, number: u8) {
        self.0 |= 1 << (number & 15);
    }

    /// The numbers of what is in it.
    pub(crate) fn numbers(self) -> impl Iterator<Item = u8> {
        let mut bits = self.0;
        std::iter::from_fn(move || {
            let number = u8::try_from(bits.trailing_zeros()).ok().filter(|n| *n < 16)?;
            bits &= bits - 1;
            Some(number)
        })
    }

    /// As stored.
    pub(crate) fn bits(self) -> u16 {
        self.0
    }

    /// Does the file use the name, apart from defining it?
    pub fn is_used(self) -> bool {
        self.0 & 1 != 0
    }

    /// Does the file define the name as this?
    pub fn defines(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Does the file define the name as anything that is more than a declaration or an export?
    pub fn is_defined(self) -> bool {
        self.0 & !(1 | 1 << Kind::Declaration as u16 | 1 << Kind::Export as u16) != 0
    }

    /// The kinds of the definitions, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |k| self.defines(*k))
    }

    /// This and that.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::fmt::Debug for Kinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let used = self.is_used().then_some("used".to_owned());
        f.debug_list().entries(self.iter().map(|k| format!("{k:?}")).chain(used)).finish()
    }
}

/// What a whole tree knows of a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resolved {
    /// Some file defines it (more than declares or exports it).
    pub defined: bool,
    /// Some file declares, exports or uses it.
    pub used: bool,
}

impl Resolved {
    /// Of what all files do with it.
    pub(crate) fn of(kinds: Kinds) -> Self {
        let used = kinds.is_used() || kinds.defines(Kind::Declaration) || kinds.defines(Kind::Export);
        Self { defined: kinds.is_defined(), used }
    }
}
