//! What goes on around a write: addresses, parents, accepted writes asked for, sessions and stores side by side.

use crate::connectors::faulty;
use crate::folder::{B_SYNCED, Folder};
use crate::shop::Shop;
use serde_json::{Value, json};
use std::fs;

/// A store with addresses, which refuses every number in words that tell what it was handed.
fn addressed(addresses: Value, batch: Value) -> Folder {
    let operations = json!(["check", "resolve", "read", "write"]);
    let manifest = json!({ "operations": operations, "batch": batch, "limits": { "concurrency": 4 } });
    faulty("tells", "write", json!({ "addresses": addresses, "manifest": manifest }))
}

/// What became of the numbers of store `a`, by store SKU.
#[track_caller]
fn told_of_a(folder: &Folder) -> Vec<String> {
    let mut told: Vec<_> = folder.told().into_iter().filter(|line| line.starts_with("a/")).collect();
    told.sort();
    told
}

fn problems(plan: &Value) -> Vec<(&str, &str)> {
    let all = plan["problems"].as_array().unwrap().iter();
    all.map(|p| (p["name"].as_str().unwrap(), p["store_sku"].as_str().unwrap_or("-"))).collect()
}

#[test]
fn every_item_goes_with_its_address_and_a_session_is_of_one_parent() {
    let folder = addressed(
        json!({ "A1": ["1", "P"], "A2": ["2", "Q"], "A3": ["3", "P"] }),
        json!({ "items_max": 2, "group_by": "parent" }),
    );
    folder.sync().ended(6, "1 sent, 3 failed");
    let expected = [
        "a/A1 10 failed rejected: 10 for 5 at `1` of `P` in a batch of 2",
        "a/A2 0 failed rejected: 0 for 5 at `2` of `Q` in a batch of 1",
        "a/A3 7 failed rejected: 7 for 5 at `3` of `P` in a batch of 2",
    ];
    assert_eq!(told_of_a(&folder), expected);
    assert_eq!(folder.read("stores/b.csv"), B_SYNCED);
}

#[test]
fn a_session_never_has_more_items_than_the_store_takes() {
    let folder = addressed(
        json!({ "A1": ["1", "P"], "A2": ["2", "P"], "A3": ["3", "P"] }),
        json!({ "items_max": 2, "group_by": "parent" }),
    );
    folder.sync().ended(6, "3 failed");
    let mut sizes: Vec<_> = told_of_a(&folder).iter().map(|line| line.chars().last().unwrap()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, ['1', '2', '2']);
}

#[test]
fn of_a_parent_that_goes_whole_the_others_keep_their_numbers() {
    let folder = addressed(
        json!({ "A1": ["1", "P"], "A2": ["2", "Q"], "A3": ["3", "P"] }),
        json!({ "items_max": 1, "group_by": "parent", "whole_groups": true }),
    );
    folder.run(&["sync", "--yes", "--sku", "S1", "--store", "a"]).ended(6, "1 failed");
    assert_eq!(told_of_a(&folder), ["a/A1 10 failed rejected: 10 for 5 at `1` of `P` in a batch of 2"]);
}

#[test]
fn what_a_store_does_not_have_or_has_twice_is_a_problem_and_is_not_written() {
    let folder = addressed(json!({ "A1": ["1", ""], "A2": ["2", "", "22", ""] }), json!({}));
    let plan = folder.plan(&["--store", "a"]);
    assert_eq!(problems(&plan), [("listing-twice", "A2"), ("missing-listing", "A3")]);
    folder.sync().ended(6, "1 sent, 1 failed");
    assert_eq!(told_of_a(&folder), ["a/A1 10 failed rejected: 10 for 5 at `1` of `` in a batch of 1"]);
}

