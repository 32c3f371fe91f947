//! What is asked of stores beside writing, and when they are left alone.

use super::*;
use crate::shell::serve::alerts::Alert;

const NOON: &str = "2026-01-01T12:00:00Z";

#[test]
fn orders_are_asked_for_since_the_last_time_also_after_a_start() {
    let mut world = World::with(|shop| shop.outlets[0].has_orders = true);
    world.orders = vec![order("1", "web", NOON, &[("a", 3)])];
    world.wait(59);
    world.check_log(&[]);
    world.wait(1);
    world.check_log(&["web orders since 2025-12-31T23:55:00Z", "web <- kit:3 a:7", "shop <- kit:3 a:7"]);
    world.orders = vec![order("1", "web", NOON, &[("a", 3)]), order("2", "web", NOON, &[("a", 1)])];
    world.start();
    world.run();
    world.check_log(&["web orders since 2025-12-31T23:56:00Z", "web <- a:6", "shop <- a:6"]);
    assert_eq!(world.records().len(), 6, "what was told before does nothing");
}

#[test]
fn a_store_that_says_when_to_come_again_is_left_alone_until_then() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::NotSent(Some(5_000))]);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.check_log(&["web <- c:3 kit:3", "shop <- c:3 kit:3"]);
    let now = world.now;
    assert_eq!(world.engine().wake(now), now.checked_add(SignedDuration::from_secs(5)).ok());
    world.wait(4);
    world.check_log(&[]);
    world.wait(1);
    world.check_log(&["web <- c:3 kit:3"]);
    world.check_done();
}

#[test]
fn people_hear_when_a_store_is_left_alone_and_when_it_answers_again() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::NotSent(None); 3]);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    let (store, detail) = ("web".to_owned(), "down".to_owned());
    let open = Notice::Alert(Alert::CircuitOpen { store: store.clone(), detail });
    let heard = world.engine().notices();
    assert_eq!(heard.iter().filter(|notice| **notice == open).count(), 1, "{heard:?}");
    assert!(world.engine().health().stores[0].circuit_open);
    world.tell(&[order("2", "web", NOON, &[("c", 1)])]);
    world.run();
    assert_eq!(world.engine().notices(), []);
    world.wait(2);
    assert_eq!(world.engine().notices(), [Notice::CircuitClosed { store }]);
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    world.check_done();
}

/// What was read of a listing before a number arrived there says nothing of what it shows since.
#[test]
fn a_listing_is_read_again_where_a_number_arrived_meanwhile() {
    let mut world = World::with(|shop| {
        shop.rules = r#"rule "all" { order 1 skus all warehouses all stores all cap 10 }"#.to_owned();
    });
    world.tell(&[stock("s", "A", 20, "2026-01-01T00:00:00Z"), order("1", "web", NOON, &[("a", 1)])]);
    world.live.insert(("web", "a".to_owned()), 9);
    let now = world.now;
    let look = world.engine().poll(now).expect("polled").expect("a look");
    world.engine().commit().expect("committed");
    let seen = world.carry(&look).expect("read");
    world.check_log(&["web -> a"]);
    world.live.insert(("web", "a".to_owned()), 10);
    world.tell(&[stock("t", "A", 5, "2026-01-01T13:00:00Z")]);
    world.run();
    world.check_log(&["web <- kit:2 a:5", "shop <- kit:2 a:5"]);
    world.engine().ended(look.id, seen, now, 0).expect("told");
    world.run();
    world.check_log(&[]);
    world.wait(1);
    world.check_log(&["web -> a"]);
    assert_eq!(world.shows(), "web a:5 c:4 kit:2, shop a:5 c:4 kit:2");
    world.check_done();
}

/// A reading of the whole store had ended the number; then the store sold one, which was read; then the answer about the number came.
#[test]
fn what_is_read_behind_a_late_answer_is_known_after_a_start_too() {
    let mut world = World::with(|shop| {
        shop.rules = r#"rule "all" { order 1 skus all warehouses all stores all cap 3 }"#.to_owned();
    });
    world.tell(&[stock("s", "C", 2, "2026-01-01T00:00:00Z")]);
    world.run();
    world.fates.insert("web", vec![Fate::Accepted, Fate::Kept]);
    world.tell(&[stock("t", "C", 20, "2026-01-01T01:00:00Z")]);
    world.run();
    world.wait(1);
    let tickets = world.kept.pop().expect("asked for");
    world.live.extend(["c", "kit"].map(|sku| (("web", sku.to_owned()), 3)));
    world.wait(3_600);
    let sku = Pausable::Sku("C".to_owned());
    let now = world.now;
    world.engine().pause(&sku, true, now).expect("paused");
    world.live.insert(("web", "c".to_owned()), 2);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.engine().ended(tickets.id, Ended::Outcomes(vec![Outcome::Sent; 2]), now, 0).expect("told");
    world.run();
    world.log.clear();
    world.start();
    world.engine().pause(&sku, false, now).expect("goes on");
    world.run();
    world.check_log(&["web <- c:3"]);
    world.check_done();
}
