//! The contract suite finds what it is there to find: a shop's connector, right and with one bug each.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use stocksync_sdk::abi::column_id::{INDEX, OUTCOME, QUANTITY, STORE_SKU, TEXT};
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::kit::{Case, Item, Reply, World, contract};
use stocksync_sdk::message::{Batch, EventKind, Http, Manifest, OpenConfig};
use stocksync_sdk::{Answer, Connector, Fault, Input, Page, TextColumn};

const NONE: u8 = 0;
const FORGETS_AN_ITEM: u8 = 1;
const TELLS_AN_ITEM_TWICE: u8 = 2;
const SAYS_SENT_WITHOUT_SENDING: u8 = 3;
const ECHOES_THE_SECRET: u8 = 4;
const SENDS_TOO_MUCH: u8 = 5;
const STARTS_AGAIN_WHEN_TOLD_TWICE: u8 = 6;
const PANICS_ON_DAMAGE: u8 = 7;
const NEVER_ENDS: u8 = 8;
const FORGETS_LATER_PAGES: u8 = 9;
const TAKES_MORE_BEFORE_START: u8 = 10;

/// Speaks with a shop in lines: `PUT sku<tab>quantity`, answered by `sku<tab>ok`; `GET`, answered by `sku<tab>quantity`.
struct Lines<const BUG: u8> {
    writes: bool,
    sent: bool,
    items: Vec<(String, i64)>,
}

impl<const BUG: u8> Connector for Lines<BUG> {
    fn manifest() -> Manifest {
        let batch = Batch { items_max: 2, bytes_max: 60, ..Batch::default() };
        Manifest { batch, ..Manifest::new("lines", "1.0.0", &["check", "read", "write"]) }
    }

    fn open(_: OpenConfig) -> Result<Self, String> {
        Ok(Self { writes: false, sent: false, items: Vec::new() })
    }

    fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault> {
        match &input.event.kind {
            EventKind::More {} if self.sent => return Err(Fault::wrong_state("no more")),
            EventKind::More {} if self.items.is_empty() && BUG != TAKES_MORE_BEFORE_START => {
                return Err(Fault::wrong_state("not started"));
            }
            EventKind::Start { operation, .. } if operation == "check" => return Ok(Answer::done()),
            EventKind::Start { operation, .. } => self.writes = operation == "write",
            EventKind::More {} if BUG == FORGETS_LATER_PAGES => return Ok(self.send(1)),
            EventKind::More {} => {}
            EventKind::Response { id, .. } => return self.response(*id, input.body),
            _ => return Ok(Answer::failed("the shop does not answer")),
        }
        let skus: Vec<_> = input.rows.texts(STORE_SKU).iter().flat_map(|skus| skus.iter()).collect();
        let quantities = input.rows.i64s(QUANTITY);
        for (row, sku) in skus.into_iter().enumerate() {
            self.items.push((sku.to_owned(), quantities.and_then(|all| all.get(row)).unwrap_or(0)));
        }
        Ok(if input.event.more_rows { Answer::nothing() } else { self.send(1) })
    }
}

impl<const BUG: u8> Lines<BUG> {
    fn send(&mut self, id: u32) -> Answer {
        let lines = self.items.iter().map(|(sku, quantity)| format!("{sku}\t{quantity}\n"));
        let mut body: String = if self.writes { lines.collect() } else { String::new() };
        if BUG == SENDS_TOO_MUCH && self.writes {
            body.push_str(&"\n".repeat(100));
        }
        let method = if self.writes && BUG != SAYS_SENT_WITHOUT_SENDING { "PUT" } else { "GET" };
        let headers = vec![("authorization".to_owned(), "Bearer {{secret:token}}".to_owned())];
        let url = "https://shop.example/stock".to_owned();
        self.sent = true;
        Answer::nothing()
            .http(Http { id, method: method.to_owned(), url, headers, ..Http::default() }, body.as_bytes())
    }

    fn response(&mut self, id: u32, body: &[u8]) -> Result<Answer, Fault> {
        if BUG == NEVER_ENDS {
            return Ok(self.send(1));
        }
        // Two requests for a write, the second for each answer to the first.
        if BUG == STARTS_AGAIN_WHEN_TOLD_TWICE && self.writes && id == 1 {
            return Ok(self.send(2));
        }
        let Ok(body) = std::str::from_utf8(body) else {
            assert_ne!(BUG, PANICS_ON_DAMAGE, "on purpose");
            return Ok(Answer::failed("the shop's answer is not text"));
        };
        let lines: BTreeMap<&str, &str> = body.lines().filter_map(|line| line.split_once('\t')).collect();
        Ok(Answer::done().rows(if self.writes { self.outcomes(&lines, body) } else { read(&lines) }))
    }

