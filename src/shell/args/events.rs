//! `stocksync orders` and `stocksync stock`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `orders`.
#[derive(Args, Debug)]
pub struct Orders {
    /// Events as JSON lines or CSV; `-` is standard input.
    #[arg(required_unless_present = "from")]
    pub file: Option<PathBuf>,
    /// How they are written [default: csv where the file's name ends so, else jsonl].
    #[arg(long, value_enum, value_name = "F")]
    pub format: Option<EventFormat>,
    /// Ask this store for its orders. Repeatable.
    #[arg(long, value_name = "STORE", conflicts_with_all = ["file", "format"])]
    pub from: Vec<String>,
    /// Ask for what changed since then: a moment, or how long ago, as `90m`, `2h`, `7d` [default: 1d].
    #[arg(long, value_name = "MOMENT", requires = "from")]
    pub since: Option<String>,
}

/// `stock`.
#[derive(Args, Debug)]
pub struct Events {
    /// Events as JSON lines or CSV; `-` is standard input.
    pub file: PathBuf,
    /// How they are written [default: csv where the file's name ends so, else jsonl].
    #[arg(long, value_enum, value_name = "F")]
    pub format: Option<EventFormat>,
}

/// How events are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum EventFormat {
    /// A JSON object a line.
    Jsonl,
    /// A table: a row an event, or a row a line of an order.
    Csv,
}
