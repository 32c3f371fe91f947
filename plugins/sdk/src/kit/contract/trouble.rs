//! A marketplace that refuses, throttles and fails.

use super::host::Written;
use super::{Broken, Case};
use crate::abi::outcome;
use crate::kit::{Reply, World};
use crate::message::Manifest;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Which of the first requests are made to fail, one at a time.
const FAILING_MAX: usize = 8;

/// Which requests fail.
#[derive(Clone, Copy)]
enum Which {
    /// The one of this number.
    Only(usize),
    All,
}

/// A marketplace before which something stands that answers in its place. A request that `passes` is never touched.
fn disturb(
    world: &mut World,
    which: Which,
    passes: fn(&crate::message::Http) -> bool,
    fault: impl Fn(&mut dyn FnMut() -> Option<Reply>) -> Option<Reply> + 'static,
) -> Rc<Cell<usize>> {
    let mut shop = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
    let (count, shown) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let hits = Rc::clone(&shown);
    world.shop = Box::new(move |http, body| {
        if passes(http) {
            return shop(http, body);
        }
        let number = count.replace(count.get() + 1);
        let hit = match which {
            Which::Only(only) => number == only,
            Which::All => true,
        };
        if hit {
            hits.set(hits.get() + 1);
            fault(&mut || shop(http, body))
        } else {
            shop(http, body)
        }
    });
    shown
}

/// A token that has expired is refreshed once, or told.
pub(super) fn expired(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    let saves = |http: &crate::message::Http| !http.save_secret.is_empty();
    let refreshes = |written: &Written| {
        let runs = written.runs.iter().flat_map(|run| [Some(run), run.resolved.as_deref()]).flatten();
        runs.map(|run| run.requests.iter().filter(|(http, _)| saves(http)).count()).max().unwrap_or(0)
    };
    let mut world = case.world();
    let reply = case.expired.clone();
    let hits = disturb(&mut world, Which::Only(0), saves, move |_| Some(reply.clone()));
    let first = case.run(&mut world, "read", &case.items);
    let can_refresh = first
        .requests
        .iter()
        .chain(first.resolved.iter().flat_map(|run| &run.requests))
        .any(|(http, _)| saves(http));
    if hits.get() > 0 && can_refresh {
        broken.unless(
            first.end == Some(Ok(())),
            "expired",
            &format!("a read after a refresh: {:?}", first.end),
        );
    }
    let mut world = case.world();
    let reply = case.expired.clone();
    disturb(&mut world, Which::All, saves, move |_| Some(reply.clone()));
    let written = case.write(&mut world, manifest, &case.items);
    calm(&written, "expired", broken);
    broken.unless(refreshes(&written) <= 1, "expired", "more than one refresh in a session");
    unsent(&written, "expired", broken);
}

/// What a marketplace throttles comes through later, or is told.
pub(super) fn throttled(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    let plain = case.write(&mut case.world(), manifest, &case.items).outcomes;
    let reply = case.throttled.clone().unwrap_or(Reply {
        headers: vec![("retry-after".to_owned(), "2".to_owned())],
        ..Reply::new(429, "{}")
    });
    if case.throttled.is_some() {
        for number in 0..FAILING_MAX {
            let mut world = case.world();
            let reply = reply.clone();
            disturb(&mut world, Which::Only(number), |_| false, move |_| Some(reply.clone()));
            let written = case.write(&mut world, manifest, &case.items);
            calm(&written, "throttled", broken);
            let through = written.outcomes == plain;
            broken.unless(through, "throttled", &format!("request {number} is not sent again"));
        }
    }
    let mut world = case.world();
    disturb(&mut world, Which::All, |_| false, move |_| Some(reply.clone()));
    let written = case.write(&mut world, manifest, &case.items);
    calm(&written, "throttled", broken);
    unsent(&written, "throttled", broken);
}

/// Whatever fails, nothing is told to be sent that is not there.
pub(super) fn failing(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    type Fault = fn(&mut dyn FnMut() -> Option<Reply>) -> Option<Reply>;
    const FAULTS: &[(&str, Fault)] = &[
        ("status 500", |_| Some(Reply::new(500, "oops"))),
        ("status 500 after it was done", |shop| shop().map(|reply| Reply { status: 500, ..reply })),
        ("status 404", |_| Some(Reply::new(404, "<html>not here</html>"))),
        ("status 200 with nothing in it", |_| Some(Reply::new(200, ""))),
        ("status 200 with a page for people", |_| Some(Reply::new(200, "<html>log in</html>"))),
        ("a request that is lost", |_| None),
        ("an answer that is lost", |shop| shop().and(None)),
    ];
    for (name, fault) in FAULTS {
        for number in 0..FAILING_MAX {
            let mut world = case.world();
            let hits = disturb(&mut world, Which::Only(number), |_| false, fault);
            let written = case.write(&mut world, manifest, &case.items);
            if hits.get() == 0 {
                break;
            }
            let promise = format!("{name}, request {number}");
            calm(&written, &promise, broken);
            let read = case.run(&mut world, "read", &case.items);
            let live: BTreeMap<_, _> = read.quantities.into_iter().collect();
            for (index, item) in (0..).zip(&case.items) {
                let sent = matches!(written.outcomes.get(&index), Some((outcome::SENT, _)));
                let there = live.get(&item.sku) == Some(&item.quantity);
                broken.unless(!sent || there, &promise, &format!("`{}` is sent, and not there", item.sku));
            }
        }
    }
}

/// Sessions that ended as sessions do.
fn calm(written: &Written, promise: &str, broken: &mut Broken) {
    written.runs.iter().for_each(|run| broken.any(run, promise));
}

fn unsent(written: &Written, promise: &str, broken: &mut Broken) {
    // Where nothing is asked of a marketplace, nothing can be refused.
    if written.runs.iter().any(|run| !run.requests.is_empty()) {
        let sent = written.outcomes.values().any(|(outcome, _)| *outcome == outcome::SENT);
        broken.unless(!sent, promise, "an item is sent though every request was refused");
    }
}
