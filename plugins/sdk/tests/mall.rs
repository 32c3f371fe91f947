//! The contract suite on a marketplace with all that one may have: addresses, parents that go whole, tokens that end, tickets, throttling in
//! a 200, webhooks; its connector right, and with one bug each.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::abi::column_id::{ADDRESS, PARENT, QUANTITY, STORE_SKU};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::{Ended, Flow, Item, Job, Link, Request, Response, Shop, Verdict};
use stocksync_sdk::kit::{self, Case, Reply, Run, Webhook, World, contract};
use stocksync_sdk::message::{self, Batch, Http, Manifest, OpenConfig, ReadKind, SaveSecret, Sign, Verify};
use stocksync_sdk::{Page, TextColumn};

const NONE: u8 = 0;
const REFRESHES_FOR_EVER: u8 = 1;
const GIVES_UP_WHEN_THROTTLED: u8 = 2;
const BELIEVES_ANY_200: u8 = 3;
const BELIEVES_ANY_WEBHOOK: u8 = 4;
const SENDS_PART_OF_A_PARENT: u8 = 5;
const FORGETS_ADDRESSES: u8 = 6;

#[derive(Debug)]
struct Mall<const BUG: u8>;

impl<const BUG: u8> Shop for Mall<BUG> {
    fn manifest() -> Manifest {
        let batch = Batch {
            items_max: 2,
            group_by: Some("parent".to_owned()),
            whole_groups: true,
            ..Batch::default()
        };
        let operations = ["check", "resolve", "read", "write", "poll", "orders", "webhook"];
        Manifest { batch, read: ReadKind::Some, ..Manifest::new("mall", "1.0.0", &operations) }
    }

    fn open(_: OpenConfig) -> Result<Self, String> {
        Ok(Self)
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let ids = |items: &[Item]| items.iter().map(|item| item.address.clone()).collect::<Vec<_>>();
        match job.operation.as_str() {
            "check" => ask::<BUG>(&link, "check", json!(null)).await.map(drop),
            "resolve" => {
                let skus: Vec<&str> = job.items.iter().map(|item| item.store_sku.as_str()).collect();
                let mut columns = [TextColumn::new(), TextColumn::new(), TextColumn::new()];
                let found = rows(&ask::<BUG>(&link, "find", json!(skus)).await?);
                // What nobody asked for is nobody's business.
                let asked = |row: &&Value| row["sku"].as_str().is_some_and(|sku| skus.contains(&sku));
                for row in found.iter().filter(asked).filter(|row| row["id"].is_string()) {
                    for (column, field) in columns.iter_mut().zip(["sku", "id", "parent"]) {
                        column.push(row[field].as_str().unwrap_or_default());
                    }
                }
                let [skus, ids, parents] = columns;
                link.page(Page::new().texts(STORE_SKU, skus).texts(ADDRESS, ids).texts(PARENT, parents));
                Ok(())
            }
            "read" => {
                let answer = ask::<BUG>(&link, "stock", json!(ids(&job.items))).await?;
                let (mut skus, mut numbers) = (TextColumn::new(), Vec::new());
                for row in rows(&answer) {
                    let item = job.items.iter().find(|item| row["id"] == item.address.as_str());
                    if let (Some(item), Some(number)) = (item, row["n"].as_i64()) {
                        skus.push(&item.store_sku);
                        numbers.push(number);
                    }
                }
                link.page(Page::new().texts(STORE_SKU, skus).i64s(QUANTITY, &numbers));
                Ok(())
            }
            "write" => write::<BUG>(&job.items, &link).await,
            "poll" => {
                let answer = ask::<BUG>(&link, "stock", json!(ids(&job.items))).await?;
                for item in &job.items {
                    let row = rows(&answer).into_iter().find(|row| row["id"] == item.address.as_str());
                    link.tell(
                        item,
                        match row.and_then(|row| row["n"].as_i64()) {
                            Some(number) if number == item.quantity => Verdict::Sent,
                            Some(_) => Verdict::Accepted(item.ticket.clone()),
                            None => Verdict::Failed("not-found: it is gone".to_owned()),
                        },
                    );
                }
                Ok(())
            }
            "orders" => {
                link.order(
                    json!({ "id": "1", "type": "order-placed", "order": "7", "lines": [], "since": job.since }),
                );
                Ok(())
            }
            _ => {
                let expected = job.request.header("x-sign").unwrap_or_default().to_owned();
                let (alg, key) = ("hmac-sha256".to_owned(), "{{secret:key}}".to_owned());
                let (text, encoding) = ("{{body}}".to_owned(), "base64".to_owned());
                if BUG != BELIEVES_ANY_WEBHOOK {
                    link.verify(Verify { id: 0, alg, key, text, encoding, expected }).await;
                }
                link.order(json!({ "id": "1", "type": "order-placed", "order": "7", "lines": [] }));
                Ok(())
            }
        }
    }
}

