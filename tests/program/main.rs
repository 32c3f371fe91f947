//! What the program does as a user meets it, and what the tree of files holds: one test program, a file for each subject.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests work on real files and processes, and fail where something is not as expected"
)]
#![expect(unreachable_pub, dead_code, reason = "the support modules are shared by several test programs")]

#[path = "../support/built.rs"]
mod built;
#[path = "../support/cache.rs"]
mod cache;
#[path = "../support/client.rs"]
mod client;
#[path = "../support/folder.rs"]
mod folder;
#[path = "../support/git.rs"]
mod git;
#[path = "../support/python.rs"]
mod python;
#[path = "../support/rng.rs"]
mod rng;
#[path = "../support/served.rs"]
mod served;
#[path = "../support/tools.rs"]
mod tools;

mod asked;
#[cfg(target_os = "linux")]
mod attacks;
mod backtest;
mod catalog;
mod ci;
mod cli;
#[cfg(unix)]
mod daemon;
mod docs;
mod drift;
mod editors;
mod events;
mod faults;
mod formats;
mod front;
mod lint_cache;
mod lint_catalog;
mod lint_fix;
mod lsp;
mod new_connector;
mod revisions;
mod ruletests;
mod schema;
#[cfg(unix)]
mod serve;
mod tidy;
mod transcripts;
#[cfg(unix)]
mod upkeep;
