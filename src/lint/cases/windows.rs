//! Rules and their windows.

use super::{Case, check_fixed, check_one};

fn rule(head: &str, active: &str) -> String {
    format!("rule \"R\" {head}{{\n  order 1\n  {active}\n  skus all\n  warehouses all\n  stores all\n}}\n")
}

fn at(at: &str) -> Case<'_> {
    Case { at, ..Case::default() }
}

#[test]
fn rule_has_ended() {
    let ended = rule("", "active from 2026-12-12 until 2026-12-13");
    let found = "rule `R` has ended: its window was over on 2026-12-13 at 00:00 [active from 2026-12-12 until 2026-12-13]";
    check_one("rule-has-ended", &ended, &at("2026-12-13T00:00:00Z"), &[found]);
    check_one("rule-has-ended", &ended, &at("2026-12-12T23:59:59Z"), &[]);
    let half = rule("", "active until 2026-12-13 18:30");
    let found =
        "rule `R` has ended: its window was over on 2026-12-13 at 18:30 [active until 2026-12-13 18:30]";
    check_one("rule-has-ended", &half, &at("2027-01-01T00:00:00Z"), &[found]);
    for text in [
        rule("off ", "active from 2026-12-12 until 2026-12-13"),
        rule("", "active from 2026-12-12"),
        rule("", "threshold 1"),
    ] {
        check_one("rule-has-ended", &text, &at("2027-01-01T00:00:00Z"), &[]);
    }
}

#[test]
fn an_ended_rule_may_be_taken_out() {
    let ended = rule("", "active until 2026-12-13");
    let now = at("2027-01-01T00:00:00Z");
    check_fixed(
        "rule-has-ended",
        &format!("# why\n{ended}let a = \"x\"\n"),
        &now,
        false,
        "# why\nlet a = \"x\"\n",
    );
    let commented = rule("", "active until 2026-12-13 # for ever");
    check_fixed("rule-has-ended", &commented, &now, false, &commented);
}
