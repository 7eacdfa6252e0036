//! Man page and completions, made from the flag definitions.

use super::Exit;
use super::args::{Cli, Completions};
use crate::error::{Error, Result};
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
        text.extend_from_slice(BASH_FOR_GIT.as_bytes());
    }
    text
}

/// git's completion has the words of `git kmigrate ...`; clap's function wants those of `git-kmigrate ...`.
const BASH_FOR_GIT: &str = r#"
_git_kmigrate() {
    local COMP_WORDS=("git-kmigrate" "${COMP_WORDS[@]:2}") COMP_CWORD=$((COMP_CWORD - 1))
    _git-kmigrate "git-kmigrate" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
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
    page.render(&mut text)?;
    for verb in command.get_subcommands().filter(|c| c.get_name() != "help") {
        writeln!(text, ".SH \"GIT KMIGRATE {}\"", verb.get_name().to_uppercase())?;
        clap_mangen::Man::new(verb.clone()).render_description_section(&mut text)?;
        clap_mangen::Man::new(verb.clone()).render_options_section(&mut text)?;
    }
    Ok(text)
}
