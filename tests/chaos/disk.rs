//! A disk that is full, as a limit on the size of files.

use crate::load::{Door, Teller, post};
use crate::served::Served;
use crate::shops::{STORES, Shops};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// How much larger the largest file of the state may become, in bytes.
const ROOM: u64 = 200_000;

/// Lets no file of a process become larger than this; `unlimited` is what it was before.
fn limit(served: &Served, bytes: &str) {
    let (pid, size) = (served.pid().to_string(), format!("--fsize={bytes}:"));
    assert!(Command::new("prlimit").args(["--pid", &pid, &size]).status().unwrap().success());
}

#[test]
fn a_full_disk_is_said_and_when_there_is_room_it_goes_on() {
    let (shops, door) = (Shops::new(), Door::default());
    let served = Served::start(&shops.folder);
    let log = fs::metadata(shops.folder.path().join(".stocksync/state.db-wal")).unwrap();
    limit(&served, &(log.len() + ROOM).to_string());
    let mut teller = Teller::new("t", 5);
    let refused = loop {
        let events = teller.events();
        match post(served.address(), &events.to_string()).unwrap() {
            (200, _) => assert!(teller.told.len() < 50_000, "it is never full"),
            (503, text) => break (events, text),
            (status, text) => panic!("{status}: {text}"),
        }
    };
    let said: Value = serde_json::from_str(&refused.1).unwrap();
    assert_eq!(said["message"], "the state file cannot be written", "{said}");
    let help = said["help"].as_str().unwrap_or_default();
    assert!(help.contains("nothing was lost"), "{said}");
    limit(&served, "unlimited");
    // What was not acknowledged is told again.
    door.open(served.address());
    door.tell(&refused.0);
    for _ in 0..20 {
        let events = teller.events();
        door.tell(&events);
    }
    shops.until(&served, &STORES, &teller.sold);
    let all: Vec<Value> = teller.told.clone();
    all.chunks(200).for_each(|events| assert_eq!(door.tell(&json!(events)), events.len() as u64));
    let (code, log) = served.end_by("-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("the state file cannot be written"), "{log}");
    shops.check_state();
}
