//! `git kmigrate install`: the git config of merge driver and mergetool; these keys and no others.

use super::Exit;
use super::args::Install;
use crate::error::Result;
use crate::git::Git;
use crate::report;

/// What is written.
const KEYS: [(&str, &str); 4] = [
    ("merge.kmigrate.name", "git kmigrate: conflicts of kernel code"),
    ("merge.kmigrate.driver", "git kmigrate merge-driver %O %A %B %L %P %X %Y"),
    ("mergetool.kmigrate.cmd", "git kmigrate mergetool \"$BASE\" \"$LOCAL\" \"$REMOTE\" \"$MERGED\""),
    ("mergetool.kmigrate.trustExitCode", "true"),
];

/// Runs it.
pub fn run(args: &Install) -> Result<Exit> {
    let git = Git::here();
    let scope = if args.global { "--global" } else { "--local" };
    let mut changed = 0;
    for (key, value) in KEYS {
        let all = git.run(&["config", scope, "--null", "--get-all", key], b"")?.stdout;
        let now: Vec<String> = String::from_utf8_lossy(&all).split_terminator('\0').map(str::to_owned).collect();
        match (args.uninstall, &now[..]) {
            (false, [one]) if one == value => report::say(&format!("is set   {key} = {value}\n"))?,
            (false, was) => {
                git.output(&["config", scope, "--replace-all", key, value])?;
                let was = was.last().map(|was| format!("  (was: {was})")).unwrap_or_default();
                report::say(&format!("set      {key} = {value}{was}\n"))?;
                changed += 1;
            }
            (true, []) => report::say(&format!("not set  {key}\n"))?,
            (true, [one]) if one == value => {
                git.output(&["config", scope, "--unset-all", key])?;
                report::say(&format!("removed  {key}\n"))?;
                changed += 1;
            }
            (true, other) => report::say(&format!("left     {key} = {}  (not written by us)\n", other.join(", ")))?,
        }
    }
    if !args.uninstall && changed > 0 {
        report::advise(&[
            "the merge driver is used for files that an attribute names: echo '*.[ch] merge=kmigrate' >> .git/info/attributes".to_owned(),
            "or, for everybody who has it installed, in .gitattributes".to_owned(),
            "the mergetool: git mergetool --tool=kmigrate".to_owned(),
        ]);
    }
    Ok(Exit::Done)
}
