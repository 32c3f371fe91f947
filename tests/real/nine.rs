//! One project with nine stores on nine connectors at once: a real Vendure and a real Medusa, and seven simulated marketplaces.
//!
//! A plan reads and writes nothing, what is planned is written, and then nothing is left; no store has to refuse anything, by its own count; every store is
//! asked about as little as its rules allow; a third of failing answers, of the real shops too, changes nothing but the time it takes; and no secret is left anywhere.

#[path = "nine/least.rs"]
mod least;
#[path = "nine/relay.rs"]
mod relay;

use super::folder::{Folder, Ran};
use super::installed;
use super::pair::{MEDUSA_SKUS, Pair, pair};
use super::shops::{
    self, AT_FIRST, Shop, Store, all_show, available, limits_kept, no_secret, rested, restock, run, sku,
};
use least::{Asked, least};
use relay::Relay;
use serde_json::{Value, json};
use std::any::Any;
use std::collections::BTreeMap;
use stocksync_sim::amazon::Amazon;
use stocksync_sim::http::Response;
use stocksync_sim::{Faults, Server};

/// Merchant SKUs of the project.
const SKUS: usize = 2000;

/// So many of them a real Vendure sells: it takes ten milliseconds and more to change a variant, and the host waits half a minute for an answer.
const VENDURE_SKUS: usize = 300;

/// The first shops are real.
const REAL: usize = 2;

/// The simulated ones, and how many of the SKUs they sell: all, or as many as their limits let be written within a minute.
const SIMULATED: &[(&str, usize)] = &[
    // Twenty listings a search, five searches a second; above 300 changes a feed.
    ("amazon", 400),
    ("lazada", SKUS),
    ("mercadolibre", SKUS),
    // A request for each product with models, ten a second.
    ("shopee", 200),
    // 100 points a second, and three for each listing that is read.
    ("shopify", 250),
    // A request for each product, 36 a second.
    ("tiktok", 1000),
    ("woocommerce", SKUS),
];

/// How many requests the connectors promise to have under way at once, in the order of the stores.
const AT_ONCE: &[(&str, usize)] = &[
    ("vendure", 2),
    ("medusa", 2),
    ("amazon", 3),
    ("lazada", 8),
    ("mercadolibre", 4),
    ("shopee", 8),
    ("shopify", 4),
    ("tiktok", 8),
    ("woocommerce", 4),
];

/// How long a simulated feed is worked on, in milliseconds. What is asked while a number settles is no matter of batches: here it shows at once.
const FEED_MS: i64 = 3_000;
/// How long an answer takes at least, in milliseconds, so that requests meet.
const ANSWER_MS: u64 = 5;
/// So many runs end any plan of faults.
const RUNS_MAX: usize = 12;

/// The nine.
struct Nine<'a> {
    pair: &'a Pair,
    /// Behind servers that count: the real ones first.
    shops: Vec<Shop>,
}

impl<'a> Nine<'a> {
    fn start(pair: &'a Pair) -> Self {
        pair.vendure.set_all("SKU-", VENDURE_SKUS, AT_FIRST);
        pair.medusa.set_all("SKU-", AT_FIRST);
        let simulated = SIMULATED.iter().map(|(name, listings)| Shop::start(name, *listings));
        let shops: Vec<Shop> = real(pair).into_iter().chain(simulated).collect();
        for shop in &shops {
            shop.server.slow(ANSWER_MS);
            shop.server.with(|market, _| {
                let market: &mut dyn Any = market;
                if let Some(amazon) = market.downcast_mut::<Amazon>() {
                    (amazon.feed_ms, amazon.settles_ms) = (FEED_MS, 0);
                }
            });
        }
        Self { pair, shops }
    }

    /// How many requests each store was asked since this was last called. They rest behind it: one run has ended, another begins.
    fn take(&self) -> BTreeMap<&'static str, usize> {
        limits_kept(&self.shops);
        let asked = self.shops.iter().map(|shop| (shop.name, shop.server.log().len())).collect();
        self.shops.iter().for_each(|shop| shop.server.forget());
        rested(&self.shops);
        asked
    }

    /// Every listing shows this, by its store's own word.
    #[track_caller]
    fn show(&self, units: impl Fn(usize) -> i64) {
        all_show(&self.shops[REAL..], &units);
        let (vendure, medusa) = (self.pair.vendure.shown("SKU-"), self.pair.medusa.shown("SKU-"));
        for number in 0..MEDUSA_SKUS {
            let (sku, units) = (sku(number), units(number));
            if number < VENDURE_SKUS {
                assert_eq!(vendure[&sku], units, "vendure {sku}");
            }
            assert_eq!(medusa[&sku], Some(units), "medusa {sku}");
        }
    }

    /// No store had to refuse a request, or had more of them under way at once than its connector promises.
    #[track_caller]
    fn limits_kept(&self) {
        limits_kept(&self.shops);
        for (shop, (name, max)) in self.shops.iter().zip(AT_ONCE) {
            let at_once = shop.server.at_once();
            assert!(shop.name == *name && at_once <= *max, "{name} had {at_once} requests under way at once");
        }
    }
}

