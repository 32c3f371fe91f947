//! The command line read with one command put together, where that is enough: all of them are a sixth of what starting costs, and a third of the pages it touches.

use super::{Cli, Fmt, Lint, Plan, Shared, Sync, Test};
use clap::error::ErrorKind;
use clap::{Args as _, FromArgMatches as _, Parser as _};
use std::ffi::OsString;

type Augment = fn(clap::Command) -> clap::Command;

/// The commands that editors, hooks and clocks start.
const OFTEN: &[(&str, Augment)] = &[
    ("lint", Lint::augment_args),
    ("fmt", Fmt::augment_args),
    ("test", Test::augment_args),
    ("plan", Plan::augment_args),
    ("sync", Sync::augment_args),
];

impl Cli {
    /// Reads a command line.
    ///
    /// # Errors
    /// What is to be printed instead: what is wrong with it, or help, or the version.
    pub fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        // Whatever is wrong is told by who knows all commands.
        quick(args).unwrap_or_else(|| Self::try_parse_from(args))
    }
}

fn quick(args: &[OsString]) -> Option<Result<Cli, clap::Error>> {
    let named = |arg: &OsString| OFTEN.iter().find(|(name, _)| arg == name);
    let mut command = Shared::augment_args(clap::Command::new("stocksync"))
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .subcommand_required(true);
    // Where it is another's value, the command that is meant is not known, and nothing comes of this.
    if let Some((name, augment)) = args.iter().find_map(named) {
        command = command.subcommand(augment(clap::Command::new(*name)));
    }
    match command.try_get_matches_from(args) {
        Ok(mut matches) => Cli::from_arg_matches_mut(&mut matches).ok().map(Ok),
        Err(told) => (told.kind() == ErrorKind::DisplayVersion).then_some(Err(told)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: &[&str] = &[
        "lint",
        "fmt",
        "test",
        "plan",
        "sync",
        "why",
        "init",
        "versions",
        "-C",
        "-Cshop",
        "shop",
        "-q",
        "-qv",
        "--quiet",
        "-V",
        "--version",
        "-h",
        "--help",
        "--color",
        "--color=never",
        "always",
        "--",
        "--format",
        "json",
        "--format=csv",
        "--fix",
        "--diff",
        "--at",
        "2026-11-27",
        "--yes",
        "-y",
        "--allow",
        "to_zero",
        "",
        "rules",
        "--store",
        "-x",
        "help",
        "--filter",
    ];

    fn shown(read: Result<Cli, clap::Error>) -> String {
        read.map_or_else(|told| format!("{:?} {told}", told.kind()), |cli| format!("{cli:?}"))
    }

    #[track_caller]
    fn check(words: &[&str]) -> bool {
        let args: Vec<OsString> = ["stocksync"].iter().chain(words).map(OsString::from).collect();
        assert_eq!(shown(Cli::read(&args)), shown(Cli::try_parse_from(&args)), "{words:?}");
        quick(&args).is_some()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn it_reads_what_all_commands_together_read(words in prop::collection::vec(prop::sample::select(WORDS), 0..6)) {
            check(&words);
        }
    }

    #[test]
    fn what_is_started_often_is_read_quickly() {
        for (name, _) in OFTEN {
            assert!(check(&["-C", "shop", name, "--quiet"]), "{name}");
            check(&["-C", "lint", name]);
        }
        assert!(check(&["--version"]) && check(&["lint", "--format", "json", "why"]));
        for words in [&["why", "lint"][..], &["lint", "--help"], &["--help"], &[], &["lint", "--wrong"]] {
            assert!(!check(words), "{words:?}");
        }
    }
}
