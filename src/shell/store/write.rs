//! Writing: batches out, exactly one outcome for every item back.

use super::{SkuSource, Store, address_columns};
use crate::dispatch::{BatchLimits, Batches, group};
use crate::shell::fault::{StoreFault, clean};
use crate::shell::secrets::{Vault, holds_placeholder};
use crate::shell::session::{Ended, News, Operation, Taking};
use std::collections::BTreeSet;
use std::sync::Arc;
use stocksync_sdk::abi::{column_id, outcome};
use stocksync_sdk::message::{Batch, QuantityKind};
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

impl ItemOutcome {
    /// Why it ended so, where that was said.
    pub fn words(self) -> Option<String> {
        match self {
            ItemOutcome::Failed(why) | ItemOutcome::Unknown(why) => Some(why),
            ItemOutcome::Sent | ItemOutcome::Conflict | ItemOutcome::Accepted(_) => None,
        }
    }
}

/// What became of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// One for every item, in their order.
    pub outcomes: Vec<ItemOutcome>,
    /// What ended it early, if something did.
    pub fault: Option<StoreFault>,
    /// Nothing of it left, and nothing was said of single items: it may be tried again.
    pub unsent: bool,
}

/// Of items in their order, why those are not sent that are not.
pub(super) type Refused = Vec<Option<ItemOutcome>>;

/// What a connector tells of the lines of a session.
pub(super) struct Answers {
    pub(super) told: Vec<Option<ItemOutcome>>,
    vault: Arc<Vault>,
}

impl Answers {
    /// Of so many lines, before anything is told.
    pub(super) fn none(lines: usize, vault: &Arc<Vault>) -> Self {
        Self { told: vec![None; lines], vault: Arc::clone(vault) }
    }
}

impl Taking for Answers {
    fn take(&mut self, rows: &Rows<'_>) -> Result<(), String> {
        let Self { told, vault } = self;
        take(rows, told, &|text| clean(&vault.redact(text)))
    }
}

/// A listing in a session, in units as the store counts.
pub(super) struct Line<'a> {
    store_sku: &'a str,
    units: i64,
    expected: Option<i64>,
}

impl Store {
    /// Sets quantities, in batches as the connector wants them, one after another. `key` is the same for the same plan.
    pub fn write(&mut self, items: &(impl ItemSource + ?Sized), key: &str) -> Written {
        if let Err(fault) = self.prepare(items) {
            let outcomes = vec![ItemOutcome::Failed(fault.what.clone()); items.len()];
            return Written { outcomes, fault: Some(fault), unsent: true };
        }
        let groups = group((0..items.len()).map(|index| self.group_of(items.store_sku(index))));
        let mut batches = Batches::of_groups(groups.lens.iter().copied(), &self.batch_limits());
        let mut written =
            Written { outcomes: vec![no_outcome(); items.len()], fault: None, unsent: items.len() > 0 };
        let mut number = 0;
        while let Some(batch) = batches.next() {
            let indexes = groups.order.get(batch).unwrap_or_default();
            // A connector that misbehaved once is not asked again.
            let answers = match &written.fault {
                None => self.send(&Part { items, indexes }, &format!("{key}-{number}")),
                Some(StoreFault { what, .. }) => {
                    let outcomes = vec![ItemOutcome::Failed(format!("not sent: {what}")); indexes.len()];
                    Written { outcomes, fault: None, unsent: true }
                }
            };
            for (index, answer) in indexes.iter().zip(answers.outcomes) {
                if let Some(place) = written.outcomes.get_mut(*index) {
                    *place = answer;
                }
            }
            written.fault = written.fault.or(answers.fault);
            written.unsent &= answers.unsent;
            number += 1;
        }
        written
    }

