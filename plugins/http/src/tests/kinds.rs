//! Shops of other kinds: other pages, other writes, other ways to sign in.

use super::{plugin, run};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{ACCEPTED, CONFLICT, FAILED, SENT};
use stocksync_sdk::kit::{self, Case, Item, Reply, World, contract, fuzz};
use stocksync_sdk::message::Http;

/// Numbers by SKU, one after the other.
type Stock = Rc<RefCell<BTreeMap<String, i64>>>;

fn stock(skus: &[(&str, i64)]) -> Stock {
    Rc::new(RefCell::new(skus.iter().map(|(sku, units)| ((*sku).to_owned(), *units)).collect()))
}

/// What a shop answers to method, path with query, and body.
fn world(
    stock: &Stock,
    answer: impl Fn(&mut BTreeMap<String, i64>, &str, &Value) -> Reply + 'static,
) -> World {
    let stock = Rc::clone(stock);
    World::new().secret("key", "k3y-of-a-small-shop").shop(move |http: &Http, body| {
        let target = http.url.strip_prefix("https://shop.example").unwrap_or_default();
        let body = serde_json::from_slice(body).unwrap_or_default();
        Some(answer(&mut stock.borrow_mut(), &format!("{} {target}", http.method), &body))
    })
}

fn reply(body: &Value) -> Reply {
    Reply::new(200, body.to_string())
}

/// Every listing, five a page, the next page by an address.
fn page(stock: &BTreeMap<String, i64>, from: usize) -> Value {
    let rows: Vec<Value> = stock
        .iter()
        .skip(from)
        .take(5)
        .map(|(sku, units)| json!({ "code": sku, "n": units.to_string() }))
        .collect();
    let next = (from + 5 < stock.len()).then(|| format!("https://shop.example/all?from={}", from + 5));
    json!({ "rows": rows, "next": next, "count": stock.len() })
}

fn from(target: &str) -> usize {
    target.split_once("from=").and_then(|(_, from)| from.split('&').next()?.parse().ok()).unwrap_or(0)
}

/// A shop that takes a number for each SKU, and says nothing: what became of it is read afterwards.
fn silent() -> World {
    world(&stock(&[("a", 1), ("b/c", 2), ("d", 3)]), |stock, asked, body| match asked.split_once(' ') {
        Some(("GET", target)) => reply(&page(stock, from(target))),
        Some((_, target)) => {
            let sku = target.strip_prefix("/stock/").unwrap_or_default().replace("%2F", "/");
            match stock.get_mut(&sku) {
                Some(units) => {
                    *units = body["n"].as_str().and_then(|n| n.parse().ok()).unwrap_or(-7);
                    Reply::new(204, "")
                }
                None => Reply::new(404, "no such thing"),
            }
        }
        None => Reply::new(400, ""),
    })
}

fn silent_settings() -> Value {
    json!({
        "url": "https://shop.example", "auth": { "header": { "name": "x-key", "value": "{{secret:key}}" } },
        "listings": {
            "path": "/all", "items": "rows", "paging": { "by": "next_url", "at": "next" }, "fields": { "store_sku": "code", "quantity": "n" },
        },
        "write": { "path": "/stock/{store_sku}", "body": { "n": "{quantity|text}" } },
    })
}

#[test]
fn a_shop_that_says_nothing_is_asked_afterwards() {
    let items = vec![Item::new("a", 10), Item::new("b/c", 0), Item::new("d", 30)];
    let case = Case::new(plugin(), silent, items.clone()).settings(silent_settings()).secrets(&["key"]);
    assert_eq!(contract(&case), [""; 0]);
    let wrote = run(&mut silent(), &silent_settings(), "write", &items);
    assert_eq!(wrote.outcomes.iter().map(|(_, outcome, _)| *outcome).collect::<Vec<_>>(), [ACCEPTED; 3]);
    assert_eq!(
        wrote.requests.iter().map(|(http, _)| http.url.as_str()).nth(1),
        Some("https://shop.example/stock/b%2Fc")
    );
}

#[test]
fn any_answer_of_a_shop_that_says_nothing_ends_in_outcomes() {
    let items = vec![Item::new("a", 10), Item::new("b/c", 0), Item::new("d", 30)];
    let case = Case::new(plugin(), silent, items).settings(silent_settings()).secrets(&["key"]);
    assert_eq!(fuzz(&case), [""; 0]);
}

