//! A product as the size of an allocation: it can wrap around, and what is allocated is then too short. In: an allocation of
//! `n * sizeof(x)`. Out: the allocator that takes both and checks.

use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use bstr::ByteSlice;

/// Allocators: name, which argument is the size (from 0), the one with a count.
const ALLOCATORS: [(&str, usize, &str); 9] = [
    ("kmalloc", 0, "kmalloc_array"),
    ("kzalloc", 0, "kcalloc"),
    ("kvmalloc", 0, "kvmalloc_array"),
    ("kvzalloc", 0, "kvcalloc"),
    ("vmalloc", 0, "vmalloc_array"),
    ("vzalloc", 0, "vcalloc"),
    ("krealloc", 1, "krealloc_array"),
    ("devm_kmalloc", 1, "devm_kmalloc_array"),
    ("devm_kzalloc", 1, "devm_kcalloc"),
];

/// Kinds of the tools for this.
const KINDS: [&str; 5] =
    ["INTEGER_OVERFLOW", "OVERFLOW_BEFORE_WIDEN", "TAINTED_SCALAR", "-Walloc-size-larger-than=", "ALLOC_WITH_MULTIPLY"];

/// Counts it.
pub fn fix(case: &Case<'_>) -> Made {
    if !case.is_about(&KINDS, &["integer overflow", "wrap", "multiply"]) {
        return Err(No::NotMine);
    }
    let function = case.function()?;
    let row = |name: &[u8]| ALLOCATORS.iter().find(|(old, ..)| old.as_bytes() == name);
    let Some(call) = case.one_call(&function, |name| row(name).is_some())? else { return Err(No::NotMine) };
    let (_, size, new) = row(function.bytes(&call.callee)).ok_or(No::NotMine)?;
    case.kernel_has(new)?;
    let list = function.child(call.node, "arguments").unwrap_or(call.node);
    let product = function.children(list).get(*size).copied().ok_or("the call has too few arguments")?;
    let sides = (function.child(product, "left"), function.child(product, "right"));
    let operator = function.child(product, "operator").map(|at| function.kind(at));
    let (Some(left), Some(right), "binary_expression", Some("*")) =
        (sides.0, sides.1, function.kind(product), operator)
    else {
        return Err("the size is not one product".into());
    };
    let is_size = |node: usize| function.kind(node) == "sizeof_expression";
    let (count, each) = match (is_size(left), is_size(right)) {
        (false, true) => (left, right),
        (true, false) => (right, left),
        _ => return Err("which factor is the count cannot be told: none, or both, is a sizeof".into()),
    };
    if function.below(count).any(|node| function.kind(node) == "binary_expression") {
        return Err("the count is calculated itself, and may wrap around before it is multiplied".into());
    }
    let pair = [function.word(count), function.word(each)].map(|word| word.to_str_lossy().into_owned());
    let edits = vec![
        Edit::new(call.callee.clone(), *new),
        Edit::new(function.range(product), format!("{}, {}", pair[0], pair[1])),
    ];
    Ok(Fix::within(edits, format!("{new} fails where {} * {} wraps around", pair[0], pair[1])))
}
