//! `stocksync orders --from STORE`: what a store tells of its orders when it is asked.

use super::{sound, take_in};
use crate::orders::read_event;
use crate::shell::connect::{self, Connected};
use crate::shell::exit::{Exit, Stop};
use crate::shell::fault::StoreFault;
use crate::shell::output::Output;
use crate::shell::project::Project;
use crate::shell::store::Store;
use crate::shell::{Run, records, stores};
use jiff::Timestamp;
use serde_json::Value;

/// Since when a store is asked where nobody says.
const SINCE: &str = "1d";

/// The orders of a store, as events.
type Told = (String, Vec<Value>);

/// Takes the orders of these stores since a moment. A store that cannot be asked does not keep the others from being asked.
pub(super) fn pull(
    names: &[String],
    since: Option<&str>,
    run: &Run,
    output: &mut Output,
) -> Result<Exit, Stop> {
    let project = sound(run, output)?;
    let since = records::since(since.unwrap_or(SINCE), &project.config.timezone, run.now)?;
    let (told, faults) = ask(&project, names, since, output)?;
    for fault in &faults {
        output.fault(&fault.to_string(), fault.help.as_deref());
    }
    if told.is_empty() {
        return Ok(Exit::Failed);
    }
    let zone = &project.config.timezone;
    let taken = take_in(&project, "orders", run.now, output, |intake, output| {
        for (store, events) in &told {
            for event in events {
                let id = event.get("id").and_then(Value::as_str).unwrap_or_default();
                intake.take(
                    &format_args!("event `{id}` of store `{store}`"),
                    read_event(event, zone),
                    output,
                )?;
            }
        }
        Ok(())
    })?;
    Ok(if faults.is_empty() { taken } else { taken.or(Exit::Failed) })
}

/// Asks them side by side, before the state is held: that may take its time.
fn ask(
    project: &Project,
    names: &[String],
    since: Timestamp,
    output: &mut Output,
) -> Result<(Vec<Told>, Vec<StoreFault>), Stop> {
    let wanted = names.iter().map(|name| project.store(name)).collect::<Result<Vec<_>, _>>()?;
    output.progress("asking the stores for orders");
    let mut opened = connect::open(project, false, |store| wanted.contains(&store));
    let results = stores::side_by_side(&mut opened, |store| match store {
        Connected::Aside => None,
        Connected::Faulty(fault) => Some(Err(fault.clone())),
        Connected::Open(store) => Some(of_store(store, since)),
    });
    output.end_progress();
    let (mut told, mut faults) = (Vec::new(), Vec::new());
    for result in results.into_iter().flatten() {
        match result {
            Ok(orders) => told.push(orders),
            Err(fault) => faults.push(fault),
        }
    }
    Ok((told, faults))
}

fn of_store(store: &Store, since: Timestamp) -> Result<Told, StoreFault> {
    let events = store.orders(since.as_millisecond()).map_err(|fault| match store.has_orders() {
        true => fault,
        false => StoreFault { help: Some("give its orders as events from a file".to_owned()), ..fault },
    })?;
    Ok((store.name().to_owned(), events))
}
