use super::*;
use std::collections::HashMap;

pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn terms() -> Terms {
    Terms {
        items_max: 2,
        concurrency: 2,
        all_or_nothing: false,
        conditional: true,
        read_before: ReadBefore::Raises,
        reads_max: 10,
        window_max: 100,
        retry: RetryLimits {
            attempts_max: 3,
            elapsed_ms_max: 0,
            backoff_ms_first: 100,
            backoff_ms_max: 10_000,
        },
        circuit: CircuitLimits {
            failures_max: 3,
            pause_ms_first: 500,
            pause_ms_max: 10_000,
            probe_ms_max: 60_000,
        },
        fresh_ms: 1_000,
    }
}

fn item(record: u64, store_sku: &str, before: i64, after: u64) -> Item {
    Item { record, store_sku: store_sku.to_owned(), before: Some(before), after }
}

fn told(done: &Do) -> String {
    let pairs = |items: &[(Item, Outcome)]| {
        let pair = |(item, outcome): &(Item, Outcome)| {
            let (status, detail) = outcome.settle();
            format!(
                "{}:{} {}{}",
                item.store_sku,
                item.after,
                status.name(),
                detail.map_or(String::new(), |d| format!(" ({d})"))
            )
        };
        items.iter().map(pair).collect::<Vec<_>>().join(", ")
    };
    match done {
        Do::Send { batch, items } => {
            let items: Vec<_> =
                items.iter().map(|item| format!("{}:{}", item.store_sku, item.after)).collect();
            format!("send {batch}: {}", items.join(" "))
        }
        Do::Read { read, store_skus } => format!("read {read}: {}", store_skus.join(" ")),
        Do::Settle(items) => format!("settle {}", pairs(items)),
        Do::Resolve(items) => {
            let items: Vec<_> =
                items.iter().map(|(item, live)| format!("{} {live:?}", item.store_sku)).collect();
            format!("resolve {}", items.join(", "))
        }
        Do::Replan(store_skus) => format!("replan {}", store_skus.join(" ")),
        Do::Fill => "fill".to_owned(),
    }
}

/// Everything that is to be done at a moment.
#[track_caller]
fn check(machine: &mut Machine, ms: i64, expected: &[&str]) {
    let done: Vec<String> = std::iter::from_fn(|| machine.poll(at(ms))).map(|done| told(&done)).collect();
    assert_eq!(done, expected);
}

fn offered(terms: Terms, items: Vec<Item>) -> Machine {
    let mut machine = Machine::new(terms, false);
    machine.offer(items, false);
    machine
}

fn live(numbers: &[(&str, i64)]) -> HashMap<String, i64> {
    numbers.iter().map(|(store_sku, live)| ((*store_sku).to_owned(), *live)).collect()
}

#[test]
fn zeroes_go_first_then_lower_then_higher_so_many_at_once() {
    let items = vec![
        item(1, "up", 1, 9),
        item(2, "down", 9, 3),
        item(3, "less", 9, 2),
        item(4, "zero", 9, 0),
        item(5, "b", 9, 0),
    ];
    let mut machine = offered(terms(), items);
    check(&mut machine, 0, &["send 1: b:0 zero:0", "send 2: less:2 down:3"]);
    assert_eq!(machine.wake(at(0)), None, "two are under way");
    machine.answered(1, vec![Outcome::Sent, Outcome::Failed("gone".to_owned())], at(1), 0);
    check(&mut machine, 1, &["settle b:0 sent, zero:0 failed (gone)", "send 3: up:9"]);
    machine.answered(2, vec![Outcome::Sent, Outcome::Accepted("t".to_owned())], at(1), 0);
    machine.answered(3, vec![Outcome::Sent], at(1), 0);
    check(&mut machine, 1, &["settle less:2 sent, down:3 pending", "settle up:9 sent"]);
    assert!(machine.is_idle());
    machine.answered(3, vec![Outcome::Sent], at(1), 0);
    check(&mut machine, 1, &[]);
}

#[test]
fn a_newer_number_waits_for_the_end_of_the_older_one() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5)]);
    check(&mut machine, 0, &["send 1: a:5"]);
    machine.offer(vec![item(2, "a", 9, 4), item(3, "a", 9, 3)], false);
    check(&mut machine, 0, &[]);
    machine.answered(1, vec![Outcome::Sent], at(1), 0);
    let newest = Item { before: Some(5), ..item(3, "a", 9, 3) };
    assert_eq!(machine.poll(at(1)), Some(Do::Settle(vec![(item(1, "a", 9, 5), Outcome::Sent)])));
    assert_eq!(machine.poll(at(1)), Some(Do::Send { batch: 2, items: vec![newest] }));
}

