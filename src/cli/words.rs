//! Words that may be typed behind a flag, exactly as typed.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Candidate {
    Ours,
    Theirs,
    Base,
    Union,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Merges {
    Refuse,
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Upstream {
    Drop,
    DropNamed,
    DropContent,
    Keep,
    Stop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnConflict {
    Carry,
    Stop,
    Skip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    Text,
    Line,
    Token,
    Relocated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PatchSide {
    Ours,
    Theirs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LookUp {
    Names,
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Check {
    None,
    Symbols,
    Build,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    Coverity,
    Sarif,
    GccJson,
    Log,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// Yes or no, as git config has it.
pub fn truth(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" | "" => Ok(false),
        _ => Err("it is true or false".to_owned()),
    }
}

/// A number from 0 to 1.
pub fn probability(text: &str) -> Result<f64, String> {
    let parsed = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    parsed.ok_or_else(|| "not a number from 0 to 1".to_owned())
}

/// A line for a commit message.
pub fn note(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it says nothing".to_owned()),
        _ if text.chars().any(char::is_control) => Err("a note is one line, without control characters".to_owned()),
        line => Ok(line.to_owned()),
    }
}

/// A number of lines, which may be a broken one.
pub fn lines(text: &str) -> Result<f64, String> {
    let parsed = text.parse().ok().filter(|lines: &f64| lines.is_finite() && *lines >= 0.0);
    parsed.ok_or_else(|| "not a number of lines".to_owned())
}

/// A step of MigGPT's task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    Retrieve,
    Migrate,
    Both,
}

/// A part of MigGPT that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ablate {
    Structure,
    Alignment,
    Location,
    Cfp,
}
