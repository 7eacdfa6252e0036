//! A variable that is given values nobody asks for. In: the compiler's message. Out: the variable gone, and what it is given with it; a call
//! is kept for what it does. A value that may be an error is left: it should perhaps be looked at, and only a person knows.

use super::source::{Function, Local, line_end, line_start};
use super::unchecked::{NAMES, declared};
use super::unused::declared_away;
use super::{Case, Fix, Made, No};
use crate::rule::{Declaration, Declared, Edit};
use crate::syntax::lex::has_word;
use bstr::ByteSlice;
use std::ops::Range;

/// Names of variables that something is read into because reading does something.
const READ_AWAY: [&[u8]; 6] = [b"dummy", b"junk", b"discard", b"ignored", b"unused", b"trash"];

/// Words of a declaration that is as it is on purpose.
const ON_PURPOSE: [&[u8]; 6] = [b"volatile", b"static", b"__maybe_unused", b"__always_unused", b"__cleanup", b"__free"];

/// What has an effect beyond its value.
const DOES: [&str; 5] =
    ["call_expression", "assignment_expression", "update_expression", "gnu_asm_expression", "compound_statement"];

/// Takes it away.
pub fn fix(case: &Case<'_>) -> Made {
    if case.told.kind.as_deref() != Some("-Wunused-but-set-variable")
        && !case.told.message.ends_with("set but not used")
    {
        return Err(No::NotMine);
    }
    let name = *case.quoted().first().ok_or(No::NotMine)?;
    let function = case.function()?;
    let [local] = &function.locals(name.as_bytes())[..] else {
        return Err(format!("how {name} is declared is not clear").into());
    };
    is_removable(&function, local)?;
    let named = |at: &usize| function.kind(*at) == "identifier" && function.word(*at) == name.as_bytes();
    let all: Vec<usize> = function.nodes().filter(named).collect();
    if function.uses(name.as_bytes()) != all.len() {
        return Err(format!("{name} is named where it cannot be seen what for").into());
    }
    let mut edits = Vec::new();
    let mut gone = Vec::new();
    for at in all.iter().filter(|at| **at != local.node) {
        let statement = Given::read(&function, *at)?;
        let edit = statement.without(case, &function, name)?;
        gone.push(statement.removed.clone());
        edits.push(edit);
    }
    if edits.is_empty() {
        return Err(No::NotMine);
    }
    let declaration = declared_away(&function, local)?;
    gone.push(declaration.start..declaration.end);
    nothing_else_unused(&function, &gone)?;
    edits.push(declaration);
    edits.sort_by_key(|edit| edit.start);
    if edits.windows(2).any(|two| two[0].end > two[1].start) {
        return Err("what would go overlaps".into());
    }
    Ok(Fix::within(edits, format!("nothing asks for {name}; what else its values do is kept")))
}

/// Is it a plain variable of the function, and nothing more?
fn is_removable(function: &Function<'_>, local: &Local) -> Result<(), No> {
    let name = function.word(local.node).to_str_lossy();
    let is_plain = local.path.iter().all(|kind| matches!(*kind, "init_declarator" | "pointer_declarator"));
    if function.kind(local.declaration) != "declaration" || !is_plain {
        return Err(format!("{name} is no plain variable of the function").into());
    }
    let declaration = function.word(local.declaration);
    if let Some(word) = ON_PURPOSE.iter().find(|word| has_word(declaration, word)) {
        return Err(format!("{name} is {}", word.to_str_lossy()).into());
    }
    if READ_AWAY.iter().any(|word| function.word(local.node).find(word).is_some()) {
        return Err(format!("what is read into {name} may be read for what reading does").into());
    }
    Ok(())
}

/// A statement that gives the variable a value.
struct Given {
    statement: usize,
    /// The value; `None`: it is counted up or down.
    value: Option<usize>,
    /// What goes for good: all of it, or the variable and the sign.
    removed: Range<usize>,
    /// The value is a call, which stays.
    is_kept: bool,
}

impl Given {
    /// Of one place where the variable is named.
    fn read(function: &Function<'_>, at: usize) -> Result<Self, No> {
        let parent = function.parent(at);
        let statement = function.parent(parent);
        let is_set = match function.kind(parent) {
            "assignment_expression" => function.field(at) == Some("left"),
            "update_expression" => true,
            _ => false,
        };
        if !is_set || function.kind(statement) != "expression_statement" {
            return Err("it is used for more than to be set".into());
        }
        let value = function.child(parent, "right");
        let range = function.range(statement);
        let is_kept = value.is_some_and(|value| function.kind(value) == "call_expression");
        let removed = match value.filter(|_| is_kept) {
            Some(value) => range.start..function.range(value).start,
            None => range,
        };
        Ok(Self { statement, value, removed, is_kept })
    }

