//! Any answer whatever: real ones, changed in every way there is, in every operation.

use super::change::{Dice, change, change_bytes, change_text};
use super::{Broken, Case, note_secrets};
use crate::abi::outcome;
use crate::kit::{Address, Item, Reply, Run, World, run};
use crate::message::{Manifest, Request};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::rc::Rc;

/// How many answers are given where the environment names no number.
const ANSWERS: u64 = 1_000;
/// So many answers are kept, to be given where they do not belong.
const KEPT_MAX: usize = 64;
/// A line is written after so many answers of a long run.
const TOLD_EACH: u64 = 100_000;
/// How far back orders are asked for, in milliseconds.
const SINCE_MS: i64 = 30 * 86_400_000;

/// Drives every operation that a connector offers against answers (of a marketplace, or files) that were changed: values replaced, taken out,
/// doubled and moved, bytes garbled, statuses and headers that do not belong, answers to other questions, none at all. Says which promises it broke: none, if it is fit for use.
///
/// It finds out whether every operation ends, without a panic and within bounds; whether every item gets one outcome; whether orders have what an order must have; and
/// whether a secret stands in any text. `STOCKSYNC_FUZZ_ANSWERS` says how many answers are given (default: 1,000, the same every time), `STOCKSYNC_FUZZ_FROM` the number
/// of the first run, which a broken promise names.
#[must_use]
pub fn fuzz(case: &Case) -> Vec<String> {
    let manifest = match run::manifest(case.plugin, &case.world(), &case.settings) {
        Ok(manifest) => manifest,
        Err(why) => return vec![format!("the effective manifest: {why}")],
    };
    let (wanted, first) = (number("STOCKSYNC_FUZZ_ANSWERS", ANSWERS), number("STOCKSYNC_FUZZ_FROM", 0));
    let secrets = case.world().secrets.into_values().collect();
    let mut fuzzed = Fuzzed { known: Known::of(case, &manifest), secrets, ..Fuzzed::default() };
    let mut told = 0;
    for seed in first.. {
        fuzzed.once(case, &manifest, seed);
        let answers = fuzzed.weather.borrow().answers;
        if answers >= wanted || !fuzzed.broken.0.is_empty() {
            break;
        }
        if answers / TOLD_EACH > told {
            told = answers / TOLD_EACH;
            fuzzed.tell(&manifest.name, seed);
        }
    }
    if wanted > ANSWERS {
        fuzzed.tell(&manifest.name, 0);
    }
    fuzzed.broken.0.into_iter().collect()
}

#[expect(clippy::disallowed_methods, reason = "a test kit: how long it goes on is said from outside")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What a marketplace says of its listings when nothing is changed, so that runs need not begin with a search.
#[derive(Default)]
struct Known {
    addresses: BTreeMap<String, Address>,
    tickets: Vec<String>,
}

impl Known {
    fn of(case: &Case, manifest: &Manifest) -> Self {
        let mut world = case.world();
        let written = case.run(&mut world, "write", &case.items);
        let polls = manifest.operations.iter().any(|operation| operation == "poll");
        let mut tickets: Vec<String> = written.tickets.into_values().collect();
        if polls && tickets.is_empty() {
            tickets.push("1".to_owned());
        }
        Self { addresses: world.addresses, tickets }
    }
}

/// What all runs share with the marketplace's answers.
#[derive(Default)]
struct Weather {
    dice: Dice,
    /// One answer of so many is changed.
    one_in: usize,
    kept: Vec<Reply>,
    answers: u64,
    changed: u64,
}

impl Weather {
    /// `is_plain` is false of what brings tokens: moved to where the host does not take them out, they would be shown by whoever was told.
    fn pass(&mut self, reply: Option<Reply>, is_plain: bool) -> Option<Reply> {
        self.answers += 1;
        let reply = reply?;
        if !is_plain {
            return Some(reply).filter(|_| self.dice.below(16) > 0);
        }
        let other = self.dice.of(&self.kept);
        if self.kept.len() < KEPT_MAX {
            self.kept.push(reply.clone());
        } else if let Some(place) = self.kept.get_mut(self.dice.below(KEPT_MAX)) {
            *place = reply.clone();
        }
        if self.dice.below(self.one_in) > 0 {
            return Some(reply);
        }
        self.changed += 1;
        change(reply, other, &mut self.dice)
    }
}

/// What came of it so far.
#[derive(Default)]
struct Fuzzed {
    known: Known,
    weather: Rc<RefCell<Weather>>,
    broken: Broken,
    runs: BTreeMap<String, u64>,
    outcomes: BTreeMap<u8, u64>,
    orders: u64,
    requests_max: usize,
    /// As they were before any answer: what a changed answer brings in a secret's place is none.
    secrets: BTreeSet<String>,
}

impl Fuzzed {
    /// One operation; the same for the same number, but for the answers that are kept of those before.
    fn once(&mut self, case: &Case, manifest: &Manifest, seed: u64) {
        let mut dice = Dice::new(seed);
        let mut world = self.world(case, &mut dice);
        let operation = dice.of(&manifest.operations).unwrap_or_default();
        *self.runs.entry(operation.clone()).or_default() += 1;
        let promise = format!("run {seed}, {operation}");
        match operation.as_str() {
            "write" => self.write(case, manifest, &mut world, &mut dice, &promise),
            "poll" => self.poll(case, &mut world, &mut dice, &promise),
            "orders" => {
                let since = world.now - SINCE_MS;
                let run = Run::orders_since(case.plugin, &mut world, &case.settings, since);
                self.judge(run, &promise);
            }
            "webhook" => self.webhook(case, &mut world, &mut dice, &promise),
            "resolve" => {
                // A read of what has no address begins with it.
                world.addresses.clear();
                let run = case.run(&mut world, "read", &case.with_missing());
                self.judge(run, &promise);
            }
            other => {
                let items = if dice.below(2) == 0 { Vec::new() } else { case.with_missing() };
                let run = case.run(&mut world, other, &items);
                self.judge(run, &promise);
            }
        }
    }

