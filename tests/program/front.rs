//! The daemon's front, over HTTP on loopback, with an engine that does as the test says.

mod daemon;

use crate::client::{Answer, Client};
use crate::folder::Folder;
use daemon::{Daemon, TOKEN};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use stocksync::shell::serve::desk::{HeldBy, Newest, StoreHealth};
use stocksync_sim::woocommerce::WooCommerce;
use stocksync_sim::{Listing, Marketplace as _, Now, Setup};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";

fn event(id: &str) -> String {
    json!({ "id": id, "type": "stock-adjust", "sku": "A-1", "warehouse": "jakarta", "by": 1 }).to_string()
}

fn verdicts(answer: &Answer) -> Vec<String> {
    let all = answer.json()["events"].as_array().unwrap().clone();
    all.iter()
        .map(|one| format!("{} {}", one["id"].as_str().unwrap_or("-"), one["verdict"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_event_gets_its_verdict_and_good_ones_are_taken_beside_bad_ones() {
    let daemon = Daemon::start("");
    let post = |kind: &str, body: &str| daemon.client().post("/v1/events", kind, body);
    let answer = post(JSON, &event("1"));
    assert_eq!((answer.status, verdicts(&answer)), (200, vec!["1 taken".to_owned()]));
    let answer = post(JSON, &format!("[{}, {}]", event("1"), event("2")));
    assert_eq!(
        (answer.status, verdicts(&answer)),
        (200, vec!["1 repeated".to_owned(), "2 taken".to_owned()])
    );
    let answer = post(
        LINES,
        &format!("{}\nnonsense\n\n{}\n{{\"id\":\"5\"}}\n{}", event("3"), event("refuse-4"), event("6")),
    );
    assert_eq!(answer.status, 422);
    assert_eq!(verdicts(&answer), ["3 taken", "- refused", "refuse-4 refused", "5 refused", "6 taken"]);
    let told = &answer.json()["events"];
    assert_eq!((&told[1]["line"], &told[1]["message"]), (&json!(2), &json!("this is no JSON: column 2")));
    assert_eq!((&told[2]["line"], &told[2]["help"]), (&json!(4), &json!("as the test says")));
    assert_eq!(told[3]["message"], "`type` is missing");
    assert_eq!(daemon.taken(), ["1", "2", "3", "6"]);
    assert_eq!(post(JSON, "[]").status, 200);
}

#[test]
fn what_cannot_be_read_is_refused_whole_and_told() {
    let daemon = Daemon::start("serve: { limits: { body_kib: 4, waiting_events: 10 } }");
    let post = |kind: &str, body: &str| daemon.client().post("/v1/events", kind, body);
    let large = format!("[{}]", " ".repeat(5_000));
    let many = format!("[{}]", vec![event("x"); 11].join(","));
    for (kind, body, status, said) in [
        (JSON, "{", 400, "the body is no JSON: line 1, column 1"),
        (JSON, "", 400, "the body is no JSON"),
        (JSON, "7", 400, "the body is neither an object nor a list"),
        (LINES, "\n", 400, "there is no event in the body"),
        (JSON, &large, 413, "the body is larger than 4 KiB"),
        (JSON, &many, 413, "there are more than 10 events"),
        ("text/plain", &event("1"), 415, "the body is of a type that is not taken"),
        ("", &event("1"), 415, "the body is of a type that is not taken"),
    ] {
        let answer = post(kind, body);
        assert_eq!(answer.status, status, "{said}");
        assert!(answer.message().starts_with(said), "{}", answer.text);
    }
    let packed = daemon.client().with("Content-Encoding", "gzip").post("/v1/events", JSON, "x");
    assert_eq!(packed.status, 415);
    assert_eq!(daemon.taken(), [""; 0]);
    for (method, path, status) in
        [("GET", "/v1/events", 405), ("DELETE", "/metrics", 405), ("GET", "/", 404), ("GET", "/v2/x?y", 404)]
    {
        assert_eq!(daemon.client().ask(method, path, "").status, status, "{method} {path}");
    }
}

#[test]
fn only_who_has_a_token_may_ask() {
    let daemon = Daemon::start("serve: { tokens: { shop: \"file:token\" } }");
    let stranger = || Client::new(daemon.address);
    for path in ["/v1/records", "/v1/plan", "/v1/why/A-1", "/metrics"] {
        let answer = stranger().ask("GET", path, "");
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{path}");
        assert_eq!(
            stranger().with("Authorization", "Bearer 0123456789abcdeF").ask("GET", path, "").status,
            401
        );
        assert_eq!(
            stranger().with("Authorization", &format!("Bearer {TOKEN}")).ask("GET", path, "").status,
            200,
            "{path}"
        );
    }
    for path in ["/v1/events", "/v1/plans/p/allow", "/v1/stores/outlet/pause", "/v1/skus/A-1/resume"] {
        assert_eq!(stranger().post(path, JSON, "{}").status, 401, "{path}");
    }
    assert_eq!(stranger().ask("GET", "/healthz", "").status, 200);
    let ready = stranger().ask("GET", "/readyz", "");
    assert_eq!((ready.status, ready.json().get("stores")), (200, None), "names are told to nobody unknown");
    assert_eq!(daemon.taken(), [""; 0]);
}

#[test]
fn without_a_token_no_page_of_a_browser_is_served() {
    let daemon = Daemon::start("");
    let ask = |client: Client| client.ask("POST", "/v1/stores/outlet/pause", "").status;
    assert_eq!(ask(daemon.client()), 200);
    assert_eq!(ask(daemon.client().with("Origin", "https://evil.example")), 403);
    assert_eq!(ask(daemon.client().with("Host", "evil.example")), 421);
    let ready = |client: Client| client.ask("GET", "/readyz", "").json().get("stores").is_some();
    assert_eq!([ready(daemon.client()), ready(daemon.client().with("Host", "evil.example"))], [true, false]);
}

#[test]
fn a_full_queue_and_a_fast_caller_are_answered_429() {
    let daemon = Daemon::start("serve: { limits: { waiting_requests: 1, requests_per_second: 5 } }");
    let held = daemon.hold();
    let with_it = daemon.client().send("POST", "/v1/events", JSON, &event("1"));
    daemon.until(Daemon::is_holding);
    let waits = daemon.client().send("POST", "/v1/events", JSON, &event("2"));
    daemon.until(|daemon| daemon.depth() == 1);
    let answer = daemon.client().post("/v1/events", JSON, &event("3"));
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    assert_eq!(answer.message(), "too much waits to be taken");
    drop(held);
    assert_eq!([with_it, waits].map(|sent| sent.answer().status), [200, 200]);
    let mut statuses: Vec<u16> =
        (0..60).map(|_| daemon.client().ask("GET", "/v1/why/A-1", "").status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 429]);
}

#[test]
fn what_the_real_engine_has_no_room_for_is_taken_when_it_is_told_again() {
    let (daemon, begin) = Daemon::start_real("serve: { limits: { waiting_requests: 2 } }");
    let order = |id: &str| {
        let lines = json!([{ "line": "1", "store_sku": "o/1", "quantity": 1 }]);
        json!({ "id": id, "type": "order-placed", "order": id, "store": "outlet", "placed_at": "2099-01-01T00:00:00Z", "lines": lines })
            .to_string()
    };
    let waits = ["1", "2"].map(|id| daemon.client().send("POST", "/v1/events", JSON, &order(id)));
    daemon.until(|daemon| daemon.depth() == 2);
    let answer = daemon.client().post("/v1/events", JSON, &order("3"));
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    begin();
    let taken = waits.map(|sent| verdicts(&sent.answer()));
    assert_eq!(taken, [["1 taken"], ["2 taken"]]);
    assert_eq!(verdicts(&daemon.client().post("/v1/events", JSON, &order("3"))), ["3 taken"]);
    assert_eq!(verdicts(&daemon.client().post("/v1/events", JSON, &order("1"))), ["1 repeated"]);
}

#[test]
fn slow_clients_are_cut_off_and_hold_nobody_up() {
    let daemon = Daemon::start("serve: { limits: { request_seconds: 1 } }");
    let mut head = daemon.client().open();
    head.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc").unwrap();
    let mut body = daemon.client().open();
    body.write_all(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{").unwrap();
    let began = Instant::now();
    assert_eq!(daemon.client().ask("GET", "/healthz", "").status, 200);
    let mut said = String::new();
    body.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    let mut said = Vec::new();
    // Cut off, with a word or without.
    drop(head.read_to_end(&mut said));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn an_engine_that_does_not_answer_is_told() {
    let daemon = Daemon::start("serve: { limits: { request_seconds: 1 } }");
    let held = daemon.hold();
    let answer = daemon.client().post("/v1/events", JSON, &event("1"));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    let ready = daemon.client().ask("GET", "/readyz", "");
    assert_eq!((ready.status, &ready.json()["why"]), (503, &json!("the engine does not answer")));
    assert!(daemon.client().ask("GET", "/metrics", "").text.contains("stocksync_engine_up 0\n"));
    drop(held);
}

#[test]
fn the_engine_is_asked_what_was_meant() {
    let daemon = Daemon::start("");
    let get = |path: &str| daemon.client().ask("GET", path, "");
    assert_eq!(
        get("/v1/plan?store=outlet&sku=A%2F1&sku=B+2&all&limit=7").text,
        r#"{"stores":["outlet"],"skus":["A/1","B 2"],"all":true,"rows_max":7}"#
    );
    assert_eq!(get("/v1/why/A%2F1?store=outlet").text, r#"{"sku":"A/1","store":"outlet"}"#);
    let unknown = get("/v1/why/GONE");
    assert_eq!((unknown.status, unknown.message().as_str()), (404, "no SKU `GONE`"));
    for (path, said) in [
        ("/v1/plan?stores=outlet", "there is no parameter `stores` here"),
        ("/v1/plan?limit=0", "`limit` must be a whole number from 1 to 10000"),
        ("/v1/records?status=done", "`done` is no status"),
        ("/v1/records?since=soon", "`since=soon`: `soon` is no moment"),
        ("/v1/why/A-1?store=a&store=b", "`store` stands there twice"),
    ] {
        let answer = get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.message().starts_with(said), "{}", answer.text);
    }
    assert_eq!(get("/v1/records?since=2h&status=sent&sku=A-1&store=outlet&limit=5").status, 200);
    let allowed = daemon.client().post("/v1/plans/p-1/allow", JSON, r#"{"guards":["to_zero"]}"#);
    assert_eq!((allowed.status, &allowed.json()["rows"]), (200, &json!(3)));
    assert_eq!(daemon.client().post("/v1/plans/gone/allow", JSON, r#"{"guards":["to_zero"]}"#).status, 404);
    assert_eq!(daemon.client().post("/v1/plans/p-1/allow", JSON, "{}").status, 400);
    for (path, said) in [
        ("/v1/stores/outlet/pause", r#"{"format_version":1,"paused":true,"store":"outlet"}"#),
        ("/v1/skus/A%2F1/resume", r#"{"format_version":1,"paused":false,"sku":"A/1"}"#),
    ] {
        assert_eq!(daemon.client().ask("POST", path, "").text.trim(), said);
    }
    assert_eq!(
        daemon.asked(),
        ["allow p-1 to_zero by local", "pause Store(\"outlet\") true", "pause Sku(\"A/1\") false"]
    );
}

/// A daemon with a WooCommerce shop, and a webhook as that shop sends it.
fn with_a_shop() -> (Daemon, stocksync_sim::Request) {
    let folder = Folder::shop();
    let config = std::fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    let web = "  web:\n    connector: woocommerce\n    settings: { url: \"http://127.0.0.1:9\" }\n    \
        secrets: { consumer_key: \"file:key\", consumer_secret: \"file:key\", webhook_secret: \"file:hook\" }\nlint:";
    folder.write("stocksync.yaml", config.replace("lint:", web));
    folder.write("key", "ck_1");
    folder.write("hook", "hook-secret");
    let setup = Setup { listings: vec![Listing::new("S-2", 5)], ..Setup::default() };
    let mut shop = WooCommerce::new(&setup);
    shop.sell("S-2", 1, Now(1_764_000_000_000));
    let sent = shop.webhook("order.created", "hook-secret").unwrap();
    (Daemon::start_in(folder, "serve: { tokens: { shop: \"file:token\" }, limits: { body_kib: 64 } }"), sent)
}

#[test]
fn a_webhook_is_taken_where_it_is_signed_as_its_store_signs() {
    let (daemon, sent) = with_a_shop();
    let body = String::from_utf8(sent.body.clone()).unwrap();
    let post = |path: &str, body: &str| {
        let client = sent
            .headers
            .iter()
            .fold(Client::new(daemon.address), |client, (name, value)| client.with(name, value));
        client.send("POST", path, "", body).answer()
    };
    let answer = post("/v1/webhooks/web", &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let taken = daemon.taken();
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(post("/v1/webhooks/web", &body).status, 200, "a store may say it twice");
    assert_eq!(daemon.taken(), taken);
    let forged = post("/v1/webhooks/web", &body.replace("S-2", "S-3"));
    assert_eq!((forged.status, forged.message().as_str()), (401, "the signature is not right"));
    assert_eq!(Client::new(daemon.address).send("POST", "/v1/webhooks/web", "", &body).answer().status, 401);
    assert_eq!(post("/v1/webhooks/outlet", &body).status, 404, "a csv store takes none");
    assert_eq!(post("/v1/webhooks/gone", &body).status, 404);
    assert_eq!(post("/v1/webhooks/web", &"x".repeat(70_000)).status, 413);
    assert_eq!(daemon.taken(), taken);
    let metrics = Client::new(daemon.address)
        .with("Authorization", &format!("Bearer {TOKEN}"))
        .ask("GET", "/metrics", "")
        .text;
    for line in [
        "stocksync_webhooks_total{store=\"web\",outcome=\"refused\"} 2",
        "stocksync_webhooks_total{store=\"web\",outcome=\"taken\"} 2",
    ] {
        assert!(metrics.lines().any(|ours| ours == line), "{line} is not in\n{metrics}");
    }
}

#[test]
fn readiness_says_what_stands_against_the_newest_rules() {
    let daemon = Daemon::start("");
    let newest = Newest {
        since: jiff::Timestamp::UNIX_EPOCH,
        findings: vec!["rules/a.sync:1:1: x (syntax)".to_owned()],
        count: 1,
    };
    daemon.health(|health| health.newest = Some(newest));
    let ready = daemon.client().ask("GET", "/readyz", "");
    assert_eq!(ready.status, 200, "what ran goes on");
    let rules = &ready.json()["rules"];
    assert_eq!(
        (&rules["newest"], &rules["first_findings"][0]),
        (&json!(false), &json!("rules/a.sync:1:1: x (syntax)"))
    );
    daemon.health(|health| health.unusable = Some("the disk is full".to_owned()));
    daemon.until(|daemon| daemon.client().ask("GET", "/readyz", "").status == 503);
}

/// Whether anything ever broke on a thread of a front: a connection that breaks takes nobody along, and would go unseen.
static BROKE: AtomicBool = AtomicBool::new(false);

#[test]
fn no_request_whatever_breaks_it() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |told| {
        let is_front = std::thread::current().name() == Some("front");
        BROKE.fetch_or(is_front, Ordering::Relaxed);
        usual(told);
    }));
    let daemon = Daemon::start("serve: { limits: { body_kib: 8, requests_per_second: 100000 } }");
    let mut rng = crate::rng::Rng(7);
    let seeds = [
        format!("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", event("1").len(), event("1")),
        "GET /v1/plan?store=%FF&limit=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        "POST /v1/webhooks/outlet HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_owned(),
        "GET /v1/why/%00%2e%2e%2f HTTP/1.1\r\nHost: [::1\r\nAuthorization: Bearer \r\n\r\n".to_owned(),
        format!("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 6000\r\n\r\n{}", "[".repeat(6_000)),
    ];
    for turn in 0..200 {
        let mut bytes = seeds[turn % seeds.len()].clone().into_bytes();
        for _ in 0..rng.below(6) {
            let at = rng.below(bytes.len());
            match rng.below(3) {
                0 => bytes[at] = rng.below(256) as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"\r\n\0{[\"%:"[rng.below(8)]),
            }
        }
        let mut stream = daemon.client().open();
        // It may be cut off in the middle of what it says.
        drop(stream.write_all(&bytes));
        drop(stream.shutdown(std::net::Shutdown::Write));
        drop(stream.read_to_end(&mut Vec::new()));
    }
    assert_eq!(daemon.client().ask("GET", "/readyz", "").status, 200);
    let metrics = daemon.client().ask("GET", "/metrics", "").text;
    assert!(!metrics.contains("status=\"500\""), "{metrics}");
    assert!(!BROKE.load(Ordering::Relaxed), "a thread of the front broke");
}

#[test]
fn a_stop_answers_what_was_begun_and_takes_nothing_new() {
    let daemon = Daemon::start("");
    let held = daemon.hold();
    let sent = daemon.client().send("POST", "/v1/events", JSON, &event("1"));
    daemon.until(Daemon::is_holding);
    let mut idle = daemon.client().open();
    let address = daemon.address;
    let stopped = daemon.stop(Duration::from_secs(20));
    // Who asked nothing is not waited for.
    assert_eq!(idle.read(&mut [0]).unwrap_or(0), 0);
    assert!(std::net::TcpStream::connect(address).is_err() || !stopped.is_finished());
    drop(held);
    assert_eq!(sent.answer().status, 200);
    stopped.join().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
}

/// Runs a script with packages that others wrote.
fn judged(script: &str, input: &str, test: &str) -> Option<Value> {
    if !crate::tools::has(&["python3"], test) {
        return None;
    }
    let packages = crate::python::packages("tests/program/front/python.txt", test)?;
    let mut python = Command::new("python3");
    python.args(["-c", script]).env("PYTHONPATH", packages).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ran = child.wait_with_output().unwrap();
    assert!(ran.status.success(), "the judge refuses it");
    Some(serde_json::from_slice(&ran.stdout).unwrap())
}

#[test]
fn the_document_of_the_interface_is_openapi() {
    let daemon = Daemon::start("");
    let document = daemon.client().ask("GET", "/v1/openapi.json", "").text;
    let script = "import json, sys\nfrom openapi_spec_validator import validate\ndocument = json.load(sys.stdin)\nvalidate(document)\nprint(json.dumps(document['openapi']))";
    if let Some(version) = judged(script, &document, "the_document_of_the_interface_is_openapi") {
        assert_eq!(version, "3.1.0");
    }
}

#[test]
fn metrics_are_read_by_the_clients_of_prometheus() {
    let daemon = Daemon::start("");
    daemon.health(|health| {
        let held = HeldBy {
            guard: "to_zero".to_owned(),
            limit: "30%".to_owned(),
            would_be: "31%".to_owned(),
            plan_id: "p-1".to_owned(),
            rows: 5,
        };
        health.stores = vec![StoreHealth {
            name: "out\"let\\\n".to_owned(),
            pending: 3,
            held_by: vec![held],
            ..StoreHealth::default()
        }];
        health.latency.observe(Duration::from_millis(3));
    });
    assert_eq!(daemon.client().post("/v1/events", JSON, &event("1")).status, 200);
    let page = daemon.client().ask("GET", "/metrics", "");
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let script = "import json, sys\nfrom prometheus_client.parser import text_string_to_metric_families as families\n\
        print(json.dumps({f.name: [f.type, f.documentation, [[s.name, s.labels, s.value] for s in f.samples]] for f in families(sys.stdin.read())}))";
    let Some(read) = judged(script, &page.text, "metrics_are_read_by_the_clients_of_prometheus") else {
        return;
    };
    for (name, family) in read.as_object().unwrap() {
        assert!(name.starts_with("stocksync_"), "{name}");
        assert!(matches!(family[0].as_str(), Some("gauge" | "counter" | "histogram")), "{name}: {family}");
        assert!(family[1].as_str().is_some_and(|help| help.ends_with('.')), "{name}");
    }
    let pending = &read["stocksync_store_pending"][2][0];
    assert_eq!((&pending[1]["store"], pending[2].as_f64()), (&json!("out\"let\\\n"), Some(3.0)));
    let requests = read["stocksync_http_requests"][2].as_array().unwrap();
    let labels = json!({ "route": "/v1/events", "status": "200" });
    assert!(requests.iter().any(|one| one[1] == labels && one[2].as_f64() == Some(1.0)), "{requests:?}");
    let written = read["stocksync_event_to_written_seconds"][2].as_array().unwrap();
    let count =
        written.iter().find(|sample| sample[0] == "stocksync_event_to_written_seconds_count").unwrap();
    assert_eq!(count[2].as_f64(), Some(1.0));
}
