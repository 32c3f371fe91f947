pub(in crate::shell) mod server;

mod leaving;
mod refreshing;
mod repeating;
mod taped;

use super::*;
use crate::dispatch::{CallLimits, CircuitLimits, RetryLimits};
use crate::shell::net::{Lane, Net, NetSettings};
use crate::shell::secrets::{Secrets, Signs, Vault};
use server::{Say, Server};
use std::net::TcpListener;
use std::path::Path;
use stocksync_sdk::message::{SaveSecret, Sign};

/// Short times: what hangs must not be waited for long.
fn net() -> Net {
    Net::new(NetSettings {
        connect_ms: 2_000,
        head_ms: 150,
        body_ms: 150,
        body_bytes_max: 1 << 16,
        retry: RetryLimits { attempts_max: 4, elapsed_ms_max: 5_000, backoff_ms_first: 2, backoff_ms_max: 4 },
        circuit: CircuitLimits { failures_max: 6, pause_ms_first: 30_000, ..CircuitLimits::default() },
        ..NetSettings::default()
    })
}

fn lane(net: &Net, concurrency: u32) -> Arc<Lane> {
    let turns = net.turns("shop", CallLimits::default(), 0.0);
    net.lane("shop", || Lane::new(concurrency, turns, net.settings()))
}

fn secrets() -> Secrets {
    Secrets::new([("token".to_owned(), "s3 cret".to_owned())].into())
}

fn transport(net: &Net, hosts: &[&str], folder: &Path) -> Transport {
    on_lane(net, hosts, folder, &lane(net, 0))
}

fn on_lane(net: &Net, hosts: &[&str], folder: &Path, lane: &Arc<Lane>) -> Transport {
    let token = folder.join("token");
    if !token.exists() {
        std::fs::write(&token, "s3 cret").unwrap();
    }
    let sources = [("token".to_owned(), "file:token".to_owned())];
    let vault = Arc::new(Vault::new(folder, "shop", sources.into()));
    let keys = Keyring::new(&vault, &vault.load().unwrap());
    let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    Transport::new(&Arc::new(Way::new(net, &hosts, lane)), keys)
}

fn land(hosts: &[&str], http: Http, body: &str) -> Landed {
    let folder = tempfile::tempdir().unwrap();
    let mut transport = transport(&net(), hosts, folder.path());
    transport.send(http, body.as_bytes().to_vec()).unwrap();
    let landed = transport.landed().unwrap();
    assert_eq!(transport.landed(), None);
    landed
}

fn http(method: &str, url: String) -> Http {
    Http { id: 7, method: method.to_owned(), url, ..Http::default() }
}

#[track_caller]
fn check_failed(landed: Landed, kind: &str, said: &str) {
    let EventKind::Failed { id: 7, kind: found, message } = landed.event else { panic!("{landed:?}") };
    assert!(found == kind && message.contains(said), "{found}: {message}");
}

#[test]
fn secrets_are_filled_into_url_headers_and_body() {
    let server = Server::saying(vec![Say::status("201 Created", "X-Left: 3\r\n", "ok")]);
    let mut request = http("POST", server.url("/a?t={{secret:token|percent}}"));
    request.headers.push(("Authorization".to_owned(), "Bearer {{secret:token}}".to_owned()));
    let landed = land(&["127.0.0.1"], request, "t={{secret:token|base64}}");
    let asked = server.asked().remove(0);
    for part in ["POST /a?t=s3%20cret ", "authorization: Bearer s3 cret\r\n"] {
        assert!(asked.head.contains(part), "{asked:?}");
    }
    assert_eq!(asked.body, "t=czMgY3JldA==");
    assert_eq!(landed.body, b"ok");
    let EventKind::Response { id: 7, status: 201, headers } = landed.event else { unreachable!() };
    assert!(headers.contains(&("x-left".to_owned(), "3".to_owned())));
}

#[test]
fn signatures_are_filled_in() {
    let server = Server::saying(vec![Say::ok("")]);
    let mut request = http("POST", server.url("/a?sign={{sign:url}}"));
    let sign = |key: &str, text: &str, into: &str| Sign {
        alg: "hmac-sha256".to_owned(),
        key: key.to_owned(),
        text: text.to_owned(),
        encoding: "hex".to_owned(),
        into: into.to_owned(),
    };
    request.sign = vec![sign("{{secret:token}}", "/a", "url"), sign("k", "{{sign:url}}", "again")];
    request.headers.push(("X-Sign".to_owned(), "{{sign:again}}".to_owned()));
    land(&["127.0.0.1"], request, "{{sign:url|base64}}");
    let made = |sign: Sign, text: &str| {
        let signs = secrets().sign(&[sign]).unwrap();
        secrets().fill(text, &signs).unwrap()
    };
    let url = made(sign("s3 cret", "/a", "url"), "{{sign:url}}");
    let asked = server.asked().remove(0);
    let again = made(sign("k", &url, "again"), "{{sign:again}}");
    for part in [format!("POST /a?sign={url} "), format!("x-sign: {again}\r\n")] {
        assert!(asked.head.contains(&part), "{asked:?}");
    }
    assert_eq!(asked.body, made(sign("s3 cret", "/a", "url"), "{{sign:url|base64}}"));
}

