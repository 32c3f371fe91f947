//! What crosses the boundary when a connector, or a host, goes wrong.
#![expect(unsafe_code, reason = "the table is called as a host in C would")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::json;
use std::ptr::{null, null_mut};
use stocksync_sdk::abi::{self, Buf, ConnectorV1, Slice};
use stocksync_sdk::ffi::{RawPlugin, Refusal, Table, read_rows};
use stocksync_sdk::message::{EventKind, Manifest, OpenConfig};
use stocksync_sdk::{Answer, Connector, Fault, Input, Page};

/// Goes wrong where its setting says.
struct Wrong(String);

impl Connector for Wrong {
    fn manifest() -> Manifest {
        Manifest::new("wrong", "1.0.0", &["check"])
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        let mode = config.settings.as_str().unwrap_or_default().to_owned();
        match mode.as_str() {
            "open" => panic!("in open"),
            "refuse" => Err("closed".to_owned()),
            _ => Ok(Self(mode)),
        }
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        assert!(!self.0.starts_with("manifest"), "in the manifest");
        (self.0 == "effective").then(Self::manifest)
    }

    fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault> {
        match self.0.as_str() {
            "step" | "step and drop" => panic!("in step"),
            "state" => Err(Fault::wrong_state("not now")),
            "rows" => Ok(Answer::done().rows(Page::new().u8s(6, &[1]).u8s(7, &[1, 2]))),
            _ if matches!(input.event.kind, EventKind::More {}) => Err(Fault::bad_input("more?")),
            _ => Ok(Answer::done()),
        }
    }
}

impl Drop for Wrong {
    fn drop(&mut self) {
        assert!(!self.0.ends_with("drop"), "in drop");
    }
}

fn config(mode: &str) -> Vec<u8> {
    json!({"format_version": 1, "store": "s", "settings": mode, "secrets": []}).to_string().into_bytes()
}

fn start() -> Vec<u8> {
    let start = json!({"format_version": 1, "now": 0, "event": "start", "operation": "check", "entropy": ""});
    start.to_string().into_bytes()
}

#[track_caller]
fn refused<T>(result: Result<T, Refusal>, status: i32, end: &str) {
    let (got, message) = result.err().unwrap();
    assert!(got == status && message.ends_with(end) && !message.contains('\n'), "{got} {message}");
}

#[test]
fn a_panic_ends_the_session_only() {
    let plugin = RawPlugin::of::<Wrong>();
    refused(plugin.open(&config("open")), abi::STATUS_PANIC, "in open");
    refused(plugin.open(&config("manifest")), abi::STATUS_PANIC, "in the manifest");
    refused(plugin.open(&config("manifest, drop")), abi::STATUS_PANIC, "in the manifest");
    for mode in ["step", "step and drop"] {
        let mut session = plugin.open(&config(mode)).unwrap();
        refused(session.step(&start(), &[], &Page::new()), abi::STATUS_PANIC, "in step");
        refused(session.step(&start(), &[], &Page::new()), abi::STATUS_PANIC, "dead since it panicked");
    }
    drop(plugin.open(&config("drop")).unwrap());
    assert!(plugin.open(&config("")).unwrap().step(&start(), &[], &Page::new()).is_ok());
}

#[test]
fn faults_are_statuses() {
    let plugin = RawPlugin::of::<Wrong>();
    let step = |mode: &str| plugin.open(&config(mode)).unwrap().step(&start(), &[], &Page::new());
    refused(plugin.open(&config("refuse")), abi::STATUS_BAD_INPUT, "closed");
    refused(step("state"), abi::STATUS_WRONG_STATE, "not now");
    refused(step("rows"), abi::STATUS_WRONG_STATE, "column 6 has 1 bytes where 2 rows need 2");
    assert!(!plugin.open(&config("effective")).unwrap().effective_manifest.is_empty());
    assert!(plugin.open(&config("")).unwrap().effective_manifest.is_empty());
}

#[test]
fn null_pointers_are_refused() {
    static TABLE: Table = Table::new();
    const EMPTY: Slice = Slice { ptr: null(), len: 0 };
    // SAFETY: the table is static, and null is what these pointers may be.
    unsafe {
        let table: &ConnectorV1 = TABLE.of::<Wrong>().as_ref().unwrap();
        let (open, step) = (table.open.unwrap(), table.step.unwrap());
        let text = config("");
        let config = Slice { ptr: text.as_ptr(), len: text.len() };
        assert_eq!(open(config, null_mut(), null_mut(), null_mut()), abi::STATUS_BAD_INPUT);
        let mut session = null_mut();
        assert_eq!(open(EMPTY, &raw mut session, null_mut(), null_mut()), abi::STATUS_BAD_INPUT);
        let nowhere =
            |session| step(session, EMPTY, EMPTY, null(), null_mut(), null_mut(), null_mut(), null_mut());
        assert_eq!(nowhere(null_mut()), abi::STATUS_BAD_INPUT);
        assert_eq!(open(config, &raw mut session, null_mut(), null_mut()), abi::STATUS_OK);
        assert_eq!(nowhere(session), abi::STATUS_BAD_INPUT);
        table.close.unwrap()(session);
        table.close.unwrap()(null_mut());
        table.free_buf.unwrap()(null_mut());
        table.free_buf.unwrap()(&mut Buf { ptr: null_mut(), len: 0, cap: 0 });
    }
}

#[test]
fn rows_from_the_other_side_are_looked_at_first() {
    let numbers = [1i64, 2];
    let column = abi::Column { id: 3, kind: abi::column_kind::I64, ptr: numbers.as_ptr().cast(), len: 16 };
    let size = size_of::<abi::Rows>() as u32;
    let sound = abi::Rows { struct_size: size, columns_len: 1, rows: 2, columns: &raw const column };
    let read = |rows: abi::Rows| {
        // SAFETY: what is pointed to lives, or is null.
        unsafe { read_rows(&rows) }.map(|rows| rows.len()).map_err(|why| why.0)
    };
    assert_eq!(read(sound), Ok(2));
    assert_eq!(
        read(abi::Rows { struct_size: 8, ..sound }),
        Err("a page of size 8 with 1 columns".to_owned())
    );
    assert!(read(abi::Rows { columns_len: u32::MAX, ..sound }).is_err());
    assert_eq!(read(abi::Rows { columns: null(), ..sound }), Err("the columns stand nowhere".to_owned()));
    assert!(read(abi::Rows { rows: u64::MAX, ..sound }).is_err());
    let with = |column: abi::Column| read(abi::Rows { columns: &raw const column, ..sound }).err().unwrap();
    assert_eq!(with(abi::Column { ptr: null(), ..column }), "column 3 stands nowhere");
    assert_eq!(
        with(abi::Column { ptr: column.ptr.wrapping_byte_add(1), ..column }),
        "column 3 is not aligned"
    );
    assert_eq!(with(abi::Column { len: usize::MAX, ..column }), "column 3 stands nowhere");
    // SAFETY: null is no rows.
    assert!(unsafe { read_rows(null()) }.is_ok_and(|rows| rows.is_empty()));
}
