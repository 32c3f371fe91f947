//! What connectors and their files say: actions and rows as any bytes, and the CSV connector over any file.
//!
//! The first byte says which: `a` actions, `r` rows, any other the CSV connector.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use stocksync_csv_linked as _;
use stocksync_sdk::abi::ConnectorV1;
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::kit::{Item, Run, World};
use stocksync_sdk::message::{Actions, Event, Manifest};
use stocksync_sdk::rows::{RawColumn, Rows};

const PATH: &str = "stores/outlet.csv";

unsafe extern "C" {
    fn stocksync_connector_v1_get() -> *const ConnectorV1;
}

fuzz_target!(|bytes: &[u8]| match bytes.split_first() {
    Some((b'a', json)) => messages(json),
    Some((b'r', bytes)) => rows(bytes),
    _ => connector(bytes),
});

/// Whatever can be read can be written, and reads as the same again.
fn messages(json: &[u8]) {
    if let Ok(actions) = serde_json::from_slice::<Actions>(json) {
        let again = serde_json::to_vec(&actions).expect("what was read can be written");
        assert_eq!(serde_json::from_slice::<Actions>(&again).expect("and read again"), actions);
    }
    let _ = serde_json::from_slice::<Event>(json);
    if let Ok(manifest) = serde_json::from_slice::<Manifest>(json) {
        let again = serde_json::to_vec(&manifest).expect("what was read can be written");
        assert_eq!(serde_json::from_slice::<Manifest>(&again).expect("and read again"), manifest);
    }
}

/// The number of rows, then columns: an id, a kind and the number of bytes, each one byte, and the bytes.
fn rows(bytes: &[u8]) {
    let Some((count, mut rest)) = bytes.split_first() else { return };
    let mut columns = Vec::new();
    while let [id, kind, len, bytes @ ..] = rest {
        let Some((bytes, behind)) = bytes.split_at_checked(usize::from(*len)) else { break };
        columns.push(RawColumn { id: u32::from(*id), kind: u32::from(*kind), bytes });
        rest = behind;
    }
    let Ok(rows) = Rows::decode(u64::from(*count), &columns) else { return };
    for id in 0..=u32::from(u8::MAX) {
        let texts = rows.texts(id).map(|texts| {
            let all: Vec<&str> = texts.iter().collect();
            let each: Vec<&str> = (0..rows.len()).filter_map(|row| texts.get(row)).collect();
            assert_eq!(all, each);
            all.len()
        });
        let numbers = rows.u32s(id).map(|all| (0..rows.len()).filter_map(|row| all.get(row)).count());
        let _ = rows.i64s(id).map(|all| (0..=rows.len()).filter_map(|row| all.get(row)).count());
        for len in [texts, numbers, rows.u8s(id).map(<[u8]>::len)].into_iter().flatten() {
            assert_eq!(len, rows.len());
        }
    }
}

/// `items 0x1E file`: an item a line, `SKU QUANTITY EXPECTED`; the first byte is the size of chunks and pages.
fn connector(bytes: &[u8]) {
    let (size, bytes) = bytes.split_first().map_or((&0, bytes), |split| split);
    let mut parts = bytes.splitn(2, |byte| *byte == 0x1E);
    let items = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let items: Vec<Item> = items.lines().take(20).filter_map(item).collect();
    let file = parts.next().unwrap_or_default();
    let small = usize::from(*size % 16) + 1;
    // Every chunk is a step, and the kit allows 20,000.
    let file = file.get(..10_000.min(file.len())).unwrap_or_default();

    let (read, after) = run(file, small, "read", &[]);
    assert_eq!(after, file);
    assert_eq!(read.end, run(file, 1 << 20, "read", &[]).0.end, "chunks change nothing");
    let (write, after) = run(file, small, "write", &items);
    assert_eq!(after, run(file, 1 << 20, "write", &items).1, "chunks change nothing");
    let written = write.end == Some(Ok(()));
    // A store SKU that stands twice stops a read; a write only where it is among the items.
    let twice = matches!(&read.end, Some(Err(why)) if why.ends_with("already"));
    assert!(written == (read.end == Some(Ok(()))) || twice && written, "{:?} {:?}", write.end, read.end);
    if !written {
        assert!(write.nothing_written && write.commits == 0 && after == file);
        return;
    }
    let mut told: Vec<u32> = write.outcomes.iter().map(|(index, ..)| *index).collect();
    told.sort_unstable();
    assert_eq!(told, (0..items.len() as u32).collect::<Vec<_>>(), "one outcome for every item");
    if !twice {
        verify(&items, &write, &read, &run(&after, 1 << 20, "read", &[]).0);
    }
}

/// Only what was sent is different, and it is what was asked for.
fn verify(items: &[Item], write: &Run, before: &Run, after: &Run) {
    assert_eq!(after.end, Some(Ok(())));
    let mut expect = before.quantities.clone();
    for (index, outcome, _) in &write.outcomes {
        let item = &items[*index as usize];
        if *outcome == stocksync_sdk::abi::outcome::SENT {
            let row = expect.iter_mut().find(|(sku, _)| *sku == item.sku).expect("a row that was written");
            assert!(item.expected.is_none_or(|expected| expected == row.1));
            row.1 = item.quantity;
        }
    }
    assert_eq!(after.quantities, expect);
}

fn item(line: &str) -> Option<Item> {
    let mut words = line.split(' ');
    let sku = words.next()?.to_owned();
    let quantity = words.next()?.parse().ok()?;
    Some(Item { sku, quantity, expected: words.next().and_then(|word| word.parse().ok()) })
}

fn run(file: &[u8], chunk_bytes: usize, operation: &str, items: &[Item]) -> (Run, Vec<u8>) {
    let mut world = World { chunk_bytes, page_rows: chunk_bytes, ..World::new().file(PATH, file) };
    let settings = serde_json::json!({ "path": PATH });
    let run = Run::of(plugin(), &mut world, &settings, operation, items);
    assert_eq!(run.faults, [""; 0]);
    (run, world.files.remove(PATH).unwrap_or_default())
}

fn plugin() -> RawPlugin {
    static PLUGIN: OnceLock<RawPlugin> = OnceLock::new();
    // SAFETY: the connector is linked, so its table is never unloaded.
    *PLUGIN.get_or_init(|| unsafe { RawPlugin::new(stocksync_connector_v1_get()) }.expect("a connector"))
}
