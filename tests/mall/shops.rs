//! Stores on simulated marketplaces, a project that sells in all of them, and what must hold in the end.

use crate::folder::{Folder, Ran};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use stocksync_sdk::flow::percent;
use stocksync_sim::crypto::base64;
use stocksync_sim::{Listing, Server, Setup, marketplace};

/// A store of the project, and the marketplace behind it.
pub struct Shop {
    pub name: &'static str,
    pub server: Server,
    pub listings: usize,
}

/// A store as the project has it.
pub struct Store {
    pub name: &'static str,
    pub settings: Value,
    /// By name.
    pub secrets: Vec<(String, String)>,
    /// How many of the SKUs it sells, the first ones.
    pub listings: usize,
}

pub fn sku(number: usize) -> String {
    format!("SKU-{number:04}")
}

/// What every listing shows at first: less than any rule gives it.
pub const AT_FIRST: i64 = 3;

/// So many SKUs change in every round of stock, the others in the first alone.
pub const CHANGED: usize = 150;

/// What a rule that takes everything gives, in a round of stock.
pub fn available(number: usize, round: i64) -> i64 {
    let later = if number < CHANGED { round } else { 0 };
    AT_FIRST + 1 + later + (number as i64 * 7) % 50
}

/// Whether a listing is a product of its own. The others are variations, four a product.
pub fn is_alone(number: usize) -> bool {
    number.is_multiple_of(3)
}

impl Shop {
    pub fn start(name: &'static str, listings: usize) -> Self {
        let list = |number: usize| {
            let listing = Listing::new(&sku(number), AT_FIRST);
            if is_alone(number) { listing } else { listing.of(&format!("P-{}", number / 6)) }
        };
        let setup = Setup { listings: (0..listings).map(list).collect(), ..Setup::default() };
        let server = Server::start(marketplace(name, &setup).unwrap()).unwrap();
        Self { name, server, listings }
    }

    pub fn store(&self) -> Store {
        let (settings, secrets) =
            self.server.with(|market, _| (market.settings(&self.server.url()), market.secrets()));
        Store { name: self.name, settings, secrets, listings: self.listings }
    }
}

/// A project of so many SKUs. The secrets stand in files of their own.
pub fn project(stores: &[Store], skus: usize) -> Folder {
    let folder = Folder::shop();
    let mut configured = serde_json::Map::new();
    let mut mappings = "sku,store,store_sku\n".to_owned();
    for store in stores {
        let mut places = serde_json::Map::new();
        for (secret, value) in &store.secrets {
            let place = format!("secrets/{}-{secret}", store.name);
            folder.write(&place, value);
            places.insert(secret.clone(), json!(format!("file:{place}")));
        }
        let config = json!({ "connector": store.name, "settings": store.settings, "secrets": places });
        configured.insert(store.name.to_owned(), config);
        for number in 0..store.listings {
            mappings.push_str(&format!("{},{},{0}\n", sku(number), store.name));
        }
    }
    let config = json!({
        "warehouses": ["main"], "stores": configured, "lint": { "oversell-risk": "allow", "unmapped-store": "allow" },
    });
    folder.write("stocksync.yaml", config.to_string());
    folder.write("catalog/mappings.csv", mappings);
    let rows: String = (0..skus).map(|number| format!("{},\n", sku(number))).collect();
    folder.write("catalog/skus.csv", format!("sku,name\n{rows}"));
    restock(&folder, skus, 0);
    folder
}

/// The stock of a round.
pub fn restock(folder: &Folder, skus: usize, round: i64) {
    let rows: String =
        (0..skus).map(|number| format!("{},main,{}\n", sku(number), available(number, round))).collect();
    folder.write("catalog/stock.csv", format!("sku,warehouse,available\n{rows}"));
}

#[track_caller]
pub fn run(folder: &Folder, code: i32, args: &[&str]) -> Ran {
    let ran = folder.run(args);
    assert_eq!(ran.code, code, "{args:?}\n{}\n{}", ran.out, ran.err);
    ran
}

/// Every listing of every store shows what the rules give.
#[track_caller]
pub fn all_right(shops: &[Shop], round: i64) {
    all_show(shops, |number| available(number, round));
}

/// Every listing of every store shows this.
#[track_caller]
pub fn all_show(shops: &[Shop], units: impl Fn(usize) -> i64) {
    for shop in shops {
        for number in 0..shop.listings {
            let shown = shop.server.with(|market, _| market.quantity(&sku(number)));
            assert_eq!(shown, Some(units(number)), "{} {}", shop.name, sku(number));
        }
    }
}

/// No run before the next one is felt any more: one that begins right after another cannot know what that left it.
pub fn rested(shops: &[Shop]) {
    shops.iter().for_each(|shop| shop.server.with(|market, _| market.rest()));
}

/// By its own count, no store was asked for more than it documents: it had to refuse nothing.
#[track_caller]
pub fn limits_kept(shops: &[Shop]) {
    for shop in shops {
        let refused = shop.server.with(|market, _| market.refused());
        assert_eq!(refused, 0, "{} had to refuse requests", shop.name);
        let throttled = shop.server.log().iter().filter(|entry| entry.status == 429 && !entry.faulty).count();
        assert_eq!(throttled, 0, "{} answered 429", shop.name);
    }
}

/// Everything that ever was a secret of these shops; those that are out of use now are counted.
pub fn secrets(shops: &[Shop]) -> (BTreeSet<String>, usize) {
    let mut all = BTreeSet::new();
    let mut retired = 0;
    for shop in shops {
        let (now, issued) = shop.server.with(|market, _| (market.secrets(), market.issued()));
        retired += issued.iter().filter(|one| now.iter().all(|(_, value)| value != *one)).count();
        // Numbers of shops and the like are no secrets worth a search: they stand in everything by chance.
        all.extend(issued.into_iter().filter(|value| value.len() >= 8));
    }
    (all, retired)
}

/// Every file that the program wrote, and nothing else.
fn written(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // Where secrets are kept they may stand.
            if path.file_name().unwrap() != "secrets" {
                written(&path, found);
            }
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

/// None of the secrets stands in anything that was written or said: as it is, and as it goes into addresses and headers.
#[track_caller]
pub fn no_secret(folder: &Folder, secrets: &BTreeSet<String>, said: &[Ran]) {
    assert!(!secrets.is_empty());
    let mut texts = Vec::new();
    written(folder.path(), &mut texts);
    for ran in said {
        texts.push(("standard output".into(), ran.out.clone().into_bytes()));
        texts.push(("standard error".into(), ran.err.clone().into_bytes()));
    }
    let forms: BTreeSet<String> =
        secrets.iter().flat_map(|one| [one.clone(), percent(one), base64(one.as_bytes())]).collect();
    for (place, text) in texts {
        for secret in &forms {
            assert!(!contains(&text, secret.as_bytes()), "a secret stands in {place}");
        }
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}
