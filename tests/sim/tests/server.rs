//! A marketplace over HTTP, and a server that misbehaves as planned.
#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{Read, Write};
use std::net::TcpStream;
use stocksync_sim::{Fault, Faults, Listing, MARKETPLACES, Server, Setup, marketplace};

fn server(name: &str) -> Server {
    let setup = Setup { listings: vec![Listing::new("MUG-1", 5)], ..Setup::default() };
    Server::start(marketplace(name, &setup).unwrap()).unwrap()
}

/// All that comes until the server closes the connection.
fn ask(server: &Server, target: &str) -> String {
    let host = server.url().replace("http://", "");
    let mut stream = TcpStream::connect(&host).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // A connection that is cut off may end in a reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn misbehaves(server: &Server, kind: Fault) -> String {
    server.misbehave(Faults { seed: 1, one_in: 1, kinds: vec![kind] });
    ask(server, "/nowhere")
}

#[test]
fn every_marketplace_answers_and_can_be_looked_into() {
    for kind in MARKETPLACES {
        let server = server(kind.name);
        let answer = ask(&server, "/nowhere?a=b");
        assert!(answer.starts_with("HTTP/1.1 4"), "{}: {answer}", kind.name);
        let log = server.log();
        assert_eq!((log.len(), log[0].path.as_str(), log[0].faulty), (1, "/nowhere", false), "{}", kind.name);
        server.with(|market, now| {
            assert_eq!((market.name(), market.quantity("MUG-1")), (kind.name, Some(5)));
            assert!(market.sell("MUG-1", 2, now), "{}", kind.name);
            assert_eq!(market.quantity("MUG-1"), Some(3), "{}", kind.name);
            assert!(
                market.settings("http://127.0.0.1:1").to_string().contains("127.0.0.1:1"),
                "{}",
                kind.name
            );
            assert!(!market.secrets().is_empty(), "{}", kind.name);
        });
    }
}

#[test]
fn it_misbehaves_as_planned() {
    let server = server("woocommerce");
    let whole = ask(&server, "/nowhere");
    let body = whole.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert!(misbehaves(&server, Fault::Broken).starts_with("HTTP/1.1 500"));
    assert!(misbehaves(&server, Fault::BadGateway).starts_with("HTTP/1.1 502"));
    assert!(misbehaves(&server, Fault::Throttle).contains("retry-after: 1"));
    assert_eq!(misbehaves(&server, Fault::DropBefore), "");
    assert_eq!(misbehaves(&server, Fault::DropAfter), "");
    let half = misbehaves(&server, Fault::HalfBody);
    assert!(half.contains(&format!("content-length: {}", body.len())), "{half}");
    assert_eq!(half.split_once("\r\n\r\n").unwrap().1, &body[..body.len() / 2]);
    assert!(!misbehaves(&server, Fault::Garbage).contains(&body));
    assert_eq!(misbehaves(&server, Fault::Late(20)).split_once("\r\n\r\n").unwrap().1, body);
    let log = server.log();
    assert_eq!(log.iter().filter(|entry| entry.faulty).count(), log.len() - 1);
}

#[test]
fn its_clock_can_be_moved() {
    let server = server("woocommerce");
    let now = |server: &Server| server.with(|_, now| now.0);
    let before = now(&server);
    server.skip(3_600_000);
    assert!(now(&server) - before >= 3_600_000);
}
