//! A store in trouble: the others do not notice, and it catches up.

use crate::gate::Way;
use crate::load::{Door, Teller, sold};
use crate::served::Served;
use crate::shops::{STORES, Shops};
use crate::small_or_full;
use std::slice::from_ref;
use std::time::{Duration, Instant};
use stocksync_sim::faults::{Fault, Faults};

/// Within this a number is at the stores that are well, on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(15);

/// Tells events for a while, and sees that they reach the stores that are well; how long that took at most.
fn others_go_on(shops: &Shops, served: &Served, teller: &mut Teller, time: Duration) -> Duration {
    let (door, began, mut longest) = (Door::default(), Instant::now(), Duration::ZERO);
    door.open(served.address());
    while began.elapsed() < time {
        let told = Instant::now();
        let events = teller.events();
        door.tell(&events);
        shops.until(served, &STORES[..2], &teller.sold);
        longest = longest.max(told.elapsed());
        assert!(told.elapsed() < SOON, "the others wait: {:?}", told.elapsed());
    }
    longest
}

/// One trouble of the store `web`, begun and ended by these.
fn trouble(what: &str, begin: impl Fn(&Shops), end: impl Fn(&Shops)) {
    let time = Duration::from_secs(small_or_full(2, 60));
    let shops = Shops::new();
    let served = Served::start(&shops.folder);
    let mut teller = Teller::new("t", 3);
    others_go_on(&shops, &served, &mut teller, Duration::ZERO);
    shops.until(&served, &STORES, &teller.sold);
    begin(&shops);
    let before = teller.told.len();
    let longest = others_go_on(&shops, &served, &mut teller, time);
    assert_ne!(shops.shows("web"), Shops::left(&teller.sold), "it was in no trouble");
    end(&shops);
    let ended = Instant::now();
    shops.until(&served, &STORES, &sold(from_ref(&teller)));
    eprintln!(
        "{what} for {time:?}: {} events, the others had each within {longest:?}; right {:.1} s after it ended",
        teller.told.len() - before,
        ended.elapsed().as_secs_f64()
    );
    assert_eq!(served.stop(), Some(0));
    shops.check_state();
}

#[test]
fn one_that_hangs() {
    trouble("hanging", |shops| shops.gate.turn(Way::Hangs), |shops| shops.gate.turn(Way::Open));
}

#[test]
fn one_that_resets_connections() {
    trouble("resetting", |shops| shops.gate.turn(Way::Resets), |shops| shops.gate.turn(Way::Open));
}

#[test]
fn one_that_answers_500() {
    let all = || Faults { seed: 1, one_in: 1, kinds: vec![Fault::Broken] };
    trouble(
        "answering 500",
        |shops| shops.web.misbehave(all()),
        |shops| shops.web.misbehave(Faults::default()),
    );
}
