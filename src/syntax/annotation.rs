//! The words by which the kernel annotates declarations: `__init`, `__user`, `__printf(1, 2)`.
//!
//! They say something to compilers and checkers and nothing about what a declaration declares. In: a word. Out: whether it
//! is such a word and whether it takes arguments. Names that only look like one (`__foo_init` may be a function) are left
//! to whoever sees the words around it: `resembles`.

/// Annotations without arguments that are never anything else.
const PLAIN: &[&str] = &[
    "ACPI_EXTERNAL_RETURN_XFACE",
    "ACPI_EXTERNAL_XFACE",
    "ACPI_INIT_FUNCTION",
    "ACPI_INTERNAL_VAR_XFACE",
    "ACPI_SYSTEM_XFACE",
    "ACPI_UNUSED_VAR",
    "VISIBLE_IF_KUNIT",
    "____cacheline_aligned",
    "____cacheline_aligned_in_smp",
    "____cacheline_internodealigned_in_smp",
    "____ptrauth_guarded",
    "__always_inline",
    "__always_unused",
    "__always_used",
    "__arena",
    "__attribute_const__",
    "__bitwise",
    "__bitwise__",
    "__bpf_kfunc",
    "__bpf_kfunc_start_defs",
    "__cacheline_aligned",
    "__cacheline_aligned_in_smp",
    "__cold",
    "__const",
    "__const__",
    "__cpuidle",
    "__deprecated",
    "__designated_init",
    "__entry_text",
    "__exception",
    "__exception_irq_entry",
    "__exit",
    "__exitdata",
    "__flatten",
    "__force",
    "__gnu_inline",
    "__guest_printk",
    "__hidden",
    "__hot",
    "__idmap",
    "__init",
    "__init_memblock",
    "__init_or_module",
    "__initconst",
    "__initconst_or_module",
    "__initdata",
    "__initdata_cma",
    "__initdata_memblock",
    "__initdata_or_module",
    "__interrupt",
    "__iomem",
    "__irq_entry",
    "__kcsan_volatile",
    "__kprobes",
    "__kptr",
    "__kptr_untrusted",
    "__latent_entropy",
    "__lockfunc",
    "__malloc",
    "__maybe_unused",
    "__meminit",
    "__meminitdata",
    "__mips16e",
    "__must_check",
    "__naked",
    "__net_exit",
    "__net_init",
    "__net_initdata",
    "__no_context_analysis",
    "__no_kasan_or_inline",
    "__no_kcsan",
    "__no_kcsan_or_inline",
    "__no_kmsan_checks",
    "__no_profile",
    "__no_randomize_layout",
    "__no_sanitize_address",
    "__no_sanitize_memory",
    "__no_sanitize_or_inline",
    "__no_sanitize_undefined",
    "__no_stack_protector",
    "__nocast",
    "__nocfi",
    "__noclone",
    "__noendbr",
    "__noinitretpoline",
    "__noinline",
    "__noipa",
    "__noreturn",
    "__nosavedata",
    "__noscs",
    "__packed",
    "__page_aligned_bss",
    "__page_aligned_data",
    "__percpu",
    "__private",
    "__pure",
    "__randomize_layout",
    "__rcu",
    "__read_mostly",
    "__ref",
    "__refconst",
    "__refdata",
    "__restrict",
    "__restrict__",
    "__ro_after_init",
    "__sched",
    "__signed__",
    "__softirq_entry",
    "__trace_printk_fmt",
    "__transparent_union",
    "__ubsan_ignore",
    "__unused",
    "__used",
    "__user",
    "__visible",
    "__volatile",
    "__weak",
    "__weakref",
    "__xipram",
    "_initdata",
    "asmlinkage",
    "noinline",
    "noinline_for_stack",
    "noinline_for_tracing",
    "noinstr",
    "nokprobe_inline",
    "notrace",
    "randomized_struct_fields_end",
    "randomized_struct_fields_start",
    "unaligned",
];

/// Annotations with arguments, and the compilers' own.
const CALLED: &[&str] = &[
    "ACPI_PRINTF_LIKE",
    "SEC",
    "__acquire_shared",
    "__acquires",
    "__acquires_shared",
    "__aligned",
    "__alloc_size",
    "__assume_aligned",
    "__attribute",
    "__attribute__",
    "__compiletime_deprecated",
    "__compiletime_error",
    "__compiletime_warning",
    "__cond_acquires",
    "__cond_acquires_shared",
    "__counted_by",
    "__counted_by_be",
    "__counted_by_le",
    "__counted_by_ptr",
    "__declspec",
    "__diagnose_as",
    "__guarded_by",
    "__must_hold",
    "__must_hold_shared",
    "__no_sanitize",
    "__nonnull",
    "__printf",
    "__pt_guarded_by",
    "__realloc_size",
    "__regparm",
    "__releases",
    "__releases_shared",
    "__scanf",
    "__section",
    "__sized_by",
];

