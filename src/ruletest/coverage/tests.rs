use super::super::run;
use super::*;
use crate::check::check;
use crate::rules::Declared;
use crate::source::Sources;
use crate::syntax::parse;

const HEAD: &str = "rule \"r\" { order 1 skus \"A*\" warehouses all stores all ";

/// Of a rule with these fields and a test of these statements: the branches that are not reached, as `field[.store]:branch`,
/// one that no stock reaches with a `!`.
#[track_caller]
fn check_branches(fields: &str, statements: &str, expect: &[&str]) {
    let text = format!("{HEAD}{fields}\n}}\ntest \"t\" {{ {statements} }}");
    let coverage = coverage(&text);
    let missing = coverage.rules.iter().flat_map(|rule| &rule.branches).filter_map(|branch| {
        let mark = match branch.state {
            State::Reached => return None,
            State::Missed => "",
            State::Impossible => "!",
        };
        let store = branch.store.as_ref().map_or_else(String::new, |store| format!(".{store}"));
        Some(format!("{mark}{}{store}:{}", branch.field, branch.name))
    });
    assert_eq!(missing.collect::<Vec<_>>(), expect, "{text}");
}

fn coverage(text: &str) -> Coverage {
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (parsed, faults) = parse(file, text);
    let names = |text: &str| text.split(' ').map(str::to_owned).collect();
    let declared = Declared {
        warehouses: names("jakarta batam"),
        stores: names("shopee lazada"),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    };
    let (checked, found) = check(&[(file, parsed)], &declared);
    assert!(faults.is_empty() && found.is_empty(), "{text}\n{faults:?}{found:?}");
    let ground = Ground { rules: checked.rule_set().unwrap(), declared: &declared, sources: &sources };
    let results = run(&checked.tests, ground);
    Coverage::of(&checked.rules, ground, &results)
}

/// An expectation on so many in jakarta; what it expects does not matter to the coverage.
fn with(units: i64, store: &str) -> String {
    format!("stock \"A\" {{ jakarta {units} }} expect \"A\" {{ {store} 0 }} ")
}

#[test]
fn each_branch_is_reached_by_what_goes_it_and_by_nothing_else() {
    let shopee = |units| with(units, "shopee");
    check_branches("threshold 5", &shopee(4), &["threshold:not-below"]);
    check_branches("threshold 5", &shopee(5), &["threshold:below"]);
    check_branches("threshold 5", &(shopee(4) + &shopee(5)), &[]);
    let priority = "priority store shopee below 9";
    check_branches(priority, &shopee(8), &["priority:held", "priority:free"]);
    check_branches(priority, &with(8, "lazada"), &["priority:kept", "priority:free"]);
    check_branches(priority, &with(9, "lazada"), &["priority:kept", "priority:held"]);
    check_branches("reserve 2", &shopee(0), &["reserve:held-back"]);
    check_branches("reserve 2", &shopee(1), &[]);
    check_branches("rate 50%", &shopee(1), &[]);
    check_branches("plus 3", &shopee(1), &[]);
    check_branches("rate 50% round up", &shopee(2), &["round:rounded"]);
    check_branches("rate 50% round up", &shopee(3), &[]);
    check_branches("rate 50% floor 4", &shopee(3), &["floor:not-raised"]);
    check_branches("rate 50% floor 4", &shopee(8), &["floor:raised"]);
    check_branches("cap 4", &shopee(4), &["cap:lowered"]);
    check_branches("cap 4", &shopee(5), &["cap:not-lowered"]);
    let split = "split shopee 1, lazada 1 priority store shopee below 9";
    let both = format!("{}{}", shopee(8), with(8, "lazada"));
    check_branches(split, &(both.clone() + &shopee(9)), &[]);
    check_branches(split, &shopee(9), &["split:whole", "priority:kept", "priority:held"]);
    check_branches(split, &both, &["split:shared", "priority:free"]);
}

#[test]
fn a_number_below_the_threshold_or_held_back_reaches_nothing_behind() {
    let rest = "rate 50% floor 4 cap 9";
    let missing = [
        "threshold:not-below",
        "rate:taken",
        "floor:raised",
        "floor:not-raised",
        "cap:lowered",
        "cap:not-lowered",
    ];
    check_branches(&format!("threshold 5 {rest}"), &with(4, "shopee"), &missing);
    let missing = [
        "priority:kept",
        "priority:free",
        "rate:taken",
        "floor:raised",
        "floor:not-raised",
        "cap:lowered",
        "cap:not-lowered",
    ];
    check_branches(&format!("priority store shopee below 9 {rest}"), &with(4, "lazada"), &missing);
}

#[test]
fn a_stores_own_fields_count_by_themselves() {
    let fields = "rate 50% cap 9 store lazada { rate 30% cap 2 }";
    check_branches(
        fields,
        &with(4, "shopee"),
        &["cap:lowered", "rate.lazada:taken", "cap.lazada:lowered", "cap.lazada:not-lowered"],
    );
    check_branches(
        fields,
        &with(40, "lazada"),
        &["rate:taken", "cap:lowered", "cap:not-lowered", "cap.lazada:not-lowered"],
    );
    // What a store does not write is the rule's.
    check_branches("rate 50% store lazada { reserve 1 }", &with(4, "lazada"), &[]);
}

