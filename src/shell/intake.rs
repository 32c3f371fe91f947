//! `stocksync orders` and `stocksync stock`: events from a file or standard input.

use super::Run;
use super::args::{EventFormat, Events};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project;
use super::state::{OnShelf, SqliteState, State, StateFault};
use super::sync::open_state;
use super::taken;
use crate::orders::{Book, Event, Fault, Negative, Refused, Took, UnknownLine, read_csv, read_event};
use crate::report::clean;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

/// So many events are put onto disk together.
const TOGETHER: usize = 2_000;

/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: u64 = 4 << 20;

/// The largest table that is read, in bytes.
const TABLE_BYTES_MAX: u64 = 1 << 30;

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
    match format(args) {
        EventFormat::Csv => read_table(&args.file, zone, &mut intake, output)?,
        EventFormat::Jsonl => read_lines(&args.file, zone, &mut intake, output)?,
    }
    intake.put()?;
    output.end_progress();
    intake.told.say(output)
}

fn format(args: &Events) -> EventFormat {
    let is_table = args.file.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    args.format.unwrap_or(if is_table { EventFormat::Csv } else { EventFormat::Jsonl })
}

fn open(file: &Path) -> Result<Box<dyn Read>, Stop> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let opened = File::open(file).map_err(|fault| unreadable(file, &fault))?;
    Ok(Box::new(opened))
}

fn unreadable(file: &Path, fault: &std::io::Error) -> Stop {
    Stop::failed(format_args!("cannot read `{}`: {}", file.display(), super::fault::plainly(fault)))
}

fn read_table(
    file: &Path,
    zone: &TimeZone,
    intake: &mut Intake<'_, '_>,
    output: &mut Output,
) -> Result<(), Stop> {
    let mut text = String::new();
    let read = open(file)?.take(TABLE_BYTES_MAX + 1).read_to_string(&mut text);
    read.map_err(|fault| unreadable(file, &fault))?;
    if text.len() as u64 > TABLE_BYTES_MAX {
        return Err(Stop::failed(format_args!("`{}` is larger than 1 GiB", file.display()))
            .with_help("split it, or give it as JSON lines"));
    }
    let mut ended = Ok(());
    read_csv(&text, zone, &mut |line, read| {
        ended = intake.take(line, read, output);
        ended.is_ok()
    });
    ended
}

fn read_lines(
    file: &Path,
    zone: &TimeZone,
    intake: &mut Intake<'_, '_>,
    output: &mut Output,
) -> Result<(), Stop> {
    let mut lines = BufReader::with_capacity(1 << 16, open(file)?);
    let (mut bytes, mut line) = (Vec::new(), 0);
    loop {
        bytes.clear();
        let read = lines.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut bytes);
        if read.map_err(|fault| unreadable(file, &fault))? == 0 {
            return Ok(());
        }
        line += 1;
        if bytes.len() as u64 > LINE_BYTES_MAX {
            return Err(Stop::failed(format_args!(
                "line {line} of `{}` is longer than 4 MiB",
                file.display()
            )));
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| line == 1).unwrap_or(&bytes).trim_ascii();
        if !text.is_empty() {
            intake.take(line, event(text, zone), output)?;
        }
    }
}

fn event(text: &[u8], zone: &TimeZone) -> Result<Event, Refused> {
    let value = serde_json::from_slice(text).map_err(|fault| Refused {
        message: format!("this is no JSON: column {}", fault.column()),
        help: Some("one event a line; `--format csv` reads a table".to_owned()),
    })?;
    read_event(&value, zone)
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
