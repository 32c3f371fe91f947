//! `test --watch`, from end to end.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]
#![expect(unreachable_pub, dead_code, reason = "the support modules are shared by several tests")]

#[path = "support/built.rs"]
mod built;
#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Longer than any run takes; only a failure waits for it.
const LINE_SECONDS_MAX: u64 = 60;

/// The program while it watches, and its lines as they come. It ends with the test.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder) -> Self {
        let mut command = folder.command(&["test", "--watch", "--color", "never"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let sender = send.clone();
        thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        thread::spawn(move || {
            BufReader::new(err).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        Self { child, lines }
    }

    /// Waits for a line that holds the text.
    #[track_caller]
    fn until(&self, text: &str) {
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(LINE_SECONDS_MAX)) {
            let found = line.contains(text);
            seen.push(line);
            if found {
                return;
            }
        }
        panic!("no `{text}` in {seen:#?}");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn test(units: u32) -> String {
    format!("test \"t\" {{ stock \"A\" {{ jakarta 4 }} expect \"A\" {{ outlet {units} }} }}\n")
}

#[test]
fn what_changes_is_tested_again_whatever_became_of_it() {
    let folder = Folder::shop();
    folder.write("rules/t.sync", test(4));
    let watching = Watching::start(&folder);
    watching.until("1 passed, 0 failed");
    watching.until("watching `rules`");
    folder.write("rules/t.sync", test(15));
    watching.until("`rules/t.sync` changed");
    watching.until("expected 15, got 4");
    // A fault ends a run, not the watch.
    folder.write("rules/t.sync", "test {\n");
    watching.until("rules/t.sync");
    watching.until("watching");
    let config = std::fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    std::fs::remove_file(folder.path().join("stocksync.yaml")).unwrap();
    watching.until("cannot read `stocksync.yaml`");
    folder.write("rules/t.sync", test(4));
    folder.write("stocksync.yaml", config);
    watching.until("1 passed, 0 failed");
    // A file in a new folder.
    folder.write("rules/more/u.sync", test(4).replace("\"t\"", "\"u\""));
    watching.until("2 passed, 0 failed");
}
