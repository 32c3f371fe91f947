//! `connectors new` makes a crate that compiles without a network and passes the contract suite; its library writes a store.

use std::fs;
use std::path::Path;
use std::process::Command;

fn program(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let ran =
        Command::new(env!("CARGO_BIN_EXE_stocksync")).arg("-C").arg(folder).args(arguments).output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

/// Cargo in the new crate, with the versions that this workspace has and a folder of its own for what it builds.
fn cargo(crate_folder: &Path, arguments: &[&str]) {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate_folder).args(arguments).arg("--offline").env_remove("CARGO_MAKEFLAGS");
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-connector"));
    let ran = cargo.output().unwrap_or_else(|why| panic!("cargo: {why}"));
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(ran.status.success(), "{arguments:?}: {said}");
}

#[test]
fn a_new_connector_compiles_and_keeps_the_contract() {
    let (root, folder) = (Path::new(env!("CARGO_MANIFEST_DIR")), tempfile::tempdir().unwrap());
    let sdk = root.join("plugins/sdk");
    let made = program(folder.path(), &["connectors", "new", "my-kiosk", "--sdk", sdk.to_str().unwrap()]);
    assert_eq!(made.0, 0, "{}", made.1);
    let new = folder.path().join("my-kiosk");
    for file in ["Cargo.toml", "src/lib.rs", "src/tests.rs"] {
        assert!(
            !fs::read_to_string(new.join(file)).unwrap().contains("__"),
            "{file} has a place that is not filled"
        );
    }
    fs::copy(root.join("Cargo.lock"), new.join("Cargo.lock")).unwrap();
    cargo(&new, &["test", "--quiet"]);
    cargo(&new, &["build", "--quiet"]);

    let name = stocksync::shell::locate::file_name("my-kiosk");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-connector/debug").join(&name);
    let plugins = folder.path().join("shop/plugins");
    fs::create_dir_all(&plugins).unwrap();
    fs::copy(built, plugins.join(&name)).unwrap();
    let settings = "settings: { url: \"https://shop.example\" }, secrets: { token: \"env:HOME\" }";
    let yaml = format!(
        "warehouses: [main]\nplugins: [plugins]\nstores:\n  a: {{ connector: my-kiosk, {settings} }}\n"
    );
    fs::write(folder.path().join("shop/stocksync.yaml"), yaml).unwrap();
    let shop = folder.path().join("shop");
    assert!(program(&shop, &["connectors", "lock"]).1.contains("my-kiosk 0.1.0  new"));
    let list = program(&shop, &["connectors", "list"]);
    assert!(list.0 == 0 && list.1.contains("my-kiosk 0.1.0  1 stores"), "{}", list.1);
}

#[test]
fn nothing_is_written_over_and_no_odd_name_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    for (name, said) in [("Kiosk", "cannot be the name of a connector"), ("../x", "cannot be the name")] {
        let (code, told) = program(folder.path(), &["connectors", "new", name]);
        assert!(code == 2 && told.contains(said), "{told}");
    }
    let (code, told) = program(folder.path(), &["connectors", "new", "kiosk", "--sdk", "nowhere"]);
    assert!(code == 2 && told.contains("there is no SDK in"), "{told}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(program(folder.path(), &["connectors", "new", "kiosk"]).0, 0);
    let (code, told) = program(folder.path(), &["connectors", "new", "kiosk"]);
    assert!(code == 2 && told.contains("there is a crate in"), "{told}");
}
