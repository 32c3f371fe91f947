//! One project with nine stores on nine connectors at once: a real Vendure and a real Medusa, and seven simulated marketplaces.
//!
//! What is planned is written, and then nothing is left; no store has to refuse anything, by its own count; every store is asked about as little as its
//! rules allow; and a third of failing answers changes nothing but the time it takes. Where node, npm or PostgreSQL are missing it is skipped by name.
#![cfg(all(feature = "cli", unix))]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "tests work on real folders and processes")]
#![expect(unreachable_pub, dead_code, reason = "the support modules are shared by several tests")]

#[path = "support/built.rs"]
mod built;
#[path = "support/cache.rs"]
mod cache;
#[path = "support/folder.rs"]
mod folder;
#[path = "real/installed.rs"]
mod installed;
#[path = "nine/least.rs"]
mod least;
#[path = "real/medusa.rs"]
mod medusa;
#[path = "real/postgres.rs"]
mod postgres;
#[path = "real/process.rs"]
mod process;
#[path = "mall/shops.rs"]
mod shops;
#[path = "real/tap.rs"]
mod tap;
#[path = "support/tools.rs"]
mod tools;
#[path = "real/vendure.rs"]
mod vendure;
#[path = "real/web.rs"]
mod web;

use folder::{Folder, Ran};
use least::{Asked, least};
use medusa::Medusa;
use serde_json::{Value, json};
use shops::{Shop, Store, all_right, available, limits_kept, no_secret, restock, run, secrets, sku};
use std::any::Any;
use std::collections::BTreeMap;
use stocksync_sim::Faults;
use stocksync_sim::amazon::Amazon;
use tap::Tap;
use vendure::Vendure;

/// Merchant SKUs of the project.
const SKUS: usize = 2000;

/// Vendure takes its time to import a variant.
const VENDURE_SKUS: usize = 1000;

/// The simulated ones, and how many of the SKUs they sell: all, or as many as their limits let be written within a minute.
const SIMULATED: &[(&str, usize)] = &[
    // Twenty listings a search, five searches a second; above 300 changes a feed.
    ("amazon", 400),
    ("lazada", SKUS),
    ("mercadolibre", SKUS),
    // A request for each product with models, ten a second.
    ("shopee", 200),
    // 100 points a second, and three for each listing that is read.
    ("shopify", 500),
    // A request for each product, 36 a second.
    ("tiktok", 1000),
    ("woocommerce", SKUS),
];

/// How many requests the connectors promise to have under way at once.
const AT_ONCE: &[(&str, usize)] = &[
    ("amazon", 3),
    ("lazada", 8),
    ("medusa", 2),
    ("mercadolibre", 4),
    ("shopee", 8),
    ("shopify", 4),
    ("tiktok", 8),
    ("vendure", 2),
    ("woocommerce", 4),
];

/// How long a simulated feed is worked on, in milliseconds. What is asked while a number settles is no matter of batches: here it shows at once.
const FEED_MS: i64 = 3_000;
/// How long a simulated answer takes, in milliseconds, so that requests meet.
const ANSWER_MS: u64 = 5;
/// So many runs end any plan of faults.
const RUNS_MAX: usize = 12;
/// In every request once.
const HEAD: &str = " HTTP/1.1\r\n";

/// The nine.
struct Nine {
    vendure: (Vendure, Tap),
    medusa: (Medusa, Tap),
    simulated: Vec<Shop>,
}

impl Nine {
    fn start() -> Self {
        let products: Vec<(String, i64)> = (0..VENDURE_SKUS).map(|number| (sku(number), 1)).collect();
        let vendure = std::thread::spawn(move || Vendure::start(&products));
        let medusa = Medusa::start();
        let skus: Vec<String> = (0..SKUS).map(sku).collect();
        for (number, part) in skus.chunks(250).enumerate() {
            medusa.create(&format!("Product {number}"), part);
        }
        medusa.stock_all(1);
        let simulated: Vec<Shop> =
            SIMULATED.iter().map(|(name, listings)| Shop::start(name, *listings)).collect();
        for shop in &simulated {
            shop.server.slow(ANSWER_MS);
            shop.server.with(|market, _| {
                let market: &mut dyn Any = market;
                if let Some(amazon) = market.downcast_mut::<Amazon>() {
                    (amazon.feed_ms, amazon.settles_ms) = (FEED_MS, 0);
                }
            });
        }
        let vendure = vendure.join().unwrap();
        let taps = [Tap::before(vendure.port, &[HEAD]), Tap::before(medusa.port, &[HEAD])];
        let [of_vendure, of_medusa] = taps;
        Self { vendure: (vendure, of_vendure), medusa: (medusa, of_medusa), simulated }
    }

    fn stores(&self) -> Vec<Store> {
        let url = |tap: &Tap, path: &str| format!("http://127.0.0.1:{}{path}", tap.port);
        let ((vendure, of_vendure), (medusa, of_medusa)) = (&self.vendure, &self.medusa);
        let key = |value: String| vec![("api_key".to_owned(), value)];
        let vendure = Store {
            name: "vendure",
            settings: json!({ "url": url(of_vendure, "/admin-api") }),
            secrets: key(vendure.api_key()),
            listings: VENDURE_SKUS,
        };
        let medusa = Store {
            name: "medusa",
            settings: json!({ "url": url(of_medusa, ""), "stock_location": medusa.location }),
            secrets: key(medusa.key.clone()),
            listings: SKUS,
        };
        self.simulated.iter().map(Shop::store).chain([vendure, medusa]).collect()
    }

