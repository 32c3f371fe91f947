//! Writing: batches out, exactly one outcome for every item back.

use super::{SkuSource, Store};
use crate::shell::fault::{StoreFault, clean};
use crate::shell::session::{Ended, Operation};
use std::ops::Range;
use stocksync_sdk::abi::{column_id, outcome};
use stocksync_sdk::message::QuantityKind;
use stocksync_sdk::rows::{Page, Rows, TextColumn};

/// What is to be written.
pub trait ItemSource: SkuSource {
    /// The available quantity that the listing shall show.
    fn quantity(&self, index: usize) -> i64;
    /// The available quantity that it is expected to show now, for stores that can compare.
    fn expected(&self, index: usize) -> Option<i64>;
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemOutcome {
    /// The store shows it.
    Sent,
    /// It was not written, and why.
    Failed(String),
    /// The expected number was not there.
    Conflict,
    /// Taken; the ticket to ask for it by.
    Accepted(String),
    /// Nobody knows whether it was written, and why.
    Unknown(String),
}

/// What became of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// One for every item, in their order.
    pub outcomes: Vec<ItemOutcome>,
    /// What ended it early, if something did.
    pub fault: Option<StoreFault>,
}

impl Store {
    /// Sets quantities, in batches as the connector wants them. `key` is the same for the same plan.
    pub fn write(&mut self, items: &(impl ItemSource + ?Sized), key: &str) -> Written {
        if let Err(fault) = self.know_held(items) {
            let outcomes = vec![ItemOutcome::Failed(fault.what.clone()); items.len()];
            return Written { outcomes, fault: Some(fault) };
        }
        let mut outcomes: Vec<_> = (0..items.len()).map(|index| self.refusal(items, index)).collect();
        let sendable: Vec<usize> =
            (0..).zip(&outcomes).filter(|(_, o)| o.is_none()).map(|(index, _)| index).collect();
        let batch_max = match self.manifest.batch.items_max {
            0 => sendable.len().max(1),
            max => max as usize,
        };
        let mut fault = None;
        for (number, batch) in sendable.chunks(batch_max).enumerate() {
            // A connector that misbehaved once is not asked again.
            let answers = match &fault {
                None => self.write_batch(items, batch, &format!("{key}-{number}"), &mut fault),
                Some(StoreFault { what, .. }) => {
                    vec![ItemOutcome::Failed(format!("not sent: {what}")); batch.len()]
                }
            };
            for (index, answer) in batch.iter().zip(answers) {
                if let Some(place) = outcomes.get_mut(*index) {
                    *place = Some(answer);
                }
            }
        }
        let outcomes =
            outcomes.into_iter().map(|o| o.unwrap_or_else(|| ItemOutcome::Unknown(NO_OUTCOME.to_owned())));
        Written { outcomes: outcomes.collect(), fault }
    }

    /// A store that takes open orders off itself must be read before it is written.
    fn know_held(&mut self, items: &(impl ItemSource + ?Sized)) -> Result<(), StoreFault> {
        if self.manifest.quantity_kind != QuantityKind::OnHand {
            return Ok(());
        }
        let unknown: Vec<&str> = (0..items.len())
            .map(|index| items.store_sku(index))
            .filter(|store_sku| !self.held.contains_key(*store_sku))
            .collect();
        if unknown.is_empty() { Ok(()) } else { self.read(unknown.as_slice(), &mut |_, _| {}) }
    }

    /// Why an item is not even sent.
    fn refusal(&self, items: &(impl ItemSource + ?Sized), index: usize) -> Option<ItemOutcome> {
        let on_hand = self.manifest.quantity_kind == QuantityKind::OnHand;
        if on_hand && !self.held.contains_key(items.store_sku(index)) {
            return Some(ItemOutcome::Failed("not-found: the store does not have it".to_owned()));
        }
        if !self.may_send(items.store_sku(index)) {
            return Some(ItemOutcome::Failed(
                "rejected: a store SKU with `{{secret:` or `{{sign:` in it is not sent to any host".into(),
            ));
        }
        let bounds = &self.manifest.quantity;
        let quantity = self.units(items.store_sku(index), items.quantity(index));
        let within = u64::try_from(quantity).is_ok_and(|units| (bounds.min..=bounds.max).contains(&units));
        let what = || format!("rejected: {quantity} is not within {} … {}", bounds.min, bounds.max);
        (!within).then(|| ItemOutcome::Failed(what()))
    }

