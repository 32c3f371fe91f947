//! What `serve` does in one go.

use super::*;

pub(super) fn notes(state: &mut dyn State) {
    assert_eq!(state.note("a b").expect("read"), None);
    for (name, text) in [("a b", "1"), ("a c", "2"), ("b", "3"), ("a b", "4")] {
        state.keep_note(name, Some(text)).expect("kept");
    }
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(state.notes("a ").expect("read"), [pair("a b", "4"), pair("a c", "2")]);
    state.keep_note("a b", None).expect("forgotten");
    assert_eq!((state.note("a b"), state.note("b")), (Ok(None), Ok(Some("3".to_owned()))));
}

pub(super) fn grouped(state: &mut dyn State) {
    state.group().expect("begun");
    let begun = begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 3)]);
    assert_eq!(begun.pending.len(), 2);
    let items = state.pending("s", 9).expect("read within");
    assert_eq!(items.iter().map(|item| item.record).max(), begun.pending.iter().copied().max());
    claim(state, &items);
    state.rollback();
    assert_eq!((waiting(state).len(), state.unresolved("s", 9).expect("read").len()), (0, 0));
    state.group().expect("begun");
    state.group().expect("once is enough");
    begin(state, "p", &[write("a", Some(5), 4)]);
    state.commit().expect("committed");
    state.commit().expect("nothing to commit");
    state.rollback();
    assert_eq!(waiting(state), ["a"]);
}

pub(super) fn failed_alone(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    let old = state.pending("s", 9).expect("read");
    state.group().expect("begun");
    begin(state, "q", &[write("a", Some(5), 3)]);
    let stale = Claim { store: "s", key: "k", body_hash: "h", now: at(20) };
    assert!(state.claim_batch(&stale, &old).is_err());
    begin(state, "r", &[write("c", Some(5), 3)]);
    state.commit().expect("committed");
    assert_eq!(waiting(state), ["a", "c"]);
    assert_eq!(state.unresolved("s", 9).expect("read"), []);
}

pub(super) fn failed_with_all(state: &mut dyn State) {
    state.group().expect("begun");
    begin(state, "p", &[write("a", Some(5), 4)]);
    let unknown = Pending { record: 99, ..state.pending("s", 9).expect("read").remove(0) };
    assert!(state.settle_batch("s", &[unknown], &[Outcome::Sent], at(20)).is_err(), "it has no record");
    assert!(state.commit().is_err(), "what it had written is among the rest");
    assert_eq!(waiting(state), [""; 0]);
    begin(state, "q", &[write("b", Some(5), 4)]);
    assert_eq!(waiting(state), ["b"], "the next is another one");
}
