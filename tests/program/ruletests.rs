//! `stocksync test`, from end to end.

use crate::asked::{codes, json};
use crate::folder::Folder;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

#[test]
fn tests_pass_fail_or_are_not_there() {
    let folder = Folder::shop();
    let with = |units: u32| {
        let test =
            format!("test \"t\" {{ stock \"A\" {{ jakarta 4 }} expect \"A\" {{ outlet {units} }} }}\n");
        folder.write("rules/t.sync", test);
        folder.run(&["test"])
    };
    let passed = with(4);
    assert_eq!((passed.code, passed.out.contains("1 passed, 0 failed")), (0, true), "{}", passed.out);
    let failed = with(5);
    assert_eq!(failed.code, 1);
    assert!(failed.out.contains("rules/t.sync:1:56: `A` in `outlet`: expected 5, got 4"), "{}", failed.out);
    for line in ["    stock      jakarta 4\n", "    available  4  4 available under `All`\n"] {
        assert!(failed.out.contains(line), "{}", failed.out);
    }
    codes(
        &folder,
        &[
            (1, &["test", "--filter", "t"]),
            (3, &["test", "--filter", "other"]),
            (1, &["test", "--coverage", "-q"]),
            (1, &["test", "--format", "junit"]),
            (2, &["test", "--format", "tap"]),
            (2, &["test", "--format", "json", "--watch"]),
        ],
    );
    let both = folder.run(&["test", "--format", "junit", "--coverage"]);
    assert!(both.out.ends_with("</testsuites>\n"), "{}", both.out);
    assert_eq!(both.err, "coverage: rules 1 of 1, fields 0 of 0, branches 0 of 0\n");
    let value = json(&folder.run(&["test", "--format", "json", "--coverage"]));
    assert_eq!((&value["failed"], &value["coverage"]["rules"]["reached"]), (&1.into(), &1.into()));
}

#[test]
fn the_tests_of_the_example_reach_every_branch() {
    let folder = Folder::shop();
    codes(&folder, &[(0, &["init", "new"])]);
    let value = json(&folder.run(&["test", "-C", "new", "--coverage", "--format", "json"]));
    for what in ["rules", "fields", "branches"] {
        let count = &value["coverage"][what];
        assert!(count["total"].as_u64().unwrap() > 5);
        assert_eq!(count["reached"], count["total"], "{what}");
    }
}

/// Longer than any run takes; only a failure waits for it.
const LINE_SECONDS_MAX: u64 = 60;

/// The program while it watches, and the lines of each stream as they come. It ends with the test.
struct Watching {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder) -> Self {
        let mut command = folder.command(&["test", "--watch", "--color", "never"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, out, err }
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
    });
    lines
}

/// Waits for a line that holds the text.
#[track_caller]
fn until(lines: &Receiver<String>, text: &str) {
    let mut seen = Vec::new();
    while let Ok(line) = lines.recv_timeout(Duration::from_secs(LINE_SECONDS_MAX)) {
        let found = line.contains(text);
        seen.push(line);
        if found {
            return;
        }
    }
    panic!("no `{text}` in {seen:#?}");
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
    let (out, err) = (&watching.out, &watching.err);
    until(out, "1 passed, 0 failed");
    until(err, "watching `rules`");
    folder.write("rules/t.sync", test(15));
    until(err, "`rules/t.sync` changed");
    until(out, "expected 15, got 4");
    until(err, "watching");
    // A fault ends a run, not the watch.
    folder.write("rules/t.sync", "test {\n");
    until(err, "syntax");
    until(err, "watching");
    let config = std::fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    std::fs::remove_file(folder.path().join("stocksync.yaml")).unwrap();
    until(err, "cannot read `stocksync.yaml`");
    folder.write("rules/t.sync", test(4));
    folder.write("stocksync.yaml", config);
    until(out, "1 passed, 0 failed");
    // A file in a new folder.
    folder.write("rules/more/u.sync", test(4).replace("\"t\"", "\"u\""));
    until(out, "2 passed, 0 failed");
}
