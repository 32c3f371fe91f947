//! Events as JSON objects: what comes in, and what is kept.

use super::event::{Event, Line, OrderChange, OrderEvent, PartOfLine, StockChange, StockEvent, What};
use crate::check::parse_moment;
use crate::diagnostic::nearest;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The most lines of one event.
pub(super) const LINES_MAX: usize = 10_000;

/// The longest text of an event, in bytes.
const TEXT_BYTES_MAX: usize = 1_000;

/// The largest number of units that stock is set to or changed by, either way.
const UNITS_MAX: i64 = u32::MAX as i64;

/// The types of events.
pub(super) const TYPES: [&str; 7] = [
    "order-placed",
    "order-cancelled",
    "order-shipped",
    "order-returned",
    "order-edited",
    "stock-set",
    "stock-adjust",
];

/// What is wrong with an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// One line for a person.
    pub message: String,
    /// How to put it right, where that is known.
    pub help: Option<String>,
}

impl Refused {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A name that the configuration does not have.
    pub(super) fn undeclared(kind: &str, name: &str, names: &[String]) -> Self {
        let help = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare it under `{kind}s` in `stocksync.yaml`"),
        };
        Self::new(format!("the {kind} `{name}` is not declared")).with_help(help)
    }

    pub(super) fn no_ledger(event: &StockEvent) -> Self {
        let StockEvent { sku, warehouse, .. } = event;
        Self::new(format!(
            "the stock of `{sku}` in `{warehouse}` is not in the ledger and cannot be adjusted"
        ))
        .with_help("set its `on_hand` first, with `stock-set`; a snapshot is replaced by a newer one")
    }

    pub(super) fn in_ledger(event: &StockEvent) -> Self {
        let StockEvent { sku, warehouse, .. } = event;
        Self::new(format!("the stock of `{sku}` in `{warehouse}` is in the ledger and takes no snapshot"))
            .with_help("set its `on_hand`, or adjust it")
    }

    pub(super) fn in_file(event: &StockEvent) -> Self {
        let StockEvent { sku, warehouse, .. } = event;
        Self::new(format!(
            "the stock file has a row of `{sku}` in `{warehouse}`, which cannot be in the ledger too"
        ))
        .with_help("take the row out of the file, or set `available` with `as_of`")
    }
}

/// Reads an event. Fields that it does not have are left alone; times without an offset are read in `zone`.
pub fn read_event(value: &Value, zone: &TimeZone) -> Result<Event, Refused> {
    let Value::Object(fields) = value else {
        return Err(Refused::new("an event is a JSON object").with_help("one object a line"));
    };
    let fields = Fields { fields, zone, of: "" };
    let id = fields.text("id")?;
    let at = fields.moment("at")?;
    let kind = fields.text("type")?;
    let what = match kind.as_str() {
        "stock-set" | "stock-adjust" => What::Stock(stock(&fields, &kind)?),
        _ => What::Order(order(&fields, &kind)?),
    };
    Ok(Event { id, at, what })
}

fn order(fields: &Fields<'_>, kind: &str) -> Result<OrderEvent, Refused> {
    let change = match kind {
        "order-placed" => {
            OrderChange::Placed { placed_at: fields.needed_moment("placed_at")?, lines: fields.lines()? }
        }
        "order-edited" => OrderChange::Edited(fields.lines()?),
        "order-cancelled" => OrderChange::Cancelled(fields.parts()?),
        "order-shipped" => OrderChange::Shipped(fields.parts()?),
        "order-returned" => {
            OrderChange::Returned { lines: fields.parts()?, warehouse: fields.optional("warehouse")? }
        }
        other => return Err(unknown_type(other)),
    };
    let store = fields.optional("store")?;
    if store.is_none() && kind == "order-placed" {
        return Err(fields.missing("store"));
    }
    Ok(OrderEvent { order: fields.text("order")?, store, change })
}

fn unknown_type(kind: &str) -> Refused {
    let help = nearest(kind, TYPES)
        .map_or_else(|| format!("one of {}", TYPES.join(", ")), |near| format!("did you mean `{near}`?"));
    Refused::new(format!("`{kind}` is no type of event")).with_help(help)
}

fn stock(fields: &Fields<'_>, kind: &str) -> Result<StockEvent, Refused> {
    let change = if kind == "stock-adjust" {
        StockChange::Adjust { by: fields.needed_units("by")? }
    } else {
        match (fields.units("on_hand")?, fields.units("available")?) {
            (Some(units), None) => StockChange::OnHand { units, as_of: fields.moment("as_of")? },
            (None, Some(units)) => StockChange::Available { units, as_of: fields.needed_moment("as_of")? },
            (Some(_), Some(_)) => {
                return Err(Refused::new("`on_hand` stands together with `available`").with_help("keep one"));
            }
            (None, None) => return Err(fields.missing("on_hand").with_help("or `available` with `as_of`")),
        }
    };
    Ok(StockEvent {
        sku: fields.text("sku")?,
        warehouse: fields.text("warehouse")?,
        change,
        cause: fields.optional("cause")?,
    })
}

