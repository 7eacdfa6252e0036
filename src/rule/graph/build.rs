//! From a function's syntax tree to its control-flow graph.
//!
//! In: the text of one function and its tree, parsed masked. Out: a `Cfg`. Two passes over the statements, both with a stack on
//! the heap: the first numbers them in the order of the text, the second (`edges`) knows for each where
//! control goes when it is done.

use super::cfg::{Cfg, CfgNode, Kind};
use crate::syntax::lex::is_name_byte;
use crate::syntax::syntax_tree::{Node, SyntaxTree};
use std::collections::BTreeMap;
use std::ops::Range;

/// No node has this number.
pub const NONE: usize = usize::MAX;

/// A function with more statements has no graph.
pub const MOST_NODES: usize = 20_000;

impl Cfg {
    /// The graph of the first function in a tree of `text`; `None` if there is none, or it is too long.
    pub fn of(text: &[u8], tree: &SyntaxTree) -> Option<Self> {
        let function = tree.nodes().iter().position(|node| node.kind == "function_definition")?;
        let body = tree.child(function, "body")?;
        let mut builder = Builder {
            text,
            tree,
            nodes: Vec::new(),
            number: vec![NONE; tree.nodes().len()],
            untils: BTreeMap::new(),
            switches: BTreeMap::new(),
        };
        builder.add(Kind::Entry, function, 0..0, NONE);
        let start = span(tree, function).start;
        let signature = trimmed(text, start..span(tree, body).start);
        builder.add(Kind::Header, function, signature, Self::ENTRY);
        builder.number_statements(body)?;
        builder.add(Kind::Exit, NONE, 0..0, Self::ENTRY);
        builder.connect(body);
        Some(builder.finish())
    }
}

/// The graph while it is made.
pub struct Builder<'a> {
    /// The function's text.
    pub text: &'a [u8],
    /// Its tree.
    pub tree: &'a SyntaxTree,
    /// What is numbered so far, blocks included.
    pub nodes: Vec<CfgNode>,
    /// Tree index to the number of the node through which a statement is entered.
    pub number: Vec<usize>,
    /// Tree index of a `do` to the number of its `while`.
    pub untils: BTreeMap<usize, usize>,
    /// The heads of `switch` statements with where they go if no case fits, and whether a `default` does.
    pub switches: BTreeMap<usize, (usize, bool)>,
}

/// Something to number.
enum Task {
    /// A statement, inside of the head with a number.
    Statement(usize, usize),
    /// The `while (...);` of a `do`, inside of the head with a number.
    Until(usize, usize),
    /// Everything inside of the node with a number has its number.
    Close(usize),
}

