//! Connectors that misbehave, count otherwise, accept, forget or repeat secrets: what the program makes of them.

use crate::folder::{B_SYNCED, Folder};
use crate::shop::{SECRET, Shop};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::process::Command;
use stocksync::shell::locate::file_name;
use stocksync::shell::lock::Lock;

const CSV: &str = "connector: csv, settings: { path: stores/a.csv }";

/// The shop, whose store `a` is behind the connector that misbehaves. It shows 5 of everything it is asked for.
pub fn faulty(mode: &str, only: &str, more: Value) -> Folder {
    let folder = Folder::shop();
    let mut settings = json!({ "mode": mode, "only": only, "manifest": { "read": "some" } });
    for (name, value) in more.as_object().unwrap() {
        match value.as_object() {
            Some(value) if settings[name].is_object() => {
                settings[name].as_object_mut().unwrap().extend(value.clone());
            }
            _ => settings[name] = value.clone(),
        }
    }
    folder.edit("stocksync.yaml", CSV, &format!("connector: faulty, settings: {settings}"));
    folder
}

/// Puts a CSV file in the place of the connector.
fn now_a_file(folder: &Folder, numbers: [i64; 3]) {
    let yaml = folder.read("stocksync.yaml");
    let line = yaml.lines().find(|line| line.trim_start().starts_with("a:")).unwrap();
    folder.write("stocksync.yaml", &yaml.replace(line, &format!("  a: {{ {CSV} }}")));
    let [a, b, c] = numbers;
    folder.write("stores/a.csv", &format!("store_sku,quantity\nA1,{a}\nA2,{b}\nA3,{c}\n"));
}

#[test]
fn a_store_that_misbehaves_when_read_is_a_problem_and_the_other_is_written() {
    for (mode, said) in [
        ("panic", "panicked in `step`"),
        ("panic-in-open", "panicked in `open`"),
        ("refuses-to-open", "this shop is closed"),
        ("wrong-status", "not now"),
        ("never-done", "nothing is under way"),
        ("many-actions", "100000 actions in one step"),
        ("bad-body-range", "named bytes"),
        ("asks-outside", "`../../etc/passwd` is not inside the project's folder"),
        ("asks-absolute", "`/etc/passwd` is not inside the project's folder"),
        ("writes-outside", "`../outside.csv` is not inside the project's folder"),
        ("http-elsewhere", "the secret `token` is not configured"),
        ("twice", "has the store SKU `A1` twice"),
    ] {
        let folder = faulty(mode, "", json!({}));
        let problems = folder.plan(&[])["problems"].clone();
        assert_eq!(problems[0]["name"], "store-unreadable", "{mode}: {problems:#}");
        assert!(problems[0]["message"].as_str().unwrap().contains(said), "{mode}: {problems:#}");
        folder.run(&["plan"]).ended(2, said);
        folder.sync().ended(6, said);
        assert_eq!((folder.read("stores/b.csv").as_str(), folder.told().len()), (B_SYNCED, 1), "{mode}");
    }
}

/// A session for each two items, or one that is used again; then also several side by side.
fn two_a_session() -> [Value; 3] {
    let batch = json!({ "items_max": 2 });
    [
        json!({ "batch": batch }),
        json!({ "batch": batch, "reusable": true }),
        json!({ "batch": batch, "reusable": true, "limits": { "concurrency": 2 } }),
    ]
}

#[test]
fn a_store_that_misbehaves_when_written_has_each_number_recorded() {
    for (mode, said) in [
        ("panic", "failed not sent"),
        ("panic", "panicked in `step`"),
        ("unknown-index", "which it was not given"),
        ("duplicate-index", "two outcomes"),
        ("lies-outcome", "unknown outcome 99"),
        ("not-found", "failed not-found: no such listing"),
        ("wrong-status", "not now"),
        ("never-done", "nothing is under way"),
        ("silent", "unknown the connector gave no outcome"),
        ("writes-outside", "is not inside the project's folder"),
        ("writes-uncommitted", "had not committed"),
        ("escapes-in-text", "failed rejected:  [2J  sent"),
    ] {
        for manifest in two_a_session() {
            let folder = faulty(mode, "write", json!({ "manifest": manifest }));
            folder.sync().ended(6, "1 sent");
            let told = folder.told();
            assert_eq!(told.len(), 4, "{mode}: {told:?}");
            // Of two side by side both were under way before one of them broke.
            let both_begin = manifest.get("limits").is_some() && said == "failed not sent";
            let is_said = told.iter().any(|line| line.contains(said));
            assert!(is_said || both_begin, "{mode}: {told:?}");
            let neither = |line: &&String| {
                line.starts_with("a/") && !line.contains("failed") && !line.contains("unknown")
            };
            assert_eq!(told.iter().find(neither), None, "{mode}");
            assert_eq!(folder.read("stores/b.csv"), B_SYNCED, "{mode}");
            assert_eq!(folder.run(&["plan", "--exit-code"]).code, 1, "{mode}: it is planned again");
        }
    }
}

