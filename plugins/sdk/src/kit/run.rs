//! One operation from its start to its end.

use super::driver::{Driver, Start};
use super::{Address, World};
use crate::abi::outcome;
use crate::ffi::{RawPlugin, RawSession};
use crate::message::{FORMAT_VERSION, Http, Manifest, OpenConfig, Request};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An item to write, or a listing to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The store SKU.
    pub sku: String,
    /// The quantity to write.
    pub quantity: i64,
    /// The quantity that must be there.
    pub expected: Option<i64>,
    /// The ticket, for `poll`.
    pub ticket: String,
}

impl Item {
    /// An item to write, whatever is there.
    #[must_use]
    pub fn new(sku: &str, quantity: i64) -> Self {
        Self { sku: sku.to_owned(), quantity, ..Self::default() }
    }
}

/// A row of an answer that names a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The store SKU.
    pub sku: String,
    /// Its address, where there is one (`resolve`).
    pub address: Option<String>,
    /// Its parent; empty for none.
    pub parent: String,
    /// Its quantity, where there is one.
    pub quantity: Option<i64>,
    /// What open orders hold of it, where there is such a column.
    pub held: Option<i64>,
    /// Its title.
    pub title: String,
}

/// What came of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// What the connector ended with; `Err` where the operation failed as a whole.
    pub end: Option<Result<(), String>>,
    /// Whether it said that nothing was written.
    pub nothing_written: bool,
    /// Each outcome: the item, the outcome, its text.
    pub outcomes: Vec<(u32, u8, String)>,
    /// The tickets of accepted items, by item.
    pub tickets: BTreeMap<u32, String>,
    /// Each listing that was read.
    pub quantities: Vec<(String, i64)>,
    /// Each row of the answer that names a listing.
    pub listings: Vec<Listed>,
    /// Each request, as the connector wrote it, and its body.
    pub requests: Vec<(Http, Vec<u8>)>,
    /// How many requests left, the repeated ones with them.
    pub sent: usize,
    /// Each order.
    pub orders: Vec<Value>,
    /// Whether a webhook's signature was right; `None` where nothing was to be verified.
    pub verified: Option<bool>,
    /// What the sender of a webhook is answered.
    pub reply: Option<(u16, Vec<u8>)>,
    /// What the store said last of its bucket: available, maximum, back each second.
    pub budget: Option<(f64, f64, f64)>,
    /// How many seconds it asked to wait.
    pub waited_seconds: f64,
    /// What went against the protocol.
    pub faults: Vec<String>,
    /// How many files were replaced.
    pub commits: usize,
    /// All text that the connector gave.
    pub texts: String,
    /// The `resolve` that came before, where one was needed.
    pub resolved: Option<Box<Run>>,
}

impl Run {
    /// Runs an operation. Where the manifest offers `resolve`, addresses that the world does not have are asked for before `read`, `write` and
    /// `poll`; what the store does not have then fails as `not-found` and is not handed on.
    #[must_use]
    pub fn of(
        plugin: RawPlugin,
        world: &mut World,
        settings: &Value,
        operation: &str,
        items: &[Item],
    ) -> Self {
        let with_addresses = matches!(operation, "read" | "write" | "poll") && !items.is_empty();
        if !with_addresses || !offers_resolve(plugin, world, settings) {
            return Self::session(plugin, world, settings, &Start { operation, items, ..Start::default() });
        }
        let mut twice = BTreeSet::new();
        let resolved = resolve(plugin, world, settings, items, &mut twice);
        if let Some(run) = &resolved
            && run.end != Some(Ok(()))
        {
            let (end, faults, texts) = (run.end.clone(), run.faults.clone(), run.texts.clone());
            return Self { end, faults, texts, nothing_written: true, resolved, ..Self::default() };
        }
        let has = |item: &&Item| world.addresses.contains_key(&item.sku) && !twice.contains(&item.sku);
        let known: Vec<Item> = items.iter().filter(has).cloned().collect();
        let mut run = if known.is_empty() {
            Self { end: Some(Ok(())), ..Self::default() }
        } else {
            let start = Start { operation, items: &known, addressed: true, ..Start::default() };
            Self::session(plugin, world, settings, &start)
        };
        if operation != "read" {
            run.count_over(items, &known, &twice, world);
        }
        run.faults.extend(resolved.iter().flat_map(|run| run.faults.clone()));
        run.texts.extend(resolved.iter().map(|run| run.texts.as_str()));
        Self { resolved, ..run }
    }

