//! Half a million real order lines: in, twice and shuffled, and every number equals a plain sum over the rows.
//!
//! The data are not part of the repository: `STOCKSYNC_DATA` names the folder that has `online-retail/orders.csv.gz`, the order
//! lines of an online shop (Chen, Sain and Guo 2012; UCI Machine Learning Repository, Online Retail, 541,909 rows). Without it the test
//! is skipped by its name.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests work on real folders, and say what they skip"
)]
#![expect(unreachable_pub, reason = "what tests share is a file of its own")]

#[path = "support/built.rs"]
mod built;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

fn data() -> Option<PathBuf> {
    let test = "half_a_million_order_lines_come_to_a_plain_sum";
    let file =
        std::env::var_os("STOCKSYNC_DATA").map(|data| Path::new(&data).join("online-retail/orders.csv.gz"));
    let missing = match &file {
        Some(file) if file.exists() => return Some(file.clone()),
        Some(_) => "STOCKSYNC_DATA has no online-retail/orders.csv.gz",
        None => "STOCKSYNC_DATA is not set",
    };
    eprintln!("skipped: {test}: {missing}");
    None
}

fn run(command: &mut Command) -> String {
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

fn program(project: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stocksync"));
    command.arg("-C").arg(project).args(args).env("STOCKSYNC_PLUGINS", built::plugins());
    run(&mut command)
}

/// What is left of each SKU: by the program's plan, and by the plain sum.
fn numbers(project: &Path) -> (BTreeMap<String, i64>, BTreeMap<String, i64>) {
    let plan = program(project, &["plan", "--no-read", "--all", "--format", "csv"]);
    let mut lines = plan.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| head.iter().position(|cell| *cell == name).unwrap();
    let (sku, available) = (column("sku"), column("available"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[sku].to_owned(), cells[available].parse().unwrap())
    };
    let expected = fs::read_to_string(project.join("expected.csv")).unwrap();
    let plain = expected.lines().skip(1).map(|line| {
        let (sku, units) = line.rsplit_once(',').unwrap();
        (sku.to_owned(), units.parse().unwrap())
    });
    (lines.map(row).collect(), plain.collect())
}

#[test]
fn half_a_million_order_lines_come_to_a_plain_sum() {
    let Some(data) = data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/uci_orders.py");
    for (name, more) in [("ordered", vec![]), ("shuffled", vec!["--shuffle", "7", "--twice"])] {
        let project = folder.path().join(name);
        run(Command::new("python3").arg(&script).arg(&data).arg(&project).args(more));
        let events = project.join("events.jsonl");
        let began = Instant::now();
        let said = program(&project, &["orders", events.to_str().unwrap()]);
        let seconds = began.elapsed().as_secs_f64();
        let lines = fs::read_to_string(&events).unwrap().matches("\"store_sku\"").count();
        eprintln!("{name}: {} in {seconds:.1} s, {lines} lines", said.trim());
        if name == "ordered" {
            let count = said.split(' ').next().unwrap();
            let again = program(&project, &["orders", events.to_str().unwrap()]);
            assert_eq!(again, format!("0 events taken, {count} taken before\n"));
        }
        let (numbers, plain) = numbers(&project);
        assert_eq!(numbers.len(), plain.len());
        assert_eq!(numbers, plain);
    }
}
