//! What is found, by name and place.

use super::{check_texts, rule};
use crate::diagnostic::codes;

/// `expect`: `name line:column`, in the order of the text.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    check_files(&[text], expect);
}

#[track_caller]
fn check_files(texts: &[&str], expect: &[&str]) {
    let (sources, checked, found) = check_texts(texts);
    let said: Vec<String> = found
        .iter()
        .map(|found| {
            let start = found.span.map(|span| sources.positions(span).0);
            let place =
                start.map_or("nowhere".to_owned(), |start| format!("{}:{}", start.line, start.column));
            assert!(!found.message.contains('\n') && !found.message.ends_with('.'), "{}", found.message);
            format!("{} {place}", found.code.name)
        })
        .collect();
    assert_eq!(said, expect, "{texts:?}\n{found:#?}");
    let only_tests = texts.iter().all(|text| text.starts_with("test"));
    assert_eq!(checked.rule_set().is_some(), found.is_empty() || only_tests);
}

/// A field of an otherwise good rule.
#[track_caller]
fn check_field(body: &str, expect: &[&str]) {
    check(&rule(body), expect);
}

#[track_caller]
fn check_help(text: &str, help: &str) {
    let (_, _, found) = check_texts(&[text]);
    let helps: Vec<_> = found.iter().filter_map(|found| found.help.as_deref()).collect();
    assert_eq!(helps, [help]);
}

#[test]
fn a_good_program_has_no_fault() {
    check_field("", &[]);
    check_field("threshold 5 reserve 1_000 rate 12.5% plus 0 round nearest floor 2 cap 9", &[]);
    check_field("active from 2026-11-27 until 2026-11-28 18:00", &[]);
    check_field("priority store lazada_id below 20\nstore lazada_id { cap 3 }", &[]);
    check_field("split lazada_id 2, shopee_id 1,", &[]);
    check(
        "let a = \"X*\", \"X*\", except \"XY\"\nlet b = a\nlet s = shopee_id, lazada_id,\nlet t = s except lazada_id",
        &[],
    );
}

#[test]
fn fields() {
    check_field("colour 5\ncolour 6", &["unknown-field 6:1", "unknown-field 7:1"]);
    check_field("rate 5%\nrate 6%\nrate 7%", &["duplicate-field 7:1", "duplicate-field 8:1"]);
    check("rule \"r\" { order 1 }", &["missing-field 1:1", "missing-field 1:1", "missing-field 1:1"]);
    check("rule \"r\" {\n ordre 1\n skus \"A\"\n warehouses all\n stores all\n}", &["unknown-field 2:2"]);
    check_help(&rule("treshold 5"), "did you mean `threshold`?");
    check_field(
        "store lazada_id { threshold 5 cap 1 cap 2 }",
        &["unknown-field 6:19", "duplicate-field 6:37"],
    );
}

#[test]
fn values() {
    check_field("threshold -1", &["bad-quantity 6:11"]);
    check_field("threshold 4294967296", &["bad-quantity 6:11"]);
    check_field("rate 50", &["bad-percentage 6:6"]);
    check_help(&rule("rate 50"), "write `50%`");
    check_field("rate 1000.01%", &["bad-percentage 6:6"]);
    check_field("round sideways", &["syntax 6:7"]);
    check_help(&rule("round donw"), "did you mean `down`?");
    check_field("threshold 5 6", &["syntax 6:13"]);
    check_field("active from 2026-02-30", &["bad-moment 6:13"]);
    check_field("active from 2026-11-28 until 2026-11-28", &["empty-window 6:1"]);
    check_field("active until 2026-11-28T00:00:00Z", &[]);
    check_field(
        "threshold x\nrate y\ncap z",
        &["bad-quantity 6:11", "bad-percentage 7:6", "bad-quantity 8:5"],
    );
}

