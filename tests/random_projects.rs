//! Projects made at random, planned by the program and by the model: every row must be the same.
//!
//! `STOCKSYNC_PROJECTS=500 cargo test --test random_projects` tries more of them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]
#![expect(clippy::panic, reason = "tests")]
#![expect(unreachable_pub, reason = "the support modules are shared by several tests")]

mod support;

use std::path::Path;
use std::process::Command;
use support::model::{self, Row};
use support::rng::Rng;
use support::shop::Shop;
use support::write::write;

const AT: &str = "2026-11-27T12:00:00Z";

fn plan(root: &Path) -> Vec<Row> {
    let output = Command::new(env!("CARGO_BIN_EXE_stocksync"))
        .env("STOCKSYNC_PLUGINS", support::built::plugins())
        .arg("-C")
        .arg(root)
        .args(["plan", "--all", "--format", "json", "--at", AT])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {told}", root.display());
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let number = |row: &serde_json::Value, key: &str| i128::from(row[key].as_i64().unwrap());
    let rows = plan["rows"].as_array().unwrap().iter();
    rows.map(|row| Row {
        store: text(row, "store"),
        store_sku: text(row, "store_sku"),
        sku: text(row, "sku"),
        rule: text(row, "rule"),
        order: number(row, "order"),
        available: number(row, "available"),
        current: number(row, "current"),
        planned: number(row, "planned"),
        reason: text(row, "reason"),
    })
    .collect()
}

fn check(seed: u64, skus: usize, rules: usize) {
    let mut rng = Rng(seed);
    let shop = Shop::random(&mut rng, skus, rules);
    let folder = tempfile::tempdir().unwrap();
    write(&shop, folder.path(), &mut rng);
    let (expected, planned) = (model::plan(&shop), plan(folder.path()));
    if let Some((model, program)) = expected.iter().zip(&planned).find(|(a, b)| a != b) {
        let kept = folder.keep();
        panic!("seed {seed} in {}:\nmodel   {model:?}\nprogram {program:?}", kept.display());
    }
    assert_eq!(expected.len(), planned.len(), "seed {seed}");
}

#[test]
fn every_row_of_a_random_project_is_as_the_model_says() {
    let count = std::env::var("STOCKSYNC_PROJECTS").map_or(40, |count| count.parse().unwrap());
    for seed in 0..count {
        check(seed, 30 + seed as usize % 50, 1 + seed as usize % 24);
    }
}

#[test]
fn a_shop_of_400_skus_8_stores_and_25_rules_is_as_the_model_says() {
    check(1_000_003, 400, 25);
}

#[test]
fn the_way_a_project_is_written_down_changes_nothing() {
    for seed in 0..6 {
        let shop = Shop::random(&mut Rng(seed), 60, 12);
        let plans = [1, 2, 3].map(|layout| {
            let folder = tempfile::tempdir().unwrap();
            write(&shop, folder.path(), &mut Rng(seed * 31 + layout));
            plan(folder.path())
        });
        assert!(!plans[0].is_empty(), "seed {seed} plans nothing");
        assert_eq!(plans[0], plans[1], "seed {seed}");
        assert_eq!(plans[0], plans[2], "seed {seed}");
    }
}

#[test]
fn formatting_changes_no_number() {
    for seed in 0..12 {
        let mut rng = Rng(seed);
        let shop = Shop::random(&mut rng, 60, 1 + seed as usize);
        let folder = tempfile::tempdir().unwrap();
        write(&shop, folder.path(), &mut rng);
        let before = plan(folder.path());
        let fmt = |args: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_stocksync"));
            let ran = command.arg("-C").arg(folder.path()).arg("fmt").args(args).output().unwrap();
            (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
        };
        assert_eq!(fmt(&["--check"]).0, Some(1), "seed {seed} is in the style by chance");
        let formatted = fmt(&[]);
        assert_eq!(formatted.0, Some(0), "seed {seed}: {}", formatted.1);
        assert_eq!(fmt(&["--check"]).0, Some(0), "seed {seed}");
        assert_eq!(plan(folder.path()), before, "seed {seed}");
    }
}

#[test]
fn after_a_sync_of_a_random_project_nothing_is_left_to_do() {
    for seed in 0..12 {
        let mut rng = Rng(seed);
        let shop = Shop::random(&mut rng, 60, 1 + seed as usize);
        let folder = tempfile::tempdir().unwrap();
        write(&shop, folder.path(), &mut rng);
        let run = |args: &[&str]| {
            let ran = Command::new(env!("CARGO_BIN_EXE_stocksync"))
                .env("STOCKSYNC_PLUGINS", support::built::plugins())
                .arg("-C")
                .arg(folder.path())
                .args(args)
                .output()
                .unwrap();
            (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
        };
        assert_eq!(run(&["plan", "--exit-code", "-q"]).0, Some(1), "seed {seed} plans nothing");
        let synced = run(&["sync", "--yes", "-q"]);
        assert_eq!(synced.0, Some(0), "seed {seed}: {}", synced.1);
        let planned = run(&["plan", "--exit-code", "-q"]);
        assert_eq!(planned.0, Some(0), "seed {seed}: {}", planned.1);
    }
}