#[test]
fn what_does_not_show_in_time_is_rejected() {
    let mut settings = silent_settings();
    settings["write"]["settles_seconds"] = json!(60);
    let mut world = silent();
    let now = world.now;
    let asked = |at: i64, quantity: i64| Item { ticket: at.to_string(), ..Item::new("a", quantity) };
    let polled = run(&mut world, &settings, "poll", &[asked(now, 1), asked(now - 59_000, 9)]);
    assert_eq!((polled.outcome(0), polled.outcome(1)), (Some((SENT, "")), Some((ACCEPTED, ""))));
    let polled = run(&mut world, &settings, "poll", &[asked(now - 61_000, 9), Item::new("gone", 9)]);
    assert_eq!(polled.outcome(0), Some((FAILED, "rejected: the shop shows 1 afterwards")));
    assert_eq!(polled.outcome(1), Some((FAILED, "not-found: the shop does not show it")));
}

#[track_caller]
fn pages(
    paging: Value,
    query: Value,
    answer: impl Fn(&mut BTreeMap<String, i64>, &str, &Value) -> Reply + 'static,
    requests: usize,
) {
    let skus: Vec<String> = (0..12).map(|number| format!("s{number:02}")).collect();
    let listed: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let settings = json!({
        "url": "https://shop.example",
        "listings": { "path": "/all", "query": query, "items": "rows", "paging": paging, "fields": { "store_sku": "code", "quantity": "n" } },
    });
    let listed = run(&mut world(&stock(&listed), answer), &settings, "listings", &[]);
    assert_eq!((listed.end, listed.listings.len(), listed.requests.len()), (Some(Ok(())), 12, requests));
}

#[test]
fn pages_of_every_kind() {
    let by = |at: usize| {
        move |stock: &mut BTreeMap<String, i64>, asked: &str, _: &Value| {
            reply(&page(stock, from(asked).saturating_sub(at) * if at == 0 { 1 } else { 5 }))
        }
    };
    // Five a page, of which the last has two.
    pages(json!({ "by": "page" }), json!({ "from": "{page}" }), by(1), 3);
    pages(json!({ "by": "page", "total": "count" }), json!({ "from": "{page}" }), by(1), 3);
    pages(json!({ "by": "offset" }), json!({ "from": "{offset}" }), by(0), 3);
    pages(json!({ "by": "offset", "more": "next" }), json!({ "from": "{offset}" }), by(0), 3);
    pages(json!({ "by": "next_url", "at": "next" }), json!({}), by(0), 3);
    let link = |stock: &mut BTreeMap<String, i64>, asked: &str, _: &Value| {
        let body = page(stock, from(asked));
        let link = body["next"].as_str().map(|next| {
            ("link".to_owned(), format!("<{}>; rel=\"next\"", next.replace("https://shop.example", "")))
        });
        Reply { headers: link.into_iter().collect(), ..reply(&body) }
    };
    pages(json!({ "by": "link" }), json!({}), link, 3);
    let cursor = |stock: &mut BTreeMap<String, i64>, asked: &str, _: &Value| {
        let mut body = page(stock, from(asked));
        body["next"] = body["next"].as_str().map_or(json!(null), |next| json!(next.rsplit('=').next()));
        reply(&body)
    };
    pages(json!({ "by": "cursor", "at": "next" }), json!({ "from": "{cursor}" }), cursor, 3);
}

#[test]
fn pages_that_lead_nowhere_end() {
    let listed = |paging: Value, query: Value, next: Value| {
        let settings = json!({
            "url": "https://shop.example",
            "listings": { "path": "/all", "query": query, "items": "rows", "paging": paging, "fields": { "store_sku": "code", "quantity": "n" } },
        });
        let answer = move |_: &mut BTreeMap<String, i64>, _: &str, _: &Value| {
            reply(&json!({ "rows": [{ "code": "a", "n": 1 }], "next": next }))
        };
        run(&mut world(&stock(&[]), answer), &settings, "listings", &[]).end
    };
    let url = |next: Value| listed(json!({ "by": "next_url", "at": "next" }), json!({}), next);
    let refused = |why: &str| Some(Err(format!("`listings`: {why}")));
    assert_eq!(url(json!("https://evil.example/x")), refused("the next page is at another host"));
    assert_eq!(url(json!("https://shop.example.evil/x")), refused("the next page is at another host"));
    assert_eq!(url(json!("//evil.example/x")), refused("the next page is at another host"));
    assert_eq!(url(json!("/all")), refused("the next page is at the address of this one"));
    assert_eq!(url(json!("/all?x={{secret:key}}")), refused("the address of the next page is none"));
    let cursor =
        |next: Value| listed(json!({ "by": "cursor", "at": "next" }), json!({ "after": "{cursor}" }), next);
    assert_eq!(cursor(json!("x")), refused("the next page has the cursor of this one"));
    assert_eq!(cursor(json!("{{secret:key}}")), refused("the next page's cursor is none"));
}

