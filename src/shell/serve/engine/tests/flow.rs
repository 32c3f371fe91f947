//! From an event to the stores.

use super::*;
use crate::shell::serve::alerts::Alert;
use crate::shell::serve::desk::EventCounts;

const NOON: &str = "2026-01-01T12:00:00Z";

#[test]
fn a_sale_in_one_store_reaches_all_of_them() {
    let mut world = World::new();
    assert_eq!(world.tell(&[order("1", "web", NOON, &[("a", 3)])]), [Verdict::Taken]);
    assert_eq!(world.shows(), "web a:10 c:4 kit:4, shop a:10 c:4 kit:4", "nothing leaves by itself");
    world.run();
    world.check_log(&["web <- kit:3 a:7", "shop <- kit:3 a:7"]);
    assert_eq!(world.shows(), "web a:7 c:4 kit:3, shop a:7 c:4 kit:3");
    world.check_done();
    assert_eq!(
        world.records(),
        [
            "order-placed 1 web a 10->7 sent #1",
            "order-placed 1 shop a 10->7 sent #1",
            "order-placed 1 web kit 4->3 sent #1",
            "order-placed 1 shop kit 4->3 sent #1",
        ]
    );
    assert_eq!(world.engine().figures().latency.count(), 4);
}

#[test]
fn the_same_event_twice_does_nothing_the_second_time_and_a_wrong_one_is_refused() {
    let mut world = World::new();
    let sale = order("1", "web", NOON, &[("a", 3)]);
    let wrong = order("2", "nowhere", NOON, &[("a", 3)]);
    let verdicts = world.tell(&[sale.clone(), sale.clone(), wrong]);
    assert_eq!(verdicts[..2], [Verdict::Taken, Verdict::Repeated]);
    assert!(matches!(&verdicts[2], Verdict::Refused(refused) if refused.message.contains("`nowhere`")));
    world.run();
    assert_eq!(world.tell(&[sale]), [Verdict::Repeated]);
    world.log.clear();
    world.run();
    world.check_log(&[]);
    assert_eq!(world.shows(), "web a:7 c:4 kit:3, shop a:7 c:4 kit:3");
    let EventCounts { taken, repeated, refused } = world.engine().figures().events;
    assert_eq!((taken, repeated, refused), (1, 2, 1));
}

