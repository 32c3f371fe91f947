//! What holds of the SQLite backend alone: files, faults, holds and crashes.

use super::conformance::{CASES, at, begin, claim, records, run, send_all, waiting, write};
use super::*;
use std::path::{Path, PathBuf};

fn holder() -> Holder {
    Holder { pid: 42, command: "sync".to_owned(), since: at(0) }
}

fn open(dir: &Path) -> SqliteState {
    SqliteState::open(&file(dir), &holder()).expect("a state")
}

fn file(dir: &Path) -> PathBuf {
    dir.join(".stocksync/state.db")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn sqlite_conforms() {
    for (name, case) in CASES {
        let dir = folder();
        let outcome = std::panic::catch_unwind(|| case(&mut open(dir.path())));
        assert!(outcome.is_ok(), "{name}");
    }
}

#[test]
fn opening_makes_the_folder_and_keeps_it_out_of_git() {
    let dir = folder();
    drop(open(dir.path()));
    assert_eq!(std::fs::read_to_string(dir.path().join(".stocksync/.gitignore")).expect("there"), "*\n");
    drop(open(dir.path()));
}

#[test]
fn reading_makes_nothing_and_works_beside_a_writer() {
    let dir = folder();
    let mut nothing = SqliteState::open_for_reading(&file(dir.path())).expect("an empty state");
    assert_eq!(records(&mut nothing, RecordQuery::default()), [""; 0]);
    assert!(!dir.path().join(".stocksync").exists());

    let mut writer = open(dir.path());
    begin(&mut writer, "p", &[write("a", None, 1)]);
    let mut reader = SqliteState::open_for_reading(&file(dir.path())).expect("a state");
    assert_eq!(waiting(&mut reader), ["a"]);
    let fault = reader.begin(&run("q", "v", 1), &mut std::iter::empty()).expect_err("for reading only");
    assert_eq!(fault.message, "the state file cannot be written");
}

#[test]
fn a_second_writer_is_refused() {
    let dir = folder();
    let first = open(dir.path());
    let fault = SqliteState::open(&file(dir.path()), &holder()).expect_err("held");
    assert_eq!(fault.kind, StateFaultKind::Held);
    drop(first);
    drop(open(dir.path()));
}

#[test]
fn what_is_no_state_is_refused() {
    let foreign = "CREATE TABLE t (a)";
    let newer = "PRAGMA application_id = 0x53746f63; PRAGMA user_version = 99";
    for (sql, message) in [
        (foreign, "the state file is a database of another program"),
        (newer, "the state file has schema version 99, and this program knows versions up to "),
    ] {
        let dir = folder();
        let path = dir.path().join("state.db");
        rusqlite::Connection::open(&path).expect("made").execute_batch(sql).expect("made");
        let before = std::fs::read(&path).expect("there");
        let to_write = SqliteState::open(&path, &holder()).expect_err("refused").message;
        let to_read = SqliteState::open_for_reading(&path).expect_err("refused").message;
        assert!(to_write.starts_with(message) && to_write == to_read, "{to_write}, {to_read}");
        assert_eq!(std::fs::read(&path).expect("there"), before, "a refused file stays as it is");
    }
    let dir = folder();
    let path = dir.path().join("state.db");
    std::fs::write(&path, "hello, this is a text, and no database. ".repeat(200)).expect("made");
    for fault in [SqliteState::open(&path, &holder()).err(), SqliteState::open_for_reading(&path).err()] {
        assert_eq!(fault.expect("refused").message, "the state file is no SQLite database");
    }
}

#[test]
fn a_file_of_an_earlier_version_comes_forward() {
    for version in 1..=schema::VERSION {
        let dir = folder();
        std::fs::create_dir_all(file(dir.path()).parent().expect("a folder")).expect("made");
        let older = rusqlite::Connection::open(file(dir.path())).expect("made");
        let made = schema::MIGRATIONS.iter().take(usize::try_from(version).expect("few"));
        made.for_each(|migration| older.execute_batch(migration).expect("made"));
        older.pragma_update(None, "application_id", schema::APPLICATION_ID).expect("ours");
        older.pragma_update(None, "user_version", version).expect("older");
        older.execute_batch(
            "INSERT INTO name VALUES (1, 's'); INSERT INTO version VALUES (1, 'v', '');
             INSERT INTO run VALUES (1, NULL, 1, 'ana', NULL, 0, 1, NULL, NULL);
             INSERT INTO record VALUES (1, 1, 0, 1, 'a', 'A', NULL, 2, 1, NULL, 0, NULL), (2, 1, 0, 1, 'b', 'B', NULL, 2, 1, NULL, 1, NULL);
             INSERT INTO batch VALUES (1, 'key', 'hash', 0);
             INSERT INTO outbox VALUES (1, 'a', 0, 1, NULL, 2, 1, 0, NULL, NULL), (1, 'b', 1, 1, NULL, 2, 2, 1, 1, NULL);",
        )
        .expect("what was to be written");
        drop(older);
        let mut state = open(dir.path());
        assert_eq!(waiting(&mut state), ["a"], "{version}");
        let left = state.unresolved("s", 9).expect("read");
        assert_eq!(left.iter().map(|item| &*item.store_sku).collect::<Vec<_>>(), ["b"], "{version}");
    }
}

#[test]
fn damage_is_a_clear_message_and_never_a_panic() {
    let dir = folder();
    {
        let mut state = open(dir.path());
        let names: Vec<_> = (0..2000).map(|n| format!("sku-{n:05}")).collect();
        let writes: Vec<_> = names.iter().map(|name| write(name, None, 1)).collect();
        begin(&mut state, "p", &writes);
    }
    let whole = std::fs::read(file(dir.path())).expect("there");
    let mut refused = 0;
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0xa5);
        std::fs::write(file(dir.path()), bytes).expect("written");
        let read = SqliteState::open_for_reading(&file(dir.path())).and_then(|mut state| {
            state.records(&RecordQuery::default(), &mut |_| ControlFlow::Continue(()))?;
            state.pending("s", usize::MAX)
        });
        if let Err(fault) = read {
            assert!(fault.message.starts_with("the state file "), "{fault}");
            assert!(fault.help.is_some());
            refused += 1;
        }
    }
    assert!(refused > 10, "only {refused} pages were missed");
}

