//! The command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    stocksync::shell::main()
}
