//! A project made at random, as plain data: what the model computes on, and what is written to files.

use super::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// A SKU list: patterns, as pieces; nested lists by number.
#[derive(Clone, Debug)]
pub struct List {
    pub items: Vec<Item>,
    pub except: Vec<Item>,
}

#[derive(Clone, Debug)]
pub enum Item {
    All,
    Glob(Vec<Piece>),
    Named(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Text(String),
    Star,
    One,
}

#[derive(Clone, Debug, Default)]
pub struct Levels {
    pub reserve: Option<u64>,
    /// Hundredths of a percent.
    pub rate: Option<u64>,
    pub plus: Option<u64>,
    pub round: Option<&'static str>,
    pub floor: Option<u64>,
    pub cap: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub name: String,
    pub off: bool,
    pub order: u64,
    /// Days from 2026-11-27 12:00 UTC.
    pub from: Option<i64>,
    pub until: Option<i64>,
    pub skus: List,
    pub warehouses: Vec<usize>,
    pub stores: Vec<usize>,
    pub threshold: u64,
    pub levels: Levels,
    pub priority: Option<(usize, u64)>,
    pub split: Option<Vec<(usize, u64)>>,
    pub overrides: Vec<(usize, Levels)>,
}

#[derive(Clone, Debug)]
pub struct Mapping {
    pub sku: String,
    pub store: usize,
    pub store_sku: String,
    pub units: u64,
    /// What the store shows; `None`: it has no such listing.
    pub live: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Shop {
    pub warehouses: usize,
    pub stores: usize,
    pub skus: Vec<String>,
    pub stock: BTreeMap<(String, usize), (i64, i64)>,
    pub bundles: BTreeMap<String, BTreeMap<String, u64>>,
    pub mappings: Vec<Mapping>,
    pub lists: Vec<List>,
    pub rules: Vec<Rule>,
}

const FAMILIES: [&str; 9] = ["NIKE-", "ADI-", "q\\z-", "x\"y-", "s*r-", "w?t-", "a b-", "ผ้า-", "鞋É-"];
const QUANTITIES: [u64; 12] = [0, 1, 2, 3, 5, 9, 10, 25, 60, 200, 70_000, 4_294_967_295];
const RATES: [u64; 12] = [0, 1, 333, 1_250, 2_500, 3_333, 5_000, 9_000, 9_999, 10_000, 12_550, 100_000];

impl Shop {
    pub fn random(rng: &mut Rng, sku_count: usize, rule_count: usize) -> Self {
        let (warehouses, stores) = (1 + rng.below(4), 2 + rng.below(7));
        let skus: Vec<String> = (0..sku_count)
            .map(|n| format!("{}{}{:03}", rng.pick(&FAMILIES), rng.pick(&["A", "B", "é", "ม"]), n))
            .collect();
        let mut shop = Shop {
            warehouses,
            stores,
            skus,
            stock: BTreeMap::new(),
            bundles: BTreeMap::new(),
            mappings: Vec::new(),
            lists: Vec::new(),
            rules: Vec::new(),
        };
        shop.add_bundles(rng);
        shop.add_stock(rng);
        shop.add_mappings(rng);
        for _ in 0..3 {
            let list = shop.list(rng, false);
            shop.lists.push(list);
        }
        let mut orders: Vec<u64> = (0..rule_count as u64).map(|n| n * 3).collect();
        rng.shuffle(&mut orders);
        for (number, order) in orders.into_iter().enumerate() {
            let rule = shop.rule(rng, number, order);
            shop.rules.push(rule);
        }
        shop
    }

    fn add_bundles(&mut self, rng: &mut Rng) {
        for n in 0..self.skus.len() / 10 {
            let parts =
                rng.some(&self.skus, 1, 3).into_iter().map(|part| (part, 1 + rng.next() % 3)).collect();
            self.bundles.insert(format!("KIT-{n:02}"), parts);
        }
        self.skus.extend(self.bundles.keys().cloned());
    }

    fn add_stock(&mut self, rng: &mut Rng) {
        for sku in self.skus.iter().filter(|sku| !self.bundles.contains_key(*sku)) {
            for warehouse in 0..self.warehouses {
                if rng.chance(80) {
                    let on_hand = *rng.pick(&QUANTITIES) as i64;
                    let reserved = if rng.chance(25) { rng.below(12) as i64 } else { 0 };
                    self.stock.insert((sku.clone(), warehouse), (on_hand, reserved));
                }
            }
        }
    }