/// The fields of an object. What is `null` or an empty text is not there.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    zone: &'a TimeZone,
    /// Which object, for messages.
    of: &'a str,
}

impl Fields<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    fn missing(&self, name: &str) -> Refused {
        Refused::new(format!("`{name}` is missing{}", self.of))
    }

    fn optional(&self, name: &str) -> Result<Option<String>, Refused> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            // Shops number their orders and lines.
            Some(Value::Number(number)) if number.is_u64() || number.is_i64() => number.to_string(),
            Some(_) => return Err(Refused::new(format!("`{name}` is no text{}", self.of))),
        };
        if text.len() > TEXT_BYTES_MAX || text.contains(char::is_control) {
            return Err(Refused::new(format!("`{name}` is no text of one line{}", self.of))
                .with_help(format!("at most {TEXT_BYTES_MAX} bytes, without line ends")));
        }
        Ok(Some(text))
    }

    fn text(&self, name: &str) -> Result<String, Refused> {
        self.optional(name)?.ok_or_else(|| self.missing(name))
    }

    fn moment(&self, name: &str) -> Result<Option<Timestamp>, Refused> {
        let Some(text) = self.optional(name)? else { return Ok(None) };
        let moment = parse_moment(&text, self.zone)
            .map_err(|fault| Refused::new(format!("`{name}`{}: {fault}", self.of)))?;
        // What is kept is whole microseconds.
        Ok(Some(Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or(moment)))
    }

    fn needed_moment(&self, name: &str) -> Result<Timestamp, Refused> {
        self.moment(name)?.ok_or_else(|| self.missing(name))
    }

    fn units(&self, name: &str) -> Result<Option<i64>, Refused> {
        let units = match self.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let units = units.filter(|units| (-UNITS_MAX..=UNITS_MAX).contains(units));
        units.map(Some).ok_or_else(|| {
            Refused::new(format!("`{name}` is no whole number of units{}", self.of))
                .with_help(format!("it goes from -{UNITS_MAX} to {UNITS_MAX}"))
        })
    }

    fn needed_units(&self, name: &str) -> Result<i64, Refused> {
        self.units(name)?.ok_or_else(|| self.missing(name))
    }

    fn quantity(&self) -> Result<Option<u32>, Refused> {
        let quantity = self.units("quantity")?.map(u32::try_from).transpose();
        quantity.map_err(|_| Refused::new(format!("`quantity` is below 0{}", self.of)))
    }

    /// The lines of an order. None of them stands twice.
    fn lines(&self) -> Result<Vec<Line>, Refused> {
        let mut seen = BTreeSet::new();
        let read = |line: &Fields<'_>| {
            let quantity = line.quantity()?.ok_or_else(|| line.missing("quantity"))?;
            Ok(Line { line: line.text("line")?, store_sku: line.text("store_sku")?, quantity })
        };
        let lines: Vec<Line> = self.each(read)?.ok_or_else(|| self.missing("lines"))?;
        match lines.iter().find(|line| !seen.insert(line.line.as_str())) {
            Some(twice) => Err(Refused::new(format!("the line `{}` stands there twice", twice.line))),
            None => Ok(lines),
        }
    }

    /// Lines or parts of them; `None` is all.
    fn parts(&self) -> Result<Option<Vec<PartOfLine>>, Refused> {
        self.each(|line| {
            Ok(PartOfLine {
                line: line.text("line")?,
                store_sku: line.optional("store_sku")?,
                quantity: line.quantity()?,
            })
        })
    }

    fn each<T>(&self, read: impl Fn(&Fields<'_>) -> Result<T, Refused>) -> Result<Option<Vec<T>>, Refused> {
        let list = match self.get("lines") {
            None => return Ok(None),
            Some(Value::Array(list)) if list.len() <= LINES_MAX => list,
            Some(Value::Array(_)) => {
                return Err(Refused::new(format!("there are more than {LINES_MAX} lines")));
            }
            Some(_) => return Err(Refused::new("`lines` is no list")),
        };
        let items = list.iter().enumerate().map(|(at, item)| {
            let of = format!(" in line {} of `lines`", at + 1);
            let Value::Object(fields) = item else {
                return Err(Refused::new(format!("there is no object{of}")));
            };
            read(&Fields { fields, zone: self.zone, of: &of })
        });
        items.collect::<Result<_, _>>().map(Some)
    }
}