impl Builder<'_> {
    /// The syntax node at an index.
    pub fn node(&self, at: usize) -> &Node {
        &self.tree.nodes()[at]
    }

    /// Numbers a node; statements are entered through the first number that they get.
    fn add(&mut self, kind: Kind, at: usize, place: Range<usize>, parent: usize) -> usize {
        let id = self.nodes.len();
        let whole = if at == NONE { 0..0 } else { span(self.tree, at) };
        if at != NONE && self.number[at] == NONE && kind != Kind::Entry {
            self.number[at] = id;
        }
        self.nodes.push(CfgNode {
            kind,
            place,
            whole,
            tree: at,
            after: id + 1,
            parent,
            next: Vec::new(),
            previous: Vec::new(),
        });
        id
    }

    /// Gives all statements their numbers.
    fn number_statements(&mut self, body: usize) -> Option<()> {
        let mut open = vec![Task::Statement(body, 1)];
        while let Some(task) = open.pop() {
            if self.nodes.len() > MOST_NODES {
                return None;
            }
            let (at, around) = match task {
                Task::Statement(at, around) => (at, around),
                Task::Until(at, around) => {
                    self.until(at, around);
                    continue;
                }
                Task::Close(id) => {
                    self.nodes[id].after = self.nodes.len();
                    continue;
                }
            };
            let kind = self.kind(at);
            let place = self.own_place(at, kind);
            let id = self.add(kind, at, place, around);
            let inside = if kind.is_head() || kind == Kind::Directive { id } else { around };
            if self.node(at).kind == "do_statement" {
                open.push(Task::Until(at, around));
            }
            let parts = self.parts(at);
            open.push(Task::Close(id));
            open.extend(parts.into_iter().rev().map(|part| Task::Statement(part, inside)));
        }
        self.nodes[1].after = self.nodes.len();
        Some(())
    }

    /// Numbers the end of a `do`.
    fn until(&mut self, at: usize, around: usize) {
        let word = self.tree.children(at).find(|c| self.node(*c).kind == "while");
        let whole = span(self.tree, at);
        let start = word.map_or(whole.end, |w| span(self.tree, w).start);
        let id = self.add(Kind::Until, at, start..whole.end, around);
        self.untils.insert(at, id);
    }

    /// What a statement is.
    fn kind(&self, at: usize) -> Kind {
        let node = self.node(at);
        match node.kind {
            "compound_statement" | "do_statement" => Kind::Block,
            "if_statement" | "while_statement" | "for_statement" => self.loop_or_branch(node),
            "switch_statement" => Kind::Switch,
            "case_statement" => Kind::Case,
            "labeled_statement" => Kind::Label,
            "return_statement" => Kind::Return,
            "goto_statement" | "break_statement" | "continue_statement" => Kind::Jump,
            "declaration" | "type_definition" | "struct_specifier" | "union_specifier" | "enum_specifier" => {
                Kind::Declaration
            }
            kind if kind.starts_with("preproc_") => Kind::Directive,
            "expression_statement" | "attributed_statement" => Kind::Statement,
            _ => Kind::Opaque,
        }
    }

    /// The mask writes `while` or `if` over the name of a macro that is a loop: the text tells.
    fn loop_or_branch(&self, node: &Node) -> Kind {
        let word = &self.text[node.start as usize..];
        let length = word.iter().position(|c| !is_name_byte(*c)).unwrap_or(word.len());
        match &word[..length] {
            b"if" => Kind::If,
            b"while" | b"for" => Kind::Loop,
            _ => Kind::Iterator,
        }
    }

    /// The bytes of a statement without its parts.
    fn own_place(&self, at: usize, kind: Kind) -> Range<usize> {
        let whole = span(self.tree, at);
        let end_of = |last: Option<usize>| last.map_or(whole.end, |c| span(self.tree, c).end);
        let end = match kind {
            Kind::If | Kind::Loop | Kind::Iterator | Kind::Switch => {
                let brackets = |c: &usize| matches!(self.node(*c).kind, ")" | "parenthesized_expression");
                let inside = |c: &usize| self.node(*c).field != Some("body");
                end_of(self.tree.children(at).filter(|c| inside(c)).find(brackets))
            }
            Kind::Case | Kind::Label => end_of(self.tree.children(at).find(|c| self.node(*c).kind == ":")),
            Kind::Directive => {
                let line = self.text[whole.clone()].iter().position(|c| *c == b'\n');
                line.map_or(whole.end, |length| whole.start + length)
            }
            Kind::Block => whole.start,
            _ => whole.end,
        };
        trimmed(self.text, whole.start..end)
    }

    /// The statements directly inside of a statement, in order.
    pub fn parts(&self, at: usize) -> Vec<usize> {
        let is_part = |child: &usize| {
            let node = self.node(*child);
            match self.node(at).kind {
                "compound_statement" => is_statement(node),
                "case_statement" => is_statement(node) && node.field != Some("value"),
                "labeled_statement" => is_statement(node) && node.field != Some("label"),
                "if_statement" => matches!(node.field, Some("consequence" | "alternative")),
                "while_statement" | "for_statement" | "do_statement" | "switch_statement" => node.field == Some("body"),
                "preproc_if" | "preproc_ifdef" | "preproc_elif" | "preproc_elifdef" | "preproc_else" => {
                    is_statement(node) && !matches!(node.field, Some("condition" | "name"))
                }
                _ => false,
            }
        };
        let parts = self.tree.children(at).filter(is_part);
        parts.filter_map(|part| self.unwrapped(part)).collect()
    }

    /// An `else` stands for the statement behind it.
    fn unwrapped(&self, part: usize) -> Option<usize> {
        if self.node(part).kind != "else_clause" {
            return Some(part);
        }
        self.tree.children(part).find(|c| is_statement(self.node(*c)))
    }

    /// Takes the blocks out, numbers what is left, and draws the edges backwards.
    fn finish(self) -> Cfg {
        let kept: Vec<usize> = (0..self.nodes.len()).filter(|id| self.nodes[*id].kind != Kind::Block).collect();
        let mut renumbered = vec![NONE; self.nodes.len()];
        for (new, old) in kept.iter().enumerate() {
            renumbered[*old] = new;
        }
        let through = self.through_blocks();
        let mut nodes: Vec<CfgNode> = kept.iter().map(|id| self.nodes[*id].clone()).collect();
        for node in &mut nodes {
            let mut next: Vec<usize> = node.next.iter().map(|to| renumbered[through[*to]]).collect();
            next.sort_unstable();
            next.dedup();
            node.next = next;
            node.after = kept.partition_point(|id| *id < node.after);
            node.parent = renumbered.get(node.parent).copied().unwrap_or(Cfg::ENTRY);
        }
        for from in 0..nodes.len() {
            for to in nodes[from].next.clone() {
                nodes[to].previous.push(from);
            }
        }
        Cfg { nodes }
    }

    /// By number: the node that is reached when blocks are passed through.
    fn through_blocks(&self) -> Vec<usize> {
        let mut through: Vec<usize> = (0..self.nodes.len()).collect();
        for start in (0..self.nodes.len()).rev() {
            let mut at = start;
            let mut steps = 0;
            while self.nodes[at].kind == Kind::Block && steps <= self.nodes.len() {
                let Some(to) = self.nodes[at].next.first().copied() else { break };
                // What stands behind is done already.
                at = if to > start { through[to] } else { to };
                steps += 1;
            }
            through[start] = at;
        }
        through
    }
}

