//! A project with one store on a simulated marketplace, from the first plan to the last.

use crate::folder::Folder;
use serde_json::Value;
use std::any::Any;
use std::fs;
use std::path::Path;
use stocksync_sim::log::Entry;
use stocksync_sim::tokens::Tokens;
use stocksync_sim::{Faults, Listing, Marketplace, Server, Setup, log};

/// How often `sync` is run at most until nothing is left, while requests fail.
const SYNCS_MAX: usize = 6;
/// One of so many requests fails.
const ONE_IN: u64 = 3;
/// So many requests fail at least, or the test shows nothing: once each way.
const FAULTY_MIN: usize = 7;

/// A marketplace that runs, and a project for it.
pub struct Trip {
    pub server: Server,
    pub folder: Folder,
    skus: Vec<String>,
    secrets: Vec<String>,
}

/// Simple products and variations, each of which shows another number than it will.
pub fn listings(simple: usize, variations: usize) -> Vec<Listing> {
    let simple = (0..simple).map(|n| Listing::new(&format!("MUG-{n:03}"), 1));
    let variations =
        (0..variations).map(|n| Listing::new(&format!("SHIRT-{n:03}"), 2).of(&format!("P{}", n / 5)));
    simple.chain(variations).collect()
}

/// What the listing of this number shall show in a round.
fn wanted(number: usize, round: i64) -> i64 {
    if number.is_multiple_of(7) { 0 } else { 10 + number as i64 + round }
}

impl Trip {
    /// The project's stock has another number for each listing; `settings` are added to those that the simulator names.
    pub fn new(
        make: impl FnOnce(&Setup) -> Box<dyn Marketplace>,
        listings: Vec<Listing>,
        settings: &[(&str, Value)],
    ) -> Self {
        let skus: Vec<String> = listings.iter().map(|listing| listing.sku.clone()).collect();
        let server = Server::start(make(&Setup { listings, ..Setup::default() })).unwrap();
        let folder = Folder::empty();
        let (name, mut all, secrets) =
            server.with(|market, _| (market.name(), market.settings(&server.url()), market.secrets()));
        all.as_object_mut()
            .unwrap()
            .extend(settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let mut sources = Vec::new();
        for (secret, value) in &secrets {
            folder.write(&format!("secrets/{secret}"), value);
            sources.push(format!("{secret}: \"file:secrets/{secret}\""));
        }
        folder.write(
            "stocksync.yaml",
            &format!("warehouses: [main]\nstores:\n  shop: {{ connector: {name}, settings: {all}, secrets: {{ {} }} }}\n", sources.join(", ")),
        );
        folder.write(
            "rules/base.sync",
            "rule \"Base\" {\n  order 1\n  skus all\n  warehouses all\n  stores all\n}\n",
        );
        let table = |head: &str, row: &dyn Fn(usize, &str) -> String| {
            let rows = skus.iter().enumerate().map(|(number, sku)| row(number, sku) + "\n");
            format!("{head}\n{}", rows.collect::<String>())
        };
        folder.write("catalog/skus.csv", &table("sku,name", &|number, _| format!("S{number},Name {number}")));
        folder.write(
            "catalog/mappings.csv",
            &table("sku,store,store_sku", &|number, sku| format!("S{number},shop,{sku}")),
        );
        let secrets = secrets.into_iter().map(|(_, value)| value).collect();
        let trip = Self { server, folder, skus, secrets };
        trip.restock(0);
        trip
    }

    /// The stock of a round.
    fn restock(&self, round: i64) {
        let rows = (0..self.skus.len()).map(|number| format!("S{number},main,{}\n", wanted(number, round)));
        let rows: String = rows.collect();
        self.folder.write("catalog/stock.csv", &format!("sku,warehouse,available\n{rows}"));
    }

    /// Checks, plans, writes everything at once, and finds nothing left; gives the requests of the one `sync`.
    pub fn goes_through(&self) -> Vec<Entry> {
        self.folder.run(&["connectors", "check", "shop"]).ended(0, "");
        let plan = self.folder.plan(&[]);
        assert_eq!(plan["rows"].as_array().map(Vec::len), Some(self.skus.len()), "{plan:#}");
        self.server.forget();
        self.folder.sync().ended(0, "");
        let log = self.server.log();
        self.arrived(0);
        log
    }

    /// The same end, each time that the stock changes, with every third request failing in all the ways there are.
    pub fn goes_through_faults(&self, seed: u64, rounds: i64) {
        for round in 0..rounds {
            self.restock(round);
            self.server.misbehave(Faults::all(seed + round as u64, ONE_IN));
            for _ in 0..SYNCS_MAX {
                let ran = self.folder.sync();
                self.keeps_secrets(&ran.out);
                self.keeps_secrets(&ran.err);
                if ran.code == 0 {
                    break;
                }
            }
            self.server.misbehave(Faults::default());
            self.arrived(round);
        }
        let faulty = self.server.log().iter().filter(|entry| entry.faulty).count();
        assert!(faulty >= FAULTY_MIN, "{faulty} requests failed: too few to show anything");
    }

    /// The access token has ended: it is refreshed once, what is new is on disk, and the next run goes on with it.
    pub fn refreshes<M: Marketplace>(mut self, tokens: fn(&mut M) -> &mut Tokens) {
        self.market(|market| tokens(market).expire());
        self.folder.sync().ended(0, "");
        let (access, refresh) = self.market(|market| tokens(market).now());
        assert_eq!(self.folder.read("secrets/access_token").trim(), access);
        assert_eq!(self.folder.read("secrets/refresh_token").trim(), refresh);
        self.secrets.extend([access, refresh]);
        self.arrived(0);
        assert_eq!(self.market(|market| tokens(market).refreshed), 1);
    }

    /// Looks at the marketplace, or changes it.
    pub fn market<M: Marketplace, T>(&self, look: impl FnOnce(&mut M) -> T) -> T {
        self.server.with(|market, _| {
            let market: &mut dyn Any = market;
            look(market.downcast_mut().unwrap())
        })
    }

    /// How many requests came to a path with this in it.
    pub fn asked(&self, path: &str) -> usize {
        self.server.log().iter().filter(|entry| entry.path.contains(path)).count()
    }

    /// The most requests that came within a second.
    pub fn peak(&self) -> usize {
        log::peak(&self.server.log(), 1000)
    }

    /// Every number is there, nothing is left, and no secret is in anything that was written.
    pub fn arrived(&self, round: i64) {
        for (number, sku) in self.skus.iter().enumerate() {
            let shown = self.server.with(|market, _| market.quantity(sku));
            assert_eq!(shown, Some(wanted(number, round)), "{sku}\n{:#?}", self.folder.told());
        }
        self.folder.nothing_left();
        self.told_nothing(self.folder.root());
        self.keeps_secrets(&self.folder.run(&["records", "--format", "jsonl"]).out);
    }

    fn told_nothing(&self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What the user wrote, and what the program keeps for itself of new tokens.
                if !path.ends_with("secrets") {
                    self.told_nothing(&path);
                }
            } else {
                self.keeps_secrets(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
            }
        }
    }

    fn keeps_secrets(&self, text: &str) {
        assert!(!self.secrets.iter().any(|secret| text.contains(secret)), "a secret stands in:\n{text}");
    }
}
