//! What a fingerprint must say of texts in the shape of kernel code: the golden example, the inputs at which the published
//! reference code fails, and what holds of any cut of any text.

use super::delta::{self, Edit};
use super::{Fingerprint, Node, NodeKind as K};
use crate::merge::delta::Hunk;
use proptest::prelude::*;

/// Kind, first and last line of every node, the kind by its name only.
fn shape(text: &str) -> Vec<(String, usize, usize)> {
    let name = |kind: &K<'_>| format!("{kind:?}").split(['(', ' ']).next().unwrap_or_default().to_owned();
    let fingerprint = Fingerprint::of(text.as_bytes());
    fingerprint.nodes.iter().map(|node| (name(&node.kind), node.pos, node.end)).collect()
}

/// As `shape`, to compare with.
fn list(nodes: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
    nodes.iter().map(|(kind, pos, end)| ((*kind).to_owned(), *pos, *end)).collect()
}

/// The text of some bytes.
fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The texts of some words.
fn all(words: &[&[u8]]) -> Vec<String> {
    words.iter().map(|word| show(word)).collect()
}

/// Name, types and parameters (`name: types`) of the function that the first node defines, and its last line.
fn function(text: &str) -> (String, String, Vec<String>, usize) {
    let fingerprint = Fingerprint::of(text.as_bytes());
    let K::FuncDef(signature) = &fingerprint.nodes[0].kind else { panic!("no function: {:?}", fingerprint.nodes[0]) };
    let param = |p: &super::Parameter<'_>| format!("{}: {}", show(p.name), show(&p.types.join(&b' ')));
    let params = signature.params.iter().map(param).collect();
    (show(signature.name), show(&signature.types.join(&b' ')), params, fingerprint.nodes[0].end)
}

const GOLDEN: &str = "/* Masks what may interrupt. */
#ifdef CONFIG_BOARD_GUARD
#include <board/guard.h>
#endif

static inline void board_mask(int all)
{
\tWARN_ON(board_busy() && !board_idle());

\tasm volatile(
\t\t\"msr mask, #0xf\"
\t\t:
\t\t:
\t\t: \"memory\");

\t/* The second controller has a mask of its own. */
\tif (board_has_second())
\t\tboard_mask_second(all);
\ttrace_board_off();
}
";

#[test]
fn the_golden_snippet_has_one_node_per_statement_with_its_lines() {
    let nodes = [
        ("Comment", 1, 1),
        ("Ifdef", 2, 4),
        ("Include", 3, 3),
        ("Endif", 4, 4),
        ("FuncDef", 6, 20),
        ("FuncCall", 8, 8),
        ("Asm", 10, 14),
        ("Comment", 16, 16),
        ("If", 17, 18),
        ("FuncCall", 18, 18),
        ("FuncCall", 19, 19),
    ];
    assert_eq!(shape(GOLDEN), list(&nodes));
}

#[test]
fn the_golden_snippet_names_what_it_includes_defines_and_calls() {
    let fingerprint = Fingerprint::of(GOLDEN.as_bytes());
    let nodes = &fingerprint.nodes;
    assert_eq!((&nodes[1].kind, &nodes[2].kind), (&K::Ifdef(b"CONFIG_BOARD_GUARD"), &K::Include(b"board/guard.h")));
    assert_eq!(function(&GOLDEN[GOLDEN.find("static").unwrap_or(0)..]).2, ["all: int"]);
    let K::FuncDef(signature) = &nodes[4].kind else { panic!("{:?}", nodes[4]) };
    assert_eq!(
        (signature.name, all(&signature.types)),
        (&b"board_mask"[..], vec!["static".into(), "inline".into(), "void".into()])
    );
    assert_eq!(all(&nodes[5].calls), ["WARN_ON", "board_busy", "board_idle"]);
    assert_eq!(all(&nodes[8].calls), ["board_has_second"]);
    assert_eq!((&nodes[9].kind, nodes[9].depth, nodes[9].parent), (&K::FuncCall(b"board_mask_second"), 2, Some(8)));
}

#[test]
fn nested_conditionals_end_at_their_own_endif() {
    let text = "#ifdef A\nint a;\n#ifdef B\nint b;\n#else\nint c;\n#endif\nint d;\n#endif\nint e;\n";
    let nodes = [
        ("Ifdef", 1, 9),
        ("VarDec", 2, 2),
        ("Ifdef", 3, 7),
        ("VarDec", 4, 4),
        ("PpElse", 5, 5),
        ("VarDec", 6, 6),
        ("Endif", 7, 7),
        ("VarDec", 8, 8),
        ("Endif", 9, 9),
        ("VarDec", 10, 10),
    ];
    assert_eq!(shape(text), list(&nodes));
}

#[test]
fn every_conditional_says_its_condition() {
    let text =
        "#ifndef A\n#elif defined(B) && \\\n\tIS_ENABLED(C) /* why */\n#endif\n#  if IS_ENABLED(D) // why\n#endif\n";
    let fingerprint = Fingerprint::of(text.as_bytes());
    let kinds: Vec<&K<'_>> = fingerprint.nodes.iter().map(|node| &node.kind).collect();
    let elif = K::Elif(b"defined(B) && \\\n\tIS_ENABLED(C)");
    assert_eq!(kinds, [&K::Ifndef(b"A"), &elif, &K::Endif, &K::PpIf(b"IS_ENABLED(D)"), &K::Endif]);
    assert_eq!(all(&fingerprint.nodes[1].calls), ["IS_ENABLED"]);
}

#[test]
fn a_conditional_that_a_cut_leaves_open_or_headless_is_fine() {
    assert_eq!(
        shape("int a;\n#else\nint b;\n#endif\nint c;\n#if X\nint d;\n\n"),
        list(&[
            ("VarDec", 1, 1),
            ("PpElse", 2, 2),
            ("VarDec", 3, 3),
            ("Endif", 4, 4),
            ("VarDec", 5, 5),
            ("PpIf", 6, 7),
            ("VarDec", 7, 7),
        ])
    );
}

#[test]
fn a_brace_that_two_branches_open_is_closed_once() {
    let text =
        "int f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tg();\n\t}\n\treturn 1;\n}\nint h;\n";
    let nodes = shape(text);
    assert_eq!(nodes[0], ("FuncDef".into(), 1, 11));
    assert_eq!(nodes.last(), Some(&("VarDec".into(), 12, 12)));
    assert!(nodes.contains(&("If".into(), 4, 4)) && nodes.contains(&("If".into(), 6, 6)), "{nodes:?}");
}

#[test]
fn a_function_that_two_branches_close_ends_with_the_conditional() {
    let text = "int f(void)\n{\n#ifdef A\n\treturn 0;\n}\n#else\n\treturn 1;\n}\n#endif\nint h;\n";
    let nodes = shape(text);
    assert_eq!((&nodes[0], nodes.last()), (&("FuncDef".into(), 1, 9), Some(&("VarDec".into(), 10, 10))));
}

#[test]
fn two_headers_with_one_body_are_two_functions() {
    let text = "#ifdef A\nint f(int a)\n#else\nint f(long a)\n#endif\n{\n\treturn a;\n}\nint h;\n";
    let nodes = shape(text);
    assert!(nodes.contains(&("FuncDef".into(), 2, 2)) && nodes.contains(&("FuncDef".into(), 4, 4)), "{nodes:?}");
    assert!(nodes.contains(&("Continuation".into(), 6, 8)) && nodes.contains(&("Return".into(), 7, 7)), "{nodes:?}");
    assert_eq!(nodes.last(), Some(&("VarDec".into(), 9, 9)));
}

#[test]
fn code_in_if_0_counts_no_braces() {
    let text = "int f(void)\n{\n#if 0\n\tif (x) {\n#endif\n\treturn 1;\n}\nint h;\n";
    assert_eq!(shape(text).last(), Some(&("VarDec".into(), 8, 8)));
}

#[test]
fn calls_are_words_before_a_parenthesis_in_order_without_keywords() {
    let fingerprint =
        Fingerprint::of(b"x = first(second(a), sizeof(b)) + ops->third(c);\nfor (i = 0; i < count(x); i++)\n\t;\n");
    assert_eq!(all(&fingerprint.nodes[0].calls), ["first", "second", "third"]);
    assert_eq!(all(&fingerprint.nodes[1].calls), ["count"]);
}

#[test]
fn an_insertion_a_deletion_and_a_replacement_have_one_point_each() {
    let old = Fingerprint::of(b"a();\nb();\nc();\nd();\n");
    for (hunk, edit) in [
        (Hunk { before: 1..1, after: 1..2 }, Edit::Insert),
        (Hunk { before: 1..2, after: 1..1 }, Edit::Delete),
        (Hunk { before: 1..2, after: 1..3 }, Edit::Replace),
    ] {
        let points = delta::points(&old, b"a();\nx();\ny();\nc();\nd();\n", std::slice::from_ref(&hunk));
        assert_eq!((points.len(), points[0].edit, points[0].after), (1, edit, Some(0)));
    }
}

#[test]
fn a_second_block_under_a_condition_that_is_there_already_has_its_point() {
    let text = b"#ifdef A\na();\n#endif\nb();\nc();\n";
    let patched = b"#ifdef A\na();\n#endif\nb();\n#ifdef A\nd();\n#endif\nc();\n";
    let points = delta::points(&Fingerprint::of(text), patched, &[Hunk { before: 4..4, after: 4..7 }]);
    assert_eq!((points[0].after, points[0].before), (Some(3), Some(4)));
}

#[test]
fn functions_of_any_type_are_functions() {
    assert_eq!(function("bool f(void)\n{\n}\n"), ("f".into(), "bool".into(), vec![], 3));
    assert_eq!(function("pgprot_t f(int a) {\n}\n"), ("f".into(), "pgprot_t".into(), vec!["a: int".into()], 2));
    assert_eq!(function("u64 f(u8 *p, ...)\n{\n}\n").2, ["p: u8 *", ": ..."]);
    let (name, types, params, _) = function("struct x *f(struct y *y, const char s[4])\n{\n}\n");
    assert_eq!((name.as_str(), types.as_str()), ("f", "struct x *"));
    assert_eq!(params, ["y: struct y *", "s: const char"]);
}

#[test]
fn a_system_call_is_a_function_by_its_first_argument() {
    let text =
        "SYSCALL_DEFINE3(board_read, unsigned int, fd,\n\t\tchar __user *, buf, size_t, count)\n{\n\treturn 0;\n}\n";
    let (name, types, params, end) = function(text);
    assert_eq!((name.as_str(), types.as_str(), end), ("board_read", "SYSCALL_DEFINE3", 5));
    assert_eq!(params, ["fd: unsigned int", "buf: char __user *", "count: size_t"]);
    assert_eq!(function("SYSCALL_DEFINE0(board_sync)\n{\n}\n").0, "board_sync");
    assert_eq!(function("COMPAT_SYSCALL_DEFINE1(board_sync, compat_long_t, x)\n{\n}\n").2, ["x: compat_long_t"]);
}

#[test]
fn a_function_that_takes_a_function_has_its_own_name() {
    let (name, types, params, _) = function("static int f(int (*cb)(void), void *data)\n{\n}\n");
    assert_eq!((name.as_str(), types.as_str()), ("f", "static int"));
    assert_eq!(params, ["cb: int", "data: void *"]);
    assert_eq!(function("static int (*f(int a))(void)\n{\n}\n").0, "f");
}

#[test]
fn a_function_on_one_line_has_its_own_name_and_its_body() {
    assert_eq!(
        function("static inline int f(void) { return g(x); }\n"),
        ("f".into(), "static inline int".into(), vec![], 1)
    );
    assert_eq!(shape("static inline int f(void) { return g(x); }\n"), list(&[("FuncDef", 1, 1), ("Return", 1, 1)]));
}

#[test]
fn attributes_are_not_the_functions_name() {
    assert_eq!(function("__printf(1, 2)\nstatic void f(const char *fmt, ...)\n{\n}\n").0, "f");
    assert_eq!(function("static void f(int a) __acquires(lock)\n\t__must_hold(other)\n{\n}\n").0, "f");
    assert_eq!(function("static __attribute__((cold)) int f(int a)\n{\n}\n").0, "f");
}

#[test]
fn a_header_may_be_split_over_lines() {
    let text = "static inline int\nf(int a,\n  int b)\n{\n\tg(a);\n}\n";
    assert_eq!(function(text), ("f".into(), "static inline int".into(), vec!["a: int".into(), "b: int".into()], 6));
    assert_eq!(Fingerprint::of(text.as_bytes()).nodes[0].head, 0..35);
}

#[test]
fn brackets_in_comments_and_literals_count_for_nothing() {
    let text = "void f(void)\n{\n\t/* open ( only */\n\tpr_info(\"({[\");\n\tx = '{';\n\t// }\n}\nint h;\n";
    assert_eq!(
        shape(text),
        list(&[
            ("FuncDef", 1, 7),
            ("Comment", 3, 3),
            ("FuncCall", 4, 4),
            ("Assign", 5, 5),
            ("Comment", 6, 6),
            ("VarDec", 8, 8),
        ])
    );
}

#[test]
fn the_content_tells_members_from_elements_strings_and_numbers() {
    let hash = |text: &str| Fingerprint::of(text.as_bytes()).nodes[0].hash;
    let different = [
        "x = a.b;",
        "x = a[b];",
        "x = a->b;",
        "x = 0xff;",
        "x = 0xfe;",
        "x = \"a\";",
        "x = \"b\";",
        "x = ~a;",
        "x = a ? b : c;",
    ];
    let mut hashes: Vec<u64> = different.iter().map(|text| hash(text)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), different.len());
    assert_eq!(hash("x = a + /* why */ b;"), hash("x=a\n\t+ b;"));
    assert_eq!(hash("if (x) {\n}"), hash("if (x) { y(); }"));
    assert_eq!(hash("if (x) {\n}"), hash("if (x)\n\ty();"));
}

#[test]
fn jumps_and_conditions_are_nodes_that_can_anchor() {
    let text =
        "again:\n\tif (a)\n\t\tgoto again;\n\telse if (b)\n\t\tbreak;\n\telse\n\t\tcontinue;\n\treturn -EINVAL;\n";
    assert_eq!(
        shape(text),
        list(&[
            ("Label", 1, 1),
            ("If", 2, 3),
            ("Goto", 3, 3),
            ("ElseIf", 4, 5),
            ("Break", 5, 5),
            ("Else", 6, 7),
            ("Continue", 7, 7),
            ("Return", 8, 8),
        ])
    );
    let fingerprint = Fingerprint::of(text.as_bytes());
    let heads: Vec<&str> = fingerprint.nodes.iter().map(|node| &text[node.head.clone()]).collect();
    assert_eq!(heads[1..4], ["if (a)", "goto again;", "else if (b)"]);
}

#[test]
fn loops_reach_to_the_end_of_their_bodies() {
    let text = "\tdo {\n\t\ta();\n\t} while (b());\n\twhile (c)\n\t\tfor (;;)\n\t\t\tif (d)\n\t\t\t\te();\n\tlist_for_each_entry(p, &l, n) {\n\t\tf();\n\t}\n\tfor_each_node(n)\n\t\tg();\n\th();\n";
    assert_eq!(
        shape(text),
        list(&[
            ("Do", 1, 3),
            ("FuncCall", 2, 2),
            ("While", 4, 7),
            ("For", 5, 7),
            ("If", 6, 7),
            ("FuncCall", 7, 7),
            ("For", 8, 10),
            ("FuncCall", 9, 9),
            ("For", 11, 12),
            ("FuncCall", 12, 12),
            ("FuncCall", 13, 13),
        ])
    );
    assert_eq!(all(&Fingerprint::of(text.as_bytes()).nodes[0].calls), ["b"]);
}

#[test]
fn a_switch_has_its_cases_as_nodes() {
    let text = "\tswitch (x) {\n\tcase A ? 1 : 2:\n\tcase 'b' ... 'd':\n\t\tf();\n\t\tbreak;\n\tdefault:\n\t\tfallthrough;\n\t}\n";
    assert_eq!(
        shape(text),
        list(&[
            ("Switch", 1, 8),
            ("Case", 2, 2),
            ("Case", 3, 3),
            ("FuncCall", 4, 4),
            ("Break", 5, 5),
            ("Default", 6, 6),
            ("Expression", 7, 7),
        ])
    );
}

#[test]
fn records_and_enums_have_their_members_as_nodes() {
    let text = "struct board {\n\tu32 a, *b;\n\tint (*go)(int x);\n\tunion {\n\t\tu8 c:1;\n\t};\n\tstruct list l;\n} __packed;\nenum kind {\n\tFIRST = 1,\n\tLAST\n};\ntypedef struct {\n\tint x;\n} pair_t;\n";
    assert_eq!(
        shape(text),
        list(&[
            ("Struct", 1, 8),
            ("FieldDeclaration", 2, 2),
            ("FieldDeclaration", 3, 3),
            ("Union", 4, 6),
            ("FieldDeclaration", 5, 5),
            ("FieldDeclaration", 7, 7),
            ("Enum", 9, 12),
            ("Enumerator", 10, 10),
            ("Enumerator", 11, 11),
            ("Typedef", 13, 15),
            ("FieldDeclaration", 14, 14),
        ])
    );
    let fingerprint = Fingerprint::of(text.as_bytes());
    let names: Vec<String> = fingerprint.nodes.iter().map(|node| show(node.kind.name())).collect();
    assert_eq!(names, ["board", "a", "go", "", "c", "l", "kind", "FIRST", "LAST", "pair_t", "x"]);
    let K::FieldDeclaration(field) = &fingerprint.nodes[1].kind else { panic!("{:?}", fingerprint.nodes[1]) };
    assert_eq!((all(&field.names), all(&field.types)), (vec!["a".into(), "b".into()], vec!["u32".into()]));
}

#[test]
fn the_entries_of_initialisers_are_nodes() {
    let text = "static const struct id ids[] = {\n\t{ \"x\", 1 },\n\t{\n\t\t.name = \"y\",\n\t\t.data = (void *)2,\n\t},\n\t{ }\n};\nstatic struct driver d = {\n\t.probe = foo,\n\t[3] = bar(1, 2)\n};\nint one[] = { 1, 2 };\n";
    assert_eq!(
        shape(text),
        list(&[
            ("VarDec", 1, 8),
            ("Entry", 2, 2),
            ("Entry", 3, 6),
            ("Entry", 4, 4),
            ("Entry", 5, 5),
            ("Entry", 7, 7),
            ("VarDec", 9, 12),
            ("Entry", 10, 10),
            ("Entry", 11, 11),
            ("VarDec", 13, 13),
        ])
    );
    let fingerprint = Fingerprint::of(text.as_bytes());
    assert_eq!((fingerprint.nodes[7].kind.name(), fingerprint.nodes[8].kind.name()), (&b"probe"[..], &b"3"[..]));
}

#[test]
fn entries_are_nodes_in_a_cut_that_knows_nothing_of_their_table() {
    assert_eq!(
        shape("\t.probe = foo,\n\t{ \"x\", 1 },\n\tFIRST,\n\tNEXT = 2,\n};\nint a;\n"),
        list(&[
            ("Entry", 1, 1),
            ("Entry", 2, 2),
            ("Entry", 3, 3),
            ("Assign", 4, 4),
            ("Expression", 5, 5),
            ("VarDec", 6, 6),
        ])
    );
}

#[test]
fn assembly_is_one_node_however_it_is_spelled() {
    for word in ["asm", "__asm__", "asm volatile", "__asm__ __volatile__", "asm goto"] {
        let text = format!("\t{word}(\"nop\\n\\t\"\n\t\t\"mov (%0), r1\"\n\t\t: : \"r\" (p));\n\tnext();\n");
        assert_eq!(shape(&text), list(&[("Asm", 1, 3), ("FuncCall", 4, 4)]), "{word}");
    }
}

#[test]
fn macros_outside_of_functions_are_nodes_with_or_without_semicolon() {
    let text =
        "EXPORT_SYMBOL(f);\nmodule_init(f)\nMODULE_TABLE(of, t)\n/* why */\nstatic DEFINE_MUTEX(lock);\nint a;\n";
    assert_eq!(
        shape(text),
        list(&[
            ("MacroCall", 1, 1),
            ("MacroCall", 2, 2),
            ("MacroCall", 3, 3),
            ("Comment", 4, 4),
            ("MacroCall", 5, 5),
            ("VarDec", 6, 6),
        ])
    );
}

#[test]
fn declarations_name_their_variables() {
    let cases = [
        ("static bool ready __read_mostly;", "ready"),
        ("unsigned long a, *b = f(1, 2), c[3];", "a b c"),
        ("struct x *p = container_of(a, struct x, b);", "p"),
        ("void (*__initdata late)(void);", "late"),
        ("u8 buf[4] = { 1, 2 };", "buf"),
        ("int __x;", "__x"),
    ];
    for (text, names) in cases {
        let fingerprint = Fingerprint::of(text.as_bytes());
        let K::VarDec(declared) = &fingerprint.nodes[0].kind else { panic!("{:?}", fingerprint.nodes[0]) };
        assert_eq!(all(&declared.names).join(" "), names);
    }
    assert!(matches!(Fingerprint::of(b"int f(int a, char *);").nodes[0].kind, K::FuncDecl(_)));
    assert!(matches!(Fingerprint::of(b"\tops->open(a)->b(c);").nodes[0].kind, K::FuncCall(b"b")));
    assert!(matches!(Fingerprint::of(b"\t*a = b;").nodes[0].kind, K::Assign));
}

#[test]
fn a_function_without_its_brace_does_not_swallow_the_next_one() {
    let nodes = shape("int f(void)\n{\n\tif (a) {\n\t\tb();\n\nint g(void)\n{\n\tc();\n}\n");
    assert!(nodes.contains(&("FuncDef".into(), 6, 9)) && nodes.contains(&("FuncDef".into(), 1, 4)), "{nodes:?}");
    let nodes = shape("int f(void)\n{\n\tb(a;\n}\n\nint g(void)\n{\n\tc();\n}\n");
    assert!(nodes.contains(&("FuncDef".into(), 6, 9)), "{nodes:?}");
}

#[test]
fn lines_may_end_with_carriage_returns_and_bytes_may_be_anything() {
    assert_eq!(
        shape("#if A\r\nint a;\r\n#endif\r\nint b;\r\n"),
        list(&[("PpIf", 1, 3), ("VarDec", 2, 2), ("Endif", 3, 3), ("VarDec", 4, 4),])
    );
    assert_eq!(Fingerprint::of(b"int \xe9t\xe9;\n\xff\xfe;\n").nodes.len(), 2);
    assert!(Fingerprint::of(b" \n\t\n").nodes.is_empty());
}

/// What is wrong with the nodes of a text, if anything.
fn fault(text: &[u8]) -> Option<String> {
    let fingerprint = Fingerprint::of(text);
    let lines: Vec<&[u8]> = text.split(|c| *c == b'\n').collect();
    let mut covered = vec![false; lines.len()];
    let mut before = 0;
    for (at, node) in fingerprint.nodes.iter().enumerate() {
        let inside = |outer: &Node<'_>| outer.bytes.start <= node.bytes.start && node.bytes.end <= outer.bytes.end;
        let parent = node.parent.map(|parent| &fingerprint.nodes[parent]);
        let earlier = at.checked_sub(1).map(|at| &fingerprint.nodes[at]);
        // The node before is the parent, or ends before this one, as do those around it up to the common parent.
        let around = std::iter::successors(earlier, |node| node.parent.map(|parent| &fingerprint.nodes[parent]));
        let apart = around.take_while(|outer| Some(&outer.bytes) != parent.map(|parent| &parent.bytes));
        let fits = node.bytes.start >= before
            && node.bytes.start < node.bytes.end
            && node.bytes.end <= text.len()
            && node.head.end <= node.bytes.end
            && node.depth == parent.map_or(0, |parent| parent.depth + 1)
            && parent.is_none_or(inside)
            && { apart }.all(|outer| outer.bytes.end <= node.bytes.start);
        let newlines = |bytes: &[u8]| bytes.iter().filter(|c| **c == b'\n').count();
        let on_lines = node.pos == 1 + newlines(&text[..node.bytes.start])
            && node.end == node.pos + newlines(&text[node.bytes.clone()]);
        if !fits || !on_lines {
            return Some(format!("node {at}: {node:?}"));
        }
        covered[node.pos - 1..node.end].fill(true);
        before = node.bytes.start;
    }
    let is_blank = |line: &[u8]| line.iter().all(|c| c.is_ascii_whitespace() || matches!(c, 0x0b | b'\\'));
    (0..lines.len())
        .find(|at| !covered[*at] && !is_blank(lines[*at]))
        .map(|at| format!("line {} is in no node", at + 1))
}

/// Pieces of code, of which texts are put together that no compiler would take.
const PIECES: [&str; 48] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    ":",
    "=",
    "\n",
    "\n\n",
    "\t",
    " ",
    "#if 0\n",
    "\n#ifdef A\n",
    "\n#else\n",
    "\n#elif B\n",
    "\n#endif\n",
    "\n#define M(x) \\\n\tx\n",
    "if (a)",
    "else",
    "do",
    "while (b)",
    "for (;;)",
    "switch (c)",
    "case 1:",
    "default:",
    "return",
    "goto x;",
    "struct s",
    "enum e",
    "typedef",
    "static",
    "int",
    "f(1)",
    "list_for_each(a)\n",
    "/* ( */",
    "/*",
    "*/",
    "// }\n",
    "\"",
    "'",
    "\\\n",
    ".a = 1,",
    "asm(",
    "\n}\n",
    "\n{\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_cut_of_the_golden_text_gives_nodes_that_nest_and_cover(from in 0..GOLDEN.len(), length in 0..GOLDEN.len()) {
        let to = GOLDEN.len().min(from + length);
        prop_assert_eq!(fault(&GOLDEN.as_bytes()[from..to]), None);
    }

    #[test]
    fn any_heap_of_code_gives_nodes_that_nest_and_cover(pieces in prop::collection::vec(0..PIECES.len(), 0..120)) {
        let text: String = pieces.iter().map(|at| PIECES[*at]).collect();
        prop_assert_eq!(fault(text.as_bytes()), None, "{}", text);
    }

    #[test]
    fn any_bytes_give_nodes_that_nest_and_cover(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(fault(&bytes), None);
    }
}

#[test]
fn deep_and_endless_nesting_takes_linear_time() {
    let storms = [
        "(",
        "{",
        "}",
        "if (a) ",
        "do ",
        "else ",
        "#if A\n",
        "#if A\n{",
        "#if A\n#else\n",
        "#if A\n}\n#endif\n",
        "#if A\n{\n#endif\n",
        "case ",
        "= {",
        "struct s {",
        "x(\n",
        "a(b)\n",
        "/* */\n",
        "a(b) /* */\n",
        "\nint f(",
        "{ { {\n",
        "list_for_each(a) ",
        ".a = { ",
    ];
    for storm in storms {
        let text = storm.repeat(30_000);
        assert!(!Fingerprint::of(text.as_bytes()).nodes.is_empty(), "{storm}");
    }
    // Half of it opens, half of it closes again and again in the branches of one conditional.
    for (open, close) in
        [("if (a) ", "#else\nx;\n"), ("{", "#else\n}\n"), ("do ", "#else\n}\n"), ("do ", "#else\nx;\n")]
    {
        let text = format!("{}\n#if A\n{}", open.repeat(20_000), close.repeat(20_000));
        assert!(!Fingerprint::of(text.as_bytes()).nodes.is_empty(), "{open}");
    }
}
