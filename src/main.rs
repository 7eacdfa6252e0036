//! Parse, walk, finish, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    kmigrate::cli::run(std::env::args_os())
}
