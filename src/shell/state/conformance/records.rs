//! Records, as they are asked for.

use super::*;
use crate::record::write_json_line;

pub(super) fn queries(state: &mut dyn State) {
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

pub(super) fn hostile(state: &mut dyn State) {
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
