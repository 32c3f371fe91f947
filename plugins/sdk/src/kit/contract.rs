//! What every connector promises.

use super::{Item, Run, World};
use crate::abi::{self, outcome};
use crate::ffi::RawPlugin;
use crate::message::{FORMAT_VERSION, Manifest, OpenConfig};
use crate::rows::Page;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many damaged files and responses a connector is shown.
const DAMAGES: u64 = 300;
const CANARY: &str = "canary-7f3a9c";

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
}

/// Tries a connector, and says which promises it broke: none, if it is fit for use.
///
/// It finds out whether: every item gets exactly one outcome, and a SKU that the store has not is `not-found`; a batch is never above `items_max`
/// or a body above `bytes_max`; what was sent is read back; pages, chunks and a response that comes twice change nothing; no
/// secret stands in any text; garbage is refused; and damaged files and responses end in outcomes, without a panic.
#[must_use]
pub fn contract(case: &Case) -> Vec<String> {
    let mut broken = Broken::default();
    let manifest: Manifest = match serde_json::from_slice(case.plugin.manifest()) {
        Ok(manifest) => manifest,
        Err(why) => return vec![format!("the manifest cannot be read: {why}")],
    };
    broken.unless(manifest.format_version == FORMAT_VERSION, "manifest", "another `format_version`");
    broken.unless(manifest.operations.iter().any(|operation| operation == "check"), "manifest", "no `check`");
    let check = case.run(&mut case.world(), "check", &[]);
    broken.unless(check.end == Some(Ok(())), "check", &format!("{:?}", (check.end, check.faults)));
    garbage(case, &mut broken);
    written(case, &manifest, &mut broken);
    // Each step is only worth its time on a connector that passed the one before.
    for next in [alike, damaged] {
        if broken.0.is_empty() {
            next(case, &manifest, &mut broken);
        }
    }
    broken.0.into_iter().collect()
}

impl Case {
    fn world(&self) -> World {
        let mut world = (self.world)();
        for name in &self.secrets {
            world.secrets.insert(name.clone(), format!("{CANARY}-{name}"));
        }
        world
    }

    fn run(&self, world: &mut World, operation: &str, items: &[Item]) -> Run {
        Run::of(self.plugin, world, &self.settings, operation, items)
    }

    /// Writes as the host does: no batch above `items_max`.
    fn write(&self, world: &mut World, manifest: &Manifest, items: &[Item]) -> Vec<Run> {
        let batch = match manifest.batch.items_max as usize {
            0 => items.len().max(1),
            batch => batch,
        };
        items.chunks(batch).map(|items| self.run(world, "write", items)).collect()
    }

    fn with_missing(&self) -> Vec<Item> {
        let missing = Item::new("no such listing \"\\ ก", 3);
        self.items.iter().cloned().chain([missing]).collect()
    }
}

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
        self.unless(!run.texts.contains(CANARY), promise, "a secret stands in a text");
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
    let runs = case.write(&mut world, manifest, &items);
    let outcomes = whole(&runs, manifest, broken);
    let count = outcomes.len() == items.len();
    broken.unless(count, "outcomes", &format!("{} for {} items", outcomes.len(), items.len()));
    let read = case.run(&mut world, "read", &items);
    broken.any(&read, "read");
    let live: BTreeMap<_, _> = read.quantities.iter().cloned().collect();
    broken.unless(live.len() == read.quantities.len(), "read", "a listing stands twice");
    for (item, (outcome, text)) in items.iter().zip(&outcomes) {
        let is_there = case.items.contains(item);
        if is_there {
            let sent = matches!(*outcome, outcome::SENT | outcome::ACCEPTED);
            broken.unless(sent, "outcomes", &format!("`{}` is not sent: {text}", item.sku));
        } else {
            let failed = *outcome == outcome::FAILED && text.starts_with("not-found");
            broken.unless(failed, "outcomes", "a SKU that is not in the store is not `not-found`");
        }
        let shown = live.get(&item.sku) == is_there.then_some(&item.quantity);
        broken.unless(shown || *outcome == outcome::ACCEPTED, "read after write", &format!("`{}`", item.sku));
    }
}

