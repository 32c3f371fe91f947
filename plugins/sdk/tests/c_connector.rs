//! The connector in plain C, built with `cc` and opened as a library, keeps the contract.
#![expect(clippy::disallowed_methods, unsafe_code, reason = "a library is opened by hand")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use serde_json::json;
use std::path::Path;
use std::process::Command;
use stocksync_sdk::abi::{self, ConnectorV1};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::kit::{Case, Item, Run, World, contract};

fn compile(source: &str) -> Option<RawPlugin> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("connector.so");
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I"]).arg(root);
    match cc.arg("-o").arg(&library).arg(root.join(source)).status() {
        Ok(status) => assert!(status.success(), "`cc` failed"),
        Err(why) if std::env::var("STOCKSYNC_REQUIRE").is_ok_and(|all| all == "all") => {
            panic!("no `cc`: {why}")
        }
        Err(why) => {
            eprintln!("SKIPPED: the connector in C was not tested, there is no `cc`: {why}");
            return None;
        }
    }
    // SAFETY: it is our own, and has no constructors; it is never unloaded.
    unsafe {
        let library = Box::leak(Box::new(libloading::Library::new(&library).unwrap()));
        let get = library.get::<unsafe extern "C" fn() -> *const ConnectorV1>(abi::SYMBOL).unwrap();
        Some(RawPlugin::new(get()).unwrap())
    }
}

fn world() -> World {
    World::new().file("ledger.txt", "AB-1,5\r\n\r\nก \"x\",007\nlast,-2".as_bytes())
}

#[test]
fn the_ledger_keeps_the_contract() {
    let Some(plugin) = compile("c/ledger.c") else { return };
    let items = vec![Item::new("AB-1", 12_345), Item::new("ก \"x\"", 0), Item::new("last", 1)];
    let case = Case::new(plugin, world, items).settings(json!({ "path": "ledger.txt" }));
    assert_eq!(contract(&case), [""; 0]);

    let mut world = world();
    let run = Run::of(plugin, &mut world, &case.settings, "write", &case.items);
    assert_eq!((run.end, run.commits), (Some(Ok(())), 1));
    let after = world.files.get("ledger.txt").map(|file| String::from_utf8_lossy(file));
    assert_eq!(after.as_deref(), Some("AB-1,12345\r\n\r\nก \"x\",0\nlast,1"));

    let mut world = World::new().file("ledger.txt", b"a,1\nb,2\na,3\n");
    let run = Run::of(plugin, &mut world, &case.settings, "read", &[]);
    assert_eq!(run.end, Some(Err("`ledger.txt`: the SKU of line 3 stands on line 1 too".to_owned())));
}
