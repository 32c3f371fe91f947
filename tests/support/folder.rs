//! A project folder of its own for one test, and the program run in it.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The smallest project without a finding.
const SHOP: &[(&str, &str)] = &[
    (
        "stocksync.yaml",
        "warehouses: [jakarta, batam]\nstores:\n  shopee_id: { connector: csv, settings: { path: stores/shopee_id.csv } }\n  \
         outlet: { connector: csv, settings: { path: stores/outlet.csv } }\nlint: { oversell-risk: allow }\n",
    ),
    ("rules/a.sync", "rule \"All\" { order 1 skus all warehouses all stores all }\n"),
    ("catalog/skus.csv", "sku,name\nA-1,One\nA-2,Two\n"),
    ("catalog/stock.csv", "sku,warehouse,available\nA-1,jakarta,5\nA-2,batam,7\n"),
    (
        "catalog/mappings.csv",
        "sku,store,store_sku\nA-1,shopee_id,S1\nA-2,shopee_id,S2\nA-1,outlet,o/1\nA-2,outlet,o/2\n",
    ),
    ("stores/shopee_id.csv", "store_sku,quantity\nS1,9\nS2,7\n"),
    ("stores/outlet.csv", "store_sku,quantity\no/1,0\no/2,7\n"),
];

/// A folder that goes away with the test.
pub struct Folder(tempfile::TempDir);

/// What a run of the program came to.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Folder {
    /// A sound project of two SKUs and two stores.
    pub fn shop() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (path, text) in SHOP {
            folder.write(path, text);
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders that it lies in.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let place = self.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, bytes).unwrap();
        place
    }

    /// The program, about to run in the folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stocksync"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        command.env_remove("NO_COLOR").env("COLUMNS", "80").env("STOCKSYNC_PLUGINS", crate::built::plugins());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }
}

impl Ran {
    /// A run may say anything but that the program broke.
    #[track_caller]
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ran = Self {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        ran
    }

    /// The findings of `lint --format json`, as `name file:line:column`.
    #[track_caller]
    pub fn findings(&self) -> Vec<String> {
        let report: Value =
            serde_json::from_str(&self.out).unwrap_or_else(|fault| panic!("{fault}: {}", self.err));
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let found = report["diagnostics"].as_array().unwrap().iter().map(|found| {
            let (line, column) = (&found["start"]["line"], &found["start"]["column"]);
            format!("{} {}:{line}:{column}", text(&found["name"]), text(&found["file"]))
        });
        found.collect()
    }
}
