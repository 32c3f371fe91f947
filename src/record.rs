//! What became of each change: one record for every number that was to be written.

use crate::cell;
use jiff::Timestamp;
use serde::Serialize;
use std::io::{self, Write};

/// The version of the JSON form.
pub const FORMAT_VERSION: u32 = 1;

/// One sync record. Numbers are available units of the store SKU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// Rises with every record.
    pub id: u64,
    /// When its status last changed.
    pub time: Timestamp,
    /// What set it off.
    pub trigger: Trigger,
    /// Who asked for it.
    pub actor: &'a str,
    /// The order that caused it, if one did.
    pub order_id: Option<&'a str>,
    /// The merchant SKU.
    pub sku: &'a str,
    /// The store's name.
    pub store: &'a str,
    /// The store SKU.
    pub store_sku: &'a str,
    /// What the store showed, where that was known.
    pub before: Option<i64>,
    /// What it was to show.
    pub after: u64,
    /// What became of it.
    pub status: Status,
    /// Why, in the store's words or as one of [`Skip`].
    pub detail: Option<&'a str>,
    /// How often it was sent.
    pub attempts: u32,
    /// The rule that gave the number, if one did.
    pub rule: Option<&'a str>,
    /// The number of the activation; `None` where nothing was activated (a guard held, switched off).
    pub activation: Option<u64>,
    /// `sha256:…` of the rules.
    pub rules_version: &'a str,
    /// The commit of the rules, in a git checkout.
    pub commit: Option<&'a str>,
    /// The plan it belongs to, if any.
    pub plan_id: Option<&'a str>,
}

/// Writes a record as one line of JSON.
pub fn write_json_line(record: &Record<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &JsonRecord::from(record))?;
    out.write_all(b"\n")
}

/// Writes a record as one line for a person: when, where, which number, what became of it and why.
pub fn write_human_line(record: &Record<'_>, out: &mut dyn Write) -> io::Result<()> {
    let seconds = Timestamp::from_second(record.time.as_second()).unwrap_or(record.time);
    write!(out, "{seconds}  {:<7}  ", record.status.name())?;
    write_clean(record.store, out)?;
    out.write_all(b"  ")?;
    write_clean(record.store_sku, out)?;
    match record.before {
        Some(before) => write!(out, "  {before} -> {}", record.after)?,
        None => write!(out, "  ? -> {}", record.after)?,
    }
    for (label, text) in [("rule", record.rule), ("detail", record.detail)] {
        if let Some(text) = text {
            write!(out, "  {label}: ")?;
            write_clean(text, out)?;
        }
    }
    out.write_all(b"\n")
}

/// The head of the CSV form; the columns are named as the JSON keys.
pub fn write_csv_head(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        b"id,time,trigger,actor,order_id,sku,store,store_sku,before,after,status,detail,attempts,rule,activation,rules_version,commit,plan_id\n",
    )
}

/// A record as a line of CSV (RFC 4180); what is not known is an empty cell.
pub fn write_csv_line(record: &Record<'_>, out: &mut dyn Write) -> io::Result<()> {
    let number = |number: Option<i128>| number.map(|number| number.to_string()).unwrap_or_default();
    let cells = [
        &record.id.to_string(),
        &record.time.to_string(),
        record.trigger.name(),
        record.actor,
        record.order_id.unwrap_or_default(),
        record.sku,
        record.store,
        record.store_sku,
        &number(record.before.map(i128::from)),
        &record.after.to_string(),
        record.status.name(),
        record.detail.unwrap_or_default(),
        &record.attempts.to_string(),
        record.rule.unwrap_or_default(),
        &number(record.activation.map(i128::from)),
        record.rules_version,
        record.commit.unwrap_or_default(),
        record.plan_id.unwrap_or_default(),
    ];
    let mut line = Vec::new();
    cell::push_all(cells, &mut line);
    line.push(b'\n');
    out.write_all(&line)
}

/// Control characters would let a store's words move the cursor or forge a line.
fn write_clean(text: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(crate::report::clean(text).as_bytes())
}

/// An enum whose values have a name in output and a number on disk, neither ever changed.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $number:literal $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $value = $number,)* }

        impl $name {
            /// Every value, by number.
            pub const ALL: &'static [$name] = &[$($name::$value),*];

            /// As it stands in output.
            pub const fn name(self) -> &'static str {
                match self { $($name::$value => $text,)* }
            }

            /// The one that goes by this name.
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }

            /// As it stands on disk.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The one with this number.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.number() == number)
            }
        }
    };
}

named! {
    /// What set a change off.
    Trigger {
        /// `sync`.
        SyncNow = 1 "sync-now",
        /// `apply` of a saved plan.
        Apply = 2 "apply",
        /// Stock changed without an order.
        StockChange = 3 "stock-change",
        /// An order came.
        OrderPlaced = 4 "order-placed",
        /// An order was cancelled.
        OrderCancelled = 5 "order-cancelled",
        /// An order left.
        OrderShipped = 6 "order-shipped",
        /// Goods came back.
        OrderReturned = 7 "order-returned",
        /// A rule's window opened or closed.
        Window = 8 "window",
        /// A number was edited in the store and put right.
        DriftRepair = 9 "drift-repair",
        /// `records retry`.
        Retry = 10 "retry",
    }
}

