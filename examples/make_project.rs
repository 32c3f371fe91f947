//! Writes a large project: `cargo run --release --example make_project -- DIR [SKUS] [SEED]`.
//!
//! Five warehouses, twelve stores (a CSV file each) and 200 rules, as measured in `benches/README.md`. The stores show what the
//! rules give in nine listings out of ten; rows stand in no order. The same seed gives the same bytes.

#![expect(clippy::disallowed_methods, reason = "a tool writes files")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use stocksync::catalog::{self, Catalog, Inputs, ListingId, Table};
use stocksync::eval::{Bounds, Desired, eval};
use stocksync::rules::StoreId;
use stocksync::source::Sources;
use stocksync::{check, config, syntax};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const WAREHOUSES: [&str; 5] = ["wh-ams", "wh-ber", "wh-lon", "wh-nyc", "wh-sfo"];
const STORES: [&str; 12] = [
    "amazon-de",
    "amazon-uk",
    "amazon-us",
    "bol-nl",
    "ebay-de",
    "ebay-uk",
    "kaufland",
    "otto",
    "shop-eu",
    "shop-us",
    "walmart",
    "zalando",
];
const SIZES: [&str; 6] = ["XS", "S", "M", "L", "XL", "XXL"];
const CATEGORIES: usize = 50;
const BRANDS: usize = 20;

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: make_project DIR [SKUS] [SEED]")?;
    let count: usize = args.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let mut rng = Rng(args.next().map_or(Ok(20_260_511), |text| text.parse())?);
    let folder = Path::new(&folder);
    for inner in ["catalog", "rules", "stores"] {
        fs::create_dir_all(folder.join(inner))?;
    }
    let goods = Goods::new(count, &mut rng);
    write_config(folder)?;
    write_rules(folder, &goods, &mut rng)?;
    write_tables(folder, &goods, &mut rng)?;
    write_stores(folder, &mut rng)
}

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn chance(&mut self, permille: u64) -> bool {
        self.next() % 1000 < permille
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    fn order(&mut self, count: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count as u32).collect();
        self.shuffle(&mut order);
        order
    }

    fn some<'a>(&mut self, of: &[&'a str], least: usize) -> Vec<&'a str> {
        let mut items = of.to_vec();
        self.shuffle(&mut items);
        items.truncate(least + self.below(of.len() - least + 1));
        items
    }
}

/// SKUs like `KAB-QX-0001234-XL`.
struct Goods {
    categories: Vec<String>,
    brands: Vec<String>,
    skus: Vec<String>,
}

impl Goods {
    fn new(count: usize, rng: &mut Rng) -> Self {
        let categories = names(3, CATEGORIES, rng);
        let brands = names(2, BRANDS, rng);
        let numbers = rng.order(count * 3);
        let sku = |number: &u32| {
            let (category, brand) = (rng.below(CATEGORIES), rng.below(BRANDS));
            let (category, brand) = (text(&categories, category), text(&brands, brand));
            format!("{category}-{brand}-{number:07}-{}", rng.pick(&SIZES))
        };
        let skus = numbers.iter().take(count).map(sku).collect();
        Self { categories, brands, skus }
    }

    fn category(&self, at: usize) -> &str {
        text(&self.categories, at)
    }

    fn brand(&self, at: usize) -> &str {
        text(&self.brands, at)
    }
}

fn text_at(of: &[String], rng: &mut Rng) -> String {
    text(of, rng.below(of.len())).to_owned()
}

fn text(of: &[String], at: usize) -> &str {
    of.get(at).map(String::as_str).unwrap_or_default()
}

/// Different names of capital letters.
fn names(length: usize, count: usize, rng: &mut Rng) -> Vec<String> {
    let mut all = std::collections::BTreeSet::new();
    while all.len() < count {
        all.insert((0..length).map(|_| (b'A' + rng.below(26) as u8) as char).collect());
    }
    all.into_iter().collect()
}