/// An event as the JSON object that it is read from.
pub fn write_event(event: &Event) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    };
    put("id", json!(event.id));
    put("at", moment(event.at));
    match &event.what {
        What::Order(order) => {
            put("order", json!(order.order));
            put("store", json!(order.store));
            let (kind, lines) = match &order.change {
                OrderChange::Placed { placed_at, lines } => {
                    put("placed_at", moment(Some(*placed_at)));
                    ("order-placed", lines.iter().map(line).collect())
                }
                OrderChange::Edited(lines) => ("order-edited", lines.iter().map(line).collect()),
                OrderChange::Cancelled(parts) => ("order-cancelled", self::parts(parts.as_ref())),
                OrderChange::Shipped(parts) => ("order-shipped", self::parts(parts.as_ref())),
                OrderChange::Returned { lines, warehouse } => {
                    put("warehouse", json!(warehouse));
                    ("order-returned", self::parts(lines.as_ref()))
                }
            };
            put("type", json!(kind));
            put("lines", lines);
        }
        What::Stock(stock) => {
            put("sku", json!(stock.sku));
            put("warehouse", json!(stock.warehouse));
            put("cause", json!(stock.cause));
            let kind = match stock.change {
                StockChange::OnHand { units, as_of } => {
                    put("on_hand", json!(units));
                    put("as_of", moment(as_of));
                    "stock-set"
                }
                StockChange::Available { units, as_of } => {
                    put("available", json!(units));
                    put("as_of", moment(Some(as_of)));
                    "stock-set"
                }
                StockChange::Adjust { by } => {
                    put("by", json!(by));
                    "stock-adjust"
                }
            };
            put("type", json!(kind));
        }
    }
    Value::Object(fields)
}

fn moment(moment: Option<Timestamp>) -> Value {
    moment.map_or(Value::Null, |moment| json!(moment.to_string()))
}

fn line(line: &Line) -> Value {
    json!({ "line": line.line, "store_sku": line.store_sku, "quantity": line.quantity })
}

fn parts(parts: Option<&Vec<PartOfLine>>) -> Value {
    let part = |part: &PartOfLine| {
        let fields = [
            ("line", json!(part.line)),
            ("store_sku", json!(part.store_sku)),
            ("quantity", json!(part.quantity)),
        ];
        let there = fields.into_iter().filter(|(_, value)| !value.is_null());
        Value::Object(there.map(|(name, value)| (name.to_owned(), value)).collect())
    };
    parts.map_or(Value::Null, |parts| parts.iter().map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_an_event_are_told_in_its_words() {
        for (text, expected) in [
            ("[]", "an event is a JSON object"),
            (r#"{"type":"order-placed"}"#, "`id` is missing"),
            (r#"{"id":"1","type":"order-paid","order":"1"}"#, "`order-paid` is no type of event"),
            (
                r#"{"id":"1","type":"order-placed","order":"1","placed_at":"2026-01-01","lines":[]}"#,
                "`store` is missing",
            ),
            (
                r#"{"id":"1","type":"order-placed","order":"1","store":"web","placed_at":"soon","lines":[]}"#,
                "`placed_at`: `soon` is no moment",
            ),
            (
                r#"{"id":"1","type":"order-placed","order":"1","store":"web","placed_at":"2026-01-01","lines":[{"line":1}]}"#,
                "`quantity` is missing in line 1 of `lines`",
            ),
            (
                r#"{"id":"1","type":"order-edited","order":"1","lines":[{"line":1,"store_sku":"a","quantity":-1}]}"#,
                "`quantity` is below 0 in line 1 of `lines`",
            ),
            (
                r#"{"id":"1","type":"order-edited","order":"1","lines":[{"line":1,"store_sku":"a","quantity":1},{"line":"1","store_sku":"b","quantity":1}]}"#,
                "the line `1` stands there twice",
            ),
            (r#"{"id":"1","type":"order-shipped","order":"1","lines":7}"#, "`lines` is no list"),
            (r#"{"id":"1","type":"stock-set","sku":"A","warehouse":"jkt"}"#, "`on_hand` is missing"),
            (
                r#"{"id":"1","type":"stock-set","sku":"A","warehouse":"jkt","available":1}"#,
                "`as_of` is missing",
            ),
            (
                r#"{"id":"1","type":"stock-set","sku":"A","warehouse":"jkt","available":1,"on_hand":1}"#,
                "`on_hand` stands together with `available`",
            ),
            (
                r#"{"id":"1","type":"stock-adjust","sku":"A","warehouse":"jkt","by":4294967296}"#,
                "`by` is no whole number of units",
            ),
            (
                r#"{"id":"a\nb","type":"stock-adjust","sku":"A","warehouse":"jkt","by":1}"#,
                "`id` is no text of one line",
            ),
        ] {
            let value = serde_json::from_str(text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
            let said = read_event(&value, &jiff::tz::TimeZone::UTC).map_err(|refused| refused.message);
            assert!(said.as_ref().is_err_and(|said| said.starts_with(expected)), "{text}: {said:?}");
        }
    }
}
