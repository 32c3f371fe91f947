//! What every connector promises.

mod change;
mod damage;
mod fuzz;
mod host;
mod trouble;
mod webhook;

pub use fuzz::fuzz;
pub use webhook::Webhook;

use super::{Item, Reply, Run, World, run};
use crate::abi::{self, outcome};
use crate::ffi::RawPlugin;
use crate::message::{FORMAT_VERSION, Manifest, OpenConfig};
use crate::rows::Page;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const CANARY: &str = "canary-7f3a9c";
/// Shorter secrets are found in any text.
const SECRET_BYTES_MIN: usize = 8;

/// A connector and a world to try it in.
#[derive(Debug)]
pub struct Case {
    /// The connector.
    pub plugin: RawPlugin,
    /// Settings that fit the world.
    pub settings: Value,
    /// Secrets that the connector needs.
    pub secrets: Vec<String>,
    /// A new world, always the same: at least two listings.
    pub world: fn() -> World,
    /// Numbers to write to listings that the world has, other than those it shows.
    pub items: Vec<Item>,
    /// What the marketplace answers to a token that has expired; for connectors that refresh one.
    pub expired: Reply,
    /// What the marketplace answers to too many requests, where it says so with another status than 429.
    pub throttled: Option<Reply>,
    /// A webhook that brings at least one order; it is signed with the secrets that are given.
    pub webhook: Option<Sender>,
}

/// Makes a webhook that is signed with these secrets.
pub type Sender = fn(&BTreeMap<String, String>) -> Webhook;

/// Tries a connector, and says which promises it broke: none, if it is fit for use.
///
/// It finds out whether: every item gets exactly one outcome, and a SKU that the store has not is `not-found`; a batch is never above `items_max`
/// or a body above `bytes_max`; what was sent is read back; pages, chunks, a response that comes twice, the order of responses and what a session that is used again did before change nothing; no
/// secret stands in any text; garbage is refused; an expired token is refreshed once and throttling waited for; nothing is `sent` that is not there,
/// however requests fail; a forged webhook brings no order; and damaged files and responses end in outcomes, without a panic.
#[must_use]
pub fn contract(case: &Case) -> Vec<String> {
    let mut broken = Broken::default();
    let own: Manifest = match serde_json::from_slice(case.plugin.manifest()) {
        Ok(manifest) => manifest,
        Err(why) => return vec![format!("the manifest cannot be read: {why}")],
    };
    broken.unless(own.format_version == FORMAT_VERSION, "manifest", "another `format_version`");
    let manifest = match run::manifest(case.plugin, &case.world(), &case.settings) {
        Ok(manifest) => manifest,
        Err(why) => return vec![format!("the effective manifest: {why}")],
    };
    broken.unless(manifest.name == own.name, "manifest", "the effective one has another name");
    broken.unless(manifest.operations.iter().any(|operation| operation == "check"), "manifest", "no `check`");
    let check = case.run(&mut case.world(), "check", &[]);
    broken.unless(check.end == Some(Ok(())), "check", &format!("{:?}", (check.end, check.faults)));
    garbage(case, &mut broken);
    written(case, &manifest, &mut broken);
    // Each step is only worth its time on a connector that passed the one before.
    for next in
        [alike, trouble::expired, trouble::throttled, trouble::failing, webhook::forged, damage::damaged]
    {
        if broken.0.is_empty() {
            next(case, &manifest, &mut broken);
        }
    }
    broken.0.into_iter().collect()
}

impl Case {
    /// A connector without settings or secrets.
    #[must_use]
    pub fn new(plugin: RawPlugin, world: fn() -> World, items: Vec<Item>) -> Self {
        let expired = Reply::new(401, "{}");
        let (settings, secrets) = (json!({}), Vec::new());
        Self { plugin, settings, secrets, world, items, expired, throttled: None, webhook: None }
    }

    /// With settings.
    #[must_use]
    pub fn settings(self, settings: Value) -> Self {
        Self { settings, ..self }
    }

    /// With secrets, whose values the suite makes up where the world has none.
    #[must_use]
    pub fn secrets(self, names: &[&str]) -> Self {
        Self { secrets: names.iter().map(|&name| name.to_owned()).collect(), ..self }
    }

    /// With what the marketplace says to an expired token.
    #[must_use]
    pub fn expired(self, expired: Reply) -> Self {
        Self { expired, ..self }
    }

    /// With what the marketplace says to too many requests.
    #[must_use]
    pub fn throttled(self, throttled: Reply) -> Self {
        Self { throttled: Some(throttled), ..self }
    }

    /// With a webhook.
    #[must_use]
    pub fn webhook(self, webhook: Sender) -> Self {
        Self { webhook: Some(webhook), ..self }
    }

    fn world(&self) -> World {
        let mut world = (self.world)();
        for name in &self.secrets {
            world.secrets.entry(name.clone()).or_insert_with(|| format!("{CANARY}-{name}"));
        }
        world
    }

    fn run(&self, world: &mut World, operation: &str, items: &[Item]) -> Run {
        let before: Vec<String> = world.secrets.values().cloned().collect();
        let mut run = Run::of(self.plugin, world, &self.settings, operation, items);
        if !world.believes {
            note_secrets(&mut run, before.iter().chain(world.secrets.values()));
        }
        run
    }

    fn with_missing(&self) -> Vec<Item> {
        let missing = Item::new("no such listing \"\\ ก", 3);
        self.items.iter().cloned().chain([missing]).collect()
    }
}

