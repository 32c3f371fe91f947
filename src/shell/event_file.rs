//! Events in a file or on standard input, as JSON lines or CSV.

use super::args::EventFormat;
use super::exit::Stop;
use crate::orders::{Event, Refused, read_csv, read_event};
use jiff::tz::TimeZone;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: u64 = 4 << 20;

/// The largest table that is read, in bytes.
const TABLE_BYTES_MAX: u64 = 1 << 30;

/// Takes an event, or why it is none, with the line at which it begins.
pub(super) type Each<'a> = &'a mut dyn FnMut(usize, Result<Event, Refused>) -> Result<(), Stop>;

/// Reads them one by one. Without a format, it is that of the file's name.
pub(super) fn read(
    file: &Path,
    format: Option<EventFormat>,
    zone: &TimeZone,
    each: Each<'_>,
) -> Result<(), Stop> {
    let is_table = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    match format.unwrap_or(if is_table { EventFormat::Csv } else { EventFormat::Jsonl }) {
        EventFormat::Csv => read_table(file, zone, each),
        EventFormat::Jsonl => read_lines(file, zone, each),
    }
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

fn read_table(file: &Path, zone: &TimeZone, each: Each<'_>) -> Result<(), Stop> {
    let mut text = String::new();
    let read = open(file)?.take(TABLE_BYTES_MAX + 1).read_to_string(&mut text);
    read.map_err(|fault| unreadable(file, &fault))?;
    if text.len() as u64 > TABLE_BYTES_MAX {
        return Err(Stop::failed(format_args!("`{}` is larger than 1 GiB", file.display()))
            .with_help("split it, or give it as JSON lines"));
    }
    let mut ended = Ok(());
    read_csv(&text, zone, &mut |line, read| {
        ended = each(line, read);
        ended.is_ok()
    });
    ended
}

fn read_lines(file: &Path, zone: &TimeZone, each: Each<'_>) -> Result<(), Stop> {
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
            each(line, event(text, zone))?;
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