    fn outcomes(&self, lines: &BTreeMap<&str, &str>, body: &str) -> Page {
        let sent = |sku: &str| {
            BUG == SAYS_SENT_WITHOUT_SENDING && !sku.contains(' ') || lines.get(sku) == Some(&"ok")
        };
        let mut indexes: Vec<u32> = (0..).take(self.items.len()).collect();
        match BUG {
            FORGETS_AN_ITEM => _ = indexes.pop(),
            TELLS_AN_ITEM_TWICE => indexes.push(0),
            _ => {}
        }
        let of = |index: &u32| sent(&self.items.get(*index as usize).unwrap().0);
        let outcomes: Vec<u8> = indexes.iter().map(|index| if of(index) { SENT } else { FAILED }).collect();
        let text = match BUG {
            ECHOES_THE_SECRET => body.lines().last().unwrap_or_default(),
            _ => "not-found: the shop has no such listing",
        };
        let texts: TextColumn = indexes.iter().map(|index| if of(index) { "" } else { text }).collect();
        Page::new().u32s(INDEX, &indexes).u8s(OUTCOME, &outcomes).texts(TEXT, texts)
    }
}

fn read(lines: &BTreeMap<&str, &str>) -> Page {
    let rows: Vec<_> =
        lines.iter().filter_map(|(sku, quantity)| Some((*sku, quantity.parse::<i64>().ok()?))).collect();
    let quantities: Vec<i64> = rows.iter().map(|(_, quantity)| *quantity).collect();
    Page::new().texts(STORE_SKU, rows.iter().map(|(sku, _)| *sku).collect()).i64s(QUANTITY, &quantities)
}

fn world() -> World {
    let stock = ["a", "b", "c"].map(|sku| (sku.to_owned(), "1".to_owned()));
    let stock = Rc::new(RefCell::new(BTreeMap::from(stock)));
    World::new().shop(move |http, body| {
        let mut stock = stock.borrow_mut();
        let mut answer = String::new();
        let put = if http.method == "PUT" { body } else { &[] };
        for line in std::str::from_utf8(put).unwrap_or_default().lines() {
            let Some((sku, quantity)) = line.split_once('\t') else { continue };
            let listing = stock.get_mut(sku).map(|listing| quantity.clone_into(listing));
            answer.push_str(&format!("{sku}\t{}\n", if listing.is_some() { "ok" } else { "missing" }));
        }
        if http.method == "GET" {
            stock.iter().for_each(|(sku, quantity)| answer.push_str(&format!("{sku}\t{quantity}\n")));
        }
        // A shop that tells everyone what it was told.
        http.headers.iter().for_each(|(_, value)| answer.push_str(value));
        Some(Reply { status: 200, body: answer.into_bytes(), after_ms: 80, ..Reply::default() })
    })
}

fn broken<const BUG: u8>() -> Vec<String> {
    let items = vec![Item::new("a", 7), Item::new("b", 0), Item::new("c", 70)];
    contract(&Case::new(RawPlugin::of::<Lines<BUG>>(), world, items).secrets(&["token"]))
}

#[track_caller]
fn check<const BUG: u8>(expect: &str) {
    let broken = broken::<BUG>();
    assert!(broken.iter().any(|promise| promise.starts_with(expect)), "{broken:#?}");
}

#[test]
fn a_connector_that_keeps_its_promises() {
    assert_eq!(broken::<NONE>(), [""; 0]);
}

#[test]
fn each_bug_is_found() {
    check::<FORGETS_AN_ITEM>("outcomes: 2 for 4 items");
    check::<TELLS_AN_ITEM_TWICE>("outcomes: an item without one, or with two");
    check::<SAYS_SENT_WITHOUT_SENDING>("read after write: `a`");
    check::<ECHOES_THE_SECRET>("write: a secret stands in a text");
    check::<SENDS_TOO_MUCH>("batch: a body above `bytes_max`");
    check::<STARTS_AGAIN_WHEN_TOLD_TWICE>("twice: a repeated response makes a difference");
    check::<PANICS_ON_DAMAGE>("damage ");
    check::<NEVER_ENDS>("read: it does not come to an end");
    check::<FORGETS_LATER_PAGES>("pages: items in several pages make a difference");
    check::<TAKES_MORE_BEFORE_START>("garbage: `more` before `start` is not status 2");
}
