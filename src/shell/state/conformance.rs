//! One suite over every backend: each case takes a fresh [`State`] and knows nothing of the database.

mod forgotten;
mod turns;

use super::*;
use crate::orders::tests::{Memory, event, now, world};
use crate::orders::{Book, StockTake};
use crate::record::write_json_line;

type Case = fn(&mut dyn State);

/// Every case, by name.
pub(super) const CASES: &[(&str, Case)] = &[
    ("an empty state knows nothing", empty),
    ("a run activates its version once", activations),
    ("writes wait in the order of writes", order),
    ("what is sent is known, recorded and gone from the outbox", sent),
    ("every outcome settles its record", outcomes),
    ("a newer number takes the older one's place", superseded),
    ("a run may replace a whole store", replaces),
    ("a number overtaken in flight is unknown until it is settled", overtaken_in_flight),
    ("a claim of an overtaken write is refused", stale_claim),
    ("a plan is new, started, finished", plan),
    ("a plan with a failed write may be resumed", resumed),
    ("a plan is not started where nothing is activated", not_activated),
    ("unresolved writes end in a read", resolved),
    ("an accepted write is settled later", accepted),
    ("observed numbers are known, and keep what was written", observed),
    ("records are filtered, ordered and limited", queries),
    ("hostile names are only names", hostile),
    ("stock rows are remembered", stock),
    ("events and what they change are kept, and read back", events),
    ("orders with lines that no mapping knows are found", unmapped),
    ("events and the writes that they cause are one transaction", caused),
    ("a SKU is synced under the newest activation", synced),
    ("addresses are kept until they are forgotten", addresses),
    ("notes are kept until they are forgotten", turns::notes),
    ("a group is one transaction", turns::grouped),
    ("of a group that is committed, only the verb that failed is undone", turns::failed_alone),
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

fn activations(state: &mut dyn State) {
    let numbers: Vec<_> = ["v1", "v1", "v2", "v1"]
        .iter()
        .enumerate()
        .map(|(index, version)| {
            let second = 10 + index as i64;
            state
                .begin(&run(&index.to_string(), version, second), &mut std::iter::empty())
                .expect("a run")
                .activation
        })
        .collect();
    assert_eq!(numbers, [Some(1), Some(1), Some(2), Some(3)]);
    let all = state.activations().expect("read");
    let shown: Vec<_> =
        all.iter().map(|a| (a.number, a.version.as_str(), a.time, a.commit.as_deref())).collect();
    let commit = Some("c0ffee");
    assert_eq!(shown, [(3, "v1", at(13), commit), (2, "v2", at(12), commit), (1, "v1", at(10), commit)]);
    assert_eq!(state.rules("v2").expect("read").as_deref(), Some("rules"));
}

fn order(state: &mut dyn State) {
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

fn sent(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    assert_eq!(records(state, RecordQuery::default()), ["a:4 pending "]);
    send_all(state, Outcome::Sent);
    assert_eq!(records(state, RecordQuery::default()), ["a:4 sent "]);
    assert_eq!(known(state), [("a".to_owned(), 4, Some(4), Some(1))]);
    assert_eq!((waiting(state).len(), state.unresolved("s", 9).expect("read").len()), (0, 0));
}

fn outcomes(state: &mut dyn State) {
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

fn superseded(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 4)]);
    begin(state, "q", &[write("a", Some(5), 3)]);
    assert_eq!(waiting(state), ["a", "b"]);
    assert_eq!(
        records(state, RecordQuery::default()),
        ["a:4 skipped superseded", "b:4 pending ", "a:3 pending "]
    );
}

fn replaces(state: &mut dyn State) {
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

fn overtaken_in_flight(state: &mut dyn State) {
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

fn stale_claim(state: &mut dyn State) {
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

fn plan(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Started);
    send_all(state, Outcome::Sent);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Finished);
    let fault = state.begin(&run("p", "v1", 40), &mut std::iter::empty()).expect_err("finished");
    assert_eq!(fault.kind, StateFaultKind::PlanFinished);
    begin(state, "nothing", &[]);
    assert_eq!(state.plan_status("nothing").expect("read"), PlanStatus::Finished);
}

fn resumed(state: &mut dyn State) {
    for outcome in [Outcome::Failed("no".to_owned()), Outcome::Unknown("timeout".to_owned())] {
        begin(state, "p", &[write("a", Some(5), 4)]);
        send_all(state, outcome);
        assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Started);
    }
    begin(state, "p", &[write("a", Some(5), 4)]);
    send_all(state, Outcome::Sent);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Finished);
}

