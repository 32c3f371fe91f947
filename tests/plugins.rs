//! The host against real libraries: good ones, and those that misbehave on purpose.
#![cfg(feature = "cli")]
#![expect(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use stocksync::shell::locate::{Search, file_name};
use stocksync::shell::lock::Lock;
use stocksync::shell::plugin;
use stocksync::shell::session::Limits;
use stocksync::shell::store::{ItemOutcome, ItemSource, SkuSource, Store, StoreSpec, Webhook, Written};
use stocksync::shell::stores::{open_all, side_by_side};
use stocksync_sdk::message::Request;

const STOCK: &str = "store_sku,quantity,note\nA-1,5,\"a, b\"\nA-2,0,\n";

struct Items(Vec<(&'static str, i64)>);

impl SkuSource for Items {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn store_sku(&self, index: usize) -> &str {
        self.0.get(index).map_or("", |item| item.0)
    }
}

impl ItemSource for Items {
    fn quantity(&self, index: usize) -> i64 {
        self.0.get(index).map_or(0, |item| item.1)
    }
    fn expected(&self, _: usize) -> Option<i64> {
        None
    }
}

fn built() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_path_buf()
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("stores")).unwrap();
    std::fs::write(folder.path().join("stores/outlet.csv"), STOCK).unwrap();
    std::fs::write(folder.path().join("stocksync.yaml"), "rules: rules\n").unwrap();
    folder
}

fn limits() -> Limits {
    Limits { step_ms_max: 1_500, steps_max: 2_000, ..Limits::default() }
}

fn spec(name: &str, connector: &str, settings: Value) -> StoreSpec {
    StoreSpec { name: name.to_owned(), connector: connector.to_owned(), settings, ..StoreSpec::default() }
}

fn csv() -> StoreSpec {
    spec("outlet", "csv", json!({ "path": "stores/outlet.csv" }))
}

fn read(store: &mut Store) -> Result<BTreeMap<String, i64>, String> {
    let mut found = BTreeMap::new();
    let all: &[&str] = &["A-1", "A-2"];
    let result = store.read(all, &mut |sku, quantity| {
        found.insert(sku.to_owned(), quantity);
    });
    result.map(|()| found).map_err(|fault| fault.to_string())
}

/// Looks in these folders, and takes whatever stands there by these names.
fn search(folders: &[PathBuf], locked: &[&str]) -> Search {
    let mut lock = Lock::default();
    for (folder, name) in folders.iter().flat_map(|folder| locked.iter().map(move |name| (folder, name))) {
        if let Ok(library) = std::fs::read(folder.join(file_name(name))) {
            let sha256: String = Sha256::digest(library).iter().map(|byte| format!("{byte:02x}")).collect();
            lock.insert(name, "1.0.0", 1, &sha256);
        }
    }
    Search { folders: folders.to_vec(), lock: Ok(lock) }
}

/// Writes two numbers the way that the connector takes them.
fn write(store: &mut Store) -> Written {
    let items = || Items(vec![("A-1", 7), ("A-2", 8)]);
    if !store.writes_abreast() {
        return store.write(&items(), "key");
    }
    store.prepare(&items()).unwrap();
    let mut writer = store.writer(1).unwrap();
    writer.give(&[(3, items(), "key".to_owned())]);
    let ended = writer.ended(|_| items());
    assert!(writer.ended(|_| items()).is_empty(), "nothing else is under way");
    let Ok([(3, written)]) = <[_; 1]>::try_from(ended) else { panic!("one batch was given") };
    written
}

