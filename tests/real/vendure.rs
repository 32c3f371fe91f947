//! A Vendure in memory, and what the tests ask of it.

use super::installed::{files, node_modules};
use super::process::{Running, free_port, run_folder};
use super::web::{Answer, ask};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

pub const PASSWORD: &str = "v3ndure-passw0rd";
/// Variants of a page of a list, or of a change.
const PAGE: usize = 500;

/// A shop that forgets everything when it ends.
pub struct Vendure {
    pub port: u16,
    folder: PathBuf,
    running: Option<Running>,
    session: String,
}

impl Vendure {
    /// A shop with these products: SKU, stock on hand.
    pub fn start(products: &[(String, i64)]) -> Self {
        let folder = run_folder("stocksync-vendure-");
        symlink(node_modules("vendure"), folder.join("node_modules")).unwrap();
        for file in ["server.cjs", "initial-data.cjs"] {
            fs::copy(files("vendure").join(file), folder.join(file)).unwrap();
        }
        fs::write(folder.join("products.csv"), table(products)).unwrap();
        let mut shop = Self { port: free_port(), folder, running: None, session: String::new() };
        shop.start_again();
        shop
    }

    /// Starts it where it was, with the products of its beginning.
    pub fn start_again(&mut self) {
        let mut command = Command::new("node");
        command.arg("server.cjs").current_dir(&self.folder);
        command.env("VENDURE_PORT", self.port.to_string()).env("VENDURE_PASSWORD", PASSWORD);
        command.env("VENDURE_PRODUCTS", self.folder.join("products.csv"));
        command.env("VENDURE_DISABLE_TELEMETRY", "true");
        let running = Running::start(&command, Some(&self.folder), &self.folder.join("server.log"), None);
        self.running = Some(running.ready(480, |said| said.contains("READY")));
        let login =
            format!(r#"mutation{{login(username:"superadmin",password:"{PASSWORD}"){{__typename}}}}"#);
        self.session = token(&self.send("/admin-api", &login, &json!({}), "")).unwrap();
    }

    /// Ends it as a power cut would; its folder stays for another start.
    pub fn kill(&mut self) {
        self.running.take().unwrap().kill();
    }

    /// Asks the Admin API.
    #[track_caller]
    pub fn admin(&self, document: &str, variables: &Value) -> Value {
        data(self.send("/admin-api", document, variables, &self.session))
    }

    /// An API key of an administrator.
    pub fn api_key(&self) -> String {
        let made = self.admin(
            r#"mutation{createApiKey(input:{roleIds:["1"],translations:[{languageCode:en,name:"sync"}]}){apiKey}}"#,
            &json!({}),
        );
        made["createApiKey"]["apiKey"].as_str().unwrap().to_owned()
    }

    /// Stock on hand and allocated, by the shop's own word.
    #[track_caller]
    pub fn stock(&self, sku: &str) -> (i64, i64) {
        let variant = self.variant(sku);
        let level = &variant["stockLevels"][0];
        (level["stockOnHand"].as_i64().unwrap(), level["stockAllocated"].as_i64().unwrap())
    }

    /// Stock on hand of all that begin with this, by SKU.
    pub fn shown(&self, prefix: &str) -> BTreeMap<String, i64> {
        let levels = self.levels(prefix).into_iter();
        levels.map(|(sku, _, units)| (sku, units)).collect()
    }

    /// Sets the stock on hand of the first so many that begin with this, where they show something else.
    pub fn set_all(&self, prefix: &str, count: usize, units: i64) {
        let others = self.levels(prefix).into_iter().take(count).filter(|(_, _, shown)| *shown != units);
        let inputs: Vec<Value> = others.map(|(_, id, _)| json!({ "id": id, "stockOnHand": units })).collect();
        for part in inputs.chunks(PAGE) {
            let set = "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id}}";
            self.admin(set, &json!({ "i": part }));
        }
    }

    /// SKU, id and stock on hand.
    fn levels(&self, prefix: &str) -> Vec<(String, Value, i64)> {
        let mut found = Vec::new();
        loop {
            let page = self.admin(
                "query($s:String!,$n:Int!,$skip:Int!){productVariants(options:{filter:{sku:{contains:$s}},take:$n,skip:$skip,sort:{id:ASC}}){items{id sku stockLevels{stockOnHand}}}}",
                &json!({ "s": prefix, "n": PAGE, "skip": found.len() }),
            );
            let items = page["productVariants"]["items"].as_array().unwrap();
            found.extend(items.iter().map(|item| {
                let units = item["stockLevels"][0]["stockOnHand"].as_i64().unwrap();
                (item["sku"].as_str().unwrap().to_owned(), item["id"].clone(), units)
            }));
            if items.len() < PAGE {
                return found;
            }
        }
    }

    /// Takes a variant away.
    pub fn delete(&self, sku: &str) {
        let id = self.variant(sku)["id"].clone();
        self.admin("mutation($id:ID!){deleteProductVariant(id:$id){result}}", &json!({ "id": id }));
    }

    /// Buys so many units: a whole checkout, paid.
    pub fn buy(&self, sku: &str, units: i64) {
        let id = self.variant(sku)["id"].clone();
        let shop = |document: &str, variables: Value, session: &str| {
            let answer = self.send("/shop-api", document, &variables, session);
            let session = token(&answer).unwrap_or_else(|| session.to_owned());
            (data(answer), session)
        };
        let (_, session) = shop(
            "mutation($id:ID!,$n:Int!){addItemToOrder(productVariantId:$id,quantity:$n){__typename ... on ErrorResult{message}}}",
            json!({ "id": id, "n": units }),
            "",
        );
        let steps = [
            r#"mutation{setCustomerForOrder(input:{firstName:"A",lastName:"B",emailAddress:"a@shop.test"}){__typename ... on ErrorResult{message}}}"#,
            r#"mutation{setOrderShippingAddress(input:{streetLine1:"1",countryCode:"SG",postalCode:"1"}){__typename ... on ErrorResult{message}}}"#,
            r#"mutation{setOrderShippingMethod(shippingMethodId:["1"]){__typename ... on ErrorResult{message}}}"#,
            r#"mutation{transitionOrderToState(state:"ArrangingPayment"){__typename ... on OrderStateTransitionError{message transitionError}}}"#,
            r#"mutation{addPaymentToOrder(input:{method:"standard-payment",metadata:{}}){__typename ... on Order{state} ... on ErrorResult{message}}}"#,
        ];
        for step in steps {
            let (answer, _) = shop(step, json!({}), &session);
            let kind = answer
                .as_object()
                .and_then(|fields| fields.values().next())
                .map(|field| &field["__typename"]);
            assert_eq!(kind, Some(&json!("Order")), "{answer}");
        }
    }

    #[track_caller]
    fn variant(&self, sku: &str) -> Value {
        let found = self.admin(
            "query($sku:String!){productVariants(options:{filter:{sku:{eq:$sku}}}){items{id stockLevels{stockOnHand stockAllocated}}}}",
            &json!({ "sku": sku }),
        );
        found["productVariants"]["items"][0].clone()
    }

    fn send(&self, path: &str, document: &str, variables: &Value, session: &str) -> Answer {
        let bearer = format!("Bearer {session}");
        let headers: &[(&str, &str)] = if session.is_empty() { &[] } else { &[("authorization", &bearer)] };
        ask(self.port, "POST", path, headers, Some(&json!({ "query": document, "variables": variables })))
    }
}

fn token(answer: &Answer) -> Option<String> {
    answer.headers.iter().find(|(name, _)| name == "vendure-auth-token").map(|(_, token)| token.clone())
}

#[track_caller]
fn data(answer: Answer) -> Value {
    assert!(answer.status == 200 && answer.json["errors"].is_null(), "{} {}", answer.status, answer.json);
    answer.json["data"].clone()
}

/// Products as Vendure imports them: variants of one product, fifty by fifty.
fn table(products: &[(String, i64)]) -> String {
    let mut table =
        "name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,\
                     trackInventory,variantAssets,variantFacets\n"
            .to_owned();
    for (number, part) in products.chunks(50).enumerate() {
        for (row, (sku, stock)) in part.iter().enumerate() {
            let product = if row == 0 {
                format!("Product {number},product-{number},,,,nr")
            } else {
                ",,,,,".to_owned()
            };
            writeln!(table, "{product},v{row},{sku},1.00,standard,{stock},true,,").unwrap();
        }
    }
    table
}