/// All batches of the store are on the thread that does not come back: none of them left, and each is told so.
#[test]
fn a_write_that_hangs_takes_the_batches_beside_it_along_and_no_other_store() {
    let manifest = json!({ "batch": { "items_max": 1 }, "reusable": true, "limits": { "concurrency": 2 } });
    let folder = faulty("hang", "write", json!({ "manifest": manifest }));
    folder.sync().ended(6, "1 sent");
    let told = folder.told();
    let given_up = "did not come back from `step` within 10000 ms and was given up";
    let lost =
        |line: &&String| line.starts_with("a/") && line.contains(" failed ") && line.contains(given_up);
    assert_eq!((told.len(), told.iter().filter(lost).count()), (4, 3), "{told:?}");
    assert_eq!(folder.read("stores/b.csv"), B_SYNCED);
}

#[test]
fn a_library_that_is_no_connector_is_said_to_be_none() {
    for (define, said) in [
        ("WRONG_ABI", "speaks ABI version 2"),
        ("SHORT_STRUCT", "a table of 24 bytes"),
        ("NULL_TABLE", "no table of functions"),
        ("NULL_FUNCTIONS", "a missing function"),
        ("NULL_MANIFEST", "no manifest"),
        ("GARBAGE_MANIFEST", "a manifest that cannot be read"),
        ("HUGE_MANIFEST", "no manifest, or one above"),
        ("MISSING_SYMBOL", "does not export"),
        ("UNDEFINED_SYMBOL", "cannot be loaded"),
    ] {
        let folder = Folder::shop();
        if !compile(&folder, "plugins/faulty/c/refused.c", "refused", define) {
            return;
        }
        folder.edit("stocksync.yaml", CSV, "connector: refused");
        folder.configure("plugins: [plugins]");
        lock(&folder, "refused");
        folder.run(&["lint"]).ended(1, said);
        folder.run(&["plan"]).ended(2, said);
        folder.sync().ended(6, said);
        assert_eq!(folder.read("stores/b.csv"), B_SYNCED, "{define}");
    }
}

/// Writes the lock by hand, as whoever trusts a library unseen might.
pub fn lock(folder: &Folder, connector: &str) {
    let library = fs::read(folder.path("plugins").join(file_name(connector))).unwrap();
    let sha256: String = Sha256::digest(library).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut lock = Lock::default();
    lock.insert(connector, "1.0.0", 1, &sha256);
    folder.write("stocksync.lock", &lock.text());
}

/// Builds a connector in C into the project's `plugins`; says whether there is a compiler.
pub fn compile(folder: &Folder, source: &str, name: &str, define: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(folder.path("plugins")).unwrap();
    let library = folder.path("plugins").join(file_name(name));
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-I"]).arg(root.join("plugins/sdk")).arg(format!("-D{define}"));
    match cc.arg("-o").arg(library).arg(root.join(source)).status() {
        Ok(status) => assert!(status.success(), "{source} {define} compiles"),
        Err(why) => {
            assert!(std::env::var("STOCKSYNC_REQUIRE").is_err(), "no `cc`: {why}");
            return false;
        }
    }
    true
}

/// The shop, whose store `b` is behind the connector in plain C.
pub fn ledger() -> Option<Folder> {
    let folder = Folder::shop();
    let csv = "connector: csv, settings: { path: stores/b.csv }";
    folder.edit("stocksync.yaml", csv, "connector: ledger, settings: { path: stores/b.csv }");
    folder.configure("plugins: [plugins]");
    folder.write("stores/b.csv", "B1,10\n\nB4,0\n");
    if !compile(&folder, "plugins/sdk/c/ledger.c", "ledger", "LEDGER") {
        return None;
    }
    folder.run(&["connectors", "lock"]).ended(0, "ledger");
    Some(folder)
}