/// What a misbehaving store says, and that a csv store beside it was read and written meanwhile.
fn beside_csv(folders: &[PathBuf], bad: StoreSpec) -> (String, Vec<ItemOutcome>) {
    let folder = project();
    let opened = open_all(folder.path(), vec![bad, csv()], &search(folders, &["misbehaves"]), limits());
    let mut opened: Vec<_> =
        opened.into_iter().map(|store| store.map_err(|fault| fault.to_string())).collect();
    let results = side_by_side(&mut opened, |store| match store {
        Err(fault) => (fault.clone(), Vec::new()),
        Ok(store) => {
            let fault = read(store).err();
            let written = write(store);
            let fault = fault.or(written.fault.map(|fault| fault.to_string())).unwrap_or_default();
            (fault, written.outcomes)
        }
    });
    let [bad, good] = <[_; 2]>::try_from(results).unwrap();
    assert_eq!(good, (String::new(), vec![ItemOutcome::Sent, ItemOutcome::Sent]));
    let written = std::fs::read_to_string(folder.path().join("stores/outlet.csv")).unwrap();
    assert_eq!(written, "store_sku,quantity,note\nA-1,7,\"a, b\"\nA-2,8,\n");
    assert_eq!(std::fs::read_dir(folder.path().join("stores")).unwrap().count(), 1, "nothing else is left");
    bad
}

#[test]
fn the_csv_connector_reads_and_writes() {
    let folder = project();
    let mut stores = open_all(folder.path(), vec![csv()], &search(&[built()], &[]), limits());
    let mut store = stores.remove(0).unwrap_or_else(|fault| panic!("{fault}"));
    store.check().unwrap();
    assert_eq!(read(&mut store).unwrap(), BTreeMap::from([("A-1".to_owned(), 5), ("A-2".to_owned(), 0)]));
    let written = store.write(&Items(vec![("A-2", 3), ("nope", 1), ("A-1", -1)]), "key");
    assert_eq!(written.fault, None);
    assert!(
        matches!(&written.outcomes[..], [ItemOutcome::Sent, ItemOutcome::Failed(a), ItemOutcome::Failed(b)]
            if a.starts_with("not-found") && b.starts_with("rejected")),
        "{:?}",
        written.outcomes
    );
    assert_eq!(read(&mut store).unwrap().get("A-2"), Some(&3));
}

#[test]
fn more_than_one_page_is_read_and_written() {
    let folder = project();
    let rows: String = (0..150_000).map(|n| format!("S-{n},1\n")).collect();
    std::fs::write(folder.path().join("stores/outlet.csv"), format!("store_sku,quantity\n{rows}")).unwrap();
    let mut store =
        open_all(folder.path(), vec![csv()], &search(&[built()], &[]), Limits::default()).remove(0).unwrap();
    assert_eq!(read(&mut store).unwrap().len(), 150_000);
    let names: Vec<&'static str> = (0..150_000).map(|n| &*format!("S-{n}").leak()).collect();
    let written = store.write(&Items(names.into_iter().map(|name| (name, 9)).collect()), "key");
    assert!(written.outcomes.iter().all(|outcome| *outcome == ItemOutcome::Sent), "{:?}", written.fault);
    assert!(read(&mut store).unwrap().values().all(|quantity| *quantity == 9));
}

/// Modes that are about the answer of a write: an honest read goes before it.
const WRITE_MODES: &[&str] = &[
    "unknown-index",
    "duplicate-index",
    "missing-items",
    "lies-outcome",
    "not-found",
    "secret-echo",
    "escapes-in-text",
    "writes-uncommitted",
];

#[track_caller]
fn check_mode(mode: &str, said: &str, outcome: &str) {
    // A session for the one operation, and one that might be used again.
    for manifest in [json!({}), json!({ "reusable": true })] {
        check_mode_of(mode, &manifest, said, outcome);
    }
}

