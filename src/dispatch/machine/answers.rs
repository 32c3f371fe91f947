//! What answers mean.

use super::{Broken, Do, Item, Machine, Try, since};
use crate::dispatch::Outcome;
use crate::record::Skip;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// Failures that pass by themselves, by how their texts begin.
const PASSING: [&str; 2] = ["throttled: ", "locked: "];

impl Machine {
    /// A batch was answered: an outcome for each item, in their order. An answer to a batch that is not under way is nothing.
    pub fn answered(&mut self, batch: u64, outcomes: Vec<Outcome>, now: Timestamp, random: u64) {
        let Some(items) = self.flying.remove(&batch) else { return };
        self.worked(now);
        let refused = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Failed(_)));
        if refused && self.terms.all_or_nothing && items.len() > 1 && outcomes.len() == items.len() {
            // One item at fault must not block the others: the halves are tried by themselves.
            let (first, second) = items.split_at(items.len() / 2);
            self.halves.push_front(second.to_vec());
            self.halves.push_front(first.to_vec());
            return;
        }
        let missing = std::iter::repeat_with(|| Outcome::Unknown("the answer leaves it out".to_owned()));
        let (mut settled, mut replan) = (Vec::new(), Vec::new());
        for (one, outcome) in items.into_iter().zip(outcomes.into_iter().chain(missing)) {
            if self.is_passing(&one, &outcome) {
                self.later(one, None, now, random, &mut settled);
                continue;
            }
            if let Outcome::Unknown(_) = outcome {
                self.unknown.push(one.item.clone());
            } else {
                self.busy.remove(&one.item.store_sku);
            }
            if let Outcome::Accepted(_) = outcome {
                self.await_end(&one.item, now);
            }
            if outcome == Outcome::Sent {
                self.window.shows(&one.item.store_sku, i64::try_from(one.item.after).ok());
            }
            if outcome == Outcome::Conflict && one.dropped != Some(Skip::Superseded) {
                replan.push(one.item.store_sku.clone());
            }
            settled.push((one.item, outcome));
        }
        self.settle(settled);
        self.replan(replan);
    }

    /// A write that the store had accepted ended so. Whether a newer number would have waited for it until now.
    pub fn ended(&mut self, item: &Item, outcome: &Outcome) -> bool {
        let is_awaited = self.accepted.get(&item.store_sku).is_some_and(|held| held.record == item.record);
        if is_awaited {
            self.accepted.remove(&item.store_sku);
            if *outcome == Outcome::Sent {
                self.window.shows(&item.store_sku, i64::try_from(item.after).ok());
            }
            self.window.stir();
        }
        is_awaited
    }

    /// A batch ended without outcomes.
    pub fn broke(&mut self, batch: u64, broken: Broken, now: Timestamp, random: u64) {
        let Some(items) = self.flying.remove(&batch) else { return };
        let mut settled = Vec::new();
        match broken {
            Broken::Unknown(why) => {
                self.failed(None, now);
                for one in items {
                    self.unknown.push(one.item.clone());
                    settled.push((one.item, Outcome::Unknown(why.clone())));
                }
            }
            Broken::NotSent(why, retry_after_ms) => {
                self.failed(retry_after_ms, now);
                for one in items {
                    if one.attempts + 1 >= self.terms.retry.attempts_max {
                        self.busy.remove(&one.item.store_sku);
                        settled.push((one.item, Outcome::Failed(format!("not sent: {why}"))));
                    } else {
                        self.later(one, retry_after_ms, now, random, &mut settled);
                    }
                }
            }
        }
        self.settle(settled);
    }

    /// A batch could not be marked in flight, since the outbox on disk holds a newer number of this listing. The others wait
    /// again, and the newer one is asked for.
    pub fn overtaken(&mut self, batch: u64, store_sku: &str) {
        let mut settled = Vec::new();
        for one in self.flying.remove(&batch).into_iter().flatten() {
            self.busy.remove(&one.item.store_sku);
            if one.item.store_sku == store_sku || one.dropped.is_some() {
                settled.extend(one.end());
            } else {
                self.window.put(one);
            }
        }
        self.settle(settled);
        self.window.stir();
        self.window.offered(true);
    }

    /// A read ended: what the store shows. A listing that is not among them is not there.
    pub fn seen(&mut self, read: u64, live: &HashMap<String, i64>, now: Timestamp) {
        let Some(reading) = self.reading.remove(&read) else { return };
        self.worked(now);
        let (mut resolved, mut settled, mut replan) = (Vec::new(), Vec::new(), Vec::new());
        for item in reading.unknown {
            let shown = live.get(&item.store_sku).copied();
            self.free(&item, shown);
            if !shown.is_some_and(|live| item.is_shown(live)) && self.window.newest(&item.store_sku).is_none()
            {
                replan.push(item.store_sku.clone());
            }
            resolved.push((item, shown));
        }
        for mut one in reading.before {
            let shown = live.get(&one.item.store_sku).copied();
            self.free(&one.item, shown);
            if one.dropped.is_some() {
                settled.extend(one.end());
            } else if shown.is_some_and(|live| one.item.is_shown(live)) {
                settled.push((one.item, Outcome::Sent));
            } else if shown == one.item.before {
                let fresh =
                    SignedDuration::from_millis(i64::try_from(self.terms.fresh_ms).unwrap_or(i64::MAX));
                one.fresh_until = now.checked_add(fresh).ok();
                self.window.put(one);
            } else {
                replan.push(one.item.store_sku.clone());
                settled.push((one.item, Outcome::Conflict));
            }
        }
        if !resolved.is_empty() {
            self.out.push_back(Do::Resolve(resolved));
        }
        self.settle(settled);
        self.replan(replan);
    }

    /// A read failed. What waited for it waits on; after the last attempt a write that was only to be raised is given up.
    pub fn unseen(&mut self, read: u64, why: &str, retry_after_ms: Option<u64>, now: Timestamp, random: u64) {
        let Some(reading) = self.reading.remove(&read) else { return };
        self.failed(retry_after_ms, now);
        self.unknown.extend(reading.unknown);
        let mut settled = Vec::new();
        for one in reading.before {
            if one.attempts + 1 >= self.terms.retry.attempts_max {
                self.busy.remove(&one.item.store_sku);
                settled.push((one.item, Outcome::Failed(format!("not sent: {why}"))));
            } else {
                self.later(one, retry_after_ms, now, random, &mut settled);
            }
        }
        // The next one looks at the store anew: it is not read in a circle without a pause.
        let pause = self.terms.retry.pause(self.circuit.failures(), random);
        self.quiet_until = self.quiet_until.max(now.checked_add(pause).ok());
        self.settle(settled);
    }

    fn is_passing(&self, one: &Try, outcome: &Outcome) -> bool {
        let Outcome::Failed(words) = outcome else { return false };
        PASSING.iter().any(|begin| words.starts_with(begin))
            && one.attempts + 1 < self.terms.retry.attempts_max
    }

    /// Puts a write that did not leave back, for later. One whose listing has a newer number by now ends here.
    fn later(
        &mut self,
        one: Try,
        retry_after_ms: Option<u64>,
        now: Timestamp,
        random: u64,
        settled: &mut Vec<(Item, Outcome)>,
    ) {
        self.busy.remove(&one.item.store_sku);
        if one.dropped.is_some() {
            settled.extend(one.end());
            return;
        }
        let attempts = one.attempts + 1;
        let asked = Duration::from_millis(retry_after_ms.unwrap_or(0));
        let pause = self.terms.retry.pause(attempts, random).max(asked);
        self.window.put(Try { attempts, not_before: now.checked_add(pause).ok(), fresh_until: None, ..one });
    }

    fn free(&mut self, item: &Item, shown: Option<i64>) {
        self.busy.remove(&item.store_sku);
        self.window.shows(&item.store_sku, shown);
    }

    fn worked(&mut self, now: Timestamp) {
        self.circuit.settled(false, since(now));
        self.quiet_until = None;
        self.window.stir();
    }

    /// A store that says when to come again is busy, and answers.
    fn failed(&mut self, retry_after_ms: Option<u64>, now: Timestamp) {
        self.circuit.settled(retry_after_ms.is_none(), since(now));
        self.window.stir();
        if let Some(asked) = retry_after_ms.map(Duration::from_millis) {
            self.quiet_until = self.quiet_until.max(now.checked_add(asked).ok());
        }
    }
}
