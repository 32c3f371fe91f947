use super::super::cases::declared;
use super::*;
use crate::check::check;
use crate::source::Sources;
use crate::syntax::parse;
use proptest::prelude::*;
use std::fmt::Write;

pub(in super::super) fn checked(text: &str) -> Checked {
    let file = Sources::new().add("a.sync", text);
    let (ast, faults) = parse(file, text);
    assert_eq!(faults, [], "{text}");
    let (checked, _) = check(&[(file, ast)], &declared());
    checked
}

/// Rules over few characters, days and orders; some off.
pub(in super::super) fn programs() -> impl Strategy<Value = String> {
    let pattern = prop_oneof![
        6 => r"([ab?*]|\\\*){1,4}",
        1 => Just("*".to_owned()),
        1 => Just("鞋?".to_owned()),
    ];
    let list = prop::collection::vec(pattern.clone(), 1..4);
    let except = prop::collection::vec(pattern, 0..3);
    let day = || prop::option::weighted(0.4, 1_u32..5);
    let rule = (0_u32..5, list, except, day(), day(), prop::bool::weighted(0.9));
    prop::collection::vec(rule, 1..7).prop_map(|rules| {
        let quoted = |items: &[String]| {
            let items: Vec<String> = items.iter().map(|item| format!("\"{item}\"")).collect();
            items.join(", ")
        };
        rules.iter().enumerate().fold(String::new(), |mut text, (name, (order, list, except, from, until, on))| {
            let off = if *on { "" } else { "off" };
            let except =
                if except.is_empty() { String::new() } else { format!("except {}", quoted(except)) };
            let list = quoted(list);
            let (from, until) = if from >= until && until.is_some() { (until, &None) } else { (from, until) };
            let from = from.map(|day| format!("from 2026-01-0{day}"));
            let until = until.map(|day| format!("until 2026-01-0{day}"));
            let active: String = [from, until].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let active = if active.is_empty() { active } else { format!("active {active}") };
            _ = writeln!(
                text,
                "rule \"{name}\" {off} {{ order {order} {active} skus {list} {except} warehouses all stores all }}"
            );
            text
        })
    })
}

/// Every string of four characters, one of which no pattern but `?` and `*` takes.
pub(in super::super) fn all_skus() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..5 {
        let to = all.len();
        for at in from..to {
            all.extend(["a", "b", "*", "鞋"].map(|c| all[at].clone() + c));
        }
        from = to;
    }
    all.split_off(1)
}

/// One moment of each stretch between two days.
pub(in super::super) fn moments() -> Vec<Timestamp> {
    (0..5)
        .map(|day| format!("2026-01-0{}T12:00:00Z", day + 1))
        .chain(["2025-12-31T00:00:00Z".to_owned()])
        .map(|moment| moment.parse().unwrap())
        .collect()
}