#[test]
fn a_folder_that_cannot_be_made_is_a_clear_message() {
    let dir = folder();
    std::fs::write(dir.path().join(".stocksync"), "in the way").expect("made");
    let fault = SqliteState::open(&file(dir.path()), &holder()).expect_err("in the way");
    assert!(fault.message.starts_with("cannot make the state folder `"), "{fault}");
}

/// A crash between any two verbs: what came back from a verb is there, what did not is not, and all of it goes on.
#[test]
fn a_crash_between_verbs_loses_nothing() {
    for crash_after in 0..4 {
        let dir = folder();
        let mut state = open(dir.path());
        if crash_after >= 1 {
            begin(&mut state, "p", &[write("a", Some(5), 4), write("b", Some(5), 0)]);
        }
        if crash_after >= 2 {
            let items = state.pending("s", 1).expect("read");
            claim(&mut state, &items);
            if crash_after >= 3 {
                state.settle_batch("s", &items, &[Outcome::Sent], at(30)).expect("settled");
            }
        }
        let copy = folder();
        copy_files(dir.path(), copy.path());
        let mut state = open(copy.path());
        let left = state.unresolved("s", 9).expect("read");
        assert_eq!(left.len(), usize::from(crash_after == 2), "crash after {crash_after}");
        let live = vec![Some(0); left.len()];
        state.resolve("s", &left, &live, at(40)).expect("resolved");
        begin_if_new(&mut state, crash_after);
        send_all(&mut state, Outcome::Sent);
        assert_eq!(records(&mut state, RecordQuery::default()), ["a:4 sent ", "b:0 sent "]);
        assert_eq!(state.plan_status("p").expect("read"), PlanStatus::Finished);
    }
}

fn begin_if_new(state: &mut SqliteState, crash_after: u32) {
    if crash_after == 0 {
        begin(state, "p", &[write("a", Some(5), 4), write("b", Some(5), 0)]);
    }
}

/// The files as they lie on disk while the process still runs: what a kill would leave.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir(to.join(".stocksync")).expect("made");
    for name in ["state.db", "state.db-wal"] {
        std::fs::copy(from.join(".stocksync").join(name), to.join(".stocksync").join(name)).expect("copied");
    }
}

/// A crash inside a verb: its transaction was never committed.
#[test]
fn a_crash_inside_begin_leaves_nothing() {
    let dir = folder();
    let mut state = open(dir.path());
    let mut writes = (0..5).map(|n| {
        assert!(n < 3, "killed");
        write("a", None, 1)
    });
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        state.begin(&run("p", "v", 1), &mut writes).is_ok()
    }));
    assert!(killed.is_err());
    drop(state);
    let mut state = open(dir.path());
    assert_eq!((waiting(&mut state).len(), records(&mut state, RecordQuery::default()).len()), (0, 0));
    assert_eq!(state.plan_status("p").expect("read"), PlanStatus::New);
    assert_eq!(state.activations().expect("read"), []);
}

#[test]
fn a_number_that_the_file_cannot_hold_is_refused_whole() {
    let dir = folder();
    let mut state = open(dir.path());
    let mut writes = [write("a", None, 1), write("b", None, u64::MAX)].into_iter();
    let fault = state.begin(&run("p", "v", 1), &mut writes).expect_err("too large");
    assert_eq!(fault.message, "a number is larger than the state can hold");
    assert_eq!(waiting(&mut state), [""; 0]);
}
