//! Taking out what changes nothing changes nothing, over random lists.

use super::super::cases::found_in;
use super::super::precedence::tests::{all_skus, checked};
use crate::diagnostic::Edit;
use crate::edit::apply;
use crate::pattern::SkuSet;
use proptest::prelude::*;

/// An item: one of its own, or one of the lists that stand before.
type Item = (String, Option<usize>);
type List = (Vec<Item>, Vec<Item>, &'static str, &'static str);

fn list(own: &'static str, except_max: usize) -> impl Strategy<Value = List> {
    let item = move || (own, prop::option::weighted(0.3, 0_usize..3));
    let comma = prop_oneof![3 => Just(", "), 1 => Just(",\n  "), 1 => Just(", # why\n  ")];
    let items = prop::collection::vec(item(), 1..5);
    (items, prop::collection::vec(item(), 0..=except_max), comma, prop_oneof![Just(""), Just(",")])
}

/// Three lists and what a field takes.
fn field(
    own: &'static str,
    except_max: usize,
    names: [&'static str; 3],
) -> impl Strategy<Value = (String, String)> {
    prop::collection::vec(list(own, except_max), 4).prop_map(move |lists| {
        let text = |(at, (items, except, comma, end)): (usize, &List)| {
            let item = |(own, list): &Item| match list {
                Some(list) if *list < at => names[*list].to_owned(),
                _ => own.clone(),
            };
            let join = |items: &[Item]| items.iter().map(item).collect::<Vec<_>>().join(comma);
            let except = if except.is_empty() { String::new() } else { format!(" except {}", join(except)) };
            format!("{}{except}{end}", join(items))
        };
        let mut texts: Vec<String> = lists.iter().enumerate().map(text).collect();
        let last = texts.pop().unwrap();
        let lets = names.iter().zip(texts).map(|(name, list)| format!("let {name} = {list}\n"));
        (lets.collect(), last)
    })
}

/// Lists of SKUs and of names that name each other, and a rule that takes the last of each.
fn programs() -> impl Strategy<Value = String> {
    let skus = field(r#""([ab?*]|\\\*){1,3}""#, 3, ["p", "q", "r"]);
    let warehouses = field("jakarta|batam", 1, ["x", "y", "z"]);
    let stores = field("shopee_id|lazada_id", 1, ["u", "v", "w"]);
    (skus, warehouses, stores).prop_map(|(skus, warehouses, stores)| {
        format!(
            "{}{}{}rule \"R\" {{\n  order 1\n  skus {}\n  warehouses {}\n  stores {}\n}}\n",
            skus.0, warehouses.0, stores.0, skus.1, warehouses.1, stores.1
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn safe_fixes_change_no_rule(text in programs()) {
        let before = checked(&text);
        if before.rule_set().is_none() {
            return Ok(());
        }
        let rule = |checked: &crate::check::Checked| checked.rules.first().and_then(|rule| rule.rule.clone());
        let Some(rule_before) = rule(&before) else { return Ok(()) };
        let idle = |text: &str| {
            let mut found = found_in(text, false);
            found.retain(|finding| ["redundant-item", "useless-except"].contains(&finding.code.name));
            found
        };
        let edits: Vec<Edit> =
            idle(&text).iter().flat_map(|finding| &finding.fixes).flat_map(|fix| fix.edits.clone()).collect();
        let fixed = apply(&text, &edits);
        prop_assert!(fixed.is_some(), "{text}");
        let fixed = fixed.unwrap_or_default();
        let Some(rule_after) = rule(&checked(&fixed)) else { panic!("{text}\n{fixed}") };
        let takes = |set: &SkuSet| all_skus().into_iter().filter(|sku| set.matches(sku)).collect::<Vec<_>>();
        prop_assert_eq!(takes(&rule_before.skus), takes(&rule_after.skus), "{}\n{}", text, fixed);
        prop_assert_eq!(&rule_before.warehouses, &rule_after.warehouses, "{}\n{}", text, fixed);
        prop_assert_eq!(&rule_before.stores, &rule_after.stores, "{}\n{}", text, fixed);
        prop_assert_eq!(text.matches('#').count(), fixed.matches('#').count(), "{}\n{}", text, fixed);
        prop_assert_eq!(idle(&fixed).len(), 0, "{}\n{}", text, fixed);
    }
}
