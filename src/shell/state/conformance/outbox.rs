//! What waits, what is under way, and how it ends.

use super::*;

pub(super) fn order(state: &mut dyn State) {
    let writes = [
        write("up-9", Some(1), 9),
        write("new-3", None, 3),
        write("down-4", Some(5), 4),
        write("down-b", Some(9), 2),
        write("down-a", Some(9), 2),
        write("zero", Some(7), 0),
    ];
    assert_eq!(begin(state, "p", &writes).pending.len(), 6);
    assert_eq!(waiting(state), ["zero", "down-a", "down-b", "down-4", "new-3", "up-9"]);
    let first = state.pending("s", 2).expect("read");
    assert_eq!(first.len(), 2);
    claim(state, &first);
    assert_eq!(waiting(state), ["down-b", "down-4", "new-3", "up-9"]);
    assert_eq!(state.pending("other", 9).expect("read"), []);
}

pub(super) fn sent(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    assert_eq!(records(state, RecordQuery::default()), ["a:4 pending "]);
    send_all(state, Outcome::Sent);
    assert_eq!(records(state, RecordQuery::default()), ["a:4 sent "]);
    assert_eq!(known(state), [("a".to_owned(), 4, Some(4), Some(1))]);
    assert_eq!((waiting(state).len(), state.unresolved("s", 9).expect("read").len()), (0, 0));
}

pub(super) fn outcomes(state: &mut dyn State) {
    let writes = ["a", "b", "c", "d", "e"].map(|store_sku| write(store_sku, Some(5), 4));
    begin(state, "p", &writes);
    let items = state.pending("s", 9).expect("read");
    claim(state, &items);
    let said = [
        Outcome::Sent,
        Outcome::Failed("gone".to_owned()),
        Outcome::Conflict,
        Outcome::Accepted("t".to_owned()),
        Outcome::Unknown("timeout".to_owned()),
    ];
    state.settle_batch("s", &items, &said, at(30)).expect("settled");
    assert_eq!(
        records(state, RecordQuery::default()),
        ["a:4 sent ", "b:4 failed gone", "c:4 skipped conflict", "d:4 pending ", "e:4 unknown timeout"]
    );
    assert_eq!(known(state), [("a".to_owned(), 4, Some(4), Some(1))]);
    assert_eq!(waiting(state), [""; 0]);
    assert!(state.settle_batch("s", &items, &said[1..], at(30)).is_err(), "one outcome each");
}

pub(super) fn superseded(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 4)]);
    begin(state, "q", &[write("a", Some(5), 3)]);
    assert_eq!(waiting(state), ["a", "b"]);
    assert_eq!(
        records(state, RecordQuery::default()),
        ["a:4 skipped superseded", "b:4 pending ", "a:3 pending "]
    );
}

pub(super) fn replaces(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 4), write("c", Some(5), 4)]);
    let first = state.pending("s", 1).expect("read");
    claim(state, &first);
    let new = NewRun { replaces: &["s"], ..run("q", "v1", 11) };
    state.begin(&new, &mut [write("b", Some(5), 3)].into_iter()).expect("a run");
    assert_eq!(waiting(state), ["b"]);
    assert_eq!(state.unresolved("s", 9).expect("read"), first, "what is under way is not forgotten");
    assert_eq!(
        records(state, RecordQuery::default()),
        ["a:4 pending ", "b:4 skipped superseded", "c:4 skipped superseded", "b:3 pending "]
    );
}

pub(super) fn overtaken_in_flight(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    let old = state.pending("s", 9).expect("read");
    claim(state, &old);
    begin(state, "q", &[write("a", Some(5), 3)]);
    assert!(records(state, RecordQuery::default())[0].starts_with("a:4 unknown"));
    state.settle_batch("s", &old, &[Outcome::Sent], at(30)).expect("settled");
    assert_eq!(records(state, RecordQuery::default()), ["a:4 sent ", "a:3 pending "]);
    assert_eq!(waiting(state), ["a"], "the newer number is still to be sent");
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Finished);
}

pub(super) fn stale_claim(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 4)]);
    let old = state.pending("s", 9).expect("read");
    begin(state, "q", &[write("b", Some(5), 3)]);
    let claim = Claim { store: "s", key: "k", body_hash: "h", now: at(20) };
    let fault = state.claim_batch(&claim, &old).expect_err("overtaken");
    assert_eq!(fault.message, "the write of `b` in `s` is no longer its newest");
    let at = old.iter().position(|item| item.store_sku == "b").expect("there");
    assert_eq!(fault.kind, StateFaultKind::Overtaken(at));
    assert_eq!(waiting(state).len(), 2, "nothing of a refused claim stays");
}