async fn write<const BUG: u8>(items: &[Item], link: &Link) -> Result<(), Ended> {
    let some = if BUG == SENDS_PART_OF_A_PARENT { &items[..1] } else { items };
    let wanted: Vec<Value> =
        some.iter().map(|item| json!({ "id": item.address, "n": item.quantity })).collect();
    let answer = ask::<BUG>(link, "write", json!(wanted)).await?;
    for item in items {
        let row = rows(&answer).into_iter().find(|row| row["id"] == item.address.as_str());
        let ticket = row.as_ref().and_then(|row| row["ticket"].as_str().map(str::to_owned));
        link.tell(
            item,
            match (ticket, row) {
                _ if BUG == BELIEVES_ANY_200 => Verdict::Sent,
                (Some(ticket), _) => Verdict::Accepted(ticket),
                (None, Some(row)) => Verdict::Failed(format!("rejected: {row}")),
                (None, None) => Verdict::Failed("rejected: the mall says nothing of it".to_owned()),
            },
        );
    }
    Ok(())
}

fn rows(answer: &Response) -> Vec<Value> {
    answer.json().and_then(|json| json.as_array().cloned()).unwrap_or_default()
}

async fn ask<const BUG: u8>(link: &Link, what: &str, body: Value) -> Result<Response, Ended> {
    let (mut refreshed, mut waited) = (0, 0);
    loop {
        let body = if BUG == FORGETS_ADDRESSES && what == "stock" { json!([""]) } else { body.clone() };
        let sign = Sign {
            alg: "hmac-sha256".to_owned(),
            key: "{{secret:key}}".to_owned(),
            text: format!("{what}{{{{secret:token}}}}"),
            encoding: "hex".to_owned(),
            into: "all".to_owned(),
        };
        let url = format!("https://mall.example/{what}?sign={{{{sign:all}}}}");
        let request = Request::new("POST", url).header("token", "{{secret:token}}").sign(sign).json(&body);
        let answer = link.send(request).await?;
        match answer.status {
            200 if answer.body == b"slowly" && BUG != GIVES_UP_WHEN_THROTTLED && waited < 3 => {
                waited += 1;
                link.wait(2.0).await;
            }
            200 if answer.json().is_some() || BUG == BELIEVES_ANY_200 => return Ok(answer),
            401 if refreshed == 0 || BUG == REFRESHES_FOR_EVER && refreshed < 99 => {
                refreshed += 1;
                let save = SaveSecret {
                    name: "token".to_owned(),
                    pointer: "/token".to_owned(),
                    expires_pointer: Some("/life".to_owned()),
                };
                let request = Request::new("POST", "https://mall.example/refresh");
                link.send(request.body("text/plain", "{{secret:token}}").save_secret(save)).await?;
            }
            _ => return Err(Ended::failed(format!("rejected: {}", answer.words()))),
        }
    }
}

/// Listings by id: their SKU, parent and number. What is written is shown after a minute.
fn world() -> World {
    let listings =
        [("1", "a", "P", 5), ("2", "b", "P", 0), ("3", "c", "Q", 7), ("4", "d", "", 9), ("5", "e", "P", 4)];
    let mut stock: BTreeMap<&str, i64> = listings.iter().map(|(id, .., n)| (*id, *n)).collect();
    let mut coming: Vec<(u32, &str, i64)> = Vec::new();
    let (mut token, mut tokens) = ("token-0-of-the-mall".to_owned(), 0);
    World::new().secret("token", "token-0-of-the-mall").secret("key", "key-of-the-mall").shop(
        move |http, body| {
            let json: Value = serde_json::from_slice(body).unwrap_or_default();
            let ids: Vec<&str> = json.as_array().into_iter().flatten().filter_map(|id| id.as_str()).collect();
            let reply = |value: Value| Some(Reply::new(200, value.to_string()));
            if http.url.ends_with("/refresh") {
                if body != token.as_bytes() {
                    return Some(Reply::new(403, "this one was used"));
                }
                tokens += 1;
                token = format!("token-{tokens}-of-the-mall");
                return reply(json!({ "token": token, "life": 3600 }));
            }
            if !is_signed(http, &token) {
                return Some(Reply::new(401, "{}"));
            }
            let path = http.url.split(['/', '?']).nth(3).unwrap();
            match path {
                "find" => reply(
                    listings
                        .iter()
                        .filter(|(_, sku, ..)| ids.contains(sku))
                        .map(|(id, sku, parent, _)| json!({ "sku": sku, "id": id, "parent": parent }))
                        .collect(),
                ),
                "stock" => {
                    coming.retain_mut(|(asked, id, n)| {
                        *asked += 1;
                        if *asked > 1 {
                            stock.insert(id, *n);
                        }
                        *asked <= 1
                    });
                    reply(
                        stock
                            .iter()
                            .filter(|(id, _)| ids.contains(*id))
                            .map(|(id, n)| json!({ "id": id, "n": n }))
                            .collect(),
                    )
                }
                "write" => {
                    let wanted: BTreeMap<&str, i64> = json
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|row| (row["id"].as_str().unwrap(), row["n"].as_i64().unwrap()))
                        .collect();
                    let parents: Vec<&str> =
                        listings.iter().filter(|(id, ..)| wanted.contains_key(id)).map(|l| l.2).collect();
                    // A parent goes whole, and alone; those without go by themselves.
                    let whole = listings
                        .iter()
                        .filter(|l| !l.2.is_empty() && parents.contains(&l.2))
                        .filter(|l| l.1 != "e")
                        .all(|l| wanted.contains_key(l.0));
                    if !whole || parents.iter().any(|parent| *parent != parents[0]) {
                        return Some(Reply::new(400, "a parent goes whole and alone"));
                    }
                    coming.extend(listings.iter().filter_map(|l| Some((0, l.0, *wanted.get(l.0)?))));
                    reply(wanted.keys().map(|id| json!({ "id": id, "ticket": format!("t-{id}") })).collect())
                }
                _ => reply(json!({})),
            }
        },
    )
}