    /// The edit that leaves what it does.
    fn without(&self, case: &Case<'_>, function: &Function<'_>, name: &str) -> Result<Edit, No> {
        if self.is_kept {
            if NAMES.contains(&name.as_bytes()) {
                return Err(format!("what is given to {name} may be an error that should be looked at").into());
            }
            is_function(case, function, self.value.unwrap_or(self.statement))?;
            return Ok(Edit::new(self.removed.clone(), ""));
        }
        if let Some(value) = self.value {
            if function.below(value).any(|at| DOES.contains(&function.kind(at))) {
                return Err(format!("what is given to {name} does something, and is no call alone").into());
            }
            let reads = ["pointer_expression", "field_expression", "subscript_expression"];
            let is_read = function.below(value).any(|at| reads.contains(&function.kind(at)));
            if is_read && (has_word(case.source.text, b"volatile") || has_word(case.source.text, b"__iomem")) {
                return Err(format!("what is given to {name} is read from memory that may be a device's").into());
            }
        }
        whole_lines(function, self.statement)
    }
}

/// Is it a function that is called? A macro may be nothing but a value, which is no statement.
fn is_function(case: &Case<'_>, function: &Function<'_>, value: usize) -> Result<(), No> {
    let called = function.call(value).ok_or("what is called has no plain name")?;
    let name = function.bytes(&called.callee);
    let found = declared(case, name)?;
    let is_one = |one: &Declaration| matches!(one.declared, Declared::Function { .. });
    match !found.is_empty() && found.iter().all(is_one) {
        true => Ok(()),
        false => Err(format!("{} is not known to be a function", name.to_str_lossy()).into()),
    }
}

/// A statement with its lines, where others are left beside it and no comment speaks of it.
fn whole_lines(function: &Function<'_>, statement: usize) -> Result<Edit, No> {
    let text = function.text;
    let block = function.parent(statement);
    let others = function.children(block).into_iter().filter(|at| *at != statement && function.kind(*at) != "comment");
    let is_statement = |at: &usize| function.kind(*at) != "declaration" && function.field(*at) != Some("value");
    let is_in_block = matches!(function.kind(block), "compound_statement" | "case_statement");
    if !is_in_block || others.filter(is_statement).count() == 0 {
        return Err("it is set by a statement that stands alone in its branch".into());
    }
    let range = function.range(statement);
    let (start, mut end) = (line_start(text, range.start), line_end(text, range.end - 1));
    if !text[start..range.start].trim_ascii().is_empty() || !text[range.end..end].trim_ascii().is_empty() {
        return Err("there is something else on a line where it is set".into());
    }
    let above = text[..start].trim_end_with(|c| c == '\n');
    let above = &above[line_start(above, above.len())..];
    if above.trim_ascii().ends_with(b"*/") || above.trim_ascii_start().starts_with(b"//") {
        return Err("a comment stands above a line where it is set".into());
    }
    // Two empty lines, or one at the end of a block, are left by nobody.
    let is_empty_above = above.is_empty() || text[..start].ends_with(b"\n\n") || above.trim_ascii_end().ends_with(b"{");
    let below = line_end(text, end);
    if is_empty_above && text[end..below].trim_ascii().is_empty() && below > end {
        end = below;
    }
    Ok(Edit::new(start..end, ""))
}

/// Every other variable that goes with it must still be asked for somewhere.
fn nothing_else_unused(function: &Function<'_>, gone: &[Range<usize>]) -> Result<(), No> {
    let is_gone = |at: usize| gone.iter().any(|range| range.contains(&function.range(at).start));
    let names = function.nodes().filter(|at| function.kind(*at) == "identifier");
    let (lost, kept): (Vec<usize>, Vec<usize>) = names.partition(|at| is_gone(*at));
    for at in lost {
        let name = function.word(at);
        let locals = function.locals(name);
        let is_local =
            locals.iter().any(|local| !is_gone(local.node) && function.kind(local.declaration) == "declaration");
        let asks = |at: &usize| {
            let is_set =
                function.kind(function.parent(*at)) == "assignment_expression" && function.field(*at) == Some("left");
            function.word(*at) == name && !is_set && locals.iter().all(|local| local.node != *at)
        };
        if is_local && !kept.iter().any(asks) {
            return Err(format!("{} would be unused without it", name.to_str_lossy()).into());
        }
    }
    Ok(())
}
