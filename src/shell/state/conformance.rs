//! One suite over every backend: each case takes a fresh [`State`] and knows nothing of the database.

mod events;
mod forgotten;
mod kept;
mod outbox;
mod records;
mod runs;
mod turns;

use super::*;

type Case = fn(&mut dyn State);

/// Every case, by name.
pub(super) const CASES: &[(&str, Case)] = &[
    ("an empty state knows nothing", empty),
    ("a run activates its version once", runs::activations),
    ("writes wait in the order of writes", outbox::order),
    ("what is sent is known, recorded and gone from the outbox", outbox::sent),
    ("every outcome settles its record", outbox::outcomes),
    ("a newer number takes the older one's place", outbox::superseded),
    ("a run may replace a whole store", outbox::replaces),
    ("a number overtaken in flight is unknown until it is settled", outbox::overtaken_in_flight),
    ("a claim of an overtaken write is refused", outbox::stale_claim),
    ("a plan is new, started, finished", runs::plan),
    ("a plan with a failed write may be resumed", runs::resumed),
    ("a plan is not started where nothing is activated", runs::not_activated),
    ("unresolved writes end in a read", outbox::resolved),
    ("an accepted write is settled later", outbox::accepted),
    ("what was accepted when a newer number took its place is still asked for", outbox::left_behind),
    ("what was under way when a newer number took its place ends in a read", outbox::left_behind_unknown),
    ("observed numbers are known, and keep what was written", kept::observed),
    ("records are filtered, ordered and limited", records::queries),
    ("hostile names are only names", records::hostile),
    ("stock rows are remembered", kept::stock),
    ("events and what they change are kept, and read back", events::events),
    ("orders with lines that no mapping knows are found", events::unmapped),
    ("events and the writes that they cause are one transaction", events::caused),
    ("a SKU is synced under the newest activation", runs::synced),
    ("addresses are kept until they are forgotten", kept::addresses),
    ("notes are kept until they are forgotten", turns::notes),
    ("a group is one transaction", turns::grouped),
    ("a batch that is refused leaves nothing in a group", turns::failed_alone),
    ("a verb that fails takes its group along", turns::failed_with_all),
    ("old records are forgotten, a few at a time", forgotten::a_few_at_a_time),
    ("what is needed of old records stays", forgotten::what_is_needed_stays),
];

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

pub(super) fn run<'a>(plan_id: &'a str, version: &'a str, second: i64) -> NewRun<'a> {
    NewRun {
        plan_id: Some(plan_id),
        trigger: Trigger::SyncNow,
        actor: "ana",
        order_id: None,
        now: at(second),
        version: Version { version, rules: "rules", commit: Some("c0ffee") },
        activate: true,
        replaces: &[],
        pinned: None,
        covers: Covers::Written,
    }
}

pub(super) fn write<'a>(store_sku: &'a str, before: Option<i64>, after: u64) -> Write<'a> {
    Write { store: "s", store_sku, sku: "SKU", before, after, rule: Some("Base"), skip: None }
}

pub(super) fn begin(state: &mut dyn State, plan_id: &str, writes: &[Write<'_>]) -> Begun {
    state.begin(&run(plan_id, "v1", 10), &mut writes.iter().copied()).expect("a run")
}

pub(super) fn claim(state: &mut dyn State, items: &[Pending]) {
    let claim = Claim { store: "s", key: "k", body_hash: "h", now: at(20) };
    state.claim_batch(&claim, items).expect("claimed");
}

pub(super) fn send_all(state: &mut dyn State, outcome: Outcome) {
    let items = state.pending("s", 100).expect("read");
    claim(state, &items);
    state.settle_batch("s", &items, &vec![outcome; items.len()], at(30)).expect("settled");
}

pub(super) fn waiting(state: &mut dyn State) -> Vec<String> {
    state.pending("s", 100).expect("read").into_iter().map(|item| item.store_sku).collect()
}

/// Records as `store_sku:after status detail`, oldest first.
pub(super) fn records(state: &mut dyn State, query: RecordQuery<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    state
        .records(&RecordQuery { first: First::Oldest, ..query }, &mut |record| {
            let detail = record.detail.unwrap_or("");
            lines.push(format!("{}:{} {} {detail}", record.store_sku, record.after, record.status.name()));
            ControlFlow::Continue(())
        })
        .expect("records");
    lines
}

fn known(state: &mut dyn State) -> Vec<(String, i64, Option<i64>, Option<u64>)> {
    let mut rows = Vec::new();
    state
        .known("s", &mut |row| {
            rows.push((row.store_sku.to_owned(), row.quantity, row.written, row.activation))
        })
        .expect("known");
    rows
}

fn empty(state: &mut dyn State) {
    assert_eq!(waiting(state), [""; 0]);
    assert_eq!(known(state), []);
    assert_eq!(records(state, RecordQuery::default()), [""; 0]);
    assert_eq!(state.activations().expect("read"), []);
    assert_eq!(state.rules("v1").expect("read"), None);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::New);
    assert_eq!(state.unresolved("s", 9).expect("read"), []);
}
