//! Programs made to take long.

use super::{check_texts, declared};
use crate::check::check_on;
use crate::source::Sources;
use crate::syntax::parse;
use crate::threads::Threads;
use std::num::NonZero;

fn numbered(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

fn rule(skus: &str, more: &str) -> String {
    format!("rule \"a\" {{ order 1 skus {skus} warehouses all stores all {more} }}\n")
}

#[test]
fn after_many_wrong_names_no_more_are_suggested() {
    let lists = numbered(5_000, |n| format!("let running-shoes-{n:05} = \"A\"\n"));
    let wrong = numbered(5_000, |n| format!("running-shoos-{n:05}, "));
    let (_, _, found) = check_texts(&[&(lists + &rule(&wrong, ""))]);
    assert_eq!(found.len(), 5_000);
    assert_eq!(found[0].help.as_deref(), Some("did you mean `running-shoes-00000`?"));
    assert_eq!(found[4_999].help, None);
}

#[test]
fn names_that_are_right_leave_the_suggestions_to_the_wrong_ones() {
    let lists = numbered(5_000, |n| format!("let list-{n:05} = jakarta\n"));
    let right = numbered(5_000, |n| format!("list-{n:05}, "));
    let text = lists + &format!("rule \"a\" {{ order 1 skus all warehouses {right}jakrta stores all }}\n");
    let (_, _, found) = check_texts(&[&text]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].help.as_deref(), Some("did you mean `jakarta`?"));
}

#[test]
fn every_field_of_a_long_rule_is_judged() {
    let unknown = numbered(50_000, |n| format!("f{n} 1\n"));
    let (_, _, found) = check_texts(&[&rule("all", &(unknown + &"cap 1 ".repeat(50_000)))]);
    assert_eq!(found.len(), 50_000 + 49_999);
}

#[test]
fn as_many_tests_as_rules_with_windows() {
    let rules = numbered(3_000, |n| {
        format!(
            "rule \"r{n}\" {{ order {n} active from 2026-01-01 skus \"{n}-*\", \"X\" warehouses all stores all }}\n"
        )
    });
    let tests = numbered(3_000, |n| format!("test \"t{n}\" {{ expect \"{n}-S\" {{ lazada_id 1 }} }}\n"));
    let (_, _, found) = check_texts(&[&(rules + &tests + "test \"t\" { expect \"X\" { lazada_id 1 } }")]);
    assert_eq!(found.len(), 3_001);
    let of = |n: usize| found[n].message.split('`').nth(1);
    assert_eq!((of(0), of(2_999), of(3_000)), (Some("r0"), Some("r2999"), Some("r0")));
}

/// Rules of which every second one names a store and a list that are not there.
fn with_wrong_names(count: usize) -> String {
    numbered(count, |n| {
        let names = if n % 2 == 0 { "all" } else { "shopee_di, running-shoos" };
        format!("rule \"r{n}\" {{ order {n} skus \"{n}-*\" warehouses all stores {names} }}\n")
    })
}

#[test]
fn several_threads_find_what_one_finds() {
    // Enough for a suggestion each, and by far not enough.
    for lists in [3, 5_000] {
        let lists = numbered(lists, |n| format!("let running-shoes-{n:05} = shopee_id\n"));
        let text = lists + &with_wrong_names(1_100);
        let file = Sources::new().add("a.sync", "");
        let files = [(file, parse(file, &text).0)];
        let on = |count| {
            let (checked, found) = check_on(Threads::new(NonZero::new(count).unwrap()), &files, &declared());
            (format!("{checked:?}"), found)
        };
        let plain = on(1);
        assert_eq!(plain.1.len(), 1_100);
        assert!([2, 3, 4].map(on).iter().all(|several| *several == plain));
    }
}
