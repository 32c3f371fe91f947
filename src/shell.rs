//! The only place that does I/O: one file a subcommand. Each reads, calls the core, and writes.
#![expect(clippy::disallowed_methods, reason = "files, clock and environment are this module's business")]

pub mod args;
mod exit;
mod explain;
mod files;
mod init;
mod lint;
mod man;
mod output;
pub mod project;
pub mod state;
mod test;

pub use exit::Exit;
pub use output::Output;
