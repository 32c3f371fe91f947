//! How many instructions a rule, a fault, a SKU, an order, a number that is written and a change that is followed cost, and that twice as many cost no more than twice as much.
//!
//! Counted by valgrind, not timed: a busy machine counts the same. The build is that of the tests, so that the numbers are larger than those of
//! a release and stand for nothing but themselves; which stage costs what is for `benches/`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]
#![expect(unreachable_pub, dead_code, reason = "the support modules are shared by several tests")]

#[path = "support/built.rs"]
mod built;
#[path = "support/folder.rs"]
mod folder;
#[path = "support/kept.rs"]
mod kept;
#[path = "support/tools.rs"]
mod tools;

use folder::Folder;
use std::fmt::Write;
use std::process::Command;

/// What is counted.
struct Case {
    /// For the test's messages.
    name: &'static str,
    /// A project with so many of them.
    make: fn(usize) -> Folder,
    args: &'static [&'static str],
    /// The smallest project; the others have twice and four times as many.
    smallest: usize,
    /// So many instructions may one more of them cost: what was counted, and a quarter.
    each_max: u64,
}

/// The instructions of a run over so many of them.
fn count(case: &Case, size: usize) -> u64 {
    let folder = (case.make)(size);
    counted(case.name, &folder.command(case.args))
}

/// The instructions of a command.
fn counted(name: &str, plain: &Command) -> u64 {
    let mut counted = Command::new("valgrind");
    counted.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(plain.get_program());
    counted.args(plain.get_args());
    if let Some(folder) = plain.get_current_dir() {
        counted.current_dir(folder);
    }
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => counted.env(name, value),
            None => counted.env_remove(name),
        };
    }
    let ran = counted.output().unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.unwrap_or_else(|| panic!("{name}: no count in {told}"))
}

#[track_caller]
fn check(case: &Case) {
    check_growth(case.name, case.smallest, case.each_max, |size| count(case, size));
}

#[track_caller]
fn check_growth(name: &str, smallest: usize, each_max: u64, count: impl Fn(usize) -> u64) {
    if !tools::has(&["valgrind"], name) {
        return;
    }
    let counts = [1, 2, 4].map(|times| count(smallest * times));
    let (first, second) = (counts[1].saturating_sub(counts[0]), counts[2].saturating_sub(counts[1]));
    let each = second / (2 * smallest as u64);
    // Twice as many in the second step; what is sorted or looked up in a tree costs a little more.
    assert!(second as f64 <= first as f64 * 2.5, "{name}: more than linear: {counts:?}");
    assert!(each <= each_max, "{name}: each costs {each} instructions, {each_max} at most");
}

fn rules(count: usize, rate: fn(usize) -> &'static str) -> Folder {
    let folder = Folder::shop();
    let mut text = String::new();
    for at in 0..count {
        let rate = rate(at);
        _ = writeln!(
            text,
            "rule \"rule {at}\" {{\n  order {}\n  skus \"X{at:04}-*\" except \"X{at:04}-*-SAMPLE\"\n  warehouses jakarta, batam\n  \
             stores all\n  threshold 2\n  rate {rate}\n  store outlet {{ rate 20% cap 4 }}\n}}\n",
            at + 1
        );
    }
    folder.write("rules/a.sync", text);
    let config = std::fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    folder.write("stocksync.yaml", config + "limits: { rules: 100000 }\n");
    folder
}

fn skus(count: usize) -> Folder {
    let folder = Folder::shop();
    let (mut skus, mut stock) = ("sku,name\n".to_owned(), "sku,warehouse,available\n".to_owned());
    let (mut mappings, mut store) = ("sku,store,store_sku\n".to_owned(), "store_sku,quantity\n".to_owned());
    for at in 0..count {
        _ = writeln!(skus, "A-{at},Shoe");
        _ = writeln!(stock, "A-{at},jakarta,{}\nA-{at},batam,3", at % 50);
        _ = writeln!(mappings, "A-{at},shopee_id,S{at}\nA-{at},outlet,o/{at}");
        _ = writeln!(store, "S{at},{}", at % 7);
    }
    folder.write("catalog/skus.csv", skus);
    folder.write("catalog/stock.csv", stock);
    folder.write("catalog/mappings.csv", mappings);
    folder.write("stores/shopee_id.csv", &store);
    folder.write("stores/outlet.csv", store.replace("\nS", "\no/"));
    folder
}

fn orders(count: usize) -> Folder {
    let folder = Folder::shop();
    let mut events = String::new();
    for at in 0..count {
        _ = writeln!(
            events,
            r#"{{"id":"e{at}","type":"order-placed","order":"o{at}","store":"shopee_id","placed_at":"2026-05-11T00:00:00Z","lines":[{{"line":"1","store_sku":"S1","quantity":1}}]}}"#
        );
    }
    folder.write("events.jsonl", events);
    folder
}

#[test]
fn a_rule_that_is_linted() {
    check(&Case {
        name: "a rule",
        make: |count| rules(count, |_| "50%"),
        args: &["lint"],
        smallest: 100,
        each_max: 960_000,
    });
}

#[test]
fn a_fault_that_is_told() {
    let make = |count| rules(count, |_| "50 %");
    check(&Case {
        name: "a fault",
        make,
        args: &["lint", "--format", "concise"],
        smallest: 100,
        each_max: 2_260_000,
    });
}

#[test]
fn a_sku_that_is_planned() {
    let args = &["plan", "--format", "csv", "--at", "2026-05-11"];
    check(&Case { name: "a SKU", make: skus, args, smallest: 1_000, each_max: 150_000 });
}

#[test]
fn an_order_that_is_taken() {
    check(&Case {
        name: "an order",
        make: orders,
        args: &["orders", "events.jsonl"],
        smallest: 200,
        each_max: 630_000,
    });
}

/// From the plan through the outbox and the connector to what is recorded of it.
#[test]
fn a_sku_that_is_written() {
    let args = &["sync", "--yes"];
    check(&Case { name: "a SKU that is written", make: skus, args, smallest: 500, each_max: 490_000 });
}

/// In memory, as the daemon keeps a plan: a change of stock, and the listings whose numbers follow.
#[test]
fn a_change_that_a_kept_plan_follows() {
    const CHANGES: &str = "STOCKSYNC_COUNTED_CHANGES";
    let name = "a_change_that_a_kept_plan_follows";
    if let Ok(changes) = std::env::var(CHANGES) {
        assert!(kept::follow(changes.parse().unwrap()) > 0);
        return;
    }
    // This test again, by itself.
    check_growth("a change", 2_000, 3_250, |changes| {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", name]).env(CHANGES, changes.to_string());
        counted("a change", &again)
    });
}