named! {
    /// What became of a change.
    Status {
        /// In the outbox, or accepted by the store and not yet settled.
        Pending = 1 "pending",
        /// Shown to be there.
        Sent = 2 "sent",
        /// Refused for good, or given up.
        Failed = 3 "failed",
        /// It left us, and nobody knows.
        Unknown = 4 "unknown",
        /// Never sent.
        Skipped = 5 "skipped",
    }
}

named! {
    /// Why a change was never sent.
    Skip {
        /// A newer number took its place.
        Superseded = 1 "superseded",
        /// The plan no longer fits.
        Stale = 2 "stale",
        /// The store's number changed meanwhile.
        Conflict = 3 "conflict",
        /// `inventory_features: false`.
        SwitchedOff = 4 "switched-off",
        /// The store or the SKU is paused.
        Paused = 5 "paused",
        /// A guard holds it.
        Guard = 6 "guard",
    }
}

#[derive(Serialize)]
struct JsonRecord<'a> {
    format_version: u32,
    id: u64,
    time: String,
    trigger: &'static str,
    actor: &'a str,
    order_id: Option<&'a str>,
    sku: &'a str,
    store: &'a str,
    store_sku: &'a str,
    before: Option<i64>,
    after: u64,
    status: &'static str,
    detail: Option<&'a str>,
    attempts: u32,
    rule: Option<&'a str>,
    activation: Option<u64>,
    rules_version: &'a str,
    commit: Option<&'a str>,
    plan_id: Option<&'a str>,
}

impl<'a> From<&Record<'a>> for JsonRecord<'a> {
    fn from(record: &Record<'a>) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            id: record.id,
            time: record.time.to_string(),
            trigger: record.trigger.name(),
            actor: record.actor,
            order_id: record.order_id,
            sku: record.sku,
            store: record.store,
            store_sku: record.store_sku,
            before: record.before,
            after: record.after,
            status: record.status.name(),
            detail: record.detail,
            attempts: record.attempts,
            rule: record.rule,
            activation: record.activation,
            rules_version: record.rules_version,
            commit: record.commit,
            plan_id: record.plan_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record<'static> {
        Record {
            id: 7,
            time: Timestamp::UNIX_EPOCH,
            trigger: Trigger::SyncNow,
            actor: "ana",
            order_id: None,
            sku: "A",
            store: "outlet",
            store_sku: "a-1",
            before: Some(4),
            after: 0,
            status: Status::Skipped,
            detail: Some("paused"),
            attempts: 0,
            rule: Some("Base"),
            activation: Some(3),
            rules_version: "sha256:00",
            commit: None,
            plan_id: Some("p"),
        }
    }

    fn text(record: &Record<'_>, write: fn(&Record<'_>, &mut dyn Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(record, &mut out).expect("a vector takes everything");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_json_line_has_every_key_in_order() {
        assert_eq!(
            text(&record(), write_json_line),
            concat!(
                r#"{"format_version":1,"id":7,"time":"1970-01-01T00:00:00Z","trigger":"sync-now","actor":"ana","#,
                r#""order_id":null,"sku":"A","store":"outlet","store_sku":"a-1","before":4,"after":0,"#,
                r#""status":"skipped","detail":"paused","attempts":0,"rule":"Base","activation":3,"#,
                r#""rules_version":"sha256:00","commit":null,"plan_id":"p"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_json_line_stays_one_line() {
        let hostile = Record { detail: Some("no\nway \"x\" \u{1b}[2J"), ..record() };
        assert_eq!(text(&hostile, write_json_line).matches('\n').count(), 1);
    }

    #[test]
    fn a_human_line_is_short_and_clean() {
        assert_eq!(
            text(&record(), write_human_line),
            "1970-01-01T00:00:00Z  skipped  outlet  a-1  4 -> 0  rule: Base  detail: paused\n"
        );
        let hostile = Record { before: None, rule: None, detail: Some("a\n\u{1b}[2Jb"), ..record() };
        assert_eq!(
            text(&hostile, write_human_line),
            "1970-01-01T00:00:00Z  skipped  outlet  a-1  ? -> 0  detail: a␊␛[2Jb\n"
        );
    }

    #[test]
    fn names_and_numbers_lead_back() {
        for &status in Status::ALL {
            assert_eq!(
                (Status::find(status.name()), Status::from_number(status.number())),
                (Some(status), Some(status))
            );
        }
        for &trigger in Trigger::ALL {
            assert_eq!(Trigger::from_number(trigger.number()), Trigger::find(trigger.name()));
        }
        assert_eq!(
            Skip::ALL.iter().map(|skip| skip.name()).collect::<Vec<_>>().join(" "),
            "superseded stale conflict switched-off paused guard"
        );
        assert_eq!((Status::find("Sent"), Status::from_number(9)), (None, None));
    }
}
