use super::super::cases::{Case, check_findings, found, found_in, found_over};
use super::super::precedence::tests::{all_skus, checked, moments, programs};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn rule(name: &str, order: u32, skus: &str, stores: &str) -> String {
    format!("rule \"{name}\" {{ order {order} skus {skus} warehouses all stores {stores} }}\n")
}

#[track_caller]
fn check(text: &str, with_catalog: bool, expect: &[&str]) {
    let mut found = if with_catalog { found(text) } else { found_in(text, false) };
    found.retain(|finding| finding.code == &PARTLY_SHADOWED_STORE);
    check_findings(&found, text, expect);
}

#[test]
fn a_store_that_the_winner_does_not_name() {
    let both = "shopee_id, lazada_id";
    let text = rule("Air", 1, "\"NIKE-*\"", "shopee_id") + &rule("All", 2, "\"*\"", both);
    check(
        &text,
        false,
        &[
            "partly-shadowed-store: rule `Air` takes SKUs such as `NIKE-` first and leaves `lazada_id` alone [shopee_id, lazada_id]",
        ],
    );
    check(
        &text,
        true,
        &[
            "partly-shadowed-store: rule `Air` takes 2 SKUs such as `NIKE-42` first and leaves `lazada_id` alone [shopee_id, lazada_id]",
        ],
    );
    check(
        &text.replace("NIKE-*", "SOAP"),
        true,
        &[
            "partly-shadowed-store: rule `Air` takes `SOAP` first and leaves `lazada_id` alone [shopee_id, lazada_id]",
        ],
    );
    check(&(rule("Air", 1, "\"NIKE-*\"", both) + &rule("All", 2, "\"*\"", both)), false, &[]);
    check(&(rule("Air", 1, "\"NIKE-*\"", both) + &rule("All", 2, "\"*\"", "shopee_id")), false, &[]);
    check(
        &(rule("Air", 1, "\"NIKE-*\"", "shopee_id") + &rule("All", 2, "\"*\" except \"NIKE-*\"", both)),
        false,
        &[],
    );
}

#[test]
fn the_winner_counts_not_every_earlier_rule() {
    let both = "shopee_id, lazada_id";
    let first = rule("First", 1, "\"NIKE-*\"", both);
    check(
        &(first.clone() + &rule("Air", 2, "\"NIKE-A*\"", "shopee_id") + &rule("All", 3, "\"*\"", both)),
        false,
        &[],
    );
    let found =
        found_in(&(first + &rule("Air", 2, "\"N*\"", "shopee_id") + &rule("All", 3, "\"*\"", both)), false);
    let message = found.first().map(|finding| finding.message.clone()).unwrap_or_default();
    assert!(message.contains("rule `Air` takes SKUs"), "{message}");
}

#[test]
fn windows_must_meet() {
    let both = "shopee_id, lazada_id";
    let text = |until: &str, from: &str| {
        rule("Air", 1, &format!("\"NIKE-*\" active until {until}"), "shopee_id")
            + &rule("All", 2, &format!("\"*\" active from {from}"), both)
    };
    let count = |text: &str| found_in(text, false).len();
    assert_eq!(count(&text("2026-02-02", "2026-02-01")), 1);
    assert_eq!(count(&text("2026-02-01", "2026-02-01")), 0);
    assert_eq!(count(&text("1969-02-02", "1969-02-01")), 0, "what is over is over");
    check(
        &text("2026-02-02", "2026-02-01"),
        true,
        &[
            "partly-shadowed-store: from 2026-02-01 00:00 on, rule `Air` takes 2 SKUs such as `NIKE-42` first and leaves `lazada_id` alone [shopee_id, lazada_id]",
        ],
    );
}

#[test]
fn stores_that_the_same_rules_leave_alone_are_one_finding() {
    let text = rule("A", 1, "\"A*\"", "shopee_id")
        + &rule("B", 2, "\"B*\"", "lazada_id")
        + &rule("C", 3, "\"*\"", "all");
    check(
        &text,
        false,
        &[
            "partly-shadowed-store: rule `B` takes SKUs such as `B` first and leaves `shopee_id` alone [all]",
            "partly-shadowed-store: rule `A` takes SKUs such as `A` first and leaves `lazada_id` alone [all]",
        ],
    );
    let many: String =
        (0..9).map(|n| rule(&format!("A{n}"), n, &format!("\"A{n}*\""), "shopee_id")).collect();
    check(
        &(many + &rule("C", 10, "\"*\"", "all")),
        false,
        &[
            "partly-shadowed-store: among others rules `A0`, `A1` and `A2` take SKUs such as `A0` first and leave `lazada_id` alone [all]",
        ],
    );
}

