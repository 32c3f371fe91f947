//! Under which activation each SKU is planned, and the rules of older ones.

use super::shop::Setup;
use crate::catalog::{Catalog, SkuId};
use crate::eval::alone::Alone;
use crate::orders::pinning::{Active, Cause, activation};
use crate::rules::{Declared, RuleSet};
use crate::shell::state::{State, StateFault};
use crate::source::Sources;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// So many older rule sets are kept ready.
const OLDER_MAX: usize = 8;

/// A version with its rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Edition {
    pub(super) version: String,
    pub(super) canonical: String,
    pub(super) commit: Option<String>,
}

impl Edition {
    /// The rules of a project.
    pub(super) fn of(setup: &Setup) -> Self {
        Self {
            version: setup.rules.version().to_owned(),
            canonical: setup.rules.canonical().to_owned(),
            commit: setup.commit.clone(),
        }
    }
}

/// Under which rules a SKU is planned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Under {
    /// The current ones.
    Current,
    /// Those of an older activation.
    Older(u64),
}

impl Under {
    /// The older activation that it is.
    pub(super) fn pinned(self) -> Option<u64> {
        match self {
            Under::Current => None,
            Under::Older(number) => Some(number),
        }
    }
}

/// The rules that something is planned under: those that were asked for, or the current ones where they cannot be read back.
pub(super) struct Held<'p> {
    pub(super) under: Under,
    pub(super) edition: Arc<Edition>,
    /// Older rules themselves.
    pub(super) rules: Option<&'p mut Alone>,
}

/// The activations, and under which of them SKUs were synced last.
#[derive(Debug, Default)]
pub(super) struct Pins {
    active: Vec<Active>,
    versions: BTreeMap<u64, (String, Option<String>)>,
    /// The one under which every SKU was synced.
    every: Option<u64>,
    synced: HashMap<SkuId, u64>,
    older: BTreeMap<u64, (Alone, Arc<Edition>)>,
}

impl Pins {
    /// As the state has it.
    pub(super) fn open(catalog: &Catalog, state: &mut dyn State) -> Result<Self, StateFault> {
        let mut pins = Self::default();
        state.each_synced(&mut |name, number| match name {
            None => pins.every = Some(number),
            Some(name) => {
                pins.synced.extend(catalog.find_sku(name).map(|sku| (sku, number)));
            }
        })?;
        for one in state.activations()?.into_iter().rev() {
            pins.active.push((one.number, one.time));
            pins.versions.insert(one.number, (one.version, one.commit));
        }
        Ok(pins)
    }

    /// The number of the current activation; `None` where there is none yet.
    pub(super) fn current(&self) -> Option<u64> {
        self.active.last().map(|(number, _)| *number)
    }

    /// The version of the current activation.
    pub(super) fn current_version(&self) -> Option<&str> {
        self.versions.last_key_value().map(|(_, (version, _))| version.as_str())
    }

    /// The activation under which a SKU was synced last.
    pub(super) fn last(&self, sku: SkuId) -> Option<u64> {
        self.synced.get(&sku).copied().max(self.every)
    }

    /// Under which rules a SKU is planned.
    pub(super) fn under(&self, cause: Cause, sku: SkuId) -> Under {
        self.of(activation(&self.active, cause, self.last(sku)))
    }

    /// The rules that a SKU was planned under last: it is planned again for the same reason.
    pub(super) fn under_last(&self, sku: SkuId) -> Under {
        self.of(self.last(sku))
    }

    /// The rules of an activation; the current ones where there is none.
    pub(super) fn of(&self, number: Option<u64>) -> Under {
        let older = number.filter(|number| Some(*number) != self.current());
        older.map_or(Under::Current, Under::Older)
    }

    /// Remembers that a SKU is planned under these rules.
    pub(super) fn synced(&mut self, sku: SkuId, under: Under) {
        if let Some(number) = under.pinned().or_else(|| self.current()) {
            let last = self.synced.entry(sku).or_default();
            *last = (*last).max(number);
        }
    }

    /// The rules that something is planned under which is to be planned under these.
    pub(super) fn held(
        &mut self,
        under: Under,
        current: &Arc<Edition>,
        declared: &Declared,
        state: &mut dyn State,
        now: Timestamp,
    ) -> Result<Held<'_>, StateFault> {
        let older = match under.pinned() {
            Some(number) => self.older(number, declared, state, now)?,
            None => None,
        };
        Ok(match older {
            Some((rules, edition)) => Held { under, edition: Arc::clone(edition), rules: Some(rules) },
            None => Held { under: Under::Current, edition: Arc::clone(current), rules: None },
        })
    }

    /// The rules of an older activation; `None` where they cannot be read back.
    fn older(
        &mut self,
        number: u64,
        declared: &Declared,
        state: &mut dyn State,
        now: Timestamp,
    ) -> Result<Option<&mut (Alone, Arc<Edition>)>, StateFault> {
        if !self.older.contains_key(&number) {
            let Some((version, commit)) = self.versions.get(&number).cloned() else { return Ok(None) };
            let Some(canonical) = state.rules(&version)? else { return Ok(None) };
            let file = Sources::new().add(&version, &canonical);
            let Some(rules) = RuleSet::restore(&canonical, declared, file) else { return Ok(None) };
            while self.older.len() >= OLDER_MAX {
                // The oldest one: it is needed least and less.
                self.older.pop_first();
            }
            let edition = Edition { version, canonical, commit };
            self.older.insert(number, (Alone::new(rules, now), Arc::new(edition)));
        }
        Ok(self.older.get_mut(&number))
    }
}