/// A rule against every SKU and moment: whether it is the winner of one.
fn wins(rule: &Rule, rules: &[(&Rule, Vec<bool>)], own: &[bool]) -> bool {
    moments().into_iter().filter(|at| rule.is_candidate(*at)).any(|at| {
        let earlier: Vec<_> =
            rules.iter().filter(|(other, _)| other.order < rule.order && other.is_candidate(at)).collect();
        (0..own.len()).any(|sku| own[sku] && !earlier.iter().any(|(_, takes)| takes[sku]))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn as_brute_force_says(text in programs()) {
        let checked = checked(&text);
        let mut precedence = Precedence::new(&checked);
        let skus = all_skus();
        let takes = |rule: &Rule| skus.iter().map(|sku| rule.skus.matches(sku)).collect::<Vec<bool>>();
        let rules: Vec<(&Rule, Vec<bool>)> = precedence.rules().map(|rule| (rule, takes(rule))).collect();
        for (rank, (rule, own)) in rules.iter().enumerate() {
            match precedence.shadow(rank, &|_| true) {
                Outcome::Unknown => prop_assert!(false, "given up: {text}"),
                Outcome::Free(sku, window) => {
                    let at = window.from.or(window.until.map(|until| until - jiff::SignedDuration::from_secs(1)));
                    let at = at.unwrap_or(Timestamp::UNIX_EPOCH);
                    prop_assert!(rule.is_candidate(at) && rule.skus.matches(&sku), "{sku}: {text}");
                    let taken = rules.iter().any(|(other, _)| {
                        other.order < rule.order && other.is_candidate(at) && other.skus.matches(&sku)
                    });
                    prop_assert!(!taken, "{sku}: {text}");
                }
                Outcome::Taken(by) => {
                    prop_assert!(!wins(rule, &rules, own), "{}: {text}", rule.name);
                    let these = |by: &[usize]| by.iter().map(|rank| rules[*rank].clone()).collect::<Vec<_>>();
                    prop_assert!(!wins(rule, &these(&by), own), "{} is not taken by {by:?}: {text}", rule.name);
                    let only = |left: usize| by.iter().copied().filter(|rank| *rank != left).collect::<Vec<_>>();
                    for left in &by {
                        let fewer = only(*left);
                        let needless = precedence.shadow(rank, &|other| fewer.contains(&other));
                        prop_assert!(matches!(needless, Outcome::Free(..)), "{left} is not needed: {text}");
                    }
                }
            }
        }
    }
}

/// A number in 0..below, the same in every run.
fn next(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

/// Rules as of a large seller: by brand, model and size, some with windows, some with exceptions.
fn seller(rules: u32) -> String {
    let mut state = 7;
    let pattern = |state: &mut u64| {
        let (brand, model, size) = (next(state, 40), next(state, 50), next(state, 12));
        match next(state, 8) {
            0 => format!("B{brand:02}-*"),
            1 => format!("B{brand:02}-M{:01}?-*", model / 10),
            2 | 3 => format!("B{brand:02}-M{model:02}-*"),
            4 => format!("B{brand:02}-*-S{size}"),
            5 => format!("*-M{model:02}-S{size}"),
            _ => format!("B{brand:02}-M{model:02}-S{size}"),
        }
    };
    let mut text = String::new();
    for name in 0..rules {
        let count = 1 + next(&mut state, 4);
        let items: Vec<String> = (0..count).map(|_| format!("\"{}\"", pattern(&mut state))).collect();
        let except = if next(&mut state, 6) == 0 {
            format!("except \"{}\"", pattern(&mut state))
        } else {
            String::new()
        };
        let day = 1 + next(&mut state, 20);
        let active = match next(&mut state, 12) {
            0 => format!("active from 2026-01-{day:02}"),
            1 => format!("active from 2026-01-{day:02} until 2026-01-{:02}", day + 7),
            _ => String::new(),
        };
        let stores = ["all", "shopee_id", "lazada_id"][next(&mut state, 3) as usize];
        _ = writeln!(
            text,
            "rule \"{name}\" {{ order {name} {active} skus {} {except} warehouses all stores {stores} }}",
            items.join(", ")
        );
    }
    text
}

/// Whether one earlier rule by itself takes every SKU of a rule, as a comparison of pairs would find.
fn shadowed_by_one(precedence: &Precedence<'_>, rank: usize) -> bool {
    let rule = precedence.rule(rank).unwrap();
    let any = Sought { within: &rule.skus, and: None, outside: &[] };
    let Overlap::Witness(sku) = find(&any, &mut Effort::new(STEPS_MAX)) else { return true };
    let candidates = precedence.matching(&sku).into_iter();
    candidates.filter(|other| *other < rank).any(|other| {
        let earlier = precedence.rule(other).unwrap();
        let sought = Sought { within: &rule.skus, and: None, outside: &[&earlier.skus] };
        earlier.window.covers(&rule.window) && find(&sought, &mut Effort::new(STEPS_MAX)) == Overlap::Disjoint
    })
}

#[test]
fn together_rules_shadow_more_than_each_alone() {
    let text = seller(2_000);
    let checked = checked(&text);
    let mut precedence = Precedence::new(&checked);
    let mut shadowed = vec![false; 2_000];
    let (mut by_any, mut by_one) = (0, 0);
    for rank in 0..shadowed.len() {
        let outcome = precedence.shadow(rank, &|other| !shadowed[other]);
        assert_ne!(outcome, Outcome::Unknown, "rule {rank} is given up");
        shadowed[rank] = matches!(outcome, Outcome::Taken(_));
        by_any += usize::from(shadowed[rank]);
        by_one += usize::from(shadowed[rank] && shadowed_by_one(&precedence, rank));
    }
    assert_eq!((by_one, by_any), (507, 1_482));
}