/// The bytes of a syntax node.
pub fn span(tree: &SyntaxTree, at: usize) -> Range<usize> {
    let node = &tree.nodes()[at];
    node.start as usize..node.end as usize
}

/// Without the white space at its end.
fn trimmed(text: &[u8], place: Range<usize>) -> Range<usize> {
    let bytes = text.get(place.clone()).unwrap_or_default();
    place.start..place.start + bytes.trim_ascii_end().len()
}

/// Whether a node of the grammar is a statement where a list of statements stands.
fn is_statement(node: &Node) -> bool {
    let name = node.kind;
    name.ends_with("_statement")
        || name.starts_with("preproc_")
        || matches!(name, "declaration" | "type_definition" | "else_clause" | "ERROR")
        || matches!(name, "struct_specifier" | "union_specifier" | "enum_specifier")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse::{Reading, parse};

    /// The graph of a body.
    fn graph(body: &str) -> (String, Cfg) {
        let text = format!("int f(int a)\n{{\n{body}\n}}\n");
        let parsed = parse(text.as_bytes(), Reading::Masked).expect("it is short");
        let cfg = Cfg::of(text.as_bytes(), &parsed.tree).expect("it is a function");
        (text, cfg)
    }

    /// Edges as `from>to` by the nodes' own texts, without those of entry and header.
    fn edges(body: &str) -> Vec<String> {
        let (text, cfg) = graph(body);
        let name = |id: usize| match cfg.nodes[id].kind {
            Kind::Exit => "exit",
            _ => &text[cfg.nodes[id].place.clone()],
        };
        let from = cfg.inner().skip(1).flat_map(|id| cfg.nodes[id].next.iter().map(move |to| (id, *to)));
        from.map(|(id, to)| format!("{}>{}", name(id), name(to))).collect()
    }

    /// SF-01.
    #[test]
    fn the_header_and_straight_line_statements_are_nodes_in_order() {
        let (text, cfg) = graph("int b; b = a;\n\treturn b;");
        let kinds: Vec<Kind> = cfg.nodes.iter().map(|n| n.kind).collect();
        use Kind::{Declaration, Entry, Exit, Header, LastReturn, Statement};
        assert_eq!(kinds, [Entry, Header, Declaration, Statement, LastReturn, Exit]);
        assert_eq!(&text[cfg.nodes[1].place.clone()], "int f(int a)");
        assert_eq!(cfg.nodes[1].after, 5);
        assert_eq!(edges("int b; b = a;\n\treturn b;"), ["int b;>b = a;", "b = a;>return b;", "return b;>exit"]);
    }

    /// SF-01.
    #[test]
    fn conditionals_go_both_ways_and_an_else_if_is_a_head_of_its_own() {
        assert_eq!(edges("if (a) b(); c();"), ["if (a)>b();", "if (a)>c();", "b();>c();", "c();>exit"]);
        let chain = edges("if (a) { b(); } else if (c) { d(); } else { e(); }");
        let expected =
            ["if (a)>b();", "if (a)>if (c)", "b();>exit", "if (c)>d();", "if (c)>e();", "d();>exit", "e();>exit"];
        assert_eq!(chain, expected);
    }

    /// SF-01: also loops that are macros.
    #[test]
    fn loops_go_round_and_past_and_macros_of_the_kernel_are_loops() {
        let around = ["b();>HEAD", "HEAD>b();", "HEAD>c();"];
        for head in ["while (a)", "for (;;)", "for (int i = 0; i < 3; i++)", "list_for_each_entry(p, &a->l, n)"] {
            let found = edges(&format!("{head} {{ b(); }} c();"));
            let all = around.iter().all(|edge| found.contains(&edge.replace("HEAD", head)));
            assert!(all, "{head}: {found:?}");
        }
        assert_eq!(
            edges("do { b(); } while (a); c();")[..3],
            ["b();>while (a);", "while (a);>b();", "while (a);>c();"]
        );
        assert_eq!(graph("for_each_x(a)\n\t\tb();").1.nodes[2].kind, Kind::Iterator);
    }

    /// SF-01.
    #[test]
    fn break_and_continue_leave_the_innermost_loop_or_switch() {
        let found = edges("while (a) { if (b) break; if (c) continue; d(); } e();");
        assert!(found.contains(&"break;>e();".to_owned()) && found.contains(&"continue;>while (a)".to_owned()));
        let found = edges("while (a) { switch (b) { case 1: break; default: continue; } d(); } e();");
        assert!(found.contains(&"break;>d();".to_owned()) && found.contains(&"continue;>while (a)".to_owned()));
    }

    /// SF-01.
    #[test]
    fn a_case_falls_into_the_next_and_a_switch_without_default_goes_past() {
        let found = edges("switch (a) { case 1: b(); case 2: c(); break; } d();");
        let expected = [
            "switch (a)>case 1:",
            "switch (a)>case 2:",
            "switch (a)>d();",
            "case 1:>b();",
            "b();>case 2:",
            "case 2:>c();",
            "c();>break;",
            "break;>d();",
            "d();>exit",
        ];
        assert_eq!(found, expected);
        let inner = edges("switch (a) { case 1: switch (b) { default: c(); } } d();");
        assert!(inner.contains(&"switch (a)>d();".to_owned()) && !inner.contains(&"switch (b)>d();".to_owned()));
    }

    /// SF-01.
    #[test]
    fn goto_goes_to_its_label_and_return_to_the_exit() {
        let found = edges("if (a) goto out;\n\tb();\n\treturn 1;\nout:\n\tc();\n\treturn 0;");
        assert!(found.contains(&"goto out;>out:".to_owned()) && found.contains(&"out:>c();".to_owned()));
        assert!(found.contains(&"return 1;>exit".to_owned()));
        assert_eq!(edges("goto nowhere;"), ["goto nowhere;>exit"]);
    }

    #[test]
    fn only_the_return_at_the_end_of_the_body_is_the_last_one() {
        let (_, cfg) = graph("if (a)\n\t\treturn 1;\n\treturn 0;");
        let kinds: Vec<Kind> = cfg.inner().map(|id| cfg.nodes[id].kind).collect();
        assert_eq!(kinds, [Kind::Header, Kind::If, Kind::Return, Kind::LastReturn]);
    }

    #[test]
    fn arms_of_a_directive_are_ways_beside_each_other() {
        let found = edges("a();\n#ifdef X\n\tb();\n#else\n\tc();\n#endif\n\td();");
        for edge in ["#ifdef X>b();", "#ifdef X>#else", "#else>c();", "b();>d();", "c();>d();"] {
            assert!(found.contains(&edge.to_owned()), "{edge}: {found:?}");
        }
        assert!(!found.contains(&"#ifdef X>d();".to_owned()));
        assert!(edges("#ifdef X\n\tb();\n#endif\n\td();").contains(&"#ifdef X>d();".to_owned()));
    }

    #[test]
    fn branches_that_leave_are_known_and_those_that_come_back_are_not() {
        let errors = |body: &str| graph(body).1.error_branches();
        assert_eq!(errors("if (a) { b(); return 1; } c();"), [(2, 3)]);
        assert_eq!(errors("if (a) { b(); goto out; } c();\nout:\n\td();"), [(2, 3)]);
        assert!(errors("if (a) { b(); } c();").is_empty());
        assert!(errors("if (a) return 1; else return 2;").is_empty());
    }

    #[test]
    fn twenty_thousand_braces_or_heads_do_not_break_it() {
        for part in ["{", "if (a) ", "do ", "x: ", "while (a) { ", "switch (a) { case 1: ", "("] {
            let text = format!("int f(void)\n{{\n{}", part.repeat(20_000));
            if let Some(parsed) = parse(text.as_bytes(), Reading::Masked) {
                let _ = Cfg::of(text.as_bytes(), &parsed.tree);
            }
        }
    }
}
