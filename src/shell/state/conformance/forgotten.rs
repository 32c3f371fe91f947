//! Which records are forgotten, and which never.

use super::*;

/// A run at a second that sets listings of `SKU`, and what the store says to it.
fn set(state: &mut dyn State, second: i64, store_skus: &[&str], outcome: Option<Outcome>) {
    let writes: Vec<_> = store_skus.iter().map(|sku| write(sku, Some(1), second as u64)).collect();
    let new = NewRun { plan_id: None, ..run("", "v1", second) };
    state.begin(&new, &mut writes.iter().copied()).expect("a run");
    let Some(outcome) = outcome else { return };
    let items = state.pending("s", 100).expect("read");
    let claim = Claim { store: "s", key: "k", body_hash: "h", now: at(second) };
    state.claim_batch(&claim, &items).expect("claimed");
    state.settle_batch("s", &items, &vec![outcome; items.len()], at(second)).expect("settled");
}

fn all(state: &mut dyn State) -> Vec<String> {
    records(state, RecordQuery::default())
}

pub(super) fn a_few_at_a_time(state: &mut dyn State) {
    for second in 10..20 {
        set(state, second, &["a", "b"], Some(Outcome::Sent));
    }
    let forget = |state: &mut dyn State, second, most| {
        let Forgotten { records, is_done } = state.forget_records(at(second), most).expect("forgotten");
        (records, is_done)
    };
    assert_eq!(forget(state, 10, 100), (0, true), "none is older");
    // Of ten records, in runs of two, three and three and three and one are looked at.
    assert_eq!([3; 4].map(|most| forget(state, 15, most)), [(3, false), (3, false), (3, false), (1, true)]);
    assert_eq!(all(state).len(), 10);
    assert_eq!(all(state)[0], "a:15 sent ");
    assert_eq!(forget(state, 99, 100), (8, true));
    assert_eq!(all(state), ["a:19 sent ", "b:19 sent "]);
    assert_eq!(forget(state, 99, 1), (0, false));
    // The round goes on where it was, with what came meanwhile.
    set(state, 30, &["a"], Some(Outcome::Sent));
    assert_eq!([1; 3].map(|most| forget(state, 99, most)), [(0, false), (0, false), (0, true)]);
    assert_eq!(forget(state, 99, 9), (1, true));
    assert_eq!(all(state), ["b:19 sent ", "a:30 sent "]);
}

pub(super) fn what_is_needed_stays(state: &mut dyn State) {
    // Of a plan that is carried out, and one that is not: both are known for ever.
    begin(state, "done", &[write("a", Some(1), 2)]);
    send_all(state, Outcome::Sent);
    begin(state, "open", &[write("a", Some(2), 3)]);
    send_all(state, Outcome::Failed("no".to_owned()));
    set(state, 40, &["a", "waits"], None);
    set(state, 41, &["failed"], None);
    let items: Vec<_> =
        state.pending("s", 9).expect("read").into_iter().filter(|item| item.store_sku == "failed").collect();
    claim(state, &items);
    state.settle_batch("s", &items, &[Outcome::Failed("no".to_owned())], at(42)).expect("settled");
    let synced = state.synced("SKU").expect("read");
    assert!(state.forget_records(at(1_000), 1_000).expect("forgotten").is_done);
    assert_eq!(all(state), ["a:40 pending ", "waits:40 pending ", "failed:41 failed no"]);
    assert_eq!(waiting(state), ["a", "waits"]);
    let status = |state: &mut dyn State, plan| state.plan_status(plan).expect("read");
    assert_eq!((status(state, "done"), status(state, "open")), (PlanStatus::Finished, PlanStatus::Started));
    assert_eq!((state.activations().expect("read").len(), state.synced("SKU").expect("read")), (1, synced));
    // What waited is sent, and settles its record.
    send_all(state, Outcome::Sent);
    assert_eq!(all(state), ["a:40 sent ", "waits:40 sent ", "failed:41 failed no"]);
}