#[test]
fn addresses_are_kept_until_the_store_has_nothing_there() {
    let folder = addressed(json!({ "A1": ["1", ""], "A2": ["2", ""], "A3": ["3", ""] }), json!({}));
    folder.sync().ended(6, "3 failed");
    // Nothing would be answered any more, and nothing is asked.
    folder.edit("stocksync.yaml", r#""A1":["1",""],"A2":["2",""],"A3":["3",""]"#, r#""A1":["9",""]"#);
    assert_eq!(problems(&folder.plan(&["--store", "a"])), []);
    // Two listings have moved: one is found again, the other is not.
    folder.edit("stocksync.yaml", r#""addresses""#, r#""gone":["1","2"],"addresses""#);
    assert_eq!(problems(&folder.plan(&["--store", "a"])), [("missing-listing", "A2")]);
    folder.sync().ended(6, "");
    assert!(told_of_a(&folder).iter().any(|line| line.contains("10 for 5 at `9`")), "{:?}", folder.told());
    folder.edit("stocksync.yaml", r#""A1":["9",""]"#, "");
    assert_eq!(problems(&folder.plan(&["--store", "a"])), [("missing-listing", "A2")], "9 is kept, 2 is not");
}

#[test]
fn a_plan_keeps_addresses_where_it_may() {
    let known = json!({ "A1": ["1", ""], "A2": ["2", ""], "A3": ["3", ""] });
    let forget = |folder: &Folder| {
        folder.edit("stocksync.yaml", r#""A1":["1",""],"A2":["2",""],"A3":["3",""]"#, r#""A1":["9",""]"#);
    };
    let folder = addressed(known.clone(), json!({}));
    folder.plan(&["--store", "b"]);
    assert!(!folder.path(".stocksync").exists(), "there is nothing to keep of a file");
    assert_eq!(problems(&folder.plan(&[])), []);
    // Nothing would be answered any more, and nothing is asked.
    forget(&folder);
    folder.sync().ended(6, "1 sent, 3 failed");
    assert!(told_of_a(&folder)[0].contains("10 for 5 at `1`"), "{:?}", folder.told());

    // A run that holds the state is not waited for, and the plan is as good.
    let folder = addressed(known, json!({}));
    folder.write(".stocksync/lock", r#"{"pid":1,"command":"sync","since":"2026-01-01T00:00:00Z"}"#);
    let held = fs::File::options().read(true).write(true).open(folder.path(".stocksync/lock")).unwrap();
    held.lock().unwrap();
    assert_eq!(problems(&folder.plan(&[])), []);
    folder.sync().ended(2, "the state is held by `stocksync sync`");
    drop(held);
    forget(&folder);
    assert_eq!(
        problems(&folder.plan(&["--store", "a"])),
        [("missing-listing", "A2"), ("missing-listing", "A3")]
    );
}

#[test]
fn a_plan_counts_a_request_for_each_parent() {
    let known = json!({ "A1": ["1", "P"], "A2": ["2", "Q"], "A3": ["3", "P"] });
    for (batch, requests) in [
        (json!({ "items_max": 2 }), 2),
        (json!({ "items_max": 2, "group_by": "parent" }), 2),
        (json!({ "items_max": 50, "group_by": "parent" }), 2),
        (json!({ "items_max": 1, "group_by": "parent" }), 3),
        (json!({ "items_max": 1, "group_by": "parent", "whole_groups": true }), 2),
    ] {
        let folder = addressed(known.clone(), batch.clone());
        let plan = folder.plan(&["--store", "a"]);
        assert_eq!(plan["calls"]["a"]["requests"], json!(requests), "{batch}");
        // Where only the unchanged are shown besides, they are not counted.
        assert_eq!(folder.plan(&["--store", "a", "--all"])["calls"], plan["calls"], "{batch}");
    }
    // Parents that nobody knows are not guessed at: as few as there may be.
    let folder = addressed(known, json!({ "items_max": 50, "group_by": "parent" }));
    assert_eq!(folder.plan(&["--store", "a", "--no-read"])["calls"]["a"]["requests"], json!(1));
}

/// A store that accepts, and answers this when it is asked what became of it.
fn accepting(polled: &str) -> Folder {
    let manifest = json!({ "operations": ["check", "read", "write", "poll"] });
    let folder = faulty("accepts", "write", json!({ "polled": polled, "manifest": manifest }));
    folder.edit("stocksync.yaml", "connector: faulty,", "limits: { poll_seconds: 0 }, connector: faulty,");
    folder
}

#[test]
fn accepted_writes_are_asked_for_in_the_same_run() {
    let folder = accepting("sent");
    folder.sync().ended(0, "4 sent");
    assert_eq!(told_of_a(&folder), ["a/A1 10 sent -", "a/A2 0 sent -", "a/A3 7 sent -"]);
    let folder = accepting("failed");
    folder.sync().ended(6, "1 sent, 3 failed");
    assert_eq!(told_of_a(&folder)[0], "a/A1 10 failed rejected: looked at it, and no");
}

#[test]
fn what_stays_accepted_is_asked_for_first_by_the_next_run() {
    let folder = accepting("accepted");
    folder.sync().ended(0, "1 sent, 3 accepted");
    assert!(told_of_a(&folder).iter().all(|line| line.ends_with("pending -")), "{:?}", folder.told());
    folder.edit("stocksync.yaml", r#""polled":"accepted""#, r#""polled":"failed""#);
    folder.edit("stocksync.yaml", "limits:", "paused: true, limits:");
    folder.sync().ended(0, "");
    let failed = |line: &&String| line.ends_with("failed rejected: looked at it, and no");
    assert_eq!(folder.told().iter().filter(failed).count(), 3, "{:?}", folder.told());
}

#[test]
fn a_ticket_in_which_a_secret_would_be_filled_in_is_refused() {
    let manifest = json!({ "operations": ["check", "read", "write", "poll"] });
    let ticket = "7/{{secret:token}}";
    let folder = faulty("accepts", "write", json!({ "ticket": ticket, "manifest": manifest }));
    folder.sync().ended(6, "gave item 0 a ticket with a secret's place in it");
    assert!(folder.told().iter().all(|line| !line.contains(ticket)), "{:?}", folder.told());
}

#[test]
fn an_address_in_which_a_secret_would_be_filled_in_is_refused() {
    for place in [json!(["{{secret:token}}", ""]), json!(["1", "{{sign:url}}"])] {
        let folder = addressed(json!({ "A1": place }), json!({}));
        let plan = folder.plan(&["--store", "a"]);
        assert_eq!(problems(&plan), [("store-unreadable", "-")]);
        let said = plan["problems"][0]["message"].as_str().unwrap();
        assert_eq!(said, "gave an address for `A1` with a secret's place in it");
    }
}

#[test]
fn what_a_store_can_only_accept_is_not_sent_whatever_its_connector_says() {
    let folder = faulty("good", "write", json!({ "manifest": { "write": { "accepted_only": true } } }));
    folder.sync().ended(0, "1 sent, 3 accepted");
}

#[test]
fn sessions_of_a_store_and_stores_are_side_by_side() {
    // Three sessions of one store, then three stores: the shop answers when all three have asked.
    let echoes = |url: &str, sessions: u32| {
        let manifest = json!({
            "hosts": ["127.0.0.1"], "batch": { "items_max": 1 }, "limits": { "concurrency": sessions }
        });
        faulty("echoes", "write", json!({ "url": url, "manifest": manifest }))
    };
    let token = |folder: &mut Folder| {
        folder.edit(
            "stocksync.yaml",
            "connector: faulty,",
            "secrets: { token: \"env:TOKEN\" }, connector: faulty,",
        );
        folder.env.push(("TOKEN".to_owned(), "t0ken-of-the-shop".to_owned()));
    };
    let shop = Shop::open_for(3);
    let mut folder = echoes(&shop.url, 3);
    token(&mut folder);
    folder.run(&["sync", "--yes", "--store", "a"]).ended(6, "3 failed");
    assert_eq!(shop.close().len(), 3);

    let shop = Shop::open_for(3);
    let mut folder = echoes(&shop.url, 1);
    token(&mut folder);
    let yaml = folder.read("stocksync.yaml");
    let line = yaml.lines().find(|line| line.trim_start().starts_with("a:")).unwrap();
    let more: String =
        ["c", "d"].map(|name| format!("\n{}", line.replacen("a:", &format!("{name}:"), 1))).concat();
    folder.write("stocksync.yaml", &yaml.replace(line, &format!("{line}{more}")));
    folder.write("catalog/mappings.csv", "sku,store,store_sku\nS1,a,A1\nS1,c,C1\nS1,d,D1\n");
    folder.sync().ended(6, "3 failed");
    assert_eq!(shop.close().len(), 3);
}