#[test]
fn a_newer_number_waits_for_one_that_was_accepted_and_not_for_ever() {
    let accepted = || vec![Outcome::Accepted("t".to_owned())];
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5)]);
    check(&mut machine, 0, &["send 1: a:5"]);
    machine.offer(vec![item(2, "a", 9, 4)], false);
    machine.answered(1, accepted(), at(0), 0);
    check(&mut machine, 0, &["settle a:5 pending"]);
    assert_eq!(machine.wake(at(0)), Some(at(60_000)));
    assert!(machine.ended(&item(1, "a", 9, 5), &Outcome::Sent));
    let newer = Item { before: Some(5), ..item(2, "a", 9, 4) };
    assert_eq!(machine.poll(at(1)), Some(Do::Send { batch: 2, items: vec![newer.clone()] }));
    machine.answered(2, accepted(), at(1), 0);
    check(&mut machine, 1, &["settle a:4 pending"]);
    assert_eq!(machine.wake(at(1)), None, "nothing waits for it");
    machine.offer(vec![item(3, "a", 5, 3)], false);
    check(&mut machine, 60_000, &[]);
    check(&mut machine, 60_001, &["send 3: a:3"]);
    assert!(!machine.ended(&newer, &Outcome::Sent), "nobody waited for it until now");
    check(&mut machine, 60_002, &[]);
}

#[test]
fn what_an_earlier_run_left_accepted_is_waited_for() {
    let mut machine = Machine::new(terms(), false);
    machine.recover_accepted(vec![item(2, "a", 9, 5), item(1, "a", 9, 7)], at(0));
    machine.offer(vec![item(3, "a", 9, 4)], false);
    check(&mut machine, 0, &[]);
    assert!(!machine.ended(&item(1, "a", 9, 7), &Outcome::Sent));
    check(&mut machine, 1, &[]);
    assert!(machine.ended(&item(2, "a", 9, 5), &Outcome::Failed("no".to_owned())));
    check(&mut machine, 2, &["send 1: a:4"]);
}

#[test]
fn what_was_not_answered_is_read_and_never_sent_again() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5), item(2, "b", 9, 6)]);
    check(&mut machine, 0, &["send 1: a:5 b:6"]);
    machine.broke(1, Broken::Unknown("timeout".to_owned()), at(1), 0);
    check(&mut machine, 1, &["settle a:5 unknown (timeout), b:6 unknown (timeout)", "read 2: a b"]);
    machine.seen(2, &live(&[("a", 5), ("b", 9)]), at(2));
    check(&mut machine, 2, &["resolve a Some(5), b Some(9)", "replan b"]);
    assert!(machine.is_idle());
}

#[test]
fn the_newer_number_goes_on_from_what_was_read() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5)]);
    check(&mut machine, 0, &["send 1: a:5"]);
    machine.broke(1, Broken::Unknown("timeout".to_owned()), at(1), 0);
    machine.offer(vec![item(2, "a", 9, 3)], false);
    check(&mut machine, 1, &["settle a:5 unknown (timeout)", "read 2: a"]);
    machine.seen(2, &live(&[("a", 9)]), at(2));
    check(&mut machine, 2, &["resolve a Some(9)", "send 3: a:3"]);
}

#[test]
fn what_did_not_leave_is_tried_again_and_given_up_in_the_end() {
    let circuit = CircuitLimits { failures_max: 9, ..terms().circuit };
    let mut machine = offered(Terms { circuit, ..terms() }, vec![item(1, "a", 9, 5)]);
    let gone = || Broken::NotSent("refused".to_owned(), None);
    check(&mut machine, 0, &["send 1: a:5"]);
    machine.broke(1, gone(), at(0), 60);
    check(&mut machine, 0, &[]);
    assert_eq!(machine.wake(at(0)), Some(at(60)));
    check(&mut machine, 60, &["send 2: a:5"]);
    machine.broke(2, Broken::NotSent("busy".to_owned(), Some(5_000)), at(60), 0);
    assert_eq!(machine.wake(at(60)), Some(at(5_060)), "the store asked for it");
    check(&mut machine, 5_060, &["send 3: a:5"]);
    machine.broke(3, gone(), at(5_060), 0);
    check(&mut machine, 5_060, &["settle a:5 failed (not sent: refused)"]);
    assert!(machine.is_idle());
}

