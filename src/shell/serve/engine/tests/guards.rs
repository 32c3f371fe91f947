//! What a guard holds, and what is paused.

use super::*;
use crate::rules::BasisPoints;
use crate::shell::serve::alerts::Alert;

const NOON: &str = "2026-01-01T12:00:00Z";

/// Twenty SKUs, ten units of each, in both stores.
fn many(limits: GuardLimits) -> World {
    World::of(20, |shop| shop.guards = limits)
}

fn empty(world: &mut World, range: std::ops::Range<usize>) {
    let events: Vec<Event> =
        range.map(|at| stock(&format!("e{at}"), &format!("S{at:02}"), 0, NOON)).collect();
    world.tell(&events);
    world.run();
}

fn zeroes(world: &World, store: &str) -> usize {
    world.live.iter().filter(|((of, _), number)| *of == store && **number == 0).count()
}

#[test]
fn shares_are_counted_over_an_hour_and_what_is_too_much_is_held_until_it_is_allowed() {
    let limits = GuardLimits { to_zero: Some(BasisPoints(5_000)), ..GuardLimits::default() };
    let mut world = many(limits);
    empty(&mut world, 0..6);
    empty(&mut world, 6..9);
    empty(&mut world, 9..10);
    assert_eq!(zeroes(&world, "web"), 10, "half of them may go to 0");
    empty(&mut world, 10..12);
    assert_eq!((zeroes(&world, "web"), zeroes(&world, "shop")), (10, 10));
    let health = world.engine().health();
    let held = health.stores[0].held_by[0].clone();
    assert_eq!((held.guard.as_str(), held.limit.as_str(), held.rows), ("to_zero", "50%", 2));
    let alerts = world.engine().notices();
    let guards = alerts.iter().filter(|notice| matches!(notice, Notice::Alert(Alert::Guard { .. })));
    assert_eq!(guards.count(), 2, "once a store: {alerts:?}");
    let records = world.records();
    let left = records.iter().filter(|record| record.ends_with("10->0 skipped (guard) #-")).count();
    assert_eq!(left, 4, "{records:?}");

    // What is on sale again needs no guard, and what was sold meanwhile is held with the rest.
    world.tell(&[stock("back", "S10", 4, "2026-01-01T13:00:00Z")]);
    world.run();
    assert_eq!(world.live[&("web", "s10".to_owned())], 4);
    assert_eq!(world.engine().health().stores[0].held_by[0].rows, 1);

    let now = world.now;
    let wrong = world.engine().allow(&held.plan_id, &["changed".to_owned()], "ana", now).expect("asked");
    assert!(wrong.is_err());
    let nothing = world.engine().allow("x", &[], "ana", now).expect("asked");
    assert!(nothing.is_err());
    let rows = world.engine().allow(&held.plan_id, &["to_zero".to_owned()], "ana", now).expect("asked");
    assert_eq!(rows, Ok(1));
    world.run();
    assert_eq!((zeroes(&world, "web"), zeroes(&world, "shop")), (11, 10), "only what was allowed");
    assert_eq!(world.engine().health().stores[0].held_by, []);
}

#[test]
fn an_hour_later_it_is_counted_anew() {
    let limits = GuardLimits { to_zero: Some(BasisPoints(5_000)), ..GuardLimits::default() };
    let mut world = many(limits);
    empty(&mut world, 0..10);
    world.wait(3_700);
    empty(&mut world, 10..14);
    assert_eq!(zeroes(&world, "web"), 14);
}

#[test]
fn what_a_guard_holds_is_held_again_after_a_start() {
    let limits = GuardLimits { to_zero: Some(BasisPoints(5_000)), ..GuardLimits::default() };
    let mut world = many(limits);
    empty(&mut world, 0..20);
    assert_eq!(zeroes(&world, "web"), 0, "what comes together is held together");
    world.start();
    world.run();
    assert_eq!(zeroes(&world, "web"), 0);
    let held = world.engine().health().stores[1].held_by[0].clone();
    assert_eq!(held.rows, 20);
    let now = world.now;
    assert_eq!(world.engine().allow(&held.plan_id, &[], "ana", now).expect("asked"), Ok(20));
    world.run();
    assert_eq!((zeroes(&world, "web"), zeroes(&world, "shop")), (0, 20));
}