#[test]
fn a_number_that_was_not_there_is_a_conflict() {
    let settings = json!({
        "url": "https://shop.example/v2", "auth": { "query": { "name": "api key", "value": "{{secret:key}}" } },
        "listings": { "path": "/all", "fields": { "store_sku": "code", "quantity": "n" } },
        "write": {
            "method": "PATCH", "path": "/stock", "query": { "sku": "{store_sku}" }, "body": { "set": "{quantity}", "was": "{expected}" },
            "answer": { "quantity": "n" },
        },
    });
    let shop = || {
        world(&stock(&[("a", 4), ("b", 1)]), |stock, asked, body| {
            let sku = if asked.contains("sku=a&") { "a" } else { "b" };
            let there = stock.get_mut(sku).unwrap();
            if body["was"].as_i64().is_some_and(|was| was != *there) {
                return Reply::new(412, "{}");
            }
            *there = body["set"].as_i64().unwrap();
            reply(&json!({ "n": if sku == "b" { 99 } else { *there } }))
        })
    };
    let item = |sku: &str, expected: Option<i64>| Item { expected, ..Item::new(sku, 7) };
    let wrote = run(&mut shop(), &settings, "write", &[item("a", Some(4)), item("b", None)]);
    assert_eq!(
        (wrote.outcome(0), wrote.outcome(1)),
        (Some((SENT, "")), Some((FAILED, "rejected: the shop shows 99 instead")))
    );
    let http = &wrote.requests[0].0;
    assert_eq!(http.url, "https://shop.example/v2/stock?sku=a&api%20key={{secret:key|percent}}");
    assert!(!http.idempotent, "what is compared is not sent twice");
    assert_eq!(wrote.requests[1].1, br#"{"set":7}"#);
    let wrote = run(&mut shop(), &settings, "write", &[item("a", Some(5))]);
    assert_eq!(wrote.outcome(0), Some((CONFLICT, "conflict: HTTP 412 {}")));
}

#[test]
fn a_batch_that_is_refused_is_refused_whole() {
    let settings = json!({
        "url": "https://shop.example", "auth": { "basic": { "user": "u", "password": "{{secret:key}}" } },
        "listings": { "path": "/all", "fields": { "store_sku": "code", "quantity": "n" } },
        "write": { "path": "/stock", "items_max": 3, "body": { "{store_sku}": "{quantity}" }, "idempotency_header": "x-once" },
    });
    let shop = || world(&stock(&[]), |_, _, _| Reply::new(404, "x"));
    let wrote = run(&mut shop(), &settings, "write", &[Item::new("a", 1), Item::new("b", 2)]);
    assert_eq!(wrote.outcome(0), Some((FAILED, "rejected: HTTP 404 x")));
    assert_eq!(wrote.requests[0].1, br#"{"a":1,"b":2}"#);
    let headers = &wrote.requests[0].0.headers;
    assert!(headers.iter().any(|(name, value)| name == "x-once" && !value.is_empty()), "{headers:?}");
    assert_eq!(wrote.requests[0].0.sign[0].text, "u:{{secret:key}}");
}

#[test]
fn requests_may_be_signed() {
    let settings = json!({
        "url": "https://shop.example/api", "headers": { "X-Shop": "7", "content-type": "application/vnd.api+json" },
        "sign": {
            "key": "{{secret:key}}", "text": "{timestamp}|{method}|{path}|{target}|{body}", "encoding": "base64", "header": "x-sign",
            "timestamp_header": "x-time", "timestamp": "milliseconds",
        },
        "listings": {
            "method": "POST", "path": "/find", "query": { "n": 1 }, "body": { "what": "all" }, "fields": { "store_sku": "code", "quantity": "n" },
        },
    });
    let seen = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&seen);
    let mut world = World::new().secret("key", "k3y-of-a-small-shop").shop(move |http, body| {
        noted.borrow_mut().push((http.headers.clone(), body.to_vec()));
        Some(reply(&json!([{ "code": "a", "n": 1 }])))
    });
    assert_eq!(run(&mut world, &settings, "check", &[]).end, Some(Ok(())));
    let (headers, body) = seen.borrow()[0].clone();
    let header =
        |name: &str| headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone()).unwrap();
    let text =
        format!("{}|POST|/api/find|/api/find?n=1|{}", header("x-time"), String::from_utf8(body).unwrap());
    assert_eq!(
        Ok(header("x-sign")),
        kit::sign("hmac-sha256", b"k3y-of-a-small-shop", text.as_bytes(), "base64")
    );
    assert_eq!(
        (header("X-Shop"), header("content-type")),
        ("7".to_owned(), "application/vnd.api+json".to_owned())
    );
}

