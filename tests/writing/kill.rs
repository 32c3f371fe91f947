//! SIGKILL at any moment: each store file is as it was or as planned, and the next run finishes.
#![cfg(unix)]

use crate::folder::Folder;
use std::fmt::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

const STORES: usize = 3;
const ROWS: usize = 3_000;
const KILLS: u32 = 60;
const TRIES_MAX: u32 = 180;
/// So many kills in a row come before a run that is left to finish.
const KILLS_IN_A_ROW: u32 = 4;

fn shop() -> Folder {
    let folder = Folder::empty();
    let mut yaml = "warehouses: [main]\nguards: { to_zero: 100% }\nstores:\n".to_owned();
    let (mut skus, mut stock, mut mappings) =
        ("sku,name\n".to_owned(), "sku,warehouse,available\n".to_owned(), "sku,store,store_sku\n".to_owned());
    for n in 0..ROWS {
        writeln!(skus, "S{n},x").unwrap();
        writeln!(stock, "S{n},main,{}", n % 97).unwrap();
        for store in 0..STORES {
            writeln!(mappings, "S{n},s{store},L{n}").unwrap();
        }
    }
    for store in 0..STORES {
        writeln!(yaml, "  s{store}: {{ connector: csv, settings: {{ path: stores/s{store}.csv }} }}")
            .unwrap();
    }
    folder.write("stocksync.yaml", &yaml);
    folder.write("catalog/skus.csv", &skus);
    folder.write("catalog/stock.csv", &stock);
    folder.write("catalog/mappings.csv", &mappings);
    folder.write("rules/a.sync", "rule \"A\" { order 1 skus all warehouses all stores all }\n");
    reset(&folder);
    folder
}

fn file(store: usize) -> String {
    format!("stores/s{store}.csv")
}

fn before() -> String {
    let mut text = "store_sku,quantity,note\n".to_owned();
    (0..ROWS).for_each(|n| writeln!(text, "L{n},500,\"n, {n}\"").unwrap());
    text
}

fn after() -> String {
    let mut text = "store_sku,quantity,note\n".to_owned();
    (0..ROWS).for_each(|n| writeln!(text, "L{n},{},\"n, {n}\"", n % 97).unwrap());
    text
}

fn reset(folder: &Folder) {
    (0..STORES).for_each(|store| folder.write(&file(store), &before()));
}

/// How long a run takes, from beginning to end.
fn time(folder: &Folder, args: &[&str]) -> Duration {
    let start = Instant::now();
    folder.run(args).ended(0, "");
    start.elapsed()
}

