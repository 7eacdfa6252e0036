//! What the scanner finds in small texts.

use super::{Extent, LARGE, Words, scan};
use crate::index::kind::{Kind, Kinds};
use crate::index::name::Name;
use crate::syntax::language::Language;
use std::collections::BTreeMap;

/// All names of a text.
fn names(language: Language, text: &[u8]) -> BTreeMap<Name, Kinds> {
    let (mut words, mut all) = (Words::new(), BTreeMap::new());
    scan(language, text, &mut words);
    words.drain(|name, kinds| {
        all.insert(name, kinds);
    });
    all
}

/// Asserts that exactly these words of a text are defined, and as what: `name kind, name kind`.
#[track_caller]
fn defines(language: Language, text: &str, expected: &str) {
    let all = names(language, text.as_bytes());
    let mut found: Vec<String> = Vec::new();
    let words: std::collections::BTreeSet<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').chain(expected.split([',', ' '])).collect();
    for word in words {
        if let Some(kinds) = all.get(&Name::of(word.as_bytes())) {
            found.extend(kinds.iter().map(|kind| format!("{word} {kind:?}")));
        }
    }
    let mut wanted: Vec<&str> = expected.split(", ").filter(|w| !w.is_empty()).collect();
    found.sort();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "{text}");
}

#[track_caller]
fn c(text: &str, expected: &str) {
    defines(Language::C, text, expected);
}

/// Is the word used in the text?
fn uses(language: Language, text: &str, word: &str) -> bool {
    names(language, text.as_bytes()).get(&Name::of(word.as_bytes())).is_some_and(|k| k.is_used())
}

#[test]
fn a_function_is_the_word_before_its_parameters() {
    c("static int __init foo_init(void)\n{\n\treturn bar(1);\n}\n", "foo_init Function");
    c("struct foo *foo_get(struct foo *f) { if (f) { get(f); } return f; }", "foo_get Function");
    c("int __printf(1, 2) foo_say(const char *fmt, ...)\n{\n}\n", "foo_say Function");
    c("int foo(struct bar *b) __must_hold(&b->lock)\n{\n}\n", "foo Function");
    c("int foo_write(struct bar *b) __writes_disk(b)\n{\n}\n", "foo_write Function");
    c("void (*foo_pick(int which))(int)\n{\n\treturn 0;\n}\n", "foo_pick Function");
}

#[test]
fn a_macro_that_defines_names_its_argument() {
    c("SYSCALL_DEFINE2(frob, int, fd, int, how)\n{\n\treturn 0;\n}\n", "frob Function, sys_frob Function");
    c("COMPAT_SYSCALL_DEFINE1(frob, int, fd)\n{\n}\n", "frob Function, compat_sys_frob Function");
    c("static DEFINE_MUTEX(foo_lock);\nstatic LIST_HEAD(foo_list);\n", "foo_lock Variable, foo_list Variable");
    c("DEFINE_PER_CPU(struct foo, foo_here);\n", "foo_here Variable");
    c("DECLARE_PER_CPU(int, foo_here);\n", "foo_here Declaration");
    c("TRACE_EVENT(foo_done,\n\tTP_PROTO(int a),\n\tTP_ARGS(a)\n);\n", "trace_foo_done Function");
}

#[test]
fn a_prototype_declares_and_an_export_exports() {
    c("int foo(int a);\nextern int bar;\nextern struct x y;\n", "foo Declaration, bar Declaration, y Declaration");
    c("EXPORT_SYMBOL_GPL(foo);\nMODULE_LICENSE(\"GPL\");\nmodule_init(foo_init);\n", "foo Export");
}

#[test]
fn a_body_defines_its_tag_and_its_members() {
    c(
        "struct foo {\n\tint a, *b;\n\tu8 c[4];\n\tunsigned d:3, e:5;\n\tint (*f)(struct foo *g, int h);\n\tstruct { int i; } j;\n};\n",
        "foo Struct, a Field, b Field, c Field, d Field, e Field, f Field, i Field, j Field",
    );
    c("struct foo;\nstruct foo *foo_new(void);\n", "foo_new Declaration");
    c(
        "enum foo { FOO_A, FOO_B = BAR(1, 2), FOO_C };\n",
        "foo Enum, FOO_A Enumerator, FOO_B Enumerator, FOO_C Enumerator",
    );
    c("union foo { int a; } bar;\n", "foo Union, a Field, bar Variable");
    c("struct foo { DECLARE_BITMAP(bits, 8); } __packed __aligned(4);\n", "foo Struct, bits Field");
}

#[test]
fn a_typedef_defines_its_last_word_or_the_one_behind_the_star() {
    c(
        "typedef unsigned long foo_t;\ntypedef struct bar { int a; } bar_t;\n",
        "foo_t Typedef, bar Struct, a Field, bar_t Typedef",
    );
    c(
        "typedef int (*foo_fn)(int a);\ntypedef void (bar_fn)(int);\ntypedef int baz_fn(int);\n",
        "foo_fn Typedef, bar_fn Typedef, baz_fn Typedef",
    );
}

#[test]
fn a_variable_is_the_word_before_what_it_is_set_to() {
    c(
        "static const struct ops foo_ops = {\n\t.open = foo_open,\n};\nint a = f(1), b[2] = { 1, 2 }, *c;\nint d __read_mostly;\n",
        "foo_ops Variable, a Variable, b Variable, c Variable, d Variable",
    );
    c("static int (*hook)(int);\n", "hook Variable");
}

#[test]
fn what_is_in_a_function_is_only_used() {
    let text = "int f(void)\n{\n\tstruct in { int x; } y;\n\tint z = g(1);\n\tenum { Q };\n\treturn z;\n}\n";
    c(text, "f Function");
    assert!(uses(Language::C, text, "g"));
    assert!(!uses(Language::C, text, "f"), "a definition alone is no use");
}

