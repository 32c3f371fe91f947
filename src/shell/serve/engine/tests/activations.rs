//! Under which rules numbers are planned.

use super::*;

/// The first rules for a day, then others.
fn two_versions() -> World {
    let mut world = World::new();
    let rules = r#"rule "half" { order 1 skus all warehouses all stores all rate 50% }"#;
    rules.clone_into(&mut world.shop.rules);
    world.now = at("2026-01-02T00:00:00Z");
    world.start();
    world.run();
    world
}

#[test]
fn a_change_of_rules_writes_nothing_by_itself() {
    let mut world = two_versions();
    world.check_log(&[]);
    assert_eq!(world.engine().state().activations().expect("read").len(), 2);
    world.tell(&[stock("s", "C", 6, "2026-01-02T00:00:00Z")]);
    world.run();
    world.check_log(&["web <- kit:2 c:3", "shop <- kit:2 c:3"]);
    let last = world.records().pop().expect("records");
    assert_eq!(last, "stock-change - shop kit 4->2 sent #2", "a stock change takes the current rules");
}

#[test]
fn an_order_keeps_the_rules_that_it_was_placed_under() {
    let mut world = two_versions();
    world.tell(&[order("1", "web", "2026-01-01T18:00:00Z", &[("c", 2)])]);
    world.run();
    world.check_log(&["web <- c:2 kit:2", "shop <- c:2 kit:2"]);
    assert_eq!(world.records()[0], "order-placed 1 web c 4->2 sent #1");
    world.tell(&[order("2", "web", "2026-01-02T18:00:00Z", &[("c", 1)])]);
    world.run();
    world.check_log(&["web <- c:0 kit:0", "shop <- c:0 kit:0"]);
    world.tell(&[cancelled("1")]);
    world.run();
    assert_eq!(
        world.records().pop().expect("records"),
        "order-cancelled 1 shop kit 0->1 sent #2",
        "a SKU never goes back"
    );
}

#[test]
fn started_again_a_change_of_stock_meanwhile_is_written_and_one_of_rules_is_not() {
    let mut world = World::new();
    world.tell(&[order("1", "web", "2026-01-01T00:00:00Z", &[("c", 1)])]);
    world.run();
    world.log.clear();
    world.stock = vec![("A", "w", 6), ("C", "w", 4)];
    let rules = r#"rule "half" { order 1 skus all warehouses all stores all rate 50% }"#;
    rules.clone_into(&mut world.shop.rules);
    world.now = at("2026-01-02T00:00:00Z");
    world.start();
    world.run();
    world.check_log(&["web <- kit:1 a:3", "shop <- kit:1 a:3"]);
    let records = world.records();
    let changed: Vec<_> = records.iter().filter(|record| record.starts_with("stock-change")).collect();
    assert!(changed.len() == 4 && changed.iter().all(|record| record.ends_with("sent #2")), "{changed:?}");
}

#[test]
fn started_again_what_holds_other_goods_is_planned_though_its_last_rules_give_the_same() {
    let mut world = World::with(|shop| {
        shop.rules = r#"rule "few" { order 1 skus all warehouses all stores all cap 3 }"#.to_owned();
    });
    world.tell(&[order("1", "web", "2026-01-01T00:00:00Z", &[("a", 1), ("c", 1)])]);
    world.run();
    assert_eq!(world.shows(), "web a:3 c:3 kit:3, shop a:3 c:3 kit:3");
    world.log.clear();
    world.stock = vec![("A", "w", 10), ("C", "w", 20)];
    let rules = r#"rule "more" { order 1 skus all warehouses all stores all cap 4 }"#;
    rules.clone_into(&mut world.shop.rules);
    world.now = at("2026-01-02T00:00:00Z");
    world.start();
    world.run();
    world.check_log(&["web <- c:4 kit:4", "shop <- c:4 kit:4"]);
    world.start();
    world.run();
    world.check_log(&[]);
}

#[test]
fn a_window_opens_and_closes_by_itself() {
    let mut world = World::with(|shop| {
        shop.rules = r#"
rule "sale" { order 1 skus "C" active from 2026-01-03 until 2026-01-04 warehouses all stores web rate 50% }
rule "all" { order 2 skus all warehouses all stores all rate 100% }
"#
        .to_owned();
    });
    let now = world.now;
    assert!(world.engine().wake(now).is_some());
    world.now = at("2026-01-03T00:00:00Z");
    world.run();
    world.check_log(&["web <- c:2"]);
    world.now = at("2026-01-04T00:00:00Z");
    world.run();
    world.check_log(&["web <- c:4"]);
    assert_eq!(
        world.records(),
        ["window - web c 4->2 sent #1", "window - web c 2->4 sent #1"],
        "a listing that no rule takes keeps its number"
    );
}

#[test]
fn a_window_that_opened_while_nobody_looked_is_followed_at_the_start() {
    let mut world = World::with(|shop| {
        shop.rules = r#"
rule "sale" { order 1 skus "C" active from 2026-01-03 warehouses all stores all rate 50% }
rule "all" { order 2 skus all warehouses all stores all rate 100% }
"#
        .to_owned();
    });
    world.now = at("2026-01-05T00:00:00Z");
    world.start();
    world.run();
    world.check_log(&["web <- c:2", "shop <- c:2"]);
    world.start();
    world.run();
    world.check_log(&[]);
}

/// A rule takes C in `web` at such a rate until the fourth; what none takes any more is emptied.
fn until_the_fourth(rate: &str) -> World {
    World::with(|shop| {
        shop.on_release = OnRelease::Zero;
        shop.rules = format!(
            r#"rule "sale" {{ order 1 skus "C" active until 2026-01-04 warehouses all stores web rate {rate} }}"#
        );
    })
}

