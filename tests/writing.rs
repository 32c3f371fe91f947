//! Everything that writes, from end to end: `sync`, `apply`, and what a kill leaves of them.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "tests work on real folders")]
#![expect(unreachable_pub, reason = "one crate of several files")]

#[path = "writing/apply.rs"]
mod apply;
#[path = "support/built.rs"]
mod built;
#[path = "writing/connectors.rs"]
mod connectors;
#[path = "writing/folder.rs"]
mod folder;
#[path = "support/git.rs"]
mod git;
#[path = "writing/kill.rs"]
mod kill;
#[path = "writing/operations.rs"]
mod operations;
#[path = "writing/orders.rs"]
mod orders;
#[path = "writing/released.rs"]
mod released;
#[path = "writing/shop.rs"]
mod shop;
#[path = "writing/sync.rs"]
mod sync;
#[path = "support/tools.rs"]
mod tools;
#[path = "writing/trust.rs"]
mod trust;
