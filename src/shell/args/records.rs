//! `stocksync records …`.

use super::{GUARDS, Part};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `records`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Records {
    /// Only this merchant SKU.
    #[arg(long, value_name = "SKU")]
    pub sku: Option<String>,
    /// Only this store.
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Only this status: pending, sent, failed, unknown or skipped.
    #[arg(long, value_name = "STATUS", value_parser = ["pending", "sent", "failed", "unknown", "skipped"])]
    pub status: Option<String>,
    /// Only since this moment, or this long ago (`2h`, `7d`).
    #[arg(long, value_name = "MOMENT")]
    pub since: Option<String>,
    /// At most this many, the newest.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Write all that are asked for to a CSV file.
    #[arg(long, value_name = "FILE.csv")]
    pub export: Option<PathBuf>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: RecordFormat,
    /// Do something about them.
    #[command(subcommand)]
    pub command: Option<RecordsCommand>,
}

/// `records …`.
#[derive(Subcommand, Debug)]
pub enum RecordsCommand {
    /// Plan and write again what failed, and what nobody knows the end of.
    Retry(Retry),
}

/// `records retry`.
#[derive(Args, Debug)]
pub struct Retry {
    /// Which part of the project.
    #[command(flatten)]
    pub part: Part,
    /// Let a guard pass, by its name. Repeatable.
    #[arg(long = "allow", value_name = "GUARD", value_parser = GUARDS)]
    pub allow: Vec<String>,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
}

/// How records are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum RecordFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Jsonl,
}
