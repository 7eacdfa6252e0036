//! Flags of `check`, and those of `--check=build`.

use super::Run;
use clap::Args;
use std::path::PathBuf;

/// How to build for a check.
#[derive(Debug, Args)]
pub struct Build {
    /// The command line that builds, with {objects} where the objects go; run by sh at the top of the tree. Of a kernel, the objects go
    /// to a folder that KBUILD_OUTPUT names. ARCH and CROSS_COMPILE are those of the environment, else ARCH is the configuration's
    /// [default: make -k -j<processors> {objects}]
    #[arg(long, value_name = "command")]
    pub check_command: Option<String>,
    /// The kernel configuration to build with [default: make defconfig]. What it does not build is not checked
    #[arg(long, value_name = "file")]
    pub check_config: Option<PathBuf>,
    /// Build so many commits together, at the last of them; if that fails, the first that breaks is searched for. 1 builds each by
    /// itself [default: 16]
    #[arg(long, value_name = "n", value_parser = clap::value_parser!(u16).range(1..))]
    pub check_stretch: Option<u16>,
    /// End a build after so many seconds; what it was to build is then not checked [default: none]
    #[arg(long, value_name = "seconds", value_parser = clap::value_parser!(u32).range(1..))]
    pub check_timeout: Option<u32>,
    /// Have an analyser look at the same objects, too, on four trees: the old kernel and the new one, each without and with the series. What
    /// it says of the migrated code and of none of the others is a finding. A command line as above, in which {files} stands for the
    /// sources; may be given several times: --check-analyse='make -k C=2 {objects}'
    #[arg(long, value_name = "command")]
    pub check_analyse: Vec<String>,
    /// Where to lay out the worktree: a folder that is new or empty, with room for a kernel and its objects [default: in the run's own
    /// folder]
    #[arg(long, value_name = "folder")]
    pub check_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub run: Run,
    #[command(flatten)]
    pub build: Build,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Write one JSON object per commit
    #[arg(long)]
    pub json: bool,
}