/// Annotations with arguments whose names are functions' names as well: their place has to tell.
const AMBIGUOUS: &[&str] =
    &["__access", "__alias", "__cleanup", "__copy", "__error", "__format", "__free", "__target", "__warning"];

/// Storage classes, qualifiers and inlining.
const STORAGE: &[&str] = &[
    "EXTERN",
    "INIT",
    "INLINE",
    "STATIC",
    "_Noreturn",
    "_Thread_local",
    "__extension__",
    "__global",
    "__inline",
    "__inline__",
    "__thread",
    "__volatile",
    "__volatile__",
    "auto",
    "const",
    "extern",
    "inline",
    "register",
    "static",
    "volatile",
];

/// Endings of annotation words that subsystems make for themselves: `__net_init`, `__fooinitdata`.
const ENDINGS: &[&str] = &[
    "init",
    "initdata",
    "initconst",
    "exit",
    "exitdata",
    "refdata",
    "_text",
    "_inline",
    "_aligned",
    "_mostly",
    "_entry",
    "_unused",
    "_used",
    "_kfunc",
    "_data",
    "_ro",
    "_rodata",
    "_section",
    "_func",
    "_ptr",
    "_checks",
    "_hidden",
];

/// Whether `word` is an annotation wherever it stands, and takes no arguments.
pub fn is_plain(word: &[u8]) -> bool {
    is_of(PLAIN, word)
}

/// Whether `word` is an annotation when arguments follow.
pub fn takes_arguments(word: &[u8]) -> bool {
    is_of(CALLED, word)
}

/// Whether `word` with arguments is an annotation behind a declared name, and may be a function elsewhere.
pub fn may_take_arguments(word: &[u8]) -> bool {
    is_of(AMBIGUOUS, word)
}

/// Whether `word` is of the list, which is sorted.
fn is_of(list: &[&str], word: &[u8]) -> bool {
    list.binary_search_by(|entry| entry.as_bytes().cmp(word)).is_ok()
}

/// Whether `word` has the look of an annotation: its place has to tell.
pub fn resembles(word: &[u8]) -> bool {
    word.starts_with(b"__") && !is_type_like(word) && ENDINGS.iter().any(|ending| word.ends_with(ending.as_bytes()))
        || is_plain(word)
}

/// Whether a word that begins with `__` is a type by its name: `__u32`, `__le16`, `__poll_t`, `__kernel_long_t`.
pub fn is_type_like(word: &[u8]) -> bool {
    let digits = word.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    word.ends_with(b"_t")
        || digits > 0
        || word.starts_with(b"__kernel_")
        || matches!(word, b"__wsum" | b"__haddr" | b"__poll" | b"__auto_type" | b"__builtin_va_list")
}

/// Words before a name that say where it lives, not what it is: storage classes, qualifiers, inlining.
pub fn is_storage(word: &[u8]) -> bool {
    is_of(STORAGE, word)
}

/// Words of which types are made and that cannot stand in an expression.
pub(super) fn is_type_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"struct"
            | b"union"
            | b"enum"
            | b"const"
            | b"volatile"
            | b"unsigned"
            | b"signed"
            | b"int"
            | b"long"
            | b"short"
            | b"char"
            | b"void"
            | b"bool"
            | b"float"
            | b"double"
            | b"size_t"
            | b"ssize_t"
            | b"static"
            | b"extern"
            | b"inline"
            | b"register"
            | b"intptr_t"
            | b"uintptr_t"
            | b"ptrdiff_t"
            | b"int8_t"
            | b"int16_t"
            | b"int32_t"
            | b"int64_t"
            | b"uint8_t"
            | b"uint16_t"
            | b"uint32_t"
            | b"uint64_t"
            | b"auto"
            | b"restrict"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        for list in [PLAIN, CALLED, AMBIGUOUS, STORAGE] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn annotations_types_and_names_are_told_apart() {
        assert!(
            is_plain(b"__init") && is_plain(b"__user") && takes_arguments(b"__printf") && may_take_arguments(b"__free")
        );
        assert!(!is_plain(b"__foo_init") && resembles(b"__foo_init") && !resembles(b"foo_init"));
        assert!(is_type_like(b"__le16") && is_type_like(b"__poll_t") && !is_type_like(b"__odd"));
        assert!(is_storage(b"static") && is_storage(b"__inline") && !is_storage(b"int"));
    }
}