#[test]
fn a_function_that_calls_itself_is_used() {
    assert!(uses(Language::C, "int f(int a)\n{\n\treturn f(a - 1);\n}\n", "f"));
}

#[test]
fn both_branches_of_a_conditional_open_a_brace_once() {
    let text = "#ifdef A\nint f(int a) {\n#else\nint f(void) {\n#endif\n\treturn 0;\n}\nint g(void)\n{\n}\n";
    c(text, "f Function, g Function");
}

#[test]
fn a_brace_too_many_does_no_harm_behind_the_function() {
    c("int f(void)\n{\n\tif (a) {\n\tMACRO_THAT_CLOSES\n}\nint g(void)\n{\n}\n", "f Function, g Function");
}

#[test]
fn comments_strings_and_headers_hold_no_words() {
    let text = "/* hidden1 */ // hidden2\n#include <linux/hidden3.h>\nchar *s = \"hidden4 \\\" hidden5\", t = '\\'';\n\
                #define SEEN(x) /* hidden6\n hidden7 */ seen2(x) \\\n\tseen3\n#error don't hidden8\nint seen4;\n";
    for i in 1..=8 {
        assert!(!uses(Language::C, text, &format!("hidden{i}")), "hidden{i}");
    }
    c(text, "SEEN Macro, s Variable, t Variable, seen4 Variable");
    assert!(uses(Language::C, text, "seen2") && uses(Language::C, text, "seen3"));
}

#[test]
fn line_ends_of_other_systems_change_nothing() {
    let text = "#define A(x) \\\n\tb(x)\nint f(void)\n{\n\treturn A(1);\n}\nstruct s {\n\tint a;\n};\n";
    let windows = text.replace('\n', "\r\n");
    assert_eq!(names(Language::C, text.as_bytes()), names(Language::C, windows.as_bytes()));
}

#[test]
fn assembler_device_trees_and_rust_have_their_own_definitions() {
    defines(
        Language::Assembler,
        "SYM_FUNC_START(foo)\n\tb bar @ don't\n1:\tret\nlabel:\n.macro put reg\n.endm\n# comment bar2\n#ifdef X\n#endif\nEXPORT_SYMBOL(foo)\n",
        "foo Function, foo Export, label Label, put Macro",
    );
    let tree = "/ {\n\tuart0: serial@1000 {\n\t\tclock-names = \"core\";\n\t\tclocks = <&gcc GCC_UART>;\n\t\t#size-cells = <0>;\n\t};\n};\n";
    defines(Language::DeviceTree, tree, "uart0 Label");
    assert!(uses(Language::DeviceTree, tree, "gcc") && uses(Language::DeviceTree, tree, "GCC_UART"));
    assert!(!uses(Language::DeviceTree, tree, "names"));
    defines(
        Language::Rust,
        "pub struct Foo<'a>(&'a u8);\nimpl Foo<'_> {\n    pub const fn new() -> Self { bar!() }\n}\nconst LIMIT: u8 = 1;\n",
        "Foo Struct, new Function, LIMIT Variable",
    );
}

#[test]
fn kconfig_symbols_are_known_by_their_name_in_code() {
    let text = "config FOO\n\tbool \"foo HIDDEN\"\n\tdepends on BAR && !BAZ # NOTE\n\thelp\n\t  Say HELP here.\n\nmenuconfig 8QUX\n\trange 1 64\n";
    defines(Language::Kconfig, text, "CONFIG_FOO Config, CONFIG_8QUX Config");
    for (word, used) in
        [("BAR", true), ("BAZ", true), ("HIDDEN", false), ("NOTE", false), ("HELP", false), ("64", false)]
    {
        assert_eq!(uses(Language::Kconfig, text, &format!("CONFIG_{word}")), used, "{word}");
    }
    assert!(uses(Language::Make, "obj-$(CONFIG_FOO) += foo.o # CONFIG_NOT\n", "CONFIG_FOO"));
}

#[test]
fn a_file_too_large_gives_its_macros_and_says_so() {
    let mut text = b"#define REG_A 1\nint f(void) { }\n".to_vec();
    text.resize(LARGE + 1, b'\n');
    let mut words = Words::new();
    assert_eq!(scan(Language::C, &text, &mut words), Extent::Macros);
    let mut all = Vec::new();
    words.drain(|name, kinds| all.push((name, kinds)));
    assert_eq!(all, [(Name::of(b"REG_A"), Kinds::of(Kind::Macro as u8))]);
}

#[test]
fn any_bytes_will_do() {
    let mut seed = 1u64;
    let pieces: [&[u8]; 24] = [
        b"{",
        b"}",
        b"(",
        b")",
        b"[",
        b"]",
        b";",
        b",",
        b"=",
        b"*",
        b":",
        b"\n",
        b"#",
        b"#if",
        b"#else\n",
        b"\n#endif",
        b"/*",
        b"*/",
        b"\"",
        b"'",
        b"\\",
        b"struct x",
        b"enum",
        b"\xff\x80",
    ];
    for _ in 0..300 {
        let mut text = Vec::new();
        for _ in 0..200 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.extend_from_slice(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        for language in
            [Language::C, Language::Assembler, Language::DeviceTree, Language::Rust, Language::Kconfig, Language::Make]
        {
            assert_eq!(names(language, &text), names(language, &text));
        }
    }
    for piece in pieces {
        names(Language::C, &piece.repeat(100_000));
        names(Language::C, &[piece, b"\n#if\n"].concat().repeat(10_000));
    }
}