    /// Asks for all that must be known before these items are sent: addresses, what orders hold, what else their parents have.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub fn prepare(&mut self, items: &(impl ItemSource + ?Sized)) -> Result<(), StoreFault> {
        let all: Vec<usize> = (0..items.len()).filter(|&at| self.may_send(items.store_sku(at))).collect();
        self.resolve(items, &all)?;
        let on_hand = self.manifest.quantity_kind == QuantityKind::OnHand;
        let mut unread: BTreeSet<&str> = BTreeSet::new();
        if on_hand {
            let skus = all.iter().map(|&index| items.store_sku(index));
            unread.extend(skus.filter(|&store_sku| !self.held.contains_key(store_sku)));
        }
        let mut unread: BTreeSet<String> = unread.into_iter().map(str::to_owned).collect();
        if self.manifest.batch.whole_groups {
            let parents: BTreeSet<&str> =
                all.iter().filter_map(|&index| self.parent(items.store_sku(index))).collect();
            let of_parents = parents.into_iter().flat_map(|parent| self.addresses.of_parent(parent));
            unread.extend(of_parents.filter(|&sku| !self.shown.contains_key(sku)).map(str::to_owned));
        }
        if unread.is_empty() {
            return Ok(());
        }
        let unread: Vec<String> = unread.into_iter().collect();
        self.read(unread.as_slice(), &mut |_, _| {})
    }

    /// Whether items of two parents never go in one session.
    pub fn sends_parents_apart(&self) -> bool {
        self.manifest.batch.group_by.as_deref() == Some("parent")
    }

    /// What keeps items apart: none of two groups is in one session with the other. `None` where it does not matter.
    pub fn group_of(&self, store_sku: &str) -> Option<String> {
        // Two letters, so that no parent's name is a store SKU's.
        self.sends_parents_apart().then(|| match self.parent(store_sku) {
            Some(parent) => format!("p {parent}"),
            None => format!("s {store_sku}"),
        })
    }

    /// How large a session may be, where its items are of one group.
    pub fn batch_limits(&self) -> BatchLimits {
        let Batch { items_max, whole_groups, .. } = self.manifest.batch;
        // An item's weight in bytes is the connector's to know: only the number of items is counted here.
        BatchLimits { items_max: if whole_groups { 0 } else { items_max }, bytes_max: 0 }
    }

    /// How many sessions may write it side by side. Where the connector names no number, one: it may write a file.
    pub fn sessions_max(&self) -> usize {
        self.concurrency().max(1) as usize
    }

    /// Sends items in one session; [`Self::prepare`] was asked for them before.
    pub fn send(&self, items: &(impl ItemSource + ?Sized), key: &str) -> Written {
        let (refused, lines) = self.sift(items);
        if lines.is_empty() {
            return all_refused(refused);
        }
        let mut answers = Answers::none(lines.len(), &self.vault);
        let (run, touched) = self.write_lines(&lines, key, &mut answers);
        self.written(items, refused, answers.told, run, touched)
    }

    /// What is not even sent, and what is; behind it what else must go with it.
    pub(super) fn sift<'a>(&'a self, items: &'a (impl ItemSource + ?Sized)) -> (Refused, Vec<Line<'a>>) {
        let refused: Refused = (0..items.len()).map(|index| self.refusal(items, index)).collect();
        let mut lines: Vec<Line<'_>> = (0..items.len())
            .filter(|&index| refused.get(index).is_some_and(Option::is_none))
            .map(|index| self.line(items, index))
            .collect();
        if self.manifest.batch.whole_groups && !lines.is_empty() {
            lines.extend(self.siblings(&lines));
        }
        (refused, lines)
    }

    /// How items ended, of which these were refused, and the others got these answers.
    pub(super) fn written(
        &self,
        items: &(impl ItemSource + ?Sized),
        mut refused: Refused,
        mut answers: Vec<Option<ItemOutcome>>,
        run: Result<Ended, String>,
        touched: bool,
    ) -> Written {
        let (mut fault, mut unsent) = (None, false);
        let rest = match run {
            Ok(Ended { error, nothing_written, .. }) => {
                let what = error.map_or_else(|| NO_OUTCOME.to_owned(), |error| self.vault.redact(&error));
                if nothing_written || !touched {
                    unsent = true;
                    ItemOutcome::Failed(what)
                } else {
                    ItemOutcome::Unknown(what)
                }
            }
            Err(what) => {
                let told = self.fault(&what);
                let what = told.what.clone();
                fault = Some(told);
                unsent = !touched;
                // What a connector said before it misbehaved is not believed.
                answers.fill(None);
                if touched { ItemOutcome::Unknown(what) } else { ItemOutcome::Failed(what) }
            }
        };
        unsent &= answers.iter().all(Option::is_none) && refused.iter().all(Option::is_none);
        let mut answers = answers.into_iter();
        for (index, place) in refused.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
            let mut answer = answers.next().flatten().unwrap_or_else(|| rest.clone());
            self.judge(items.store_sku(index), &mut answer);
            *place = Some(answer);
        }
        Written { fault, unsent, ..all_refused(refused) }
    }

    /// Takes down what the manifest makes impossible, and forgets the address of what is gone.
    fn judge(&self, store_sku: &str, answer: &mut ItemOutcome) {
        if self.manifest.write.accepted_only && *answer == ItemOutcome::Sent {
            *answer = ItemOutcome::Accepted(String::new());
        }
        let gone = matches!(answer, ItemOutcome::Failed(why) if why.starts_with("not-found"));
        if gone && self.has_addresses() {
            self.addresses.lost(store_sku);
        }
    }

    /// Why an item is not even sent.
    fn refusal(&self, items: &(impl ItemSource + ?Sized), index: usize) -> Option<ItemOutcome> {
        let store_sku = items.store_sku(index);
        let failed = |why: &str| Some(ItemOutcome::Failed(why.to_owned()));
        if !self.may_send(store_sku) {
            return failed(NOT_TO_BE_SENT);
        }
        if self.is_listed_twice(store_sku) {
            return failed("rejected: the store has this SKU twice");
        }
        let on_hand = self.manifest.quantity_kind == QuantityKind::OnHand;
        if !self.is_addressed(store_sku) || on_hand && !self.held.contains_key(store_sku) {
            return failed("not-found: the store does not have it");
        }
        let bounds = &self.manifest.quantity;
        let quantity = self.units(store_sku, items.quantity(index));
        let within = u64::try_from(quantity).is_ok_and(|units| (bounds.min..=bounds.max).contains(&units));
        let what = || format!("rejected: {quantity} is not within {} … {}", bounds.min, bounds.max);
        (!within).then(|| ItemOutcome::Failed(what()))
    }

    /// An available quantity as the store counts.
    pub(super) fn units(&self, store_sku: &str, available: i64) -> i64 {
        available.saturating_add(self.held.get(store_sku).copied().unwrap_or(0))
    }

    fn line<'a>(&self, items: &'a (impl ItemSource + ?Sized), index: usize) -> Line<'a> {
        let store_sku = items.store_sku(index);
        let units = |available| self.units(store_sku, available);
        Line { store_sku, units: units(items.quantity(index)), expected: items.expected(index).map(units) }
    }

    /// What else of their parent the store has: it keeps its number.
    fn siblings<'a>(&'a self, lines: &[Line<'_>]) -> Vec<Line<'a>> {
        let named: BTreeSet<&str> = lines.iter().map(|line| line.store_sku).collect();
        let parents: BTreeSet<&str> = lines.iter().filter_map(|line| self.parent(line.store_sku)).collect();
        let others: BTreeSet<&'a str> = parents
            .iter()
            .flat_map(|parent| self.addresses.of_parent(parent))
            .filter(|store_sku| !named.contains(store_sku))
            .collect();
        let line = |store_sku: &'a str| {
            let units = self.units(store_sku, *self.shown.get(store_sku)?);
            Some(Line { store_sku, units, expected: Some(units) })
        };
        others.into_iter().filter_map(line).collect()
    }

    fn write_lines(
        &self,
        lines: &[Line<'_>],
        key: &str,
        answers: &mut Answers,
    ) -> (Result<Ended, String>, bool) {
        match (self.offers("write"), self.session()) {
            (false, _) => (Err(NOT_OFFERED.to_owned()), false),
            (true, Err(what)) => (Err(what), false),
            (true, Ok((mut session, _))) => {
                let mut operation = Operation {
                    name: "write",
                    idempotency_key: key.to_owned(),
                    items: lines.len(),
                    page: &|range| self.line_page(lines.get(range).unwrap_or_default()),
                    answer: &mut |rows| answers.take(rows),
                    news: News::None,
                };
                let run = session.run(&mut operation);
                (run, session.touched())
            }
        }
    }

    pub(super) fn line_page(&self, lines: &[Line<'_>]) -> Page {
        let skus = lines.iter().map(|line| line.store_sku);
        let quantities: Vec<i64> = lines.iter().map(|line| line.units).collect();
        let expected: Vec<Option<i64>> = lines.iter().map(|line| line.expected).collect();
        let page = Page::new()
            .texts(column_id::STORE_SKU, skus.clone().collect::<TextColumn>())
            .i64s(column_id::QUANTITY, &quantities)
            .optional_i64s(column_id::EXPECTED, &expected);
        if self.has_addresses() { address_columns(page, skus, &self.addresses) } else { page }
    }

    pub(super) fn shown_text(&self, text: &str) -> String {
        clean(&self.vault.redact(text))
    }
}

/// Some of the items.
struct Part<'a, T: ?Sized> {
    items: &'a T,
    indexes: &'a [usize],
}

