//! A plan with everything that is hard to print.

use super::{PLAN_FORMATS, PlanReport};
use crate::plan::{Calls, Counts, GuardMet, Head, Problem, Reason, Row, Rows};
use crate::report::Color;
use crate::threads::Threads;
use std::num::NonZero;

pub(super) type Outcome = Result<(), Box<dyn std::error::Error>>;

impl Rows for Vec<Row<'static>> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn row(&self, index: usize) -> Row<'_> {
        self.get(index).copied().unwrap_or(ROW)
    }
}

/// A row to start from.
pub(super) const ROW: Row<'static> = Row {
    store: "outlet",
    store_sku: "A-1",
    sku: "A-1",
    current: Some(40),
    planned: 12,
    available: 25,
    rule: "Sneakers SEA",
    order: 10,
    reason: Reason::Rate,
    file: "rules/sea.sync",
    line: 5,
};

/// Names in many scripts, with quotes, commas, pipes, markup and escape sequences.
pub(super) fn hostile() -> Vec<Row<'static>> {
    let zero = Row { planned: 0, available: 3, reason: Reason::BelowThreshold, ..ROW };
    vec![
        Row { store_sku: "=1+1,\"q\"", sku: "q", ..ROW },
        Row { store_sku: "A-2", sku: "A-2", ..ROW },
        Row { store_sku: "a\nb", sku: "a|b`c`", current: Some(7), ..zero },
        Row { store_sku: "รองเท้า-กี่", sku: "鞋-👟", current: Some(90), ..zero },
        Row { store: "shop_0", current: None, planned: 4, rule: "<script>alert(1)</script>", ..ROW },
        Row { store: "shop_0", store_sku: "x\x1b[31m", sku: "x", current: Some(-2), planned: 5, ..ROW },
    ]
}

pub(super) fn head() -> Head {
    let outlet = Counts { rows: 6, unchanged: 2, raise: 0, lower: 2, to_zero: 2, problems: 0 };
    let shop = Counts { rows: 2, raise: 2, problems: 1, ..Counts::default() };
    Head {
        plan_id: "3f2a91c07d".to_owned(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        at: jiff::Timestamp::UNIX_EPOCH,
        rules_version: "sha256:ab".to_owned(),
        total: Counts { rows: 8, unchanged: 2, raise: 2, lower: 2, to_zero: 2, problems: 1 },
        stores: vec![("outlet".to_owned(), outlet), ("shop_0".to_owned(), shop)],
        problems: vec![Problem {
            store: "shop_0".to_owned(),
            store_sku: Some("GONE|<b>".to_owned()),
            name: "missing-listing",
            message: "the store does not have `GONE|<b>`".to_owned(),
        }],
        guards: vec![GuardMet {
            store: Some("outlet".to_owned()),
            name: "to_zero",
            limit: "20%".to_owned(),
            would_be: "31%".to_owned(),
        }],
        calls: vec![Calls { store: "shop_0".to_owned(), requests: 13, milliseconds: 2600 }],
        orders_taken: 0,
        stock_age_seconds: Some(12_000),
        paused: vec!["outlet".to_owned()],
        switched_off: false,
    }
}

/// A plan in which nothing happens.
pub(super) fn idle() -> Head {
    Head {
        total: Counts::default(),
        stores: vec![],
        problems: vec![],
        guards: vec![],
        calls: vec![],
        ..head()
    }
}

/// `number` drops to zero, each from a higher number than the one before.
pub(super) fn many(number: usize) -> Vec<Row<'static>> {
    let row = |index| Row { current: Some(index as i64 + 1), planned: 0, ..ROW };
    (0..number).map(row).collect()
}

/// What a format makes of a plan.
pub(super) fn rendered(
    name: &str,
    head: &Head,
    rows: &dyn Rows,
    color: Color,
    width: usize,
) -> Result<String, Box<dyn std::error::Error>> {
    let format = PLAN_FORMATS.iter().find(|format| format.name == name).ok_or("no such format")?;
    let mut out = Vec::new();
    let threads = Threads::new(NonZero::<usize>::MIN.saturating_add(2));
    (format.render)(&PlanReport { head, rows, color, width, threads }, &mut out)?;
    Ok(String::from_utf8(out)?)
}

/// The same, at 80 columns without colour.
pub(super) fn plain(name: &str, head: &Head, rows: &dyn Rows) -> Result<String, Box<dyn std::error::Error>> {
    rendered(name, head, rows, Color::Never, 80)
}