#[test]
fn a_connector_in_plain_c_plans_and_syncs() {
    let Some(folder) = ledger() else { return };
    assert_eq!(folder.plan(&["--store", "b"])["rows"][0]["planned"], 3);
    folder.run(&["connectors", "check", "b"]).ended(0, "");
    folder.sync().ended(0, "4 sent");
    assert_eq!(folder.read("stores/b.csv"), "B1,10\n\nB4,3\n");
    folder.nothing_left();
}

#[test]
fn a_store_that_takes_its_orders_off_is_written_what_they_hold_too() {
    let more =
        json!({ "held": 2, "manifest": { "quantity_kind": "on_hand", "write": { "conditional": true } } });
    let folder = faulty("tells", "write", more);
    let plan = folder.plan(&["--store", "a"]);
    assert_eq!((&plan["rows"][0]["current"], &plan["rows"][0]["planned"]), (&json!(3), &json!(10)));
    folder.sync().ended(6, "");
    let told = folder.told();
    let expected = [
        "a/A1 10 failed rejected: 12 for 5",
        "a/A2 0 failed rejected: 2 for 5",
        "a/A3 7 failed rejected: 9 for 5",
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!(*told, format!("{expected} in a batch of 3"));
    }
}

#[test]
fn batches_and_bounds_are_those_of_the_effective_manifest() {
    let manifest = json!({ "manifest": { "batch": { "items_max": 2 }, "quantity": { "min": 1, "max": 6 } } });
    let folder = faulty("tells", "write", manifest);
    folder.write("catalog/mappings.csv", "sku,store,store_sku\nS1,a,A1\nS2,a,A2\nS3,a,A3\nS4,a,A4\n");
    let plan = folder.plan(&[]);
    let rows: Vec<_> =
        plan["rows"].as_array().unwrap().iter().map(|r| (&r["planned"], &r["reason"])).collect();
    let (limit, rate) = (json!("store-limit"), json!("rate"));
    assert_eq!(rows, [(&json!(6), &limit), (&json!(6), &limit), (&json!(3), &rate)]);
    let problem = &plan["problems"][0];
    assert_eq!((&problem["name"], &problem["store_sku"]), (&json!("below-store-minimum"), &json!("A2")));
    folder.sync().ended(6, "3 failed");
    let mut batches: Vec<_> = folder.told().iter().map(|line| line.chars().last().unwrap()).collect();
    batches.sort_unstable();
    assert_eq!(batches, ['1', '2', '2']);
}

#[test]
fn a_store_that_can_only_be_read_whole_is_asked_for_nothing_by_name() {
    let folder = faulty("good", "", json!({ "manifest": { "read": "all" } }));
    let problems = folder.plan(&[])["problems"].clone();
    assert_eq!(problems.as_array().unwrap().len(), 3, "it was given no names: {problems:#}");
}

#[test]
fn one_dead_listing_does_not_block_a_batch_of_all_or_nothing() {
    for reusable in [false, true] {
        let manifest = json!({ "batch": { "all_or_nothing": true }, "reusable": reusable });
        let folder = faulty("refuses-dead", "write", json!({ "manifest": manifest }));
        let rows: String = (0..9).map(|n| format!("S1,a,A-{n}\n")).collect();
        folder.write("catalog/mappings.csv", &format!("sku,store,store_sku\n{rows}S1,a,DEAD\n"));
        folder.sync().ended(6, "9 sent, 1 failed");
        let told = folder.told();
        let dead: Vec<_> = told.iter().filter(|line| !line.ends_with("sent -")).collect();
        assert_eq!(dead, ["a/DEAD 10 failed rejected: one of them is dead"]);
    }
}

#[test]
fn what_a_store_only_accepted_is_pending_until_it_shows_it() {
    let folder = faulty("accepts", "write", json!({}));
    folder.sync().ended(0, "1 sent, 3 accepted");
    assert_eq!(folder.told(), ["a/A1 10 pending -", "a/A2 0 pending -", "a/A3 7 pending -", "b/B4 3 sent -"]);
    now_a_file(&folder, [10, 0, 7]);
    folder.sync().ended(0, "");
    assert!(folder.told().iter().all(|line| line.ends_with("sent -")), "{:?}", folder.told());
}

