//! Rules read back from their canonical form are the same rules.

use super::{check_texts, declared};
use crate::catalog::{Catalog, ListingId, Rows};
use crate::eval::{Desired, eval};
use crate::rules::{Declared, RuleSet};
use crate::source::Sources;
use jiff::Timestamp;
use proptest::prelude::*;

fn rules(text: &str) -> RuleSet {
    let (_, checked, found) = check_texts(&[text]);
    assert!(found.is_empty(), "{found:#?}");
    checked.rule_set().cloned().unwrap_or_else(|| panic!("no rules"))
}

fn restored(rules: &RuleSet, declared: &Declared) -> RuleSet {
    let form = rules.canonical();
    let file = Sources::new().add("activation 1", form);
    RuleSet::restore(form, declared, file).unwrap_or_else(|| panic!("not read back:\n{form}"))
}

fn numbers(rules: &RuleSet, declared: &Declared, at: Timestamp) -> (Desired, Vec<String>) {
    let skus = ["A", "NIKE-1", "NIKE-1-S", "PUMA", "CLR-1", "SPL-*", "x\"y\\z"];
    let stock: Vec<_> = skus.iter().map(|sku| (*sku, "jakarta", 37)).chain([("A", "batam", 9)]).collect();
    let stores = ["shopee_id", "shopee_my", "lazada_id", "tiktok_id", "new"];
    let mappings: Vec<_> = skus.iter().flat_map(|sku| stores.map(|store| (*sku, store, *sku, 1))).collect();
    let rows = Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &skus,
        stock: &stock,
        mappings: &mappings,
        bundles: &[],
    };
    let catalog = Catalog::build(rows);
    let desired = eval(rules, &catalog, at, &[]);
    let name = |listing: u32| {
        let listing = ListingId(listing);
        let number = desired.number(listing).map(|number| number.planned);
        let store = &declared.stores[usize::from(catalog.listing_store(listing).0)];
        format!("{store} {} {number:?}", catalog.store_sku(listing))
    };
    let lines = (0..catalog.listing_count() as u32).map(name).collect();
    (desired, lines)
}

#[track_caller]
fn check_restored(text: &str) {
    let (rules, declared) = (rules(text), declared());
    let back = restored(&rules, &declared);
    assert_eq!((back.canonical(), back.version()), (rules.canonical(), rules.version()));
    // Written anew from what was read, and not only kept.
    assert_eq!(RuleSet::new(back.rules().to_vec(), &declared).canonical(), rules.canonical());
    for at in ["2026-01-01T00:00:00Z", "2026-11-27T05:00:00Z"] {
        let at = at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        assert_eq!(numbers(&back, &declared, at).1, numbers(&rules, &declared, at).1, "{text}");
    }
}

const SHOES: &str = r#"
let shoes = "NIKE-*", "ADI-*" except "*-S"
let more = shoes, "PUMA" except "A?I-\*\?", shoes
let sea = shopee_id, lazada_id
rule "a \"b\" \\" {
  order 1
  active from 2026-11-27 until 2026-11-28
  skus shoes, "PUMA"
  warehouses jakarta, batam
  stores sea, tiktok_id
  threshold 5
  rate 50%
  priority store shopee_id below 20
  store tiktok_id { rate 30%  cap 20 }
}
rule "b" { order 2 skus "CLR-*" warehouses all stores all except lazada_id rate 33.33% round up store shopee_my { floor 3 } }
rule "c" { order 3 skus "SPL-\*" warehouses all except batam stores sea rate 90% reserve 2 split lazada_id 2, shopee_id 4 store shopee_id { cap 9 } }
rule "d" { order 4 skus more, "x\"y\\z" warehouses batam stores tiktok_id plus 3 }
rule "e" off { order 5 skus all warehouses all stores all }
rule "f" { order 6 skus all except more, "CLR-1" warehouses all stores all split shopee_my 1 }
"#;

#[test]
fn rules_read_back_are_the_same() {
    check_restored(SHOES);
    check_restored("");
    check_restored("rule \"off\" off { order 1 skus all warehouses all stores all }");
}

#[test]
fn names_that_are_gone_are_left_out_and_new_ones_belong_to_all() {
    let rules = rules(SHOES);
    let mut now = declared();
    now.stores = ["tiktok_id", "shopee_my", "new"].map(str::to_owned).to_vec();
    let back = restored(&rules, &now);
    assert_eq!(back.version(), rules.version());
    let shown = numbers(&back, &now, Timestamp::UNIX_EPOCH).1;
    for line in
        ["shopee_my CLR-1 Some(13)", "tiktok_id CLR-1 Some(13)", "new CLR-1 Some(13)", "new SPL-* None"]
    {
        assert!(shown.iter().any(|shown| shown == line), "{line} is not in {shown:#?}");
    }
}

#[test]
fn what_is_no_canonical_form_is_not_read() {
    let form = rules(SHOES).canonical().to_owned();
    let file = Sources::new().add("activation 1", "");
    for broken in [
        String::new(),
        "stocksync rules 1".to_owned(),
        form.replace("rules 1", "rules 2"),
        form.replacen("order", "ordre", 1),
        form.replacen("rate 5000", "rate x", 1),
        form.replacen("round down", "round", 1),
        form.replacen("skus \"", "skus (\"", 1),
        form.replacen("rule \"", "rule ", 1),
    ] {
        assert!(RuleSet::restore(&broken, &declared(), file).is_none(), "{broken}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(cut in 0_usize..2_000, with in "[a-z \"()0-9\n]{0,8}") {
        let form = rules(SHOES).canonical().to_owned();
        let at = form.floor_char_boundary(cut.min(form.len()));
        let text = format!("{}{with}{}", &form[..at], &form[at..]);
        let _ = RuleSet::restore(&text, &declared(), Sources::new().add("activation 1", ""));
    }
}
