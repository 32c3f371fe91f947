use proptest::prelude::*;

use super::read;
use crate::syntax::{ast::Item, parse};

/// A rule's fields, each with lines that put one fault in its place.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "order 10",
        &["order", "order = 10", "order 10;", "order: 10", "order 10, 11", "Order 10", "order [10]"],
    ),
    (
        "skus shoes, \"A-1\"",
        &[
            "skus shoes \"A-1\"",
            "skus shoes,, \"A-1\"",
            "skus , shoes",
            "skus \"A-1",
            "skus 'A-1'",
            "skus NIKE-*",
        ],
    ),
    (
        "warehouses all",
        &["warehouses", "warehouses all, x", "warehouses a b", "warehouses a // b", "warehouses a，b"],
    ),
    (
        "stores a, b",
        &[
            "stores Shopee",
            "stores a, cap, b",
            "stores a; b",
            "stores a except",
            "stores \"\"",
            "stores a @ b",
        ],
    ),
    ("rate 50%", &["rate 50 %", "rate “50%”", "rate ~50%", "rate\u{a0}50%", "rate 50% 60%", "rate \0 50%"]),
    ("priority store a below 5", &["priority a below 5", "priority store a 5", "priority store A below 5"]),
    (
        "active until 2026-11-28",
        &["active 2026-11-28", "active from", "active until 2026-11-28 18:00 +07:00"],
    ),
    ("split a 3, b 1", &["split a 3 b 1", "split a, b 1", "split"]),
    (
        "store a { cap 5 rate 5% }",
        &[
            "store a { cap 5 rate 5 % }",
            "store A { cap 5 }",
            "store a { cap = 5 rate 5% }",
            "store \"a\" { cap 5 }",
        ],
    ),
    ("skus \"B\\\\\"", &["skus \"B\\n\"", "skus \"B\\\"", "skus \"B\u{7}\""]),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_strewn_fault_is_told_once_on_its_line(
        rules in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.3, 0..9_usize), FIELDS.len()), 1..8),
    ) {
        let mut text = String::new();
        let mut expected = Vec::new();
        for (number, faults) in rules.iter().enumerate() {
            text.push_str(&format!("rule \"R{number}\" {{\n"));
            for ((good, bad), fault) in FIELDS.iter().zip(faults) {
                let line = fault.map_or(*good, |index| bad[index % bad.len()]);
                if fault.is_some() {
                    expected.push(text.lines().count() + 1);
                }
                text.push_str(&format!("  {line}\n"));
            }
            text.push_str("}\n");
        }
        let (ast, found) = read(&text);
        let lines: Vec<usize> =
            found.iter().filter_map(|fault| fault.split_once(':')?.0.parse().ok()).collect();
        prop_assert_eq!(lines, expected, "{:#?}\n{}", found, text);
        prop_assert_eq!(ast.items.len(), rules.len());
        for (item, faults) in ast.items.iter().zip(&rules) {
            let Item::Rule(rule) = item else { panic!("a rule") };
            let whole = faults.iter().filter(|fault| fault.is_none()).count();
            prop_assert!(rule.fields.len() >= whole, "no fault hides a field");
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "(?s).{0,200}") {
        read(&text);
    }

    #[test]
    fn no_mix_of_words_is_too_odd(words in prop::collection::vec(prop::sample::select(WORDS), 0..60)) {
        read(&words.concat());
    }

}

const WORDS: &[&str] = &[
    "rule ",
    "\"A\" ",
    "{",
    "}",
    "\n",
    " ",
    "let ",
    "x",
    "=",
    ",",
    "test ",
    "store ",
    "stores ",
    "order ",
    "5",
    "%",
    "'",
    "\"",
    "\\",
    "#",
    "except ",
    "all ",
    "at ",
    "stock ",
    "expect ",
    "none ",
    "priority ",
    "below ",
    "\r",
    "2026-11-27 ",
    "18:00",
    "//",
    "\0",
    "“",
];

#[test]
fn a_file_with_many_faults_tells_how_many_more_there_are() {
    let mut sources = crate::source::Sources::new();
    let file = sources.add("a.sync", "");
    let text = "rule \"A\" { order = 1 }\n".repeat(10_005);
    let (ast, found) = parse(file, &text);
    assert_eq!((ast.items.len(), found.len()), (10_005, 10_001));
    assert_eq!(found.last().map(|last| last.message.as_str()), Some("and 5 more syntax faults in this file"));
}
