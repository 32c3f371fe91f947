//! `backtest`: orders replayed against the rules, through the program.

use crate::folder::Folder;

/// Five are there; the first store sells four, and ten seconds later the second sells three of what it still shows.
const ORDERS: &str = "id,type,order,store,placed_at,line,store_sku,quantity\n\
    1,order-placed,1,shopee_id,2026-01-01 10:00:00,1,S1,4\n\
    2,order-placed,2,outlet,2026-01-01 10:00:10,1,o/1,3\n";

fn shop() -> Folder {
    let folder = Folder::shop();
    folder.write("orders.csv", ORDERS);
    folder
}

#[track_caller]
fn check(folder: &Folder, args: &[&str], code: i32, expected: &str) {
    let ran = folder.run(&[&["backtest", "--orders", "orders.csv", "--format", "csv"], args].concat());
    let lines: Vec<&str> = ran.out.lines().skip(1).collect();
    assert_eq!((ran.code, lines.join("\n").as_str()), (code, expected), "{}", ran.err);
}

#[test]
fn delays_and_rules_are_tried_with_each_other() {
    let folder = shop();
    check(&folder, &[], 0, ",,,0,7,5,0,0,0,2,2\n,,,60,7,7,2,0,0,0,2\n,,,900,7,7,2,0,0,0,2");
    check(
        &folder,
        &["--delay", "1m", "--rate", "100%,50%", "--reserve", "1"],
        0,
        ",,,60,7,7,2,0,0,0,2\n100%,,1,60,7,7,2,0,0,0,1\n50%,,1,60,7,4,0,3,0,0,0",
    );
    // Another table of stock, and a rule that is not asked for keeps its own.
    folder.write("catalog/then.csv", "sku,warehouse,available\nA-1,batam,50\n");
    check(
        &folder,
        &["--delay", "1m", "--stock", "catalog/then.csv", "--rule", "All"],
        0,
        ",,,60,7,7,0,0,0,0,2",
    );
    assert!(!folder.path().join(".stocksync").exists(), "nothing is kept");
}

#[test]
fn a_picture_is_written_beside_the_table() {
    let folder = shop();
    let ran = folder.run(&["backtest", "--orders", "orders.csv", "--plot", "out.svg"]);
    assert!(ran.out.starts_with("2 orders of 7 units, 2026-01-01 to 2026-01-01\n"), "{}", ran.out);
    let svg = std::fs::read_to_string(folder.path().join("out.svg")).unwrap();
    assert!(svg.contains(">Oversold</text>"), "{svg}");
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let folder = shop();
    let faulty = |args: &[&str], code: i32, said: &str| {
        let ran = folder.run(&[&["backtest", "--orders"], args].concat());
        assert_eq!(ran.code, code, "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    };
    faulty(&["none.csv"], 2, "cannot read `none.csv`");
    faulty(&["orders.csv", "--delay", "5"], 2, "a delay is a whole number and a unit");
    faulty(&["orders.csv", "--rate", "5"], 2, "a rate is a percentage");
    faulty(&["orders.csv", "--rule", "Al"], 2, "did you mean `All`?");
    faulty(&["orders.csv", "--stock", "../then.csv"], 1, "`../then.csv`");
    folder.write("none.csv", "id,type\n");
    faulty(&["none.csv"], 2, "tells of no order that a mapping knows");
    folder.write(
        "some.csv",
        format!(
            "{ORDERS}3,order-placed,3,nowhere,2026-01-01,1,S1,4\n4,order-placed,4,outlet,2026-01-01,1,?,4\n"
        ),
    );
    faulty(&["some.csv"], 1, "some.csv:4: ");
    faulty(&["some.csv"], 1, "left out: 1 order lines that no mapping knows");
}
