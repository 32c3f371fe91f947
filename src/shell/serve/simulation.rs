//! The whole engine, driven from one seed: clock, stores, network, disk, shoppers, and people who edit numbers and rules.
//!
//! A seed makes a small [`project`] and everything that befalls it: orders in any order, late and twice (`shoppers`), stores that
//! throttle, refuse, forget who asks, and are edited by others (`market`), a network that loses answers or brings them twice, at the pace
//! that a store wants (`network`), people who pause and let go (`people`), a disk that fails (`disk`), a process that dies between any
//! two verbs, a clock that jumps, rules that change in the middle (`world`). Then everything is well for a while, and what must
//! hold (`truth`) is looked at, each by a plain sum of its own.
//!
//! `STOCKSYNC_SEEDS=N` runs so many seeds, `STOCKSYNC_SEEDS=A..B` those from A to before B, `STOCKSYNC_SEED=S` the seed S alone, which
//! fails the same way every time, and tells everything that happened.

mod disk;
mod market;
mod network;
mod people;
mod project;
mod random;
mod shoppers;
mod truth;
mod world;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::thread;
use world::World;

/// What `cargo test` runs.
const SEEDS: Range<u64> = 0..200;

/// With so few, processes of their own are not worth their start.
const FEW: u64 = 20;

fn number(name: &str, text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("{name} is no number"))
}

/// The seeds that are wanted: `STOCKSYNC_SEEDS=N` is the first N, `A..B` those from A to before B.
fn wanted() -> Range<u64> {
    let name = "STOCKSYNC_SEEDS";
    let Ok(text) = std::env::var(name) else { return SEEDS };
    match text.split_once("..") {
        Some((first, end)) => number(name, first)..number(name, end),
        None => 0..number(name, &text),
    }
}

/// Whether a seed ends well; else why it does not.
fn try_seed(seed: u64, log: Option<Vec<String>>) -> Result<(), String> {
    try_world(&mut World::new(seed, log))
}

fn try_world(world: &mut World) -> Result<(), String> {
    let run = AssertUnwindSafe(|| {
        world.run();
        truth::holds(world);
    });
    let ended = catch_unwind(run);
    ended.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
        world.note_records();
        let log = world.log.take().unwrap_or_default().join("\n");
        format!("{text}\n{log}")
    })
}

/// Tries seeds one after another; the first that fails, and why.
fn try_seeds(mut seeds: Range<u64>) -> Result<(), (u64, String)> {
    seeds.try_for_each(|seed| try_seed(seed, None).map_err(|why| (seed, why)))
}

/// Tries seeds in a process for each processor: within one, SQLite's memory has a lock that all its connections share.
fn try_side_by_side(seeds: Range<u64>, processes: u64) {
    let share = (seeds.end - seeds.start).div_ceil(processes);
    let shares: Vec<Child> = (0..processes)
        .map(|at| {
            let first = (seeds.start + at * share).min(seeds.end);
            let end = (first + share).min(seeds.end);
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args([
                "--exact",
                "shell::serve::simulation::nothing_is_lost_whatever_happens",
                "--nocapture",
            ]);
            command.env("STOCKSYNC_SEEDS", format!("{first}..{end}")).env("STOCKSYNC_SEEDS_ALONE", "1");
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("this program starts")
        })
        .collect();
    let ended = shares.into_iter().map(|share| share.wait_with_output().expect("it ends"));
    let failed: Vec<String> = ended
        .filter(|ended| !ended.status.success())
        .map(|ended| String::from_utf8_lossy(&ended.stderr).into_owned())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn nothing_is_lost_whatever_happens() {
    if let Ok(seed) = std::env::var("STOCKSYNC_SEED") {
        let seed = number("STOCKSYNC_SEED", &seed);
        if let Err(why) = try_seed(seed, Some(Vec::new())) {
            panic!("seed {seed}: {why}");
        }
        return;
    }
    let seeds = wanted();
    let processes = thread::available_parallelism().map_or(1, usize::from) as u64;
    let is_alone = std::env::var_os("STOCKSYNC_SEEDS_ALONE").is_some();
    if !is_alone && processes > 1 && seeds.end.saturating_sub(seeds.start) > FEW {
        return try_side_by_side(seeds, processes);
    }
    if let Err((seed, why)) = try_seeds(seeds) {
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

/// Ten minutes of 500 from the beginning, whatever else befalls.
#[test]
fn a_store_that_answers_500_for_ten_minutes_shows_the_right_numbers_after_it() {
    let mut errors = 0;
    for seed in 0..20 {
        let mut world = World::new(seed, None);
        let now_ms = world.now_ms;
        world.markets[0].breaks(now_ms);
        assert_eq!(try_world(&mut world), Ok(()), "seed {seed}");
        errors += world.markets[0].errors;
    }
    // A clock that goes ahead may pass the ten minutes over.
    assert!(errors > 20, "{errors} requests were answered so");
}
