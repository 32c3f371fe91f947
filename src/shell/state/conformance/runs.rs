//! Runs, plans and activations.

use super::*;

pub(super) fn activations(state: &mut dyn State) {
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

pub(super) fn plan(state: &mut dyn State) {
    begin(state, "p", &[write("a", Some(5), 4)]);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Started);
    send_all(state, Outcome::Sent);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Finished);
    let fault = state.begin(&run("p", "v1", 40), &mut std::iter::empty()).expect_err("finished");
    assert_eq!(fault.kind, StateFaultKind::PlanFinished);
    begin(state, "nothing", &[]);
    assert_eq!(state.plan_status("nothing").expect("read"), PlanStatus::Finished);
}

pub(super) fn resumed(state: &mut dyn State) {
    for outcome in [Outcome::Failed("no".to_owned()), Outcome::Unknown("timeout".to_owned())] {
        begin(state, "p", &[write("a", Some(5), 4)]);
        send_all(state, outcome);
        assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Started);
    }
    begin(state, "p", &[write("a", Some(5), 4)]);
    send_all(state, Outcome::Sent);
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Finished);
}

pub(super) fn not_activated(state: &mut dyn State) {
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

pub(super) fn synced(state: &mut dyn State) {
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