#[test]
fn throttled_items_wait_and_the_others_are_done() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5), item(2, "b", 9, 6)]);
    check(&mut machine, 0, &["send 1: a:5 b:6"]);
    let throttled = Outcome::Failed("throttled: 429".to_owned());
    machine.answered(1, vec![throttled.clone(), Outcome::Sent], at(0), 9);
    check(&mut machine, 0, &["settle b:6 sent"]);
    check(&mut machine, 10, &["send 2: a:5"]);
    machine.answered(2, vec![throttled.clone()], at(10), 0);
    check(&mut machine, 11, &["send 3: a:5"]);
    machine.answered(3, vec![throttled], at(11), 0);
    check(&mut machine, 11, &["settle a:5 failed (throttled: 429)"]);
}

#[test]
fn a_newer_number_takes_the_place_of_one_that_is_to_be_tried_again() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5)]);
    check(&mut machine, 0, &["send 1: a:5"]);
    machine.offer(vec![item(2, "a", 9, 4)], false);
    machine.broke(1, Broken::NotSent("refused".to_owned(), None), at(0), 0);
    check(&mut machine, 0, &["settle a:5 skipped (superseded)", "send 2: a:4"]);
}

#[test]
fn a_conflict_is_planned_again_unless_a_newer_number_waits() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5), item(2, "b", 9, 6)]);
    check(&mut machine, 0, &["send 1: a:5 b:6"]);
    machine.offer(vec![item(3, "b", 9, 1)], false);
    machine.answered(1, vec![Outcome::Conflict, Outcome::Conflict], at(0), 0);
    check(
        &mut machine,
        0,
        &["settle a:5 skipped (conflict), b:6 skipped (conflict)", "replan a", "send 2: b:1"],
    );
}

#[test]
fn what_is_raised_is_read_first_where_the_store_cannot_compare() {
    let mut machine = offered(
        Terms { conditional: false, ..terms() },
        vec![item(1, "down", 9, 5), item(2, "up", 1, 6), item(3, "stale", 1, 7), item(4, "there", 1, 8)],
    );
    check(&mut machine, 0, &["send 1: down:5", "read 2: stale there up"]);
    machine.seen(2, &live(&[("up", 1), ("stale", 2), ("there", 8)]), at(0));
    check(
        &mut machine,
        0,
        &["settle stale:7 skipped (conflict), there:8 sent", "replan stale", "send 3: up:6"],
    );
}

#[test]
fn a_read_counts_for_a_while() {
    let mut machine =
        offered(Terms { conditional: false, concurrency: 1, ..terms() }, vec![item(1, "up", 1, 6)]);
    check(&mut machine, 0, &["read 1: up"]);
    machine.seen(1, &live(&[("up", 1)]), at(0));
    machine.admit(Writes::Held);
    check(&mut machine, 0, &[]);
    machine.admit(Writes::Open);
    check(&mut machine, 1_000, &["read 2: up"]);
}

#[test]
fn the_circuit_opens_and_one_thing_is_tried() {
    let items = (0..8).map(|n| item(n, &format!("s{n}"), 9, n + 1)).collect();
    let mut machine = offered(terms(), items);
    check(&mut machine, 0, &["send 1: s0:1 s1:2", "send 2: s2:3 s3:4"]);
    for (batch, ms) in [(1, 0), (2, 0)] {
        machine.broke(batch, Broken::NotSent("down".to_owned(), None), at(ms), 99);
    }
    check(&mut machine, 0, &["send 3: s4:5 s5:6", "send 4: s6:7 s7:8"]);
    machine.broke(3, Broken::NotSent("down".to_owned(), None), at(0), 499);
    assert!(machine.is_circuit_open());
    machine.broke(4, Broken::NotSent("down".to_owned(), None), at(0), 499);
    check(&mut machine, 400, &[]);
    assert_eq!(machine.wake(at(400)), Some(at(500)));
    check(&mut machine, 500, &["send 5: s0:1 s1:2"]);
    machine.answered(5, vec![Outcome::Sent, Outcome::Sent], at(501), 0);
    assert!(!machine.is_circuit_open());
    check(&mut machine, 501, &["settle s0:1 sent, s1:2 sent", "send 6: s2:3 s3:4", "send 7: s4:5 s5:6"]);
}

fn bad() -> Outcome {
    Outcome::Failed("bad".to_owned())
}

/// A store that takes all of a batch or nothing, and has just refused a batch of four, each for being bad.
fn refused_whole() -> Machine {
    let items = (0..4).map(|n| item(n, &format!("s{n}"), 9, n + 1)).collect();
    let mut machine = offered(Terms { items_max: 4, concurrency: 1, all_or_nothing: true, ..terms() }, items);
    check(&mut machine, 0, &["send 1: s0:1 s1:2 s2:3 s3:4"]);
    machine.answered(1, vec![bad(), bad(), bad(), bad()], at(0), 0);
    machine
}