impl<T: ItemSource + ?Sized> Part<'_, T> {
    fn at(&self, index: usize) -> usize {
        self.indexes.get(index).copied().unwrap_or(usize::MAX)
    }
}

impl<T: ItemSource + ?Sized> SkuSource for Part<'_, T> {
    fn len(&self) -> usize {
        self.indexes.len()
    }
    fn store_sku(&self, index: usize) -> &str {
        self.items.store_sku(self.at(index))
    }
}

impl<T: ItemSource + ?Sized> ItemSource for Part<'_, T> {
    fn quantity(&self, index: usize) -> i64 {
        self.items.quantity(self.at(index))
    }
    fn expected(&self, index: usize) -> Option<i64> {
        self.items.expected(self.at(index))
    }
}

pub(super) const NOT_TO_BE_SENT: &str =
    "rejected: a store SKU with `{{secret:` or `{{sign:` in it is not sent to any host";
pub(super) const NOT_OFFERED: &str = "cannot `write`: its manifest does not offer it";
const NO_OUTCOME: &str = "the connector gave no outcome";

/// All that there is to say of items of which nothing is sent.
pub(super) fn all_refused(refused: Refused) -> Written {
    let outcomes = refused.into_iter().map(|outcome| outcome.unwrap_or_else(no_outcome)).collect();
    Written { outcomes, fault: None, unsent: false }
}

fn no_outcome() -> ItemOutcome {
    ItemOutcome::Unknown(NO_OUTCOME.to_owned())
}

pub(super) fn take(
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
                let ticket = tickets.and_then(|all| all.get(row)).unwrap_or_default();
                if holds_placeholder(ticket) {
                    return Err(format!("gave item {index} a ticket with a secret's place in it"));
                }
                ItemOutcome::Accepted(shown(ticket))
            }
            other => return Err(format!("gave item {index} the unknown outcome {other}")),
        };
        if place.replace(outcome).is_some() {
            return Err(format!("gave item {index} two outcomes"));
        }
    }
    Ok(())
}
