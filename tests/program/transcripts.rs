//! Transcripts through the program: a plan is recorded against a server, and made again without one.

use crate::folder::Folder;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

/// What no output and no file but its own may hold.
const SECRET: &str = "c4nary/s3cret+1";

/// A store that tells its stock to one who knows the secret, and says all that it was asked back in a header; one request, then it is gone.
fn store() -> (u16, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let (mut asked, mut piece) = (Vec::new(), [0; 1024]);
        while !asked.ends_with(b"\r\n\r\n") {
            let count = stream.read(&mut piece).unwrap();
            asked.extend_from_slice(&piece[..count]);
        }
        let asked = String::from_utf8(asked).unwrap();
        assert!(asked.contains(&format!("Bearer {SECRET}")), "{asked}");
        let echo = asked.replace("\r\n", " ");
        let body = "o/1 3\no/2 7\n";
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nx-echo: {echo}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
    });
    (port, serving)
}

fn shop(port: u16) -> Folder {
    let folder = Folder::shop();
    folder.write("secret", SECRET);
    folder.write(
        "stocksync.yaml",
        format!(
            "warehouses: [jakarta, batam]\nstores:\n  outlet:\n    connector: faulty\n    secrets: {{ token: \"file:secret\" }}\n    settings:\n      \
             mode: asks\n      url: \"http://127.0.0.1:{port}\"\n      manifest: {{ hosts: [\"127.0.0.1\"] }}\nlint: {{ oversell-risk: allow }}\n"
        ),
    );
    folder.write("catalog/mappings.csv", "sku,store,store_sku\nA-1,outlet,o/1\nA-2,outlet,o/2\n");
    folder
}

/// The rows of a plan: what does not differ from one plan to the next.
fn rows(out: &str) -> serde_json::Value {
    let plan: serde_json::Value = serde_json::from_str(out).unwrap_or_else(|fault| panic!("{fault}: {out}"));
    plan["rows"].clone()
}

#[test]
fn a_recorded_plan_is_made_again_without_a_network() {
    let (port, serving) = store();
    let folder = shop(port);
    let recorded = folder.run(&["plan", "--format", "json", "--record", "tapes"]);
    serving.join().unwrap();
    assert_eq!(recorded.code, 0, "{}", recorded.err);
    assert_eq!(rows(&recorded.out).as_array().unwrap().len(), 1, "{}", recorded.out);

    let tape = fs::read_to_string(folder.path().join("tapes/outlet.jsonl")).unwrap();
    assert_eq!(tape.lines().count(), 1, "{tape}");
    for shown in [&tape, &recorded.out, &recorded.err] {
        for form in [SECRET, "c4nary%2Fs3cret%2B1", "c4nary", "s3cret"] {
            assert!(!shown.contains(form), "{form} in {shown}");
        }
    }
    // Its own file is not there any more in the place that needs none.
    folder.write("secret", "another");
    let replayed = folder.run(&["plan", "--format", "json", "--replay", "tapes"]);
    assert_eq!((replayed.code, rows(&replayed.out)), (0, rows(&recorded.out)), "{}", replayed.err);

    let missing = folder.run(&["plan", "--replay", "no-tapes"]);
    assert!(missing.err.contains("outlet.jsonl") || missing.out.contains("outlet.jsonl"), "{}", missing.err);
    assert_ne!(missing.code, 0);
}