#[test]
fn what_no_stock_goes_is_told_apart() {
    let shopee = |units| with(units, "shopee");
    check_branches("threshold 0", &shopee(4), &["!threshold:below"]);
    check_branches("reserve 0 plus 0", &shopee(4), &["!reserve:held-back", "!plus:added"]);
    check_branches("round up", &shopee(4), &["!round:rounded"]);
    check_branches("floor 4", &shopee(4), &["!floor:raised"]);
    check_branches("reserve 1 floor 4", &shopee(4), &["floor:not-raised"]);
    check_branches("rate 0% cap 4", &shopee(4), &["!cap:lowered"]);
    check_branches("rate 0% plus 9 cap 4", &shopee(4), &["!cap:not-lowered"]);
    let overridden = "rate 50% store shopee { rate 30% } store lazada { rate 20% }";
    check_branches(overridden, &(shopee(4) + &with(4, "lazada")), &["!rate:taken"]);
    check_branches(
        "split shopee 1, lazada 0 store lazada { cap 3 }",
        &with(9, "lazada"),
        &["!cap.lazada:lowered"],
    );
    // Every store but the priority store is on its own only above the quantity.
    check_branches(
        "rate 50% floor 4 priority store shopee below 9",
        &with(9, "lazada"),
        &["floor:raised", "priority:kept", "priority:held"],
    );
    check_branches(
        "priority store shopee below 9 store lazada { rate 60% floor 4 }",
        &with(9, "lazada"),
        &["priority:kept", "priority:held", "!floor.lazada:raised"],
    );
}

#[test]
fn what_is_reachable_is_what_any_stock_up_to_a_bound_reaches() {
    use proptest::prelude::*;
    let field = |key: &'static str, values: &'static [&'static str]| {
        proptest::option::of(proptest::sample::select(values))
            .prop_map(move |value| value.map_or(String::new(), |value| format!("{key} {value} ")))
    };
    const NUMBERS: &[&str] = &["0", "1", "2", "3", "7", "20"];
    const RATES: &[&str] = &["0%", "0.5%", "33%", "50%", "99%", "100%", "150%"];
    let levels = move || {
        let parts = (
            field("reserve", NUMBERS),
            field("rate", RATES),
            field("plus", NUMBERS),
            field("round", &["up", "nearest", "down"]),
            field("floor", NUMBERS),
            field("cap", NUMBERS),
        );
        parts.prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].concat())
    };
    let rule =
        (field("threshold", NUMBERS), field("priority store shopee below", NUMBERS), levels(), levels());
    let rule = rule.prop_map(|(threshold, priority, own, store)| {
        format!("{threshold}{priority}{own}store shopee {{ {store}}}")
    });
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    runner
        .run(&rule, |fields| {
            let states = |statements: &str| {
                let text = format!("{HEAD}{fields}}}\ntest \"t\" {{ {statements} }}");
                let rules = coverage(&text).rules;
                rules
                    .into_iter()
                    .flat_map(|rule| rule.branches)
                    .map(|branch| branch.state)
                    .collect::<Vec<_>>()
            };
            let stocks = (0..60).chain([9000, 9001]);
            let all: String = stocks.map(|units| with(units, "shopee") + &with(units, "lazada")).collect();
            // The states without any test say what is possible; those with every stock, what is so in fact.
            for (without, with_all) in states("").into_iter().zip(states(&all)) {
                let expected = match with_all {
                    State::Reached => State::Missed,
                    other => other,
                };
                prop_assert!(without == expected && with_all != State::Missed, "{fields}");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn rules_and_windows() {
    let text = "rule \"a\" { order 1 skus \"A\" warehouses all stores shopee active from 2026-02-01 until 2026-03-01 }
rule \"b\" { order 2 skus \"A\", \"B\" warehouses all stores shopee }
rule \"c\" off { order 3 skus \"C\" warehouses all stores shopee rate 5% }
rule \"d\" { order 4 skus \"D\" warehouses all stores shopee rate 5% }\n";
    let reached = |test: &str| {
        let coverage = coverage(&format!("{text}test \"t\" {{ {test} }}"));
        let rules = coverage.rules.iter().filter(|rule| rule.reached);
        let rules: Vec<_> = rules.map(|rule| rule.name.clone()).collect();
        let window = coverage.rules.first().unwrap().branches.first().unwrap().state;
        (rules.join(""), window, coverage.rules(), coverage.fields(), coverage.branches())
    };
    let of = |reached, total| Count { reached, total };
    assert_eq!(
        reached("stock \"A\" { jakarta 1 }"),
        (String::new(), State::Missed, of(0, 3), of(0, 2), of(0, 2))
    );
    let inside = reached("at 2026-02-01 expect \"A\" { shopee 0 }");
    assert_eq!(inside, ("a".to_owned(), State::Missed, of(1, 3), of(0, 2), of(0, 2)));
    let outside = reached(
        "at 2026-03-01 expect \"A\" { shopee 0 } expect \"C\" { shopee none } expect \"D\" { lazada none }",
    );
    assert_eq!(outside, ("bd".to_owned(), State::Reached, of(2, 3), of(1, 2), of(1, 2)));
}
