//! What left, and what a store's answer may not bring in.

use super::*;

/// Whether a request may have changed something, by the time it landed.
fn has_left(hosts: &[&str], request: Http) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mut transport = transport(&net(), hosts, folder.path());
    transport.send(request, Vec::new()).unwrap();
    transport.landed().unwrap();
    transport.close()
}

#[test]
fn what_never_left_changed_nothing() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let closed = format!("http://127.0.0.1:{port}/");
    assert!(!has_left(&["127.0.0.1"], http("POST", closed.clone())));
    assert!(!has_left(&["127.0.0.1"], Http { idempotent: true, ..http("PUT", closed) }));
    assert!(!has_left(&["api.example.com"], http("POST", "https://evil.example/".to_owned())));
    assert!(!has_left(&["127.0.0.1"], http("POST", "http://127.0.0.1/{{secret:other}}".to_owned())));
}

#[test]
fn what_left_may_have_changed_something_whatever_came_of_it() {
    for (method, left) in [("POST", true), ("PUT", true), ("DELETE", true), ("GET", false), ("HEAD", false)] {
        let server = Server::saying(vec![Say::ok("")]);
        assert_eq!(has_left(&["127.0.0.1"], http(method, server.url("/"))), left, "{method}");
    }
    for say in [Say::Hangup, Say::Stall(String::new()), Say::status("500 Oops", "", "")] {
        let server = Server::saying(vec![say]);
        assert!(has_left(&["127.0.0.1"], http("POST", server.url("/"))));
    }
}

#[test]
fn new_tokens_change_no_listing() {
    let server = Server::saying(vec![Say::ok(r#"{"token":"new"}"#)]);
    let save = SaveSecret { name: "token".to_owned(), pointer: "/token".to_owned(), expires_pointer: None };
    let request = Http { save_secret: vec![save], ..http("POST", server.url("/")) };
    assert!(!has_left(&["127.0.0.1"], request));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn nothing_leaves_after_the_end() {
    let server = Server::answering(|_, _| Say::ok(""));
    let folder = tempfile::tempdir().unwrap();
    let mut transport = transport(&net(), &["127.0.0.1"], folder.path());
    transport.send(http("GET", server.url("/")), Vec::new()).unwrap();
    transport.landed().unwrap();
    assert!(!transport.close());
    transport.send(http("POST", server.url("/")), Vec::new()).unwrap();
    check_failed(transport.landed().unwrap(), "refused", "the session is over");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_secret_s_place_in_an_answer_comes_apart() {
    let headers = "X-Next: /a?{{secret:token}}\r\n";
    let body = r#"{"next":"{{secret:token}}","id":"\u007b\u007bsign:url}}"}"#;
    let server = Server::saying(vec![Say::status("200 OK", headers, body)]);
    let landed = land(&["127.0.0.1"], http("GET", server.url("/")), "");
    let told: serde_json::Value = serde_json::from_slice(&landed.body).unwrap();
    assert_eq!(told, serde_json::json!({ "next": "{ {secret:token}}", "id": "{ {sign:url}}" }));
    let EventKind::Response { headers, .. } = landed.event else { unreachable!() };
    assert!(headers.contains(&("x-next".to_owned(), "/a?{ {secret:token}}".to_owned())), "{headers:?}");
}
