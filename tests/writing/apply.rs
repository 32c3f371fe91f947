//! `apply` from end to end: a saved plan, exactly and once.

use crate::folder::{A_SYNCED, B_SYNCED, Folder, Ran};
use serde_json::{Value, json};

const A: &str = "stores/a.csv";
const B: &str = "stores/b.csv";

/// The shop, and a plan of it saved as `p.json`.
fn planned() -> Folder {
    let folder = Folder::shop();
    save(&folder, &[]);
    folder
}

#[track_caller]
fn save(folder: &Folder, more: &[&str]) {
    let file = folder.path("p.json");
    folder.run(&[&["plan", "--out", file.to_str().unwrap()], more].concat()).ended(0, "");
}

fn apply(folder: &Folder, more: &[&str]) -> Ran {
    let file = folder.path("p.json");
    folder.run(&[&["apply", "--yes", file.to_str().unwrap()], more].concat())
}

/// Refused with this exit code, having said this, and nothing written.
#[track_caller]
fn refused(folder: &Folder, code: i32, said: &str) {
    let before = (folder.read(A), folder.read(B), folder.told(), folder.activations());
    apply(folder, &[]).ended(code, said);
    assert_eq!((folder.read(A), folder.read(B), folder.told(), folder.activations()), before);
}

#[test]
fn a_plan_is_carried_out_exactly_and_once() {
    let folder = planned();
    apply(&folder, &[]).ended(0, "4 sent");
    assert_eq!((folder.read(A).as_str(), folder.read(B).as_str()), (A_SYNCED, B_SYNCED));
    let plan: Value = serde_json::from_str(&folder.read("p.json")).unwrap();
    let records = folder.records();
    assert!(
        records.iter().all(|record| record["trigger"] == "apply" && record["plan_id"] == plan["plan_id"])
    );
    assert_eq!(folder.told(), ["a/A1 10 sent -", "a/A2 0 sent -", "a/A3 7 sent -", "b/B4 3 sent -"]);
    folder.nothing_left();
    refused(&folder, 5, "carried out already");
    // Put back as it was, the plan would fit again: it is used all the same.
    folder.write(A, &Folder::shop().read(A));
    refused(&folder, 5, "carried out already");
}

#[test]
fn a_part_is_applied_as_it_was_planned() {
    let folder = Folder::shop();
    save(&folder, &["--store", "b"]);
    apply(&folder, &[]).ended(0, "1 sent");
    assert_eq!((folder.read(A), folder.read(B).as_str()), (Folder::shop().read(A), B_SYNCED));
}

#[test]
fn a_plan_that_no_longer_fits_is_refused() {
    let edits = [
        (A, "Sock,A2,5,", "Sock,A2,6,", "`A2` in `a`: the store shows 6, not 5"),
        ("catalog/stock.csv", "S3,main,7", "S3,main,8", "`A3` in `a`: the rules now give 8, not 7"),
        ("rules/base.sync", "threshold 2", "threshold 3", "other rules"),
        ("catalog/mappings.csv", "S4,b,B4\n", "", "`B4` in `b`: it is not mapped any more"),
        ("stores/b.csv", "B4,0\n", "", "does not have it"),
    ];
    for (path, from, to, said) in edits {
        let folder = planned();
        folder.edit(path, from, to);
        refused(&folder, 5, said);
    }
}

#[test]
fn layout_and_another_file_are_no_other_rules() {
    let folder = planned();
    folder.write("rules/renamed.sync", &format!("# moved\n{}", folder.read("rules/base.sync")));
    std::fs::remove_file(folder.path("rules/base.sync")).unwrap();
    apply(&folder, &[]).ended(0, "4 sent");
}