    fn add_mappings(&mut self, rng: &mut Rng) {
        for sku in &self.skus {
            for store in 0..self.stores {
                let listings = [0, 1, 1, 1, 2][rng.below(5)];
                for n in 0..listings {
                    self.mappings.push(Mapping {
                        sku: sku.clone(),
                        store,
                        store_sku: format!("{store}:{sku},{n}"),
                        units: [1, 1, 1, 2, 12][rng.below(5)],
                        live: rng.chance(97).then(|| rng.below(50) as i64 - 2),
                    });
                }
            }
        }
    }

    fn glob(&self, rng: &mut Rng) -> Vec<Piece> {
        use Piece::{One, Star, Text};
        let sku = rng.pick(&self.skus).clone();
        let chars: Vec<char> = sku.chars().collect();
        let text = |range: &[char]| Text(range.iter().collect());
        let cut = 1 + rng.below(chars.len() - 1);
        match rng.below(7) {
            0..=2 => vec![Text(sku)],
            3 => vec![text(&chars[..cut]), Star],
            4 => vec![Star, text(&chars[cut..])],
            5 => vec![text(&chars[..cut - 1]), One, text(&chars[cut..])],
            _ => vec![Star, text(&chars[cut - 1..cut]), Star],
        }
    }

    fn list(&self, rng: &mut Rng, allow_all: bool) -> List {
        let item = |rng: &mut Rng| {
            if !self.lists.is_empty() && rng.chance(15) {
                Item::Named(rng.below(self.lists.len()))
            } else {
                Item::Glob(self.glob(rng))
            }
        };
        let items = if allow_all && rng.chance(15) {
            vec![Item::All]
        } else {
            (0..1 + rng.below(5)).map(|_| item(rng)).collect()
        };
        let except = if rng.chance(40) { (0..1 + rng.below(2)).map(|_| item(rng)).collect() } else { vec![] };
        List { items, except }
    }

    fn rule(&self, rng: &mut Rng, number: usize, order: u64) -> Rule {
        let stores = rng.some(&(0..self.stores).collect::<Vec<_>>(), 1, self.stores);
        let threshold = if rng.chance(40) { *rng.pick(&QUANTITIES[..10]) } else { 0 };
        let split = rng.chance(25).then(|| {
            let named = rng.some(&stores, 1, stores.len());
            named.into_iter().map(|store| (store, [0, 1, 1, 2, 3, 7][rng.below(6)])).collect::<Vec<_>>()
        });
        let mut levels = self.levels(rng, 30);
        let mut overrides: BTreeSet<usize> = stores.iter().copied().filter(|_| rng.chance(30)).collect();
        if split.is_some() {
            levels.plus = None;
            levels.floor = None;
            levels.rate = levels.rate.map(|rate| rate.min(10_000));
        }
        let overrides = std::mem::take(&mut overrides).into_iter().map(|store| {
            let own = if split.is_some() {
                Levels { cap: Some(*rng.pick(&QUANTITIES)), ..Levels::default() }
            } else {
                self.levels(rng, 40)
            };
            (store, own)
        });
        let overrides = overrides.collect();
        Rule {
            name: format!("Rule {number} {}", rng.pick(&["α", "b", "say \"hi\"", "back\\slash", "鞋"])),
            off: rng.chance(10),
            order,
            from: rng.chance(20).then(|| rng.below(7) as i64 - 4),
            until: rng.chance(20).then(|| rng.below(7) as i64 + 4 - 6 * i64::from(rng.chance(30))),
            skus: self.list(rng, true),
            warehouses: rng.some(&(0..self.warehouses).collect::<Vec<_>>(), 1, self.warehouses),
            priority: rng.chance(40).then(|| (*rng.pick(&stores), *rng.pick(&QUANTITIES))),
            stores,
            threshold,
            levels,
            split,
            overrides,
        }
        .with_sound_window()
    }

    fn levels(&self, rng: &mut Rng, percent: u64) -> Levels {
        Levels {
            reserve: rng.chance(percent).then(|| *rng.pick(&QUANTITIES[..9])),
            rate: rng.chance(percent + 30).then(|| *rng.pick(&RATES)),
            plus: rng.chance(percent / 3).then(|| *rng.pick(&QUANTITIES)),
            round: rng.chance(percent).then(|| *rng.pick(&["down", "nearest", "up"])),
            floor: rng.chance(percent / 2).then(|| *rng.pick(&QUANTITIES)),
            cap: rng.chance(percent).then(|| *rng.pick(&QUANTITIES)),
        }
    }
}

impl Rule {
    /// A window that ends before it begins is an error, so it gets no end.
    fn with_sound_window(mut self) -> Self {
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until <= from
        {
            self.until = None;
        }
        self
    }
}