#[test]
fn what_nobody_knows_ends_in_a_read() {
    for reusable in [false, true] {
        let folder = faulty("silent", "write", json!({ "manifest": { "reusable": reusable } }));
        folder.sync().ended(6, "1 sent, 3 unknown");
        now_a_file(&folder, [10, 0, 1]);
        folder.sync().ended(0, "1 sent");
        let told = folder.told();
        let ended = ["a/A1 10 sent -", "a/A2 0 sent -", "a/A3 7 unknown no answer came; the store shows 1"];
        assert_eq!((&told[..3], told[4].as_str()), (&ended.map(str::to_owned)[..], "a/A3 7 sent -"));
        folder.nothing_left();
    }
}

/// The shop, whose store `a` sends its secret to a server that says it back.
fn echoing(shop: &Shop, only: &str) -> Folder {
    let mut folder =
        faulty("echoes", only, json!({ "url": shop.url, "manifest": { "hosts": ["127.0.0.1"] } }));
    folder.edit(
        "stocksync.yaml",
        "connector: faulty,",
        "connector: faulty, secrets: { token: \"env:SHOP_TOKEN\" },",
    );
    folder.env.push(("SHOP_TOKEN".to_owned(), SECRET.to_owned()));
    folder
}

#[test]
fn no_secret_is_shown_or_kept_in_any_form() {
    for only in ["write", ""] {
        let shop = Shop::open();
        let folder = echoing(&shop, only);
        let plan = folder.path("p.json");
        let mut seen = Vec::new();
        for args in [
            &["plan", "-v", "--out", plan.to_str().unwrap()][..],
            &["plan", "--format", "json", "--all"],
            &["plan", "--format", "html"],
            &["plan", "--format", "md"],
            &["sync", "--yes", "-v"],
            &["records", "--format", "jsonl"],
            &["records"],
            &["connectors", "check", "a"],
            &["connectors", "list", "--format", "json"],
            &["why", "S1"],
            &["lint", "--format", "json"],
        ] {
            let ran = folder.run(args);
            seen.push(ran.out);
            seen.push(ran.err);
        }
        for entry in fs::read_dir(folder.path(".stocksync")).unwrap() {
            seen.push(String::from_utf8_lossy(&fs::read(entry.unwrap().path()).unwrap()).into_owned());
        }
        seen.push(folder.read("p.json"));
        let shapes = Shop::shapes();
        let heard = shop.close().join("\n");
        assert!(shapes.iter().all(|shape| heard.contains(shape)), "the store was told it: {heard}");
        assert!(seen.iter().any(|text| text.contains("***")), "and said it back");
        for (shape, text) in shapes.iter().flat_map(|shape| seen.iter().map(move |text| (shape, text))) {
            assert!(!text.contains(shape), "{shape} is in: {text}");
        }
    }
}

#[test]
fn a_store_sku_that_looks_like_a_placeholder_is_never_filled_in() {
    let shop = Shop::open();
    let folder = echoing(&shop, "");
    folder.edit("catalog/mappings.csv", "S1,a,A1", "S1,a,X{{secret:token}}Y");
    folder.sync().ended(6, "store `a`");
    let heard = shop.close().join("\n");
    assert!(heard.contains("A2 A3"), "{heard}");
    assert!(!heard.contains(&format!("X{SECRET}Y")), "{heard}");
}

#[test]
fn what_failed_is_tried_again_and_nothing_else() {
    let folder = faulty("not-found", "write", json!({}));
    folder.sync().ended(6, "3 failed");
    now_a_file(&folder, [5, 5, 5]);
    folder.write("stores/b.csv", "store_sku,quantity\nB1,1\nB4,1\n");
    folder.run(&["records", "retry", "--yes", "--sku", "S2"]).ended(0, "1 sent");
    folder.run(&["records", "retry", "--yes"]).ended(0, "2 sent");
    assert_eq!(folder.read("stores/a.csv"), "store_sku,quantity\nA1,10\nA2,0\nA3,7\n");
    assert_eq!(folder.read("stores/b.csv"), "store_sku,quantity\nB1,1\nB4,1\n", "nothing of it failed");
    let triggers: Vec<_> = folder.records().iter().map(|record| record["trigger"].clone()).collect();
    assert_eq!(triggers[triggers.len() - 3..], ["retry", "retry", "retry"]);
    folder.run(&["records", "retry", "--yes"]).ended(0, "nothing to retry");
}