#[test]
fn names() {
    check_field("store shoppe_id { }", &["unknown-store 6:7"]);
    check_help(&rule("store shoppe_id { }"), "did you mean `shopee_id`?");
    check_field("store shopee_my { cap 1 }", &["override-store-not-in-stores 6:7"]);
    check_field("store lazada_id { cap 1 }\nstore lazada_id { cap 2 }", &["duplicate-override 7:7"]);
    check_field("priority store shopee_my below 9", &["priority-store-not-in-stores 6:16"]);
    check_field("priority store nowhere below 9", &["unknown-store 6:16"]);
    check_field("priority store shopee_id below 0", &[]);
    let text = "rule \"r\" { order 1 skus \"A\" warehouses jakrta stores shopee_di store lazada_id { } }";
    check(text, &["unknown-warehouse 1:40", "unknown-store 1:54"]);
    check(
        "rule \"r\" { order 1 skus \"A\" warehouses shopee_id stores jakarta }",
        &["unknown-warehouse 1:40", "unknown-store 1:57"],
    );
    check("rule \"r\" { order 1 skus shoes warehouses all stores all }", &["unknown-list 1:25"]);
}

#[test]
fn splits() {
    check_field("split shopee_my 1", &["split-store-not-in-stores 6:7"]);
    check_field("split lazada_id 1, lazada_id 2", &["split-conflict 6:20"]);
    check_field("split lazada_id 1\nplus 0", &["split-conflict 7:6"]);
    check_field("split lazada_id 1\nfloor 1\nrate 100.01%", &["split-conflict 7:7", "split-conflict 8:6"]);
    check_field("split lazada_id 1\nstore lazada_id { cap 1 reserve 1 }", &["split-conflict 7:25"]);
    check_field("split lazada_id", &["syntax 6:16"]);
    check_field("split lazada_id 1 shopee_id 1", &["syntax 6:19"]);
}

#[test]
fn lists() {
    check("let a = b\nlet b = a\nlet c = a", &["list-cycle 1:9"]);
    check("let a = a", &["list-cycle 1:9"]);
    check("let a = \"X\", jakarta", &["mixed-list 1:14"]);
    check("let a = \"X\"\nlet b = jakarta, a", &["mixed-list 2:18"]);
    check("let a = nope\nlet b = a", &["unknown-list 1:9"]);
    check("let a = jakarta except jakarta\nlet b = a", &["empty-list 1:9"]);
    check("let jakarta = \"X\"", &["name-collision 1:5"]);
    check_files(&["let a = \"X\"", "let a = \"Y\""], &["duplicate-list 1:5"]);
    check(
        "rule \"r\" { order 1 skus \"A\" warehouses all stores all except shopee_id, shopee_my, lazada_id, tiktok_id }",
        &["empty-list 1:51"],
    );
    check(
        "let s = \"X\"\nlet n = jakarta\nrule \"r\" { order 1 skus n warehouses s stores n }",
        &["mixed-list 3:25", "mixed-list 3:38", "unknown-store 3:47"],
    );
    check("rule \"r\" { order 1 skus \"A\" warehouses all stores \"shopee_id\" }", &["mixed-list 1:51"]);
}

#[test]
fn the_shape_of_lists() {
    let skus = |list: &str| format!("rule \"r\" {{ order 1\nskus {list}\nwarehouses all stores all }}");
    check(&skus("\"A\", \"B\", except \"C\","), &[]);
    check(&skus("all except \"C\""), &[]);
    check(&skus("\"A\" \"B\""), &["syntax 2:10"]);
    check(&skus("\"A\",, \"B\""), &["syntax 2:10"]);
    check(&skus(", \"B\""), &["syntax 2:6"]);
    check(&skus("\"A\", all"), &["syntax 2:11"]);
    check(&skus("all, \"A\""), &["syntax 2:11"]);
    check(&skus("\"A\" except"), &["syntax 2:16"]);
    check(&skus("\"A\" except \"B\" except \"C\""), &["syntax 2:21"]);
    check(&skus("\"A\" except all"), &["syntax 2:17"]);
    check(&skus("12345"), &["syntax 2:6"]);
}

