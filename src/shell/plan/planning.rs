//! From a sound project to what would be written: the way that `plan`, `sync` and `apply` share.

use super::released::{self, Found, Left};
use crate::catalog::ListingId;
use crate::diff::{Live, Shown};
use crate::dispatch::{milliseconds, requests};
use crate::eval::{Bounds, Desired, eval_on};
use crate::hex::hex;
use crate::plan::guards::guards;
use crate::plan::{
    AllRows, Calls, Columns, Counts, GuardLimits, GuardMet, Head, Keep, PlanRows, Problem, Released, Scope,
    StockFacts, Tally, tally,
};
use crate::rules::StoreId;
use crate::shell::carry_out::poll_earlier;
use crate::shell::connect::{self, Connected};
use crate::shell::exit::{Exit, Stop};
use crate::shell::fault::StoreFault;
use crate::shell::output::Output;
use crate::shell::project::{Project, Sound};
use crate::shell::state::{Known, State};
use crate::shell::store::Store;
use crate::shell::threads;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// What is asked of a plan.
pub(in crate::shell) struct Ask {
    /// The moment it is for.
    pub(in crate::shell) at: Timestamp,
    /// The moment of the run.
    pub(in crate::shell) now: Timestamp,
    /// Which part, and which rows are kept.
    pub(in crate::shell) scope: Scope,
    /// Where the live numbers come from.
    pub(in crate::shell) source: Source,
    /// How many orders were taken off the stock.
    pub(in crate::shell) orders_taken: u64,
    /// Whether the stores will be written: then nobody else writes them.
    pub(in crate::shell) writes: bool,
}

/// Where live numbers come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::shell) enum Source {
    /// The stores are read.
    Stores,
    /// What was last known of them.
    LastKnown,
}

/// A plan, with everything that it was made from.
pub(in crate::shell) struct Planning<'p> {
    pub(in crate::shell) project: &'p Project,
    pub(in crate::shell) sound: Sound<'p>,
    pub(in crate::shell) ask: Ask,
    pub(in crate::shell) stores: Vec<Connected>,
    pub(in crate::shell) desired: Desired,
    pub(in crate::shell) live: Live,
    pub(in crate::shell) bounds: Vec<Bounds>,
    pub(in crate::shell) tally: Tally,
    released: Found,
    stock: StockFacts,
    polled: Vec<StoreFault>,
}

impl<'p> Planning<'p> {
    /// Opens and reads the stores, evaluates the rules, and compares.
    pub(in crate::shell) fn make(
        project: &'p Project,
        sound: Sound<'p>,
        ask: Ask,
        state: &mut dyn State,
    ) -> Result<Self, Stop> {
        let mut stores = connect::open(project, ask.writes, |store| ask.scope.has_store(store));
        let mut live = Live::unread(sound.catalog);
        let from_state = ask.source == Source::LastKnown;
        // A transcript stands by itself: what it was asked for where is in it.
        if !project.net.records() {
            connect::know_addresses(&mut stores, state)?;
        }
        // What was accepted is settled before it is compared with what the store shows.
        let polled = if ask.writes { poll_earlier(&mut stores, state, ask.now)? } else { Vec::new() };
        if !from_state {
            connect::read(sound.catalog, &mut stores, &mut live);
        }
        let bounds = connect::bounds(&stores);
        let desired = eval_on(threads(), sound.rules, sound.catalog, ask.at, &bounds);
        let left = last_known(project, sound, &ask, (&desired, &mut live, from_state), state)?;
        let known = (stores.as_mut_slice(), &live, bounds.as_slice());
        let released = released::find((project, sound), left, known, !from_state, state)?;
        let columns = Columns {
            catalog: sound.catalog,
            declared: &project.declared,
            rules: sound.rules,
            desired: &desired,
            live: &live,
        };
        let mut tally = tally(columns, &ask.scope, &bounds, threads());
        released::count(project, &released.released, &mut tally);
        let stock = stock_facts(project, sound, &ask, state)?;
        Ok(Self { project, sound, ask, stores, desired, live, bounds, tally, released, stock, polled })
    }

