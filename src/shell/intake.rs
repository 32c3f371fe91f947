//! `stocksync orders` and `stocksync stock`: events from a file, standard input, or the stores themselves.

mod pull;

use super::args::{EventFormat, Events, Orders};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Project};
use super::state::{OnShelf, SqliteState, State, StateFault};
use super::sync::open_state;
use super::{Run, event_file, taken};
use crate::orders::{Book, Event, Fault, Negative, Refused, Took, UnknownLine};
use crate::report::clean;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::Write;
use std::path::Path;

/// So many events are put onto disk together.
const TOGETHER: usize = 2_000;

/// More of a kind are counted only.
const SHOWN_MAX: usize = 20;

pub(super) fn orders(args: &Orders, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    match &args.file {
        Some(file) => file_of(file, args.format, "orders", run, output),
        None => pull::pull(&args.from, args.since.as_deref(), run, output),
    }
}

pub(super) fn stock(args: &Events, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    file_of(&args.file, args.format, "stock", run, output)
}

fn file_of(
    file: &Path,
    format: Option<EventFormat>,
    command: &str,
    run: &Run,
    output: &mut Output,
) -> Result<Exit, Stop> {
    let project = sound(run, output)?;
    take_in(&project, command, run.now, output, |intake, output| {
        event_file::read(file, format, &project.config.timezone, &mut |line, read| {
            intake.take(&format_args!("{}:{line}", file.display()), read, output)
        })
    })
}

/// The project, whose catalog and rules have no fault.
fn sound(run: &Run, output: &mut Output) -> Result<Project, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let (project, _) = project::load(root, project::Depth::Catalog, |_| Ok(run.now))?;
    project.sound(output)?;
    Ok(project)
}

/// Takes what `feed` reads into the state, and says what became of it.
fn take_in(
    project: &Project,
    command: &str,
    now: Timestamp,
    output: &mut Output,
    feed: impl FnOnce(&mut Intake<'_, '_>, &mut Output) -> Result<(), Stop>,
) -> Result<Exit, Stop> {
    let mut state = open_state(project, command, now)?;
    taken::keep_mapped(project, &mut state, now)?;
    let Some(goods) = taken::goods(project, now) else { return Ok(Exit::Findings) };
    let book = Book::new(&goods, state.last_received()?);
    let mut intake = Intake { book, state: &mut state, waiting: 0, now, told: Told::default() };
    feed(&mut intake, output)?;
    intake.put()?;
    output.end_progress();
    intake.told.say(output)
}

/// Takes events into the state, many at a time.
struct Intake<'g, 's> {
    book: Book<'g>,
    state: &'s mut SqliteState,
    /// Events that were taken and are not on disk yet.
    waiting: usize,
    now: Timestamp,
    told: Told,
}

impl Intake<'_, '_> {
    /// Takes what was read at a place.
    fn take(
        &mut self,
        place: &dyn Display,
        read: Result<Event, Refused>,
        output: &mut Output,
    ) -> Result<(), Stop> {
        let taken = match read {
            Ok(event) => self.book.take(&mut OnShelf(self.state), event, self.now),
            Err(refused) => Err(Fault::Refused(refused)),
        };
        match taken {
            Ok(took) => self.told.count(took),
            Err(Fault::Shelf(fault)) => return Err(fault.into()),
            Err(Fault::Refused(Refused { message, help })) => {
                self.told.refused += 1;
                output.fault(&format!("{place}: {}", clean(&message)), help.as_deref());
            }
        }
        self.waiting += 1;
        if self.waiting >= TOGETHER {
            output.progress(format_args!("{} events", self.told.taken));
            self.put()?;
        }
        Ok(())
    }

    fn put(&mut self) -> Result<(), StateFault> {
        self.waiting = 0;
        self.state.accept_events(&self.book.changes(), &[]).map(drop)
    }
}

/// What became of the events.
#[derive(Default)]
struct Told {
    taken: u64,
    repeated: u64,
    refused: u64,
    ambiguous: u64,
    unknown: BTreeSet<UnknownLine>,
    negative: BTreeMap<(String, String), i64>,
}

impl Told {
    fn count(&mut self, took: Took) {
        let Took { repeated, touched: _, listings: _, unknown, negative, ambiguous, placed_at: _ } = took;
        self.repeated += u64::from(repeated);
        self.taken += u64::from(!repeated);
        self.ambiguous += u64::from(ambiguous);
        self.unknown.extend(unknown);
        for Negative { sku, warehouse, available } in negative {
            self.negative.insert((sku, warehouse), available);
        }
    }

    fn say(&self, output: &mut Output) -> Result<Exit, Stop> {
        let Self { taken, repeated, refused, ambiguous, unknown, negative } = self;
        for UnknownLine { store, store_sku } in unknown.iter().take(SHOWN_MAX) {
            let (store, store_sku) = (clean(store), clean(store_sku));
            output.say(format_args!("no mapping knows `{store_sku}` of `{store}`: kept until one does"));
        }
        more(unknown.len(), "store SKUs that no mapping knows", output);
        for ((sku, warehouse), available) in negative.iter().take(SHOWN_MAX) {
            output.say(format_args!(
                "more is ordered than there is: `{}` in `{warehouse}` is at {available}",
                clean(sku)
            ));
        }
        more(negative.len(), "SKUs of which more is ordered than there is", output);
        if *ambiguous > 0 {
            output.say(format_args!(
                "{ambiguous} events name no store, and several stores have their order: they are kept and do nothing"
            ));
        }
        let parts = [(*repeated, "taken before"), (*refused, "refused")];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: String = parts.map(|(count, what)| format!(", {count} {what}")).collect();
        writeln!(output.out, "{taken} events taken{parts}")?;
        Ok(if *refused > 0 { Exit::Findings } else { Exit::Done })
    }
}

fn more(count: usize, what: &str, output: &mut Output) {
    if count > SHOWN_MAX {
        output.say(format_args!("in all {count} {what}"));
    }
}
