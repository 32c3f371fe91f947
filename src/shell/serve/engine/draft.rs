//! What is to be written because of something, before it is on disk.

use super::board::{Board, Cause, UnderWay};
use super::pins::{Edition, Pins, Under};
use super::shop::Shop;
use crate::catalog::{ListingId, SkuId};
use crate::config::OnRelease;
use crate::diff::Shown;
use crate::eval::Number;
use crate::record::Skip;
use crate::rules::StoreId;
use crate::shell::state::{Caused, Covers, NewRun, State, StateFault, Version, Write};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run that is to be started.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) cause: Arc<Cause>,
    pub(super) under: Under,
    pub(super) edition: Arc<Edition>,
    /// What holds it, if a guard does.
    pub(super) plan_id: Option<String>,
    /// Whether it writes.
    pub(super) activate: bool,
    pub(super) covers: Vec<SkuId>,
    pub(super) writes: Vec<DraftWrite>,
}

/// A number to be written, or one that is left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DraftWrite {
    pub(super) store: StoreId,
    pub(super) listing: ListingId,
    pub(super) before: Option<i64>,
    pub(super) after: u64,
    pub(super) rule: Option<String>,
    pub(super) skip: Option<Skip>,
    /// The number whose place it took.
    pub(super) replaced: Option<UnderWay>,
}

/// What each listing of a SKU should show, under which rules, and by which of them.
struct Wanted {
    under: Under,
    edition: Arc<Edition>,
    rule: Option<String>,
    numbers: Vec<(ListingId, Option<Number>)>,
}

/// What drafts are made from.
pub(super) struct Drafting<'e> {
    pub(super) shop: &'e Shop,
    pub(super) board: &'e mut Board,
    pub(super) pins: &'e mut Pins,
    pub(super) current: &'e Arc<Edition>,
    pub(super) state: &'e mut dyn State,
    pub(super) now: Timestamp,
    /// Why a number of a listing is not written, if it is not.
    pub(super) held: &'e dyn Fn(StoreId, SkuId) -> Option<Skip>,
}