fn check_mode_of(mode: &str, manifest: &Value, said: &str, outcome: &str) {
    let settings = match WRITE_MODES.contains(&mode) {
        true => json!({ "mode": mode, "only": "write", "manifest": manifest }),
        false => json!({ "mode": mode, "manifest": manifest }),
    };
    let mut bad = spec("shop", "faulty", settings);
    bad.secrets.insert("token".to_owned(), "file:stocksync.yaml".to_owned());
    let (fault, outcomes) = beside_csv(&[built()], bad);
    let prefix = if said.is_empty() { "" } else { "store `shop` (connector `faulty`): " };
    assert!(fault.starts_with(prefix) && fault.contains(said), "{mode}: {fault}");
    assert!(!fault.contains('\n') && !fault.contains("rules: rules"), "{mode}: {fault}");
    let told = outcomes.iter().map(|told| format!("{told:?}")).collect::<Vec<_>>().join(" ");
    assert!(told.contains(outcome) && !told.contains("rules: rules"), "{mode}: {told}");
}

#[test]
fn each_misbehaviour_costs_only_its_store() {
    for (mode, said, outcome) in [
        ("good", "", "Sent Sent"),
        ("panic", "panicked in `step`", "Failed"),
        ("panic-in-open", "panicked in `open`", ""),
        ("refuses-to-open", "this shop is closed", ""),
        ("panic-in-drop", "", "Sent"),
        ("endless-actions", "came to no end within 2000 steps", "Failed"),
        ("endless-rows", "", "Failed"),
        ("endless-waits", "came to no end within 2000 steps", "Failed"),
        ("huge-output", "bytes of bodies", "Failed"),
        ("many-actions", "100000 actions in one step", "Failed"),
        ("unknown-index", "which it was not given", "Failed"),
        ("duplicate-index", "two outcomes", "Failed"),
        ("missing-items", "", "Sent"),
        ("lies-outcome", "unknown outcome 99", "Failed"),
        ("not-found", "", "not-found: no such listing"),
        ("hang", "did not come back from `step` within 1500 ms", "Failed"),
        ("wrong-status", "wrong state in `step`: not now", "Failed"),
        ("never-done", "nothing is under way", "Failed"),
        ("bad-body-range", "named bytes", "Failed"),
        ("writes-uncommitted", "had not committed", "Failed"),
        ("secret-echo", "", "Failed"),
        ("negative-quantity", "", ""),
        ("escapes-in-text", "", "rejected:  [2J  sent"),
    ] {
        check_mode(mode, said, outcome);
    }
}

#[test]
fn nothing_outside_the_project_is_read_or_written() {
    for (mode, said) in [
        ("asks-outside", "`../../etc/passwd` is not inside the project's folder"),
        ("asks-absolute", "`/etc/passwd` is not inside the project's folder"),
        ("writes-outside", "`../outside.csv` is not inside the project's folder"),
        ("writes-absolute", "`/tmp/stocksync-outside.csv` is not inside the project's folder"),
        ("http-elsewhere", "may not reach `elsewhere.example`"),
    ] {
        check_mode(mode, said, "Failed");
    }
    assert!(!Path::new("/tmp/stocksync-outside.csv").exists());
}

#[test]
fn a_store_sku_that_looks_like_a_placeholder_is_not_sent_to_a_host() {
    let specs = vec![spec("shop", "faulty", json!({ "mode": "good" })), csv()];
    let folder = project();
    for (store, sent) in
        open_all(folder.path(), specs, &search(&[built()], &[]), limits()).into_iter().zip([false, true])
    {
        let mut store = store.unwrap_or_else(|fault| panic!("{fault}"));
        let written = store.write(&Items(vec![("A{{secret:token}}", 1), ("A-1", 1)]), "key");
        let ItemOutcome::Failed(why) = &written.outcomes[0] else { panic!("{written:?}") };
        // A connector that reaches no host cannot tell anybody.
        assert_eq!(why.starts_with("not-found"), sent, "{why}");
        assert!(sent || why.contains("is not sent to any host"), "{why}");
        assert_eq!(written.outcomes[1], ItemOutcome::Sent);
    }
}

const ORDER: &str =
    r#"{"id":"e-1","type":"order-placed","order":"7","lines":[{"line":"1","store_sku":"A-1","quantity":2}]}"#;

