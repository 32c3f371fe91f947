//! Events as rows of a CSV table: one row a line of an order, all rows of an event together.

use super::Event;
use super::json::{Refused, read_event};
use crate::catalog::CsvRows;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// The columns of an order's line; all others belong to the event.
const OF_LINES: [&str; 3] = ["line", "store_sku", "quantity"];

/// Reads a table of events, and gives each with the line at which it begins, from 1. What comes back is false where the
/// reading is to end.
pub fn read_csv(text: &str, zone: &TimeZone, each: &mut dyn FnMut(usize, Result<Event, Refused>) -> bool) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = CsvRows::new(text);
    let mut lines = LineCount { text, at: 0, line: 1 };
    let header = match rows.next() {
        Some(Ok(())) => rows.cells.iter().map(|cell| cell.text(text).into_owned()).collect(),
        _ => Vec::new(),
    };
    if let Some(fault) = header_fault(&header) {
        each(1, Err(fault));
        return;
    }
    let mut open: Option<(usize, Group)> = None;
    while let Some(read) = rows.next() {
        let line = lines.of(rows.start);
        let cells: Vec<String> = rows.cells.iter().map(|cell| cell.text(text).into_owned()).collect();
        let row = match read {
            Ok(()) if cells.len() == header.len() => Ok(Group::of(&header, cells)),
            Ok(()) => Err(format!("the row has {} cells, and the header {}", cells.len(), header.len())),
            Err(_) => Err("a quote opens and does not close before the next comma".to_owned()),
        };
        let before = match (row, &mut open) {
            (Ok(row), Some((_, group))) if row.id().is_some() && group.id() == row.id() => {
                group.join(row);
                continue;
            }
            (Ok(row), _) => open.replace((line, row)),
            (Err(message), _) => {
                let before = open.take();
                let told = before.is_none_or(|(line, group)| each(line, group.read(zone)));
                if !told || !each(line, Err(Refused::new(message))) {
                    return;
                }
                continue;
            }
        };
        if before.is_some_and(|(line, group)| !each(line, group.read(zone))) {
            return;
        }
    }
    if let Some((line, group)) = open {
        each(line, group.read(zone));
    }
}

fn header_fault(header: &[String]) -> Option<Refused> {
    let missing = ["id", "type"].into_iter().find(|name| !header.iter().any(|cell| cell == name));
    let help = "the first line names the columns: `id`, `type`, and the fields of the events";
    missing.map(|name| Refused::new(format!("the column `{name}` is missing")).with_help(help))
}

/// The rows of one event.
struct Group {
    fields: Map<String, Value>,
    lines: Vec<Value>,
    differs: bool,
}

impl Group {
    fn of(header: &[String], cells: Vec<String>) -> Self {
        let (mut fields, mut line) = (Map::new(), Map::new());
        for (name, cell) in header.iter().zip(cells) {
            let map = if OF_LINES.contains(&name.as_str()) { &mut line } else { &mut fields };
            if !cell.is_empty() {
                map.insert(name.clone(), Value::String(cell));
            }
        }
        let lines = if line.is_empty() { Vec::new() } else { vec![Value::Object(line)] };
        Self { fields, lines, differs: false }
    }

    fn id(&self) -> Option<&Value> {
        self.fields.get("id")
    }

    fn join(&mut self, row: Group) {
        self.differs |= self.fields != row.fields;
        self.lines.extend(row.lines);
    }

    fn read(mut self, zone: &TimeZone) -> Result<Event, Refused> {
        if self.differs {
            let message = "the rows of this event differ in more than their lines";
            return Err(Refused::new(message).with_help("rows with one `id` are the lines of one event"));
        }
        if !self.lines.is_empty() {
            self.fields.insert("lines".to_owned(), Value::Array(self.lines));
        }
        read_event(&Value::Object(self.fields), zone)
    }
}

/// Counts lines on the way through a text.
struct LineCount<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl LineCount<'_> {
    fn of(&mut self, at: usize) -> usize {
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at = at;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::write_event;

    /// What a table says, as `line: event` or `line: what is wrong`.
    #[track_caller]
    fn check_csv(text: &str, expected: &[&str]) {
        let mut said = Vec::new();
        read_csv(text, &jiff::tz::TimeZone::UTC, &mut |line, read| {
            said.push(match read {
                Ok(event) => format!("{line}: {}", write_event(&event)),
                Err(refused) => format!("{line}: {}", refused.message),
            });
            true
        });
        assert_eq!(said, expected);
    }

    #[test]
    fn a_table_has_a_row_for_each_line() {
        check_csv(
            "id,type,order,store,placed_at,line,store_sku,quantity,note\n\
         p,order-placed,1,web,2026-01-01 13:00,1,a,4,x\n\
         p,order-placed,1,web,2026-01-01 13:00,2,\"a,3\",1,x\n\
         c,order-cancelled,1,,,,,,\n",
            &[
                r#"2: {"id":"p","lines":[{"line":"1","quantity":4,"store_sku":"a"},{"line":"2","quantity":1,"store_sku":"a,3"}],"order":"1","placed_at":"2026-01-01T13:00:00Z","store":"web","type":"order-placed"}"#,
                r#"4: {"id":"c","order":"1","type":"order-cancelled"}"#,
            ],
        );
    }

    #[test]
    fn faults_in_a_table_have_their_line() {
        check_csv("", &["1: the column `id` is missing"]);
        check_csv("id,order\n", &["1: the column `type` is missing"]);
        check_csv(
            "id,type,sku,warehouse,by\nj,stock-adjust,A\n\nk,stock-adjust,A,jkt,1.5\nl,stock-adjust,A,jkt,\nm,stock-ajust,A,jkt,1\n\"n\n",
            &[
                "2: the row has 3 cells, and the header 5",
                "4: `by` is no whole number of units",
                "5: `by` is missing",
                "6: `stock-ajust` is no type of event",
                "7: a quote opens and does not close before the next comma",
            ],
        );
        check_csv(
            "id,type,order,store,placed_at,line,store_sku,quantity\np,order-placed,1,web,2026-01-01,1,a,4\np,order-placed,2,web,2026-01-01,2,a,4\n",
            &["2: the rows of this event differ in more than their lines"],
        );
    }
}