impl Drafting<'_> {
    /// Plans SKUs, each under the rules that it is to be planned under; a draft for each of them.
    pub(super) fn draft(
        &mut self,
        cause: &Arc<Cause>,
        skus: &[(SkuId, Under)],
    ) -> Result<Vec<Draft>, StateFault> {
        let mut drafts: BTreeMap<Under, Draft> = BTreeMap::new();
        for &(sku, under) in skus {
            let Wanted { under, edition, rule, numbers } = self.wanted(sku, under)?;
            self.pins.synced(sku, under);
            let draft = drafts.entry(under).or_insert_with(|| Draft {
                cause: Arc::clone(cause),
                under,
                edition,
                plan_id: None,
                activate: self.shop.setup.inventory_features,
                covers: Vec::new(),
                writes: Vec::new(),
            });
            draft.covers.push(sku);
            for (listing, number) in numbers {
                draft.writes.extend(self.write(sku, listing, number, rule.as_deref(), cause));
            }
        }
        Ok(drafts.into_values().collect())
    }

    /// Whether some listing of a SKU should have another number under these rules than it was given last: what others changed
    /// in the store does not count.
    pub(super) fn differs(&mut self, sku: SkuId, under: Under) -> Result<bool, StateFault> {
        Ok(!self.differing(sku, under, Board::last)?.is_empty())
    }

    /// Whether some listing of a SKU should have another number under these rules than its store will show, whoever changed it there.
    pub(super) fn differs_there(&mut self, sku: SkuId, under: Under) -> Result<bool, StateFault> {
        Ok(!self.differing(sku, under, Board::expected)?.is_empty())
    }

    /// The SKUs of those of these listings that are to be written: what shows the number that it should is right, whoever set it.
    pub(super) fn wrong(&mut self, listings: BTreeSet<ListingId>) -> Result<BTreeSet<SkuId>, StateFault> {
        let mut by_sku: BTreeMap<SkuId, Vec<ListingId>> = BTreeMap::new();
        for listing in listings {
            by_sku.entry(self.shop.catalog().listing_sku(listing)).or_default().push(listing);
        }
        let mut skus = BTreeSet::new();
        for (sku, asked) in by_sku {
            let differing = self.differing(sku, self.pins.under_last(sku), Board::expected)?;
            if differing.iter().any(|listing| asked.contains(listing)) {
                skus.insert(sku);
            }
        }
        Ok(skus)
    }

    /// The listings of a SKU that should have another number under these rules than they have.
    fn differing(
        &mut self,
        sku: SkuId,
        under: Under,
        has: fn(&Board, ListingId) -> Shown,
    ) -> Result<Vec<ListingId>, StateFault> {
        let mut numbers = self.wanted(sku, under)?.numbers;
        numbers.retain(|&(listing, number)| self.target(listing, number, has(self.board, listing)).is_some());
        Ok(numbers.into_iter().map(|(listing, _)| listing).collect())
    }

    fn wanted(&mut self, sku: SkuId, under: Under) -> Result<Wanted, StateFault> {
        let declared = &self.shop.setup.declared;
        let held = self.pins.held(under, self.current, declared, self.state, self.now)?;
        let (rule, numbers) = match held.rules {
            Some(rules) => {
                let (mut numbers, bounds) = (Vec::new(), self.shop.bounds());
                let rule = rules.numbers(self.shop.catalog(), sku, self.now, &bounds, &mut numbers);
                (rule.map(|rule| rule.name.clone()), numbers)
            }
            None => {
                let (rule, numbers) = self.shop.numbers(sku);
                (rule.map(str::to_owned), numbers)
            }
        };
        Ok(Wanted { under: held.under, edition: held.edition, rule, numbers })
    }

    /// The number that is to be written, where the listing has another one.
    fn target(&self, listing: ListingId, number: Option<Number>, has: Shown) -> Option<u64> {
        let store = self.shop.catalog().listing_store(listing);
        let expected = match has {
            Shown::Number(number) => Some(number),
            Shown::Unknown => None,
            Shown::Missing | Shown::Twice | Shown::Unread => return None,
        };
        let planned = match number {
            Some(number) => number.planned,
            // No rule takes it any more: it keeps its number, or is emptied. A number that is on its way is ours too.
            None if self.shop.setup.on_release == OnRelease::Zero && self.board.is_ours(listing) => 0,
            None => return None,
        };
        let min = self.shop.outlet(store).map_or(0, |outlet| outlet.bounds.min);
        let is_new = expected.is_none_or(|expected| i128::from(expected) != i128::from(planned));
        (planned >= min && is_new).then_some(planned)
    }

    fn write(
        &mut self,
        sku: SkuId,
        listing: ListingId,
        number: Option<Number>,
        rule: Option<&str>,
        cause: &Arc<Cause>,
    ) -> Option<DraftWrite> {
        let after = self.target(listing, number, self.board.expected(listing))?;
        let store = self.shop.catalog().listing_store(listing);
        let before = match self.board.live(listing) {
            Shown::Number(number) => Some(number),
            Shown::Missing | Shown::Twice | Shown::Unknown | Shown::Unread => None,
        };
        let skip = (self.held)(store, sku);
        let under_way =
            || UnderWay { record: 0, after, cause: Some(Arc::clone(cause)), for_look: false, there: None };
        let replaced = if skip.is_none() { self.board.leave(listing, under_way()) } else { None };
        let rule = rule.filter(|_| number.is_some()).map(str::to_owned);
        Some(DraftWrite { store, listing, before, after, rule, skip, replaced })
    }
}

/// Drafts as the state takes them.
pub(super) struct Papers<'d> {
    drafts: &'d [Draft],
    writes: Vec<Vec<Write<'d>>>,
    covers: Vec<Vec<&'d str>>,
}

impl<'d> Papers<'d> {
    pub(super) fn new(shop: &'d Shop, drafts: &'d [Draft]) -> Self {
        let catalog = shop.catalog();
        let write = |write: &'d DraftWrite| Write {
            store: shop.store_name(write.store),
            store_sku: catalog.store_sku(write.listing),
            sku: catalog.sku(catalog.listing_sku(write.listing)),
            before: write.before,
            after: write.after,
            rule: write.rule.as_deref(),
            skip: write.skip,
        };
        Self {
            drafts,
            writes: drafts.iter().map(|draft| draft.writes.iter().map(write).collect()).collect(),
            covers: drafts
                .iter()
                .map(|draft| draft.covers.iter().map(|&sku| catalog.sku(sku)).collect())
                .collect(),
        }
    }

    pub(super) fn caused(&self, now: Timestamp) -> Vec<Caused<'_>> {
        let all = self.drafts.iter().zip(&self.writes).zip(&self.covers);
        all.map(|((draft, writes), covers)| Caused { run: run(draft, covers, now), writes }).collect()
    }
}

fn run<'a>(draft: &'a Draft, covers: &'a [&'a str], now: Timestamp) -> NewRun<'a> {
    let Edition { version, canonical, commit } = &*draft.edition;
    NewRun {
        plan_id: draft.plan_id.as_deref(),
        trigger: draft.cause.trigger,
        actor: &draft.cause.actor,
        order_id: draft.cause.order.as_deref(),
        now,
        version: Version { version, rules: canonical, commit: commit.as_deref() },
        activate: draft.activate,
        replaces: &[],
        pinned: draft.under.pinned(),
        covers: Covers::Skus(covers),
    }
}
