//! The whole engine, driven from one seed: clock, stores, network, disk, shoppers, and people who edit numbers and rules.
//!
//! A seed makes a small [`project`] and everything that befalls it: orders in any order, late and twice (`shoppers`), stores that
//! throttle, refuse, forget who asks, and are edited by others (`market`), a network that loses answers or brings them twice, at the pace
//! that a store wants (`network`), people who pause and let go (`people`), a disk that fails (`disk`), a process that dies between any
//! two verbs, a clock that jumps, rules that change in the middle (`world`). Then everything is well for a while, and what must
//! hold (`truth`) is looked at, each by a plain sum of its own.
//!
//! `STOCKSYNC_SEEDS=N` runs so many seeds, `STOCKSYNC_SEED=S` the seed S alone, which fails the same way every time, and tells
//! everything that happened.

mod disk;
mod market;
mod network;
mod people;
mod project;
mod random;
mod shoppers;
mod truth;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use world::World;

/// As many as `cargo test` runs.
const SEEDS: u64 = 200;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// Whether a seed ends well; else why it does not.
fn try_seed(seed: u64, log: Option<Vec<String>>) -> Result<(), String> {
    let mut world = World::new(seed, log);
    let run = AssertUnwindSafe(|| {
        world.run();
        truth::holds(&mut world);
    });
    let ended = catch_unwind(run);
    ended.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
        let log = world.log.take().unwrap_or_default().join("\n");
        format!("{text}\n{log}")
    })
}

#[test]
fn nothing_is_lost_whatever_happens() {
    if let Some(seed) = number("STOCKSYNC_SEED") {
        if let Err(why) = try_seed(seed, Some(Vec::new())) {
            panic!("seed {seed}: {why}");
        }
        return;
    }
    let seeds = number("STOCKSYNC_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(0);
    let work = || {
        let mut failed = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return failed;
            }
            if let Err(why) = try_seed(seed, None) {
                failed.push((seed, why));
                // More of them tell nothing new.
                next.fetch_max(seeds, Ordering::Relaxed);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut failed: Vec<(u64, String)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("seeds are tried apart")).collect()
    });
    failed.sort();
    if let Some((seed, why)) = failed.first() {
        panic!("seed {seed}: {why}\nSTOCKSYNC_SEED={seed} replays it");
    }
}

#[test]
fn a_seed_is_the_same_every_time() {
    let told = |seed| {
        let mut world = World::new(seed, Some(Vec::new()));
        world.run();
        let shown: Vec<_> = world.markets.iter().map(|market| market.shown.clone()).collect();
        (world.log, shown, world.crashes)
    };
    for seed in 0..5 {
        assert_eq!(told(seed), told(seed), "seed {seed}");
    }
}