/// Ten of twenty went to 0, which is as many as may; two more are held.
fn held() -> (World, String) {
    let limits = GuardLimits { to_zero: Some(BasisPoints(5_000)), ..GuardLimits::default() };
    let mut world = many(limits);
    empty(&mut world, 0..10);
    world.start();
    world.run();
    empty(&mut world, 10..12);
    assert_eq!(zeroes(&world, "web"), 10, "what was written before the start counts");
    let plan_id = world.engine().health().stores[0].held_by[0].plan_id.clone();
    (world, plan_id)
}

#[test]
fn what_is_held_is_held_until_it_is_allowed_whatever_starts_or_changes_meanwhile() {
    let (mut world, plan_id) = held();
    world.now = world.now.checked_add(SignedDuration::from_hours(2)).expect("a moment");
    for round in 0..2 {
        if round == 0 {
            world.start();
        } else {
            let (setup, now) = (world.setup(), world.now);
            world.engine().reload(setup, now).expect("followed");
        }
        world.run();
        world.tell(&[order(&round.to_string(), "web", NOON, &[("s10", 1)])]);
        world.run();
        let held = world.engine().health().stores[0].held_by.clone();
        assert_eq!((zeroes(&world, "web"), held[0].rows, held[0].plan_id == plan_id), (10, 2, true));
    }
    let now = world.now;
    assert_eq!(world.engine().allow(&plan_id, &[], "ana", now).expect("asked"), Ok(2));
    world.engine().commit().expect("committed");
    world.run();
    world.start();
    world.run();
    assert_eq!((zeroes(&world, "web"), zeroes(&world, "shop")), (12, 10));
    assert_eq!(world.engine().health().stores[0].held_by, []);
    assert_eq!(world.engine().health().stores[1].held_by[0].rows, 2);
}

#[test]
fn what_was_allowed_counts_no_more_after_a_start() {
    let (mut world, plan_id) = held();
    let now = world.now;
    assert_eq!(world.engine().allow(&plan_id, &[], "ana", now).expect("asked"), Ok(2));
    world.engine().commit().expect("committed");
    world.now = world.now.checked_add(SignedDuration::from_secs(5)).expect("a moment");
    world.run();
    world.start();
    empty(&mut world, 12..14);
    assert_eq!((zeroes(&world, "web"), zeroes(&world, "shop")), (14, 10));
}

#[test]
fn rows_of_stock_that_are_gone_are_missed_after_a_start_too() {
    let limits =
        GuardLimits { to_zero: None, missing_stock: Some(BasisPoints(1_000)), ..GuardLimits::default() };
    let mut world = many(limits);
    for _ in 0..2 {
        world.skus = 17;
        world.start();
        world.tell(&[stock("e", "S00", 3, NOON)]);
        world.run();
        assert_eq!(world.live[&("web", "s00".to_owned())], 10, "three rows of twenty are gone");
    }
    let held = world.engine().health().stores[0].held_by[0].clone();
    assert_eq!((held.guard.as_str(), held.would_be.as_str()), ("missing_stock", "13.64%"));
    let now = world.now;
    assert!(world.engine().allow(&held.plan_id, &[], "ana", now).expect("asked").is_ok());
    world.run();
    world.start();
    world.run();
    assert_eq!(world.live[&("web", "s00".to_owned())], 3);
    assert_eq!(world.engine().health().stores[0].held_by, []);
}

#[test]
fn without_any_stock_row_nothing_is_written() {
    let mut world = World::new();
    world.stock = Vec::new();
    world.start();
    world.run();
    world.check_log(&[]);
    let held = world.engine().health().stores[0].held_by[0].clone();
    assert_eq!(held.guard, "empty_stock");
}

