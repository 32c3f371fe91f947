//! Listings that no mapping knows any more.

use super::*;
use crate::rules::BasisPoints;

/// Four kits in both stores, all of which we wrote, and which the mappings know no more.
fn gone(change: impl FnOnce(&mut Shop)) -> World {
    let mut world = World::with(|shop| {
        shop.on_release = OnRelease::Zero;
        change(shop);
    });
    world.tell(&[stock("s", "C", 3, "2026-01-01T00:00:00Z")]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3");
    world.log.clear();
    world.shop.maps_kit = false;
    world
}

#[test]
fn it_is_emptied_where_that_is_wanted() {
    let mut world = gone(|_| {});
    world.reload();
    world.check_log(&["web <- kit:0", "shop <- kit:0"]);
    assert_eq!(world.records().pop().expect("records"), "stock-change - shop kit 3->0 sent #1");
    world.reload();
    world.start();
    world.run();
    world.check_log(&[]);
    world.check_done();
}

/// Whatever rules are in force by then: it may come back, and is planned under those of its SKU.
#[test]
fn it_is_emptied_under_the_rules_that_its_sku_was_planned_under_last() {
    let mut world = gone(|_| {});
    world.shop.rules = world.shop.rules.replace("100%", "50%");
    world.shop.inventory_features = false;
    world.reload();
    world.check_log(&[]);
    world.shop.inventory_features = true;
    world.reload();
    let records = world.records();
    assert!(records.contains(&"stock-change - web kit 3->0 sent #1".to_owned()), "{records:?}");
}

#[test]
fn it_is_emptied_at_the_start_too() {
    let mut world = gone(|_| {});
    world.start();
    world.run();
    world.check_log(&["web <- kit:0", "shop <- kit:0"]);
}

#[test]
fn it_keeps_its_number_where_nothing_else_is_said() {
    let mut world = gone(|shop| shop.on_release = OnRelease::Keep);
    world.reload();
    world.check_log(&[]);
}

#[test]
fn it_shows_its_number_again_where_its_mapping_comes_back() {
    let mut world = gone(|_| {});
    world.reload();
    world.shop.maps_kit = true;
    world.log.clear();
    world.reload();
    world.check_log(&["web <- kit:3", "shop <- kit:3"]);
    world.check_done();
}

#[test]
fn a_store_that_takes_no_less_than_one_keeps_it() {
    let mut world = gone(|shop| shop.outlets[0].bounds.min = 1);
    world.reload();
    world.check_log(&["shop <- kit:0"]);
}

#[test]
fn it_is_emptied_when_what_is_paused_goes_on() {
    for what in [Pausable::Store("web".to_owned()), Pausable::Sku("KIT".to_owned())] {
        let mut world = gone(|_| {});
        let now = world.now;
        world.engine().pause(&what, true, now).expect("paused");
        world.reload();
        assert_eq!(world.live[&("web", "kit".to_owned())], 3);
        world.engine().pause(&what, false, now).expect("goes on");
        world.run();
        assert_eq!(world.shows(), "web a:10 c:3 kit:0, shop a:10 c:3 kit:0");
        world.check_done();
    }
}

#[test]
fn a_number_that_had_left_already_arrives_first() {
    let mut world = gone(|_| {});
    world.shop.maps_kit = true;
    world.reload();
    world.fates.insert("web", vec![Fate::Kept]);
    world.tell(&[stock("t", "C", 2, "2026-01-01T00:00:00Z")]);
    world.run();
    let work = world.kept.pop().expect("under way");
    world.shop.maps_kit = false;
    world.reload();
    world.log.clear();
    let (ended, now) = (world.carry(&work).expect("answered"), world.now);
    world.engine().ended(work.id, ended, now, 0).expect("told");
    world.run();
    world.check_log(&["web <- c:2 kit:2", "web <- kit:0"]);
    world.check_done();
}

#[test]
fn a_number_that_waits_does_not_leave() {
    let mut world = gone(|_| {});
    world.fates.insert("web", vec![Fate::NotSent(Some(60_000))]);
    world.shop.maps_kit = true;
    world.reload();
    world.tell(&[stock("t", "C", 2, "2026-01-01T00:00:00Z")]);
    world.run();
    world.shop.maps_kit = false;
    world.reload();
    world.log.clear();
    world.wait(60);
    assert_eq!(world.shows(), "web a:10 c:2 kit:0, shop a:10 c:2 kit:0");
    assert!(world.log.iter().all(|line| !line.contains("kit:2")), "{:?}", world.log);
    world.check_done();
}

#[test]
fn it_is_read_where_others_changed_it() {
    let mut world = gone(|_| {});
    world.live.insert(("web", "kit".to_owned()), 7);
    world.reload();
    world.check_log(&["web <- kit:0", "shop <- kit:0", "web <- kit:0"]);
    assert_eq!(world.records().pop().expect("records"), "stock-change - web kit 7->0 sent #1");
}

#[test]
fn it_is_emptied_where_no_answer_came() {
    for fate in [Fate::LostBefore, Fate::LostAfter] {
        let mut world = gone(|_| {});
        world.fates.insert("web", vec![fate]);
        world.reload();
        assert_eq!(world.shows(), "web a:10 c:3 kit:0, shop a:10 c:3 kit:0");
        world.check_done();
    }
}

#[test]
fn a_guard_holds_it_until_somebody_lets_it_go() {
    let mut world = gone(|_| {});
    world.shop.guards =
        GuardLimits { changed: Some(BasisPoints(0)), to_zero: None, ..GuardLimits::default() };
    for round in 0..2 {
        if round == 0 {
            world.reload()
        } else {
            world.start()
        }
        world.run();
        assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3", "round {round}");
        let held = world.engine().health().stores[0].held_by.clone();
        assert_eq!((held[0].guard.as_str(), held[0].rows), ("changed", 1));
    }
    assert_eq!(world.records().pop().expect("records"), "stock-change - shop kit 3->0 skipped (guard) #-");
    let (plan_id, now) = (world.engine().health().stores[0].held_by[0].plan_id.clone(), world.now);
    assert_eq!(world.engine().allow(&plan_id, &[], "ana", now).expect("asked"), Ok(1));
    world.run();
    assert_eq!(world.shows(), "web a:10 c:3 kit:0, shop a:10 c:3 kit:3", "only what was allowed");
    assert_eq!(world.engine().health().stores[0].held_by, []);
}