    /// An available quantity as the store counts.
    fn units(&self, store_sku: &str, available: i64) -> i64 {
        available.saturating_add(self.held.get(store_sku).copied().unwrap_or(0))
    }

    fn write_batch(
        &self,
        items: &(impl ItemSource + ?Sized),
        batch: &[usize],
        key: &str,
        fault: &mut Option<StoreFault>,
    ) -> Vec<ItemOutcome> {
        let mut answers: Vec<Option<ItemOutcome>> = vec![None; batch.len()];
        let (run, touched) = match (self.offers("write"), self.session()) {
            (false, _) => (Err("cannot `write`: its manifest does not offer it".to_owned()), false),
            (true, Err(what)) => (Err(what), false),
            (true, Ok((mut session, _))) => {
                let mut operation = Operation {
                    name: "write",
                    idempotency_key: key.to_owned(),
                    items: batch.len(),
                    page: &|range| self.item_page(items, batch, range),
                    answer: &mut |rows| take(rows, &mut answers, &|text| self.shown(text)),
                };
                let run = session.run(&mut operation);
                (run, session.touched())
            }
        };
        let rest = match run {
            Ok(Ended { error, nothing_written }) => {
                let what = error.map_or_else(|| NO_OUTCOME.to_owned(), |error| self.vault.redact(&error));
                if nothing_written || !touched {
                    ItemOutcome::Failed(what)
                } else {
                    ItemOutcome::Unknown(what)
                }
            }
            Err(what) => {
                let told = self.fault(&what);
                let what = told.what.clone();
                *fault = Some(told);
                // What a connector said before it misbehaved is not believed.
                answers.fill(None);
                if touched { ItemOutcome::Unknown(what) } else { ItemOutcome::Failed(what) }
            }
        };
        answers.into_iter().map(|answer| answer.unwrap_or_else(|| rest.clone())).collect()
    }

    fn item_page(&self, items: &(impl ItemSource + ?Sized), batch: &[usize], range: Range<usize>) -> Page {
        let batch = batch.get(range).unwrap_or_default();
        let units = |index: usize, available| self.units(items.store_sku(index), available);
        let quantities: Vec<i64> = batch.iter().map(|&index| units(index, items.quantity(index))).collect();
        let expected: Vec<Option<i64>> = batch
            .iter()
            .map(|&index| items.expected(index).map(|available| units(index, available)))
            .collect();
        Page::new()
            .texts(
                column_id::STORE_SKU,
                batch.iter().map(|&index| items.store_sku(index)).collect::<TextColumn>(),
            )
            .i64s(column_id::QUANTITY, &quantities)
            .optional_i64s(column_id::EXPECTED, &expected)
    }

    fn shown(&self, text: &str) -> String {
        clean(&self.vault.redact(text))
    }
}

const NO_OUTCOME: &str = "the connector gave no outcome";

fn take(
    rows: &Rows<'_>,
    answers: &mut [Option<ItemOutcome>],
    shown: &dyn Fn(&str) -> String,
) -> Result<(), String> {
    let indexes = rows.u32s(column_id::INDEX).ok_or("gave outcomes without the items they are of")?;
    let outcomes = rows.u8s(column_id::OUTCOME).ok_or("gave items without outcomes")?;
    let (texts, tickets) = (rows.texts(column_id::TEXT), rows.texts(column_id::TICKET));
    for (row, told) in outcomes.iter().enumerate() {
        let index = indexes.get(row).unwrap_or(u32::MAX);
        let Some(place) = answers.get_mut(index as usize) else {
            return Err(format!("gave an outcome for item {index}, which it was not given"));
        };
        let text = || shown(texts.and_then(|texts| texts.get(row)).unwrap_or_default());
        let outcome = match *told {
            outcome::SENT => ItemOutcome::Sent,
            outcome::FAILED => ItemOutcome::Failed(text()),
            outcome::CONFLICT => ItemOutcome::Conflict,
            outcome::ACCEPTED => {
                ItemOutcome::Accepted(shown(tickets.and_then(|all| all.get(row)).unwrap_or_default()))
            }
            other => return Err(format!("gave item {index} the unknown outcome {other}")),
        };
        if place.replace(outcome).is_some() {
            return Err(format!("gave item {index} two outcomes"));
        }
    }
    Ok(())
}
