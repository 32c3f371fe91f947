//! How the engine is.

use super::Engine;
use crate::rules::StoreId;
use crate::shell::serve::desk::{Health, StoreHealth};
use crate::shell::state::State;

impl<S: State> Engine<S> {
    /// How it is, as far as it knows: what stands against newer files, and which stores cannot be opened, is not known here.
    pub fn health(&self) -> Health {
        let stores = self.lanes.iter().enumerate().map(|(at, lane)| {
            let store = StoreId(at as u16);
            let name = self.shop.store_name(store).to_owned();
            let (in_flight, unknown) = lane.machine.counts();
            let all = self.board.count(&self.shop.catalog().listings_of_store(store));
            StoreHealth {
                name,
                pending: all.saturating_sub(in_flight + unknown),
                in_flight,
                unknown,
                sent: lane.sent,
                failed: lane.failed,
                circuit_open: lane.machine.is_circuit_open(),
                paused: self.is_paused(store),
                held_by: self.watch.held_by(store),
                last_success: lane.last_success,
                faulty: None,
            }
        });
        Health {
            activation: self.pins.current(),
            rules_version: self.current.version.clone(),
            switched_off: !self.shop.setup.inventory_features,
            newest: None,
            events: self.figures.events,
            negative: self.shop.negative() as u64,
            paused_skus: self.pauses.skus.iter().cloned().collect(),
            stores: stores.collect(),
            latency: self.figures.latency,
            unusable: None,
        }
    }
}
