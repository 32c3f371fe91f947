//! Writes out of an outbox, as the daemon takes them: a window at a time, a batch claimed in the transaction that settles the one before.

use jiff::Timestamp;
use std::path::Path;
use std::time::{Duration, Instant};
use stocksync::dispatch::Outcome;
use stocksync::record::Trigger;
use stocksync::shell::state::{Claim, Covers, Holder, NewRun, Pending, SqliteState, State, Version, Write};

const STORE: &str = "shop";

/// So many are put into the outbox by one run.
const RUN: u64 = 100_000;

const WINDOW: usize = 2_000;
const BATCH: usize = 100;

/// So many are sent.
const SENT: usize = 100_000;

/// Fills an outbox with so many writes, and sends some of them.
pub(crate) fn measure(pending: u64) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut state = open(&folder.path().join(".stocksync/state.db"));
    let began = Instant::now();
    for first in (0..pending).step_by(RUN as usize) {
        fill(&mut state, first..(first + RUN).min(pending));
    }
    println!(
        "outbox: {pending} writes put in, {:.0} a second",
        pending as f64 / began.elapsed().as_secs_f64()
    );
    for at_once in [1, 5] {
        send(&mut state, SENT.min(pending as usize / 3), at_once);
    }
}

/// Sends so many, so many batches under way at once: their answers come together, and are on disk together.
fn send(state: &mut SqliteState, count: usize, at_once: usize) {
    let (mut asked, mut turns) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let mut before = Vec::new();
    let mut sent = 0;
    while sent < count {
        let at = Instant::now();
        let window = state.pending(STORE, WINDOW).unwrap();
        asked.push(at.elapsed());
        for batches in window.chunks(BATCH * at_once) {
            let batches: Vec<Vec<Pending>> = batches.chunks(BATCH).map(<[Pending]>::to_vec).collect();
            let at = Instant::now();
            turn(state, &before, &batches);
            turns.push(at.elapsed());
            sent += batches.iter().map(Vec::len).sum::<usize>();
            before = batches;
        }
    }
    turn(state, &before, &[]);
    let rate = sent as f64 / began.elapsed().as_secs_f64();
    println!(
        "outbox: {sent} sent by hundreds, {at_once} at once: {rate:.0} a second, each on disk before it leaves"
    );
    println!("outbox: a window of {WINDOW}: {}; a transaction: {}", spread(asked), spread(turns));
}

fn open(path: &Path) -> SqliteState {
    let holder = Holder { pid: std::process::id(), command: "bench".to_owned(), since: Timestamp::now() };
    SqliteState::open(path, &holder).unwrap()
}

fn fill(state: &mut SqliteState, numbers: std::ops::Range<u64>) {
    let names: Vec<(String, String)> =
        numbers.map(|number| (format!("listing-{number:08}"), format!("SKU-{number:08}"))).collect();
    let mut writes = names.iter().map(|(store_sku, sku)| Write {
        store: STORE,
        store_sku,
        sku,
        before: Some(9),
        after: 7,
        rule: Some("all"),
        skip: None,
    });
    let run = NewRun {
        plan_id: None,
        trigger: Trigger::SyncNow,
        actor: "bench",
        order_id: None,
        now: Timestamp::now(),
        version: Version { version: "sha256:0", rules: "", commit: None },
        activate: true,
        replaces: &[],
        pinned: None,
        covers: Covers::All,
    };
    state.begin(&run, &mut writes).unwrap();
}

/// One transaction: what was sent is done, what comes next is in flight.
fn turn(state: &mut SqliteState, done: &[Vec<Pending>], next: &[Vec<Pending>]) {
    let now = Timestamp::now();
    state.group().unwrap();
    for done in done {
        state.settle_batch(STORE, done, &vec![Outcome::Sent; done.len()], now).unwrap();
    }
    for next in next {
        let key = next.first().map_or(String::new(), |item| item.record.to_string());
        state.claim_batch(&Claim { store: STORE, key: &key, body_hash: "0", now }, next).unwrap();
    }
    state.commit().unwrap();
}

/// The median, the hundredth largest and the largest.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("p50 {:?}, p99 {:?}, at most {:?}", at(0.5), at(0.99), at(1.0))
}
