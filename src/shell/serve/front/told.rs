//! The events in a body, each with its place, and the verdicts on them.

use super::body::Written;
use super::fault::Fault;
use crate::orders::{Event, Refused, read_event};
use crate::shell::serve::desk::Verdict;
use axum::http::StatusCode;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};
use std::fmt;

/// Everything that was told in one body.
pub(super) struct AllTold {
    /// What counts them in messages: `event` or `line`.
    counted_as: &'static str,
    told: Vec<Told>,
    /// Those that could be read, in their order.
    events: Vec<Event>,
}

/// Something that was told.
struct Told {
    /// Counted from 1.
    number: usize,
    /// Its id, where it has one.
    id: Option<String>,
    /// What is wrong with it.
    refused: Option<Refused>,
}

/// Reads the events of a body, at most so many. A faulty one is kept with its fault, and the others are read all the same.
///
/// # Errors
/// The body is no JSON, or holds too many events: then nothing of it is taken.
pub(super) fn read(
    bytes: &[u8],
    written: Written,
    zone: &TimeZone,
    events_max: usize,
) -> Result<AllTold, Fault> {
    match written {
        Written::Json => read_json(bytes, zone, events_max),
        Written::Lines => read_lines(bytes, zone, events_max),
    }
}

fn too_many(events_max: usize) -> Fault {
    Fault::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("there are more than {events_max} events in the request"),
    )
    .with_help("send them in several requests")
}

fn read_lines(bytes: &[u8], zone: &TimeZone, events_max: usize) -> Result<AllTold, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut all = AllTold::new("line");
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if all.told.len() == events_max {
            return Err(too_many(events_max));
        }
        match serde_json::from_slice(line) {
            Ok(value) => all.push(at + 1, &value, zone),
            Err(fault) => {
                let message = format!("this is no JSON: column {}", fault.column());
                let refused = Refused { message, help: Some("one event a line".to_owned()) };
                all.told.push(Told { number: at + 1, id: None, refused: Some(refused) });
            }
        }
    }
    Ok(all)
}

fn read_json(bytes: &[u8], zone: &TimeZone, events_max: usize) -> Result<AllTold, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let mut all = AllTold::new("event");
    let each = Each { zone, events_max, all: &mut all };
    match reader.deserialize_any(each).and_then(|()| reader.end()) {
        Ok(()) => Ok(all),
        Err(_) if all.told.len() > events_max => Err(too_many(events_max)),
        Err(fault) if fault.is_data() => {
            Err(Fault::new(StatusCode::BAD_REQUEST, "the body is neither an object nor a list of objects")
                .with_help("send an event, or a list of events"))
        }
        Err(fault) => Err(Fault::new(
            StatusCode::BAD_REQUEST,
            format!("the body is no JSON: line {}, column {}", fault.line(), fault.column()),
        )
        .with_help("nothing of it was taken; `application/x-ndjson` takes what can be read, line by line")),
    }
}

/// Reads one event after another: values take ten times the room of their text, so that only one is held.
struct Each<'a> {
    zone: &'a TimeZone,
    events_max: usize,
    all: &'a mut AllTold,
}

impl<'de> Visitor<'de> for Each<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an event or a list of events")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let fields = Map::deserialize(MapAccessDeserializer::new(map))?;
        self.all.push(1, &Value::Object(fields), self.zone);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element()? {
            self.all.push(self.all.told.len() + 1, &value, self.zone);
            if self.all.told.len() > self.events_max {
                return Err(serde::de::Error::custom("too many"));
            }
        }
        Ok(())
    }
}

/// The longest id that is told back, in characters.
const ID_CHARS_MAX: usize = 200;

impl AllTold {
    fn new(counted_as: &'static str) -> Self {
        Self { counted_as, told: Vec::new(), events: Vec::new() }
    }

    /// The same for events that a connector read.
    pub(super) fn of_values(values: &[Value], zone: &TimeZone) -> Self {
        let mut all = Self::new("event");
        for (at, value) in values.iter().enumerate() {
            all.push(at + 1, value, zone);
        }
        all
    }

    fn push(&mut self, number: usize, value: &Value, zone: &TimeZone) {
        let id = match value.get("id") {
            Some(Value::String(id)) => Some(id.chars().take(ID_CHARS_MAX).collect()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        };
        let refused = match read_event(value, zone) {
            Ok(event) => {
                self.events.push(event);
                None
            }
            Err(refused) => Some(refused),
        };
        self.told.push(Told { number, id, refused });
    }

    /// The events that can be taken, in their order; they are given away.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// How many were told, readable or not.
    pub(super) fn count(&self) -> usize {
        self.told.len()
    }

    /// What became of each, where the engine says this of those that could be taken.
    pub(super) fn judged(&self, verdicts: Vec<Verdict>) -> Judged<'_> {
        let mut verdicts = verdicts.into_iter();
        let mut of = |one: &Told| match &one.refused {
            Some(refused) => Verdict::Refused(refused.clone()),
            // The engine gives a verdict for each; a missing one is not passed off as taken.
            None => verdicts.next().unwrap_or_else(|| {
                let message = "no verdict was given: send it again".to_owned();
                Verdict::Refused(Refused { message, help: None })
            }),
        };
        Judged { counted_as: self.counted_as, verdicts: self.told.iter().map(|one| (one, of(one))).collect() }
    }
}

/// What became of everything that was told.
pub(super) struct Judged<'a> {
    counted_as: &'static str,
    verdicts: Vec<(&'a Told, Verdict)>,
}