/// What comes back into a warehouse that had none, and is sold from there in the same moment.
#[test]
fn stock_that_comes_and_goes_in_one_batch_is_gone() {
    let mut world = World::new();
    world.tell(&[order("1", "web", NOON, &[("c", 4)]), shipped("1")]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:0 kit:0, shop a:10 c:0 kit:0");
    let part = PartOfLine { line: "0".to_owned(), store_sku: None, quantity: Some(1) };
    let change = OrderChange::Returned { lines: Some(vec![part]), warehouse: Some("v".to_owned()) };
    let back = Event { at: Some(at("2026-01-01T13:00:00Z")), ..event("back", "1", None, change) };
    world.tell(&[back, order("2", "web", "2026-01-01T14:00:00Z", &[("c", 1)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:0 kit:0, shop a:10 c:0 kit:0");
    world.check_done();
}

#[test]
fn only_the_newest_number_is_sent_and_what_it_overtook_is_recorded() {
    let mut world = World::new();
    world.tell(&[order("1", "web", NOON, &[("c", 1)]), order("2", "shop", NOON, &[("c", 1)])]);
    world.run();
    world.check_log(&["web <- c:2 kit:2", "shop <- c:2 kit:2"]);
    let records = world.records();
    assert_eq!(records.len(), 8);
    assert_eq!(records[0], "order-placed 1 web c 4->3 skipped (superseded) #1");
    assert!(records[4..].iter().all(|record| record.contains(" 4->2 sent ")), "{records:?}");
}

#[test]
fn what_is_cancelled_is_on_sale_again_and_what_is_shipped_stays_gone() {
    let mut world = World::new();
    world.tell(&[order("1", "web", NOON, &[("a", 3)]), order("2", "web", NOON, &[("c", 2)])]);
    world.run();
    world.tell(&[cancelled("1"), shipped("2")]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    let last = world.records().pop().expect("records");
    assert_eq!(last, "order-cancelled 1 shop a 7->10 sent #1", "shipping changes nothing that is on sale");
}

#[test]
fn stock_that_is_told_is_written_and_more_than_there_is_sold_is_said() {
    let mut world = World::new();
    world.tell(&[stock("s", "C", 1, NOON), order("1", "web", "2026-01-01T13:00:00Z", &[("c", 2)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:0 kit:0, shop a:10 c:0 kit:0");
    let (sku, warehouse) = ("C".to_owned(), "w".to_owned());
    let negative = Notice::Alert(Alert::NegativeStock { sku, warehouse, available: -1 });
    assert!(world.engine().notices().contains(&negative));
    assert_eq!(world.engine().notices(), []);
}

#[test]
fn a_dead_store_delays_no_other() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::NotSent(None); 9]);
    world.tell(&[order("1", "web", NOON, &[("a", 3)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:4 kit:4, shop a:7 c:4 kit:3");
    for _ in 0..4 {
        world.wait(60);
    }
    let failed = world.records().into_iter().filter(|record| record.contains("failed")).collect::<Vec<_>>();
    assert_eq!(
        failed,
        [
            "order-placed 1 web a 10->7 failed (not sent: down) #1",
            "order-placed 1 web kit 4->3 failed (not sent: down) #1"
        ]
    );
    let told = Notice::Alert(Alert::FailedWrite {
        store: "web".to_owned(),
        store_sku: "a".to_owned(),
        sku: "A".to_owned(),
        detail: "not sent: down".to_owned(),
    });
    assert!(world.engine().notices().contains(&told));
    world.fates.clear();
    world.tell(&[order("2", "shop", NOON, &[("a", 1)])]);
    world.wait(300);
    assert_eq!(world.shows(), "web a:6 c:4 kit:3, shop a:6 c:4 kit:3", "the next change sends it again");
    world.check_done();
}

#[test]
fn nothing_is_written_where_it_is_switched_off_or_paused() {
    let mut world = World::with(|shop| shop.inventory_features = false);
    world.tell(&[order("1", "web", NOON, &[("a", 3)])]);
    world.run();
    world.check_log(&["web -> a"]);
    let records = world.records();
    assert_eq!(records[0], "order-placed 1 web a 10->7 skipped (switched-off) #-");
    assert_eq!(records.len(), 4);

    let mut world = World::with(|shop| shop.outlets[0].paused = true);
    world.tell(&[order("1", "web", NOON, &[("a", 3)])]);
    world.run();
    world.check_log(&["web -> a", "shop <- kit:3 a:7"]);
    assert_eq!(world.records()[0], "order-placed 1 web a 10->7 skipped (paused) #1");
}

#[test]
fn an_accepted_number_is_asked_for_until_it_is_there() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::Accepted]);
    world.tell(&[order("1", "web", NOON, &[("c", 4)])]);
    world.run();
    world.check_log(&["web <- c:0 kit:0", "shop <- c:0 kit:0"]);
    assert!(world.records()[0].contains("pending"), "{:?}", world.records());
    let now = world.now;
    assert_eq!(world.engine().wake(now), now.checked_add(SignedDuration::from_secs(1)).ok());
    world.wait(1);
    world.check_log(&["web ? 2"]);
    assert_eq!(world.shows(), "web a:10 c:0 kit:0, shop a:10 c:0 kit:0");
    world.check_done();
}

/// An order of one, whose numbers `web` only accepts.
fn accepted_once(fates: &[Fate]) -> World {
    let mut world = World::new();
    world.fates.insert("web", [&[Fate::Accepted], fates].concat());
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.check_log(&["web <- c:3 kit:3", "shop <- c:3 kit:3"]);
    world
}

#[test]
fn a_newer_number_waits_for_one_that_was_accepted_over_a_start_too() {
    let mut world = accepted_once(&[]);
    world.tell(&[order("2", "web", NOON, &[("c", 1)])]);
    world.run();
    world.check_log(&["shop <- c:2 kit:2"]);
    world.start();
    world.run();
    world.check_log(&["web ? 2", "web <- c:2 kit:2"]);
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    world.check_done();
    let records = world.records();
    assert_eq!(records.iter().filter(|record| record.contains(" sent #1")).count(), 8, "{records:?}");
}

#[test]
fn a_listing_is_read_where_a_store_does_late_what_it_had_accepted() {
    let mut world = accepted_once(&[Fate::Kept]);
    world.wait(1);
    world.check_log(&["web ? 2"]);
    world.tell(&[order("2", "web", NOON, &[("c", 1)])]);
    world.wait(30);
    world.check_log(&["shop <- c:2 kit:2"]);
    world.wait(30);
    world.check_log(&["web <- c:2 kit:2"]);
    let tickets = world.kept.pop().expect("asked for");
    for listing in ["c", "kit"] {
        world.live.insert(("web", listing.to_owned()), 3);
    }
    let (now, done) = (world.now, Ended::Outcomes(vec![Outcome::Sent; 2]));
    world.engine().ended(tickets.id, done, now, 0).expect("told");
    world.run();
    world.check_log(&["web -> c kit", "web <- c:2 kit:2"]);
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    world.check_done();
}

/// What is being read is not older for a number that the store refused meanwhile.
#[test]
fn a_listing_that_is_read_is_known_though_a_number_was_refused_meanwhile() {
    let mut world = World::new();
    world.live.insert(("web", "c".to_owned()), 7);
    world.fates.insert("web", vec![Fate::Done, Fate::Kept]);
    world.tell(&[order("1", "shop", NOON, &[("c", 1)])]);
    world.run();
    world.tell(&[order("2", "shop", NOON, &[("c", 1)])]);
    world.run();
    world.log.clear();
    let (now, look) = (world.now, world.kept.pop().expect("it is read"));
    let ended = world.carry(&look).expect("read");
    world.engine().ended(look.id, ended, now, 0).expect("told");
    world.run();
    world.check_log(&["web -> c", "web <- c:2", "web -> c"]);
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    world.check_done();
}

/// Of two readings, the one that began later counts, whichever is told last.
#[test]
fn a_listing_shows_what_was_read_of_it_last() {
    let mut world = World::new();
    let (sku, now) = (Pausable::Sku("C".to_owned()), world.now);
    world.engine().pause(&sku, true, now).expect("paused");
    world.run();
    let before: std::collections::HashMap<String, i64> =
        [("a", 10), ("c", 4), ("kit", 4)].map(|(sku, number)| (sku.to_owned(), number)).into();
    world.fates.insert("web", vec![Fate::Kept]);
    world.wait(3_600);
    let whole = world.kept.pop().expect("all of it is read");
    // The store takes what it sold off by itself.
    world.live.insert(("web", "c".to_owned()), 3);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    let now = world.now;
    world.engine().ended(whole.id, Ended::Shown(before), now, 0).expect("told");
    world.run();
    world.log.clear();
    world.engine().pause(&sku, false, now).expect("goes on");
    world.run();
    world.check_log(&["shop <- c:3"]);
    assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3");
    world.check_done();
}