fn news(orders: &[Value], more: Value) -> (tempfile::TempDir, Store) {
    let folder = project();
    std::fs::write(folder.path().join("token"), "s3cret-of-the-shop").unwrap();
    let mut settings =
        json!({ "mode": "good", "orders": orders, "manifest": { "operations": ["orders", "webhook"] } });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut shop = spec("shop", "faulty", settings);
    shop.secrets.insert("token".to_owned(), "file:token".to_owned());
    let store = open_all(folder.path(), vec![shop], &search(&[built()], &[]), limits()).remove(0).unwrap();
    (folder, store)
}

#[test]
fn orders_are_told_with_the_store_they_are_of() {
    let order: Value = serde_json::from_str(ORDER).unwrap();
    let told = news(std::slice::from_ref(&order), json!({})).1.orders(5).unwrap();
    assert_eq!(
        told,
        [
            json!({ "id": "e-1", "type": "order-placed", "order": "7", "lines": order["lines"], "store": "shop" })
        ]
    );
    for (field, said) in [("id", "an order without `id`"), ("lines", "an order without `lines`")] {
        let mut bad = order.clone();
        bad.as_object_mut().unwrap().remove(field);
        let fault = news(&[bad], json!({})).1.orders(5).unwrap_err();
        assert!(fault.what.contains(said), "{fault}");
    }
    let echo = json!({ "id": "s3cret-of-the-shop", "type": "order-placed", "order": "7", "lines": [] });
    assert_eq!(news(&[echo], json!({})).1.orders(5).unwrap()[0]["id"], "***");
}

#[test]
fn a_webhook_brings_orders_only_where_its_signature_is_right() {
    let order: Value = serde_json::from_str(ORDER).unwrap();
    let request = |sign: Option<&str>| Request {
        method: "POST".to_owned(),
        url: "https://us.example/hook".to_owned(),
        headers: sign.map(|sign| ("x-sign".to_owned(), sign.to_owned())).into_iter().collect(),
    };
    let sign = stocksync_sdk::kit::sign("hmac-sha256", b"s3cret-of-the-shop", b"POST {\xff", "hex").unwrap();
    let (_folder, store) = news(std::slice::from_ref(&order), json!({}));
    let Ok(Webhook::Taken { events, status, body }) = store.webhook(&request(Some(&sign)), b"{\xff") else {
        panic!("it is right");
    };
    assert_eq!((events[0]["store"].as_str(), status, &body[..]), (Some("shop"), 202, &b"thanks"[..]));
    for (sign, body) in [(Some(&*sign), &b"{"[..]), (Some("00"), b"{\xff"), (None, b"{\xff"), (None, b"")] {
        assert_eq!(store.webhook(&request(sign), body).unwrap(), Webhook::Refused, "{sign:?}");
    }
    let (_folder, careless) = news(&[order], json!({ "unsigned": true }));
    let fault = careless.webhook(&request(None), b"").unwrap_err();
    assert!(fault.what.contains("told an order before its webhook was verified"), "{fault}");
    let (_folder, ping) = news(&[], json!({ "unsigned": true }));
    assert!(
        matches!(ping.webhook(&request(None), b""), Ok(Webhook::Taken { events, .. }) if events.is_empty())
    );
}

#[test]
fn settings_and_names_are_checked_before_anything_is_opened() {
    let folder = project();
    let specs = vec![
        spec("a", "csv", json!({ "paht": "x.csv" })),
        spec("b", "nowhere", json!({})),
        spec("c", "../csv", json!({})),
    ];
    let faults: Vec<_> = open_all(folder.path(), specs, &search(&[built()], &[]), limits())
        .into_iter()
        .map(|store| store.map(|_| ()).unwrap_err().to_string())
        .collect();
    let expected =
        ["did you mean `path`", "there is no connector `nowhere`", "is not the name of a connector"];
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.contains(expected), "{fault}");
    }
    assert!(
        faults.iter().any(|fault| fault.contains(&*built().to_string_lossy())),
        "where it looked is told"
    );
}