fn write_config(folder: &Path) -> Outcome {
    let mut text = format!(
        "timezone: Europe/Berlin\ncatalog:\n  skus: catalog/skus.csv\n  stock: catalog/stock.csv\n  mappings: catalog/mappings.csv\nwarehouses: [{}]\nstores:\n",
        WAREHOUSES.join(", ")
    );
    for store in STORES {
        writeln!(text, "  {store}:\n    connector: csv\n    settings: {{ path: stores/{store}.csv }}")?;
    }
    fs::write(folder.join("stocksync.yaml"), text)?;
    Ok(())
}

/// 50 lists of SKUs, 100 rules of `CAT-BR-*`, 24 of globs with a gap, 25 of `CAT-*`, and one for the rest.
fn write_rules(folder: &Path, goods: &Goods, rng: &mut Rng) -> Outcome {
    let mut text = String::new();
    let mut pairs = rng.order(CATEGORIES * BRANDS).into_iter();
    for rule in 0..200 {
        let patterns: Vec<String> = match rule {
            0..50 => (0..200 + rng.below(400)).map(|_| text_at(&goods.skus, rng)).collect(),
            50..150 => pairs
                .by_ref()
                .take(3 + rule % 2)
                .map(|pair| {
                    format!(
                        "{}-{}-*",
                        goods.category(pair as usize / BRANDS),
                        goods.brand(pair as usize % BRANDS)
                    )
                })
                .collect(),
            150..164 => vec![format!("{}-*-{}", goods.category(rng.below(CATEGORIES)), rng.pick(&SIZES))],
            164..170 => vec![format!("*-{}-*-{}", goods.brand(rng.below(BRANDS)), rng.pick(&SIZES))],
            170..174 => {
                let category = goods.category(rng.below(CATEGORIES));
                let ends = (category.get(..1).unwrap_or("A"), category.get(2..).unwrap_or("A"));
                vec![format!("{}?{}-{}-*", ends.0, ends.1, goods.brand(rng.below(BRANDS)))]
            }
            174..199 => vec![format!("{}-*", goods.category(rule - 174))],
            _ => vec!["*".to_owned()],
        };
        write_rule(&mut text, rule, &patterns, rng)?;
    }
    fs::write(folder.join("rules/all.sync"), text)?;
    Ok(())
}

fn write_rule(text: &mut String, rule: usize, patterns: &[String], rng: &mut Rng) -> Outcome {
    let mut patterns = patterns.to_vec();
    patterns.sort();
    patterns.dedup();
    let stores = if rule == 199 { STORES.to_vec() } else { rng.some(&STORES, 6) };
    let threshold = rng.below(21);
    writeln!(text, "rule \"rule {rule:03}\" {{\n  order {}", (rule + 1) * 10)?;
    writeln!(text, "  skus \"{}\"", patterns.join("\",\n    \""))?;
    writeln!(text, "  warehouses {}\n  stores {}", rng.some(&WAREHOUSES, 1).join(", "), stores.join(", "))?;
    writeln!(
        text,
        "  threshold {threshold}\n  rate {}%",
        rng.pick(&["10", "15", "20", "25", "30", "50", "60", "75", "80", "100"])
    )?;
    if rng.chance(300) {
        writeln!(
            text,
            "  priority store {} below {}",
            rng.pick(&stores),
            threshold.max(1) + 5 + rng.below(55)
        )?;
    }
    writeln!(text, "}}\n")?;
    Ok(())
}

fn create(folder: &Path, name: &str) -> Outcome<BufWriter<fs::File>> {
    Ok(BufWriter::with_capacity(1 << 20, fs::File::create(folder.join(name))?))
}