/// A shop that knows its variants by ids, and says how many there were when they are asked for.
fn by_ids() -> Value {
    json!({
        "url": "https://shop.example",
        "listings": { "path": "/all", "fields": { "store_sku": "code", "quantity": "n" } },
        "resolve": { "path": "/find/{store_sku}", "fields": { "id": "key", "parent": "of" } },
        "read": { "path": "/stock", "query": { "ids": "{ids}" }, "items_max": 3, "fields": { "store_sku": "no", "id": "id", "quantity": "left" } },
        "write": { "path": "/p/{parent}/v/{id}", "body": { "n": "{quantity}", "was": "{expected}" }, "answer": { "quantity": "n" } },
    })
}

/// Its ids are its SKUs, its products their first letters; the pages of its list follow each other by `link`.
fn with_ids() -> World {
    let listed: Vec<String> = (0..12).map(|number| format!("s{number:02}")).collect();
    let listed: Vec<(&str, i64)> = listed.iter().map(|sku| (sku.as_str(), 4)).collect();
    world(&stock(&listed), |stock, asked, body| {
        let (_, target) = asked.split_once(' ').unwrap_or_default();
        if let Some(sku) = target.strip_prefix("/find/") {
            let found = json!({ "code": sku, "key": sku, "of": sku.get(..1) });
            return if stock.contains_key(sku) { reply(&found) } else { Reply::new(404, "{}") };
        }
        if let Some(ids) = target.strip_prefix("/stock?ids=") {
            let rows = ids.split("%2C").filter_map(|id| Some(json!({ "id": id, "left": stock.get(id)? })));
            return reply(&rows.collect());
        }
        let Some(sku) = target.strip_prefix("/p/s/v/") else {
            let body = page(stock, from(target));
            let link =
                body["next"].as_str().map(|next| ("link".to_owned(), format!("<{next}>; rel=\"next\"")));
            return Reply { headers: link.into_iter().collect(), ..reply(&body["rows"]) };
        };
        match stock.get_mut(sku) {
            Some(units) if body["was"].as_i64().is_none_or(|was| was == *units) => {
                *units = body["n"].as_i64().unwrap_or(-7);
                reply(&json!({ "n": *units }))
            }
            Some(_) => Reply::new(412, "{}"),
            None => Reply::new(404, "{}"),
        }
    })
}

fn by_ids_and_links() -> Case {
    let mut settings = by_ids();
    settings["listings"]["paging"] = json!({ "by": "link" });
    let items = vec![Item::new("s00", 10), Item::new("s07", 0), Item::new("s11", 30)];
    Case::new(plugin(), with_ids, items).settings(settings).secrets(&["key"])
}

#[test]
fn a_shop_of_ids_keeps_the_contract() {
    assert_eq!(contract(&by_ids_and_links()), [""; 0]);
}

#[test]
fn any_answer_of_a_shop_of_ids_ends_in_outcomes() {
    assert_eq!(fuzz(&by_ids_and_links()), [""; 0]);
}

#[test]
fn variants_are_read_by_their_ids() {
    let settings = by_ids();
    let mut world = world(&stock(&[]), |_, asked, body| match asked {
        "GET /find/a" => reply(&json!({ "code": "a", "key": 11, "of": "p 1" })),
        "GET /find/b" => reply(&json!({ "code": "b", "key": "12", "of": 2 })),
        "GET /stock?ids=11%2C12" => reply(&json!([{ "id": 12, "left": 2.0 }, { "id": 11, "left": null }])),
        "PUT /p/p%201/v/11" | "PUT /p/2/v/12" => reply(body),
        _ => Reply::new(404, "{}"),
    });
    let read =
        run(&mut world, &settings, "read", &[Item::new("a", 0), Item::new("b", 0), Item::new("none", 0)]);
    assert_eq!(read.quantities, [("b".to_owned(), 2), ("a".to_owned(), -1)]);
    let wrote = run(&mut world, &settings, "write", &[Item::new("a", 5), Item::new("b", 6)]);
    assert_eq!(
        wrote.outcomes.iter().map(|(_, outcome, _)| *outcome).collect::<Vec<_>>(),
        [SENT; 2],
        "{:?}",
        wrote.outcomes
    );
}
