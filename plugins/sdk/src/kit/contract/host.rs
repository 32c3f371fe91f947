//! Writing as the host does it: groups, halves of what was refused as a whole, tickets asked for.

use super::{Broken, Case};
use crate::abi::outcome;
use crate::kit::{Item, Run, World};
use crate::message::Manifest;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How often accepted writes are asked for, and how far apart, in milliseconds.
const POLLS_MAX: usize = 60;
const POLL_MS: i64 = 60_000;

/// The items of a session, by index, and what else of their parent goes with them.
type Session = (Vec<u32>, Vec<Item>);

/// What became of a write of several sessions.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Each session.
    pub(super) runs: Vec<Run>,
    /// By item.
    pub(super) outcomes: BTreeMap<u32, (u8, String)>,
    /// Whether a session ended as a whole without outcomes for all its items.
    pub(super) failed: bool,
    doubled: bool,
}

impl Written {
    pub(super) fn judge(&self, manifest: &Manifest, broken: &mut Broken) {
        broken.unless(!self.doubled, "outcomes", "an item without one, or with two");
        for run in &self.runs {
            broken.any(run, "write");
            broken.unless(run.end == Some(Ok(())), "write", &format!("{:?}", run.end));
            let max = manifest.batch.bytes_max;
            let fits = max == 0 || run.requests.iter().all(|(_, body)| body.len() as u64 <= max);
            broken.unless(fits, "batch", "a body above `bytes_max`");
        }
    }

    fn take(&mut self, batch: &[u32], run: &Run) {
        for index in 0..batch.len() {
            match (run.outcome(index), batch.get(index)) {
                (Some((outcome, text)), Some(item)) => {
                    self.outcomes.insert(*item, (outcome, text.to_owned()));
                }
                _ => self.doubled |= run.outcomes.iter().any(|(at, ..)| *at as usize == index),
            }
        }
        self.doubled |= run.outcomes.iter().any(|(index, ..)| *index as usize >= batch.len());
        self.failed |= run.end != Some(Ok(()));
    }
}

impl Case {
    /// Writes as the host does: no batch above `items_max`, parents apart, whole where they must be.
    pub(super) fn write(&self, world: &mut World, manifest: &Manifest, items: &[Item]) -> Written {
        let mut written = Written::default();
        let mut batches = match self.batches(world, manifest, items) {
            Ok(batches) => batches,
            Err(run) => return Written { failed: true, runs: vec![*run], ..written },
        };
        while let Some((batch, extra)) = batches.pop_front() {
            let named = batch.iter().filter_map(|index| items.get(*index as usize).cloned());
            let run = self.run(world, "write", &named.chain(extra.clone()).collect::<Vec<_>>());
            let failed = |(_, outcome, _): &(u32, u8, String)| *outcome == outcome::FAILED;
            let refused = manifest.batch.all_or_nothing && run.outcomes.iter().all(failed);
            if refused && batch.len() > 1 && extra.is_empty() && run.end == Some(Ok(())) {
                let (left, right) = batch.split_at(batch.len() / 2);
                batches.push_front((right.to_vec(), Vec::new()));
                batches.push_front((left.to_vec(), Vec::new()));
            } else {
                let all: Vec<u32> =
                    batch.iter().copied().chain((u32::MAX - 1_000_000..).take(extra.len())).collect();
                written.take(&all, &run);
                written.outcomes.retain(|index, _| (*index as usize) < items.len());
                self.poll(world, items, &all, &run, &mut written);
            }
            written.runs.push(run);
        }
        written
    }

    /// The items of each session, and what else of the parent goes with them. The run that failed, where the store could not be asked.
    fn batches(
        &self,
        world: &mut World,
        manifest: &Manifest,
        items: &[Item],
    ) -> Result<VecDeque<Session>, Box<Run>> {
        let indexes: Vec<u32> = (0..).take(items.len()).collect();
        let items_max = match manifest.batch.items_max as usize {
            0 => items.len().max(1),
            max => max,
        };
        if manifest.batch.group_by.as_deref() != Some("parent") {
            return Ok(indexes.chunks(items_max).map(|batch| (batch.to_vec(), Vec::new())).collect());
        }
        // A read makes addresses, and with them parents, known.
        let read = self.run(world, "read", items);
        if read.end != Some(Ok(())) {
            return Err(Box::new(read));
        }
        let mut groups: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut alone = Vec::new();
        for (index, item) in indexes.iter().zip(items) {
            match world.addresses.get(&item.sku).map(|address| address.parent.as_str()) {
                None | Some("") => alone.push((vec![*index], Vec::new())),
                Some(parent) => groups.entry(parent.to_owned()).or_default().push(*index),
            }
        }
        let mut batches: VecDeque<_> = alone.into();
        for (parent, group) in groups {
            if manifest.batch.whole_groups {
                let named: BTreeSet<&str> =
                    group.iter().filter_map(|index| Some(items.get(*index as usize)?.sku.as_str())).collect();
                let of_parent =
                    |sku: &String| world.addresses.get(sku).is_some_and(|address| address.parent == parent);
                let others =
                    read.quantities.iter().filter(|(sku, _)| of_parent(sku) && !named.contains(sku.as_str()));
                let others = others
                    .map(|(sku, quantity)| Item { expected: Some(*quantity), ..Item::new(sku, *quantity) });
                batches.push_back((group, others.collect()));
            } else {
                batches.extend(group.chunks(items_max).map(|batch| (batch.to_vec(), Vec::new())));
            }
        }
        Ok(batches)
    }

    /// Asks for what was only accepted, until it is settled.
    fn poll(&self, world: &mut World, items: &[Item], batch: &[u32], run: &Run, written: &mut Written) {
        let mut open: Vec<(u32, Item)> = (run.tickets.iter())
            .filter_map(|(at, ticket)| {
                let index = *batch.get(*at as usize)?;
                Some((index, Item { ticket: ticket.clone(), ..items.get(index as usize)?.clone() }))
            })
            .collect();
        for _ in 0..POLLS_MAX {
            if open.is_empty() {
                return;
            }
            world.now += POLL_MS;
            let asked: Vec<Item> = open.iter().map(|(_, item)| item.clone()).collect();
            let run = self.run(world, "poll", &asked);
            let indexes: Vec<u32> = open.iter().map(|(index, _)| *index).collect();
            written.take(&indexes, &run);
            let accepted =
                |index: &u32| written.outcomes.get(index).is_some_and(|(o, _)| *o == outcome::ACCEPTED);
            open.retain(|(index, _)| accepted(index));
            written.runs.push(run);
        }
    }
}