fn write_tables(folder: &Path, goods: &Goods, rng: &mut Rng) -> Outcome {
    let mut skus = create(folder, "catalog/skus.csv")?;
    writeln!(skus, "sku")?;
    for sku in &goods.skus {
        writeln!(skus, "{sku}")?;
    }
    skus.flush()?;
    let mut stock = create(folder, "catalog/stock.csv")?;
    writeln!(stock, "sku,warehouse,available")?;
    for warehouse in WAREHOUSES {
        for at in rng.order(goods.skus.len()) {
            let available = if rng.chance(300) { 0 } else { 12_000 / (1 + rng.below(1000)) };
            if rng.chance(970) {
                writeln!(stock, "{},{warehouse},{available}", text(&goods.skus, at as usize))?;
            }
        }
    }
    stock.flush()?;
    let mut mappings = create(folder, "catalog/mappings.csv")?;
    writeln!(mappings, "sku,store,store_sku")?;
    for (number, store) in STORES.iter().enumerate() {
        let codes = rng.order(goods.skus.len() * 3);
        for (at, code) in rng.order(goods.skus.len()).into_iter().zip(codes) {
            if rng.chance(800) {
                let sku = text(&goods.skus, at as usize);
                writeln!(mappings, "{sku},{store},{}", store_sku(number, u64::from(code)))?;
            }
        }
    }
    mappings.flush()?;
    Ok(())
}

/// As stores write them: letters and digits, long numbers, or a prefix and a number.
fn store_sku(store: usize, code: u64) -> String {
    match store {
        0..3 => format!("B0{:08X}", (code + (1 << 28)) * 7 % (1 << 32)),
        8 | 9 => (code * 977 + 43_000_000_000_000).to_string(),
        _ => {
            let name = STORES.get(store).and_then(|name| name.get(..2)).unwrap_or_default();
            format!("{}{code:08}", name.to_uppercase())
        }
    }
}

/// The stores show what the rules give, but for one listing in ten; one in 200 is missing.
fn write_stores(folder: &Path, rng: &mut Rng) -> Outcome {
    let (catalog, desired) = plan(folder)?;
    for (number, name) in STORES.iter().enumerate() {
        let mut file = create(folder, &format!("stores/{name}.csv"))?;
        writeln!(file, "store_sku,quantity")?;
        let listings = catalog.listings_of_store(StoreId(number as u16));
        for at in rng.order(listings.len()) {
            let listing = ListingId(listings.start + at);
            let planned = desired.number(listing).map_or(0, |number| number.planned);
            let shown = if rng.chance(100) { planned + 1 + rng.below(19) as u64 } else { planned };
            if !rng.chance(5) {
                writeln!(file, "{},{shown}", catalog.store_sku(listing))?;
            }
        }
        file.flush()?;
    }
    Ok(())
}

fn plan(folder: &Path) -> Outcome<(Catalog, Desired)> {
    let mut sources = Sources::new();
    let mut load =
        |name: &str| fs::read_to_string(folder.join(name)).map(|text| (sources.add(name, ""), text));
    let (file, text) = load("stocksync.yaml")?;
    let (config, mut faults) = config::read(file, &text);
    let (file, text) = load("rules/all.sync")?;
    let (ast, found) = syntax::parse(file, &text);
    faults.extend(found);
    let declared = config.declared();
    let (checked, found) = check::check(&[(file, ast)], &declared);
    faults.extend(found);
    let mut table =
        |name: &str| load(name).map(|(file, text)| Table { file, bytes: text.into_bytes(), modified: None });
    let inputs = Inputs {
        skus: table("catalog/skus.csv")?,
        stock: table("catalog/stock.csv")?,
        mappings: table("catalog/mappings.csv")?,
        bundles: None,
    };
    let (catalog, found) = catalog::read(inputs, &declared, &mut sources);
    faults.extend(found);
    if let Some(fault) = faults.first() {
        return Err(fault.message.clone().into());
    }
    let rules = checked.rule_set().ok_or("the rules are not sound")?;
    let bounds: Vec<Bounds> = Vec::new();
    let desired = eval(rules, &catalog, "2026-05-11T00:00:00Z".parse()?, &bounds);
    Ok((catalog, desired))
}
