//! A Medusa on a PostgreSQL of its own, and what the tests ask of it.

use super::installed::{files, node_modules};
use super::postgres::Postgres;
use super::process::{Running, done, free_port, run_folder};
use super::web::{ask, try_ask};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A shop. What it is told stays in the database, however its server ends.
pub struct Medusa {
    pub port: u16,
    pub key: String,
    pub location: String,
    sales_channel: String,
    region: String,
    token: String,
    folder: PathBuf,
    running: Option<Running>,
    // The last to end.
    postgres: Postgres,
}

const EMAIL: &str = "admin@shop.test";
const PASSWORD: &str = "m3dusa-passw0rd";
/// Levels of a batch.
const PAGE: usize = 1_000;

impl Medusa {
    /// A shop without products, with one stock location.
    pub fn start() -> Self {
        let postgres = Postgres::start("medusa");
        let folder = run_folder("stocksync-medusa-");
        symlink(node_modules("medusa"), folder.join("node_modules")).unwrap();
        for file in ["medusa-config.js", "package.json"] {
            fs::copy(files("medusa").join(file), folder.join(file)).unwrap();
        }
        fs::create_dir(folder.join("src")).unwrap();
        done(&mut cli(&folder, &postgres, &["db:migrate"]));
        done(&mut cli(&folder, &postgres, &["user", "-e", EMAIL, "-p", PASSWORD]));
        let none = String::new;
        let (key, location, sales_channel, region, token) = (none(), none(), none(), none(), none());
        let mut shop = Self {
            port: free_port(),
            key,
            location,
            sales_channel,
            region,
            token,
            folder,
            running: None,
            postgres,
        };
        shop.start_again();
        shop.set_up();
        shop
    }

    /// Starts its server where it was.
    pub fn start_again(&mut self) {
        let port = self.port.to_string();
        let command = cli(&self.folder, &self.postgres, &["start", "-p", &port, "-H", "127.0.0.1"]);
        let log = self.folder.join("server.log");
        let running = Running::start(&command, Some(&self.folder), &log, None);
        let is_ready = |_: &str| {
            try_ask(self.port, "GET", "/health", &[], None).is_ok_and(|answer| answer.status == 200)
        };
        self.running = Some(running.ready(240, is_ready));
    }

    /// Ends its server as a power cut would.
    pub fn kill(&mut self) {
        self.running.take().unwrap().kill();
    }

    fn set_up(&mut self) {
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        self.token = text(&self.admin("POST", "/auth/user/emailpass", Some(&login))["token"]);
        let key = json!({ "title": "sync", "type": "secret" });
        self.key = text(&self.admin("POST", "/admin/api-keys", Some(&key))["api_key"]["token"]);
        let location = self.admin("POST", "/admin/stock-locations", Some(&json!({ "name": "Singapore" })));
        self.location = text(&location["stock_location"]["id"]);
        let channels = self.admin("GET", "/admin/sales-channels", None);
        self.sales_channel = text(&channels["sales_channels"][0]["id"]);
        let region = json!({ "name": "World", "currency_code": "usd" });
        self.region = text(&self.admin("POST", "/admin/regions", Some(&region))["region"]["id"]);
        let linked = format!("/admin/stock-locations/{}/sales-channels", self.location);
        self.admin("POST", &linked, Some(&json!({ "add": [self.sales_channel] })));
    }

    /// Asks the Admin API as the administrator.
    #[track_caller]
    pub fn admin(&self, method: &str, target: &str, body: Option<&Value>) -> Value {
        let bearer = format!("Bearer {}", self.token);
        let headers: &[(&str, &str)] =
            if self.token.is_empty() { &[] } else { &[("authorization", &bearer)] };
        let answer = ask(self.port, method, target, headers, body);
        assert_eq!(answer.status, 200, "{method} {target}: {}", answer.json);
        answer.json
    }

    /// Makes a product of these variants, by SKU. It is stocked nowhere yet.
    pub fn create(&self, name: &str, skus: &[String]) {
        let values: Vec<String> = (0..skus.len()).map(|number| format!("n{number}")).collect();
        let variant = |(sku, value): (&String, &String)| {
            let prices = json!([{ "currency_code": "usd", "amount": 5 }]);
            json!({ "title": sku, "sku": sku, "options": { "Nr": value }, "prices": prices, "manage_inventory": true })
        };
        let variants: Vec<Value> = skus.iter().zip(&values).map(variant).collect();
        let product = json!({
            "title": name, "status": "published", "sales_channels": [{ "id": self.sales_channel }],
            "options": [{ "title": "Nr", "values": values }], "variants": variants,
        });
        self.admin("POST", "/admin/products", Some(&product));
    }

