//! A transcript of a session, without secrets, that answers in the store's place.

use super::*;
use stocksync_sdk::message::SaveSecret;

fn requests(url: &dyn Fn(&str) -> String) -> Vec<Http> {
    let sign = Sign {
        alg: "hmac-sha256".to_owned(),
        key: "{{secret:token}}".to_owned(),
        text: "t".to_owned(),
        encoding: "base64".to_owned(),
        into: "s".to_owned(),
    };
    let save = SaveSecret { name: "token".to_owned(), pointer: "/new".to_owned(), expires_pointer: None };
    vec![
        Http {
            headers: vec![("authorization".to_owned(), "Bearer {{secret:token}}".to_owned())],
            sign: vec![sign],
            ..http("POST", url("/a?t={{secret:token|percent}}&raw={{secret:token}}&sign={{sign:s|percent}}"))
        },
        Http { idempotent: true, ..http("GET", url("/b")) },
        Http { save_secret: vec![save], ..http("POST", url("/refresh")) },
        http("POST", url("/d?t={{secret:token}}")),
    ]
}

/// What came of each, one after the other.
fn run(net: &Net, folder: &Path, url: &dyn Fn(&str) -> String) -> Vec<(EventKind, String)> {
    let mut session = transport(net, &["127.0.0.1"], folder);
    let land = |request| {
        session.send(request, b"key={{secret:token|base64}}".to_vec()).unwrap();
        let landed = session.landed().unwrap();
        (landed.event, String::from_utf8(landed.body).unwrap())
    };
    requests(url).into_iter().map(land).collect()
}

#[test]
fn a_transcript_holds_no_secret_and_answers_without_a_network() {
    // It says back all that it was asked, and gives a new secret, plainly and once more in passing.
    let server = Server::answering(|number, asked| match number {
        1 => Say::status("503 Busy", "", ""),
        3 => Say::ok(r#"{"new":"n3w/t0ken","again":"n3w\/t0ken"}"#),
        _ => Say::status(
            "200 OK",
            "set-cookie: s3ssion\r\n",
            &format!("{}{}", asked.head.replace("\r\n", " "), asked.body),
        ),
    });
    let folder = tempfile::tempdir().unwrap();
    let tapes = folder.path().join("tapes");
    let url = |path: &str| server.url(path);
    let recorded = run(&net().taped(Some(&tapes), None), folder.path(), &url);
    assert_eq!(server.asked().len(), 5);
    let tape = std::fs::read_to_string(tapes.join("shop.jsonl")).unwrap();
    assert_eq!(tape.lines().count(), 5, "each time that a request is sent is a line");
    for secret in ["s3 cret", "s3%20cret", "s3+cret", "czMgY3JldA", "n3w", "s3ssion"] {
        assert!(!tape.contains(secret), "{secret} in {tape}");
    }
    let signed = server.asked()[0].head.split("sign=").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert!(signed.len() > 40 && !tape.contains(&signed), "{signed} in {tape}");

    let address = server.address;
    drop(server);
    let (other, url) = (tempfile::tempdir().unwrap(), |path: &str| format!("http://{address}{path}"));
    std::fs::write(other.path().join("token"), "another one").unwrap();
    let replayed = run(&net().taped(None, Some(&tapes)), other.path(), &url);
    let statuses = |events: &[(EventKind, String)]| -> Vec<String> {
        let shown = |event: &EventKind| match event {
            EventKind::Response { status, .. } => status.to_string(),
            other => format!("{other:?}"),
        };
        events.iter().map(|(event, _)| shown(event)).collect()
    };
    assert_eq!(statuses(&replayed), statuses(&recorded));
    assert_eq!(statuses(&replayed), ["200"; 4]);
    assert_eq!(
        recorded[2].1, r#"{"again":"n3w/t0ken","new":"***"}"#,
        "the connector sees what nobody declared"
    );
    assert_eq!(replayed[2].1, r#"{"again":"***","new":"***"}"#);
    // A token of a transcript is none: nothing is kept of it.
    assert_eq!(std::fs::read_to_string(other.path().join("token")).unwrap(), "another one");
    assert!(!other.path().join(".stocksync").exists());
}

#[test]
fn what_a_transcript_does_not_hold_is_not_sent() {
    let server = Server::answering(|_, _| Say::ok(""));
    let folder = tempfile::tempdir().unwrap();
    let tapes = folder.path().join("tapes");
    std::fs::create_dir(&tapes).unwrap();
    std::fs::write(tapes.join("shop.jsonl"), "").unwrap();
    let net = net().taped(None, Some(&tapes));
    let mut session = transport(&net, &["127.0.0.1"], folder.path());
    session.send(http("GET", server.url("/")), Vec::new()).unwrap();
    check_failed(session.landed().unwrap(), "refused", "not in the transcript");
    assert!(server.asked().is_empty());
}

#[test]
fn a_transcript_that_cannot_be_written_is_told_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tapes"), "in the way").unwrap();
    let net = net().taped(Some(&folder.path().join("tapes")), None);
    let mut session = transport(&net, &["127.0.0.1"], folder.path());
    let said = session.send(http("GET", "http://127.0.0.1:1/".to_owned()), Vec::new()).unwrap_err();
    assert!(said.contains("shop.jsonl"), "{said}");
}