fn is_signed(http: &Http, token: &str) -> bool {
    let what = http.url.split(['/', '?']).nth(3).unwrap_or_default();
    let sign =
        kit::sign("hmac-sha256", b"key-of-the-mall", format!("{what}{token}").as_bytes(), "hex").unwrap();
    http.url.ends_with(&format!("?sign={sign}"))
        && http.headers.contains(&("token".to_owned(), token.to_owned()))
}

fn webhook(secrets: &BTreeMap<String, String>) -> Webhook {
    let body = b"{\"order\":7}".to_vec();
    let sign = kit::sign("hmac-sha256", secrets["key"].as_bytes(), &body, "base64").unwrap();
    let headers = vec![("x-sign".to_owned(), sign)];
    let request =
        message::Request { method: "POST".to_owned(), url: "https://us.example/hook".to_owned(), headers };
    Webhook { request, body }
}

fn case<const BUG: u8>() -> Case {
    let items = [("a", 70), ("b", 1), ("c", 0), ("d", 3)].map(|(sku, n)| kit::Item::new(sku, n));
    Case::new(RawPlugin::of::<Flow<Mall<BUG>>>(), world, items.to_vec())
        .secrets(&["token", "key"])
        .throttled(Reply::new(200, "slowly"))
        .webhook(webhook)
}

#[track_caller]
fn check<const BUG: u8>(expect: &str) {
    let broken = contract(&case::<BUG>());
    assert!(broken.iter().any(|promise| promise.starts_with(expect)), "{broken:#?}");
}

#[test]
fn a_connector_that_keeps_its_promises() {
    assert_eq!(contract(&case::<NONE>()), [""; 0]);
}

#[test]
fn each_bug_is_found() {
    check::<REFRESHES_FOR_EVER>("expired: more than one refresh in a session");
    check::<GIVES_UP_WHEN_THROTTLED>("throttled: request 0 is not sent again");
    check::<BELIEVES_ANY_200>("read after write");
    check::<BELIEVES_ANY_WEBHOOK>("webhook: an order of a webhook that is not verified");
    check::<SENDS_PART_OF_A_PARENT>("write: ");
    check::<FORGETS_ADDRESSES>("outcomes: ");
}

#[test]
fn a_refreshed_token_is_kept_and_not_seen() {
    let case = case::<NONE>();
    let mut world = World { secret_expires: BTreeMap::new(), ..world() };
    world.secrets.insert("token".to_owned(), "token-0-of-the-mall".to_owned());
    let mut first = true;
    let mut shop = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
    world.shop =
        Box::new(
            move |http, body| {
                if std::mem::take(&mut first) { Some(Reply::new(401, "{}")) } else { shop(http, body) }
            },
        );
    let run = Run::of(case.plugin, &mut world, &case.settings, "check", &[]);
    assert_eq!((run.end, run.requests.len()), (Some(Ok(())), 3));
    assert_eq!(world.secrets["token"], "token-1-of-the-mall");
    assert!(world.secret_expires["token"] >= 1_764_000_000_000 + 3_600_000);
    assert!(!run.texts.contains("of-the-mall"), "{}", run.texts);
}

#[test]
fn addresses_are_asked_for_once_and_forgotten_when_they_are_gone() {
    let case = case::<NONE>();
    let mut world = case_world();
    let items = [kit::Item::new("a", 1), kit::Item::new("nobody", 1)];
    let run = Run::of(case.plugin, &mut world, &case.settings, "read", &items);
    assert_eq!(run.quantities, [("a".to_owned(), 5)]);
    assert_eq!(run.resolved.map(|run| run.requests.len()), Some(1));
    let again = Run::of(case.plugin, &mut world, &case.settings, "read", &items[..1]);
    assert_eq!((again.resolved, again.requests.len()), (None, 1));
    let orders = Run::orders_since(case.plugin, &mut world, &case.settings, 5).orders;
    assert_eq!(orders[0]["since"], 5);
}

fn case_world() -> World {
    world()
}
