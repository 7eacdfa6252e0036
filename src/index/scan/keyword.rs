//! Words with a meaning of their own: those that are never names, and those that tell a definition. In: a name. Out: what it is.

use crate::index::name::Name;
use crate::syntax::lex;

/// `struct`.
pub(crate) const STRUCT: Name = Name::of(b"struct");
/// `union`.
pub(crate) const UNION: Name = Name::of(b"union");
/// `enum`.
pub(crate) const ENUM: Name = Name::of(b"enum");
/// `typedef`.
pub(crate) const TYPEDEF: Name = Name::of(b"typedef");
/// `extern`.
pub(crate) const EXTERN: Name = Name::of(b"extern");

/// Words that stand before a declaration's type and say nothing about what it declares.
const STORAGE: [Name; 9] = [
    Name::of(b"static"),
    Name::of(b"inline"),
    Name::of(b"__inline"),
    Name::of(b"__inline__"),
    Name::of(b"__always_inline"),
    Name::of(b"const"),
    Name::of(b"volatile"),
    Name::of(b"register"),
    Name::of(b"_Noreturn"),
];

/// Macros of the kernel that decorate a declaration, before or behind its name.
const ATTRIBUTES: [&[u8]; 80] = [
    b"__attribute__",
    b"__attribute",
    b"__read_mostly",
    b"__ro_after_init",
    b"__init",
    b"__initdata",
    b"__initconst",
    b"__initconst_or_module",
    b"__initdata_or_module",
    b"__init_or_module",
    b"__exit",
    b"__exitdata",
    b"__exit_p",
    b"__devinit",
    b"__devexit",
    b"__devinitdata",
    b"__meminit",
    b"__meminitdata",
    b"__net_init",
    b"__net_exit",
    b"__cpuinit",
    b"__ref",
    b"__refdata",
    b"__refconst",
    b"__maybe_unused",
    b"__always_unused",
    b"__used",
    b"__unused",
    b"__aligned",
    b"__section",
    b"__packed",
    b"__cacheline_aligned",
    b"__cacheline_aligned_in_smp",
    b"____cacheline_aligned",
    b"____cacheline_aligned_in_smp",
    b"____cacheline_internodealigned_in_smp",
    b"__page_aligned_data",
    b"__page_aligned_bss",
    b"__user",
    b"__kernel",
    b"__iomem",
    b"__rcu",
    b"__percpu",
    b"__force",
    b"__must_check",
    b"__cold",
    b"__hot",
    b"__weak",
    b"__visible",
    b"__deprecated",
    b"__printf",
    b"__scanf",
    b"__malloc",
    b"__alloc_size",
    b"__acquires",
    b"__acquire",
    b"__releases",
    b"__release",
    b"__must_hold",
    b"__no_sanitize_address",
    b"__no_kcsan",
    b"__no_kasan_or_inline",
    b"__naked",
    b"__pure",
    b"__randomize_layout",
    b"__designated_init",
    b"__latent_entropy",
    b"__nocast",
    b"__private",
    b"__counted_by",
    b"__noreturn",
    b"__noinline",
    b"__sched",
    b"__kprobes",
    b"__irq_entry",
    b"__lockfunc",
    b"__cpuidle",
    b"__nonstring",
    b"__nosavedata",
    b"__attribute_const__",
];

/// Bits by which [`Table`] is addressed; with 160 words in 1,024 slots nearly every other word is told apart at first sight.
const TABLE_BITS: u32 = 10;

/// Words hashed at compile time, probed linearly.
struct Table([u64; 1 << TABLE_BITS]);

impl Table {
    /// With these words.
    const fn of(words: &[&[u8]]) -> Self {
        let mut table = Self([u64::MAX; 1 << TABLE_BITS]);
        let mut i = 0;
        while i < words.len() {
            table = table.with(words[i]);
            i += 1;
        }
        table
    }

    /// With one more word.
    const fn with(mut self, word: &[u8]) -> Self {
        let name = Name::of(word);
        let mut at = Self::start(name);
        while self.0[at] != u64::MAX {
            at = (at + 1) % self.0.len();
        }
        self.0[at] = name.0;
        self
    }

    /// Where the search for a name begins.
    const fn start(name: Name) -> usize {
        (name.0 & ((1 << TABLE_BITS) - 1)) as usize
    }

    /// Is the name in the table?
    #[inline]
    fn has(&self, name: Name) -> bool {
        let mut at = Self::start(name);
        while self.0[at] != u64::MAX {
            if self.0[at] == name.0 {
                return true;
            }
            at = (at + 1) % self.0.len();
        }
        false
    }
}

/// C's own words, which are in every file, and never a name that somebody looks for.
static KEYWORD_TABLE: Table = Table::of(&lex::KEYWORDS).with(b"asm");
/// [`ATTRIBUTES`], for lookups.
static ATTRIBUTE_TABLE: Table = Table::of(&ATTRIBUTES);

/// Is this a word of C itself?
#[inline]
pub(crate) fn is_keyword(name: Name) -> bool {
    KEYWORD_TABLE.has(name)
}

/// Does this decorate a declaration?
#[inline]
pub(crate) fn is_attribute(name: Name) -> bool {
    ATTRIBUTE_TABLE.has(name)
}

/// Does this stand before a type without being one?
pub(crate) fn is_storage(name: Name) -> bool {
    STORAGE.contains(&name)
}
