//! Another project in the place of the one that runs.

use super::*;

const NOON: &str = "2026-01-01T12:00:00Z";
const HALF: &str = r#"rule "half" { order 1 skus all warehouses all stores all rate 50% }"#;

#[test]
fn other_rules_are_the_next_activation_and_write_nothing_by_themselves() {
    let mut world = World::new();
    HALF.clone_into(&mut world.shop.rules);
    world.now = at("2026-01-02T00:00:00Z");
    world.reload();
    world.check_log(&[]);
    assert_eq!(world.engine().health().activation, Some(2));
    world.tell(&[order("1", "web", "2026-01-02T10:00:00Z", &[("c", 1)])]);
    world.run();
    world.check_log(&["web <- c:1 kit:1", "shop <- c:1 kit:1"]);
    RULES.clone_into(&mut world.shop.rules);
    world.now = at("2026-01-03T00:00:00Z");
    world.reload();
    world.check_log(&[]);
    assert_eq!(world.engine().health().activation, Some(3), "back to the old rules is a new activation");
}

#[test]
fn other_stock_and_other_parts_are_written() {
    let mut world = World::new();
    world.stock = vec![("A", "w", 10), ("C", "w", 3)];
    HALF.clone_into(&mut world.shop.rules);
    world.reload();
    world.check_log(&["web <- c:1 kit:1", "shop <- c:1 kit:1"]);
    assert_eq!(world.records()[0], "stock-change - web c 4->1 sent #2");
}

#[test]
fn what_is_under_way_goes_on_through_a_reload() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::Kept]);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.reload();
    world.check_log(&["web <- c:3 kit:3", "shop <- c:3 kit:3"]);
    let work = world.kept.pop().expect("kept");
    let (ended, now) = (world.carry(&work).expect("ended"), world.now);
    world.engine().ended(work.id, ended, now, 0).expect("told");
    world.run();
    world.check_log(&["web <- c:3 kit:3"]);
    world.check_done();
    assert_eq!(world.engine().figures().latency.count(), 4, "what set it off is known still");
}

#[test]
fn a_store_that_is_written_otherwise_now_waits_for_what_is_under_way() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::Kept]);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.log.clear();
    world.shop.outlets[0].terms.items_max = 1;
    world.reload();
    world.tell(&[order("2", "web", NOON, &[("c", 1)])]);
    world.run();
    world.check_log(&["shop <- c:2 kit:2"]);
    let work = world.kept.pop().expect("kept");
    let (ended, now) = (world.carry(&work).expect("ended"), world.now);
    world.engine().ended(work.id, ended, now, 0).expect("told");
    world.run();
    world.check_log(&["web <- c:3 kit:3", "web -> c kit", "web <- c:2", "web <- kit:2"]);
    world.check_done();
}

#[test]
fn lines_whose_mapping_comes_are_taken_then() {
    let mut world = World::with(|shop| shop.maps_kit = false);
    world.tell(&[order("1", "web", NOON, &[("kit", 1)])]);
    world.run();
    world.check_log(&[]);
    assert!(
        matches!(&world.engine().notices()[..], [Notice::Unmapped { store_sku, .. }] if store_sku == "kit")
    );
    world.shop.maps_kit = true;
    world.reload();
    assert_eq!(world.shows(), "web a:8 c:3 kit:3, shop a:8 c:3 kit:3");
    assert!(world.records().iter().any(|record| record == "order-placed 1 web a 10->8 sent #1"));
}

#[test]
fn a_store_that_can_be_opened_at_last_is_written_as_it_wants_to_be() {
    let mut world = World::new();
    let outlet = Outlet { bounds: Bounds { min: 0, max: 5 }, ..outlet() };
    let now = world.now;
    world.engine().reopened(crate::rules::StoreId(0), outlet, now).expect("taken");
    world.run();
    assert_eq!(world.shows(), "web a:5 c:4 kit:4, shop a:10 c:4 kit:4");
    assert_eq!(world.records(), ["retry - web a 10->5 sent #1"]);
}

#[test]
fn what_changed_while_everything_was_switched_off_is_written_when_it_is_on_again() {
    let mut world = World::new();
    world.shop.inventory_features = false;
    world.reload();
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.check_log(&["web -> c"]);
    assert_eq!(world.records()[0], "order-placed 1 web c 4->3 skipped (switched-off) #-");
    world.shop.inventory_features = true;
    world.reload();
    world.check_log(&["web <- c:3 kit:3", "shop <- c:3 kit:3"]);
    world.check_done();
}

/// The store did both numbers in their order, and tells the end of the older one after a reload: it was not the last.
#[test]
fn a_listing_is_read_where_what_was_accepted_ends_after_a_reload() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::Accepted, Fate::Kept]);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.wait(1);
    world.tell(&[order("2", "web", NOON, &[("c", 1)])]);
    world.wait(60);
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    world.reload();
    world.log.clear();
    let (tickets, now) = (world.kept.pop().expect("asked for"), world.now);
    world.engine().ended(tickets.id, Ended::Outcomes(vec![Outcome::Sent; 2]), now, 0).expect("told");
    world.run();
    world.check_log(&["web -> c kit"]);
    world.tell(&[cancelled("2")]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3");
    world.check_done();
}
