//! What the mask makes of kernel idioms: exact bytes for the shapes that `mod.rs` draws, clean trees for the rest.

use super::*;
use crate::syntax::parse::{Reading, parse};

/// The masked text; it must be as long, with its line ends.
fn masked(text: &str) -> String {
    let out = mask(text.as_bytes());
    assert_eq!(out.len(), text.len(), "{text}");
    let ends = |text: &[u8]| {
        text.iter().enumerate().filter(|(_, c)| matches!(c, b'\n' | b'\r')).map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(ends(&out), ends(text.as_bytes()), "{text}");
    String::from_utf8(out).expect("ASCII")
}

/// Asserts that a text is faulty as it is and clean when masked.
fn heals(text: &str) {
    let faults = |reading| parse(text.as_bytes(), reading).expect("short").faults;
    assert_ne!(faults(Reading::Plain), [], "needs no mask: {text}");
    assert_eq!(faults(Reading::Masked), [], "{text}\n{}", masked(text));
}

/// Asserts that the mask leaves a text as it is.
fn stays(text: &str) {
    assert_eq!(masked(text), text);
}

#[test]
fn annotations_become_blank() {
    assert_eq!(masked("static int __init f(void __user *p)\n{\n}\n"), "static int        f(void        *p)\n{\n}\n");
    assert_eq!(masked("int p(const char *f, ...) __printf(1, 2);"), "int p(const char *f, ...)               ;");
    heals("struct foo { u8 a; } ____cacheline_aligned __aligned(8);\n");
    heals("void f(void)\n{\n\tstruct x *p __free(kfree) = NULL;\n}\n");
    heals("static const struct x table[] __initconst = { { 1 }, };\n");
    heals("SEC(\"tc\")\n__failure __msg(\"no\")\nint f(struct ctx *c)\n{\n\treturn 0;\n}\n");
    heals("FOO_API int f(void) __odd;\n");
    assert_eq!(masked("MY_STATIC int\n__f(int a)\n{\n}\n"), "          int\n__f(int a)\n{\n}\n");
    assert_eq!(masked("static my_type my_noinline\nf(int a)\n{\n}\n"), "static my_type            \nf(int a)\n{\n}\n");
    heals("struct s {\n\tint (__fooapi *call)(u64, void *);\n};\n");
}

#[test]
fn what_only_looks_like_an_annotation_stays() {
    stays("static int __net_setup_init(void)\n{\n\treturn __foo_init;\n}\n");
    stays("struct s {\n\tunsigned long __unused[3];\n\t__u32 __data;\n};\n");
    stays("void __free(void *p)\n{\n\t__free(p);\n}\n");
    stays("typedef __u32 __dw;\n");
    stays("int f(int a)\n{\n\treturn a * b(c);\n}\n");
}

#[test]
fn loops_made_by_macros_become_while() {
    assert_eq!(
        masked("void f(void)\n{\n\tlist_for_each(p, h) {\n\t}\n}\n"),
        "void f(void)\n{\n\twhile        (p, h) {\n\t}\n}\n"
    );
    heals(
        "void f(void)\n{\n\tfor_each_cpu(i, m)\n\t\tif (i)\n\t\t\tg(i);\n\tfor_each_a(a)\n\t\tfor_each_b(b)\n\t\t\tg(b);\n}\n",
    );
    heals(
        "void f(void)\n{\n\tscoped_guard(mutex, &m) {\n\t\tg();\n\t}\n\tscoped_cond_guard(m, return -EINTR, &x)\n\t{\n\t}\n}\n",
    );
    stays("void f(void)\n{\n\tfor_each_done(p);\n\tg(p);\n}\n");
}

#[test]
fn types_and_declarations_as_arguments_become_words() {
    let body = |line: &str| format!("void f(void)\n{{\n\t{line}\n}}\n");
    assert_eq!(masked(&body("x = container_of(p, struct s, m);")), body("x = container_of(p, struct_s, m);"));
    assert_eq!(masked(&body("x = va_arg(ap, char *);")), body("x = va_arg(ap, char__);"));
    heals(&body("x = max_t(unsigned int, a, sizeof_field(struct s, m));"));
    heals(&body("x = offsetof(struct s, a.b[1]);"));
    heals(&body("OPTS(struct_opts, opts, .a = 1, .b = { .c = 2 });"));
    heals(&body("typeof(*p) q = *p;"));
    heals(&body("WITH_CODE((0 == r), \"no\", return r;);"));
    stays(&body("*(u8 *)g(a, b) = 1;"));
    stays(&body("x = g(a, sizeof(struct s), (struct s *)b, &(struct s){ .a = 1 });"));
}

#[test]
fn macros_that_define_functions_become_functions() {
    assert_eq!(
        masked("SYSCALL_DEFINE2(f, int, a, u8 __user *, b)\n{\n}\n"),
        "SYSCALL_DEFINE2 f( int  a, u8        *  b)\n{\n}\n"
    );
    let parsed = parse(b"SYSCALL_DEFINE2(f, int, a, u8 *, b)\n{\n\treturn a;\n}\n", Reading::Masked).expect("short");
    assert!(parsed.tree.nodes().iter().any(|node| node.kind == "function_definition"));
    stays("SYSCALL_DEFINE0(f)\n{\n}\n");
    heals("TEST_F(a, b)\n{\n\tg();\n}\n");
}

#[test]
fn macros_that_declare_become_declarations() {
    assert_eq!(
        masked("struct s {\n\tDECLARE_BITMAP(name, BITS);\n};\n"),
        "struct s {\n\tDECLARE_BITMAP name[ BITS];\n};\n"
    );
    heals("struct s {\n\tstruct_group(g,\n\t\tint a;\n\t\tint b;\n\t);\n\tu32 : 3;\n\tPAD\n};\n");
    heals("static DEFINE_PER_CPU(struct s, x) = { 1 };\n");
    heals("static DEVICE_ATTR(a, 0644, f, g);\n");
    heals("MACHINE_START(NAME, \"text\")\n\t.a = 1,\nMACHINE_END\n");
    heals(
        "TRACE_EVENT(e,\n\tTP_PROTO(struct s *p, int n),\n\tTP_ARGS(p, n),\n\tTP_STRUCT__entry(\n\t\t__field(int, n)\n\t\t__array(char, c, 3)\n\t),\n\tTP_fast_assign(\n\t\t__entry->n = n;\n\t\tif (n) {\n\t\t\tg();\n\t\t}\n\t),\n\tTP_printk(\"%d\", __entry->n)\n);\n",
    );
}

#[test]
fn a_conditional_between_statements_stays() {
    stays("int f(void)\n{\n#ifdef A\n\tg();\n#else\n\th();\n#endif\n\treturn 0;\n}\n");
    stays("struct s {\n#ifdef A\n\tint a;\n#endif\n};\n");
}

#[test]
fn a_conditional_that_splits_a_statement_becomes_blank_and_both_branches_stay() {
    let text = "void f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tg();\n\t}\n}\n";
    let out = masked(text);
    assert!(out.contains("if (a) ;") && out.contains("if (b) {") && !out.contains('#'));
    heals(text);
    heals("void f(void)\n{\n\tif (a\n#ifdef A\n\t    && b\n#endif\n\t   )\n\t\tg();\n}\n");
    let chain = "void f(void)\n{\n\tif (a)\n\t\tg();\n#ifdef A\n\telse if (b)\n\t\th();\n#endif\n\telse\n\t\ti();\n}\n";
    assert!(!masked(chain).contains('#'));
    assert_eq!(parse(chain.as_bytes(), Reading::Masked).expect("short").faults, []);
    heals("#ifdef A\nint f(int a)\n#else\nint f(void)\n#endif\n{\n\treturn 0;\n}\n");
    heals("void f(void)\n{\n\tg(a,\n#ifdef A\n\t  b);\n#else\n\t  c);\n#endif\n}\n");
    heals("struct s t = {\n\t.a =\n#ifdef A\n\t\t1\n#else\n\t\t2\n#endif\n};\n");
}

#[test]
fn no_word_of_any_branch_is_lost_at_a_split() {
    let text = "void f(void)\n{\n#if A\n\tif (one) {\n#elif B\n\tif (two) {\n#else\n\tif (three) {\n#endif\n\t}\n}\n";
    for word in ["one", "two", "three"] {
        assert!(masked(text).contains(word));
    }
    heals(text);
}

#[test]
fn strings_asm_and_labels_heal() {
    let body = |line: &str| format!("void f(void)\n{{\n\t{line}\n}}\n");
    heals(&body("g(KERN_ERR PFX \"a\" STR(x) \"b\");"));
    heals(&body("asm volatile(ALTERNATIVE(\"a\", \"b\", X) : : \"r\" (x) : \"memory\");"));
    heals(&body("asm_volatile_goto(\"1: nop\" : : : : out);\nout:"));
    heals(&body("switch (a) {\n\tcase 1 ... 5:\n\t\tg();\n\t}"));
    heals(&body("static void *t[] = { [A] = &&one, &&two };\n\tgoto *t[a];\none: two: g();"));
    heals("struct s t[] = {\n\tENTRY(a, 1)\n\tENTRY(b, 2)\n};\n");
}

#[test]
fn any_bytes_keep_their_length_and_the_mask_does_not_fail() {
    let samples: [&[u8]; 8] = [
        b"",
        b"(",
        b"}",
        b"#if",
        b"f(\xff\x00, struct",
        b"#else\nint x;\n#endif\n#endif",
        b"a(b)(c){\n#if 0\n",
        b"asm(: : x",
    ];
    for text in samples {
        assert_eq!(mask(text).len(), text.len());
    }
    for unit in [
        "(",
        "{",
        "f(",
        "#if A\n",
        "{(",
        "struct s {",
        "= {",
        "a b ",
        "#if A\n{\n#else\n",
        "x(y) ",
        "*",
        "asm(\"\" : ",
        "M(,",
        "__a(",
        "__a(x) int ",
        "f({.a = {",
        "M(a, b) .c ",
        "case 1: x: ",
    ] {
        let text = unit.repeat(20_000);
        assert_eq!(mask(text.as_bytes()).len(), text.len());
        let closed = format!("void f(void)\n{{\n{text}{};\n}}", ")".repeat(20_000));
        assert_eq!(mask(closed.as_bytes()).len(), closed.len());
    }
}

#[test]
fn calls_without_arguments_and_brackets_that_never_close_are_masked_without_harm() {
    for text in ["a()=a/(", "{})a({", "int __a(", "M()/("] {
        assert_eq!(mask(text.as_bytes()).len(), text.len(), "{text}");
    }
}