    /// The same, of a connector that must keep to the protocol.
    ///
    /// # Panics
    /// It does not.
    #[must_use]
    #[track_caller]
    pub fn sound(
        plugin: RawPlugin,
        world: &mut World,
        settings: &Value,
        operation: &str,
        items: &[Item],
    ) -> Self {
        let run = Self::of(plugin, world, settings, operation, items);
        assert_eq!(run.faults, [""; 0]);
        run
    }

    /// The same, and what was only accepted is asked for by `poll` at once: the outcomes are those of the end.
    ///
    /// # Panics
    /// It does not keep to the protocol, or the `poll` does not end well.
    #[must_use]
    #[track_caller]
    pub fn to_the_end(
        plugin: RawPlugin,
        world: &mut World,
        settings: &Value,
        operation: &str,
        items: &[Item],
    ) -> Self {
        let mut run = Self::sound(plugin, world, settings, operation, items);
        let ticket = |(index, ticket): (&u32, &String)| {
            let Some(item) = items.get(*index as usize) else {
                unreachable!("a ticket for no item: {index}")
            };
            (*index, Item { ticket: ticket.clone(), ..item.clone() })
        };
        let (indexes, asked): (Vec<u32>, Vec<Item>) = run.tickets.iter().map(ticket).unzip();
        if !asked.is_empty() {
            let polled = Self::sound(plugin, world, settings, "poll", &asked);
            assert_eq!(polled.end, Some(Ok(())));
            run.outcomes.retain(|(index, ..)| !indexes.contains(index));
            run.outcomes.extend(polled.outcomes.into_iter().map(|(place, outcome, text)| {
                let Some(&index) = indexes.get(place as usize) else {
                    unreachable!("an outcome for no item: {place}")
                };
                (index, outcome, text)
            }));
            run.requests.extend(polled.requests);
        }
        run
    }

    /// Asks for the orders since a moment, in milliseconds since 1970.
    #[must_use]
    pub fn orders_since(plugin: RawPlugin, world: &mut World, settings: &Value, since: i64) -> Self {
        let start = Start { operation: "orders", since: Some(since), ..Start::default() };
        Self::session(plugin, world, settings, &start)
    }

    /// Hands a webhook on.
    #[must_use]
    pub fn webhook(
        plugin: RawPlugin,
        world: &mut World,
        settings: &Value,
        request: &Request,
        body: &[u8],
    ) -> Self {
        let start = Start { operation: "webhook", request: Some(request), body, ..Start::default() };
        Self::session(plugin, world, settings, &start)
    }

    /// The outcome of an item and its text, if it has exactly one.
    #[must_use]
    pub fn outcome(&self, item: usize) -> Option<(u8, &str)> {
        let mut of_item = self.outcomes.iter().filter(|(index, ..)| *index as usize == item);
        match (of_item.next(), of_item.next()) {
            (Some((_, outcome, text)), None) => Some((*outcome, text)),
            _ => None,
        }
    }

    /// The outcomes of the items that have exactly one, in their order, with their texts.
    #[must_use]
    pub fn told(&self) -> Vec<(u8, &str)> {
        (0..self.outcomes.len()).filter_map(|item| self.outcome(item)).collect()
    }

    fn session(plugin: RawPlugin, world: &mut World, settings: &Value, start: &Start<'_>) -> Self {
        let mut run = Self::default();
        match open(plugin, world, settings) {
            Ok(mut session) => {
                let before: &[&str] = if world.again { &["check", "read"] } else { &[] };
                for operation in before {
                    let before = Start { operation, ..Start::default() };
                    Driver::new(&mut session, world, &mut Self::default()).drive(&before);
                }
                Driver::new(&mut session, world, &mut run).drive(start);
            }
            Err(why) => run.end = Some(Err(why)),
        }
        run
    }