    /// How many requests each store was asked since this was last called.
    fn take(&self) -> BTreeMap<&'static str, usize> {
        let mut asked =
            BTreeMap::from([("vendure", self.vendure.1.take()), ("medusa", self.medusa.1.take())]);
        limits_kept(&self.simulated);
        for shop in &self.simulated {
            asked.insert(shop.name, shop.server.log().len());
            shop.server.forget();
        }
        asked
    }

    /// Every listing shows what the rules give, and no store had to refuse a request.
    #[track_caller]
    fn all_right(&self, round: i64) {
        all_right(&self.simulated, round);
        limits_kept(&self.simulated);
        // The others too, as the plan that follows says.
        for number in (0..SKUS).step_by(97) {
            let (sku, units) = (sku(number), available(number, round));
            if number < VENDURE_SKUS {
                assert_eq!(self.vendure.0.stock(&sku), (units, 0), "vendure {sku}");
            }
            assert_eq!(self.medusa.0.stock(&sku), Some((units, 0)), "medusa {sku}");
        }
        for (name, max) in AT_ONCE {
            let at_once = match *name {
                "vendure" => self.vendure.1.at_once(),
                "medusa" => self.medusa.1.at_once(),
                name => self.simulated.iter().find(|shop| shop.name == name).unwrap().server.at_once(),
            };
            assert!(at_once <= *max, "{name} had {at_once} requests under way at once");
        }
    }
}

/// How much each store was asked, and how little would do; a line ends with `!` where it was asked for more than a tenth above that.
fn frugality(
    what: &str,
    asked: &BTreeMap<&'static str, usize>,
    needed: fn(&Asked) -> usize,
    stores: &[Store],
) -> Vec<String> {
    let line = |store: &Store| {
        let (asked, needed) = (asked[store.name], needed(&least(store.name, store.listings)));
        let mark = if asked * 10 <= needed * 11 { "" } else { " !" };
        format!("{} {what}: {asked} requests, {needed} are needed{mark}", store.name)
    };
    stores.iter().map(line).collect()
}

#[test]
#[ignore = "it takes some minutes: `cargo test --test nine -- --ignored`"]
fn nine_stores_show_what_the_rules_give() {
    if !installed::has("nine_stores_show_what_the_rules_give", true) {
        return;
    }
    let nine = Nine::start();
    let stores = nine.stores();
    let folder = shops::project(&stores, SKUS);
    nine.take();

    let planned = run(&folder, 0, &["plan", "--format", "json", "--record", "tape/plan"]);
    let mut frugal = frugality("plan", &nine.take(), Asked::plan, &stores);
    let plan: Value = serde_json::from_str(&planned.out).unwrap();
    let total: usize = stores.iter().map(|store| store.listings).sum();
    assert_eq!(
        (&plan["summary"]["rows"], &plan["summary"]["problems"]),
        (&json!(total), &json!(0)),
        "{}",
        planned.err
    );

    let synced = run(&folder, 0, &["sync", "--yes", "--record", "tape/sync"]);
    frugal.extend(frugality("sync", &nine.take(), Asked::sync, &stores));
    let again = run(&folder, 0, &["plan", "--exit-code"]);
    frugal.extend(frugality("plan again", &nine.take(), Asked::read, &stores));
    nine.all_right(0);
    assert!(!frugal.iter().any(|line| line.ends_with('!')), "{frugal:#?}");

    let mut said = faults(&nine, &folder);
    nine.all_right(1);
    said.extend([planned, synced, again]);
    let (mut secrets, _) = secrets(&nine.simulated);
    secrets.extend(
        stores
            .into_iter()
            .flat_map(|store| store.secrets)
            .map(|(_, value)| value)
            .filter(|value| value.len() >= 8),
    );
    no_secret(&folder, &secrets, &said);
}

/// New stock, while a third of the simulated answers fail in every way there is.
fn faults(nine: &Nine, folder: &Folder) -> Vec<Ran> {
    restock(folder, SKUS, 1);
    for (seed, shop) in (1..).zip(&nine.simulated) {
        shop.server.misbehave(Faults::all(seed, 3));
    }
    let mut said = Vec::new();
    for _ in 0..RUNS_MAX {
        let ran = folder.run(&["sync", "--yes", "-q"]);
        assert!([0, 2, 6].contains(&ran.code), "{}\n{}", ran.out, ran.err);
        said.push(ran);
        if said.last().is_some_and(|ran| ran.code == 0) {
            break;
        }
    }
    let mut faulty = 0;
    for shop in &nine.simulated {
        let of_shop = shop.server.log().iter().filter(|entry| entry.faulty).count();
        assert!(of_shop > 0, "no answer of {} failed", shop.name);
        faulty += of_shop;
        shop.server.misbehave(Faults::default());
    }
    assert!(faulty >= 100, "only {faulty} answers failed: too few to show anything");
    // What is left after so many faults is written once all answer.
    said.push(folder.run(&["sync", "--yes", "-q"]));
    said.push(run(folder, 0, &["plan", "--exit-code"]));
    said
}
