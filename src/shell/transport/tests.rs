use super::*;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};
use stocksync_sdk::message::Sign;

/// A server that answers one request, and gives what it was sent.
fn serve(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut piece = [0; 1024];
        while !(asked.ends_with(b"END") || asked.starts_with(b"GET") && asked.ends_with(b"\r\n\r\n")) {
            let count = stream.read(&mut piece).unwrap();
            asked.extend_from_slice(piece.get(..count).unwrap());
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(asked).unwrap()
    });
    (address, thread)
}

fn secrets() -> Arc<Secrets> {
    Arc::new(Secrets::new([("token".to_owned(), "s3 cret".to_owned())].into()))
}

fn land(hosts: &[&str], http: Http, body: &str) -> Landed {
    let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let mut transport = Transport::new(&hosts, secrets(), 0);
    transport.send(http, body.as_bytes().to_vec());
    let landed = transport.landed().unwrap().unwrap();
    assert_eq!(transport.landed().unwrap(), None);
    landed
}

fn http(method: &str, url: String) -> Http {
    Http { id: 7, method: method.to_owned(), url, ..Http::default() }
}

#[test]
fn secrets_are_filled_into_url_headers_and_body() {
    let (address, server) = serve("HTTP/1.1 201 Created\r\nX-Left: 3\r\ncontent-length: 2\r\n\r\nok");
    let mut request = http("POST", format!("{address}/a?t={{{{secret:token|percent}}}}"));
    request.headers.push(("Authorization".to_owned(), "Bearer {{secret:token}}".to_owned()));
    let landed = land(&["127.0.0.1"], request, "t={{secret:token|base64}} END");
    let asked = server.join().unwrap();
    for part in ["POST /a?t=s3%20cret ", "authorization: Bearer s3 cret\r\n", "\r\n\r\nt=czMgY3JldA== END"] {
        assert!(asked.contains(part), "{asked}");
    }
    assert_eq!(landed.body, b"ok");
    let EventKind::Response { id: 7, status: 201, headers } = landed.event else { unreachable!() };
    assert!(headers.contains(&("x-left".to_owned(), "3".to_owned())));
}

#[test]
fn signatures_are_filled_in_and_hidden() {
    let (address, server) = serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let mut request = http("POST", format!("{address}/a?sign={{{{sign:url}}}}"));
    let sign = |key: &str, text: &str, into: &str| Sign {
        alg: "hmac-sha256".to_owned(),
        key: key.to_owned(),
        text: text.to_owned(),
        encoding: "hex".to_owned(),
        into: into.to_owned(),
    };
    request.sign = vec![sign("{{secret:token}}", "/a", "url"), sign("k", "{{sign:url}}", "again")];
    request.headers.push(("X-Sign".to_owned(), "{{sign:again}}".to_owned()));
    land(&["127.0.0.1"], request, "{{sign:url|base64}} END");
    let asked = server.join().unwrap();
    let signs = secrets().sign(&[sign("s3 cret", "/a", "url")]).unwrap();
    let url = secrets().fill("{{sign:url}}", &signs).unwrap();
    let based = secrets().fill("{{sign:url|base64}}", &signs).unwrap();
    let again = secrets().sign(&[sign("k", &url, "url")]).unwrap();
    let again = secrets().fill("{{sign:url}}", &again).unwrap();
    for part in
        [format!("POST /a?sign={url} "), format!("x-sign: {again}\r\n"), format!("\r\n\r\n{based} END")]
    {
        assert!(asked.contains(&part), "{asked}");
    }
}

#[test]
fn redirects_are_not_followed() {
    let (address, server) =
        serve("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.2/\r\ncontent-length: 0\r\n\r\n");
    let landed = land(&["127.0.0.1"], http("GET", address), "");
    server.join().unwrap();
    assert!(matches!(landed.event, EventKind::Response { status: 302, .. }));
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
        let EventKind::Failed { id: 7, kind, message } = landed.event else { unreachable!() };
        assert!(kind == "refused" && message.contains(said) && !message.contains("s3"), "{url}: {message}");
    }
}

#[test]
fn a_closed_port_is_a_failed_connection() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let landed = land(&["127.0.0.1"], http("GET", format!("http://127.0.0.1:{port}/")), "");
    assert!(matches!(landed.event, EventKind::Failed { kind, .. } if kind == "connect"));
}

#[test]
fn hosts_match_by_name_or_below_a_domain() {
    for (pattern, host, matches) in [
        ("a.example", "A.example", true),
        ("a.example", "b.a.example", false),
        ("*.a.example", "b.a.example", true),
        ("*.a.example", "c.b.a.example", true),
        ("*.a.example", "a.example", false),
        ("*.a.example", "evila.example", false),
    ] {
        assert_eq!(matches_host(pattern, host), matches, "{pattern} {host}");
    }
}

#[test]
fn a_wait_ends_with_its_timer() {
    let mut transport = Transport::new(&[], secrets(), 0);
    transport.wait(3, 0.0).unwrap();
    assert_eq!(transport.landed().unwrap().map(|landed| landed.event), Some(EventKind::Timer { id: 3 }));
    assert_eq!(transport.landed().unwrap(), None);
}
