//! Man page and completions, made from the flag definitions.

use super::Exit;
use super::args::{Cli, Completions, EXIT_CODES, MODELS, SETTINGS, VERBS_WIN};
use crate::error::{Error, Result};
use crate::llm::door::{By, KNOWN, Setting};
use bstr::ByteSlice;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;

/// Runs `git kmigrate completions <shell>`.
pub fn run(args: &Completions) -> Result<Exit> {
    let text = completions(args.shell);
    std::io::stdout().write_all(&text).map_err(|e| Error::output(&e))?;
    Ok(Exit::Done)
}

/// Completions for a shell. For bash also as `_git_kmigrate`, the name under which git's own completion calls it.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    let mut command = Cli::command().bin_name("git-kmigrate");
    clap_complete::generate(shell, &mut command, "git-kmigrate", &mut text);
    if shell == Shell::Bash {
        // clap_complete writes the dash of our name in two ways, so that no verb would find its options.
        text = text.replace("git__subcmd__kmigrate", "git__kmigrate");
        text.extend_from_slice(BASH_FOR_GIT.as_bytes());
    }
    text
}

/// git's completion has the words of `git [<options>] kmigrate ...`, or of an alias; the function that clap makes wants those of
/// `git-kmigrate ...`.
const BASH_FOR_GIT: &str = r#"
_git_kmigrate() {
    local at=1
    while [[ $at -lt $COMP_CWORD && "${COMP_WORDS[at]}" != "kmigrate" ]]; do at=$((at + 1)); done
    [[ $at -lt $COMP_CWORD ]] || at=1
    local all=("git-kmigrate" "${COMP_WORDS[@]:at+1}") here=$((COMP_CWORD - at))
    local COMP_WORDS=("${all[@]}") COMP_CWORD=$here
    _git__kmigrate "git-kmigrate" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
}
"#;

/// The man page.
///
/// # Errors
/// Never, for a page in memory.
pub fn man_page() -> std::io::Result<Vec<u8>> {
    let command = Cli::command().name("git-kmigrate");
    let page = clap_mangen::Man::new(command.clone()).title("GIT-KMIGRATE").manual("Git Manual");
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    let verbs: Vec<_> = command.get_subcommands().filter(|c| c.get_name() != "help").collect();
    writeln!(text, ".SH SYNOPSIS\n.nf\n\\fBgit kmigrate\\fR [options] [<range>...] \\-\\-onto <commit>")?;
    for verb in &verbs {
        writeln!(text, "\\fBgit kmigrate\\fR {}", usage(verb).replace('-', "\\-"))?;
    }
    writeln!(text, ".fi")?;
    page.render_description_section(&mut text)?;
    writeln!(text, "{VERBS_WIN}")?;
    page.render_options_section(&mut text)?;
    for verb in &verbs {
        writeln!(text, ".SH \"GIT KMIGRATE {}\"", verb.get_name().to_uppercase())?;
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(text, "{}.", about.replace('-', "\\-"))?;
        // Its options under its own heading, not under one that all verbs would share.
        let mut options = Vec::new();
        clap_mangen::Man::new((*verb).clone()).render_options_section(&mut options)?;
        let options = String::from_utf8_lossy(&options).replace(".SH OPTIONS\n", "");
        write!(text, "{options}")?;
        // A verb of verbs has the options of each below its name.
        for below in verb.get_subcommands().filter(|below| below.get_name() != "help" && has_options(below)) {
            writeln!(text, ".SS \"git kmigrate {} {}\"", verb.get_name(), usage(below).replace('-', "\\-"))?;
            let mut options = Vec::new();
            clap_mangen::Man::new(below.clone()).render_options_section(&mut options)?;
            write!(text, "{}", String::from_utf8_lossy(&options).replace(".SH OPTIONS\n", ""))?;
        }
    }
    writeln!(text, ".SH \"EXIT STATUS\"")?;
    for (code, what) in EXIT_CODES {
        writeln!(text, ".TP\n{code}\n{}", what.replace('-', "\\-"))?;
    }
    writeln!(text, ".SH CONFIGURATION\n{}", SETTINGS.replace('-', "\\-"))?;
    writeln!(text, ".PP\n{}", MODELS.replace('-', "\\-"))?;
    for Setting { name, by, what } in KNOWN {
        let by = if by == By::Anyone { ". A repository may set it, too" } else { "" };
        writeln!(
            text,
            ".TP\n\\fBkmigrate.model.\\fR\\fI<name>\\fR\\fB.{name}\\fR\n{}",
            format!("{what}{by}").replace('-', "\\-")
        )?;
    }
    Ok(text)
}

/// Has it something to say but that there is help?
fn has_options(verb: &clap::Command) -> bool {
    verb.get_arguments().any(|argument| argument.get_id() != "help" && !argument.is_hide_set())
}

/// `show [options] [<n|commit>]`.
fn usage(verb: &clap::Command) -> String {
    let positional = verb.get_positionals().map(|p| {
        let name = p.get_value_names().and_then(|n| n.first()).map_or("arg", |n| n.as_str());
        let many = if matches!(p.get_action(), clap::ArgAction::Append) { "..." } else { "" };
        // Where a word before them may be left away, nobody could tell them from it.
        let name = if p.is_last_set() { return format!(" [-- <{name}>{many}]") } else { name };
        if p.is_required_set() { format!(" <{name}>{many}") } else { format!(" [<{name}>{many}]") }
    });
    let options = if verb.get_opts().next().is_some() { " [options]" } else { "" };
    format!("{}{options}{}", verb.get_name(), positional.collect::<String>())
}