#[test]
fn a_rule_that_never_wins_is_told_of_once() {
    let text = rule("A", 1, "\"A*\"", "shopee_id") + &rule("B", 2, "\"A1\"", "all");
    let codes: Vec<&str> = found_in(&text, false).iter().map(|finding| finding.code.name).collect();
    assert_eq!(codes, ["shadowed-rule"]);
}

#[test]
fn where_no_proof_is_to_be_had_the_catalog_tells() {
    let marks = "?".repeat(24);
    let text =
        rule("A", 1, &format!("\"*a{marks}b*c?*\" except \"*Q*\", \"*X*\", \"*0*\", \"*鞋*\""), "shopee_id")
            + &rule("X", 2, &format!("\"*b{marks}a*\" except \"*Q*\", \"*X*\", \"*0*\", \"*鞋*\""), "all");
    let sku = format!("ab{}bac1", "m".repeat(23));
    let case = Case { skus: &[&sku], mappings: &[], ..Case::default() };
    let found = found_over(&text, &case, |code| code == &PARTLY_SHADOWED_STORE);
    let messages: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, [format!("rule `A` takes `{sku}` first and leaves `lazada_id` alone")]);
}

#[test]
fn what_is_unknown_is_one_finding() {
    let text: String = (0..4).map(|n| rule(&format!("R{n}"), n, "\"A\"", "all")).collect();
    let checked = checked(&text);
    let unsure = || Some(vec![(StoreId(0), Gap { unsure: true, ..Gap::default() })]);
    let said = |all: &[Option<Gaps>]| unknown(&Precedence::new(&checked), all).map(|finding| finding.message);
    assert_eq!(said(&[None, Some(vec![(StoreId(0), Gap::default())])]), None);
    let of =
        |more| Some(format!("for rule `R1`{more} it is unknown whether rules before leave a store alone"));
    assert_eq!(said(&[None, unsure()]), of(""));
    assert_eq!(said(&[None, unsure(), unsure()]), of(" and one more"));
    assert_eq!(said(&[None, unsure(), unsure(), unsure()]), of(" and 2 more"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn as_brute_force_says(text in programs(), seed in 0_usize..1_000) {
        let text = text.lines().enumerate().map(|(line, rule)| {
            let stores = ["all", "shopee_id", "lazada_id"][(line * 7 + seed) % 3];
            rule.replace("stores all", &format!("stores {stores}")).replace("order ", &format!("order 1{line}")) + "\n"
        }).collect::<String>();
        let checked = checked(&text);
        let mut precedence = Precedence::new(&checked);
        let sets: Vec<&SkuSet> = precedence.rules().map(|rule| &rule.skus).collect();
        let index = Index::new(&sets);
        let first = moments().into_iter().min().unwrap();
        let skus = all_skus();
        let left_alone = |rule: &Rule, sku: &str, at: Timestamp| {
            let candidates = || precedence.rules().filter(|other| other.is_candidate(at) && other.skus.matches(sku));
            let winner = candidates().find(|winner| winner.order < rule.order);
            let among = candidates().any(|other| std::ptr::eq(other, rule));
            let winner = winner.filter(|_| among);
            winner.map(|winner| lacks(&stores(winner), &stores(rule)).collect::<Vec<_>>()).unwrap_or_default()
        };
        let expected: Vec<BTreeSet<StoreId>> = precedence.rules().map(|rule| {
            let at = moments().into_iter();
            at.flat_map(|at| skus.iter().flat_map(move |sku| left_alone(rule, sku, at))).collect()
        }).collect();
        for (rank, expected) in expected.iter().enumerate() {
            let gaps = gaps(&mut precedence, rank, &index, first);
            for (store, gap) in gaps {
                let Some((sku, at)) = gap.witness.zip(gap.since) else {
                    prop_assert!(!expected.contains(&store), "{rank}: {text}");
                    continue;
                };
                let matching = precedence.matching(&sku);
                prop_assert!(matching.contains(&rank) && at >= first, "{rank} {sku}: {text}");
                let winners = moments().into_iter().filter_map(|at| {
                    matching.iter().copied().find(|rank| precedence.rule(*rank).unwrap().is_candidate(at))
                });
                prop_assert!(gap.takers.iter().any(|taker| winners.clone().any(|winner| winner == *taker)), "{rank} {sku}: {text}");
            }
        }
    }
}
