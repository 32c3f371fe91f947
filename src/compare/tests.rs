use super::*;
use crate::catalog::Rows;
use crate::check::check;
use crate::rules::Declared;
use crate::source::Sources;
use crate::syntax::parse;

fn declared() -> Declared {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Declared {
        warehouses: names(&["jakarta"]),
        stores: names(&["shopee_id", "outlet"]),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    }
}

fn rules(text: &str) -> RuleSet {
    let file = Sources::new().add("a.sync", text);
    let (ast, faults) = parse(file, text);
    assert_eq!(faults, []);
    let (checked, faults) = check(&[(file, ast)], &declared());
    assert_eq!(faults, []);
    checked.rule_set().cloned().unwrap_or_else(|| panic!("no rules"))
}

/// Each difference as `store SKU: old -> new, effect`, over A with 10, B with 5 and C with nothing.
#[track_caller]
fn differ(old: &str, new: &str, expect: &[&str]) {
    let declared = declared();
    let catalog = Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &["A", "B", "C"],
        stock: &[("A", "jakarta", 10), ("B", "jakarta", 5)],
        mappings: &[
            ("A", "shopee_id", "a", 1),
            ("A", "outlet", "oa", 1),
            ("B", "outlet", "ob", 1),
            ("C", "outlet", "oc", 1),
        ],
        ..Rows::default()
    });
    let rule = |fields: &str| format!("rule \"R\" {{ order 1 warehouses all {fields} }}");
    let found =
        compare(&rules(&rule(old)), &rules(&rule(new)), &catalog, &declared.stores, Timestamp::UNIX_EPOCH);
    let quantity =
        |given: Option<Given>| given.map_or_else(|| "none".to_owned(), |given| given.quantity.to_string());
    let lines: Vec<String> = found
        .rows
        .iter()
        .map(|row| {
            let sku = catalog.store_sku(row.listing);
            format!("{sku}: {} -> {}, {}", quantity(row.old), quantity(row.new), row.effect().name())
        })
        .collect();
    assert_eq!(lines, expect);
    assert_eq!(found.total.changed(), found.rows.len() as u64);
    assert_eq!(found.stores.iter().map(|counts| counts.rows).sum::<u64>(), found.total.rows);
}

#[test]
fn the_worst_comes_first() {
    differ("skus all stores all", "stores all skus all", &[]);
    differ(
        "skus all stores all",
        "skus all stores all rate 50%",
        &["oa: 10 -> 5, lower", "a: 10 -> 5, lower", "ob: 5 -> 2, lower"],
    );
    differ("skus all stores all", "skus all stores all threshold 6", &["ob: 5 -> 0, to_zero"]);
    differ(
        "skus \"A\", \"C\" stores all rate 50%",
        "skus \"A\", \"B\" stores outlet",
        &[
            "oa: 5 -> 10, raise",
            "a: 5 -> none, left_alone",
            "oc: 0 -> none, left_alone",
            "ob: none -> 5, taken",
        ],
    );
}

#[test]
fn numbers_of_names_may_differ() {
    let mut turned = declared();
    turned.stores.reverse();
    let text = "rule \"R\" { order 1 warehouses all skus all stores all priority store outlet below 9 split outlet 2, shopee_id 1 }";
    let file = Sources::new().add("a.sync", text);
    let (ast, _) = parse(file, text);
    let (checked, faults) = check(&[(file, ast)], &turned);
    assert_eq!(faults, []);
    let other = checked.rule_set().map(|rules| rules.renumbered(&[], &[StoreId(1), StoreId(0)]));
    let same = rules(text);
    let shown = |rules: &RuleSet| {
        let fields = |rule: &crate::rules::Rule| (rule.stores.clone(), rule.priority, rule.split.clone());
        rules.rules().iter().map(fields).collect::<Vec<_>>()
    };
    assert_eq!(other.as_ref().map(shown), Some(shown(&same)));
}
