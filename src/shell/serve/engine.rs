//! Everything that `serve` knows and decides. It has no thread, clock, randomness or network of its own.
//!
//! How it is driven, by a loop or a simulation:
//!
//! 1. [`Engine::start`] takes the state up where a run left it, whichever way that ended.
//! 2. [`Engine::events`] takes what happened, many events at once; [`Engine::ended`] takes how [`Work`] ended.
//! 3. [`Engine::poll`] is asked until it gives nothing more: each [`Work`] is to be done, and its end told.
//! 4. [`Engine::commit`] puts all of it on disk, in one transaction. **Nothing that a verb gave back may leave before: no event is
//!    acknowledged and no work begun.** [`Engine::notices`] are what people should hear of.
//! 5. [`Engine::wake`] says when to poll again though nothing comes in.
//!
//! A verb fails where the state does. Then nothing of what was done since the last commit has happened, and the work that was given
//! back since is void: it must not be begun. The engine builds itself anew from the disk when it is asked the next time; work of
//! before is waited for before its store is asked again.
//!
//! - What is on disk is the truth, and everything here can be built from it. A number on disk as in flight has left, perhaps.
//! - A listing has one number under way at most; what had no answer is read, never sent again blindly.
//! - Time may stand still or go back. Windows and records follow it; pauses follow how much it went forward.

mod allow;
mod answers;
mod board;
mod draft;
mod figures;
mod gone;
mod guard;
mod health;
mod holds;
mod lane;
mod outgo;
mod own;
mod pause;
mod pins;
mod recover;
mod reload;
mod shop;
mod steady;
mod submit;
mod take;
#[cfg(test)]
mod tests;
mod work;

pub use super::desk::Verdict;
pub use figures::Figures;
pub use shop::{Outlet, Setup};
pub use work::{Ended, Notice, Task, Told, Work};

use super::desk::{Pausable, Unable};
use crate::catalog::{ListingId, SkuId};
use crate::eval::Bounds;
use crate::orders::Cells;
use crate::plan::{Columns, GuardMet};
use crate::rules::StoreId;
use crate::shell::state::{State, StateFault};
use crate::shell::taken::{self, Taken};
use crate::trace::TakenOrder;
use board::{Board, Cause};
use guard::Watch;
use jiff::Timestamp;
use lane::Lane;
use pause::Pauses;
use pins::{Edition, Pins};
use shop::Shop;
use std::collections::HashMap;
use std::sync::Arc;
use steady::Steady;

/// The most notices that are kept until somebody takes them; of more, the oldest go.
const NOTICES_MAX: usize = 1_000;

/// The engine over a state.
#[derive(Debug)]
pub struct Engine<S> {
    state: S,
    shop: Shop,
    board: Board,
    pins: Pins,
    current: Arc<Edition>,
    lanes: Vec<Lane>,
    clock: Steady,
    cells: Cells,
    last_received: Option<Timestamp>,
    /// Numbers that are to be planned again, and what set them off.
    again: HashMap<ListingId, Arc<Cause>>,
    last_work: u64,
    /// Work that was given back since the last commit.
    fresh: Vec<u64>,
    pauses: Pauses,
    watch: Watch,
    notices: Vec<Notice>,
    figures: Figures,
    /// The state failed: what is in memory may not be what is on disk.
    is_stale: bool,
}

impl<S: State> Engine<S> {
    /// Takes the state up: activates the rules, recovers what was under way, and plans what changed while nobody looked.
    /// All of it is on disk.
    ///
    /// # Errors
    /// The state cannot be read or written.
    pub fn start(mut state: S, setup: Setup, now: Timestamp) -> Result<Self, StateFault> {
        let current = Arc::new(Edition::of(&setup));
        state.group()?;
        let shop = Shop::open(setup, &mut state, now)?;
        let board = Board::open(shop.catalog(), &shop.setup.declared.stores, &mut state)?;
        let mut engine = Self {
            pins: Pins::default(),
            lanes: Vec::new(),
            clock: Steady::new(now),
            cells: Cells::default(),
            last_received: None,
            again: HashMap::new(),
            last_work: 0,
            fresh: Vec::new(),
            pauses: Pauses::default(),
            watch: Watch::default(),
            notices: Vec::new(),
            figures: Figures::default(),
            is_stale: false,
            state,
            shop,
            board,
            current,
        };
        engine.take_up(now)?;
        engine.map_waiting(now)?;
        engine.catch_up(now)?;
        engine.commit()?;
        Ok(engine)
    }

    /// Takes events that came together; what became of each, in their order.
    ///
    /// # Errors
    /// The state failed, and none of them is taken.
    pub fn events(&mut self, events: &[Told], now: Timestamp) -> Result<Vec<Verdict>, StateFault> {
        let verdicts = self.verb(now, |engine| engine.take(events, now))?;
        self.figures.count(&verdicts);
        Ok(verdicts)
    }

    /// What is to be done next, if anything is now: already marked on disk, once that is committed.
    ///
    /// # Errors
    /// The state failed.
    pub fn poll(&mut self, now: Timestamp) -> Result<Option<Work>, StateFault> {
        self.verb(now, |engine| {
            for at in 0..engine.lanes.len() {
                if let Some(work) = engine.next_work(at, now)? {
                    return Ok(Some(work));
                }
            }
            Ok(None)
        })
    }