/// The real shops, each behind a server that counts.
fn real(pair: &Pair) -> [Shop; REAL] {
    let vendure = Relay {
        name: "vendure",
        port: pair.vendure.port,
        folder: "/admin-api",
        settings: json!({}),
        api_key: pair.vendure.api_key(),
        broken: Response::json(
            200,
            &json!({ "errors": [{ "message": "Internal server error", "extensions": { "code": "INTERNAL_SERVER_ERROR" } }], "data": null }),
        ),
        refused: 0,
    };
    let medusa = Relay {
        name: "medusa",
        port: pair.medusa.port,
        folder: "",
        settings: json!({ "stock_location": pair.medusa.location }),
        api_key: pair.medusa.key.clone(),
        broken: Response::json(
            500,
            &json!({ "code": "unknown_error", "type": "unknown_error", "message": "An unknown error occurred." }),
        ),
        refused: 0,
    };
    [(vendure, VENDURE_SKUS), (medusa, MEDUSA_SKUS)].map(|(relay, listings)| Shop {
        name: relay.name,
        server: Server::start(Box::new(relay)).unwrap(),
        listings,
    })
}

/// How much each store was asked, and how little would do; a line ends with `!` where it was asked for more than a tenth above that.
fn frugality(
    what: &str,
    asked: &BTreeMap<&'static str, usize>,
    needed: fn(&Asked) -> usize,
    least: &[(&'static str, Asked)],
) -> Vec<String> {
    let line = |(name, least): &(&'static str, Asked)| {
        let (asked, needed) = (asked[name], needed(least));
        let mark = if asked * 10 <= needed * 11 { "" } else { " !" };
        format!("{name} {what}: {asked} requests, {needed} are needed{mark}")
    };
    least.iter().map(line).collect()
}

#[test]
#[ignore = "it takes minutes: `cargo test --test real nine -- --ignored`"]
fn nine_stores_show_what_the_rules_give() {
    if !installed::has("nine_stores_show_what_the_rules_give", true) {
        return;
    }
    let pair = pair();
    let nine = Nine::start(&pair);
    let stores: Vec<Store> = nine.shops.iter().map(Shop::store).collect();
    let in_medusa = pair.medusa.count();
    let least: Vec<_> =
        stores.iter().map(|store| (store.name, least(store.name, store.listings, in_medusa))).collect();
    let folder = shops::project(&stores, SKUS);

    let planned = run(&folder, 0, &["plan", "-v", "--format", "json", "--record", "tape/plan"]);
    let mut frugal = frugality("plan", &nine.take(), Asked::plan, &least);
    let plan: Value = serde_json::from_str(&planned.out).unwrap();
    let total: usize = stores.iter().map(|store| store.listings).sum();
    assert_eq!(
        (&plan["summary"]["rows"], &plan["summary"]["problems"]),
        (&json!(total), &json!(0)),
        "{}",
        planned.err
    );
    nine.show(|_| AT_FIRST);

    let synced = run(&folder, 0, &["sync", "--yes", "-v", "--record", "tape/sync"]);
    frugal.extend(frugality("sync", &nine.take(), Asked::sync, &least));
    let again = run(&folder, 0, &["plan", "--exit-code"]);
    frugal.extend(frugality("plan again", &nine.take(), Asked::read, &least));
    nine.show(|number| available(number, 0));
    nine.limits_kept();
    assert!(!frugal.iter().any(|line| line.ends_with('!')), "{frugal:#?}");

    let mut said = faults(&nine, &folder);
    nine.show(|number| available(number, 1));
    nine.limits_kept();
    let records = run(&folder, 0, &["records", "--format", "jsonl", "--export", "records.csv"]);
    said.extend([planned, synced, again, records]);
    no_secret(&folder, &shops::secrets(&nine.shops).0, &said);
}

/// New stock, while a third of all answers fail in every way there is.
fn faults(nine: &Nine<'_>, folder: &Folder) -> Vec<Ran> {
    restock(folder, SKUS, 1);
    for (seed, shop) in (1..).zip(&nine.shops) {
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
    for shop in &nine.shops {
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