#[test]
fn a_batch_refused_whole_is_halved() {
    let mut machine = refused_whole();
    check(&mut machine, 0, &["send 2: s0:1 s1:2"]);
    machine.answered(2, vec![Outcome::Sent, Outcome::Sent], at(0), 0);
    check(&mut machine, 0, &["settle s0:1 sent, s1:2 sent", "send 3: s2:3 s3:4"]);
    machine.answered(3, vec![bad(), bad()], at(0), 0);
    check(&mut machine, 0, &["send 4: s2:3"]);
    machine.answered(4, vec![bad()], at(0), 0);
    check(&mut machine, 0, &["settle s2:3 failed (bad)", "send 5: s3:4"]);
}

#[test]
fn a_guard_holds_and_a_pause_leaves_out() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5)]);
    machine.admit(Writes::Held);
    check(&mut machine, 0, &[]);
    assert!(!machine.is_idle());
    machine.admit(Writes::Closed(Skip::Paused));
    check(&mut machine, 0, &["settle a:5 skipped (paused)"]);
    machine.offer(vec![item(2, "b", 9, 5)], false);
    machine.admit(Writes::Closed(Skip::SwitchedOff));
    check(&mut machine, 0, &["settle b:5 skipped (switched-off)"]);
    assert!(machine.is_idle());
}

#[test]
fn a_window_is_bounded_and_filled_again_in_order() {
    let mut machine = Machine::new(Terms { window_max: 4, concurrency: 1, ..terms() }, true);
    check(&mut machine, 0, &["fill"]);
    machine.offer((1..=4).map(|n| item(n, &format!("s{n}"), 9, n)).collect(), true);
    machine.offer(vec![item(9, "zero", 9, 0)], false);
    assert_eq!(machine.room(), 0);
    check(&mut machine, 0, &["send 1: zero:0 s1:1", "fill"]);
    machine.offer(vec![item(4, "s4", 9, 4), item(5, "s5", 9, 5)], false);
    machine.answered(1, vec![Outcome::Sent, Outcome::Sent], at(0), 0);
    check(&mut machine, 0, &["settle zero:0 sent, s1:1 sent", "send 2: s2:2 s3:3"]);
}

#[test]
fn a_batch_that_disk_knows_a_newer_number_of_is_built_anew() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5), item(2, "b", 9, 6)]);
    check(&mut machine, 0, &["send 1: a:5 b:6"]);
    machine.overtaken(1, "a");
    check(&mut machine, 0, &["settle a:5 skipped (superseded)", "fill", "send 2: b:6"]);
    machine.offer(vec![item(3, "a", 9, 2)], false);
    check(&mut machine, 0, &["send 3: a:2"]);
}

#[test]
fn a_run_that_died_is_taken_up_by_a_read() {
    let mut machine = Machine::new(terms(), false);
    machine.recover(vec![item(1, "a", 9, 5)]);
    machine.admit(Writes::Held);
    machine.offer(vec![item(2, "a", 9, 4)], false);
    check(&mut machine, 0, &["read 1: a"]);
    machine.unseen(1, "down", None, at(0), 1);
    check(&mut machine, 0, &[]);
    check(&mut machine, 1, &["read 2: a"]);
    machine.seen(2, &live(&[]), at(1));
    check(&mut machine, 1, &["resolve a None"]);
    machine.admit(Writes::Open);
    check(&mut machine, 1, &["send 3: a:4"]);
}

#[test]
fn what_is_called_back_is_not_sent_and_not_tried_again() {
    let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let items = vec![item(1, "a", 9, 1), item(2, "b", 9, 2), item(3, "c", 9, 3), item(4, "d", 9, 4)];
    let mut machine = offered(Terms { concurrency: 1, ..terms() }, items);
    check(&mut machine, 0, &["send 1: a:1 b:2"]);
    machine.recall(&named(&["a", "c"]), Skip::Paused);
    check(&mut machine, 0, &[]);
    machine.broke(1, Broken::NotSent("busy".to_owned(), None), at(0), 0);
    check(&mut machine, 0, &["settle a:1 skipped (paused)", "send 2: b:2 d:4"]);
    machine.broke(2, Broken::NotSent("busy".to_owned(), None), at(0), 99);
    machine.recall(&named(&["b"]), Skip::Paused);
    check(&mut machine, 0, &["settle b:2 skipped (paused)"]);
    check(&mut machine, 99, &["send 3: d:4"]);
}

