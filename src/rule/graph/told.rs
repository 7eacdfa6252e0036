//! A rule written for people, in the manner of SmPL.
//!
//! In: a rule. Out: lines. What `spatch` accepts is written elsewhere (`smpl`); this is for tests and reports.

use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Rule, Step};

/// The rule's lines.
pub fn told(rule: &Rule) -> String {
    let mut out = format!("@{}@\n", rule.name);
    for meta in &rule.metavariables {
        out.push_str(&format!("{} {};\n", meta.kind.word(), meta.name));
    }
    out.push_str("@@\n");
    match &rule.body {
        Body::Path(steps) => write(rule, steps, &mut out),
        _ => out.push_str(&format!("{}\n", rule.told())),
    }
    out
}

/// The lines of steps.
fn write(rule: &Rule, steps: &[Step], out: &mut String) {
    let line = |sign: &str, pattern: &Pattern| format!("{sign} {}\n", pattern.text(&rule.metavariables));
    for step in steps {
        match step {
            Step::Context(pattern) => out.push_str(&line(" ", pattern)),
            Step::Minus(pattern) => out.push_str(&line("-", pattern)),
            Step::Plus(pattern) => out.push_str(&line("+", pattern)),
            Step::Within { context, change } => {
                out.push_str(&line(" ", context));
                out.push_str(&line("-", &change.before));
                out.push_str(&line("+", &change.after));
            }
            Step::Dots { when_not } => {
                out.push_str("  ...\n");
                for pattern in when_not {
                    out.push_str(&line("      when !=", pattern));
                }
            }
            Step::Either(branches) => {
                for (at, branch) in branches.iter().enumerate() {
                    out.push_str(if at == 0 { "(\n" } else { "|\n" });
                    write(rule, branch, out);
                }
                out.push_str(")\n");
            }
        }
    }
}
