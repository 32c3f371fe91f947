//! What an operation is given, row by row, and what became of each.

use super::{Job, text::one_line};
use crate::abi::column_id::{ADDRESS, EXPECTED, INDEX, OUTCOME, PARENT, QUANTITY, STORE_SKU, TEXT, TICKET};
use crate::abi::outcome;
use crate::connector::Fault;
use crate::rows::{Page, Rows, TextColumn};

/// A row beside the start of an operation. What a row does not have is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Which of the operation's items it is, from 0.
    pub index: u32,
    /// The store SKU.
    pub store_sku: String,
    /// What `resolve` answered.
    pub address: String,
    /// What it is grouped by.
    pub parent: String,
    /// The ticket of an accepted write.
    pub ticket: String,
    /// The number to write, or that was written.
    pub quantity: i64,
    /// The number that must be there.
    pub expected: Option<i64>,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is shown to be there.
    Sent,
    /// It is not, and why: `not-found: …`, `rejected: …`.
    Failed(String),
    /// Another number was there than expected.
    Conflict(String),
    /// It waits in the store, under this ticket.
    Accepted(String),
}

/// Takes a page of items.
pub(super) fn take(items: &mut Vec<Item>, rows: &Rows<'_>) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let skus = rows.texts(STORE_SKU).ok_or_else(|| Fault::bad_input("the items have no `store_sku`"))?;
    let text =
        |id: u32, row: usize| rows.texts(id).and_then(|texts| texts.get(row)).unwrap_or_default().to_owned();
    let number = |id: u32, row: usize| rows.i64s(id).and_then(|numbers| numbers.get(row));
    for (row, sku) in skus.iter().enumerate() {
        items.push(Item {
            index: u32::try_from(items.len()).map_err(|_| Fault::bad_input("too many items"))?,
            store_sku: sku.to_owned(),
            address: text(ADDRESS, row),
            parent: text(PARENT, row),
            ticket: text(TICKET, row),
            quantity: number(QUANTITY, row).unwrap_or_default(),
            expected: number(EXPECTED, row),
        });
    }
    Ok(())
}

/// Which items have an outcome, so that none gets two.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    given: Vec<bool>,
}

impl Outcomes {
    pub(super) fn of(job: &Job) -> Self {
        let with_outcomes = matches!(job.operation.as_str(), "write" | "poll");
        Self { given: vec![false; if with_outcomes { job.items.len() } else { 0 }] }
    }

    /// The outcomes as a page; of an item that is told of twice, the first counts.
    pub(super) fn page(&mut self, told: Vec<(u32, Verdict)>) -> Page {
        let (mut indexes, mut outcomes) = (Vec::new(), Vec::new());
        let (mut texts, mut tickets) = (TextColumn::new(), TextColumn::new());
        for (index, verdict) in told {
            match self.given.get_mut(index as usize) {
                Some(given) if !*given => *given = true,
                _ => continue,
            }
            let (outcome, text, ticket) = match verdict {
                Verdict::Sent => (outcome::SENT, String::new(), String::new()),
                Verdict::Failed(why) => (outcome::FAILED, one_line(&why), String::new()),
                Verdict::Conflict(why) => (outcome::CONFLICT, one_line(&why), String::new()),
                Verdict::Accepted(ticket) => (outcome::ACCEPTED, String::new(), ticket),
            };
            indexes.push(index);
            outcomes.push(outcome);
            texts.push(&text);
            tickets.push(&ticket);
        }
        if indexes.is_empty() {
            return Page::new();
        }
        Page::new().u32s(INDEX, &indexes).u8s(OUTCOME, &outcomes).texts(TEXT, texts).texts(TICKET, tickets)
    }
}