/// Kills a run after so long; says whether it was still running.
fn kill(folder: &Folder, args: &[&str], delay: Duration) -> bool {
    let mut command = folder.command(args);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

/// How many stores are as planned; each is that, or as it was.
#[track_caller]
fn whole(folder: &Folder, (before, after): (&str, &str)) -> usize {
    let mut written = 0;
    for store in 0..STORES {
        let text = folder.read(&file(store));
        assert!(text == before || text == after, "store {store} is neither as it was nor as planned");
        written += usize::from(text == after);
    }
    written
}

#[test]
fn what_a_killed_run_left_half_written_is_removed_by_the_next_that_writes() {
    let folder = Folder::shop();
    folder.run(&["sync", "--yes"]).ended(0, "4 sent");
    folder.write("stores/.stocksync-tmp-0123456789abcdef-a.csv", "half");
    folder.run(&["plan"]).ended(0, "");
    assert_eq!(folder.leftovers().len(), 1, "a plan may run beside a sync, and touches nothing");
    folder.run(&["sync", "--yes"]).ended(0, "");
    assert_eq!(folder.leftovers(), [""; 0]);
}

#[test]
fn an_apply_killed_after_its_last_write_is_finished_by_the_next() {
    use stocksync::dispatch::Class;
    use stocksync::record::Trigger;
    use stocksync::shell::state::{Claim, Covers, Holder, NewRun, SqliteState, State, Version, Write};
    let folder = Folder::shop();
    let plan = folder.path("p.json");
    let plan = plan.to_str().unwrap();
    folder.run(&["plan", "--store", "b", "--out", plan]).ended(0, "");
    let saved: serde_json::Value = serde_json::from_str(&folder.read("p.json")).unwrap();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let holder = Holder { pid: 1, command: "apply".to_owned(), since: now };
    let mut state = SqliteState::open(&folder.path(".stocksync/state.db"), &holder).unwrap();
    let version = saved["rules_version"].as_str().unwrap();
    let run = NewRun {
        plan_id: saved["plan_id"].as_str(),
        trigger: Trigger::Apply,
        actor: "ana",
        order_id: None,
        now,
        version: Version { version, rules: "", commit: None },
        activate: true,
        replaces: &[],
        pinned: None,
        covers: Covers::Written,
    };
    let (store_sku, sku, rule) = ("B4", "S4", Some("Base"));
    let write = Write { store: "b", store_sku, sku, before: Some(0), after: 3, rule, skip: None };
    state.begin(&run, &mut [write].into_iter()).unwrap();
    let items = state.pending("b", 9).unwrap();
    assert_eq!(items[0].class, Class::Higher);
    state.claim_batch(&Claim { store: "b", key: "k", body_hash: "h", now }, &items).unwrap();
    drop(state);
    folder.edit("stores/b.csv", "B4,0", "B4,3");
    folder.run(&["apply", "--yes", plan]).ended(0, "had sent everything");
    assert_eq!(folder.told(), ["b/B4 3 sent -"]);
    folder.run(&["apply", "--yes", plan]).ended(5, "carried out already");
}

/// The next delay: a golden-section walk meets every part of the run, evenly and repeatably.
fn delay(kill: u32, run: Duration) -> Duration {
    run.mul_f64((f64::from(kill) * 0.618_033_988_75).fract())
}

#[test]
fn a_killed_sync_leaves_each_store_whole_and_the_next_one_finishes() {
    let folder = shop();
    let texts = (before(), after());
    let texts = (texts.0.as_str(), texts.1.as_str());
    let mut run = time(&folder, &["sync", "--yes", "-q"]);
    let (mut killed, mut half) = (0, 0);
    for number in 0..TRIES_MAX {
        if killed >= KILLS && number % KILLS_IN_A_ROW == 0 {
            break;
        }
        // Now and then all the stores are as they were; between, what is left is gone on with.
        if number % KILLS_IN_A_ROW == 0 {
            reset(&folder);
        }
        match kill(&folder, &["sync", "--yes", "-q"], delay(number, run)) {
            true => killed += 1,
            // It had ended before: other tests slowed down the run that was measured.
            false => run = run.mul_f64(0.95),
        }
        half += u32::from((1..STORES).contains(&whole(&folder, texts)));
        if number % KILLS_IN_A_ROW == KILLS_IN_A_ROW - 1 {
            folder.run(&["sync", "--yes", "-q"]).ended(0, "");
            assert_eq!(whole(&folder, texts), STORES);
            assert_eq!(folder.leftovers(), [""; 0]);
            folder.run(&["plan", "--exit-code", "-q"]).ended(0, "");
            folder.run(&["records", "--status", "pending", "--format", "jsonl"]).ended(0, "no records");
        }
    }
    // Or the test would show nothing.
    assert!(killed >= KILLS, "{killed} runs of {TRIES_MAX} were killed");
    assert!(half > 0, "no kill came between two stores");
}

#[test]
fn a_killed_apply_is_resumed() {
    let folder = shop();
    let plan = folder.path("p.json");
    let plan = plan.to_str().unwrap();
    let save = || folder.run(&["plan", "--out", plan, "-q"]).ended(0, "");
    let apply = ["apply", "--yes", "-q", plan];
    save();
    let run = time(&folder, &apply);
    for number in 1..=12 {
        reset(&folder);
        save();
        kill(&folder, &apply, delay(number, run));
        whole(&folder, (&before(), &after()));
        // What the killed run had not marked started is new; what it had finished is finished.
        let resumed = folder.run(&apply);
        let finished = resumed.code == 5 && resumed.err.contains("carried out already");
        assert!(resumed.code == 0 || finished, "{resumed:?}");
        assert_eq!(whole(&folder, (&before(), &after())), STORES);
        assert_eq!(folder.leftovers(), [""; 0]);
        folder.run(&apply).ended(5, "carried out already");
    }
}
