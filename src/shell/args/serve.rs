//! `serve`.

use clap::{Args, ValueEnum};
use std::net::SocketAddr;

/// `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Where to listen; port 0 is any that is free [default: `serve.listen`, else 127.0.0.1:8787].
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// How log lines are written, to standard error.
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub log: LogFormat,
}

/// How log lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}
