//! Real faults: a daemon that is killed under load, a disk that is full, stores that hang, break off and fail, a clock that is set back.
//!
//! Nothing is lost by any of them, nothing is counted twice, and every store shows the right numbers in the end. The tests are small here; with
//! `STOCKSYNC_CHAOS=full` the daemon is killed 200 times, and each trouble of a store lasts a minute.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests, which say what they measured"
)]
#![expect(dead_code, unreachable_pub, reason = "the support modules are shared by several tests")]

#[path = "support/built.rs"]
mod built;
#[path = "support/client.rs"]
mod client;
#[path = "chaos/clock.rs"]
mod clock;
#[path = "chaos/disk.rs"]
mod disk;
#[path = "support/folder.rs"]
mod folder;
#[path = "chaos/gate.rs"]
mod gate;
#[path = "chaos/kill.rs"]
mod kill;
#[path = "chaos/load.rs"]
mod load;
#[path = "support/served.rs"]
mod served;
#[path = "chaos/shops.rs"]
mod shops;
#[path = "chaos/trouble.rs"]
mod trouble;

/// One of two numbers: the small one, or that of a run which is worth a night.
fn small_or_full<T>(small: T, full: T) -> T {
    match std::env::var("STOCKSYNC_CHAOS").as_deref() {
        Ok("full") => full,
        Ok(other) => panic!("STOCKSYNC_CHAOS is `{other}`, and can be `full` only"),
        Err(_) => small,
    }
}
