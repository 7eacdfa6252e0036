//! Flag, then environment, then git config, then default.

use super::words::{self, Color};
use crate::error::{Error, Result};
use crate::git::{Merges, Repo};
use crate::memory::REF;
use crate::report::CommitUrl;
use crate::run::{Limits, LookUp, Method, OnConflict, UpstreamPolicy};
use clap::ValueEnum;

/// A value that a flag, the environment or a setting gives.
pub struct Setting<'a> {
    /// `on-conflict`, as the flag is called.
    pub flag: &'a str,
    /// `kmigrate.onconflict`, in lower case.
    pub key: &'a str,
}

impl Setting<'_> {
    fn text(&self, repo: &Repo) -> Option<(String, String)> {
        let variable = format!("KMIGRATE_{}", self.flag.to_uppercase().replace('-', "_"));
        match std::env::var(&variable) {
            Ok(value) => Some((value, variable)),
            Err(_) => repo.setting(self.key).map(|v| (v.to_owned(), self.key.to_owned())),
        }
    }

    /// Whatever `parse` reads.
    pub fn parsed<T>(&self, repo: &Repo, parse: fn(&str) -> std::result::Result<T, String>) -> Result<Option<T>> {
        let Some((value, origin)) = self.text(repo) else { return Ok(None) };
        let bad = |why| Error::usage(format!("bad value '{value}' for {origin}")).hint(why);
        parse(&value).map(Some).map_err(bad)
    }

    /// A word of a fixed set.
    pub fn word<T: ValueEnum>(&self, repo: &Repo, typed: Option<T>) -> Result<Option<T>> {
        let (None, Some((value, origin))) = (&typed, self.text(repo)) else {
            return Ok(typed);
        };
        T::from_str(&value, true).map(Some).map_err(|_| {
            let words: Vec<String> = T::value_variants()
                .iter()
                .filter_map(|v| v.to_possible_value().map(|p| p.get_name().to_owned()))
                .collect();
            Error::usage(format!("bad value '{value}' for {origin}"))
                .hint(format!("it is one of: {}", words.join(", ")))
        })
    }
}

/// The policy for conflicted commits.
pub fn on_conflict(repo: &Repo, typed: Option<words::OnConflict>) -> Result<OnConflict> {
    let setting = Setting { flag: "on-conflict", key: "kmigrate.onconflict" };
    Ok(match setting.word(repo, typed)? {
        None | Some(words::OnConflict::Carry) => OnConflict::Carry,
        Some(words::OnConflict::Stop) => OnConflict::Stop,
        Some(words::OnConflict::Skip) => OnConflict::Skip,
    })
}

/// The policy for what upstream has. (`kmigrate.upstream` names upstream's refs, so the setting is `kmigrate.upstreamed`.)
pub fn upstream(repo: &Repo, typed: Option<words::Upstream>) -> Result<UpstreamPolicy> {
    let setting = Setting { flag: "upstreamed", key: "kmigrate.upstreamed" };
    Ok(match setting.word(repo, typed)? {
        None | Some(words::Upstream::Drop) => UpstreamPolicy::Drop,
        Some(words::Upstream::DropNamed) => UpstreamPolicy::DropNamed,
        Some(words::Upstream::DropContent) => UpstreamPolicy::DropContent,
        Some(words::Upstream::Keep) => UpstreamPolicy::Keep,
        Some(words::Upstream::Stop) => UpstreamPolicy::Stop,
    })
}

/// What is looked up of the code that a series adds; optional rules are asked for by a flag or by `kmigrate.optional`.
pub fn look_up(repo: &Repo, typed: Option<words::LookUp>, optional: bool) -> Result<LookUp> {
    let wanted = Setting { flag: "optional", key: "kmigrate.optional" };
    let optional = optional || wanted.parsed(repo, words::truth)?.unwrap_or(false);
    let setting = Setting { flag: "look-up", key: "kmigrate.lookup" };
    Ok(match setting.word(repo, typed)? {
        None | Some(words::LookUp::Names) if optional => LookUp::Habits,
        None | Some(words::LookUp::Names) => LookUp::Names,
        Some(words::LookUp::Nothing) => LookUp::Nothing,
    })
}