impl Judged<'_> {
    /// How many were refused.
    pub(super) fn refused(&self) -> usize {
        self.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Refused(_))).count()
    }

    /// The lines of what was refused, each with its place.
    pub(super) fn refusals(&self) -> impl Iterator<Item = String> + '_ {
        self.verdicts.iter().filter_map(|(one, verdict)| match verdict {
            Verdict::Refused(refused) => {
                Some(format!("{} {}: {}", self.counted_as, one.number, refused.message))
            }
            Verdict::Taken | Verdict::Repeated => None,
        })
    }

    /// As an answer.
    pub(super) fn to_json(&self) -> Value {
        let count = |wanted: fn(&Verdict) -> bool| {
            self.verdicts.iter().filter(|(_, verdict)| wanted(verdict)).count()
        };
        let events = self.verdicts.iter().map(|(one, verdict)| {
            let (word, refused) = match verdict {
                Verdict::Taken => ("taken", None),
                Verdict::Repeated => ("repeated", None),
                Verdict::Refused(refused) => ("refused", Some(refused)),
            };
            let mut fields = json!({ self.counted_as: one.number, "id": one.id, "verdict": word });
            if let (Some(refused), Some(fields)) = (refused, fields.as_object_mut()) {
                fields.insert("message".to_owned(), Value::from(refused.message.as_str()));
                fields.extend(refused.help.as_deref().map(|help| ("help".to_owned(), Value::from(help))));
            }
            fields
        });
        json!({
            "format_version": 1,
            "taken": count(|verdict| *verdict == Verdict::Taken),
            "repeated": count(|verdict| *verdict == Verdict::Repeated),
            "refused": self.refused(),
            "events": events.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"1","type":"stock-adjust","sku":"A","warehouse":"jakarta","by":1}"#;
    const BAD: &str = r#"{"id":"2","type":"stock-adjust","sku":"A","warehouse":"jakarta"}"#;

    fn read(body: &str, written: Written) -> Result<AllTold, Fault> {
        super::read(body.as_bytes(), written, &TimeZone::UTC, 3)
    }

    #[track_caller]
    fn told(body: &str, written: Written) -> Vec<(usize, Result<String, String>)> {
        let Ok(mut all) = read(body, written) else { panic!("{body}") };
        let mut events = all.take_events().into_iter();
        let of = |one: Told| match one.refused {
            None => (one.number, Ok(events.next().unwrap().id)),
            Some(refused) => (one.number, Err(refused.message)),
        };
        all.told.into_iter().map(of).collect()
    }

    #[test]
    fn one_event_a_list_and_lines_are_read_and_a_bad_one_hides_no_good_one() {
        let (good, bad) = (Ok("1".to_owned()), Err("`by` is missing".to_owned()));
        assert_eq!(told(GOOD, Written::Json), [(1, good.clone())]);
        assert_eq!(
            told(&format!("[{GOOD}, {BAD},7]"), Written::Json),
            [(1, good.clone()), (2, bad.clone()), (3, Err("an event is a JSON object".to_owned()))]
        );
        assert_eq!(told("[]", Written::Json), []);
        assert_eq!(
            told(&format!("\u{feff}{BAD}\r\n\n{{\n{GOOD}"), Written::Lines),
            [(1, bad), (3, Err("this is no JSON: column 1".to_owned())), (4, good)]
        );
        assert_eq!(told("\n", Written::Lines), []);
    }

    #[test]
    fn a_body_that_cannot_be_read_is_refused_whole() {
        for (body, written, status, said) in [
            ("", Written::Json, 400, "the body is no JSON: line 1, column 0"),
            (&*format!("[{GOOD}"), Written::Json, 400, "the body is no JSON: line 1"),
            (&*format!("[{GOOD}] 1"), Written::Json, 400, "the body is no JSON: line 1"),
            ("7", Written::Json, 400, "the body is neither an object nor a list"),
            ("\"x\"", Written::Json, 400, "the body is neither an object nor a list"),
            (&"[".repeat(200_000), Written::Json, 400, "the body is no JSON"),
            (&*format!("[{GOOD},{GOOD},{GOOD},{GOOD}]"), Written::Json, 413, "there are more than 3 events"),
            (
                &*format!("{GOOD}\n{GOOD}\n{GOOD}\n{GOOD}"),
                Written::Lines,
                413,
                "there are more than 3 events",
            ),
        ] {
            let Err(fault) = read(body, written) else { panic!("{said}") };
            assert_eq!(fault.status.as_u16(), status, "{said}");
            assert!(fault.message.starts_with(said), "{}", fault.message);
        }
    }

    #[test]
    fn every_event_has_its_verdict() {
        let Ok(mut all) = read(&format!("[{GOOD},{BAD},{GOOD}]"), Written::Json) else {
            panic!("it is good")
        };
        assert_eq!(all.take_events().len(), 2);
        let judged = all.judged(vec![Verdict::Taken, Verdict::Repeated]);
        assert_eq!(
            judged.to_json().to_string(),
            concat!(
                r#"{"events":[{"event":1,"id":"1","verdict":"taken"},"#,
                r#"{"event":2,"id":"2","message":"`by` is missing","verdict":"refused"},"#,
                r#"{"event":3,"id":"1","verdict":"repeated"}],"format_version":1,"refused":1,"repeated":1,"taken":1}"#
            )
        );
        assert_eq!(judged.refusals().collect::<Vec<_>>(), ["event 2: `by` is missing"]);
        assert_eq!(all.judged(vec![Verdict::Taken]).refused(), 2, "none is passed off as taken");
    }
}