#[test]
fn a_pause_outlives_a_start_and_ends_with_what_differs_by_then() {
    for what in [Pausable::Store("web".to_owned()), Pausable::Sku("C".to_owned())] {
        let mut world = World::new();
        let now = world.now;
        world.engine().pause(&what, true, now).expect("paused");
        world.engine().commit().expect("committed");
        world.start();
        world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
        world.run();
        let of_c = world.records().into_iter().find(|record| record.contains("web c")).expect("a record");
        assert_eq!(of_c, "order-placed 1 web c 4->3 skipped (paused) #1");
        assert_eq!(world.live[&("web", "c".to_owned())], 4, "{what:?}");
        world.engine().pause(&what, false, now).expect("goes on");
        world.run();
        assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3");
        world.check_done();
        assert!(world.records().pop().expect("records").starts_with("retry - "));
    }
}

/// What a buyer in a paused store takes is known when it goes on, by whichever way it was paused.
#[test]
fn what_a_paused_store_changes_by_itself_is_put_right_when_it_goes_on() {
    for by_config in [false, true] {
        let mut world = World::new();
        let web = Pausable::Store("web".to_owned());
        let pause = |world: &mut World, paused: bool| {
            let now = world.now;
            if by_config {
                world.shop.outlets[0].paused = paused;
                let setup = world.setup();
                world.engine().reload(setup, now).expect("followed");
            } else {
                world.engine().pause(&web, paused, now).expect("heard");
            }
            world.engine().commit().expect("committed");
            world.run();
        };
        pause(&mut world, true);
        // Bought there, and cancelled; the store does not put it back on sale.
        world.live.insert(("web", "c".to_owned()), 3);
        world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
        world.run();
        world.tell(&[cancelled("1")]);
        world.run();
        assert_eq!(world.live[&("web", "c".to_owned())], 3, "it is paused");
        pause(&mut world, false);
        assert_eq!(world.shows(), "web a:10 c:4 kit:4, shop a:10 c:4 kit:4", "by configuration: {by_config}");
        world.check_done();
    }
}

/// A number that others set is put right once the store is written again, though it was seen before.
#[test]
fn drift_that_was_seen_while_a_store_was_paused_is_repaired_later() {
    let mut world = World::with(|shop| {
        shop.outlets[0].drift = Drift::Repair;
        shop.outlets[0].terms.conditional = false;
    });
    world.tell(&[order("1", "shop", NOON, &[("c", 1)])]);
    world.run();
    world.shop.outlets[0].paused = true;
    world.start();
    world.run();
    world.live.insert(("web", "c".to_owned()), 9);
    world.wait(3_600);
    assert_eq!(world.live[&("web", "c".to_owned())], 9, "it is paused");
    world.shop.outlets[0].paused = false;
    world.start();
    world.wait(3_600);
    assert_eq!(world.live[&("web", "c".to_owned())], 3);
    world.check_done();
}

#[test]
fn drift_of_a_paused_sku_is_repaired_when_it_goes_on() {
    let mut world = World::with(|shop| {
        shop.outlets[0].drift = Drift::Repair;
        shop.outlets[0].terms.conditional = false;
    });
    world.tell(&[order("1", "shop", NOON, &[("c", 1)])]);
    world.run();
    let (sku, now) = (Pausable::Sku("C".to_owned()), world.now);
    world.engine().pause(&sku, true, now).expect("paused");
    world.live.insert(("web", "c".to_owned()), 9);
    world.wait(3_600);
    assert_eq!(world.live[&("web", "c".to_owned())], 9, "it is paused");
    assert_eq!(world.records().pop().expect("records"), "drift-repair - web c 9->3 skipped (paused) #1");
    let now = world.now;
    world.engine().pause(&sku, false, now).expect("goes on");
    world.run();
    assert_eq!(world.live[&("web", "c".to_owned())], 3);
    world.check_done();
}

