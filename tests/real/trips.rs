//! What the program does to real shops.

use super::installed::has;
use super::pair::{names, pair, skus, stocked};
use super::process::Running;
use super::project::Project;
use super::tap::Tap;
use super::vendure::Vendure;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Requests that write, by what stands in them.
const MUTATION: &str = "mutation Set";
const LOGIN: &str = "mutation Login";
const BATCH: &str = "POST /admin/inventory-items/location-levels/batch";

fn row(store: &str, sku: &str, current: i64, planned: i64) -> (String, String, i64, i64) {
    (store.to_owned(), sku.to_owned(), current, planned)
}

#[test]
fn two_shops_show_the_same_and_an_order_in_one_lowers_the_other() {
    if !has("two_shops_show_the_same_and_an_order_in_one_lowers_the_other", true) {
        return;
    }
    let pair = pair();
    let (vendure, medusa) = (&pair.vendure, &pair.medusa);
    let mut stock = stocked("TRIP", 4, |number| 10 * number);
    stock[0].1 = 10;
    let project = Project::new().vendure(vendure, vendure.port).medusa(medusa, medusa.port).stock(&stock);
    project.run(0, &["lint"]);
    project.run(0, &["connectors", "check", "vendure"]);
    project.run(0, &["connectors", "check", "medusa"]);
    assert_eq!(project.plan().len(), 8);
    assert_eq!((vendure.stock("TRIP-0001"), medusa.stock("TRIP-0001")), ((1, 0), None), "a plan wrote");

    project.run(0, &["sync", "--yes"]);
    for (sku, units) in &stock {
        assert_eq!((vendure.stock(sku), medusa.stock(sku)), ((*units, 0), Some((*units, 0))), "{sku}");
    }
    assert_eq!(project.plan(), []);

    // Vendure holds its order itself, and must not be told of it; the warehouse has two less.
    vendure.buy("TRIP-0001", 2);
    assert_eq!(vendure.stock("TRIP-0001"), (10, 2));
    stock[1].1 = 8;
    project.restock(&stock);
    assert_eq!(project.plan(), [row("medusa", "TRIP-0001", 10, 8)]);
    project.run(0, &["sync", "--yes"]);
    assert_eq!((vendure.stock("TRIP-0001"), medusa.stock("TRIP-0001")), ((10, 2), Some((8, 0))));

    medusa.sell("TRIP-0002", 3);
    assert_eq!(medusa.stock("TRIP-0002"), Some((20, 3)));
    stock[2].1 = 17;
    project.restock(&stock);
    assert_eq!(project.plan(), [row("vendure", "TRIP-0002", 20, 17)]);
    project.run(0, &["sync", "--yes"]);
    assert_eq!((vendure.stock("TRIP-0002"), medusa.stock("TRIP-0002")), ((17, 0), Some((20, 3))));

    // What is raised is raised above what orders hold.
    stock[1].1 = 50;
    project.restock(&stock);
    project.run(0, &["sync", "--yes"]);
    assert_eq!((vendure.stock("TRIP-0001"), medusa.stock("TRIP-0001")), ((52, 2), Some((50, 0))));
    assert_eq!(project.plan(), []);
}

#[test]
fn orders_that_one_shop_is_asked_for_lower_the_other() {
    if !has("orders_that_one_shop_is_asked_for_lower_the_other", true) {
        return;
    }
    let pair = pair();
    let (vendure, medusa) = (&pair.vendure, &pair.medusa);
    let stock = stocked("ORDER", 3, |number| 10 * (number + 1));
    let project = Project::new().vendure(vendure, vendure.port).medusa(medusa, medusa.port).stock(&stock);
    project.run(0, &["sync", "--yes"]);

    vendure.buy("ORDER-0000", 2);
    medusa.sell("ORDER-0001", 3);
    // Other tests' orders are of listings that this project does not have: they are kept, and do nothing.
    project.run(0, &["orders", "--from", "vendure", "--from", "medusa", "--since", "1h"]);
    let expect = [row("medusa", "ORDER-0000", 10, 8), row("vendure", "ORDER-0001", 20, 17)];
    assert_eq!(project.plan(), expect);
    project.run(0, &["sync", "--yes"]);
    // Each holds its own order itself, and is not told of it.
    assert_eq!((vendure.stock("ORDER-0000"), medusa.stock("ORDER-0000")), ((10, 2), Some((8, 0))));
    assert_eq!((vendure.stock("ORDER-0001"), medusa.stock("ORDER-0001")), ((17, 0), Some((20, 3))));
    project.run(0, &["orders", "--from", "vendure", "--from", "medusa"]);
    assert_eq!(project.plan(), []);
}

