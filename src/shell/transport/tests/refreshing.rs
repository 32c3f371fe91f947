//! Refreshes of secrets: each token is used once, whoever asks, and none is lost.

use super::*;
use std::path::PathBuf;
use std::process::Command;
use stocksync_sdk::message::SaveSecret;

fn refresh(url: String) -> Http {
    let save = SaveSecret {
        name: "token".to_owned(),
        pointer: "/token".to_owned(),
        expires_pointer: Some("/life".to_owned()),
    };
    let headers = vec![("x-token".to_owned(), "{{secret:token}}".to_owned())];
    Http { save_secret: vec![save], headers, ..http("POST", url) }
}

/// A shop whose tokens work once: `t1` follows on `s3 cret`, `t2` on `t1`, and so on.
fn shop() -> Server {
    Server::answering(|_, asked| {
        let was = asked.head.lines().find_map(|line| line.strip_prefix("x-token: ")).unwrap_or_default();
        let next = was.strip_prefix('t').map_or(1, |number| number.parse::<u32>().unwrap() + 1);
        Say::ok(&format!("{{\"token\":\"t{next}\",\"life\":60}}"))
    })
}

#[test]
fn a_new_secret_is_on_disk_and_in_use_and_the_connector_sees_none_of_it() {
    let server = shop();
    let folder = tempfile::tempdir().unwrap();
    let mut transport = transport(&net(), &["127.0.0.1"], folder.path());
    transport.send(refresh(server.url("/refresh")), Vec::new()).unwrap();
    let landed = transport.landed().unwrap();
    assert_eq!(String::from_utf8(landed.body).unwrap(), r#"{"life":60,"token":"***"}"#);
    assert_eq!(std::fs::read_to_string(folder.path().join("token")).unwrap(), "t1");
    assert!(transport.keys.vault().load().unwrap().expires.contains_key("token"));
    transport.send(http("GET", server.url("/{{secret:token}}")), Vec::new()).unwrap();
    transport.landed().unwrap();
    assert!(server.asked()[1].head.starts_with("GET /t1 "));
    assert_eq!(transport.keys.vault().redact("s3 cret and t1"), "*** and ***");
}

#[test]
fn of_many_sessions_one_refreshes_and_the_others_are_told() {
    let server = shop();
    let folder = tempfile::tempdir().unwrap();
    // A network each, as if they were processes of their own.
    let nets = [net(), net(), net(), net()];
    let mut sessions: Vec<_> = nets.iter().map(|net| transport(net, &["127.0.0.1"], folder.path())).collect();
    for session in &mut sessions {
        session.send(refresh(server.url("/refresh")), Vec::new()).unwrap();
    }
    let landed: Vec<_> = sessions.iter_mut().map(|session| session.landed().unwrap().event).collect();
    let told = |event: &&EventKind| matches!(event, EventKind::Failed { kind, .. } if kind == "refreshed");
    assert_eq!(landed.iter().filter(told).count(), 3, "{landed:?}");
    assert_eq!(server.asked().len(), 1);
    // All of them go on with the new one, and one of them may refresh again.
    for session in &mut sessions {
        session.send(http("GET", server.url("/{{secret:token}}")), Vec::new()).unwrap();
        session.landed().unwrap();
    }
    sessions[2].send(refresh(server.url("/refresh")), Vec::new()).unwrap();
    assert!(matches!(sessions[2].landed().unwrap().event, EventKind::Response { .. }));
    let asked = server.asked();
    assert!(asked[1..5].iter().all(|asked| asked.head.starts_with("GET /t1 ")), "{asked:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("token")).unwrap(), "t2");
}

#[test]
fn a_session_that_ends_in_the_middle_loses_no_token() {
    let server = shop();
    let folder = tempfile::tempdir().unwrap();
    let net = net();
    let mut session = transport(&net, &["127.0.0.1"], folder.path());
    session.send(refresh(server.url("/refresh")), Vec::new()).unwrap();
    while server.asked().is_empty() {
        std::thread::yield_now();
    }
    drop(session);
    drop(net);
    assert_eq!(std::fs::read_to_string(folder.path().join("token")).unwrap(), "t1");
}

#[test]
fn a_refused_refresh_changes_nothing() {
    let server = Server::saying(vec![Say::status("400 Bad Request", "", r#"{"token":"no"}"#)]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = transport(&net(), &["127.0.0.1"], folder.path());
    session.send(refresh(server.url("/")), Vec::new()).unwrap();
    let landed = session.landed().unwrap();
    assert_eq!(landed.body, br#"{"token":"no"}"#);
    assert_eq!(std::fs::read_to_string(folder.path().join("token")).unwrap(), "s3 cret");
}

/// The second process of the next test: it refreshes, and is killed between the answer and any use of it.
#[test]
fn child_that_refreshes_and_dies() {
    let (Ok(folder), Ok(url)) = (std::env::var("STOCKSYNC_TEST_FOLDER"), std::env::var("STOCKSYNC_TEST_URL"))
    else {
        return;
    };
    let mut session = transport(&net(), &["127.0.0.1"], &PathBuf::from(folder));
    session.send(refresh(url), Vec::new()).unwrap();
    session.landed().unwrap();
    std::process::abort();
}

#[test]
fn a_process_that_is_killed_between_answer_and_use_loses_no_token() {
    let server = shop();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "s3 cret").unwrap();
    for round in 1..=2 {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "shell::transport::tests::refreshing::child_that_refreshes_and_dies"])
            .env("STOCKSYNC_TEST_FOLDER", folder.path())
            .env("STOCKSYNC_TEST_URL", server.url("/refresh"))
            .output()
            .unwrap();
        assert!(!child.status.success(), "it was to die");
        let kept = transport(&net(), &["127.0.0.1"], folder.path());
        let token = kept.keys.secrets().fill("{{secret:token}}", &Signs::default());
        assert_eq!(token, Ok(format!("t{round}")));
    }
    assert_eq!(server.asked().len(), 2);
}
