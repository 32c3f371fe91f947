//! Writes one store whose connector uses its sessions again: one thread gives batches out and takes their ends in.

use super::{Items, Sending, not_sent};
use crate::dispatch::{BatchRange, Outcome};
use crate::shell::exit::Stop;
use crate::shell::state::Claim;
use crate::shell::store::Writer;
use jiff::Timestamp;
use std::collections::HashMap;

/// Batches that are given out for each that may be under way, so that the next one is there when one ends.
const GIVEN_FOR_EACH: usize = 4;
/// Of what is given out the store takes in no more than this many seconds, where it names how much it takes.
const GIVEN_SECONDS_MAX: f64 = 0.25;

/// A batch, and its key and hash.
type Next = (u64, BatchRange, (String, String));

impl Sending<'_, '_> {
    /// Batches as long as there are any. The ends of some are on disk by the transaction that marks the next ones in flight.
    pub(super) fn abreast(&self) -> Result<(), Stop> {
        let given_max = self.given_max();
        let mut writer = match self.store.writer(given_max.div_ceil(GIVEN_FOR_EACH)) {
            Ok(writer) => writer,
            Err(fault) => {
                self.desk.fault(&fault);
                self.broken().get_or_insert(fault.what);
                return self.run();
            }
        };
        let mut given: HashMap<u64, BatchRange> = HashMap::new();
        let (mut ended, mut names, mut stop) = (Vec::new(), 0.., None);
        loop {
            let room = if stop.is_none() { given_max.saturating_sub(given.len()) } else { 0 };
            let next = self.next(room, &mut names, &mut ended);
            if ended.is_empty() && next.is_empty() && given.is_empty() {
                return stop.map_or(Ok(()), Err);
            }
            match self.turn(&std::mem::take(&mut ended), &next) {
                Ok(()) => self.give(&mut writer, next, &mut given),
                Err(fault) => drop(stop.get_or_insert(fault)),
            }
            let items = |id| Items(given.get(&id).map_or(&[], |range| self.items(range)));
            for (id, written) in writer.ended(items) {
                let Some(range) = given.remove(&id) else { continue };
                let outcomes = self.outcomes(written);
                if self.is_final(&range, &outcomes) {
                    ended.push((range, outcomes));
                }
            }
        }
    }

    /// How many batches are given out at most. All but those that are under way wait for their turn, and are marked in flight on disk: so not
    /// for long.
    fn given_max(&self) -> usize {
        let under_way = self.store.sessions_max().clamp(1, super::SESSIONS_MAX);
        if under_way == 1 {
            // Nobody knows whether two may be under way at all.
            return 1;
        }
        let ahead = under_way * (GIVEN_FOR_EACH - 1);
        let per_second = self.store.call_limits().requests_per_second;
        let soon = if per_second > 0.0 { (per_second * GIVEN_SECONDS_MAX) as usize } else { usize::MAX };
        under_way + ahead.min(soon)
    }

    /// At most so many of the next batches; what is not even given out has ended.
    fn next(
        &self,
        room: usize,
        names: &mut impl Iterator<Item = u64>,
        ended: &mut Vec<(BatchRange, Vec<Outcome>)>,
    ) -> Vec<Next> {
        let mut next = Vec::new();
        while next.len() < room && !self.desk.is_stopped() {
            let Some(range) = self.batches().next() else { break };
            // A connector that misbehaved once is not asked again.
            if let Some(what) = &*self.broken() {
                ended.push((range.clone(), vec![not_sent(what); range.len()]));
            } else if let Some(id) = names.next() {
                let keys = self.names(self.items(&range));
                next.push((id, range, keys));
            }
        }
        next
    }

    fn turn(&self, ended: &[(BatchRange, Vec<Outcome>)], next: &[Next]) -> Result<(), Stop> {
        let (store, now) = (self.store.name(), Timestamp::now());
        let items = ended.iter().flat_map(|(range, _)| self.items(range)).cloned().collect::<Vec<_>>();
        let outcomes = ended.iter().flat_map(|(_, outcomes)| outcomes).cloned().collect::<Vec<_>>();
        let claims: Vec<_> = next
            .iter()
            .map(|(_, range, (key, body_hash))| (Claim { store, key, body_hash, now }, self.items(range)))
            .collect();
        self.desk.turn(store, &items, &outcomes, &claims)
    }

    fn give(&self, writer: &mut Writer<'_>, next: Vec<Next>, given: &mut HashMap<u64, BatchRange>) {
        let batches = next.iter().map(|(id, range, (key, _))| (*id, Items(self.items(range)), key.clone()));
        writer.give(&batches.collect::<Vec<_>>());
        given.extend(next.into_iter().map(|(id, range, _)| (id, range)));
    }
}