#[test]
fn what_dies_on_the_way_costs_only_itself() {
    if !has("what_dies_on_the_way_costs_only_itself", true) {
        return;
    }
    let pair = pair();
    let (vendure, medusa) = (&pair.vendure, &pair.medusa);
    let taps = [Tap::before(vendure.port, &[MUTATION]), Tap::before(medusa.port, &[BATCH])];
    let project =
        Project::new().vendure(vendure, taps[0].port).medusa(medusa, taps[1].port).stock(&skus("DEAD", 4));
    project.run(0, &["sync", "--yes"]);

    project.restock(&stocked("DEAD", 4, |number| 20 + number));
    let held = [taps[0].hold(MUTATION, 1), taps[1].hold(BATCH, 1)];
    let sync =
        project.command(&["sync", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    held.iter().for_each(super::tap::Held::reached);
    vendure.delete("DEAD-0002");
    medusa.delete("DEAD-0001");
    held.into_iter().for_each(super::tap::Held::go_on);
    let ran = sync.wait_with_output().unwrap();
    assert_eq!(ran.status.code(), Some(6), "{}", String::from_utf8_lossy(&ran.stderr));

    for (number, sku) in (0..).zip(names("DEAD", 4)) {
        if number != 2 {
            assert_eq!(vendure.stock(&sku), (20 + number, 0), "{sku}");
        }
        if number != 1 {
            assert_eq!(medusa.stock(&sku), Some((20 + number, 0)), "{sku}");
        }
    }
    let failed = project.records("failed");
    let mut told: Vec<String> = failed
        .iter()
        .map(|record| format!("{} {} {}", record["store"], record["store_sku"], record["detail"]))
        .collect();
    told.sort();
    let expect = [
        r#""medusa" "DEAD-0001" "not-found: the inventory item is gone""#,
        r#""vendure" "DEAD-0002" "not-found: the variant is gone""#,
    ];
    assert_eq!(told, expect);
}

#[test]
fn as_many_as_a_body_holds_and_more() {
    if !has("as_many_as_a_body_holds_and_more", true) {
        return;
    }
    let pair = pair();
    let vendure = &pair.vendure;
    let tap = Tap::before(vendure.port, &[MUTATION]);
    let stock = stocked("SKU", 1_500, |number| 1_000_000_000 + number);
    let project = Project::new().vendure(vendure, tap.port).stock(&stock);
    project.run(0, &["sync", "--yes"]);
    assert_eq!(tap.count(MUTATION), 2);
    assert_eq!(vendure.stock("SKU-0000"), (1_000_000_000, 0));
    assert_eq!(vendure.stock("SKU-1499"), (1_000_001_499, 0));
    assert_eq!(project.plan(), []);
}

#[test]
fn a_login_gives_a_session_that_is_kept() {
    if !has("a_login_gives_a_session_that_is_kept", true) {
        return;
    }
    let pair = pair();
    let tap = Tap::before(pair.vendure.port, &[LOGIN]);
    let project = Project::new().vendure_login(tap.port).stock(&skus("SKU", 3));
    project.run(0, &["connectors", "check", "vendure"]);
    project.run(0, &["sync", "--yes"]);
    assert_eq!(project.plan(), []);
    assert_eq!(tap.count(LOGIN), 1);
}

#[test]
fn a_database_that_outlives_its_server_ends_right() {
    if !has("a_database_that_outlives_its_server_ends_right", true) {
        return;
    }
    let mut pair = pair();
    let medusa = &mut pair.medusa;
    let stock = stocked("SKU", 1_500, |number| 5_000 + number);
    let tap = Tap::before(medusa.port, &[BATCH]);
    let project = Project::new().medusa(medusa, tap.port).stock(&stock);
    killed_in_the_middle(&project, &tap, BATCH, || medusa.kill(), 2);
    medusa.start_again();
    project.run(0, &["sync", "--yes"]);
    assert_eq!(project.plan(), []);
    for (sku, units) in stock.iter().step_by(100) {
        assert_eq!(medusa.stock(sku), Some((*units, 0)), "{sku}");
    }
}

#[test]
fn a_shop_that_forgets_everything_ends_right() {
    if !has("a_shop_that_forgets_everything_ends_right", false) {
        return;
    }
    let mut vendure = Vendure::start(&skus("KILL", 5));
    let tap = Tap::before(vendure.port, &[MUTATION]);
    let stock = stocked("KILL", 5, |number| 7 + number);
    let project = Project::new().vendure(&vendure, tap.port).stock(&stock);
    killed_in_the_middle(&project, &tap, MUTATION, || vendure.kill(), 1);
    vendure.start_again();
    // Its API keys are forgotten too.
    let project = project.with_key("VENDURE_KEY", vendure.api_key());
    project.run(0, &["sync", "--yes"]);
    assert_eq!(project.plan(), []);
    for (sku, units) in &stock {
        assert_eq!(vendure.stock(sku), (*units, 0), "{sku}");
    }
}

/// A sync whose shop dies before its write of this number is answered.
fn killed_in_the_middle(
    project: &Project,
    tap: &Tap,
    mark: &'static str,
    kill: impl FnOnce(),
    number: usize,
) {
    let held = tap.hold(mark, number);
    let sync =
        project.command(&["sync", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    held.reached();
    kill();
    held.go_on();
    let ran = sync.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(6), "{said}");
    assert!(!project.records("unknown").is_empty() || !project.records("failed").is_empty(), "{said}");
}

/// A test that dies leaves no server behind.
#[test]
fn servers_end_with_whoever_holds_them() {
    let folder = super::process::run_folder("stocksync-leash-");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "echo up; sleep 600 & echo $! > pid; wait"]).current_dir(&folder);
    let log = folder.join("log");
    let running = Running::start(&command, Some(&folder), &log, None).ready(20, |said| said.contains("up"));
    let pid = loop {
        let pid = std::fs::read_to_string(folder.join("pid")).unwrap_or_default();
        if pid.ends_with('\n') {
            break pid.trim().to_owned();
        }
    };
    assert!(std::path::Path::new("/proc").join(&pid).exists() || !cfg!(target_os = "linux"));
    drop(running);
    assert!(!folder.exists());
    // It was told to end, and may take a moment on a busy machine.
    let until = Instant::now() + Duration::from_secs(20);
    while std::path::Path::new("/proc").join(&pid).join("exe").exists() {
        assert!(Instant::now() < until, "the server outlives its leash");
        std::thread::yield_now();
    }
}
