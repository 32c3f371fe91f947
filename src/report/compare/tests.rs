use super::*;
use crate::catalog::Rows;
use crate::check::check;
use crate::compare::compare;
use crate::rules::Declared;
use crate::syntax::parse;

struct Ground {
    declared: Declared,
    catalog: Catalog,
    texts: [(RuleSet, Sources); 2],
}

/// `many` SKUs with 10 each, and one with 3 whose listing has a hostile name.
fn ground(many: usize, old: &str, new: &str) -> Ground {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let declared = Declared {
        warehouses: names(&["jakarta"]),
        stores: names(&["shopee_id", "outlet"]),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    };
    let mut skus: Vec<String> = (0..many).map(|n| format!("SKU-{n:05}")).collect();
    skus.push("LAST".to_owned());
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    let units = |sku: &str| if sku == "LAST" { 3 } else { 10 };
    let stock: Vec<_> = skus.iter().map(|&sku| (sku, "jakarta", units(sku))).collect();
    let listing = |sku: &'static str| sku;
    let mut mappings: Vec<_> = skus.iter().map(|&sku| (sku, "shopee_id", sku, 1)).collect();
    mappings.push(("LAST", "outlet", listing("鞋|<b>`@x\u{1b}[31m"), 1));
    let rows = Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &skus,
        stock: &stock,
        mappings: &mappings,
        ..Rows::default()
    };
    let catalog = Catalog::build(rows);
    let read = |path: &str, text: &str| {
        let mut sources = Sources::new();
        let file = sources.add(path, text);
        let (checked, faults) = check(&[(file, parse(file, text).0)], &declared);
        assert_eq!(faults, []);
        let rules = checked.rule_set().cloned();
        (rules.unwrap_or_else(|| panic!("no rules")), sources)
    };
    let texts = [read("rules/old.sync", old), read("rules/new.sync", new)];
    Ground { declared, catalog, texts }
}

fn rendered(ground: &Ground, format: &str) -> String {
    let [(old, old_sources), (new, new_sources)] = &ground.texts;
    let comparison = compare(old, new, &ground.catalog, &ground.declared.stores, Timestamp::UNIX_EPOCH);
    let report = CompareReport {
        old: Side { name: "main", commit: Some("0123456789abcdef"), rules: old, sources: old_sources },
        new: Side { name: "the working tree", commit: None, rules: new, sources: new_sources },
        comparison: &comparison,
        catalog: &ground.catalog,
        stores: &ground.declared.stores,
        at: Timestamp::UNIX_EPOCH,
        exceeded: &["to_zero>0: 1".to_owned()],
        color: Color::Never,
        width: 80,
    };
    let found = COMPARE_FORMATS.iter().find(|one| one.name == format);
    let mut out = Vec::new();
    assert!(found.is_some_and(|format| (format.render)(&report, &mut out).is_ok()));
    String::from_utf8_lossy(&out).into_owned()
}

const OLD: &str = "rule \"All\" { order 1 skus all warehouses all stores all }\n";
const NEW: &str = "\nrule \"All\" { order 1 skus all warehouses all stores all threshold 4 }\n\nrule \"Off\" off { order 2 skus all warehouses all stores all }\n";

#[test]
fn a_table_of_eighty_columns() {
    let [old, new] = &ground(1, OLD, NEW).texts;
    let short = |side: &(RuleSet, Sources)| short(side.0.version()).to_owned();
    let expected = format!(
        "\
old  main 0123456789ab, rules {}
new  the working tree, rules {}

store         rows  to zero   lower   raise  left alone   taken
shopee_id        2        1       0       0           0       0
outlet           1        1       0       0           0       0
total            3        2       0       0           0       0

by which rules
      2 to zero      All rules/new.sync:2

to zero (2)
  outlet    鞋|<b>`@x␛[31m      3 -> 0      below-threshold  All rules/new.sy...
  shopee_id LAST                3 -> 0      below-threshold  All rules/new.sy...

more than may change: to_zero>0: 1
",
        short(old),
        short(new)
    );
    assert_eq!(rendered(&ground(1, OLD, NEW), "table"), expected);
}

#[test]
fn no_change_is_said() {
    let turned = "rule \"All\" {\n  stores all  skus all warehouses all\n  order 1\n}\n# a comment\n";
    for format in ["table", "md"] {
        assert!(rendered(&ground(1, OLD, turned), format).contains("no change: the rules mean the same"));
        let unseen = OLD.replace("order 1", "order 1 threshold 1");
        assert!(rendered(&ground(1, OLD, &unseen), format).contains("no change: the rules differ"));
    }
}

#[test]
fn markdown_fits_a_comment_and_means_nothing_else() {
    let text = rendered(&ground(1, OLD, NEW), "md");
    assert!(!text.contains("<b>") && !text.contains('\u{1b}') && !text.contains("@x"), "{text}");
    assert!(text.contains("**2 to zero, 0 lower,"), "{text}");
    let text = rendered(&ground(5_000, OLD, &NEW.replace("threshold 4", "threshold 4 rate 50%")), "md");
    assert!(text.chars().count() < 65_000, "{}", text.chars().count());
    assert!(text.contains("to zero (2)") && text.contains("more rows"), "{text}");
    assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
}

#[test]
fn json_has_everything() {
    let value: serde_json::Value =
        serde_json::from_str(&rendered(&ground(1, OLD, NEW), "json")).unwrap_or_default();
    let at = |pointer: &str| value.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/summary/to_zero"), 2);
    assert_eq!(at("/summary/unchanged"), 1);
    assert_eq!(at("/summary/stores/outlet/rows"), 1);
    let expected = serde_json::json!({
        "store": "shopee_id", "store_sku": "LAST", "sku": "LAST", "effect": "to_zero", "old": 3, "new": 0,
        "old_reason": "rate", "new_reason": "below-threshold",
        "old_rule": { "rule": "All", "file": "rules/old.sync", "line": 1 },
        "new_rule": { "rule": "All", "file": "rules/new.sync", "line": 2 } });
    assert_eq!(at("/rows/1"), expected);
    assert_eq!(at("/old/commit"), "0123456789abcdef");
    assert_eq!(at("/new/commit"), serde_json::Value::Null);
}