#[test]
fn stale_rows_are_left_out_where_that_is_asked_for() {
    let folder = planned();
    folder.edit(A, "Sock,A2,5,", "Sock,A2,6,");
    apply(&folder, &["--skip-stale"]).ended(6, "3 sent, 1 left out");
    assert_eq!(folder.read(A), A_SYNCED.replace("A2,0", "A2,6"));
    assert_eq!(folder.read(B), B_SYNCED);
    assert!(folder.told().contains(&"a/A2 0 skipped stale".to_owned()), "{:?}", folder.told());
    refused(&folder, 5, "carried out already");
}

#[test]
fn a_row_that_is_there_already_is_done() {
    let folder = planned();
    folder.edit(A, "Sock,A2,5,", "Sock,A2,0,");
    apply(&folder, &[]).ended(0, "3 sent");
    folder.nothing_left();
}

#[test]
fn a_plan_for_another_moment_is_for_looking_only() {
    let folder = Folder::shop();
    save(&folder, &["--at", "2030-01-01"]);
    refused(&folder, 5, "for looking only");
}

#[test]
fn what_is_no_plan_is_said_to_be_none() {
    let folder = planned();
    let plan = folder.read("p.json");
    let half = plan.get(..plan.len() / 2).unwrap().to_owned();
    let newer = plan.replace("\"format_version\":1", "\"format_version\":9");
    let texts = [
        ("", "is cut off"),
        ("hello", "is no saved plan"),
        ("{}", "is no saved plan"),
        ("[1,2]", "is no saved plan"),
        (half.as_str(), "is cut off"),
        (newer.as_str(), "format 9"),
        ("{\"format_version\":1,\"rows\":[]}", "is no saved plan"),
    ];
    for (text, said) in texts {
        folder.write("p.json", text);
        refused(&folder, 2, said);
    }
    std::fs::remove_file(folder.path("p.json")).unwrap();
    refused(&folder, 2, "cannot read");
}

#[test]
fn the_plan_of_another_project_is_refused() {
    let (folder, other) = (planned(), Folder::shop());
    let plan = folder.read("p.json");
    other.write("p.json", &plan);
    other.edit("rules/base.sync", "\"Base\"", "\"Basis\"");
    refused(&other, 5, "other rules");
    let other = Folder::shop();
    other.write("p.json", &plan);
    other.edit("catalog/mappings.csv", "S1,a,A1", "S3,a,A1");
    refused(&other, 5, "no longer fit");
}

#[test]
fn a_store_that_cannot_be_read_now_cannot_be_applied_to() {
    let folder = planned();
    folder.write(A, "a;b\n");
    refused(&folder, 2, "store `a`");
    apply(&folder, &["--skip-stale"]).ended(6, "1 sent, 3 left out");
    assert_eq!(folder.read(B), B_SYNCED);
}

#[test]
fn guards_pause_and_switch_hold_for_a_saved_plan_too() {
    let folder = planned();
    folder.configure("guards: { changed: 50% }");
    refused(&folder, 4, "changed");
    apply(&folder, &["--allow", "changed"]).ended(0, "4 sent");

    let folder = planned();
    folder.configure("inventory_features: false");
    apply(&folder, &[]).ended(0, "switched off");
    assert_eq!(folder.read(A), Folder::shop().read(A));
    folder.edit("stocksync.yaml", "inventory_features: false", "");
    apply(&folder, &[]).ended(0, "4 sent");

    let folder = planned();
    folder.edit("stocksync.yaml", "path: stores/a.csv }", "path: stores/a.csv }, paused: true");
    apply(&folder, &[]).ended(0, "store `a` is paused: 3 numbers are not written");
    assert_eq!((folder.read(A), folder.read(B).as_str()), (Folder::shop().read(A), B_SYNCED));
}

#[test]
fn a_plan_of_last_known_numbers_is_applied_to_what_the_stores_show() {
    let folder = Folder::shop();
    save(&folder, &["--no-read"]);
    apply(&folder, &[]).ended(0, "4 sent");
    assert_eq!((folder.read(A).as_str(), folder.read(B).as_str()), (A_SYNCED, B_SYNCED));
    assert_eq!(folder.records()[0]["before"], json!(4));
}