#[test]
fn no_rules_come_of_a_text_with_a_fault_outside_tests() {
    let has_rules = |text: &str| {
        let (_, checked, found) = check_texts(&[&rule(""), text]);
        assert!(!found.is_empty(), "{text}");
        checked.rule_set().is_some()
    };
    let outside = [
        "junk",
        "}",
        "rule",
        "rule {",
        "rule { order 1 }",
        "rule \"x",
        "let",
        "let = \"A\"",
        "let all = \"A\"",
        "ruel \"x\" { }",
        "# a comment with \u{1}",
        "test \"t\" { }\n}",
        "test \"t\" { }\njunk",
        "test \"t\" { }; let a = \"A\"",
        "test \"t\" { at 5x }\nrule \"x\" { order }",
        "\u{1}",
        "{{{{{{{{{{{{{{{{{{",
    ];
    for text in outside {
        assert!(!has_rules(text), "{text}");
    }
    let inside = [
        "test",
        "test {",
        "test { }",
        "test \"t\" {",
        "test \"t\" { junk }",
        "test \"t\" { at }",
        "test \"t\u{1}\" { }",
        "test \"t\" { stock \"A\" { jakarta } }",
        "test \"t\" { # \u{1}\n}",
    ];
    for text in inside {
        assert!(has_rules(text), "{text}");
    }
}

#[test]
fn rules_and_tests_are_named_once() {
    let other = |name: &str, sku: &str| {
        format!("rule \"{name}\" {{ order 1 skus \"{sku}\" warehouses all stores all }}")
    };
    check_files(&[&other("x", "A"), &other("x", "B")], &["duplicate-rule 1:6"]);
    check("test \"t\" { }\ntest \"t\" { }", &["duplicate-test 2:6"]);
}

#[test]
fn one_order_for_one_sku_is_ambiguous() {
    let rule = |name: &str, sku: &str, more: &str| {
        format!("rule \"{name}\" {{ order 1 skus {sku} warehouses all stores all {more} }}\n")
    };
    let both = |a: &str, b: &str| rule("a", a, "") + &rule("b", b, "");
    check(&both("\"X*\"", "\"XY\""), &["ambiguous-order 2:18"]);
    check(&both("\"X*\" except \"XY\"", "\"XY\""), &[]);
    check(&both("all", "\"XY\""), &["ambiguous-order 2:18"]);
    check(&(both("\"A\"", "\"B\"") + &rule("c", "\"A\", \"B\"", "")), &["ambiguous-order 3:18"]);
    check(&(rule("a", "all", "active until 2026-11-28") + &rule("b", "all", "active from 2026-11-28")), &[]);
    let overlapping =
        rule("a", "all", "active until 2026-11-29") + &rule("b", "all", "active from 2026-11-28");
    check(&overlapping, &["ambiguous-order 2:18"]);
    check(&(both("\"A\"", "\"B\"") + "rule \"c\" off { order 1 skus all warehouses all stores all }"), &[]);
}

#[test]
fn what_is_too_tangled_to_be_compared_needs_another_order() {
    let marks = "?".repeat(40);
    let one = format!("\"*a{marks}b*\" except \"*b{marks}a*\", \"*X*\", \"*0*\"");
    let other = format!("all except \"*a{marks}b\", \"*a{marks}b?*\"");
    let rule = |name: &str, order: u32, skus: &str| {
        format!("rule \"{name}\" {{ order {order} skus {skus} warehouses all stores all }}\n")
    };
    check(&(rule("a", 1, &one) + &rule("b", 1, &other)), &["ambiguous-order 2:18"]);
    check(&(rule("a", 1, &one) + &rule("b", 2, &other)), &[]);
    let certain = rule("c", 1, "\"acab\"") + &rule("a", 1, "\"acab\", \"*X*\"");
    check(&certain, &["ambiguous-order 2:18"]);
}

#[test]
fn ten_thousand_rules_of_one_order_are_told_apart_soon() {
    for skus in ["\"S#-*\", \"L#\" except \"*-OLD\"", "\"*-#E\"", "\"SKU-*-#\""] {
        let rule = |n: usize| {
            let skus = skus.replace('#', &n.to_string());
            format!("rule \"{n}\" {{ order 1 skus {skus} warehouses all stores all }}\n")
        };
        check(&(0..10_000).map(rule).collect::<String>(), &[]);
    }
}

