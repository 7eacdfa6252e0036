//! An allocation that nothing tests. In: a message about what may be NULL. Out: the test right behind the allocation, and a way out.

use super::source::{Function, indent_of, line_end};
use super::way_out::{Leaving, assigned, mentions, way_out, written};
use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use crate::syntax::lex::has_word;
use bstr::ByteSlice;

/// Functions that return NULL where there is no memory; with `devm_` and `drmm_` as well.
const ALLOCATORS: [&str; 30] = [
    "kmalloc",
    "kzalloc",
    "kcalloc",
    "kmalloc_array",
    "kmalloc_node",
    "kzalloc_node",
    "kvmalloc",
    "kvzalloc",
    "kvcalloc",
    "kvmalloc_array",
    "vmalloc",
    "vzalloc",
    "vcalloc",
    "vmalloc_array",
    "kmem_cache_alloc",
    "kmem_cache_zalloc",
    "kstrdup",
    "kstrndup",
    "kmemdup",
    "kmemdup_nul",
    "kasprintf",
    "kvasprintf",
    "krealloc",
    "alloc_skb",
    "dev_alloc_skb",
    "netdev_alloc_skb",
    "alloc_workqueue",
    "alloc_etherdev",
    "mempool_alloc",
    "kmemdup_array",
];

/// Kinds of the tools for this.
const KINDS: [&str; 6] = [
    "-Wanalyzer-possible-null-dereference",
    "-Wanalyzer-possible-null-argument",
    "NULL_RETURNS",
    "NULL_DEREFERENCE",
    "-Wnull-dereference",
    "core.NullDereference",
];

/// An allocation whose value goes to a variable.
struct Allocation<'a> {
    /// The whole statement.
    statement: usize,
    variable: &'a [u8],
    callee: &'a [u8],
}

/// Tests it.
pub fn fix(case: &Case<'_>) -> Made {
    let words = [
        "potential null dereference",
        "alloc with no test",
        "might be null",
        "may be null",
        "without checking for null",
    ];
    if !case.is_about(&KINDS, &words) {
        return Err(No::NotMine);
    }
    let function = case.function()?;
    let quoted = case.quoted();
    let lines = |statement: usize| function.lines_of(statement);
    let line = case.source.text.split_inclusive(|c| *c == b'\n').nth(case.line - 1).unwrap_or_default();
    let meant = |found: &Allocation<'_>| {
        let (first, last) = lines(found.statement);
        let is_named = quoted.iter().any(|name| name.as_bytes() == found.variable);
        first <= case.line && (is_named || (first..=last).contains(&case.line) || has_word(line, found.variable))
    };
    let found = allocations(&function)
        .into_iter()
        .rfind(meant)
        .ok_or("no allocation before the line is the one that is meant")?;
    let (statement, variable) = (found.statement, found.variable);
    let told = variable.to_str_lossy().into_owned();
    if has_word(function.word(statement), b"__GFP_NOFAIL") {
        return Err(format!("{} does not fail with __GFP_NOFAIL", found.callee.to_str_lossy()).into());
    }
    let block = function.parent(statement);
    if function.kind(block) != "compound_statement" {
        return Err("the allocation is no statement of its own in a block".into());
    }
    let is_declaration = function.kind(statement) == "declaration";
    let behind = if is_declaration { last_declaration(&function, block) } else { statement };
    is_untested(&function, (statement, behind), (variable, case.line))?;
    let at = line_end(case.source.text, function.range(behind).end - 1);
    let leaving = Leaving { at: function.range(statement).start, error: "-ENOMEM", null: Some(variable) };
    let out = way_out(&function, &leaving)?;
    let indent = indent_of(case.source.text, function.range(statement).start);
    let mut text = written(indent, &format!("!{told}"), &out);
    if is_declaration {
        text.insert(0, b'\n');
    }
    let why =
        format!("{} returns NULL without memory, and nothing tests {told}; {}", found.callee.to_str_lossy(), out.why);
    Ok(Fix::within(vec![Edit::new(at..at, text)], why))
}

/// The allocations of a function whose value goes straight to a variable, in order.
fn allocations<'a>(function: &Function<'a>) -> Vec<Allocation<'a>> {
    let of = |call: super::Call| {
        let callee = function.bytes(&call.callee);
        let plain = callee.strip_prefix(b"devm_").or(callee.strip_prefix(b"drmm_")).unwrap_or(callee);
        let is_one = ALLOCATORS.iter().any(|name| name.as_bytes() == plain);
        let variable = assigned(function, call.node).filter(|_| is_one)?;
        let statement = function.statement(call.node);
        let is_plain = matches!(function.kind(statement), "expression_statement" | "declaration");
        is_plain.then_some(Allocation { statement, variable, callee })
    };
    function.calls().into_iter().filter_map(of).collect()
}

/// The last of the declarations that a block begins with.
fn last_declaration(function: &Function<'_>, block: usize) -> usize {
    let statements = function.children(block).into_iter().filter(|at| function.kind(*at) != "comment");
    statements.take_while(|at| function.kind(*at) == "declaration").last().unwrap_or(block)
}

/// Nothing between the allocation and the place where the test goes may use the variable, and nothing behind may test it.
fn is_untested(
    function: &Function<'_>,
    (statement, behind): (usize, usize),
    (variable, line): (&[u8], usize),
) -> Result<(), No> {
    let told = variable.to_str_lossy();
    let between = function.range(statement).end..function.range(behind).end.max(function.range(statement).end);
    if mentions(function, &between, variable) {
        return Err(format!("{told} is used among the declarations already").into());
    }
    let from = function.range(behind).end;
    let tests = function.nodes().filter(|at| function.field(*at) == Some("condition"));
    let tested = tests.filter(|at| {
        function.range(*at).start >= from && function.lines_of(*at).0 <= line.max(function.lines_of(behind).1 + 1)
    });
    for condition in tested {
        if mentions(function, &function.range(condition), variable) {
            return Err(format!("{told} stands in a condition between the allocation and the line").into());
        }
    }
    Ok(())
}
