//! Whether a value of one type goes where one of another went, as far as their words tell.
//!
//! ```text
//!   u32 -> u64                            numbers: yes
//!   int -> atomic_t                       a struct behind a typedef: no
//!   struct bus * -> const struct bus *    may be read as before, and written to no more
//! ```

use crate::syntax::lex::is_keyword;

/// Whether a struct became a pointer to it.
pub fn is_arrow(before: &[u8], after: &[u8]) -> bool {
    before.starts_with(b"struct ") && after.strip_suffix(b"*").is_some_and(|base| base.trim_ascii_end() == before)
}

/// Whether a value of the one type may stand where the other is wanted: numbers for numbers, `void *` for pointers.
pub fn is_compatible(before: &[u8], after: &[u8]) -> bool {
    /// `unsigned *` is short for `unsigned int *`, and `u8 *` for `unsigned char *`.
    fn spelled_out(kind: &[u8]) -> Vec<u8> {
        let known: [(&[u8], &[u8]); 9] = [
            (b"unsigned", b"unsigned int"),
            (b"u8", b"unsigned char"),
            (b"u16", b"unsigned short"),
            (b"u32", b"unsigned int"),
            (b"u64", b"unsigned long long"),
            (b"s8", b"signed char"),
            (b"s16", b"short"),
            (b"s32", b"int"),
            (b"s64", b"long long"),
        ];
        let rest = |short: &[u8]| kind.strip_prefix(short).filter(|rest| rest.is_empty() || rest.starts_with(b" *"));
        let found = known.iter().find_map(|(short, long)| Some([*long, rest(short)?].concat()));
        found.unwrap_or_else(|| kind.to_vec())
    }

    /// Structs whose typedef hides that they are some: no number may stand for one.
    const OPAQUE: [&[u8]; 16] = [
        b"atomic_t",
        b"atomic64_t",
        b"atomic_long_t",
        b"refcount_t",
        b"local_t",
        b"spinlock_t",
        b"raw_spinlock_t",
        b"rwlock_t",
        b"seqlock_t",
        b"seqcount_t",
        b"kuid_t",
        b"kgid_t",
        b"cpumask_t",
        b"nodemask_t",
        b"wait_queue_head_t",
        b"siginfo_t",
    ];

    let is_pointer = |kind: &[u8]| kind.ends_with(b"*") || kind.ends_with(b"]");
    let plain = |kind: &[u8]| spelled_out(kind.strip_prefix(b"const ").unwrap_or(kind));
    // What was promised not to be written to may not go where nothing is promised.
    if is_pointer(after) && before.starts_with(b"const ") && !after.starts_with(b"const ") {
        return false;
    }
    let (before, after) = (&plain(before)[..], &plain(after)[..]);
    let is_struct = |kind: &[u8]| kind.starts_with(b"struct ") || kind.starts_with(b"union ") || OPAQUE.contains(&kind);
    match (is_pointer(before), is_pointer(after)) {
        (true, true) => before == after || before == b"void *" || after == b"void *",
        (false, false) => {
            let is_plain = |kind: &[u8]| !is_struct(kind) && kind != b"void" && !kind.ends_with(b")");
            before == after || is_plain(before) && is_plain(after)
        }
        // A name alone may be the name of a function's type, too.
        (one, _) => {
            let (pointer, other) = if one { (before, after) } else { (after, before) };
            let is_name = !other.is_empty() && other.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_');
            pointer.ends_with(b") *") && is_name && !is_keyword(other)
        }
    }
}

/// Whether what reads a value of the old type can read the new one: that it may be written to no more, or again, says nothing of that.
pub fn is_readable(before: &[u8], after: &[u8]) -> bool {
    let plain = |kind: &'_ [u8]| kind.strip_prefix(b"const ").unwrap_or(kind).to_vec();
    is_compatible(&plain(before), &plain(after))
}

/// Whether two types are of different structs.
pub fn differ_in_struct(a: &[u8], b: &[u8]) -> bool {
    let name = |kind: &[u8]| kind.strip_prefix(b"const ").unwrap_or(kind).to_vec();
    let is_struct = |kind: &[u8]| kind.starts_with(b"struct ");
    let (a, b) = (name(a), name(b));
    is_struct(&a) && is_struct(&b) && a != b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_fits_where_its_values_go() {
        assert!(is_compatible(b"u32", b"u64") && !is_compatible(b"int", b"atomic_t"));
        assert!(!is_compatible(b"const char *", b"char *") && is_readable(b"const char *", b"char *"));
        assert!(is_readable(b"struct bus *", b"const struct bus *") && !is_readable(b"struct bus *", b"struct bus"));
        assert!(is_arrow(b"struct bus", b"struct bus *") && differ_in_struct(b"struct bus", b"const struct other"));
    }
}