    /// A new world, in which answers are changed, and files.
    fn world(&self, case: &Case, dice: &mut Dice) -> World {
        let mut world = case.world();
        if dice.below(4) > 0 {
            world.addresses = self.known.addresses.clone();
        }
        (world.page_rows, world.twice) = (dice.of(&[1, 2, 4096]).unwrap_or(1), dice.below(16) == 0);
        (world.last_first, world.believes) = (dice.below(4) == 0, true);
        world.chunk_bytes = dice.of(&[1, 7, 64, 1 << 20]).unwrap_or(1);
        for file in world.files.values_mut() {
            change_bytes(file, dice);
            self.weather.borrow_mut().answers += 1;
        }
        let one_in = dice.of(&[1, 1, 2, 4, 10]).unwrap_or(1);
        let weather = Rc::clone(&self.weather);
        {
            let mut weather = weather.borrow_mut();
            (weather.dice, weather.one_in) = (dice.other(), one_in);
        }
        let mut shop = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
        world.shop = Box::new(move |http, body| {
            let reply = shop(http, body);
            weather.borrow_mut().pass(reply, http.save_secret.is_empty())
        });
        world
    }

    fn write(&mut self, case: &Case, manifest: &Manifest, world: &mut World, dice: &mut Dice, promise: &str) {
        let mut items = case.with_missing();
        for item in &mut items {
            // What is there, or what was, or anything.
            item.expected = dice.of(&[None, None, Some(1), Some(5), Some(item.quantity)]).flatten();
        }
        let written = case.write(world, manifest, &items);
        let whole = written.failed || written.outcomes.len() == items.len();
        self.broken.unless(whole, promise, "an item without an outcome");
        for run in written.runs {
            self.judge(run, promise);
        }
    }

    fn poll(&mut self, case: &Case, world: &mut World, dice: &mut Dice, promise: &str) {
        let ticket = |item: &Item, dice: &mut Dice| {
            let ticket = dice.of(&self.known.tickets).unwrap_or_default();
            Item {
                ticket: if dice.below(4) == 0 { change_text(&ticket, dice) } else { ticket },
                ..item.clone()
            }
        };
        let items: Vec<Item> = case.with_missing().iter().map(|item| ticket(item, dice)).collect();
        let run = case.run(world, "poll", &items);
        self.judge(run, promise);
    }

    /// A webhook that is signed as it should be, and has anything in it.
    fn webhook(&mut self, case: &Case, world: &mut World, dice: &mut Dice, promise: &str) {
        let Some(make) = case.webhook else { return };
        let made = make(&world.secrets);
        let mut reply = Some(Reply { headers: made.request.headers, ..Reply::new(200, made.body) });
        if dice.below(8) > 0 {
            reply = change(reply.unwrap_or_default(), None, dice);
        }
        self.weather.borrow_mut().answers += 1;
        let Reply { headers, body, .. } = reply.unwrap_or_default();
        let url = if dice.below(8) == 0 { change_text(&made.request.url, dice) } else { made.request.url };
        let request = Request { method: made.request.method, url, headers };
        let run = Run::webhook(case.plugin, world, &case.settings, &request, &body);
        self.judge(run, promise);
    }

    /// What must hold of any run.
    fn judge(&mut self, mut run: Run, promise: &str) {
        note_secrets(&mut run, self.secrets.iter());
        self.broken.any(&run, promise);
        let indexes: BTreeSet<u32> = run.outcomes.iter().map(|(index, ..)| *index).collect();
        self.broken.unless(indexes.len() == run.outcomes.len(), promise, "an item with two outcomes");
        for order in &run.orders {
            let text =
                |field: &str| order.get(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
            let placed = order.get("type").and_then(Value::as_str) == Some("order-placed");
            let lines = order.get("lines").is_some_and(Value::is_array);
            let whole = ["id", "type", "order"].into_iter().all(text) && (!placed || lines);
            self.broken.unless(whole, promise, &format!("an order that is none: {order}"));
        }
        self.orders += run.orders.len() as u64;
        for (_, outcome, _) in &run.outcomes {
            *self.outcomes.entry(*outcome).or_default() += 1;
        }
        self.requests_max = self.requests_max.max(run.sent);
    }

    #[expect(clippy::print_stderr, reason = "what came of hours, beside the test's verdict")]
    fn tell(&self, name: &str, seed: u64) {
        let Weather { answers, changed, .. } = &*self.weather.borrow();
        let mut line = format!("fuzz {name}: {answers} answers, {changed} changed; runs:");
        for (operation, count) in &self.runs {
            let _ = write!(line, " {operation} {count}");
        }
        let count = |outcome| self.outcomes.get(&outcome).copied().unwrap_or_default();
        let _ = write!(
            line,
            "; outcomes: {} sent, {} failed, {} conflicts, {} accepted; {} orders; at most {} requests in a session; at run {seed}",
            count(outcome::SENT),
            count(outcome::FAILED),
            count(outcome::CONFLICT),
            count(outcome::ACCEPTED),
            self.orders,
            self.requests_max,
        );
        eprintln!("{line}");
    }
}
