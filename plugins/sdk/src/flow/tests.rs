//! A small shop through the whole boundary.

use super::{Ended, Flow, Job, Link, Request, Shop, Verdict, one_line, percent, side_by_side};
use crate::abi::column_id::{QUANTITY, STORE_SKU};
use crate::abi::outcome::SENT;
use crate::connector::{Connector, Input};
use crate::ffi::RawPlugin;
use crate::kit::{Item, Reply, Run, World};
use crate::message::{Event, EventKind, FORMAT_VERSION, Manifest, OpenConfig};
use crate::rows::{Page, Rows, TextColumn};
use serde_json::{Value, json};

#[derive(Debug)]
struct Kiosk;

impl Shop for Kiosk {
    fn manifest() -> Manifest {
        Manifest::new("kiosk", "1", &["check", "read", "write"])
    }

    fn open(_: OpenConfig) -> Result<Self, String> {
        Ok(Self)
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        match job.operation.as_str() {
            "check" => link.send(Request::get("http://kiosk/check")).await.map(drop),
            "read" => {
                let pages: Vec<_> = (0..3).map(|page| page_of(link.clone(), page)).collect();
                for page in side_by_side(2, pages).await {
                    link.page(page?);
                }
                Ok(())
            }
            _ => {
                link.wait(3.0).await;
                for item in &job.items {
                    link.tell(item, Verdict::Sent);
                    link.tell(item, Verdict::Failed("a second verdict".to_owned()));
                }
                if link.now() < 1_764_000_003_000 { Err(Ended::failed("too early\nby far")) } else { Ok(()) }
            }
        }
    }
}

async fn page_of(link: Link, page: u32) -> Result<Page, Ended> {
    let answer = link.send(Request::new("POST", format!("http://kiosk/{page}")).json(&json!([page]))).await?;
    let quantity =
        answer.json().as_ref().and_then(Value::as_i64).ok_or_else(|| Ended::refused(answer.words()))?;
    let sku: TextColumn = [page.to_string().as_str()].into_iter().collect();
    Ok(Page::new().texts(STORE_SKU, sku).i64s(QUANTITY, &[quantity]))
}

fn run(operation: &str, items: &[Item], twice: bool) -> Run {
    let shop = |http: &crate::message::Http, body: &[u8]| {
        let page = String::from_utf8_lossy(body);
        assert_eq!(http.url, format!("http://kiosk/{}", page.trim_matches(['[', ']'])));
        Some(Reply {
            status: 200,
            body: format!("1{}", page.trim_matches(['[', ']'])).into(),
            ..Reply::default()
        })
    };
    let mut world = World { twice, ..World::new() }.shop(shop);
    Run::of(RawPlugin::of::<Flow<Kiosk>>(), &mut world, &json!({}), operation, items)
}

#[test]
fn requests_beside_each_other_in_pages() {
    for twice in [false, true] {
        let run = run("read", &[], twice);
        assert_eq!((run.end, run.faults), (Some(Ok(())), Vec::new()));
        let read = [("0", 10), ("1", 11), ("2", 12)].map(|(sku, quantity)| (sku.to_owned(), quantity));
        assert_eq!(run.quantities, read);
    }
}

#[test]
fn the_first_verdict_counts() {
    let items = [Item::new("a", 1), Item::new("b", 2)];
    let run = run("write", &items, false);
    assert_eq!((run.end, run.faults), (Some(Ok(())), Vec::new()));
    assert_eq!(run.outcomes, [(0, SENT, String::new()), (1, SENT, String::new())]);
}

#[test]
fn no_answer_is_told() {
    let mut world = World::new();
    let run = Run::of(RawPlugin::of::<Flow<Kiosk>>(), &mut world, &json!({}), "check", &[]);
    assert_eq!(run.end, Some(Err("no answer in 30 seconds".to_owned())));
    assert!(!run.nothing_written);
}

#[test]
fn events_that_have_no_place_are_refused() {
    let mut flow = Flow::<Kiosk>::open(OpenConfig {
        format_version: FORMAT_VERSION,
        store: "shop".to_owned(),
        settings: json!({}),
        secrets: Vec::new(),
        secret_expires: std::collections::BTreeMap::new(),
    })
    .unwrap();
    let mut step = |kind: EventKind| {
        let event = Event { format_version: FORMAT_VERSION, now: 0, kind, more_rows: false };
        flow.step(Input { event: &event, body: &[], rows: Rows::default() }).is_err()
    };
    assert!(step(EventKind::More {}));
    assert!(step(EventKind::Timer { id: 1 }));
}

#[test]
fn texts() {
    assert_eq!(one_line(" a\r\n\tb\u{1b}c  d "), "a b c d");
    assert_eq!(one_line(&"ก".repeat(301)), format!("{}…", "ก".repeat(300)));
    assert_eq!(percent("a/b c+é"), "a%2Fb%20c%2B%C3%A9");
}