fn not_activated(state: &mut dyn State) {
    let held = NewRun { activate: false, ..run("p", "v1", 10) };
    let skipped = Skip::ALL.iter().map(|&skip| Write { skip: Some(skip), ..write("a", None, 1) });
    let begun = state.begin(&held, &mut skipped.into_iter()).expect("a run");
    assert_eq!((begun.activation, begun.pending.len()), (None, 0));
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::New);
    assert_eq!(state.activations().expect("read"), []);
    let expected: Vec<_> = Skip::ALL.iter().map(|skip| format!("a:1 skipped {}", skip.name())).collect();
    assert_eq!(records(state, RecordQuery::default()), expected);
    assert_eq!(waiting(state), [""; 0]);
}

fn resolved(state: &mut dyn State) {
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

fn accepted(state: &mut dyn State) {
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

fn observed(state: &mut dyn State) {
    begin(state, "p", &[write("b", Some(5), 4)]);
    send_all(state, Outcome::Sent);
    state.observe("s", &mut [("b", 7), ("a", -2)].into_iter(), at(40)).expect("observed");
    assert_eq!(known(state), [("a".to_owned(), -2, None, None), ("b".to_owned(), 7, Some(4), Some(1))]);
}

fn queries(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4), Write { sku: "T", ..write("b", Some(5), 4) }]);
    let other = Write { store: "t", ..write("c", None, 1) };
    state.begin(&run("q", "v1", 60), &mut [other].into_iter()).expect("a run");
    send_all(state, Outcome::Sent);
    let all = RecordQuery::default();
    for (query, expected) in [
        (all, "a b c"),
        (RecordQuery { sku: Some("T"), ..all }, "b"),
        (RecordQuery { store: Some("t"), ..all }, "c"),
        (RecordQuery { store: Some("none"), ..all }, ""),
        (RecordQuery { status: Some(Status::Sent), ..all }, "a b"),
        (RecordQuery { since: Some(at(31)), ..all }, "c"),
        (RecordQuery { since: Some(at(30)), status: Some(Status::Sent), sku: Some("SKU"), ..all }, "a"),
        (RecordQuery { limit: Some(2), ..all }, "a b"),
        (RecordQuery { limit: Some(0), ..all }, ""),
    ] {
        let found: Vec<_> = records(state, query).iter().map(|line| line[..1].to_owned()).collect();
        assert_eq!(found.join(" "), expected, "{query:?}");
    }
    let mut newest = Vec::new();
    state
        .records(&all, &mut |record| {
            write_json_line(record, &mut newest).expect("written");
            ControlFlow::Break(())
        })
        .expect("records");
    let newest = String::from_utf8(newest).expect("text");
    assert_eq!(newest.lines().count(), 1, "{newest}");
    assert!(newest.contains(r#""store_sku":"c","before":null,"after":1,"status":"pending","detail":null,"attempts":0,"rule":"Base","activation":1,"rules_version":"v1","commit":"c0ffee","plan_id":"q""#), "{newest}");
}

fn hostile(state: &mut dyn State) {
    let name = "'; DROP TABLE record; -- \" % _ \u{e01}";
    let hostile = Write { store: name, sku: name, rule: Some(name), ..write(name, None, 1) };
    state.begin(&run(name, name, 10), &mut [hostile].into_iter()).expect("a run");
    assert_eq!(state.pending(name, 9).expect("read").len(), 1);
    assert_eq!(
        records(state, RecordQuery { sku: Some(name), store: Some(name), ..RecordQuery::default() }).len(),
        1
    );
    assert_eq!(records(state, RecordQuery { sku: Some("' OR 1=1 --"), ..RecordQuery::default() }).len(), 0);
    assert_eq!(state.plan_status(name).expect("read"), PlanStatus::Started);
}

fn stock(state: &mut dyn State) {
    let seen = |state: &mut dyn State| {
        let mut hashes = Vec::new();
        state.stock_seen(&mut |hash| hashes.push(hash)).expect("read");
        hashes
    };
    assert_eq!(seen(state), [0_u64; 0]);
    state.remember_stock(&mut [u64::MAX, 0, 7, 7].into_iter()).expect("remembered");
    assert_eq!(seen(state), [0, 7, u64::MAX]);
    state.remember_stock(&mut (0..20_000).rev()).expect("remembered");
    assert_eq!(seen(state), (0..20_000).collect::<Vec<_>>());
}

fn events(state: &mut dyn State) {
    let world = world();
    let goods = world.goods();
    let (mut plain, mut book, mut other) =
        (Memory::default(), Book::new(&goods, None), Book::new(&goods, None));
    assert_eq!((state.last_received().expect("read"), state.has_orders().expect("read")), (None, false));
    let told = [
        r#"{"id":"1","type":"order-placed","order":"x","store":"web","placed_at":"2026-01-01T13:00:00Z","lines":[{"line":"1","store_sku":"a","quantity":12},{"line":"2","store_sku":"kit","quantity":1}]}"#,
        r#"{"id":"2","type":"stock-set","sku":"L","warehouse":"btm","on_hand":7}"#,
        r#"{"id":"3","type":"order-cancelled","order":"x","lines":[{"line":"1","quantity":4}]}"#,
        r#"{"id":"4","type":"stock-adjust","sku":"L","warehouse":"btm","by":-2}"#,
        r#"{"id":"5","type":"stock-adjust","sku":"L","warehouse":"btm","by":-1}"#,
        r#"{"id":"6","type":"order-placed","order":"x","store":"shop","placed_at":"2026-01-01T14:00:00Z","lines":[{"line":"1","store_sku":"a","quantity":1}]}"#,
        r#"{"id":"7","type":"stock-set","sku":"A","warehouse":"btm","available":3,"as_of":"2026-01-01T12:30:00Z"}"#,
        r#"{"id":"1","type":"order-cancelled","order":"x"}"#,
        r#"{"id":"8","type":"order-shipped","order":"x","store":"web"}"#,
    ];
    for (at, text) in told.iter().enumerate() {
        let took = book.take(&mut OnShelf(state), event(text), now()).expect("taken");
        assert_eq!(took, other.take(&mut plain, event(text), now()).expect("taken"), "{text}");
        if at % 2 == 1 {
            state.accept_events(&book.changes(), &[]).expect("kept");
            plain.put(other.changes());
        }
    }
    state.accept_events(&book.changes(), &[]).expect("kept");
    plain.put(other.changes());
    let mut take = StockTake::new(&world.catalog, &world.declared.warehouses);
    state.stock_told(&mut |set| take.set(set)).expect("read");
    state.movements(&mut |order, movement| take.movement(order, movement)).expect("read");
    let numbers = world.numbers(take);
    assert_eq!(numbers, plain.take_stock(&world));
    assert_eq!(numbers.get(&("L".to_owned(), "btm".to_owned())), Some(&4));
    let mut orders = Vec::new();
    let mut each = |order: &str, store: &str, movement: &Movement| {
        orders.push(format!(
            "{order} {store} {} {} {}",
            movement.warehouse, movement.on_hand, movement.reserved
        ));
    };
    state.orders_of("C", &mut each).expect("read");
    assert_eq!(orders, ["x web jkt 0 1", "x web jkt -1 -1"]);
    assert!(state.has_orders().expect("read") && state.last_received().expect("read") > Some(now()));
}

fn unmapped(state: &mut dyn State) {
    let world = world();
    let goods = world.goods();
    let mut book = Book::new(&goods, None);
    let text = r#"{"id":"1","type":"order-placed","order":"x","store":"web","placed_at":"2026-01-01T13:00:00Z","lines":[{"line":"1","store_sku":"new","quantity":1}]}"#;
    book.take(&mut OnShelf(state), event(text), now()).expect("taken");
    state.accept_events(&book.changes(), &[]).expect("kept");
    let mut found = Vec::new();
    let mut each = |Unmapped { number, order, store, store_skus }: Unmapped<'_>| {
        found.push(format!("{number} {order} {store} {}", store_skus.join(" ")));
    };
    state.unmapped(&mut each).expect("read");
    assert_eq!(found, ["1 x web new"]);
}