    /// Takes how work ended. What is not under way is nothing.
    ///
    /// # Errors
    /// The state failed; the store will be read to see how it ended.
    pub fn ended(&mut self, id: u64, ended: Ended, now: Timestamp, random: u64) -> Result<(), StateFault> {
        self.ended_at(id, ended, now, now, random)
    }

    /// The same where the store answered at this moment, and others were in turn before it.
    ///
    /// # Errors
    /// As [`ended`](Self::ended).
    pub fn ended_at(
        &mut self,
        id: u64,
        ended: Ended,
        answered: Timestamp,
        now: Timestamp,
        random: u64,
    ) -> Result<(), StateFault> {
        // Also where the state fails: it is under way no more.
        let lanes = self.lanes.iter_mut().enumerate();
        let errand = lanes.filter_map(|(at, lane)| {
            lane.stragglers.remove(&id);
            Some((at, lane.out.remove(&id)?))
        });
        let Some((at, errand)) = errand.last() else { return Ok(()) };
        self.verb(now, |engine| {
            engine.note_there(at, &errand, &ended, answered);
            engine.answer(at, (id, errand), ended, now, random)
        })
    }

    /// Follows another project. A change of rules writes nothing by itself; what else changed is planned.
    ///
    /// # Errors
    /// The state failed.
    pub fn reload(&mut self, setup: Setup, now: Timestamp) -> Result<(), StateFault> {
        self.verb(now, |engine| engine.follow(setup, now))
    }

    /// Takes a store that could not be opened until now.
    ///
    /// # Errors
    /// The state failed.
    pub fn reopened(&mut self, store: StoreId, outlet: Outlet, now: Timestamp) -> Result<(), StateFault> {
        self.verb(now, |engine| engine.take_store(store, outlet, now))
    }

    /// Pauses a store or a SKU, or goes on with it.
    ///
    /// # Errors
    /// The state failed.
    pub fn pause(&mut self, what: &Pausable, paused: bool, now: Timestamp) -> Result<(), StateFault> {
        self.verb(now, |engine| engine.set_paused(what, paused, now))
    }

    /// Lets go what is held as this plan, where these guards hold it; none is whichever does. How many numbers that are.
    ///
    /// # Errors
    /// The state failed.
    pub fn allow(
        &mut self,
        plan_id: &str,
        guards: &[String],
        actor: &str,
        now: Timestamp,
    ) -> Result<Result<u64, Unable>, StateFault> {
        self.verb(now, |engine| engine.let_go(plan_id, guards, actor, now))
    }

    /// Puts everything since the last commit on disk.
    ///
    /// # Errors
    /// None of it is, and work that was given back since is void.
    pub fn commit(&mut self) -> Result<(), StateFault> {
        let committed = self.state.commit();
        match &committed {
            Ok(()) => self.fresh.clear(),
            Err(_) => self.undo(),
        }
        committed
    }

    /// When to poll again though nothing comes in.
    pub fn wake(&self, now: Timestamp) -> Option<Timestamp> {
        let steady = self.clock.now();
        let ahead = |moment: Timestamp| now.checked_add(moment.duration_since(steady)).unwrap_or(now);
        let lanes = self.lanes.iter().filter_map(|lane| lane.wake(steady)).map(ahead);
        lanes.chain(self.shop.next_edge()).min()
    }

    /// What people should hear of, since this was last asked for.
    pub fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// How many pieces of work have no end yet.
    pub fn under_way(&self) -> usize {
        self.lanes.iter().map(|lane| lane.left().len()).sum()
    }

    /// What was counted.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// What every listing should show under the current rules, and shows as far as is known.
    pub fn columns(&self) -> Columns<'_> {
        let Setup { catalog, declared, rules, .. } = &self.shop.setup;
        Columns { catalog, declared, rules, desired: self.shop.desired(), live: self.board.all() }
    }

    /// What each store takes.
    pub fn bounds(&self) -> Vec<Bounds> {
        self.shop.bounds()
    }

    /// The guards that hold something.
    pub fn guards_met(&self) -> Vec<GuardMet> {
        self.watch.met()
    }

    /// The orders that are taken off the stock of a SKU.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn orders_of(&mut self, sku: SkuId) -> Result<Vec<TakenOrder>, StateFault> {
        let rows = self.stock_rows(sku)?;
        let taken = Taken { orders: 0, rows };
        let told = taken::orders_of(self.shop.catalog(), sku, &taken, &mut self.state);
        told.map_err(|stop| StateFault::unusable(stop.message))
    }

    /// The state, for whoever only reads it.
    pub fn state(&mut self) -> &mut S {
        &mut self.state
    }

    /// Ends the engine; what was not committed is undone.
    pub fn into_state(mut self) -> S {
        self.state.rollback();
        self.state
    }

    /// Does something that may fail where the state does.
    fn verb<T>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Self) -> Result<T, StateFault>,
    ) -> Result<T, StateFault> {
        self.clock.tick(now);
        let done = self.ready(now).and_then(|()| work(self));
        if done.is_err() {
            self.undo();
        }
        let over = self.notices.len().saturating_sub(NOTICES_MAX);
        self.notices.drain(..over);
        done
    }

    /// Nothing since the last commit has happened.
    fn undo(&mut self) {
        self.state.rollback();
        self.is_stale = true;
        for id in self.fresh.drain(..) {
            self.lanes.iter_mut().for_each(|lane| drop(lane.out.remove(&id)));
        }
    }
}