/// How sure one has to be of a commit that nobody looks at.
pub fn limits(repo: &Repo) -> Result<Limits> {
    let confidence = Setting { flag: "min-confidence", key: "kmigrate.minconfidence" };
    let distance = Setting { flag: "max-distance", key: "kmigrate.maxdistance" };
    Ok(Limits {
        min_confidence: confidence.parsed(repo, words::probability)?,
        max_distance: distance.parsed(repo, words::lines)?,
    })
}

/// Is what people settled remembered, and asked for?
pub fn remembers(repo: &Repo) -> Result<bool> {
    let setting = Setting { flag: "memory", key: "kmigrate.memory" };
    let read = |word: &str| match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" | "" => Ok(false),
        _ => Err("it is true or false".to_owned()),
    };
    Ok(setting.parsed(repo, read)?.unwrap_or(true))
}

/// Where upstream's commits are on the web, for reports.
pub fn commit_url(repo: &Repo) -> Result<Option<CommitUrl>> {
    let setting = Setting { flag: "commit-url", key: "kmigrate.commiturl" };
    setting.parsed(repo, CommitUrl::parse)
}

/// The commit of the memory that a run begins with; none if it is not to be asked, or nothing is remembered.
pub fn memory(repo: &Repo, asked: bool) -> Result<Option<String>> {
    match asked && remembers(repo)? {
        true => Ok(repo.object(REF)?.map(|id| id.to_string())),
        false => Ok(None),
    }
}

/// The policy for merge commits.
pub fn merges(repo: &Repo, typed: Option<words::Merges>) -> Result<Merges> {
    let setting = Setting { flag: "merges", key: "kmigrate.merges" };
    Ok(match setting.word(repo, typed)? {
        None | Some(words::Merges::Refuse) => Merges::Refuse,
        Some(words::Merges::Drop) => Merges::Drop,
    })
}

/// The methods, cheapest first.
pub fn methods(repo: &Repo, typed: Option<&Vec<words::Method>>) -> Result<Vec<Method>> {
    let setting = Setting { flag: "methods", key: "kmigrate.methods" };
    let words = match (typed, setting.text(repo)) {
        (Some(typed), _) => typed.clone(),
        (None, None) => vec![words::Method::Text, words::Method::Line, words::Method::Token, words::Method::Relocated],
        (None, Some((list, _))) => {
            let each =
                list.split(',').map(|word| Setting { flag: "methods", key: "kmigrate.methods" }.word_of(word.trim()));
            each.collect::<Result<_>>()?
        }
    };
    let mut methods: Vec<Method> = words
        .iter()
        .map(|w| match w {
            words::Method::Text => Method::Text,
            words::Method::Line => Method::Line,
            words::Method::Token => Method::Token,
            words::Method::Relocated => Method::Relocated,
        })
        .collect();
    methods.sort_unstable();
    methods.dedup();
    Ok(methods)
}

impl Setting<'_> {
    fn word_of<T: ValueEnum>(&self, value: &str) -> Result<T> {
        T::from_str(value, true).map_err(|_| {
            let known = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let names: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
            Error::usage(format!("bad value '{value}' for {}", self.key))
                .hint(format!("it may be {}", names.join(", ")))
        })
    }
}

/// Sets colour for the whole process.
pub fn colour(repo: &Repo, typed: Option<Color>) {
    let configured = repo.setting("color.kmigrate").or_else(|| repo.setting("color.ui"));
    let choice = match (typed, configured) {
        (Some(Color::Always), _) | (None, Some("always")) => anstream::ColorChoice::Always,
        (Some(Color::Never), _) | (None, Some("never" | "false" | "no" | "off" | "0")) => anstream::ColorChoice::Never,
        // What git pipes into its own pager is for a terminal all the same.
        _ if in_gits_pager(repo) => anstream::ColorChoice::Always,
        _ => anstream::ColorChoice::Auto,
    };
    choice.write_global();
}

/// Has git started a pager that shows colours?
fn in_gits_pager(repo: &Repo) -> bool {
    let is_used = std::env::var("GIT_PAGER_IN_USE").is_ok_and(|used| used == "true" || used == "1");
    is_used && !matches!(repo.setting("color.pager"), Some("false" | "no" | "off" | "0"))
}

/// The name of the branch to make.
pub fn branch(repo: &Repo, typed: Option<&String>) -> Option<String> {
    let setting = Setting { flag: "branch", key: "kmigrate.branch" };
    typed.cloned().or_else(|| setting.text(repo).map(|(value, _)| value))
}
