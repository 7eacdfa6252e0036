//! What the scanner cuts: kinds, names, branches, and that every byte is in one item or in none.

use super::ItemKind::{
    Conditional, Enum, Function, FunctionMacro, Include, MacroCall, MacroFunction, ObjectMacro, Prototype, Struct,
    Typedef, Union, Variable,
};
use super::*;

/// Kind and name of every item but conditionals.
fn cut(text: &str) -> Vec<(ItemKind, String)> {
    let found = items(text.as_bytes());
    let named = found.list.iter().filter(|item| item.kind != Conditional);
    named.map(|item| (item.kind, text[item.name.clone()].to_owned())).collect()
}

/// Asserts that a text is one item of this kind and name, from its first byte to its last but the line's end.
fn is_one(text: &str, kind: ItemKind, name: &str) {
    let found = items(text.as_bytes());
    assert_eq!(cut(text), [(kind, name.to_owned())], "{text}");
    assert_eq!(found.list.last().map(|item| item.span.end), Some(text.trim_end().len()), "{text}");
}

#[test]
fn functions_are_named_whatever_surrounds_the_name() {
    for text in [
        "static noinline __init int f(void)\n{\n}\n",
        "static inline struct s *\nf(struct s *a, int (*cb)(void))\n{\n\tif (a) {\n\t}\n}\n",
        "int f(int a) __acquires(x)\n{\n}\n",
        "SEC(\"tc\") __failure __msg(\"a (b\")\nint f(struct c *x)\n{\n}\n",
        "int f(a, b)\nint a;\nchar *b;\n{\n}\n",
        "unsigned long __printf(1, 2) f(const char *s, ...) { return 0; }\n",
        "typeof(x) f(void)\n{\n}\n",
        "int (*f(void))(int)\n{\n}\n",
        "static struct s {\n\tint a;\n} *f(int b)\n{\n\tg();\n}\n",
        "static int f(int a)\n#define A 1\n#define B 2\n{\n\tg();\n}\n",
        "foo_t f(void)\n{\n\tint a[] = { 1, 2 };\n};\n",
    ] {
        is_one(text, Function, "f");
    }
}

#[test]
fn declarations_and_types_are_named() {
    is_one("struct s {\n\tstruct {\n\t\tint a;\n\t};\n} __packed;\n", Struct, "s");
    is_one("union u { int a; };\n", Union, "u");
    is_one("enum e { A, B };\n", Enum, "e");
    is_one("typedef struct { int a; } t;\n", Typedef, "t");
    is_one("typedef int (*t)(int a, int b);\n", Typedef, "t");
    is_one("typedef unsigned long t[3];\n", Typedef, "t");
    is_one("static const struct s v[] __initconst = {\n\t{ .a = { 1 } },\n\t{ }\n};\n", Variable, "v");
    is_one("static int (*v[])(int) = { a, b };\n", Variable, "v");
    is_one("int v __read_mostly;\n", Variable, "v");
    is_one("extern int f(int a);\n", Prototype, "f");
    is_one("asmlinkage long f(void) __odd;\n", Prototype, "f");
    is_one("void (*f(int a))(void);\n", Prototype, "f");
}

#[test]
fn macro_calls_have_a_name_and_a_first_argument() {
    let text = "EXPORT_SYMBOL(f)\nstatic DEFINE_MUTEX(lock);\nDEFINE_PER_CPU(struct s, x) = { 1 };\nmodule_init(f);\n__setup(\"a=\", f);\n";
    let found = items(text.as_bytes());
    let told: Vec<_> =
        found.list.iter().map(|item| (item.kind, &text[item.name.clone()], &text[item.argument.clone()])).collect();
    assert_eq!(
        told,
        [
            (MacroCall, "EXPORT_SYMBOL", "f"),
            (MacroCall, "DEFINE_MUTEX", "lock"),
            (MacroCall, "DEFINE_PER_CPU", "struct s"),
            (MacroCall, "module_init", "f"),
            (MacroCall, "__setup", "\"a=\""),
        ]
    );
}

#[test]
fn macros_with_a_body_are_functions_named_by_their_first_argument() {
    let text = "SYSCALL_DEFINE1(open, int, fd)\n{\n\treturn fd;\n}\n";
    let found = items(text.as_bytes());
    assert_eq!(found.list[0].kind, MacroFunction);
    assert_eq!(found.list[0].identity(text.as_bytes()), b"open");
    assert_eq!(&text[found.list[0].body.clone()], "{\n\treturn fd;\n}");
    assert_eq!(&text[found.list[0].signature.clone()], "SYSCALL_DEFINE1(open, int, fd)\n");
}

#[test]
fn directives_are_items() {
    let text = "#include <a/b.h> /* c */\n#define A 1\n#define B(x) \\\n\tx\n#define C (1)\n";
    assert_eq!(
        cut(text),
        [
            (Include, "<a/b.h>".into()),
            (ObjectMacro, "A".into()),
            (FunctionMacro, "B".into()),
            (ObjectMacro, "C".into())
        ]
    );
    assert_eq!(items(text.as_bytes()).list[2].lines, (3, 4));
}