/// Compiles one of the C libraries; `None` where there is no compiler.
fn compile(folder: &Path, source: &str, connector: &str, define: Option<&str>) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = folder.join(file_name(connector));
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-I"]).arg(root.join("plugins/sdk")).arg("-o").arg(&library);
    cc.args(define.map(|define| format!("-D{define}"))).arg(root.join("plugins/faulty/c").join(source));
    match cc.status() {
        Ok(status) => assert!(status.success(), "{source} {define:?} compiles"),
        Err(error) if std::env::var("STOCKSYNC_REQUIRE").is_ok_and(|all| all == "all") => {
            panic!("cc: {error}")
        }
        Err(error) => {
            use std::io::Write;
            let mut to = std::io::stderr();
            writeln!(to, "skipped {source}: no `cc`: {error}").unwrap();
            return None;
        }
    }
    Some(library)
}

#[test]
fn libraries_that_break_the_abi_are_refused() {
    for (define, said) in [
        ("WRONG_ABI", "speaks ABI version 2"),
        ("SHORT_STRUCT", "a table of 24 bytes"),
        ("NULL_TABLE", "no table of functions"),
        ("NULL_FUNCTIONS", "a missing function"),
        ("NULL_MANIFEST", "no manifest"),
        ("GARBAGE_MANIFEST", "a manifest that cannot be read"),
        ("HUGE_MANIFEST", "no manifest, or one above"),
        ("MISSING_SYMBOL", "does not export"),
        ("UNDEFINED_SYMBOL", "cannot be loaded"),
        ("FROM_THE_FUTURE", ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        if compile(folder.path(), "refused.c", "refused", Some(define)).is_none() {
            return;
        }
        let fault = plugin::open("refused", &search(&[folder.path().to_path_buf()], &["refused"])).err();
        let fault = fault.map(|fault| fault.to_string()).unwrap_or_default();
        assert!(fault.contains(said) && fault.is_empty() == said.is_empty(), "{define}: {fault}");
    }
}

#[test]
fn answers_that_break_the_abi_cost_only_their_store() {
    let folder = tempfile::tempdir().unwrap();
    if compile(folder.path(), "misbehaves.c", "misbehaves", None).is_none() {
        return;
    }
    let folders = [folder.path().to_path_buf(), built()];
    for mode in [
        "garbage-json",
        "bad-utf8",
        "text-not-utf8",
        "ends-beyond",
        "ends-backwards",
        "ends-inside-char",
        "rows-differ",
        "null-column",
        "null-columns",
        "huge-rows",
        "many-columns",
        "short-rows",
        "wrong-kind",
        "unknown-status",
        "panic-status",
        "deep-json",
        "error-not-utf8",
        "null-session",
        "null-buffer",
        "empty-json",
    ] {
        let (fault, outcomes) = beside_csv(&folders, spec("shop", "misbehaves", json!({ "mode": mode })));
        assert!(fault.starts_with("store `shop` (connector `misbehaves`): "), "{mode}: {fault}");
        assert!(outcomes.iter().all(|told| matches!(told, ItemOutcome::Failed(_))), "{mode}: {outcomes:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_are_no_library_of_ours_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let real = std::fs::read(built().join(file_name("csv"))).unwrap();
    let changed = |at: usize, byte: u8| {
        let mut bytes = real.clone();
        bytes[at] = byte;
        bytes
    };
    for (bytes, mode, said) in [
        (b"hello".to_vec(), 0o755, "is not a shared library"),
        (changed(18, 2), 0o755, "for another CPU"),
        (changed(4, 1), 0o755, "for another CPU"),
        (changed(16, 1), 0o755, "not a shared library"),
        (real.clone(), 0o757, "written by everyone"),
        (real.get(..4096).unwrap().to_vec(), 0o755, "is cut off"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file_name("csv"));
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let fault =
            plugin::open("csv", &search(&[folder.path().to_path_buf()], &["csv"])).unwrap_err().to_string();
        assert!(fault.contains(said), "{fault}");
    }
}