    /// What is stocked of all that begin with this, by SKU; nothing where it is stocked nowhere.
    pub fn shown(&self, prefix: &str) -> BTreeMap<String, Option<i64>> {
        let items = self.items(prefix).into_iter();
        items
            .map(|item| (text(&item["sku"]), item["location_levels"][0]["stocked_quantity"].as_i64()))
            .collect()
    }

    /// Stocks all that begin with this and show something else.
    pub fn set_all(&self, prefix: &str, units: i64) {
        let (mut create, mut update) = (Vec::new(), Vec::new());
        for item in self.items(prefix) {
            let level = json!({ "inventory_item_id": item["id"], "location_id": self.location, "stocked_quantity": units });
            match item["location_levels"][0]["stocked_quantity"].as_i64() {
                None => create.push(level),
                Some(shown) if shown != units => update.push(level),
                Some(_) => {}
            }
        }
        for (create, update) in create
            .chunks(PAGE)
            .map(|new| (new, &[][..]))
            .chain(update.chunks(PAGE).map(|known| (&[][..], known)))
        {
            let batch = json!({ "create": create, "update": update, "delete": [] });
            self.admin("POST", "/admin/inventory-items/location-levels/batch", Some(&batch));
        }
    }

    /// How many inventory items there are.
    pub fn count(&self) -> usize {
        let page = self.admin("GET", "/admin/inventory-items?fields=id&limit=1", None);
        usize::try_from(page["count"].as_u64().unwrap()).unwrap()
    }

    fn items(&self, prefix: &str) -> Vec<Value> {
        let path = "/admin/inventory-items?fields=id,sku,location_levels.stocked_quantity&limit=10000";
        let all = self.admin("GET", path, None);
        let items = all["inventory_items"].as_array().unwrap().iter();
        items
            .filter(|item| item["sku"].as_str().is_some_and(|sku| sku.starts_with(prefix)))
            .cloned()
            .collect()
    }

    /// Stocked and reserved, by the shop's own word; nothing where it is stocked nowhere.
    #[track_caller]
    pub fn stock(&self, sku: &str) -> Option<(i64, i64)> {
        let level = &self.item(sku)["location_levels"][0];
        Some((level["stocked_quantity"].as_i64()?, level["reserved_quantity"].as_i64()?))
    }

    /// Takes an inventory item away.
    pub fn delete(&self, sku: &str) {
        let id = text(&self.item(sku)["id"]);
        self.admin("DELETE", &format!("/admin/inventory-items/{id}"), None);
    }

    /// Sells so many units: a draft order that becomes one.
    pub fn sell(&self, sku: &str, units: i64) {
        let variants = self.admin("GET", &format!("/admin/product-variants?sku={sku}&fields=id"), None);
        let item = json!({ "variant_id": variants["variants"][0]["id"], "quantity": units });
        let draft = json!({
            "region_id": self.region, "sales_channel_id": self.sales_channel, "email": "a@shop.test", "items": [item],
        });
        let draft = self.admin("POST", "/admin/draft-orders", Some(&draft));
        let id = text(&draft["draft_order"]["id"]);
        self.admin("POST", &format!("/admin/draft-orders/{id}/convert-to-order"), None);
    }

    #[track_caller]
    fn item(&self, sku: &str) -> Value {
        let fields = "id,location_levels.stocked_quantity,location_levels.reserved_quantity";
        let found = self.admin("GET", &format!("/admin/inventory-items?sku={sku}&fields={fields}"), None);
        found["inventory_items"][0].clone()
    }
}

/// Medusa's own program. It is asked to be node itself, so that what is ended is the server.
fn cli(folder: &Path, postgres: &Postgres, args: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.arg("node_modules/@medusajs/cli/cli.js").args(args).current_dir(folder);
    command.env("DATABASE_URL", postgres.url("medusa")).env("NODE_ENV", "development");
    command.env("MEDUSA_DISABLE_TELEMETRY", "true");
    command
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
