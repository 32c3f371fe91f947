//! A project over real shops, and the program run in it.

use super::built::plugins;
use super::medusa::Medusa;
use super::vendure::{PASSWORD, Vendure};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A project whose merchant SKUs are sold in each of its stores under the same name.
pub struct Project {
    folder: TempDir,
    stores: String,
    names: Vec<&'static str>,
    secrets: Vec<(&'static str, String)>,
}

impl Project {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            stores: String::new(),
            names: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// With a Vendure that is reached at this port.
    pub fn vendure(mut self, shop: &Vendure, port: u16) -> Self {
        self.names.push("vendure");
        self.secrets.push(("VENDURE_KEY", shop.api_key()));
        writeln!(
            self.stores,
            "  vendure: {{ connector: vendure, settings: {{ url: \"http://127.0.0.1:{port}/admin-api\" }}, \
             secrets: {{ api_key: \"env:VENDURE_KEY\" }} }}"
        )
        .unwrap();
        self
    }

    /// With a Vendure into which the program logs in.
    pub fn vendure_login(mut self, port: u16) -> Self {
        self.names.push("vendure");
        self.secrets.push(("VENDURE_PASSWORD", PASSWORD.to_owned()));
        writeln!(
            self.stores,
            "  vendure: {{ connector: vendure, settings: {{ url: \"http://127.0.0.1:{port}/admin-api\" }}, \
             secrets: {{ username: \"file:user\", password: \"env:VENDURE_PASSWORD\" }} }}"
        )
        .unwrap();
        self.write("user", "superadmin\n".to_owned());
        self
    }

    /// With a Medusa that is reached at this port.
    pub fn medusa(mut self, shop: &Medusa, port: u16) -> Self {
        self.names.push("medusa");
        self.secrets.push(("MEDUSA_KEY", shop.key.clone()));
        let location = &shop.location;
        writeln!(
            self.stores,
            "  medusa: {{ connector: medusa, settings: {{ url: \"http://127.0.0.1:{port}\", stock_location: {location} }}, \
             secrets: {{ api_key: \"env:MEDUSA_KEY\" }} }}"
        )
        .unwrap();
        self
    }

    /// Writes the project for these merchant SKUs and their stock.
    pub fn stock(self, stock: &[(String, i64)]) -> Self {
        let stores = &self.stores;
        let yaml = format!(
            "warehouses: [main]\nstores:\n{stores}lint: {{ oversell-risk: allow }}\nguards: {{ to_zero: 100% }}\n"
        );
        self.write("stocksync.yaml", yaml);
        self.write(
            "rules/a.sync",
            "rule \"All\" { order 1 skus all warehouses all stores all }\n".to_owned(),
        );
        let (mut skus, mut mappings) = ("sku,name\n".to_owned(), "sku,store,store_sku\n".to_owned());
        for (sku, _) in stock {
            writeln!(skus, "{sku},{sku}").unwrap();
            self.names.iter().for_each(|store| writeln!(mappings, "{sku},{store},{sku}").unwrap());
        }
        self.write("catalog/skus.csv", skus);
        self.write("catalog/mappings.csv", mappings);
        self.restock(stock);
        self
    }

    /// Changes what the warehouse has.
    pub fn restock(&self, stock: &[(String, i64)]) {
        let mut table = "sku,warehouse,available\n".to_owned();
        stock.iter().for_each(|(sku, units)| writeln!(table, "{sku},main,{units}").unwrap());
        self.write("catalog/stock.csv", table);
    }

    /// With another secret of this name.
    pub fn with_key(mut self, name: &str, value: String) -> Self {
        self.secrets
            .iter_mut()
            .filter(|(of, _)| *of == name)
            .for_each(|(_, secret)| secret.clone_from(&value));
        self
    }

    /// The program, about to run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stocksync"));
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("NO_COLOR", "1").env("STOCKSYNC_PLUGINS", plugins());
        for (name, value) in &self.secrets {
            command.env(name, value);
        }
        command
    }

    fn write(&self, path: &str, text: String) {
        let place = self.folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    /// Runs the program, which ends with this code, and shows no secret.
    #[track_caller]
    pub fn run(&self, code: i32, args: &[&str]) -> String {
        let ran = self.command(args).output().unwrap();
        let [out, err] = [ran.stdout, ran.stderr].map(|said| String::from_utf8(said).unwrap());
        assert_eq!(ran.status.code(), Some(code), "{args:?}\n{out}{err}");
        for (name, value) in &self.secrets {
            assert!(!out.contains(value) && !err.contains(value), "{name} is shown by {args:?}");
        }
        out
    }

    /// What a plan would change: store, store SKU, current, planned.
    #[track_caller]
    pub fn plan(&self) -> Vec<(String, String, i64, i64)> {
        let plan: Value = serde_json::from_str(&self.run(0, &["plan", "--format", "json"])).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let row = |row: &Value| {
            let number = |name: &str| row[name].as_i64().unwrap();
            (text(&row["store"]), text(&row["store_sku"]), number("current"), number("planned"))
        };
        plan["rows"].as_array().unwrap().iter().map(row).collect()
    }

    /// Every status of the records, counted.
    pub fn records(&self, status: &str) -> Vec<Value> {
        let lines = self.run(0, &["records", "--format", "jsonl", "--status", status]);
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