#[test]
fn a_listing_that_no_rule_takes_any_more_is_emptied_where_that_is_wanted() {
    let mut world = until_the_fourth("50%");
    world.tell(&[stock("s", "C", 8, "2026-01-01T00:00:00Z"), stock("t", "C", 6, "2026-01-01T00:00:00Z")]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:3 kit:4, shop a:10 c:4 kit:4");
    world.now = at("2026-01-04T00:00:00Z");
    world.run();
    assert_eq!(world.shows(), "web a:10 c:0 kit:4, shop a:10 c:4 kit:4", "what we never wrote stays");
    assert_eq!(world.records().pop().expect("records"), "window - web c 3->0 sent #1");
}

#[test]
fn it_is_emptied_too_where_its_first_number_is_still_on_its_way() {
    let mut world = until_the_fourth("100%");
    world.fates.insert("web", vec![Fate::Kept]);
    world.tell(&[stock("s", "C", 3, "2026-01-01T00:00:00Z")]);
    world.run();
    let work = world.kept.pop().expect("under way");
    world.now = at("2026-01-04T00:00:00Z");
    world.run();
    let (ended, now) = (world.carry(&work).expect("answered"), world.now);
    assert_eq!(world.shows(), "web a:10 c:3 kit:4, shop a:10 c:4 kit:4");
    world.engine().ended(work.id, ended, now, 0).expect("told");
    world.run();
    assert_eq!(world.shows(), "web a:10 c:0 kit:4, shop a:10 c:4 kit:4");
    world.check_done();
}

/// The only number of C in `web` was accepted there; it is asked for, and another one sent, without an answer.
fn accepted() -> World {
    let mut world = until_the_fourth("100%");
    world.fates.insert("web", vec![Fate::Accepted, Fate::Kept, Fate::Kept]);
    world.tell(&[stock("s", "C", 3, "2026-01-01T00:00:00Z")]);
    world.run();
    world.wait(1);
    world
}

/// Its store had only accepted it, and did it when a newer one was on its way, which never arrived.
#[test]
fn it_is_emptied_too_where_its_only_number_was_done_late() {
    let mut world = accepted();
    world.tell(&[stock("t", "C", 2, "2026-01-01T00:00:00Z")]);
    world.wait(60);
    world.check_log(&["web <- c:3", "web ? 1", "web <- c:2"]);
    let (newer, tickets) = (world.kept.pop().expect("under way"), world.kept.pop().expect("asked for"));
    let (sku, now) = (Pausable::Sku("C".to_owned()), world.now);
    world.live.insert(("web", "c".to_owned()), 3);
    world.engine().ended(tickets.id, Ended::Outcomes(vec![Outcome::Sent]), now, 0).expect("told");
    world.engine().pause(&sku, true, now).expect("paused");
    world.engine().ended(newer.id, Ended::NotSent("down".to_owned(), None), now, 0).expect("told");
    world.now = at("2026-01-04T00:00:00Z");
    world.run();
    let now = world.now;
    world.engine().pause(&sku, false, now).expect("goes on");
    world.run();
    assert_eq!(world.shows(), "web a:10 c:0 kit:4, shop a:10 c:4 kit:4");
    world.check_done();
}

/// An earlier run gave it a newer one too, which got lost.
#[test]
fn it_is_emptied_too_where_an_earlier_run_left_its_only_number_accepted() {
    let mut world = accepted();
    world.now = at("2026-01-04T00:00:00Z");
    world.run();
    world.check_log(&["web <- c:3", "web ? 1", "web <- c:0"]);
    // The first is the read's, which has no fate of its own.
    world.fates.insert("web", vec![Fate::Accepted, Fate::Kept]);
    world.start();
    world.run();
    world.check_log(&["web -> c", "web ? 1"]);
    let (tickets, now) = (world.kept.pop().expect("asked for"), world.now);
    world.live.insert(("web", "c".to_owned()), 3);
    world.engine().ended(tickets.id, Ended::Outcomes(vec![Outcome::Sent]), now, 0).expect("told");
    world.run();
    world.check_log(&["web -> c", "web <- c:0"]);
    world.check_done();
}

/// Everything that we wrote is taken by no rule any more; nothing is written because of that alone.
fn released(change: impl FnOnce(&mut Shop)) -> World {
    let mut world = World::with(|shop| {
        shop.on_release = OnRelease::Zero;
        change(shop);
    });
    world.tell(&[stock("s", "C", 3, "2026-01-01T00:00:00Z")]);
    world.run();
    world.check_log(&["web <- c:3 kit:3", "shop <- c:3 kit:3"]);
    r#"rule "a" { order 1 skus "A" warehouses all stores all rate 100% }"#.clone_into(&mut world.shop.rules);
    world.start();
    world.run();
    world.check_log(&[]);
    world
}

#[test]
fn what_other_rules_take_no_more_is_emptied_when_something_touches_it() {
    let mut world = released(|_| {});
    world.tell(&[stock("t", "C", 2, "2026-01-01T00:00:00Z")]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:0 kit:0, shop a:10 c:0 kit:0");
    assert_eq!(world.records().pop().expect("records"), "stock-change - shop kit 3->0 sent #2");
}

#[test]
fn a_store_that_takes_no_less_than_one_is_not_emptied() {
    let mut world = released(|shop| shop.outlets[0].bounds.min = 1);
    world.tell(&[stock("t", "C", 2, "2026-01-01T00:00:00Z")]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:0 kit:0");
    world.check_done();
}
