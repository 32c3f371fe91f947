//! A clock that is set back, and ahead.

use crate::gate::Way;
use crate::load::{Door, Teller};
use crate::served::Served;
use crate::shops::{STORES, Shops};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A library that moves the clock of whoever is started with it.
fn library(shops: &Shops) -> PathBuf {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chaos/clock.c");
    let library = shops.folder.path().join("clock.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).args([source, "-ldl"]);
    assert!(cc.status().unwrap().success());
    library
}

#[test]
fn a_clock_that_is_set_back_and_ahead_delays_nothing() {
    // Requests to these shops are not signed with the time: one that is may be refused, and rightly so.
    let (shops, door) = (Shops::of("http"), Door::default());
    let (library, clock) = (library(&shops), shops.folder.write("clock", "0"));
    let served = Served::start_as(&shops.folder, |mut command| {
        command.env("LD_PRELOAD", &library).env("STOCKSYNC_TEST_CLOCK", &clock);
        command
    });
    door.open(served.address());
    let mut teller = Teller::new("t", 9);
    let mut tell = |shops: &Shops, stores: &[&str]| {
        for _ in 0..5 {
            let events = teller.events();
            door.tell(&events);
        }
        shops.until(&served, stores, &teller.sold);
    };
    tell(&shops, &STORES);
    // An hour back, a day ahead, back again; also while a store is in trouble, whose pauses are counted.
    for ahead in [-3_600, 86_400, 0] {
        shops.gate.turn(Way::Resets);
        tell(&shops, &STORES[..2]);
        fs::write(&clock, ahead.to_string()).unwrap();
        tell(&shops, &STORES[..2]);
        shops.gate.turn(Way::Open);
        tell(&shops, &STORES);
    }
    let records = served.get("/v1/records?limit=10000").text;
    let moved = records.lines().any(|record| record.contains("\"status\":\"sent\""));
    assert!(moved, "{records}");
    assert_eq!(served.stop(), Some(0));
    shops.check_state();
}