/// All outcomes of several batches in the items' order.
fn whole(runs: &[Run], manifest: &Manifest, broken: &mut Broken) -> Vec<(u8, String)> {
    let mut all = Vec::new();
    for run in runs {
        broken.any(run, "write");
        broken.unless(run.end == Some(Ok(())), "write", &format!("{:?}", run.end));
        for item in 0..run.outcomes.len() {
            match run.outcome(item) {
                Some((outcome, text)) => all.push((outcome, text.to_owned())),
                None => broken.unless(false, "outcomes", "an item without one, or with two"),
            }
        }
        let max = manifest.batch.bytes_max;
        let fits = max == 0 || run.requests.iter().all(|(_, body)| body.len() as u64 <= max);
        broken.unless(fits, "batch", "a body above `bytes_max`");
    }
    all
}

/// How the world cuts its pages and chunks, and whether it says things twice, changes nothing.
fn alike(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    let once = |chunk_bytes: usize, page_rows: usize, twice: bool| {
        let mut world = World { chunk_bytes, page_rows, twice, ..case.world() };
        let runs = case.write(&mut world, manifest, &case.with_missing());
        let (mut outcomes, mut requests) = (Vec::new(), Vec::new());
        for run in runs {
            outcomes.push(run.outcomes);
            requests.extend(run.requests);
        }
        let read = case.run(&mut world, "read", &[]);
        (outcomes, requests, world.files, read.quantities)
    };
    let plain = once(1 << 20, 1000, false);
    for chunk_bytes in [1, 2, 3, 7, 64] {
        broken.unless(once(chunk_bytes, 1000, false) == plain, "chunks", "their size makes a difference");
    }
    broken.unless(once(1 << 20, 1, false) == plain, "pages", "items in several pages make a difference");
    broken.unless(once(1 << 20, 1000, true) == plain, "twice", "a repeated response makes a difference");
}

/// Any file or response whatever gives an end and outcomes.
fn damaged(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    for seed in 0..DAMAGES {
        if !broken.0.is_empty() {
            return;
        }
        let mut world = case.world();
        world.files.values_mut().for_each(|file| damage(file, seed));
        let mut shop = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
        let mut count = seed;
        world.shop = Box::new(move |http, body| {
            let mut reply = shop(http, body)?;
            count = count.wrapping_add(1);
            damage(&mut reply.body, count);
            Some(reply)
        });
        let before = world.files.clone();
        let items = case.with_missing();
        for run in case.write(&mut world, manifest, &items) {
            broken.any(&run, &format!("damage {seed}"));
            let failed = matches!(run.end, Some(Err(_)));
            let indexes: BTreeSet<u32> = run.outcomes.iter().map(|(index, ..)| *index).collect();
            let each = indexes.len() == run.outcomes.len();
            broken.unless(each, &format!("damage {seed}"), "an item with two outcomes");
            let full = manifest.batch.items_max > 0 || indexes.len() == items.len();
            broken.unless(failed || full, &format!("damage {seed}"), "an item without an outcome");
            let untouched = world.files == before || !run.nothing_written;
            broken.unless(untouched, &format!("damage {seed}"), "something was written all the same");
        }
        let read = case.run(&mut world, "read", &[]);
        broken.any(&read, &format!("damage {seed}"));
    }
}

/// Cuts, garbles, repeats or adds bytes; always the same for a seed.
fn damage(bytes: &mut Vec<u8>, seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap_or(0) % below.max(1)
    };
    const NASTY: &[&[u8]] = &[
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"-",
        b"9999999999999999999",
        b"\xEF\xBB\xBF",
        b"{",
        b"]",
    ];
    let at = random(bytes.len() + 1);
    match seed % 5 {
        0 => bytes.truncate(at),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random(8)),
        2 => *bytes = (0..random(2000)).map(|_| random(256) as u8).collect(),
        3 => {
            let end = (at + random(40)).min(bytes.len());
            let piece = bytes.get(at..end).unwrap_or_default().to_vec();
            bytes.splice(at..at, piece);
        }
        _ => {
            let nasty = NASTY.get(random(NASTY.len())).copied().unwrap_or_default();
            bytes.splice(at..at, nasty.iter().copied());
        }
    }
}
