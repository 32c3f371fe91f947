//! What stores, disks and kills do to it.

use super::*;
use crate::shell::serve::alerts::Alert;

const NOON: &str = "2026-01-01T12:00:00Z";

#[test]
fn a_kill_between_any_two_steps_loses_nothing() {
    for steps in 0..=6 {
        let mut world = World::new();
        let sale = order("1", "web", NOON, &[("c", 1)]);
        let (now, mut works) = (world.now, Vec::new());
        for step in 0..steps {
            match step {
                0 => {
                    drop(world.engine().events(&told(std::slice::from_ref(&sale), now), now).expect("taken"))
                }
                1 | 4 => world.engine().commit().expect("committed"),
                2 => works.extend(world.engine().poll(now).expect("polled")),
                3 => world.engine().commit().expect("committed"),
                _ => {
                    for work in works.drain(..) {
                        let ended = world.carry(&work).expect("ended");
                        world.engine().ended(work.id, ended, now, 0).expect("told");
                    }
                }
            }
        }
        world.start();
        world.run();
        let verdicts = world.tell(&[sale]);
        assert_eq!(verdicts, [if steps < 2 { Verdict::Taken } else { Verdict::Repeated }], "{steps} steps");
        world.run();
        assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3", "{steps} steps");
        world.check_done();
    }
}

#[test]
fn what_had_no_answer_is_read_and_planned_again_only_where_it_is_not_there() {
    for (fate, expected) in [
        (Fate::LostAfter, &["web <- c:3 kit:3", "shop <- c:3 kit:3", "web -> c kit"][..]),
        (
            Fate::LostBefore,
            &["web <- c:3 kit:3", "shop <- c:3 kit:3", "web -> c kit", "web <- c:3 kit:3"][..],
        ),
    ] {
        let mut world = World::new();
        world.fates.insert("web", vec![fate]);
        world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
        world.run();
        world.check_log(expected);
        assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3");
        world.check_done();
    }
}

#[test]
fn a_number_that_others_changed_is_read_and_planned_again() {
    let mut world = World::new();
    world.live.insert(("web", "c".to_owned()), 3);
    world.tell(&[order("1", "web", NOON, &[("c", 2)])]);
    world.run();
    world.check_log(&["web <- c:2 kit:2", "shop <- c:2 kit:2", "web -> c", "web <- c:2"]);
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    let records = world.records();
    assert!(records.contains(&"order-placed 1 web c 4->2 skipped (conflict) #1".to_owned()), "{records:?}");
    assert!(records.contains(&"order-placed 1 web c 3->2 sent #1".to_owned()), "{records:?}");
}

#[test]
fn an_edit_made_elsewhere_is_said_and_put_right_where_that_is_wanted() {
    for (drift, shown) in [(Drift::Report, 9), (Drift::Repair, 4)] {
        let mut world = World::with(|shop| shop.outlets[0].drift = drift);
        world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
        world.run();
        world.tell(&[cancelled("1")]);
        world.run();
        world.live.insert(("web", "c".to_owned()), 9);
        world.engine().notices();
        world.wait(3_700);
        assert_eq!(world.live[&("web", "c".to_owned())], shown, "{drift:?}");
        let notices = world.engine().notices();
        let drifted = |notice: &&Notice| {
            matches!(notice, Notice::Alert(Alert::Drift { written: 4, live: Some(9), .. }))
        };
        assert_eq!(notices.iter().filter(drifted).count(), 1, "{notices:?}");
        world.wait(3_700);
        assert_eq!(world.engine().notices(), [], "once");
        let last = world.records().pop().expect("records");
        assert_eq!(last.starts_with("drift-repair - web c 9->4 sent"), drift == Drift::Repair, "{last}");
        world.start();
        world.run();
        assert_eq!(world.live[&("web", "c".to_owned())], shown, "also where it is started again");
    }
}

#[test]
fn a_listing_that_is_gone_from_its_store_is_said_and_not_written() {
    let mut world = World::with(|shop| shop.outlets[0].drift = Drift::Repair);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.log.clear();
    world.live.remove(&("web", "c".to_owned()));
    world.engine().notices();
    world.wait(3_700);
    let gone = Notice::Alert(Alert::Drift {
        store: "web".to_owned(),
        store_sku: "c".to_owned(),
        written: 3,
        live: None,
    });
    assert_eq!(world.engine().notices(), [gone]);
    world.tell(&[cancelled("1")]);
    world.run();
    assert!(world.log.iter().all(|line| !line.contains("web <- c")), "{:?}", world.log);
    world.check_done();
}

/// The store took two off by itself, so that nothing was written since.
#[test]
fn an_edit_back_to_the_number_that_was_written_last_is_put_right_too() {
    let mut world = World::with(|shop| shop.outlets[0].drift = Drift::Repair);
    world.tell(&[order("1", "shop", NOON, &[("c", 1)])]);
    world.run();
    let (web, now) = (Pausable::Store("web".to_owned()), world.now);
    world.engine().pause(&web, true, now).expect("heard");
    world.live.insert(("web", "c".to_owned()), 1);
    world.tell(&[order("2", "web", NOON, &[("c", 2)])]);
    world.run();
    world.engine().pause(&web, false, now).expect("heard");
    world.log.clear();
    world.run();
    world.check_log(&["web <- kit:1"]);
    world.live.insert(("web", "c".to_owned()), 3);
    world.wait(3_700);
    assert_eq!(world.shows(), "web a:10 c:1 kit:1, shop a:10 c:1 kit:1");
    world.check_done();
}

/// The state fails in the middle: nothing was taken, and the engine goes on from what is on disk.
#[test]
fn where_the_state_fails_nothing_is_taken_and_it_goes_on_from_the_disk() {
    let mut world = World::new();
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.fates.insert("web", vec![Fate::Kept]);
    world.run();
    world.check_log(&["web <- c:3 kit:3", "shop <- c:3 kit:3"]);
    let now = world.now;
    world.engine().state().set_page_limit(1);
    let many: Vec<Event> = (0..2_000).map(|at| order(&format!("o{at}"), "web", NOON, &[("a", 1)])).collect();
    assert!(world.engine().events(&told(&many, now), now).is_err(), "the disk is full");
    world.engine().state().set_page_limit(u32::MAX - 1);
    let sale = order("2", "web", NOON, &[("c", 1)]);
    assert_eq!(world.tell(&[sale]), [Verdict::Taken]);
    world.run();
    world.check_log(&["shop <- c:2 kit:2"]);
    let work = world.kept.pop().expect("kept");
    let ended = world.carry(&work).expect("ended");
    world.engine().ended(work.id, ended, now, 0).expect("told");
    world.run();
    world.check_log(&["web <- c:3 kit:3", "web -> c kit", "web <- c:2 kit:2"]);
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
    world.check_done();
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let mut world = World::new();
    world.fates.insert("web", vec![Fate::NotSent(None)]);
    world.tell(&[order("1", "web", NOON, &[("c", 1)])]);
    world.run();
    world.now = at("2025-06-01T00:00:00Z");
    world.run();
    world.wait(60);
    assert_eq!(world.shows(), "web a:10 c:3 kit:3, shop a:10 c:3 kit:3");
    world.tell(&[order("2", "web", NOON, &[("c", 1)])]);
    world.run();
    assert_eq!(world.shows(), "web a:10 c:2 kit:2, shop a:10 c:2 kit:2");
}
