# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_git_kmigrate_global_optspecs
    string join \n onto= again run= quilt= from= overlay= guard= out= keep-offsets base= root stdin merges= upstream= signoff gpg-sign= no-gpg-sign note= update-refs drop-reverted autosquash on-conflict= methods= look-up= optional no-memory min-confidence= max-distance= model= budget= record= replay= b/branch= allow-conflicts unreviewed notes expect-tree= check= check-command= check-config= check-stretch= check-timeout= check-analyse= check-dir= n/dry-run verify-objects q/quiet v/verbose progress no-progress json color= h/help V/version
end

function __fish_git_kmigrate_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_git_kmigrate_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_git_kmigrate_using_subcommand
    set -l cmd (__fish_git_kmigrate_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l onto -d 'The new upstream' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l run -d 'The run whose series --again takes, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l quilt -d 'A series that is kept as patch files, instead of a range: a folder with a series file (quilt, Debian, SUSE, Armbian), a folder of numbered patches (OpenWrt), a maildir, an mbox or a single patch, or - for standard input. Several follow each other' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l from -d 'The old upstream that the patch files were made for' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l overlay -d 'A folder whose files are copied over the tree before the patches (OpenWrt\'s files/)' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l guard -d 'Select a guard of the series file (`+name`, `-name`); may be given several times. What is not selected is copied as it is' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l out -d 'Where to write the migrated patch files: a folder that is new or empty. What is not settled lies in unresolved/ below it, as it was, and as <name>.migrated what was made of it on top of all patches before it, with the patch\'s side of each conflict' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l base -d 'The old upstream, where the range does not tell' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l merges -d 'Merge commits in the range: refuse, or drop those that hold no change of their own [default: refuse]' -r -f -a "refuse\t''
drop\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l upstream -d 'What upstream has already: drop what has proof, drop-named also what only names its upstream commit, drop-content also what stands hunk by hunk in the new kernel\'s files, keep, or stop [default: drop]' -r -f -a "drop\t''
drop-named\t''
drop-content\t''
keep\t''
stop\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l gpg-sign -d 'Sign the carried commits when the branch is made, as git does (gpg.format, user.signingKey); without a key by the one that git takes. Default: commit.gpgSign' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l note -d 'Say `[<your mail>: <what>]` behind the trailers of each commit that came out otherwise than it was' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l on-conflict -d 'A commit that conflicts: carry it and go on, stop there, or skip it [default: carry]' -r -f -a "carry\t''
stop\t''
skip\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l methods -d 'Methods that may settle what merging as text leaves open, separated by commas: text (nothing else), line, token, relocated [default: text,line,token,relocated]' -r -f -a "text\t''
line\t''
token\t''
relocated\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l look-up -d 'What to look up, on both kernels, of the code that the series adds: the names that it uses, or nothing [default: names]' -r -f -a "names\t''
nothing\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l min-confidence -d 'Commits whose confidence is below this, from 0 to 1, are to review' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l max-distance -d 'Commits in which more lines are expected to need a change are to review' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -s b -l branch -d 'The branch to make [default: <source>-<onto>]' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l expect-tree -d 'Compare the result with the tree of this revision; exit 2 if it differs' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l check -d 'Verify what came out; exit 2 if something fails: none, symbols (the names that added code uses exist in the new kernel; nothing is built), or build (what the commits touch compiles, in a throw-away worktree; this runs the Makefiles of the trees) [default: build if it is said how, else none]' -r -f -a "none\t''
symbols\t''
build\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l check-command -d 'The command line that builds, with {objects} where the objects go; run by sh at the top of the tree. Of a kernel, the objects go to a folder that KBUILD_OUTPUT names. ARCH and CROSS_COMPILE are those of the environment, else ARCH is the configuration\'s [default: make -k -j<processors> {objects}]' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l check-config -d 'The kernel configuration to build with [default: make defconfig]. What it does not build is not checked' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l check-stretch -d 'Build so many commits together, at the last of them; if that fails, the first that breaks is searched for. 1 builds each by itself [default: 16]' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l check-timeout -d 'End a build after so many seconds; what it was to build is then not checked [default: none]' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l check-analyse -d 'Have an analyser look at the same objects, too, on four trees: the old kernel and the new one, each without and with the series. What it says of the migrated code and of none of the others is a finding. A command line as above, in which {files} stands for the sources; may be given several times: --check-analyse=\'make -k C=2 {objects}\'' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l check-dir -d 'Where to lay out the worktree: a folder that is new or empty, with room for a kernel and its objects [default: in the run\'s own folder]' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l again -d 'The series of the last run once more, with all decisions and policies; commits added to the branch that it was read from come with it. Patch files (--quilt) are given once more instead: what was settled holds for them, too'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l keep-offsets -d 'Leave patch files as they are if only their line numbers are off'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l root -d 'The series begins history: carry every commit of the branch'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l stdin -d 'Read the commits of the series from standard input, one a line, in order'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l signoff -d 'Add your Signed-off-by to each commit that is carried'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l no-gpg-sign -d 'Do not sign'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l update-refs -d 'Make a new branch for each other branch, too, that stands at a commit of the series: <branch>-<onto>'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l drop-reverted -d 'Leave out commits that a later commit of the series takes back exactly, and what takes them back'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l autosquash -d 'Put `fixup!`, `squash!` and `amend!` commits of the series into the commits that they name, before it is walked: as git rebase --autosquash does, but on the old kernel, and only where that changes no byte of what the series ends in; what is not folded is carried as it is, and said. With --dry-run the folded commits are written all the same, and no ref names them'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l optional -d 'Apply optional rules, too: what upstream has given up is rewritten although it still compiles'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l no-memory -d 'Do not ask the memory of what people settled before'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l allow-conflicts -d 'Make the branch although commits are conflicted; it then holds the patch\'s side of each conflict'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l unreviewed -d 'Make the branch although there are commits to review'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l notes -d 'When the branch is made, write notes to refs/notes/kmigrate: what became of each commit, and why'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -s n -l dry-run -d 'Write nothing'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l verify-objects -d 'Hash every object that is read, to catch damage that checksums do not'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -s v -l verbose -d 'Say what became of each file, and why'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l progress -d 'Draw a progress bar even if standard error is no terminal'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l no-progress -d 'Draw no progress bar'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -l json -d 'Write one JSON object per commit, then one with the totals'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -s V -l version -d 'Print version'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "show" -d 'Show what became of a commit: the evidence, and for a conflict its three sides and upstream\'s own change there'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "status" -d 'Say where the run stands: totals, what is open, what to do next'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "list" -d 'List every commit of the run with its outcome'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "report" -d 'Tell the run in another form: a page for reviewers, Markdown, JUnit, SARIF, a map from old to new commits, a range-diff, notes'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "matrix" -d 'Make a job array of runs, each of several series onto each of several upstreams: for Slurm, GitHub Actions, GitLab, or as JSON Lines'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "edit" -d 'Lay a commit out as files, conflicts with markers; `continue` takes back what you made of them'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "accept" -d 'Accept commits that are to review, as they came out'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "drop" -d 'Leave commits out'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "reset" -d 'Forget what was decided of commits'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "choose" -d 'Settle conflicted files of a commit by one side: ours (upstream), theirs (the patch), base, or union (both, ours first)'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "check" -d 'Build what the commits of a run touch, in a throw-away worktree, and keep what it came to with the run'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "repair" -d 'Fix what compilers and analysers report, as far as that is sure; each fix is a verified diff'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "dataset" -d 'Write, count or check a data set of what people made of findings and conflicts, to teach a model with'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "skip" -d 'Leave out the first conflicted commit, and continue'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "continue" -d 'Take back what was edited, walk again with all decisions, and write the branch if nothing is left'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "quit" -d 'Stop the run and keep its record and decisions'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "abort" -d 'Forget the run, with its decisions; branches stay'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "undo" -d 'Put back the refs that the last run moved, if nobody has moved them since'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "log" -d 'Tell what was done in the run so far'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "judge" -d 'Compare an answer with what people wrote: best match, semantic match (CodeBLEU), line edit distance'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "names" -d 'Say who defines and who uses a name, on several kernels side by side'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "survey" -d 'Tell which names that a series uses are gone or declared otherwise on the new kernel, and what upstream\'s callers write'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "infer" -d 'Learn rules from files before and after a change, and print them as a semantic patch'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "apply" -d 'Apply the rules of a semantic patch to a tree, or to files of the worktree'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "prompts" -d 'Show, export or import what a model is asked about the open conflicts of the run'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "learn" -d 'Remember what people made of conflicts and commits: in a rebase done by hand, in merges, with git rerere'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "forget" -d 'Forget resolutions that are remembered'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "memory" -d 'List or show the resolutions that are remembered, or take in somebody else\'s'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "resolve" -d 'Resolve what somebody\'s cherry-pick, revert, rebase, am, merge or stash pop left in conflict; write and stage what is sure'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "install" -d 'Write the git config of the merge driver and the mergetool, or remove it'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "merge-driver" -d 'Merge a file for git, as a merge driver: `*.c merge=kmigrate` in .gitattributes'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "mergetool" -d 'Merge a file for `git mergetool --tool=kmigrate`'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "merge-file" -d 'Merge three versions of one file, with the options and exit codes of `git merge-file`'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "evaluate" -d 'Migrate commits whose answer somebody else knows, each by itself, and write what came out'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "demo" -d 'Build a small kernel-shaped repository in a temporary folder, migrate a series in it, and say what came out'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "completions" -d 'Print shell completions'
complete -c git-kmigrate -n "__fish_git_kmigrate_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand show" -l run -d 'The run, by the branch it makes; default: the last' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand show" -l machine -d 'Show instead what the program did beyond the plain text merge of each file'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand show" -l json -d 'Write the commit\'s JSON object instead'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand show" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand status" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand status" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand list" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand list" -l open -d 'Only commits that need a person'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand list" -l json -d 'Write JSON Lines'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand list" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l merge -d 'Merge what the runs of a matrix told with --json, instead: a table of each series on each upstream; or that as --markdown, --json, or --junit with a suite for each run. - is standard input' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l html -d 'Write one HTML page that needs no network: patches side by side, conflicts three ways, evidence, how sure one can be' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l junit -d 'Write a JUnit file: a test for each commit, which fails if it is conflicted' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l sarif -d 'Write a SARIF file: a result for each conflict, finding, and hunk to review' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l json -d 'With --merge, write JSON Lines: an object for each run, and one for all'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l markdown -d 'Print a summary for a pull request, in OpenWrt\'s words'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l map -d 'Print a line for each commit: old id, new id or -, status'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -s z -d 'Lines of the map end in a NUL'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l range-diff -d 'Compare the series with what was carried by git range-diff'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l notes -d 'Write notes to refs/notes/kmigrate: what became of each commit, and why'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -l json-schema -d 'Print the JSON schema of what --json and the record hold'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand report" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -l onto -d 'The new upstreams; each series goes onto each of them' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -l results -d 'The folder in which each run leaves what it tells, as <name>.jsonl' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -l slurm -d 'Print a script for Slurm\'s sbatch: a job array with a task for each run'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -l github -d 'Print the value of strategy.matrix of a job of GitHub Actions, in one line'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -l gitlab -d 'Print a child pipeline for GitLab: a job for each run, and one that merges what they told'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -l jsonl -d 'Print a JSON object a line for each run: its name, arguments, command line (the default)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -l no-verify -d 'Do not look whether series and upstreams are here'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand matrix" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand edit" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand edit" -l worktree -d 'Make a sparse worktree with the folders that the commit touches, stopped as a cherry-pick would be'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand edit" -l discard -d 'Throw away what is laid out of the commit, with what was edited there'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand edit" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand accept" -l from -d 'What was ticked on the page that `report --html` makes, as it was exported there; - is standard input' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand accept" -l min-confidence -d 'Those of them whose confidence is at least this, from 0 to 1' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand accept" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand accept" -l all -d 'All commits that are to review and not conflicted'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand accept" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand drop" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand drop" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand reset" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand reset" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand choose" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand choose" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l check-command -d 'The command line that builds, with {objects} where the objects go; run by sh at the top of the tree. Of a kernel, the objects go to a folder that KBUILD_OUTPUT names. ARCH and CROSS_COMPILE are those of the environment, else ARCH is the configuration\'s [default: make -k -j<processors> {objects}]' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l check-config -d 'The kernel configuration to build with [default: make defconfig]. What it does not build is not checked' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l check-stretch -d 'Build so many commits together, at the last of them; if that fails, the first that breaks is searched for. 1 builds each by itself [default: 16]' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l check-timeout -d 'End a build after so many seconds; what it was to build is then not checked [default: none]' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l check-analyse -d 'Have an analyser look at the same objects, too, on four trees: the old kernel and the new one, each without and with the series. What it says of the migrated code and of none of the others is a finding. A command line as above, in which {files} stands for the sources; may be given several times: --check-analyse=\'make -k C=2 {objects}\'' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l check-dir -d 'Where to lay out the worktree: a folder that is new or empty, with room for a kernel and its objects [default: in the run\'s own folder]' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -s q -l quiet -d 'Say nothing but errors'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -l json -d 'Write one JSON object per commit'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand check" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l format -d 'The report\'s form: coverity (text records), sarif, gcc-json, or log (lines of gcc, clang, sparse, smatch, coccicheck, checkpatch, kernel-doc, as they come from a build) [default: as it looks]' -r -f -a "coverity\t''
sarif\t''
gcc-json\t''
log\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l tree -d 'Take the files of this revision, not those of the worktree' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l rules -d 'A semantic patch whose rules may be used where a finding is; may be given several times' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l rescan -d 'Run this again on each file that was fixed, and put back a fix with which it still finds the same, or finds something new: a command line for sh at the top of the worktree, in which {file} and {object} (drivers/foo/bar.o) stand for the file' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l run -d 'Take what `check` found of a run: what does not build since the series was carried, and did build before; and what analysers (--check-analyse) say since then' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l list -d 'List the findings, and fix none'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l apply -d 'Write the fixed files to the worktree (with --run: commits); without it the diffs are printed and nothing is written'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -s n -l dry-run -d 'Print the diffs, and write nothing (the default)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l fold -d 'With --run --apply: put each fix into the commit that brought the finding, as a decision of the run, which `continue` walks with. Otherwise fixes are commits of their own on the branch, `fixup! <subject>`'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -l json -d 'Write one JSON object per finding'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand repair" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and not __fish_seen_subcommand_from export stats check help" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and not __fish_seen_subcommand_from export stats check help" -f -a "export" -d 'Write question and answer for each correction that history, a rebase or the memory has, as JSON Lines in the chat form that trainers take'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and not __fish_seen_subcommand_from export stats check help" -f -a "stats" -d 'Count the rows of a data set: by side, task, kind, tool, source and licence'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and not __fish_seen_subcommand_from export stats check help" -f -a "check" -d 'Check each row of a data set: its diff applies to the blob that it names, and gives the other one'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and not __fish_seen_subcommand_from export stats check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from export" -l history -d 'Commits of this range that name an analyser, or say Fixes:; may be given several times' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from export" -l rebased -d 'A series before and after somebody rebased it: what text merging would not have made of it' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from export" -l held-out -d 'Hold out so many percent of the files, to measure with' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from export" -l out -d 'Where to write it [default: standard output]' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from export" -l memory -d 'What people settled and `learn` learned: the memory of this repository'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from stats" -l json -d 'Write one JSON object'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write question and answer for each correction that history, a rebase or the memory has, as JSON Lines in the chat form that trainers take'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from help" -f -a "stats" -d 'Count the rows of a data set: by side, task, kind, tool, source and licence'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check each row of a data set: its diff applies to the blob that it names, and gives the other one'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand dataset; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l gpg-sign -d 'Sign the carried commits when the branch is made, as git does (gpg.format, user.signingKey); without a key by the one that git takes. Default: commit.gpgSign' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l allow-conflicts -d 'Make the branch although commits are conflicted; it then holds the patch\'s side of each conflict'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l unreviewed -d 'Make the branch although there are commits to review'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l no-gpg-sign -d 'Do not sign'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l notes -d 'When the branch is made, write notes to refs/notes/kmigrate: what became of each commit, and why'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l extend -d 'Take the commits that were added to the source branch since the run began'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -s q -l quiet -d 'Say nothing but errors'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -l json -d 'Write one JSON object per commit, then one with the totals'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand skip" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l gpg-sign -d 'Sign the carried commits when the branch is made, as git does (gpg.format, user.signingKey); without a key by the one that git takes. Default: commit.gpgSign' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l allow-conflicts -d 'Make the branch although commits are conflicted; it then holds the patch\'s side of each conflict'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l unreviewed -d 'Make the branch although there are commits to review'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l no-gpg-sign -d 'Do not sign'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l notes -d 'When the branch is made, write notes to refs/notes/kmigrate: what became of each commit, and why'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l extend -d 'Take the commits that were added to the source branch since the run began'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -s q -l quiet -d 'Say nothing but errors'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -l json -d 'Write one JSON object per commit, then one with the totals'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand continue" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand quit" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand quit" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand abort" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand abort" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand undo" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand undo" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand log" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand log" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand judge" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand names" -l on -d 'A kernel to look at; several are looked at side by side' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand names" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand survey" -l onto -d 'The new upstream' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand survey" -l base -d 'The old upstream, where the range does not tell' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand survey" -l merges -d 'Merge commits in the range: refuse, or drop those that hold no change of their own [default: refuse]' -r -f -a "refuse\t''
drop\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand survey" -l json -d 'A JSON object a line, one for each name'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand survey" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l pairs -d 'Two folders with files of the same names: before the change, and after it' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l commits -d 'The files that these commits changed, each commit by itself' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l from -d 'The old kernel: how its users of a name were changed up to --to' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l to -d 'The new kernel' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l uses -d 'Only what has this name enters; may be given several times' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l threshold -d 'Only rules that so many functions (with --from: files) were changed by' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l only-uses -d 'Where the two sides lie far apart, only changed statements that have one of the names enter'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l support -d 'Say on standard error what each rule was learned from, and where its form was not changed'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -l spatch -d 'Print the semantic patch and nothing else: no comments in it, and nothing of what was not learned'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand infer" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand apply" -l worktree -d 'Rewrite files of the worktree instead'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand apply" -l dry-run -d 'Write nothing; print what would change, as a diff'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand apply" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and not __fish_seen_subcommand_from show export import help" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and not __fish_seen_subcommand_from show export import help" -f -a "show" -d 'Print what would be sent, with what it would take; nothing is'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and not __fish_seen_subcommand_from show export import help" -f -a "export" -d 'Write the open questions as a batch of OpenAI\'s form (vLLM\'s run-batch, Ray Data and hosted batch services read it)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and not __fish_seen_subcommand_from show export import help" -f -a "import" -d 'Take the answers of such a batch, and continue the run with them'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and not __fish_seen_subcommand_from show export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from show" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from show" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from show" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from show" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from show" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from show" -l raw -d 'Print the bodies of the requests, byte for byte, and not their text'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from export" -l out -d 'Where to write them [default: standard output]' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from export" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from export" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from export" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from export" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from export" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from import" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from import" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from import" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from import" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from import" -l run -d 'The run, by the branch it makes; default: the last one worked on' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print what would be sent, with what it would take; nothing is'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write the open questions as a batch of OpenAI\'s form (vLLM\'s run-batch, Ray Data and hosted batch services read it)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from help" -f -a "import" -d 'Take the answers of such a batch, and continue the run with them'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand prompts; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand learn" -l from-merges -d 'Learn from the merge commits on the first line of a branch, or of a range: each is made again, and what was committed where that conflicts is remembered' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand learn" -l rr-cache -d 'Learn from what git rerere has recorded here'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand learn" -l stdin -d 'Learn from pairs on standard input: the old commit and the new one, a pair a line, as git\'s post-rewrite hook is told'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand learn" -s n -l dry-run -d 'Remember nothing; say what would be'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand learn" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand forget" -l all -d 'Everything, with its history'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand forget" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and not __fish_seen_subcommand_from list show merge help" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and not __fish_seen_subcommand_from list show merge help" -f -a "list" -d 'List the conflicts and decisions that are remembered: key, what it is of, where it was settled'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and not __fish_seen_subcommand_from list show merge help" -f -a "show" -d 'Print a conflict that is remembered and what was made of it, or a decision'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and not __fish_seen_subcommand_from list show merge help" -f -a "merge" -d 'Take in the memory of somebody else: git fetch <remote> refs/kmigrate/memory:refs/kmigrate/memory-of/<name>, then merge that'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and not __fish_seen_subcommand_from list show merge help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the conflicts and decisions that are remembered: key, what it is of, where it was settled'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print a conflict that is remembered and what was made of it, or a decision'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and __fish_seen_subcommand_from help" -f -a "merge" -d 'Take in the memory of somebody else: git fetch <remote> refs/kmigrate/memory:refs/kmigrate/memory-of/<name>, then merge that'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand memory; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand resolve" -l patch -d 'The side that is the patch, as git calls it: ours (HEAD) or theirs [default: theirs; in a merge, the side that no release tag and no ref of kmigrate.upstream has]' -r -f -a "ours\t''
theirs\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand resolve" -l min-confidence -d 'What is less sure than this, from 0 to 1, is written and not staged' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand resolve" -l continue -d 'Go on with the operation, through git, if everything is resolved and staged; at its next stop the same again. Commit messages stay as they are'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand resolve" -s n -l dry-run -d 'Write nothing; print what would change, as a diff'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand resolve" -l undo -d 'Put files and index back as they were, where nobody has changed them since'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand resolve" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand install" -l global -d 'In the user\'s own config, for all repositories, instead of this repository\'s'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand install" -l uninstall -d 'Remove what was written'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand install" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-driver" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand mergetool" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -l marker-size -d 'Length of the conflict markers' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -s L -d 'The name of a version in conflicts: ours, base, theirs, in this order' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -s p -l stdout -d 'Write the result to standard output instead'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -l object-id -d 'The names are those of objects; the id of the result is printed'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -l diff3 -d 'Show the base in conflicts'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -l zdiff3 -d 'Show the base in conflicts, without lines that both sides share at their ends'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -l ours -d 'Settle conflicts by ours'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -l theirs -d 'Settle conflicts by theirs'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -l union -d 'Settle conflicts by both, ours first'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -s q -l quiet -d 'Say nothing of conflicts; they are never said here, only marked and counted'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand merge-file" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l pairs -d 'What to migrate: a JSON object a line, {"pair": <name>, "old": <commit>, "onto": <commit>}' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l out -d 'Where to write what came out: a JSON object a line; of pairs, with the commit and its files' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l calibrate -d 'Fit the confidence to results that were written before and scored by somebody else; the coefficients go to standard output' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l cross-validate -d 'Give such results the confidence that the other data sets teach, so that it can be judged' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l known -d 'How the results were scored: a JSON object a line, {"id": "<pair>:<path>", "pair", "dataset", "order", "distance"}' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l html -d 'Write plots of what --cross-validate found: reliability, coverage against precision, right and wrong ones' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l miggpt -d 'Run MigGPT\'s own task on its data set (data.csv), and print its tables 1, 2 and 4' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l stage -d 'Of MigGPT\'s task: find the snippet in the new file, migrate it where people found it, or both' -r -f -a "retrieve\t''
migrate\t''
both\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l ablate -d 'Of MigGPT\'s task: leave out a part, to see what it is worth: structure, alignment, location, cfp' -r -f -a "structure\t''
alignment\t''
location\t''
cfp\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l model -d 'Ask this model about what no method settles: a name of your settings (kmigrate.model.NAME.*), command:PROGRAM, or none' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l budget -d 'Spend no more than so many tokens (200k), so much money (2.50), or both (200k,2.50)' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l record -d 'Write each question and its answer here, to be read, and to be replayed' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l replay -d 'Take answers from what --record wrote, and ask nobody' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l export-prompts -d 'Of pairs: write what would be asked as a batch of OpenAI\'s form; nobody is asked' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l import-answers -d 'Of pairs: take the answers of such a batch; nobody is asked' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l to-miggpt -d 'Write files that people carried as a data set of MigGPT\'s form' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l samples -d 'Those files: a JSON object a line, {"id": <name>, "path_new": <path>, "base", "ours", "theirs", "truth": <blob>}' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l repo -d 'A repository for the new commits, made anew; it holds the pairs\' commits and their ancestors, and nothing else [default: beside the results]' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l memory -d 'A memory of what people settled, which is asked: mind that it does not hold the answers' -r
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l upstream -d 'What to do with commits that upstream has already [default: drop]' -r -f -a "drop\t''
drop-named\t''
drop-content\t''
keep\t''
stop\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l methods -d 'How conflicts may be settled, a list' -r -f -a "text\t''
line\t''
token\t''
relocated\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l look-up -d 'What to look up, on both kernels, of the code that a commit adds [default: names]' -r -f -a "names\t''
nothing\t''"
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -l vanilla -d 'Of MigGPT\'s task: the model by itself, asked once a step'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand evaluate" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand demo" -l dir -d 'Build it here instead of in a temporary folder; the folder must be empty or new' -r -F
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand demo" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand completions" -s h -l help -d 'Print help'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "show" -d 'Show what became of a commit: the evidence, and for a conflict its three sides and upstream\'s own change there'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "status" -d 'Say where the run stands: totals, what is open, what to do next'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "list" -d 'List every commit of the run with its outcome'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "report" -d 'Tell the run in another form: a page for reviewers, Markdown, JUnit, SARIF, a map from old to new commits, a range-diff, notes'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "matrix" -d 'Make a job array of runs, each of several series onto each of several upstreams: for Slurm, GitHub Actions, GitLab, or as JSON Lines'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "edit" -d 'Lay a commit out as files, conflicts with markers; `continue` takes back what you made of them'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "accept" -d 'Accept commits that are to review, as they came out'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "drop" -d 'Leave commits out'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "reset" -d 'Forget what was decided of commits'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "choose" -d 'Settle conflicted files of a commit by one side: ours (upstream), theirs (the patch), base, or union (both, ours first)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "check" -d 'Build what the commits of a run touch, in a throw-away worktree, and keep what it came to with the run'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "repair" -d 'Fix what compilers and analysers report, as far as that is sure; each fix is a verified diff'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "dataset" -d 'Write, count or check a data set of what people made of findings and conflicts, to teach a model with'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "skip" -d 'Leave out the first conflicted commit, and continue'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "continue" -d 'Take back what was edited, walk again with all decisions, and write the branch if nothing is left'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "quit" -d 'Stop the run and keep its record and decisions'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "abort" -d 'Forget the run, with its decisions; branches stay'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "undo" -d 'Put back the refs that the last run moved, if nobody has moved them since'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "log" -d 'Tell what was done in the run so far'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "judge" -d 'Compare an answer with what people wrote: best match, semantic match (CodeBLEU), line edit distance'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "names" -d 'Say who defines and who uses a name, on several kernels side by side'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "survey" -d 'Tell which names that a series uses are gone or declared otherwise on the new kernel, and what upstream\'s callers write'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "infer" -d 'Learn rules from files before and after a change, and print them as a semantic patch'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "apply" -d 'Apply the rules of a semantic patch to a tree, or to files of the worktree'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "prompts" -d 'Show, export or import what a model is asked about the open conflicts of the run'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "learn" -d 'Remember what people made of conflicts and commits: in a rebase done by hand, in merges, with git rerere'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "forget" -d 'Forget resolutions that are remembered'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "memory" -d 'List or show the resolutions that are remembered, or take in somebody else\'s'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "resolve" -d 'Resolve what somebody\'s cherry-pick, revert, rebase, am, merge or stash pop left in conflict; write and stage what is sure'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "install" -d 'Write the git config of the merge driver and the mergetool, or remove it'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "merge-driver" -d 'Merge a file for git, as a merge driver: `*.c merge=kmigrate` in .gitattributes'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "mergetool" -d 'Merge a file for `git mergetool --tool=kmigrate`'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "merge-file" -d 'Merge three versions of one file, with the options and exit codes of `git merge-file`'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "evaluate" -d 'Migrate commits whose answer somebody else knows, each by itself, and write what came out'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "demo" -d 'Build a small kernel-shaped repository in a temporary folder, migrate a series in it, and say what came out'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "completions" -d 'Print shell completions'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and not __fish_seen_subcommand_from show status list report matrix edit accept drop reset choose check repair dataset skip continue quit abort undo log judge names survey infer apply prompts learn forget memory resolve install merge-driver mergetool merge-file evaluate demo completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from dataset" -f -a "export" -d 'Write question and answer for each correction that history, a rebase or the memory has, as JSON Lines in the chat form that trainers take'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from dataset" -f -a "stats" -d 'Count the rows of a data set: by side, task, kind, tool, source and licence'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from dataset" -f -a "check" -d 'Check each row of a data set: its diff applies to the blob that it names, and gives the other one'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from prompts" -f -a "show" -d 'Print what would be sent, with what it would take; nothing is'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from prompts" -f -a "export" -d 'Write the open questions as a batch of OpenAI\'s form (vLLM\'s run-batch, Ray Data and hosted batch services read it)'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from prompts" -f -a "import" -d 'Take the answers of such a batch, and continue the run with them'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from memory" -f -a "list" -d 'List the conflicts and decisions that are remembered: key, what it is of, where it was settled'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from memory" -f -a "show" -d 'Print a conflict that is remembered and what was made of it, or a decision'
complete -c git-kmigrate -n "__fish_git_kmigrate_using_subcommand help; and __fish_seen_subcommand_from memory" -f -a "merge" -d 'Take in the memory of somebody else: git fetch <remote> refs/kmigrate/memory:refs/kmigrate/memory-of/<name>, then merge that'
