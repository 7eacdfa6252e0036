//! A line of gcc, clang, sparse, smatch, coccicheck, the linker or kernel-doc as a diagnostic. In: its parts. Out: what it says.
//!
//! ```text
//!   a.c:12:5: warning: unused variable 'x' [-Wunused-variable]     gcc; clang's -Werror is [-Werror,-Wunused-variable]
//!   a.c:12:5: warning: symbol 'x' was not declared. ...            sparse: a warning without an option
//!   a.c:12:5: warning: Dereference of null ... [core.NullDereference]  clang's analyser; clang-tidy: [clang-analyzer-core....]
//!   a.c:12 f() warn: inconsistent indenting                        smatch
//!   a.c:12:5-9: WARNING: NULL check before ...                     coccicheck, report mode
//!   a.c:12: warning: Excess function parameter 'x' ...             kernel-doc
//! ```

use super::shape::{Mark, Placed};
use crate::run::{Diagnostic, Severity};

/// What gcc calls its messages.
const LEVELS: [(&str, Severity); 7] = [
    ("fatal error: ", Severity::Error),
    ("internal compiler error: ", Severity::Error),
    ("sorry, unimplemented: ", Severity::Error),
    ("error: ", Severity::Error),
    ("warning: ", Severity::Warning),
    ("note: ", Severity::Note),
    ("remark: ", Severity::Note),
];

/// What kernel-doc alone says.
const KERNEL_DOC: [&str; 5] = [
    "not described in",
    "Excess function parameter",
    "Excess struct member",
    "expecting prototype for",
    "This comment starts with '/**'",
];

/// Errors that sparse words otherwise than gcc does.
const SPARSE_ERRORS: [&str; 5] = [
    "undefined identifier '",
    "incompatible types in",
    "return expression in void function",
    "no member '",
    "cannot dereference this type",
];

/// How names of clang-tidy's checks begin; those of the analyser have a dot.
const TIDY: [&str; 12] = [
    "clang-analyzer-",
    "clang-diagnostic-",
    "bugprone-",
    "cert-",
    "concurrency-",
    "linuxkernel-",
    "llvm-",
    "misc-",
    "modernize-",
    "performance-",
    "portability-",
    "readability-",
];

/// The diagnostic of a line that begins with a place; `None` if it is not one.
pub fn diagnostic(placed: &Placed<'_>) -> Option<Diagnostic> {
    let mut told = match placed.mark {
        Mark::Space => smatch(placed.rest)?,
        Mark::Columns => coccicheck(placed.rest.trim_start())?,
        Mark::Colon => compiler(placed)?,
    };
    told.file = Some(placed.file.to_owned());
    told.line = Some(placed.line);
    told.column = placed.column;
    Some(told)
}

/// `f() warn: message`.
fn smatch(rest: &str) -> Option<Diagnostic> {
    let (function, said) = rest.split_once(' ')?;
    let function = function.strip_suffix(')')?.split_once('(')?.0;
    let (level, message) = said.split_once(": ")?;
    let severity = match level {
        "error" | "parse error" => Severity::Error,
        "warn" | "warning" => Severity::Warning,
        "info" | "note" | "debug" => Severity::Note,
        _ => return None,
    };
    let mut told = Diagnostic::new("smatch", severity, message.trim_end());
    told.function = (!function.is_empty()).then(|| function.to_owned());
    Some(told)
}

/// What a semantic patch prints; most say how bad it is.
fn coccicheck(rest: &str) -> Option<Diagnostic> {
    let (severity, message) = match rest.split_once(':').map(|(word, tail)| (word.to_ascii_lowercase(), tail)) {
        Some((word, tail)) if word == "error" => (Severity::Error, tail),
        Some((word, tail)) if word == "warning" => (Severity::Warning, tail),
        _ => (Severity::Warning, rest),
    };
    let message = message.trim();
    (!message.is_empty()).then(|| Diagnostic::new("coccicheck", severity, message))
}

fn compiler(placed: &Placed<'_>) -> Option<Diagnostic> {
    let mut rest = placed.rest.trim_start();
    // The build robots put the tool in front.
    let robot = rest.starts_with("sparse: ");
    while let Some(tail) = rest.strip_prefix("sparse: ") {
        rest = tail;
    }
    let (level, severity) = LEVELS.iter().find(|(word, _)| rest.starts_with(word))?;
    let (message, option) = option(rest[level.len()..].trim_end());
    let mut told = Diagnostic::new(tool(placed, (*severity, message), option, robot), *severity, message);
    told.kind = option.map(|option| match is_check(option) {
        true => option.split(',').next().unwrap_or(option).to_owned(),
        false => option.rsplit(',').next().unwrap_or(option).replace("-Werror=", "-W"),
    });
    told.suggestion = message.split_once("did you mean ").map(|(_, name)| name.trim_end_matches('?').to_owned());
    Some(told)
}

/// The message, and the option behind it in brackets.
fn option(text: &str) -> (&str, Option<&str>) {
    let split = || {
        let (message, option) = text.strip_suffix(']')?.rsplit_once(" [")?;
        (option.starts_with("-W") || is_check(option)).then_some((message, Some(option)))
    };
    split().unwrap_or((text, None))
}

/// Is it the name of a check of clang's analyser or of clang-tidy: `deadcode.DeadStores`, `bugprone-sizeof-expression`?
fn is_check(option: &str) -> bool {
    let is_plain = option.bytes().all(|c| c.is_ascii_alphanumeric() || b".-_,".contains(&c));
    let is_analysers = option
        .split_once('.')
        .is_some_and(|(group, name)| !group.is_empty() && name.starts_with(|c: char| c.is_ascii_uppercase()));
    let is_lower = option.starts_with(|c: char| c.is_ascii_lowercase());
    is_plain && is_lower && (is_analysers || TIDY.iter().any(|start| option.starts_with(start)))
}

fn tool(placed: &Placed<'_>, (severity, message): (Severity, &str), option: Option<&str>, robot: bool) -> &'static str {
    let kernel_doc = placed.column.is_none() && KERNEL_DOC.iter().any(|words| message.contains(words));
    match (severity, option) {
        _ if robot => "sparse",
        _ if kernel_doc => "kernel-doc",
        (_, Some(option)) if option.starts_with("-Werror,") || is_check(option) => "clang",
        (_, Some(_)) => "gcc",
        // gcc's own warnings have all had an option for ages.
        (Severity::Warning, None) if placed.column.is_some() => "sparse",
        (Severity::Error, None) if SPARSE_ERRORS.iter().any(|words| message.starts_with(words)) => "sparse",
        _ => "gcc",
    }
}

/// What the linker or modpost says, which has no place in the source.
pub fn linker(line: &str) -> Option<Diagnostic> {
    for (start, severity) in [("ERROR: modpost: ", Severity::Error), ("WARNING: modpost: ", Severity::Warning)] {
        if let Some(message) = line.strip_prefix(start) {
            return Some(Diagnostic::new("modpost", severity, message.trim_end()));
        }
    }
    let at = line.find("undefined reference to ")?;
    let mut told = Diagnostic::new("ld", Severity::Error, line[at..].trim_end());
    let before = line[..at].trim_end().trim_end_matches(':');
    let file = before.rsplit_once(":(").map(|(file, _)| file.rsplit([' ', ':']).next().unwrap_or(file));
    told.file = file.filter(|file| !file.is_empty()).map(str::to_owned);
    Some(told)
}
