//! What the connector does to a file.

use crate::Csv;
use serde_json::{Value, json};
use stocksync_sdk::abi::outcome::{CONFLICT, FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::kit::{Case, Item, Run, World, contract, fuzz};

const PATH: &str = "stores/outlet.csv";

fn settings() -> Value {
    json!({ "path": PATH })
}

fn run(file: &[u8], operation: &str, items: &[Item]) -> (Run, Vec<u8>) {
    let mut world = World::new().file(PATH, file);
    let run = Run::of(RawPlugin::of::<Csv>(), &mut world, &settings(), operation, items);
    assert_eq!(run.faults, [""; 0]);
    (run, world.files.remove(PATH).unwrap_or_default())
}

fn world() -> World {
    let file = "\u{FEFF}note,quantity,store_sku\r\n\"a, \"\"b\"\"\r\n\",5,AB-1\r\n,\"7\",\"ก \"\"x\"\"\"\r\n\r\nz,-2,last";
    World::new().file(PATH, file.as_bytes())
}

fn case() -> Case {
    let items = vec![Item::new("AB-1", 12_345), Item::new("ก \"x\"", 0), Item::new("last", 1)];
    Case::new(RawPlugin::of::<Csv>(), world, items).settings(settings())
}

#[test]
fn keeps_the_contract() {
    assert_eq!(contract(&case()), [""; 0]);
}

#[test]
fn any_answer_whatever_ends_in_outcomes() {
    assert_eq!(fuzz(&case()), [""; 0]);
}

#[track_caller]
fn check_read(file: &str, expect: &[(&str, i64)]) {
    let (run, _) = run(file.as_bytes(), "read", &[]);
    assert_eq!(run.end, Some(Ok(())), "{file:?}");
    let read: Vec<_> = run.quantities.iter().map(|(sku, quantity)| (sku.as_str(), *quantity)).collect();
    assert_eq!(read, expect, "{file:?}");
}

#[test]
fn reads() {
    check_read("store_sku,quantity\n", &[]);
    check_read("store_sku,quantity", &[]);
    check_read("store_sku,quantity\na,1\nb,2", &[("a", 1), ("b", 2)]);
    check_read("\u{FEFF}quantity,x,store_sku\r\n-1,,a\r\n\r\n", &[("a", -1)]);
    check_read("\"store_sku\",\"quantity\"\n\"a,b\",\"3\"\n\"c\nd\",007\n", &[("a,b", 3), ("c\nd", 7)]);
    check_read("store_sku,quantity\n a ,1\nA,2\n", &[(" a ", 1), ("A", 2)]);
}

#[test]
fn reads_only_what_is_asked_for() {
    let (run, _) = run(b"store_sku,quantity\na,1\nb,2\n", "read", &[Item::new("b", 0), Item::new("c", 0)]);
    assert_eq!(run.quantities, [("b".to_owned(), 2)]);
}

#[track_caller]
fn check_fault(file: &[u8], expect: &str) {
    let expect = Some(Err(format!("`{PATH}` {expect}")));
    for operation in ["check", "read"] {
        assert_eq!(run(file, operation, &[]).0.end, expect);
    }
    let (run, after) = run(file, "write", &[Item::new("a", 9)]);
    assert_eq!((run.end, run.nothing_written, run.commits), (expect, true, 0));
    assert_eq!(after, file);
}

#[test]
fn faults_are_named_at_their_place() {
    check_fault(b"", "the file has no header");
    check_fault(b"sku,quantity\n", "line 1: the header has no column `store_sku`");
    check_fault(b"store_sku,qty\n", "line 1: the header has no column `quantity`");
    check_fault(b"quantity,store_sku,quantity\n", "line 1, column 20: the column `quantity` stands twice");
    check_fault(b"store_sku,quantity\na\n", "line 2, column 1: the row has 1 cells, the header has 2");
    check_fault(b"store_sku,quantity\na,1,2\n", "line 2, column 5: the row has 3 cells, the header has 2");
    check_fault(b"store_sku,quantity\n,1\n", "line 2, column 1: the cell `store_sku` is empty");
    check_fault(b"store_sku,quantity\na,\n", "line 2, column 3: the cell `quantity` is empty");
    check_fault(b"store_sku,quantity\na,1.5\n", "line 2, column 3: the quantity `1.5` is not a whole number");
    check_fault(b"store_sku,quantity\na,+1\n", "line 2, column 3: the quantity `+1` is not a whole number");
    check_fault(b"store_sku,quantity\na,-\n", "line 2, column 3: the quantity `-` is not a whole number");
    let large = b"store_sku,quantity\na,9007199254740992\n";
    check_fault(large, "line 2, column 3: the quantity `9007199254740992` is too large");
    check_fault("store_sku,quantity\nกข\0,1\n".as_bytes(), "line 2, column 3: a NUL byte");
    check_fault(b"store_sku,quantity\na,1\nb\xff,1\n", "line 3, column 2: this is not UTF-8");
    check_fault(b"store_sku,quantity\na,\"1\n", "line 2, column 3: a quote that is never closed");
    check_fault(b"store_sku,quantity\n\"a\nb\"c,1\n", "line 3, column 3: text behind a closing quote");
    check_fault(b"store_sku,quantity\na,1\ra,2\n", "line 2, column 4: a carriage return without a line feed");
    let twice = "line 5: the store SKU `a` stands on line 2 already";
    check_fault(b"store_sku,quantity\na,1\n\"b\nc\",1\n\"a\",1\n", twice);
}

#[test]
fn a_row_without_end_is_refused_in_bounded_memory() {
    let file = [&b"store_sku,quantity\n\""[..], &vec![b'x'; 3 << 20]].concat();
    check_fault(&file, "line 2: a row of more than 1048576 bytes");
}

#[track_caller]
fn check_write(file: &str, items: &[Item], expect: &str, outcomes: &[u8]) {
    let (run, after) = run(file.as_bytes(), "write", items);
    assert_eq!(run.end, Some(Ok(())));
    assert_eq!(run.outcomes.iter().map(|(_, outcome, _)| *outcome).collect::<Vec<_>>(), outcomes);
    assert_eq!(String::from_utf8_lossy(&after), expect);
    assert_eq!(run.commits, usize::from(file != expect));
}

#[test]
fn writes_only_the_cells_that_change() {
    let file = "\u{FEFF}x,quantity,store_sku\r\n\"a \"\"\", 1,z\n";
    assert!(run(file.as_bytes(), "read", &[]).0.end.is_some_and(|end| end.is_err()));
    let file = "\u{FEFF}x,quantity,store_sku\r\n\"a \"\"\",\"1\",a\n\r\n,007,b\r\n,3,c";
    let items = [Item::new("a", 20), Item::new("b", 7), Item::new("c", 4)];
    let expect = "\u{FEFF}x,quantity,store_sku\r\n\"a \"\"\",\"20\",a\n\r\n,007,b\r\n,4,c";
    check_write(file, &items, expect, &[SENT; 3]);
}

#[test]
fn an_item_fails_alone() {
    let expecting = |sku, quantity, expected| Item { expected: Some(expected), ..Item::new(sku, quantity) };
    let items = [
        Item::new("gone", 1),
        expecting("a", 9, 5),
        expecting("b", 9, 2),
        Item::new("c", -1),
        Item::new("d", 1),
        Item::new("d", 2),
    ];
    let file = "store_sku,quantity\na,1\nb,2\nc,3\nd,4\n";
    let expect = "store_sku,quantity\na,1\nb,9\nc,3\nd,4\n";
    check_write(file, &items, expect, &[FAILED, CONFLICT, SENT, FAILED, FAILED, FAILED]);
    let (run, _) = run(file.as_bytes(), "write", &items);
    assert_eq!(run.outcome(0), Some((FAILED, "not-found: the file has no row of this store SKU")));
    assert_eq!(run.outcome(1), Some((CONFLICT, "the file has 1")));
}

#[test]
fn nothing_to_change_leaves_the_file_alone() {
    check_write("store_sku,quantity\na,1\n", &[Item::new("a", 1)], "store_sku,quantity\na,1\n", &[SENT]);
    check_write("store_sku,quantity\na,1\n", &[], "store_sku,quantity\na,1\n", &[]);
}

#[test]
fn a_file_that_is_not_there() {
    let run = Run::of(RawPlugin::of::<Csv>(), &mut World::new(), &settings(), "read", &[]);
    assert_eq!(run.end, Some(Err(format!("`{PATH}`: there is no such file"))));
}

#[test]
fn settings_without_a_path() {
    for settings in [json!({}), json!({ "path": "" }), json!({ "path": 3 }), json!([])] {
        let run = Run::of(RawPlugin::of::<Csv>(), &mut World::new(), &settings, "check", &[]);
        assert_eq!(run.end, Some(Err("the setting `path` must name a file".to_owned())));
    }
}

#[test]
fn many_rows_in_pages() {
    let mut file = "store_sku,quantity\n".to_owned();
    (0..150_000).for_each(|row| file.push_str(&format!("sku-{row},{row}\n")));
    let (read, _) = run(file.as_bytes(), "read", &[]);
    assert_eq!(read.quantities.len(), 150_000);
    assert_eq!(read.quantities.last(), Some(&("sku-149999".to_owned(), 149_999)));
    let items: Vec<Item> =
        read.quantities.iter().map(|(sku, quantity)| Item::new(sku, quantity + 1)).collect();
    let (write, after) = run(file.as_bytes(), "write", &items);
    assert!(write.outcomes.len() == 150_000 && write.outcomes.iter().all(|(_, outcome, _)| *outcome == SENT));
    assert!(after.ends_with(b"sku-149999,150000\n"));
}
