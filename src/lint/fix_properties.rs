//! Safe fixes never change a plan, whatever they are of.

use super::cases::{Case, declared, found_over};
use crate::catalog::{Catalog, ListingId, Rows};
use crate::check::check;
use crate::eval::eval;
use crate::fix::{Wanted, fix};
use crate::source::Sources;
use crate::syntax::parse;
use proptest::prelude::*;

const SKUS: [&str; 6] = ["A-1", "A-2", "B-1", "B-2", "A*1", "ก"];
const STORES: [&str; 2] = ["shopee_id", "lazada_id"];

/// Some items of a list, often more than are needed, perhaps an exception, and comments at odd places.
fn list(items: &'static [&'static str], except: f64) -> impl Strategy<Value = String> {
    let picked = || prop::collection::vec(prop::sample::select(items), 1..5);
    let comma = prop_oneof![4 => Just(", "), 1 => Just(",\n    "), 1 => Just(",  # why\n    ")];
    (
        picked(),
        (0.0..1.0, picked()).prop_map(move |(chance, items)| (chance < except).then_some(items)),
        comma,
    )
        .prop_map(|(items, except, comma)| {
            let except = except.map_or_else(String::new, |items| format!(" except {}", items.join(comma)));
            format!("{}{except}", items.join(comma))
        })
}

const SKU_ITEMS: &[&str] =
    &["\"A-*\"", "\"A-1\"", "\"B-?\"", "\"B-1\"", "\"*-1\"", "\"A\\*1\"", "\"*\"", "\"none\"", "one", "two"];
const STORE_ITEMS: &[&str] = &["shopee_id", "lazada_id", "shopee_id", "both"];
const WAREHOUSE_ITEMS: &[&str] = &["jakarta", "batam", "jakarta"];

fn rule() -> impl Strategy<Value = String> {
    let fields = (list(SKU_ITEMS, 0.4), list(STORE_ITEMS, 0.0), list(WAREHOUSE_ITEMS, 0.0));
    let numbers = (0_u32..6, 0_u32..6, 0_u32..150);
    let window = prop_oneof![3 => Just(""), 1 => Just("  active until 1969-01-01\n"), 1 => Just("  active from 1969-01-01\n")];
    (fields, numbers, window, any::<bool>()).prop_map(|((skus, stores, warehouses), (threshold, below, rate), window, note)| {
        let note = if note { "  # kept\n" } else { "" };
        format!(
            "{window}  skus {skus}\n  stores {stores}\n  warehouses {warehouses}\n  threshold {threshold}\n{note}  priority store shopee_id below {below}\n  rate {rate}%\n"
        )
    })
}

/// Lists, some of them of no use, and rules, some with a setting of no use.
fn program() -> impl Strategy<Value = String> {
    (list(&SKU_ITEMS[..8], 0.4), list(&SKU_ITEMS[..8], 0.4), prop::collection::vec(rule(), 1..4)).prop_map(
        |(one, two, rules)| {
            let lets = format!(
                "let one = {one}\n# two\nlet two = {two}\nlet both = shopee_id, lazada_id\nlet idle = one\n"
            );
            let rules = rules.iter().enumerate();
            let rules = rules.map(|(n, fields)| format!("rule \"R{n}\" {{\n  order {n}\n{fields}}}\n"));
            lets + &rules.collect::<String>()
        },
    )
}

fn case() -> Case<'static> {
    Case {
        skus: &SKUS,
        stock: &[
            ("A-1", "jakarta", 4),
            ("A-1", "batam", 9),
            ("A-2", "batam", 3),
            ("B-1", "jakarta", 20),
            ("A*1", "batam", 5),
        ],
        mappings: &[
            ("A-1", "shopee_id", "a", 1),
            ("A-1", "lazada_id", "b", 3),
            ("A-2", "lazada_id", "c", 1),
            ("B-1", "shopee_id", "d", 1),
            ("B-2", "shopee_id", "e", 1),
            ("A*1", "lazada_id", "f", 1),
            ("ก", "lazada_id", "g", 1),
        ],
        ..Case::default()
    }
}

/// What each listing shows; nothing where the rules are faulty.
fn plan(text: &str) -> Option<Vec<Option<(u64, &'static str)>>> {
    let declared = declared();
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (ast, faults) = parse(file, text);
    assert_eq!(faults, [], "{text}");
    let (checked, _) = check(&[(file, ast)], &declared);
    let case = case();
    let catalog = Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: case.skus,
        stock: case.stock,
        mappings: case.mappings,
        bundles: &[],
    });
    let desired = eval(checked.rule_set()?, &catalog, case.at.parse().ok()?, &[]);
    let number =
        |listing| desired.number(ListingId(listing)).map(|number| (number.planned, number.reason.name()));
    Some((0..catalog.listing_count() as u32).map(number).collect())
}

/// The text after rounds of safe fixes, and how many of them were made.
fn fixed(text: &str) -> (String, usize) {
    let (mut text, mut all) = (text.to_owned(), 0);
    for _ in 0..10 {
        let mut sources = Sources::new();
        sources.add("a.sync", &*text);
        let found = found_over(&text, &case(), |_| true);
        let (texts, made) = fix(&sources, &found, Wanted::Safe, |_| true);
        let Some(next) = texts.into_iter().next() else { return (text, all) };
        (text, all) = (next.text, all + made);
    }
    panic!("no end of fixes:\n{text}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]
    #[test]
    fn safe_fixes_change_no_plan(text in program()) {
        let before = plan(&text);
        prop_assume!(before.is_some());
        let (after, _) = fixed(&text);
        prop_assert_eq!(&before, &plan(&after), "{}\n=>\n{}", text, after);
        prop_assert_eq!(text.matches("# why").count(), after.matches("# why").count(), "{}\n=>\n{}", text, after);
    }
}

#[test]
fn the_property_meets_fixes() {
    let text = "let one = \"A-*\", \"A-1\"\nrule \"R\" {\n  order 1\n  skus one except \"B-1\"\n  stores shopee_id\n  warehouses jakarta\n  threshold 5\n  priority store shopee_id below 3\n}\nlet idle = one\n";
    let expected = "let one = \"A-*\"\nrule \"R\" {\n  order 1\n  skus one\n  stores shopee_id\n  warehouses jakarta\n  threshold 5\n}\n";
    assert_eq!(fixed(text), (expected.to_owned(), 4));
    assert_eq!(STORES.len(), declared().stores.len());
}
