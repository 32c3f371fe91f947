use super::super::cases::{check_findings, found, found_in};
use super::*;
use crate::edit::apply;

fn rule(name: &str, order: u32, skus: &str) -> String {
    format!("rule \"{name}\" {{ order {order} skus {skus} warehouses all stores shopee_id }}\n")
}

/// Messages of this lint alone, without a catalog.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let mut found = found_in(text, false);
    found.retain(|finding| finding.code == &SHADOWED_RULE);
    check_findings(&found, text, expect);
}

#[test]
fn one_rule_or_several_together() {
    let air = rule("Air", 20, "\"NIKE-AIR-*\"");
    check(
        &(rule("Nike", 10, "\"NIKE-*\"") + &air),
        &[
            "shadowed-rule: rule `Air` can never win: rule `Nike` before it takes every SKU that it matches (proved for every possible SKU) [rule \"Air\" {]",
        ],
    );
    check(
        &(rule("Even", 10, "\"NIKE-*\" except \"*-42\"")
            + &rule("42", 11, "\"*-42\"")
            + &rule("Else", 12, "\"ADI-*\"")
            + &air),
        &[
            "shadowed-rule: rule `Air` can never win: rules `Even` and `42` before it take every SKU that it matches (proved for every possible SKU) [rule \"Air\" {]",
        ],
    );
    check(&(rule("Even", 10, "\"NIKE-*\" except \"*-42\"") + &air), &[]);
    check(&(rule("Nike", 20, "\"NIKE-*\"") + &rule("Air", 10, "\"NIKE-AIR-*\"")), &[]);
}

#[test]
fn a_rule_is_named_that_wins_itself() {
    let text = rule("A", 1, "\"*\"") + &rule("B", 2, "\"X*\"") + &rule("C", 3, "\"XY\"");
    let named: Vec<bool> =
        found_in(&text, false).iter().map(|finding| finding.message.contains("rule `A` before it")).collect();
    assert_eq!(named, [true, true]);
}

#[test]
fn windows_and_off_rules() {
    let timed = |name: &str, order: u32, active: &str| rule(name, order, &format!("\"A*\" active {active}"));
    let never = "rule `X` can never win";
    let x = |active: &str| timed("X", 9, active);
    for (text, shadowed) in [
        (
            timed("A", 1, "until 2026-02-01") + &timed("B", 2, "from 2026-02-01") + &rule("X", 9, "\"A1\""),
            true,
        ),
        (
            timed("A", 1, "until 2026-02-01") + &timed("B", 2, "from 2026-02-02") + &rule("X", 9, "\"A1\""),
            false,
        ),
        (timed("A", 1, "from 2026-02-01 until 2026-03-01") + &x("from 2026-02-10 until 2026-02-20"), true),
        (timed("A", 1, "from 2026-02-01 until 2026-03-01") + &x("from 2026-02-10 until 2026-03-02"), false),
        (timed("A", 1, "from 2026-02-01 until 2026-03-01") + &x("from 2026-02-10"), false),
        (rule("A", 1, "\"A*\"").replace(" {", " off {") + &rule("X", 9, "\"A1\""), false),
        (rule("A", 1, "\"A*\"") + &rule("X", 9, "\"A1\"").replace(" {", " off {"), false),
    ] {
        let found = found_in(&text, false);
        assert_eq!(found.iter().any(|finding| finding.message.starts_with(never)), shadowed, "{text}");
    }
}

#[test]
fn a_rule_that_takes_nothing_says_so() {
    check(
        &rule("X", 1, "\"A1\" except \"A*\""),
        &[
            "shadowed-rule: rule `X` can never win: its exceptions take every SKU away (proved for every possible SKU) [rule \"X\" {]",
        ],
    );
}

#[test]
fn what_is_too_tangled_is_shown_for_today() {
    let marks = "?".repeat(40);
    let tangled = format!("\"*a{marks}b*\", \"NIKE-4?\" except \"*b{marks}a*\", \"*X*\", \"*0*\"");
    let cover = format!("\"*a{marks}b\", \"*a{marks}b?*\", \"NIKE-*\"");
    let text = rule("A", 1, &cover) + &rule("X", 2, &tangled);
    let mut today = found(&text);
    today.retain(|finding| finding.code == &SHADOWED_RULE);
    check_findings(
        &today,
        &text,
        &[
            "shadowed-rule: rule `X` wins no SKU: rule `A` before it takes all 2 SKUs that it matches (shown for the SKUs of today's catalog) [rule \"X\" {]",
        ],
    );
    check(&text, &["shadowed-rule: it is unknown whether rule `X` can ever win [rule \"X\" {]"]);
    assert_eq!(found_in(&text, false).first().map(|finding| finding.level), Some(Level::Info));
}

#[test]
fn the_rule_goes_with_its_comments() {
    let first = rule("A", 1, "\"A*\"");
    for (text, rest) in [
        (
            format!("{first}\n# Never.\n# At all.\n{}\n# Next.\n", rule("X", 2, "\"A1\"")),
            format!("{first}\n# Next.\n"),
        ),
        (format!("{first}{}", rule("X", 2, "\"A1\"").trim_end()), first.clone()),
        (format!("{} {first}", rule("X", 2, "\"A1\"").trim_end()), format!(" {first}")),
        (format!("{}\n{first}", rule("X", 2, "\"A1\"").replace('\n', " # why\n")), first.clone()),
    ] {
        let found = found_in(&text, false);
        let fix = found.first().and_then(|finding| finding.fixes.first()).unwrap();
        assert!(!fix.safe);
        assert_eq!(apply(&text, &fix.edits).as_deref(), Some(rest.as_str()), "{text}");
    }
}
