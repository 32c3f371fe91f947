//! A small API with tokens, through the whole boundary.

use super::{AGAIN_MAX, Api, Client, Judged, Trouble};
use crate::ffi::RawPlugin;
use crate::flow::{Ended, Flow, Job, Link, Request, Response, Shop, side_by_side};
use crate::kit::{Reply, Run, World};
use crate::message::{Manifest, OpenConfig, SaveSecret};
use serde_json::json;

struct Store {
    stale: bool,
}

impl Shop for Store {
    fn manifest() -> Manifest {
        Manifest::new("store", "1", &["check"])
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Ok(Self { stale: config.settings["stale"] == true })
    }

    async fn run(self, _: Job, link: Link) -> Result<(), Ended> {
        let client = Client::new(self, link);
        let asked = (0..4).map(|part| {
            let client = client.clone();
            async move { client.ask(|_, _| part_of(part)).await }
        });
        let told = side_by_side(2, asked.collect()).await;
        let wrong: Vec<_> = told.iter().filter_map(|told| told.as_ref().err().map(Trouble::text)).collect();
        if wrong.is_empty() { Ok(()) } else { Err(Ended::refused(wrong.join("; "))) }
    }
}

fn part_of(part: u32) -> Request {
    Request::get(format!("http://store/{part}")).header("token", "{{secret:access}}")
}

impl Api for Store {
    fn judge(&self, response: &Response) -> Judged {
        let Some(body) = response.json() else { return response.foreign() };
        match body["code"].as_str() {
            Some("expired") => Judged::Expired("expired".to_owned()),
            Some("busy") => Judged::Again(2.0, Trouble::Refused("throttled: busy".to_owned())),
            _ => Judged::Good(body),
        }
    }

    fn is_stale(&self, _: i64) -> bool {
        self.stale
    }

    fn refresh(&self, _: i64) -> Option<Request> {
        let save = |name: &str| SaveSecret {
            name: name.to_owned(),
            pointer: format!("/{name}"),
            expires_pointer: None,
        };
        let request = Request::new("POST", "http://store/refresh").header("token", "{{secret:refresh}}");
        Some(request.save_secret(save("access")).save_secret(save("refresh")))
    }

    fn refreshed(&self, response: &Response) -> Result<(), String> {
        let body = response.json().unwrap_or_default();
        if body["access"] == "***" { Ok(()) } else { Err(response.words()) }
    }
}

/// A shop whose refresh token works once, and whose access tokens are `good` from the first refresh on.
fn run(good: &'static str, busy: u32, stale: bool) -> (Run, World) {
    let (mut refresh_token, mut busy) = ("r0", busy);
    let shop = move |http: &crate::message::Http, _: &[u8]| {
        let token = http.headers.first().map(|(_, token)| token.as_str()).unwrap_or_default();
        let body = if http.url.ends_with("refresh") {
            if token != std::mem::replace(&mut refresh_token, "r1") {
                return Some(Reply::new(400, "used up"));
            }
            json!({ "access": "a1", "refresh": "r1" })
        } else if token != good {
            json!({ "code": "expired" })
        } else if busy > 0 {
            busy -= 1;
            json!({ "code": "busy" })
        } else {
            json!({})
        };
        Some(Reply::new(200, body.to_string()))
    };
    let mut world = World::new().secret("access", "a0").secret("refresh", "r0").shop(shop);
    let run = Run::of(RawPlugin::of::<Flow<Store>>(), &mut world, &json!({ "stale": stale }), "check", &[]);
    assert_eq!(run.faults, [""; 0]);
    (run, world)
}

fn refreshes(run: &Run) -> usize {
    run.requests.iter().filter(|(http, _)| http.url.ends_with("refresh")).count()
}

#[test]
fn an_expired_token_is_refreshed_once_for_all_that_are_under_way() {
    let (run, world) = run("a1", 0, false);
    assert_eq!((run.end.clone(), refreshes(&run)), (Some(Ok(())), 1));
    assert_eq!((world.secrets["access"].as_str(), world.secrets["refresh"].as_str()), ("a1", "r1"));
    assert!(run.requests.len() <= 4 + 1 + 2);
}

#[test]
fn a_stale_token_is_refreshed_before_it_is_refused() {
    let (run, _) = run("a1", 0, true);
    assert_eq!((run.end.clone(), refreshes(&run), run.requests.len()), (Some(Ok(())), 1, 5));
}

#[test]
fn new_tokens_that_are_refused_are_the_end() {
    let (run, _) = run("neither", 0, false);
    assert_eq!(refreshes(&run), 1);
    assert_eq!(run.end, Some(Err(["unauthorized: expired"; 4].join("; "))));
}

#[test]
fn throttling_is_waited_out_and_has_an_end() {
    let (patient, _) = run("a0", 3, false);
    assert_eq!((patient.end, patient.waited_seconds > 3.9), (Some(Ok(())), true));
    let (given_up, _) = run("a0", 1_000, false);
    assert_eq!(given_up.end, Some(Err(["throttled: busy"; 4].join("; "))));
    assert_eq!(given_up.requests.len(), 4 * (AGAIN_MAX as usize + 1));
}
