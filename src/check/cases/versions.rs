//! The version of a rule set: a change of meaning changes it, nothing else does.

use super::check_texts;

const BASE: &str = r#"
let shoes = "NIKE-*", "ADI-*" except "*-S"
let sea = shopee_id, lazada_id
rule "a" {
  order 1
  active from 2026-11-27 until 2026-11-28
  skus shoes, "PUMA"
  warehouses jakarta, batam
  stores sea, tiktok_id
  threshold 5
  rate 50%
  priority store shopee_id below 20
  store tiktok_id { rate 30% cap 20 }
}
rule "b" { order 2 skus "CLR-*" warehouses all stores all }
rule "c" { order 3 skus "SPL-*" warehouses all stores sea rate 90% split shopee_id 2, lazada_id 4 }
"#;

#[track_caller]
fn version(texts: &[&str]) -> String {
    let (_, checked, found) = check_texts(texts);
    assert!(found.is_empty(), "{found:#?}");
    checked.rule_set().map(|rules| rules.version().to_owned()).unwrap_or_default()
}

#[track_caller]
fn changed(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "{from}");
    BASE.replacen(from, to, 1)
}

#[track_caller]
fn same(from: &str, to: &str) {
    assert_eq!(version(&[BASE]), version(&[&changed(from, to)]), "{from} → {to}");
}

#[track_caller]
fn other(from: &str, to: &str) {
    assert_ne!(version(&[BASE]), version(&[&changed(from, to)]), "{from} → {to}");
}

#[test]
fn a_version_is_a_hash() {
    let version = version(&[BASE]);
    assert_eq!(version.len(), "sha256:".len() + 64);
    assert!(version.starts_with("sha256:"));
}

#[test]
fn what_means_the_same_has_one_version() {
    same("order 1\n", "\n# a comment\n\norder 1 # one\n");
    same("\"NIKE-*\", \"ADI-*\"", "\"ADI-*\", \"NIKE-*\", \"ADI-*\",");
    same("skus shoes, \"PUMA\"", "skus \"PUMA\", shoes, shoes");
    same("shopee_id, lazada_id", "lazada_id, shopee_id");
    same("stores sea, tiktok_id", "stores tiktok_id, shopee_id, lazada_id");
    same("from 2026-11-27 ", "from 2026-11-26T17:00:00Z ");
    same("from 2026-11-27 ", "from 2026-11-27T01:00:00+08:00 ");
    same("rate 50%", "rate 50.00% reserve 0 plus 0 round down floor 0");
    same("rate 30% cap 20", "cap 20 rate 30% reserve 0");
    same("order 2", "order 2 priority store shopee_id below 0");
    same("order 2", "order 2 round up");
    same("split shopee_id 2, lazada_id 4", "split shopee_id 1, lazada_id 2");
    same("rule \"b\"", "rule \"z\" off { order 2 skus all warehouses all stores all }\nrule \"b\"");
    same("rule \"b\"", "test \"t\" { stock \"A\" { jakarta 1 } }\nrule \"b\"");
    same("rule \"b\"", "let unused = \"A\"\nrule \"b\"");
    same("store tiktok_id", "store lazada_id { rate 50% }\nstore tiktok_id");
    same("threshold 5", "threshold 0_5");
}

#[test]
fn what_means_something_else_has_another_version() {
    other("order 1\n", "order 4\n");
    other("rule \"a\" {", "rule \"A\" {");
    other("rule \"b\" {", "rule \"b\" off {");
    other("\"ADI-*\"", "\"ADI-?\"");
    other(" except \"*-S\"", "");
    other("jakarta, batam", "batam, jakarta");
    other("until 2026-11-28", "until 2026-11-29");
    other("threshold 5", "threshold 6");
    other("rate 50%", "rate 50.01%");
    other("rate 50%", "rate 50% round up");
    other("below 20", "below 21");
    other("cap 20", "cap 21");
    other("store tiktok_id { rate 30% cap 20 }", "");
    other("\"CLR-*\" warehouses all stores all", "\"CLR-*\" warehouses jakarta, batam stores all");
    other(
        "\"CLR-*\" warehouses all stores all",
        "\"CLR-*\" warehouses all stores shopee_id, shopee_my, sea, tiktok_id",
    );
    other("\"CLR-*\" warehouses all stores all", "\"CLR-*\" warehouses all stores all except shopee_my");
    other("split shopee_id 2, lazada_id 4", "split lazada_id 4, shopee_id 2");
    other("split shopee_id 2, lazada_id 4", "split shopee_id 2, lazada_id 5");
}

#[test]
fn files_and_the_order_of_rules_do_not_count() {
    let (lists, rules) = BASE.split_at(BASE.find("rule").unwrap_or(0));
    let (a, rest) = rules.split_at(rules.find("rule \"b\"").unwrap_or(0));
    assert_eq!(version(&[BASE]), version(&[rest, a, "", lists]));
}

#[test]
fn an_exception_of_a_list_is_its_own() {
    let text = |skus: &str| {
        format!(
            "let l = \"A*\" except \"AB\"\nrule \"a\" {{ order 1 skus {skus} warehouses all stores all }}"
        )
    };
    let version = |skus: &str| version(&[&text(skus)]);
    assert_eq!(version("l"), version("\"A*\" except \"AB\""));
    assert_eq!(version("l except \"AC\""), version("\"A*\" except \"AC\", \"AB\""));
    assert_ne!(version("l, \"AB\""), version("\"A*\", \"AB\" except \"AB\""));
    assert_ne!(version("all"), version("\"*\""));
}
