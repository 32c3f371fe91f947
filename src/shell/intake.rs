//! `stocksync orders` and `stocksync stock`: events from a file or standard input.

use super::args::Events;
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project;
use super::state::{OnShelf, SqliteState, State, StateFault};
use super::sync::open_state;
use super::{Run, event_file, taken};
use crate::orders::{Book, Event, Fault, Negative, Refused, Took, UnknownLine};
use crate::report::clean;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// So many events are put onto disk together.
const TOGETHER: usize = 2_000;

/// More of a kind are counted only.
const SHOWN_MAX: usize = 20;

pub(super) fn run(args: &Events, command: &str, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let (project, _) = project::load(root, project::Depth::Catalog, |_| Ok(run.now))?;
    project.sound(output)?;
    let mut state = open_state(&project, command, run.now)?;
    taken::keep_mapped(&project, &mut state, run.now)?;
    let Some(goods) = taken::goods(&project, run.now) else { return Ok(Exit::Findings) };
    let book = Book::new(&goods, state.last_received()?);
    let mut intake = Intake {
        book,
        state: &mut state,
        waiting: 0,
        now: run.now,
        name: args.file.display().to_string(),
        told: Told::default(),
    };
    let zone = &project.config.timezone;
    event_file::read(&args.file, args.format, zone, &mut |line, read| intake.take(line, read, output))?;
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
    /// Of the file, for messages.
    name: String,
    told: Told,
}

impl Intake<'_, '_> {
    fn take(&mut self, line: usize, read: Result<Event, Refused>, output: &mut Output) -> Result<(), Stop> {
        let taken = match read {
            Ok(event) => self.book.take(&mut OnShelf(self.state), event, self.now),
            Err(refused) => Err(Fault::Refused(refused)),
        };
        match taken {
            Ok(took) => self.told.count(took),
            Err(Fault::Shelf(fault)) => return Err(fault.into()),
            Err(Fault::Refused(Refused { message, help })) => {
                self.told.refused += 1;
                output.fault(&format!("{}:{line}: {}", self.name, clean(&message)), help.as_deref());
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
        let Took { repeated, touched: _, unknown, negative, ambiguous, placed_at: _ } = took;
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