#[test]
fn comments_above_and_behind_belong_to_an_item() {
    let text = "/* lone */\n\n/* one */\n// two\nint a; /* behind */\nint b;\n";
    let found = items(text.as_bytes());
    assert_eq!(&text[found.list[0].comment..found.list[0].span.end], "/* one */\n// two\nint a; /* behind */");
    assert_eq!(found.list[1].comment, found.list[1].span.start);
    assert_eq!(found.at(text.find("two").expect("there")).map(|item| item.lines.0), Some(5));
    assert_eq!(found.at(1), None);
    assert_eq!(found.on_line(6).map(|item| item.name.clone()), Some(found.list[1].name.clone()));
}

#[test]
fn a_head_in_both_branches_is_one_function() {
    let text = "#ifdef A\nint f(int x)\n{\n#else\nint f(void)\n{\n#endif\n\tg();\n}\nint h(void)\n{\n}\n";
    assert_eq!(cut(text), [(Function, "f".into()), (Function, "h".into())]);
    let found = items(text.as_bytes());
    assert_eq!((found.list[0].lines, found.list[0].branch), ((1, 9), 0));
    let split = "#ifdef A\nint f(int x)\n#else\nint f(void)\n#endif\n{\n}\nint h(void)\n{\n}\n";
    assert_eq!(cut(split), [(Function, "f".into()), (Function, "h".into())]);
}

#[test]
fn branches_of_a_body_count_from_the_same_depth() {
    let open = "int f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n}\nint h(void)\n{\n}\n";
    let closed = "int f(void)\n{\n#ifdef A\n\treturn 1;\n}\n#else\n\treturn 0;\n}\n#endif\nint h(void)\n{\n}\n";
    let dead = "int f(void)\n{\n#if 0\n\tif (a) {\n#endif\n}\nint h(void)\n{\n}\n";
    for text in [open, closed, dead] {
        assert_eq!(cut(text), [(Function, "f".into()), (Function, "h".into())], "{text}");
    }
    assert_eq!(items(closed.as_bytes()).list[0].lines, (1, 9));
}

#[test]
fn branches_tell_whether_two_items_exclude_each_other() {
    let text = "#ifdef A\nint f(void);\n#ifdef B\nint g(void);\n#endif\n#else\nint h(void);\n#endif\n#ifdef A\nint i(void);\n#endif\nint j;\n";
    let found = items(text.as_bytes());
    let branch =
        |name: &str| found.list.iter().find(|item| &text[item.name.clone()] == name).map_or(99, |item| item.branch);
    let exclusive = |a: &str, b: &str| found.branches.are_exclusive(branch(a), branch(b));
    assert!(exclusive("f", "h") && exclusive("g", "h") && exclusive("h", "g"));
    assert!(!exclusive("f", "g") && !exclusive("f", "i") && !exclusive("h", "i") && !exclusive("g", "j"));
    assert_eq!(branch("j"), 0);
    let stack: Vec<_> = found.branches.stack(branch("g")).map(|arm| &text[arm.directive.clone()]).collect();
    assert_eq!(stack, ["#ifdef B", "#ifdef A"]);
}

#[test]
fn a_definition_at_the_beginning_of_a_line_ends_a_runaway() {
    let text = "int f(void)\n{\n\tif (a) {\n}\n\nstatic int g(int a)\n{\n\treturn 0;\n}\nM(a, (b;\nint h(void)\n{\n}\n";
    let names: Vec<_> = cut(text).into_iter().filter(|item| item.0 == Function).map(|item| item.1).collect();
    assert_eq!(names, ["f", "g", "h"]);
}

#[test]
fn assembler_is_in_no_item() {
    let text = "#ifdef __ASSEMBLY__\n.macro f a\n\tb {r0}, \\a(\n#else\nint g(void);\n#endif\n";
    assert_eq!(cut(text), [(Prototype, "g".into())]);
}

#[test]
fn items_of_any_bytes_are_in_order_and_do_not_overlap() {
    let check = |text: &[u8]| {
        let mut end = 0;
        for item in &items(text).list {
            assert!(end <= item.comment && item.comment <= item.span.start && item.span.start < item.span.end);
            assert!(item.span.end <= text.len() && item.name.end <= text.len() && item.body.end <= item.span.end);
            end = item.span.end;
        }
    };
    let units = [
        "(",
        ")",
        "{",
        "}",
        "#if A\n",
        "#else\n",
        "#endif\n",
        "f(a) {",
        "int x = {",
        ";",
        "M(a)\n",
        "/* c */\n",
        "\"",
        "\\",
        "__a(x) int ",
        "a()\n",
        "static int f(void)\n{\n",
        "struct s ",
    ];
    let mut seed = 7u32;
    for _ in 0..3_000 {
        let mut text = Vec::new();
        for _ in 0..40 {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            text.extend_from_slice(units[(seed >> 16) as usize % units.len()].as_bytes());
        }
        check(&text);
    }
    for unit in units {
        check(unit.repeat(20_000).as_bytes());
    }
    check(b"\xff\x00\x80{\xc3");
}
