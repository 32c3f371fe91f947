//! `stocksync sync` of one number a request, beside a loop over reqwest.

use crate::shop::{PER_SECOND, Shop};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const LISTINGS: usize = 4_000;
const RUNS: usize = 5;

/// Requests side by side.
const AT_ONCE: usize = 16;

pub(crate) fn measure() {
    // The state stands in memory where the system has such a folder.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let shop = Shop::start(LISTINGS);
    project(folder.path(), LISTINGS, &shop.url, "/stock", "");
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    // The first run of each warms up.
    for run in 0..=RUNS {
        sync(folder.path());
        let synced = shop.rate();
        loop_over_reqwest(&shop.url);
        let looped = shop.rate();
        assert_eq!((synced.0, looped.0), (LISTINGS as u64, LISTINGS as u64));
        if run > 0 {
            ours.push(synced.1);
            bare.push(looped.1);
        }
    }
    let (ours, bare) = (median(ours), median(bare));
    println!(
        "requests: {ours:.0} a second, {AT_ONCE} side by side, {:.2} of a bare loop over reqwest ({bare:.0})",
        ours / bare
    );
}

/// A shop that refuses what comes too often.
pub(crate) fn keep_limits() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(LISTINGS);
    let limit = format!(", requests_per_second: {PER_SECOND}");
    project(folder.path(), LISTINGS, &shop.url, "/limited", &limit);
    sync(folder.path());
    let ((count, rate), refused) = (shop.rate(), shop.refused());
    assert_eq!(count, LISTINGS as u64);
    println!(
        "limits: {rate:.1} requests a second of the {PER_SECOND} that are allowed, {:.3} of them; refused: {refused}",
        rate / PER_SECOND as f64
    );
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn project(folder: &Path, listings: usize, url: &str, path: &str, limit: &str) {
    let config = format!(
        r#"warehouses: [w]
stores:
  shop:
    connector: http
    read_before: never
    settings:
      url: {url}
      listings:
        path: /listings
        query: {{ page: "{{page}}" }}
        paging: {{ by: page, total: total }}
        items: variants
        fields: {{ store_sku: sku, quantity: stock, id: id }}
      write:
        method: POST
        path: {path}
        items_max: 1
        body: {{ updates: [{{ variant: "{{id}}", on_hand: "{{quantity}}" }}] }}
        answer: {{ items: results, id: variant, quantity: on_hand }}
      limits: {{ concurrency: {AT_ONCE}{limit} }}
"#
    );
    let (mut skus, mut stock, mut mappings) =
        ("sku\n".to_owned(), "sku,warehouse,available\n".to_owned(), "sku,store,store_sku\n".to_owned());
    for number in 0..listings {
        writeln!(skus, "SKU-{number:06}").unwrap();
        writeln!(stock, "SKU-{number:06},w,50").unwrap();
        writeln!(mappings, "SKU-{number:06},shop,SKU-{number:06}").unwrap();
    }
    let rule = "rule \"all\" {\n  order 1\n  skus all\n  warehouses all\n  stores all\n  rate 100%\n}\n";
    let files = [
        ("stocksync.yaml", config.as_str()),
        ("catalog/skus.csv", &skus),
        ("catalog/stock.csv", &stock),
        ("catalog/mappings.csv", &mappings),
        ("rules/all.sync", rule),
    ];
    for inner in ["catalog", "rules"] {
        fs::create_dir_all(folder.join(inner)).unwrap();
    }
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}

fn sync(folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stocksync"));
    command.arg("-C").arg(folder).args(["sync", "--yes", "--allow", "to_zero"]);
    command
        .env("STOCKSYNC_PLUGINS", std::env::current_exe().unwrap().parent().unwrap())
        .stdout(Stdio::null());
    let status = command.status().unwrap();
    assert!(status.success(), "{status}");
}

/// The same requests without anything else.
fn loop_over_reqwest(url: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (client, next) = (reqwest::Client::new(), Arc::new(AtomicUsize::new(0)));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (client, next, url) = (client.clone(), Arc::clone(&next), format!("{url}/stock"));
                tokio::spawn(async move {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= LISTINGS {
                            return;
                        }
                        let body = format!(r#"{{"updates":[{{"variant":"{number}","on_hand":50}}]}}"#);
                        let request = client.post(&url).header("content-type", "application/json").body(body);
                        let answer = request.send().await.unwrap();
                        answer.bytes().await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