fn note_secrets<'a>(run: &mut Run, mut secrets: impl Iterator<Item = &'a String>) {
    let outcomes: String = run.outcomes.iter().map(|(_, _, text)| text.as_str()).collect();
    let shown = |secret: &String| run.texts.contains(secret.as_str()) || outcomes.contains(secret.as_str());
    if secrets.any(|secret| secret.len() >= SECRET_BYTES_MIN && shown(secret)) {
        run.faults.push(SECRET_SHOWN.to_owned());
    }
}

const SECRET_SHOWN: &str = "a secret stands in a text";

#[derive(Default)]
struct Broken(BTreeSet<String>);

impl Broken {
    fn unless(&mut self, kept: bool, promise: &str, what: &str) {
        if !kept {
            self.0.insert(format!("{promise}: {what}"));
        }
    }

    /// What must hold of any run.
    fn any(&mut self, run: &Run, promise: &str) {
        self.unless(run.end.is_some(), promise, "no end");
        self.unless(run.faults.is_empty(), promise, &run.faults.join("; "));
        let lines = run.outcomes.iter().all(|(_, _, text)| !text.contains(['\n', '\r']));
        self.unless(lines, promise, "a text of more than one line");
    }
}

fn garbage(case: &Case, broken: &mut Broken) {
    for config in [&b""[..], b"}{", b"[]", b"{\"format_version\":", b"\xff"] {
        let status = case.plugin.open(config).err().map(|(status, _)| status);
        broken.unless(status == Some(abi::STATUS_BAD_INPUT), "garbage", "`open` takes a config that is none");
    }
    let config = OpenConfig {
        format_version: FORMAT_VERSION,
        store: "shop".to_owned(),
        settings: case.settings.clone(),
        secrets: case.secrets.clone(),
        secret_expires: BTreeMap::new(),
    };
    let config = serde_json::to_vec(&config).unwrap_or_default();
    let unknown = json!({"format_version": 1, "now": 0, "event": "sunrise"}).to_string();
    for event in [&b""[..], b"}{", b"{}", b"\xff", unknown.as_bytes()] {
        let Ok(mut session) = case.plugin.open(&config) else {
            return broken.unless(false, "garbage", "`open` refuses the case's settings");
        };
        let status = session.step(event, &[], &Page::new()).err().map(|(status, _)| status);
        broken.unless(
            status == Some(abi::STATUS_BAD_INPUT),
            "garbage",
            "an event that is none is not status 1",
        );
    }
    let Ok(mut session) = case.plugin.open(&config) else { return };
    let more = json!({"format_version": 1, "now": 0, "event": "more", "a later field": [1]}).to_string();
    let status = session.step(more.as_bytes(), &[], &Page::new()).err().map(|(status, _)| status);
    broken.unless(
        status == Some(abi::STATUS_WRONG_STATE),
        "garbage",
        "`more` before `start` is not status 2",
    );
}

/// Outcomes are whole, and what was sent can be read.
fn written(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    let (mut world, items) = (case.world(), case.with_missing());
    let written = case.write(&mut world, manifest, &items);
    written.judge(manifest, broken);
    let outcomes = written.outcomes.len();
    broken.unless(outcomes == items.len(), "outcomes", &format!("{outcomes} for {} items", items.len()));
    let read = case.run(&mut world, "read", &items);
    broken.any(&read, "read");
    let live: BTreeMap<_, _> = read.quantities.iter().cloned().collect();
    broken.unless(live.len() == read.quantities.len(), "read", "a listing stands twice");
    for (index, item) in (0_u32..).zip(&items) {
        let (outcome, text) = written.outcomes.get(&index).cloned().unwrap_or_default();
        let is_there = case.items.contains(item);
        if is_there {
            let sent = outcome == outcome::SENT;
            broken.unless(sent, "outcomes", &format!("`{}` is not sent: {text}", item.sku));
        } else {
            let failed = outcome == outcome::FAILED && text.starts_with("not-found");
            broken.unless(failed, "outcomes", "a SKU that is not in the store is not `not-found`");
        }
        let shown = live.get(&item.sku) == is_there.then_some(&item.quantity);
        broken.unless(shown, "read after write", &format!("`{}`", item.sku));
    }
}

/// How the world cuts its pages and chunks, whether it says things twice, and in which order, changes nothing.
fn alike(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    let once = |change: &dyn Fn(&mut World)| {
        let mut world = case.world();
        change(&mut world);
        let written = case.write(&mut world, manifest, &case.with_missing());
        let mut requests: Vec<_> = written.runs.into_iter().flat_map(|run| run.requests).collect();
        let mut read = case.run(&mut world, "read", &[]).quantities;
        // Side by side, nobody says in which order.
        requests.sort_by_key(|(http, body)| (http.id, body.clone()));
        read.sort();
        (written.outcomes, requests, world.files, read)
    };
    let plain = once(&|_| {});
    for chunk_bytes in [1, 2, 3, 7, 64] {
        let same = once(&|world| world.chunk_bytes = chunk_bytes) == plain;
        broken.unless(same, "chunks", "their size makes a difference");
    }
    let mut same = |promise: &str, what: &str, change: &dyn Fn(&mut World)| {
        broken.unless(once(change) == plain, promise, what);
    };
    same("pages", "items in several pages make a difference", &|world| world.page_rows = 1);
    same("twice", "a repeated response makes a difference", &|world| world.twice = true);
    if manifest.reusable {
        let what = "what a session did before makes a difference";
        same("reusable", what, &|world| world.again = true);
    }
    let (outcomes, _, files, read) = once(&|world| world.last_first = true);
    let same = (outcomes, files, read) == (plain.0, plain.2, plain.3);
    broken.unless(same, "order", "which of several responses comes first makes a difference");
}