#[test]
fn a_newer_number_waits_for_the_older_one_though_one_between_them_was_called_back() {
    let mut machine = offered(Terms { concurrency: 2, ..terms() }, vec![item(1, "a", 9, 3)]);
    check(&mut machine, 0, &["send 1: a:3"]);
    machine.offer(vec![item(2, "a", 9, 2)], false);
    machine.recall(&BTreeSet::from(["a".to_owned()]), Skip::Paused);
    machine.offer(vec![item(3, "a", 9, 1)], false);
    check(&mut machine, 0, &[]);
    machine.answered(1, vec![Outcome::Sent], at(0), 0);
    check(&mut machine, 0, &["settle a:3 sent", "send 2: a:1"]);
}

#[test]
fn what_an_answer_leaves_out_is_read() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5), item(2, "b", 9, 6)]);
    check(&mut machine, 0, &["send 1: a:5 b:6"]);
    machine.answered(1, vec![Outcome::Sent], at(0), 0);
    check(&mut machine, 0, &["settle a:5 sent, b:6 unknown (the answer leaves it out)", "read 2: b"]);
    machine.seen(2, &live(&[("b", 6)]), at(0));
    check(&mut machine, 0, &["resolve b Some(6)"]);
    assert!(machine.is_idle());
}

#[test]
fn what_is_read_before_a_write_is_as_configured() {
    let first = |read_before, items| {
        let mut machine = offered(Terms { conditional: false, read_before, ..terms() }, items);
        machine.poll(at(0)).map(|done| told(&done))
    };
    assert_eq!(first(ReadBefore::Always, vec![item(1, "a", 9, 5)]).as_deref(), Some("read 1: a"));
    assert_eq!(first(ReadBefore::Never, vec![item(1, "a", 1, 5)]).as_deref(), Some("send 1: a:5"));
    let unknown = Item { before: None, ..item(1, "a", 0, 5) };
    assert_eq!(first(ReadBefore::Always, vec![unknown]).as_deref(), Some("send 1: a:5"));
}

#[test]
fn what_cannot_be_read_before_it_is_raised_is_given_up_in_the_end() {
    let mut machine = offered(Terms { conditional: false, ..terms() }, vec![item(1, "up", 1, 6)]);
    for read in ["read 1: up", "read 2: up", "read 3: up"] {
        check(&mut machine, 0, &[read]);
        let number = machine.next - 1;
        machine.unseen(number, "down", Some(0), at(0), 0);
    }
    check(&mut machine, 0, &["settle up:6 failed (not sent: down)"]);
    assert!(machine.is_idle());
}

#[test]
fn a_newer_number_is_read_for_anew() {
    let mut machine = offered(Terms { conditional: false, ..terms() }, vec![item(1, "up", 1, 6)]);
    check(&mut machine, 0, &["read 1: up"]);
    machine.offer(vec![item(2, "up", 1, 9)], false);
    machine.seen(1, &live(&[("up", 1)]), at(0));
    check(&mut machine, 0, &["read 2: up"]);
    machine.seen(2, &live(&[("up", 1)]), at(0));
    check(&mut machine, 0, &["send 3: up:9"]);
}

#[test]
fn halves_of_a_refused_batch_are_overtaken_called_back_and_left_out_like_all_that_waits() {
    let mut machine = refused_whole();
    machine.offer(vec![item(9, "s3", 9, 7)], false);
    machine.recall(&BTreeSet::from(["s2".to_owned()]), Skip::Paused);
    let ended = ["settle s2:3 skipped (paused)", "settle s3:4 skipped (superseded)", "send 2: s0:1 s1:2"];
    check(&mut machine, 0, &ended);
    machine.answered(2, vec![bad(), bad()], at(0), 0);
    machine.admit(Writes::Closed(Skip::SwitchedOff));
    let all = "settle s0:1 skipped (switched-off), s1:2 skipped (switched-off), s3:7 skipped (switched-off)";
    check(&mut machine, 0, &[all]);
    assert!(machine.is_idle());
}

#[test]
fn what_was_overtaken_in_a_batch_that_is_built_anew_ends_there() {
    let mut machine = offered(terms(), vec![item(1, "a", 9, 5), item(2, "b", 9, 6)]);
    check(&mut machine, 0, &["send 1: a:5 b:6"]);
    machine.offer(vec![item(3, "b", 9, 1)], false);
    machine.overtaken(1, "a");
    let ended = "settle a:5 skipped (superseded), b:6 skipped (superseded)";
    check(&mut machine, 0, &[ended, "fill", "send 2: b:1"]);
}