fn caused(state: &mut dyn State) {
    let world = world();
    let goods = world.goods();
    let mut book = Book::new(&goods, None);
    let text = r#"{"id":"1","type":"stock-set","sku":"L","warehouse":"btm","on_hand":7}"#;
    book.take(&mut OnShelf(state), event(text), now()).expect("taken");
    let changes = book.changes();
    let order =
        NewRun { plan_id: None, order_id: Some("x"), trigger: Trigger::OrderPlaced, ..run("", "v1", 10) };
    let (one, two) = ([write("a", Some(5), 4)], [write("a", Some(5), 3), write("b", None, 1)]);
    let runs = [Caused { run: order, writes: &one }, Caused { run: order, writes: &two }];
    let begun = state.accept_events(&changes, &runs).expect("kept");
    assert_eq!(begun.iter().map(|begun| begun.pending.len()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(
        records(state, RecordQuery::default()),
        ["a:4 skipped superseded", "a:3 pending ", "b:1 pending "]
    );
    let pinned = NewRun { pinned: Some(99), ..order };
    state
        .accept_events(&Changes::default(), &[Caused { run: pinned, writes: &two }])
        .expect_err("no such activation");
    assert_eq!(waiting(state), ["a", "b"], "nothing of it stays");
    assert!(state.accept_events(&changes, &runs).is_err(), "an event is kept once");
    assert_eq!(records(state, RecordQuery::default()).len(), 3, "nothing of it stays");
}

fn synced(state: &mut dyn State) {
    let sku = |state: &mut dyn State, sku| state.synced(sku).expect("read");
    assert_eq!(sku(state, "SKU"), None);
    begin(state, "p", &[write("a", Some(5), 4)]);
    assert_eq!((sku(state, "SKU"), sku(state, "T")), (Some(1), None));
    let second = NewRun { covers: Covers::Skus(&["T"]), ..run("q", "v2", 20) };
    state.begin(&second, &mut [write("a", Some(5), 3)].into_iter()).expect("a run");
    assert_eq!((sku(state, "SKU"), sku(state, "T")), (Some(1), Some(2)));
    let pinned = NewRun { pinned: Some(1), covers: Covers::Skus(&["T", "U"]), ..run("r", "v1", 30) };
    assert_eq!(state.begin(&pinned, &mut std::iter::empty()).expect("a run").activation, Some(1));
    assert_eq!((sku(state, "T"), sku(state, "U")), (Some(2), Some(1)), "never back");
    assert_eq!(state.activations().expect("read").len(), 2, "an order's rules are not activated anew");
    let held = NewRun { activate: false, covers: Covers::All, ..run("s", "v3", 40) };
    state.begin(&held, &mut std::iter::empty()).expect("a run");
    assert_eq!(sku(state, "V"), None, "nothing is synced where nothing is written");
    state
        .begin(&NewRun { covers: Covers::All, ..run("t", "v2", 50) }, &mut std::iter::empty())
        .expect("a run");
    assert_eq!((sku(state, "U"), sku(state, "V")), (Some(2), Some(2)));
    let mut all = Vec::new();
    state.each_synced(&mut |sku, number| all.push((sku.map(str::to_owned), number))).expect("read");
    let sku = |name: &str| Some(name.to_owned());
    assert_eq!(all, [(None, 2), (sku("SKU"), 1), (sku("T"), 2), (sku("U"), 1)]);
}

fn addresses(state: &mut dyn State) {
    let told = |state: &mut dyn State, store: &str| {
        let mut told = Vec::new();
        state
            .addresses(store, &mut |a| told.push(format!("{} {} {}", a.store_sku, a.address, a.parent)))
            .expect("read");
        told
    };
    let of = |store_sku, address, parent| Address { store_sku, address, parent };
    let mut keep = |store: &str, keep: &[Address<'_>], forget: &[&str]| {
        let (mut keep, mut forget) = (keep.iter().copied(), forget.iter().copied());
        state.keep_addresses(store, &mut keep, &mut forget, at(1)).expect("kept");
    };
    keep("s", &[of("b", "2", "p"), of("a", "{\"id\":1}", "")], &["never there"]);
    keep("t", &[of("a", "9", "")], &[]);
    keep("s", &[of("b", "3", "q")], &["a", "b"]);
    assert_eq!(told(state, "s"), ["b 3 q"]);
    assert_eq!((told(state, "t"), told(state, "u").len()), (vec!["a 9 ".to_owned()], 0));
}
