//! Whole round trips against real shops: Vendure and Medusa, installed from npm and run here, Medusa on a PostgreSQL of its own; and one project with both and
//! seven simulated marketplaces.
//!
//! Where node, npm or PostgreSQL are missing, these tests are skipped by name; where nothing may be skipped, that is a failure. What is
//! installed is kept in `STOCKSYNC_CACHE` between runs. The shops listen on loopback and end with this process, however it ends.
#![cfg(all(feature = "cli", unix))]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "tests work on real folders and processes")]
#![expect(unreachable_pub, dead_code, reason = "one crate of several files")]

#[path = "support/built.rs"]
mod built;
#[path = "support/cache.rs"]
mod cache;
#[path = "support/folder.rs"]
mod folder;
#[path = "real/installed.rs"]
mod installed;
#[path = "real/medusa.rs"]
mod medusa;
#[path = "real/nine.rs"]
mod nine;
#[path = "real/pair.rs"]
mod pair;
#[path = "real/postgres.rs"]
mod postgres;
#[path = "real/process.rs"]
mod process;
#[path = "real/project.rs"]
mod project;
#[path = "mall/shops.rs"]
mod shops;
#[path = "real/tap.rs"]
mod tap;
#[path = "support/tools.rs"]
mod tools;
#[path = "real/trips.rs"]
mod trips;
#[path = "real/vendure.rs"]
mod vendure;
#[path = "real/web.rs"]
mod web;
