//! Every request that the connector makes, against the schemas that Shopify publishes.
#![expect(clippy::disallowed_methods, reason = "the schemas are files, and node reads them")]

use super::{items, plain, plugin, shop};
use crate::admin::VERSIONS;
use serde_json::{Value, json};
use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use stocksync_sdk::kit::Run;
use stocksync_sim::memory::shared;
use stocksync_sim::{Marketplace, Now};

const PACKAGES: &[&str] = &["@shopify/dev-mcp@1.16.0", "graphql@16.11.0"];

#[test]
fn every_request_fits_the_published_schemas() {
    let root = match schemas() {
        Ok(root) => root,
        Err(why) => {
            assert!(env::var("STOCKSYNC_REQUIRE").is_err(), "no schemas of Shopify: {why}");
            return eprintln!("skipped: every_request_fits_the_published_schemas: {why}");
        }
    };
    let requests = requests();
    let name = |request: &Value| {
        request["query"].as_str().and_then(|query| query.split([' ', '(']).nth(1).map(str::to_owned))
    };
    let mut names: Vec<String> = requests.iter().filter_map(name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["Check", "Lines", "Listings", "Orders", "Read", "Resolve", "Set"]);
    assert_eq!(faults(&root, &requests), "");
    let broken =
        [json!({ "query": "query Broken($id: ID!) { location(id: $id) { nothing } }", "variables": {} })];
    assert_eq!(faults(&root, &broken).lines().count(), 2 * VERSIONS.len());
}

/// What the connector sends in each of its operations; each document at least once.
fn requests() -> Vec<Value> {
    let (mut world, memory) = shared(shop());
    memory.borrow_mut().market.sell("B", 1, Now(world.now));
    let mut bodies = Vec::new();
    for operation in ["check", "resolve", "read", "write", "listings"] {
        let run = Run::of(plugin(), &mut world, &plain(), operation, &items());
        bodies.extend(run.requests.into_iter().map(|(_, body)| body));
    }
    let run = Run::orders_since(plugin(), &mut world, &plain(), 0);
    bodies.extend(run.requests.into_iter().map(|(_, body)| body));
    let mut requests: Vec<Value> = bodies.iter().map(|body| serde_json::from_slice(body).unwrap()).collect();
    let order = json!({ "order": "gid://shopify/Order/1", "first": 250, "after": "abc" });
    requests.push(json!({ "query": include_str!("../lines.graphql"), "variables": order }));
    requests
}

/// The folder with the schemas, installed where it is not there yet.
fn schemas() -> Result<PathBuf, String> {
    let cache = env::var_os("STOCKSYNC_CACHE").map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache/stocksync"));
    let root = cache
        .or_else(home)
        .ok_or("no cache folder: STOCKSYNC_CACHE and HOME are not set")?
        .join("shopify-1.16.0");
    if root.join("installed").exists() {
        return Ok(root);
    }
    std::fs::create_dir_all(&root).map_err(|why| format!("{}: {why}", root.display()))?;
    let mut npm = Command::new("npm");
    npm.args([
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--omit=optional",
        "--prefix",
    ]);
    let npm =
        npm.arg(&root).args(PACKAGES).stdin(Stdio::null()).output().map_err(|why| format!("npm: {why}"))?;
    if !npm.status.success() {
        return Err(format!("npm: {}", String::from_utf8_lossy(&npm.stderr)));
    }
    std::fs::write(root.join("installed"), "").map_err(|why| why.to_string())?;
    Ok(root)
}

fn faults(root: &Path, requests: &[Value]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/validate.cjs");
    let mut node = Command::new("node");
    let mut node =
        node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let input = json!({ "root": root, "versions": VERSIONS, "requests": requests }).to_string();
    node.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = node.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}
