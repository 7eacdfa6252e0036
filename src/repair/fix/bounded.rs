//! An unbounded copy into an array whose size is known where it is written. In: `sprintf`, `vsprintf`, `strcpy` or `strcat` on such an
//! array. Out: the same with the size. A pointer has no size that could be seen, so it is left.

use super::source::{Call, Function, Local};
use super::{Case, Fix, Made, No};
use crate::rule::Edit;
use crate::syntax::items::ItemKind;
use bstr::ByteSlice;

/// The copies, and what has a bound instead: where the value is thrown away, and where it is used.
const COPIES: [(&str, &str, Option<&str>); 4] = [
    // What snprintf returns may be more than it wrote; scnprintf returns what sprintf would, wherever that was right.
    ("sprintf", "snprintf", Some("scnprintf")),
    ("vsprintf", "vsnprintf", Some("vscnprintf")),
    ("strcpy", "strscpy", None),
    ("strcat", "strlcat", None),
];

/// Kinds of the tools for this.
const KINDS: [&str; 12] = [
    "BUFFER_OVERFLOW",
    "STRING_OVERFLOW",
    "BUFFER_SIZE",
    "OVERRUN",
    "DC.STRING_BUFFER",
    "SECURE_CODING",
    "HEAP_OVERFLOW",
    "STACK_OVERFLOW",
    "STRCPY",
    "-Wformat-overflow",
    "-Wformat-overflow=",
    "-Wstringop-overflow=",
];

/// Bounds it.
pub fn fix(case: &Case<'_>) -> Made {
    let said = case.said();
    let names = COPIES.iter().any(|(old, ..)| crate::syntax::lex::has_word(said.as_bytes(), old.as_bytes()));
    // That a number is too large for its type is another matter.
    let of_numbers =
        case.is_about(&["-Woverflow"], &["integer overflow", "arithmetic overflow", "overflow in conversion"]);
    let is_mine = case.is_about(&KINDS, &[])
        || !of_numbers && case.is_about(&[], &["overflow"])
        || names && case.is_about(&[], &["unbounded", "insecure", "prefer"]);
    if !is_mine {
        return Err(No::NotMine);
    }
    let function = case.function()?;
    let row = |name: &[u8]| COPIES.iter().find(|(old, ..)| old.as_bytes() == name);
    let Some(call) = case.one_call(&function, |name| row(name).is_some())? else { return Err(No::NotMine) };
    let (old, new, used) = row(function.bytes(&call.callee)).ok_or(No::NotMine)?;
    if let Some(other) = case.names_another(&function, old.as_bytes()) {
        return Err(format!("it is about {other}, not about {old}").into());
    }
    let new = match (function.is_unused(call.node), used) {
        (true, _) => new,
        (false, Some(used)) => used,
        (false, None) => return Err(format!("the value of {old} is used, and {new} returns another").into()),
    };
    case.kernel_has(new)?;
    let to = call.arguments.first().ok_or("the call has no arguments")?;
    is_array(case, &function, &call)?;
    let target = function.bytes(to).to_str_lossy().into_owned();
    let size = format!("sizeof({target})");
    let at = match *old {
        "sprintf" | "vsprintf" => to.end,
        _ => call.arguments.get(1).filter(|_| call.arguments.len() == 2).ok_or("the call has another form")?.end,
    };
    let edits = vec![Edit::new(call.callee.clone(), *new), Edit::new(at..at, format!(", {size}"))];
    Ok(Fix::within(edits, format!("{target} is an array, so {new} can be told its size")))
}

/// Is the first argument an array whose declaration can be seen?
fn is_array(case: &Case<'_>, function: &Function<'_>, call: &Call) -> Result<(), No> {
    let list = function.child(call.node, "arguments").unwrap_or(call.node);
    let node = function.children(list).first().copied().ok_or("the call has no arguments")?;
    let name = function.word(node);
    let told = name.to_str_lossy();
    match function.kind(node) {
        "identifier" => match function.locals(name).as_slice() {
            [local] if function.kind(local.declaration) == "parameter_declaration" => {
                Err(format!("{told} is a parameter, so its size is not known here").into())
            }
            [local] => size_known(local, &told),
            [] => is_file_array(case, name),
            _ => Err(format!("{told} is declared more than once in the function").into()),
        },
        "field_expression" => is_array_field(case, function, node),
        _ => Err(format!("{told} is not an array itself, so its size is not known").into()),
    }
}

/// Does a declaration tell the size?
fn size_known(local: &Local, told: &str) -> Result<(), No> {
    match local.is_array() {
        true => Ok(()),
        false => Err(format!("{told} is no array of a known size").into()),
    }
}

/// A variable of the file.
fn is_file_array(case: &Case<'_>, name: &[u8]) -> Result<(), No> {
    let told = name.to_str_lossy();
    let item = case.source.item_named(ItemKind::Variable, name);
    let item = item.ok_or_else(|| format!("where {told} is declared is not seen in this file"))?;
    let read = Function::read(case.source.text, item)?;
    match read.locals(name).as_slice() {
        [local] => size_known(local, &told),
        _ => Err(format!("how {told} is declared is not clear").into()),
    }
}

/// `dev->name`, where `struct dev` is seen in this file or in one header.
fn is_array_field(case: &Case<'_>, function: &Function<'_>, node: usize) -> Result<(), No> {
    let told = function.word(node).to_str_lossy();
    let owner = function.child(node, "argument").filter(|at| function.kind(*at) == "identifier");
    let owner = owner.ok_or_else(|| format!("what {told} is a field of is not a plain variable"))?;
    let field = function.child(node, "field").map_or(b"".as_slice(), |at| function.word(at));
    let [local] = &function.locals(function.word(owner))[..] else {
        return Err(format!("how the owner of {told} is declared is not seen in the function").into());
    };
    let kind = function.type_of(local.declaration);
    let name = kind.strip_prefix(b"struct ").map(ByteSlice::trim).filter(|name| !name.contains(&b'{'));
    let name = name.ok_or_else(|| format!("the owner of {told} is no struct with a name"))?;
    let is_array = |text: &[u8]| -> Option<Result<(), No>> {
        let source = super::Source::new(text);
        let item = source.item_named(ItemKind::Struct, name)?;
        let read = match Function::read(text, item) {
            Ok(read) => read,
            Err(why) => return Some(Err(why.into())),
        };
        Some(match read.locals(field).as_slice() {
            [local] => size_known(local, &told),
            _ => Err(format!("struct {} has not one field of that name", name.to_str_lossy()).into()),
        })
    };
    if let Some(found) = is_array(case.source.text) {
        return found;
    }
    let mut found = Vec::new();
    for spot in case.tree.places(name)?.into_iter().filter(|spot| spot.is_declared && spot.path.ends_with(b".h")) {
        let text = case.tree.read(spot.path.as_ref())?.unwrap_or_default();
        found.extend(is_array(&text));
    }
    match found.len() {
        1 => found.remove(0),
        0 => Err(format!("struct {} is not seen", name.to_str_lossy()).into()),
        _ => Err(format!("struct {} is defined in several headers", name.to_str_lossy()).into()),
    }
}
