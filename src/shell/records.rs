//! `stocksync records`.

use super::args::{RecordFormat, Records, RecordsCommand};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project;
use super::state::{First, RecordQuery, SqliteState, State};
use super::{Run, retry, save};
use crate::check::parse_moment;
use crate::record::{Record, Status, write_csv_head, write_csv_line, write_human_line, write_json_line};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

pub(super) fn run(args: &Records, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    if let Some(RecordsCommand::Retry(args)) = &args.command {
        return retry::run(args, run, output);
    }
    let root = project::find(run.folder.as_deref())?;
    let (project, _) = project::load(root, project::Depth::Rules, |_| Ok(run.now))?;
    let mut state = SqliteState::open_for_reading(&super::state_path(&project)?)?;
    let query = RecordQuery {
        sku: args.sku.as_deref(),
        store: args.store.as_deref(),
        status: args.status.as_deref().and_then(Status::find),
        since: args
            .since
            .as_deref()
            .map(|text| since(text, &project.config.timezone, run.now))
            .transpose()?,
        first: First::Newest,
        limit: args.limit.map(|limit| limit as u64),
    };
    if let Some(file) = &args.export {
        return export(&mut state, &query, file, output);
    }
    let write = match args.format {
        RecordFormat::Jsonl => write_json_line,
        RecordFormat::Text => write_human_line,
    };
    let count = each(&mut state, &query, &mut |record| write(record, &mut output.out))?;
    if count == 0 {
        output.say("no records");
    }
    Ok(Exit::Done)
}

fn export(
    state: &mut SqliteState,
    query: &RecordQuery<'_>,
    file: &Path,
    output: &mut Output,
) -> Result<Exit, Stop> {
    let (mut count, mut ended) = (0, Ok(0));
    save::replace(file, |out| {
        write_csv_head(out)?;
        ended = each(state, query, &mut |record| write_csv_line(record, out));
        count = *ended.as_ref().unwrap_or(&0);
        if ended.is_err() { Err(io::Error::other("the records could not be read")) } else { Ok(()) }
    })?;
    output.say(format_args!("{count} records in {}", file.display()));
    Ok(Exit::Done)
}

type WriteRecord<'a> = &'a mut dyn FnMut(&Record<'_>) -> io::Result<()>;

fn each(state: &mut SqliteState, query: &RecordQuery<'_>, write: WriteRecord<'_>) -> Result<u64, Stop> {
    let (mut count, mut written) = (0, Ok(()));
    state.records(query, &mut |record| {
        written = write(record);
        count += 1;
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    Ok(count)
}

/// A moment, or how long ago: `90m`, `2h`, `7d`.
pub(super) fn since(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Stop> {
    let seconds = text.split_at_checked(text.len().saturating_sub(1)).and_then(|(number, unit)| {
        let unit = match unit {
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        number.parse::<u32>().ok().map(|number| i64::from(number) * unit)
    });
    match seconds {
        Some(seconds) => now
            .checked_sub(SignedDuration::from_secs(seconds))
            .map_err(|_| Stop::failed(format_args!("`--since {text}` lies before time began"))),
        None => parse_moment(text, zone).map_err(|fault| {
            Stop::failed(format_args!("`--since {text}`: {fault}"))
                .with_help("give a moment such as `2026-11-27 18:00`, or how long ago: `90m`, `2h`, `7d`")
        }),
    }
}