    /// What rows are looked up in.
    pub(in crate::shell) fn columns(&self) -> Columns<'_> {
        Columns {
            catalog: self.sound.catalog,
            declared: &self.project.declared,
            rules: self.sound.rules,
            desired: &self.desired,
            live: &self.live,
        }
    }

    /// The rows that were kept.
    pub(in crate::shell) fn rows(&self) -> AllRows<'_> {
        let planned =
            PlanRows::new(self.columns(), &self.project.sources, self.tally.listings.clone(), threads());
        let is_kept = |one: &&Released| self.ask.scope.keep == Keep::All || one.current != Some(0);
        AllRows::new(planned, self.released().iter().filter(is_kept).collect())
    }

    /// What no rule takes any more and is to show 0, those among it that do.
    pub(in crate::shell) fn released(&self) -> &[Released] {
        &self.released.released
    }

    /// The guards that the plan meets.
    pub(in crate::shell) fn guards(&self) -> Vec<GuardMet> {
        let names = self.project.declared.stores.iter().map(String::as_str);
        let stores: Vec<_> = names.zip(self.tally.stores.iter().copied()).collect();
        let configured = &self.project.config.guards;
        let limits = GuardLimits {
            to_zero: configured.to_zero,
            changed: configured.changed,
            missing_stock: configured.missing_stock,
            max_stock_age_seconds: configured.max_stock_age_seconds,
        };
        guards(&limits, self.stock, &stores)
    }

    /// Everything of the plan but its rows.
    pub(in crate::shell) fn head(&self) -> Result<Head, Stop> {
        let mut problems = self.tally.problems.clone();
        problems.extend(self.unreadable());
        problems.extend(self.released.problems.iter().cloned());
        problems.sort();
        let in_scope = |at: usize| self.ask.scope.has_store(StoreId(at as u16));
        let named = self.project.declared.stores.iter().zip(&self.tally.stores).enumerate();
        let mut stores: Vec<(String, Counts)> = named
            .filter(|(at, _)| in_scope(*at))
            .map(|(_, (name, tally))| (name.clone(), tally.counts))
            .collect();
        stores.sort_by(|a, b| a.0.cmp(&b.0));
        for problem in &problems {
            if let Some((_, counts)) = stores.iter_mut().find(|(name, _)| *name == problem.store) {
                counts.problems += 1;
            }
        }
        Ok(Head {
            plan_id: self.plan_id()?,
            created_at: self.ask.now,
            at: self.ask.at,
            rules_version: self.sound.rules.version().to_owned(),
            total: stores.iter().fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts)),
            stores,
            problems,
            guards: self.guards(),
            calls: self.calls(),
            stock_age_seconds: self.stock.age_seconds,
            orders_taken: self.ask.orders_taken,
            paused: self.paused(),
            switched_off: !self.project.config.inventory_features,
        })
    }

    /// Tells of stores that could not be worked with; the plan holds them as problems too.
    pub(in crate::shell) fn say_faults(&self, output: &mut Output) {
        for store in &self.stores {
            if let Connected::Faulty(fault) = store {
                output.fault(&fault.to_string(), fault.help.as_deref());
            }
        }
        for fault in self.polled.iter().chain(&self.released.faults) {
            output.fault(&fault.to_string(), fault.help.as_deref());
        }
    }

    /// 2 where a store could not be read.
    pub(in crate::shell) fn exit(&self) -> Exit {
        let faulty = self.stores.iter().any(|store| matches!(store, Connected::Faulty(_)));
        if faulty { Exit::Failed } else { Exit::Done }
    }

    fn unreadable(&self) -> impl Iterator<Item = Problem> + '_ {
        self.stores.iter().filter_map(|store| match store {
            Connected::Faulty(fault) => Some(Problem {
                store: fault.store.clone(),
                store_sku: None,
                name: "store-unreadable",
                message: fault.what.clone(),
            }),
            Connected::Aside | Connected::Open(_) => None,
        })
    }

    fn paused(&self) -> Vec<String> {
        let paused = self.project.config.stores.iter().filter(|store| store.paused);
        let mut names: Vec<String> = paused.map(|store| store.name.clone()).collect();
        names.sort();
        names
    }

    fn calls(&self) -> Vec<Calls> {
        let open = self.stores.iter().zip(&self.tally.stores).enumerate();
        let mut calls: Vec<Calls> = open
            .filter_map(|(at, (store, tally))| {
                let Connected::Open(store) = store else { return None };
                let changes = tally.counts.rows - tally.counts.unchanged;
                let requests = match store.sends_parents_apart() {
                    true => self.requests_by_parent(StoreId(at as u16), store),
                    false => requests(changes, &store.batch_limits()),
                };
                let milliseconds = milliseconds(requests, &store.call_limits());
                (changes > 0).then(|| Calls { store: store.name().to_owned(), requests, milliseconds })
            })
            .collect();
        calls.sort_by(|a, b| a.store.cmp(&b.store));
        calls
    }

    /// Batches of each parent for itself. What nobody knows the parent of is counted as if it went together: so few at least.
    fn requests_by_parent(&self, id: StoreId, store: &Store) -> u64 {
        let (catalog, columns) = (self.sound.catalog, self.columns());
        let of_store = catalog.listings_of_store(id);
        let is_change = |listing: &&ListingId| {
            let planned = self.desired.number(**listing).map(|number| i128::from(number.planned));
            of_store.contains(&listing.0) && columns.current(**listing).map(i128::from) != planned
        };
        let mut groups: HashMap<Option<String>, u64> = HashMap::new();
        for listing in self.tally.listings.iter().filter(is_change) {
            let store_sku = catalog.store_sku(*listing);
            let group = if store.knows(store_sku) { store.group_of(store_sku) } else { None };
            *groups.entry(group).or_default() += 1;
        }
        groups.values().map(|&items| requests(items, &store.batch_limits())).sum()
    }

    /// Fresh for every plan: the same numbers planned again are another plan, which may be applied again.
    fn plan_id(&self) -> Result<String, Stop> {
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy)
            .map_err(|fault| Stop::failed(format_args!("no randomness: {fault}")))?;
        let mut hash = Sha256::new();
        hash.update(entropy);
        hash.update(self.ask.now.to_string());
        hash.update(self.sound.rules.version());
        Ok(hex(hash.finalize().get(..16).unwrap_or_default()))
    }
}

