//! What people want of the engine: they pause and go on, let go what guards hold, and switch things in the configuration.

use super::project::{Project, SKUS, STORES};
use super::random::Random;
use super::world::World;
use crate::shell::serve::desk::Pausable;
use jiff::Timestamp;

/// What somebody wants of the engine. Where the state fails, he hears of it, and has to ask again.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    Pause(Pausable, bool),
    /// Lets go what is held as this plan.
    Allow(String),
}

impl World {
    /// Somebody wants something.
    pub(super) fn wish(&mut self) {
        let wish = match self.random.below(5) {
            0 => Wish::Pause(Pausable::Store(self.random.of(&STORES).to_owned()), true),
            1 => Wish::Pause(Pausable::Store(self.random.of(&STORES).to_owned()), false),
            2 => Wish::Pause(Pausable::Sku(self.random.of(&SKUS).to_owned()), true),
            3 => Wish::Pause(Pausable::Sku(self.random.of(&SKUS).to_owned()), false),
            _ => return self.allow_all(),
        };
        self.wishes.push(wish);
    }

    /// Whatever is held now is let go.
    pub(super) fn allow_all(&mut self) {
        let health = self.engine().health();
        let held = health.stores.iter().flat_map(|store| &store.held_by);
        let mut plans: Vec<String> = held.map(|held| held.plan_id.clone()).collect();
        plans.sort();
        plans.dedup();
        self.wishes.extend(plans.into_iter().map(Wish::Allow));
    }

    /// Nobody wants anything any more: everything goes on.
    pub(super) fn end_wishes(&mut self) {
        let stores = STORES.iter().map(|store| Pausable::Store((*store).to_owned()));
        let skus = SKUS.iter().map(|sku| Pausable::Sku((*sku).to_owned()));
        self.wishes = stores.chain(skus).map(|what| Wish::Pause(what, false)).collect();
        self.project.switch_on();
        self.follow();
    }

    /// Tells the engine what people want; false where the state failed.
    pub(super) fn grant(&mut self, now: Timestamp) -> bool {
        for wish in std::mem::take(&mut self.wishes) {
            self.note(|| format!("{wish:?}"));
            let granted = match &wish {
                Wish::Pause(what, paused) => self.engine().pause(what, *paused, now),
                Wish::Allow(plan) => self.engine().allow(plan, &[], "somebody", now).map(drop),
            };
            if granted.is_err() {
                return false;
            }
        }
        true
    }
}

impl Project {
    /// Somebody switches something in the configuration.
    pub(super) fn switch(&mut self, random: &mut Random) {
        let outlet = random.below(self.outlets.len());
        match random.below(12) {
            0 => self.outlets[outlet].paused = true,
            1 | 2 => self.outlets[outlet].paused = false,
            3 => self.is_on = false,
            4 | 5 => self.is_on = true,
            6..=9 => self.remap(random),
            _ => {}
        }
    }

    /// Nothing is held by the configuration.
    pub(super) fn switch_on(&mut self) {
        self.outlets.iter_mut().for_each(|outlet| outlet.paused = false);
        self.is_on = true;
    }

    pub(super) fn switches(&self) -> String {
        let paused: Vec<bool> = self.outlets.iter().map(|outlet| outlet.paused).collect();
        format!("on {}, paused {paused:?}, unmapped {:?}", self.is_on, self.unmapped)
    }
}