/// Another number was written last, but that is not what it should show by now.
#[test]
fn drift_to_the_right_number_plans_nothing() {
    let mut world = World::with(|shop| shop.outlets[0].drift = Drift::Repair);
    world.tell(&[order("1", "shop", NOON, &[("c", 1)])]);
    world.run();
    world.shop.outlets[1].paused = true;
    world.start();
    world.run();
    world.live.insert(("web", "c".to_owned()), 2);
    world.tell(&[order("2", "shop", NOON, &[("c", 1)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:3 kit:3");
    let records = world.records();
    world.wait(3_600);
    assert_eq!(world.records(), records, "the paused store would have a record of every comparison");
}

#[test]
fn stock_that_is_older_than_it_may_be_holds_everything() {
    let mut world = World::with(|shop| shop.guards.max_stock_age_seconds = Some(7_200));
    world.stock_file_at = Some(world.now);
    world.reload();
    world.wait(7_200);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3", "as old as it may be");
    world.wait(3_600);
    world.tell(&[order("2", "web", NOON, &[("c", 1)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3");
    let held = world.engine().health().stores[1].held_by.clone();
    let held =
        held.iter().map(|held| format!("{} {} {} {}", held.guard, held.limit, held.would_be, held.rows));
    assert_eq!(held.collect::<Vec<_>>(), ["max_stock_age 2h 3h 4"]);
    world.stock_file_at = Some(world.now);
    world.reload();
    world.tell(&[order("3", "web", NOON, &[("c", 1)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:1 kit:1, shop a:10 c:1 kit:1", "newer stock is there");
    assert_eq!(world.engine().health().stores[1].held_by, []);
}

#[test]
fn what_waits_of_a_sku_is_taken_back_when_it_is_paused() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::NotSent(Some(5_000))]);
    world.fates.insert("shop", vec![Fate::Kept]);
    world.tell(&[order("0", "web", NOON, &[("a", 1)])]);
    world.run();
    world.check_log(&["web <- a:9", "shop <- a:9"]);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    let now = world.now;
    world.engine().pause(&Pausable::Sku("C".to_owned()), true, now).expect("paused");
    world.wait(6);
    world.check_log(&["web <- kit:3 a:9", "web -> c"]);
    let records = world.records();
    let of_c: Vec<_> = records.iter().filter(|record| record.contains(" c ")).collect();
    assert_eq!(
        of_c,
        ["order-placed 1 web c 4->3 skipped (paused) #1", "order-placed 1 shop c 4->3 skipped (paused) #1"]
    );
    let pending = world.engine().state().pending("shop", 9).expect("read");
    assert_eq!(pending.iter().map(|item| item.store_sku.as_str()).collect::<Vec<_>>(), ["kit"]);
    world.engine().pause(&Pausable::Sku("C".to_owned()), false, now).expect("goes on");
    world.run();
    world.check_log(&["web <- c:3"]);
}

/// What a store took off by itself is not known where the number is held that would have been written over it.
#[test]
fn a_listing_is_read_where_a_guard_holds_what_its_own_order_would_have_written() {
    let limits = GuardLimits { to_zero: None, changed: Some(BasisPoints(500)), ..GuardLimits::default() };
    let mut world = many(limits);
    for listing in ["s00", "s01"] {
        world.live.insert(("web", listing.to_owned()), 5);
    }
    world.tell(&[order("1", "web", NOON, &[("s00", 5), ("s01", 5)])]);
    world.run();
    world.check_log(&["web -> s00 s01"]);
    world.tell(&[stock("s", "S00", 10, "2026-01-01T13:00:00Z")]);
    world.run();
    world.check_log(&["web <- s00:10"]);
    assert_eq!(world.live[&("web", "s00".to_owned())], 10, "as many as before the order");
}

#[test]
fn what_was_on_its_way_when_its_sku_was_paused_and_did_not_arrive_is_written_when_it_goes_on() {
    for is_conflict in [false, true] {
        let mut world = World::new();
        world.fates.insert("web", vec![Fate::Kept]);
        world.tell(&[stock("s", "C", 3, NOON)]);
        world.run();
        let (work, now) = (world.kept.pop().expect("under way"), world.now);
        for paused in [true, false] {
            world.engine().pause(&Pausable::Sku("C".to_owned()), paused, now).expect("heard");
        }
        world.run();
        let ended = if is_conflict {
            world.live.insert(("web", "c".to_owned()), 2);
            world.carry(&work).expect("answered")
        } else {
            Ended::NotSent("down".to_owned(), None)
        };
        world.engine().ended(work.id, ended, now, 0).expect("told");
        world.wait(60);
        assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3", "conflict: {is_conflict}");
        world.check_done();
    }
}
