//! Writes that a store had only accepted, asked for until they are settled or the time is over.

use super::Order;
use super::desk::Desk;
use super::send::outcome;
use crate::dispatch::Outcome;
use crate::shell::connect::Connected;
use crate::shell::exit::Stop;
use crate::shell::fault::StoreFault;
use crate::shell::state::{Pending, State};
use crate::shell::store::{Accepted, Store};
use jiff::Timestamp;
use std::thread;
use std::time::Duration;

/// How long a run waits for what a store has only accepted, where the configuration says nothing.
const POLL_SECONDS_MAX: u64 = 60;
/// The longest pause between two times of asking, in seconds.
const PAUSE_SECONDS_MAX: u64 = 30;

/// Asks the stores for what earlier runs left accepted; what is not settled stays.
pub(in crate::shell) fn poll_earlier(
    stores: &mut [Connected],
    state: &mut dyn State,
    now: Timestamp,
) -> Result<Vec<StoreFault>, Stop> {
    let mut faults = Vec::new();
    for store in stores {
        let Connected::Open(store) = store else { continue };
        let accepted = state.accepted(store.name(), usize::MAX)?;
        match ask(store, accepted) {
            Ok((items, outcomes)) if !items.is_empty() => {
                state.settle_batch(store.name(), &items, &outcomes, now)?;
            }
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    Ok(faults)
}

/// Asks for what was accepted in this run, several times.
pub(super) fn poll_now(order: &Order<'_>, store: &mut Store, desk: &Desk<'_>) -> Result<(), Stop> {
    let name = store.name().to_owned();
    let config = order.project.config.stores.iter().find(|config| config.name == name);
    let seconds_max = config.and_then(|config| config.limits.poll_seconds).unwrap_or(POLL_SECONDS_MAX);
    let (mut waited, mut pause) = (0, 1);
    loop {
        let accepted = desk.read(|state| state.accepted(&name, usize::MAX))?;
        if accepted.is_empty() || !store.can_poll() || desk.is_stopped() {
            return Ok(());
        }
        match ask(store, accepted) {
            Ok((items, outcomes)) => desk.settle_accepted(&name, &items, &outcomes)?,
            Err(fault) => {
                desk.fault(&fault);
                return Ok(());
            }
        }
        if waited + pause > seconds_max || desk.read(|state| state.accepted(&name, 1))?.is_empty() {
            return Ok(());
        }
        desk.progress(format_args!("waiting for {name}, which has accepted and not settled"));
        thread::sleep(Duration::from_secs(pause));
        waited += pause;
        pause = (pause * 2).min(PAUSE_SECONDS_MAX);
    }
}

/// Those that are settled, with their outcomes.
fn ask(
    store: &mut Store,
    accepted: Vec<(Pending, String)>,
) -> Result<(Vec<Pending>, Vec<Outcome>), StoreFault> {
    if accepted.is_empty() || !store.can_poll() {
        return Ok(Default::default());
    }
    let asked: Vec<Accepted> = accepted.iter().map(Accepted::of).collect();
    let outcomes = store.poll(&asked)?.into_iter().map(outcome);
    let told = accepted.into_iter().map(|(item, _)| item).zip(outcomes);
    Ok(told.filter(|(_, outcome)| !matches!(outcome, Outcome::Accepted(_))).unzip())
}