#[test]
fn what_must_not_be_sent_is_refused() {
    for (url, said) in [
        ("http://127.0.0.1:1/", "may not reach"),
        ("https://evil.example/{{secret:token}}", "may not reach"),
        ("http://api.example.com/", "not asked over https"),
        ("https://user@api.example.com/", "a user or a password"),
        ("https://api.example.com/{{secret:other}}", "is not configured"),
        ("no address", "is wrong"),
    ] {
        let landed = land(&["api.example.com"], http("GET", url.to_owned()), "");
        assert!(!format!("{landed:?}").contains("s3"), "{landed:?}");
        check_failed(landed, "refused", said);
    }
}

#[test]
fn a_redirect_is_followed_for_a_read_within_the_host_alone() {
    let moved = |to: &str| Say::status("302 Found", &format!("location: {to}\r\n"), "moved");
    for (method, to, body) in [
        ("GET", "/there", "there"),
        ("POST", "/there", "moved"),
        ("GET", "http://127.0.0.2/", "moved"),
        ("GET", "https://127.0.0.1/", "moved"),
    ] {
        let server = Server::saying(vec![moved(to), Say::ok("there")]);
        let landed = land(&["*", "127.0.0.1", "127.0.0.2"], http(method, server.url("/")), "");
        assert_eq!(String::from_utf8(landed.body).unwrap(), body, "{method} {to}");
    }
    let server = Server::answering(move |_, _| moved("/"));
    check_failed(land(&["127.0.0.1"], http("GET", server.url("/")), ""), "refused", "redirected more than 3");
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn each_way_of_no_answer_has_its_kind() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    let huge = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}",
        "4000\r\n".to_owned() + &"x".repeat(0x4000) + "\r\n"
    );
    let huge = huge + &("4000\r\n".to_owned() + &"x".repeat(0x4000) + "\r\n").repeat(4);
    for (say, kind, said) in [
        (Say::Hangup, "io", ""),
        (Say::Part(head.to_owned()), "io", ""),
        (Say::Part("garbage\r\n\r\n".to_owned()), "io", ""),
        (Say::Stall(String::new()), "timeout", "did not answer within 150 ms"),
        (Say::Stall(head.to_owned()), "timeout", "to the end within 150 ms"),
        (Say::Stall(huge), "too-large", "larger than 64 KiB"),
        (
            Say::Stall("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_owned()),
            "too-large",
            "larger",
        ),
    ] {
        let server = Server::saying(vec![say]);
        check_failed(land(&["127.0.0.1"], http("POST", server.url("/")), ""), kind, said);
    }
}

#[test]
fn a_closed_port_is_a_failed_connection() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    check_failed(land(&["127.0.0.1"], http("GET", format!("http://127.0.0.1:{port}/")), ""), "connect", "");
}

#[test]
fn sessions_share_their_connections_and_their_store_s_room() {
    let server = Server::answering(|_, _| Say::ok(""));
    let (net, folder) = (net(), tempfile::tempdir().unwrap());
    lane(&net, 1);
    for _ in 0..3 {
        let mut transport = transport(&net, &["127.0.0.1"], folder.path());
        for _ in 0..2 {
            transport.send(http("GET", server.url("/")), Vec::new()).unwrap();
        }
        while let Some(landed) = transport.landed() {
            assert!(matches!(landed.event, EventKind::Response { status: 200, .. }), "{landed:?}");
        }
    }
    let connections: Vec<usize> = server.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections, [0; 6]);
}

#[test]
fn a_session_that_ends_takes_its_requests_with_it() {
    let server = Server::saying(vec![Say::Stall(String::new()), Say::ok("")]);
    let (net, folder) = (Net::default(), tempfile::tempdir().unwrap());
    lane(&net, 1);
    let mut first = transport(&net, &["127.0.0.1"], folder.path());
    first.send(http("GET", server.url("/stalls")), Vec::new()).unwrap();
    while server.asked().is_empty() {
        std::thread::yield_now();
    }
    drop(first);
    // Its seat is free again, long before the time of the request is up.
    let mut second = transport(&net, &["127.0.0.1"], folder.path());
    second.send(http("GET", server.url("/")), Vec::new()).unwrap();
    assert!(matches!(second.landed().unwrap().event, EventKind::Response { .. }));
}

#[test]
fn a_wait_ends_with_its_timer() {
    let folder = tempfile::tempdir().unwrap();
    let mut transport = transport(&net(), &[], folder.path());
    transport.wait(3, 0.0).unwrap();
    assert_eq!(transport.landed().map(|landed| landed.event), Some(EventKind::Timer { id: 3 }));
    assert_eq!(transport.landed(), None);
}

#[test]
fn signs_of_nothing_fill_nothing() {
    assert!(secrets().fill("{{sign:none}}", &Signs::default()).is_err());
}
