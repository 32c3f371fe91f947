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
const SENT: usize = 200_000;

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
    let (mut asked, mut batches) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let mut before: Option<Vec<Pending>> = None;
    let mut sent = 0;
    while sent < SENT.min(pending as usize) {
        let at = Instant::now();
        let window = state.pending(STORE, WINDOW).unwrap();
        asked.push(at.elapsed());
        for batch in window.chunks(BATCH) {
            let at = Instant::now();
            turn(&mut state, before.take(), Some(batch));
            batches.push(at.elapsed());
            before = Some(batch.to_vec());
            sent += batch.len();
        }
    }
    turn(&mut state, before, None);
    let rate = sent as f64 / began.elapsed().as_secs_f64();
    println!(
        "outbox: {sent} of them sent by hundreds, {rate:.0} a second, each batch on disk before it leaves"
    );
    println!("outbox: a window of {WINDOW}: {}; a batch: {}", spread(asked), spread(batches));
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
fn turn(state: &mut SqliteState, done: Option<Vec<Pending>>, next: Option<&[Pending]>) {
    let now = Timestamp::now();
    state.group().unwrap();
    if let Some(done) = done {
        state.settle_batch(STORE, &done, &vec![Outcome::Sent; done.len()], now).unwrap();
    }
    if let Some(next) = next {
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