#[test]
fn tests_in_rule_files() {
    check(
        "test \"t\" { stock \"A\" { jakarta -4, batam 2 } expect \"A\" { shopee_id 1, lazada_id none } }",
        &[],
    );
    check("test \"t\" { stock \"A\" { jakrta 4 } }", &["unknown-warehouse 1:24"]);
    check("test \"t\" { stock \"A\" { jakarta 4x } }", &["bad-quantity 1:32"]);
    check("test \"t\" { expect \"A\" { shopee_id -1 } }", &["bad-quantity 1:35"]);
    check("test \"t\" { expect \"A\" { shopee_id 1, shopee_id 2 } }", &["duplicate-row 1:38"]);
    check("test \"t\" { at 2026-02-30 }", &["bad-moment 1:15"]);
    check("test \"t\" { bundle \"A\" { \"B\" 0 } }", &["bad-quantity 1:29"]);
    check(
        "test \"t\" { bundle \"A\" { \"B\" 1 } bundle \"B\" { \"C\" 1 } stock \"A\" { jakarta 1 } }",
        &["nested-bundle 1:25", "bundle-with-stock 1:60"],
    );
    let windowed = rule("active from 2026-11-28");
    check(
        &format!("test \"t\" {{ expect \"A\" {{ shopee_id 1 }} }}\n{windowed}"),
        &["test-needs-moment 1:19"],
    );
    check(&format!("test \"t\" {{ expect \"B\" {{ shopee_id 1 }} }}\n{windowed}"), &[]);
    check(&format!("test \"t\" {{ at 2026-11-29 expect \"A\" {{ shopee_id 1 }} }}\n{windowed}"), &[]);
}

#[test]
fn ten_thousand_lists_in_a_chain_and_lists_that_double_are_read() {
    let chain: String = (1..10_000).map(|n| format!("let l{n} = l{}, \"B{n}\"\n", n - 1)).collect();
    let rule = |list: &str| format!("rule \"r\" {{ order 1 skus {list} warehouses all stores all }}");
    check(&format!("let l0 = \"A\"\n{chain}{}", rule("l9999")), &[]);
    let laughs: String = (1..200).map(|n| format!("let l{n} = l{p}, l{p}\n", p = n - 1)).collect();
    check(&format!("let l0 = \"A\"\n{laughs}{}", rule("l199")), &[]);
    let laughs: String = (1..60)
        .map(|n| {
            format!(
                "let p{n} = p{o}, q{o} except \"P{n}\"\nlet q{n} = p{o}, q{o} except \"Q{n}\"\n",
                o = n - 1
            )
        })
        .collect();
    let (_, checked, found) =
        check_texts(&[&format!("let p0 = \"A\"\nlet q0 = \"B\"\n{laughs}{}", rule("p59"))]);
    assert!(checked.rule_set().is_none());
    assert!(found.iter().all(|found| found.code.name == "syntax" && found.message.contains("2000000 items")));
    let deep: String = (1..150).map(|n| format!("let l{n} = l{} except \"B{n}\"\n", n - 1)).collect();
    check(&format!("let l0 = \"A\"\n{deep}{}", rule("l149")), &["syntax 102:5"]);
}

#[test]
fn the_example_of_every_error_in_rules_shows_it_and_its_cure() {
    let in_configuration = ["bad-name", "too-many-rules"];
    let in_rules =
        codes::ERRORS.iter().filter(|code| code.code <= "SS027" && !in_configuration.contains(&code.name));
    for code in in_rules {
        let names =
            |text: &str| check_texts(&[text]).2.iter().map(|found| found.code.name).collect::<Vec<_>>();
        assert_eq!(names(code.bad), [code.name], "{}", code.bad);
        assert_eq!(names(code.good), [] as [&str; 0], "{}", code.good);
    }
    assert!(
        codes::ERRORS
            .iter()
            .all(|code| !code.what.is_empty() && !code.why.is_empty() && code.bad != code.good)
    );
}

#[test]
fn every_cut_of_a_program_is_checked_without_a_panic() {
    let text = "let a = \"X\" except \"Y\"\nrule \"r\" { order 1 active from 2026-11-27 skus a, all warehouses all except jakarta \
                stores shopee_id split shopee_id 1, store shopee_id { cap 5 } priority store shopee_id below 2 }\n\
                test \"t\" { at 2026-11-27 stock \"A\" { jakarta 1 } expect \"A\" { shopee_id none } }";
    for start in 0..text.len() {
        check_texts(&[text.get(start..).unwrap_or(""), text.get(..start).unwrap_or("")]);
    }
}

#[test]
fn the_rules_past_the_limit_are_one_fault() {
    let rules: String = (0..20_003)
        .map(|n| format!("rule \"{n}\" {{ order {n} skus \"{n}\" warehouses all stores all }}\n"))
        .collect();
    check(&rules, &["too-many-rules 20001:6"]);
}