    /// Outcomes counted over all `items`, of which only `known` were handed on.
    fn count_over(&mut self, items: &[Item], known: &[Item], twice: &BTreeSet<String>, world: &mut World) {
        let mut places = Vec::new();
        let mut missing = Vec::new();
        let mut next = known.iter().peekable();
        for (index, item) in (0_u32..).zip(items) {
            if next.next_if_eq(&item).is_some() {
                places.push(index);
            } else {
                let why = if twice.contains(&item.sku) { TWICE } else { MISSING };
                missing.push((index, outcome::FAILED, why.to_owned()));
            }
        }
        let place = |index: u32| places.get(index as usize).copied().unwrap_or(u32::MAX);
        self.outcomes.iter_mut().for_each(|(index, ..)| *index = place(*index));
        self.tickets = std::mem::take(&mut self.tickets).into_iter().map(|(at, t)| (place(at), t)).collect();
        for (index, outcome, text) in &self.outcomes {
            if *outcome == outcome::FAILED
                && text.starts_with("not-found")
                && let Some(item) = items.get(*index as usize)
            {
                world.addresses.remove(&item.sku);
            }
        }
        if matches!(self.end, Some(Ok(()))) {
            self.outcomes.extend(missing);
            self.outcomes.sort_by_key(|(index, ..)| *index);
        }
    }
}

const MISSING: &str = "not-found: the store does not have it";
const TWICE: &str = "rejected: the store has it twice";

fn resolve(
    plugin: RawPlugin,
    world: &mut World,
    settings: &Value,
    items: &[Item],
    twice: &mut BTreeSet<String>,
) -> Option<Box<Run>> {
    let unknown = items.iter().filter(|item| !world.addresses.contains_key(&item.sku));
    let unknown: Vec<Item> = unknown.cloned().collect();
    if unknown.is_empty() {
        return None;
    }
    let start = Start { operation: "resolve", items: &unknown, ..Start::default() };
    let mut run = Run::session(plugin, world, settings, &start);
    let asked: BTreeSet<&str> = unknown.iter().map(|item| item.sku.as_str()).collect();
    for listed in std::mem::take(&mut run.listings) {
        match listed.address.clone().filter(|_| asked.contains(listed.sku.as_str())) {
            None => run.faults.push(format!("`{}` resolved without an address, or unasked", listed.sku)),
            Some(address) => {
                let address = Address { address, parent: listed.parent.clone() };
                if world.addresses.insert(listed.sku.clone(), address).is_some() {
                    twice.insert(listed.sku.clone());
                }
            }
        }
        run.listings.push(listed);
    }
    Some(Box::new(run))
}

fn offers_resolve(plugin: RawPlugin, world: &World, settings: &Value) -> bool {
    let Ok(session) = open(plugin, world, settings) else { return false };
    effective(plugin, &session)
        .is_some_and(|manifest| manifest.operations.iter().any(|name| name == "resolve"))
}

fn effective(plugin: RawPlugin, session: &RawSession) -> Option<Manifest> {
    let manifest = Some(session.effective_manifest.as_slice()).filter(|manifest| !manifest.is_empty());
    serde_json::from_slice(manifest.unwrap_or(plugin.manifest())).ok()
}

fn open(plugin: RawPlugin, world: &World, settings: &Value) -> Result<RawSession, String> {
    let config = OpenConfig {
        format_version: FORMAT_VERSION,
        store: "shop".to_owned(),
        settings: settings.clone(),
        secrets: world.secrets.keys().cloned().collect(),
        secret_expires: world.secret_expires.clone(),
    };
    plugin.open(&serde_json::to_vec(&config).unwrap_or_default()).map_err(|(_, why)| why)
}

/// What a store's connector says of that store.
pub(super) fn manifest(plugin: RawPlugin, world: &World, settings: &Value) -> Result<Manifest, String> {
    let session = open(plugin, world, settings)?;
    effective(plugin, &session).ok_or_else(|| "it cannot be read".to_owned())
}