pub(super) fn resolved(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 4), write("c", Some(5), 4)]);
    let items = state.pending("s", 9).expect("read");
    claim(state, &items);
    state.settle_batch("s", &items[..1], &[Outcome::Unknown("timeout".to_owned())], at(30)).expect("settled");
    assert_eq!(state.unresolved("s", 9).expect("read"), items);
    state.resolve("s", &items, &[Some(4), Some(5), None], at(40)).expect("resolved");
    assert_eq!(
        records(state, RecordQuery::default()),
        [
            "a:4 sent ",
            "b:4 unknown no answer came; the store shows 5",
            "c:4 unknown no answer came; the store does not have the listing",
        ]
    );
    assert_eq!(known(state), [("a".to_owned(), 4, Some(4), Some(1))]);
    assert_eq!((waiting(state).len(), state.unresolved("s", 9).expect("read").len()), (0, 0));
}

pub(super) fn accepted(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    send_all(state, Outcome::Accepted("t-1".to_owned()));
    let all = state.accepted("s", 9).expect("read");
    assert_eq!(
        all.iter().map(|(item, ticket)| (item.after, ticket.as_str())).collect::<Vec<_>>(),
        [(4, "t-1")]
    );
    assert_eq!((known(state).len(), state.plan_status("p").expect("read")), (0, PlanStatus::Started));
    let items: Vec<_> = all.into_iter().map(|(item, _)| item).collect();
    state.settle_batch("s", &items, &[Outcome::Sent], at(50)).expect("settled");
    assert_eq!((known(state).len(), state.plan_status("p").expect("read")), (1, PlanStatus::Finished));
}

pub(super) fn left_behind(state: &mut dyn State) {
    let ticket = |ticket: &str| Outcome::Accepted(ticket.to_owned());
    let accepted = |state: &mut dyn State| {
        let all = state.accepted("s", 9).expect("read");
        all.into_iter().map(|(item, ticket)| format!("{}:{} {ticket}", item.store_sku, item.after)).collect()
    };
    let none: Vec<String> = Vec::new();
    begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 4)]);
    let old = state.pending("s", 9).expect("read");
    claim(state, &old);
    state.settle_batch("s", &old[..1], &[ticket("t-a")], at(30)).expect("settled");
    begin(state, "q", &[write("a", Some(5), 3), write("b", Some(5), 3)]);
    state.settle_batch("s", &old[1..], &[ticket("t-b")], at(31)).expect("settled");
    let both: Vec<String> = accepted(state);
    assert_eq!(both, ["a:4 t-a", "b:4 t-b"], "each ticket is still there to be asked for");
    assert_eq!(waiting(state), ["a", "b"], "and the newer numbers wait");
    let all = records(state, RecordQuery::default());
    assert_eq!(all, ["a:4 pending ", "b:4 pending ", "a:3 pending ", "b:3 pending "]);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Started);

    let newer = state.pending("s", 9).expect("read");
    claim(state, &newer);
    state.settle_batch("s", &newer[..1], &[Outcome::Sent], at(40)).expect("settled");
    state.settle_batch("s", &old, &[Outcome::Sent, Outcome::Sent], at(41)).expect("settled");
    let known = known(state);
    assert_eq!(
        known[0],
        ("a".to_owned(), 3, Some(3), Some(1)),
        "an older number that ends later is not the last"
    );
    assert_eq!(known[1], ("b".to_owned(), 4, Some(4), Some(1)));
    let left: Vec<String> = accepted(state);
    assert_eq!((left, state.plan_status("p").expect("read")), (none, PlanStatus::Finished));
    assert_eq!(state.unresolved("s", 9).expect("read"), newer[1..]);
}

pub(super) fn left_behind_unknown(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    let old = state.pending("s", 9).expect("read");
    claim(state, &old);
    begin(state, "q", &[write("a", Some(5), 3)]);
    assert_eq!(state.unresolved("s", 9).expect("read"), old, "a run that died here reads the listing");
    state.settle_batch("s", &old, &[Outcome::Unknown("timeout".to_owned())], at(30)).expect("settled");
    assert_eq!(state.unresolved("s", 9).expect("read"), old);
    state.resolve("s", &old, &[Some(5)], at(31)).expect("resolved");
    assert_eq!((state.unresolved("s", 9).expect("read").len(), waiting(state)), (0, vec!["a".to_owned()]));
    assert_eq!(
        records(state, RecordQuery::default()),
        ["a:4 unknown no answer came; the store shows 5", "a:3 pending "]
    );
}
