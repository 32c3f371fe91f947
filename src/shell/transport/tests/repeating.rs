//! What is sent again, how often, and when a store is left alone.

use super::*;

fn idempotent(server: &Server) -> Http {
    Http { idempotent: true, ..http("PUT", server.url("/")) }
}

fn status(landed: &Landed) -> u16 {
    match &landed.event {
        EventKind::Response { status, .. } => *status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_idempotent_request_is_sent_again_until_it_is_answered() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_owned();
    for bad in [
        Say::Hangup,
        Say::Part(half),
        Say::Stall(String::new()),
        Say::status("500 Oops", "", ""),
        Say::status("429 Too Many", "retry-after: 0\r\n", ""),
        Say::status("503 Busy", "", ""),
    ] {
        let server = Server::saying(vec![bad.clone(), bad.clone(), Say::ok("good")]);
        let landed = land(&["127.0.0.1"], idempotent(&server), "the body");
        assert_eq!((status(&landed), landed.body.as_slice()), (200, b"good".as_slice()), "{bad:?}");
        let bodies: Vec<String> = server.asked().into_iter().map(|asked| asked.body).collect();
        assert_eq!(bodies, ["the body"; 3]);
    }
}

#[test]
fn the_last_answer_is_the_connector_s() {
    let server = Server::answering(|_, _| Say::status("502 Bad Gateway", "", "why"));
    let landed = land(&["127.0.0.1"], idempotent(&server), "");
    assert_eq!((status(&landed), landed.body.as_slice(), server.asked().len()), (502, b"why".as_slice(), 4));
    let server = Server::answering(|_, _| Say::Hangup);
    check_failed(land(&["127.0.0.1"], idempotent(&server), ""), "io", "");
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn what_is_not_idempotent_or_was_refused_is_sent_once() {
    let server = Server::answering(|_, _| Say::status("500 Oops", "", ""));
    land(&["127.0.0.1"], http("POST", server.url("/")), "");
    assert_eq!(server.asked().len(), 1);
    for answer in ["400 Bad", "401 No", "403 No", "404 None", "409 Conflict", "501 Never"] {
        let server = Server::answering(move |_, _| Say::status(answer, "", ""));
        land(&["127.0.0.1"], idempotent(&server), "");
        assert_eq!(server.asked().len(), 1, "{answer}");
    }
}

#[test]
fn a_store_that_does_not_answer_is_left_alone_and_another_is_not() {
    let (dead, alive) = (Server::answering(|_, _| Say::Hangup), Server::answering(|_, _| Say::ok("")));
    let (net, folder) = (net(), tempfile::tempdir().unwrap());
    let mut session = transport(&net, &["127.0.0.1"], folder.path());
    for _ in 0..2 {
        session.send(idempotent(&dead), Vec::new()).unwrap();
        check_failed(session.landed().unwrap(), if dead.asked().len() < 6 { "io" } else { "connect" }, "");
    }
    assert_eq!(dead.asked().len(), 6, "then its circuit opened");
    session.send(idempotent(&dead), Vec::new()).unwrap();
    check_failed(session.landed().unwrap(), "connect", "not asked: 6 requests in a row");
    assert_eq!(dead.asked().len(), 6);
    let turns = net.turns("other", CallLimits::default(), 0.0);
    let lane = net.lane("other", || Lane::new(0, turns, net.settings()));
    let mut other = on_lane(&net, &["127.0.0.1"], folder.path(), &lane);
    other.send(idempotent(&alive), Vec::new()).unwrap();
    assert_eq!(status(&other.landed().unwrap()), 200);
}

#[test]
fn a_pause_that_is_too_long_is_told_at_once() {
    let server = Server::answering(|_, _| Say::status("429 Too Many", "retry-after: 86400\r\n", ""));
    let (net, folder) = (net(), tempfile::tempdir().unwrap());
    let mut session = transport(&net, &["127.0.0.1"], folder.path());
    session.send(idempotent(&server), Vec::new()).unwrap();
    assert_eq!(status(&session.landed().unwrap()), 429);
    session.send(idempotent(&server), Vec::new()).unwrap();
    check_failed(session.landed().unwrap(), "connect", "asks not to be asked for 86");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn all_sessions_of_an_account_keep_one_pace() {
    let server = Server::answering(|_, _| Say::ok(""));
    let (net, folder) = (net(), tempfile::tempdir().unwrap());
    let limits = CallLimits { requests_per_second: 100.0, burst: 1 };
    let began = std::time::Instant::now();
    let mut sessions = Vec::new();
    for store in ["a", "b"] {
        let turns = net.turns("account", limits, 0.0);
        let lane = net.lane(store, || Lane::new(4, turns, net.settings()));
        for _ in 0..2 {
            let mut session = on_lane(&net, &["127.0.0.1"], folder.path(), &lane);
            (0..5).for_each(|_| session.send(idempotent(&server), Vec::new()).unwrap());
            sessions.push(session);
        }
    }
    for session in &mut sessions {
        while let Some(landed) = session.landed() {
            assert_eq!(status(&landed), 200);
        }
    }
    assert_eq!(server.asked().len(), 20);
    // 19 distances of a hundredth of a second each, less what a late one may catch up.
    assert!(began.elapsed() >= Duration::from_millis(185), "{:?}", began.elapsed());
}