/// Fills in what was last known where it is asked for, and finds what no rule takes any more.
fn last_known(
    project: &Project,
    sound: Sound<'_>,
    ask: &Ask,
    (desired, live, fill): (&Desired, &mut Live, bool),
    state: &mut dyn State,
) -> Result<Vec<Left>, Stop> {
    let mut left = Vec::new();
    for (at, name) in project.declared.stores.iter().enumerate() {
        let store = StoreId(at as u16);
        if !ask.scope.has_store(store) {
            continue;
        }
        if fill {
            live.set_store(sound.catalog, store, Shown::Unknown);
        }
        state.known(name, &mut |known: Known<'_>| {
            let listing = sound.catalog.find_listing(store, known.store_sku);
            if let (true, Some(listing)) = (fill, listing) {
                live.set(listing, Shown::Number(known.quantity));
            }
            left.extend(Left::of(sound, (store, known), desired, &ask.scope));
        })?;
    }
    Ok(left)
}

fn stock_facts(
    project: &Project,
    sound: Sound<'_>,
    ask: &Ask,
    state: &mut dyn State,
) -> Result<StockFacts, Stop> {
    let age = sound.catalog.stock_as_of().map(|moment| ask.at.as_second().saturating_sub(moment.as_second()));
    let mut facts = StockFacts {
        rows: sound.catalog.stock_row_count() as u64,
        age_seconds: age,
        ..StockFacts::default()
    };
    if project.config.guards.missing_stock.is_some() {
        let now: HashSet<u64> = sound.catalog.stock_keys().collect();
        let (mut before, mut gone) = (0, 0);
        state.stock_seen(&mut |key| {
            before += 1;
            gone += u64::from(!now.contains(&key));
        })?;
        facts.rows_before = (before > 0).then_some(before);
        facts.rows_gone = gone;
    }
    Ok(facts)
}
