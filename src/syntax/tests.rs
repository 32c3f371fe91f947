mod properties;

use super::*;
use crate::source::Sources;

fn read(text: &str) -> (ast::File, Vec<String>) {
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (ast, faults) = parse(file, text);
    let faults = faults
        .iter()
        .map(|fault| {
            let at = sources.positions(fault.span.unwrap_or(Span::new(file, 0, 0))).0;
            format!("{}:{} {}", at.line, at.column, fault.message)
        })
        .collect();
    (ast, faults)
}

const WHOLE: &str = "\
# Sneakers
let sneakers = \"NIKE-*\", \"ADI-*\" except \"*-SAMPLE\"
let sea      = shopee_id, shopee_my, lazada_id

rule \"Sneakers SEA\" {
  order       10
  skus        sneakers, \"PUMA-SUEDE-42\"
  warehouses  jakarta, batam
  stores      sea, tiktok_id
  threshold   5
  rate        50%
  active from 2026-11-27 until 2026-11-27 18:00
  priority store shopee_id below 20
  split shopee_id 2, lazada_id 1

  store tiktok_id { rate 30%  cap 20 }
}

test \"last pairs\" {
  at 2026-11-27T18:00:00+07:00
  stock \"NIKE-AIR-42\" { jakarta 12, batam -3 }
  bundle \"SET\" { \"A\" 1, \"B\" 2, }
  expect \"NIKE-AIR-42\" { shopee_id 7, lazada_id 0, tiktok_id none }
}
";

#[test]
fn a_whole_file_reads_without_a_fault() {
    let (ast, faults) = read(WHOLE);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!((ast.items.len(), ast.comments.len(), ast.broken.len()), (4, 1, 0));
}

#[track_caller]
fn faults(text: &str, expected: &[&str]) {
    assert_eq!(read(text).1, expected, "of\n{text}");
}

/// One fault in a field of an otherwise whole rule, on its third line.
#[track_caller]
fn field(line: &str, expected: &[&str]) {
    let text = format!("rule \"A\" {{\n  order 1\n  {line}\n  floor 2\n}}\nrule \"B\" {{ cap 1 }}\n");
    let (ast, found) = read(&text);
    assert_eq!(found, expected, "of\n{text}");
    assert_eq!(ast.items.len(), 2, "both rules are kept of\n{text}");
    let ast::Item::Rule(rule) = &ast.items[0] else { panic!("a rule") };
    let keys: Vec<&str> = rule.fields.iter().map(|field| field.key.text.as_str()).collect();
    assert!(keys.contains(&"order") && keys.contains(&"floor"), "the other fields are kept: {keys:?}");
}

#[test]
fn values_of_one_form() {
    field("threshold", &["3:12 the value of `threshold` is missing here"]);
    field("threshold = 5", &["3:13 `=` means nothing here"]);
    field("threshold: 5", &["3:12 `:` means nothing here"]);
    field("threshold 5;", &["3:14 `;` means nothing here"]);
    field("threshold 5 6", &["3:15 `6` is too much: `threshold` is already complete"]);
    field("rate 50 %", &["3:11 `%` means nothing here"]);
    field("rate '50%'", &["3:8 `'50%'` is in quotes of the wrong kind"]);
    field("priority shop below 5", &["3:12 expected `store`, found `shop`"]);
    field("priority store shop 5", &["3:23 expected `below`, found `5`"]);
    field("active 2026-11-27", &["3:10 expected `from`, found `2026-11-27`"]);
    field("round Up", &["3:9 `Up` is not a name"]);
    field("thresold 5", &[]);
    field("skuss all except \"A\"", &[]);
    field("thresold", &["3:11 the value of `thresold` is missing here"]);
    field("\u{43e}rder 5", &["3:3 `\u{43e}rder` is not a name"]);
}

#[test]
fn lists() {
    field("skus \"A\" \"B\"", &["3:12 a comma is missing before `\"B\"`"]);
    field("skus \"A\",, \"B\"", &["3:12 there is a comma too many here"]);
    field("skus , \"A\"", &["3:8 no item stands before this comma"]);
    field(
        "skus \"A\" \"B\",, 'C'",
        &[
            "3:12 a comma is missing before `\"B\"`",
            "3:16 there is a comma too many here",
            "3:18 `'C'` is in quotes of the wrong kind",
        ],
    );
    field("skus \"A", &["3:8 this string is not closed"]);
    field("skus \"A, \"B\"", &["3:8 this string is not closed"]);
    field("skus “A”", &["3:8 `“A”` is in quotes of the wrong kind"]);
    field("skus \"\"", &["3:8 this string is empty"]);
    field(r#"skus "a\qb""#, &[r"3:10 `\q` means nothing"]);
    field(r#"skus "a\*b\?\\\"""#, &[]);
    field("skus \"a\0b\"", &["3:10 there is a NUL character here"]);
    field("stores sea id", &["3:14 a comma is missing before `id`"]);
    field("stores Shopee", &["3:10 `Shopee` is not a name"]);
    field("stores sea, bundle", &["3:15 `bundle` is a keyword and cannot be a name"]);
    field("stores all, sea", &["3:15 `all` stands alone"]);
    field("stores sea except a except b", &["3:23 a list has one `except` at most"]);
    field("stores sea except", &["3:20 the value of `stores` is missing here"]);
    field("stores sea // all", &["3:14 this is no comment"]);
    field("stores sea,", &[]);
    field("stores all except sea,", &[]);
    field("split a 5 b 3", &["3:13 a comma is missing before `b`"]);
    field("split a, b 3", &["3:10 a quantity is missing here"]);
    field("store shop { rate 5 % cap 3 }", &["3:23 `%` means nothing here"]);
    field("store shop cap 3", &["3:13 `{` is missing here"]);
}

#[test]
fn braces_and_heads() {
    faults("rule \"A\" {\n order 1\nrule \"B\" { order 2 }", &["2:9 `}` is missing here"]);
    faults("rule \"A\" {\n store x { cap 5\n threshold 3\n}\n", &["2:17 `}` is missing here"]);
    faults("rule \"A\" {\n order 1 }\n}\nlet a = b", &["2:10 this `}` closes nothing"]);
    faults("rule \"A\"\n order 1\n}", &["1:9 `{` is missing here"]);
    faults("rule A {\n order 1\n}", &["1:6 the name of this rule is not in double quotes"]);
    faults("rule {\n order 1\n}", &["1:5 the name of this rule is missing here"]);
    faults("rule \"A {\n order 1\n}", &["1:6 this string is not closed"]);
    faults(
        "rul \"A\" {\n order 1 = 2\n}",
        &["1:1 expected `rule`, found `rul`", "2:10 `=` means nothing here"],
    );
    faults("let X = a", &["1:5 `X` is not a name"]);
    faults("let cap = a", &["1:5 `cap` is a keyword and cannot be a name"]);
    faults("let x a", &["1:6 `=` is missing here"]);
    faults("let x = all", &["1:9 `all` cannot stand in a `let`"]);
    faults("let x =", &["1:8 the value of `x` is missing here"]);
    faults("order 5\nlet a = b", &["1:1 expected `rule`, `let` or `test`, found `order`"]);
    faults(
        "test \"t\" {\n stock \"A\" { j 1 k 2 }\n expect \"A\" { s none, t 4,, }\n foo\n}",
        &[
            "2:18 a comma is missing before `k`",
            "3:27 there is a comma too many here",
            "4:2 expected `at`, `stock`, `bundle`, `expect` or `}`, found `foo`",
        ],
    );
}

#[test]
fn white_space_and_marks() {
    faults("\u{FEFF}rule \"A\" {\r\n order 1\r\n}\r\n", &[]);
    faults("rule \"A\" { order 1 skus \"A\" warehouses all stores all }", &[]);
    faults("\u{FEFF}rul \"A\" {\n}", &["1:2 expected `rule`, found `rul`"]);
    faults("# a\n\u{FEFF}# b", &["2:1 there is an unusual space here (U+FEFF)"]);
    faults("", &[]);
    faults("# only\n", &[]);
    faults(&"{".repeat(10_000), &["1:17 braces stand more than 16 deep in each other"]);
}

/// Every example of the reference reads without a fault, and every one that is wrong on purpose has one.
#[test]
fn the_examples_of_the_reference() {
    let mut count = 0;
    for block in include_str!("../../grammar/reference.md").split("\n```sync").skip(1) {
        let (kind, rest) = block.split_once('\n').unwrap_or_default();
        let example = rest.split("\n```").next().unwrap_or_default();
        let found = read(example).1;
        match kind {
            "" => assert_eq!(found, Vec::<String>::new(), "of\n{example}"),
            "-bad" => assert_ne!(found, Vec::<String>::new(), "of\n{example}"),
            other => panic!("an example of the kind `sync{other}`"),
        }
        count += 1;
    }
    assert!(count >= 9, "{count} examples");
}

#[test]
fn one_fault_brings_no_other() {
    faults(
        "let a = \"x\"\n \"y\"\nlet b = c,, d\nlet c = x;\nlet D = e",
        &[
            "2:2 a comma is missing before `\"y\"`",
            "3:11 there is a comma too many here",
            "4:10 `;` means nothing here",
            "5:5 `D` is not a name",
        ],
    );
    faults("test \"t\" {\n stock \"A\" { j 1\n expect \"A\" { a 1 }\n}", &["2:17 `}` is missing here"]);
    faults(
        "test \"t\" {\n stok \"A\" { j 1 }\n stock \"A\" j 1\n expect \"A\" { a: 1 }\n at\n}",
        &[
            "2:2 expected `at`, `stock`, `bundle`, `expect` or `}`, found `stok`",
            "3:12 expected `{`, found `j`",
            "4:16 `:` means nothing here",
            "5:4 the value of `at` is missing here",
        ],
    );
    faults("rule \"A\" {\n stores a\n b\n order 5\n}", &["3:2 a comma is missing before `b`"]);
    faults(
        "rule \"A\" on {\n}\nrule \"B\": {\n}\nRule \"C\" {\n}\nrule \"\" {\n}",
        &[
            "1:10 expected `{`, found `on`",
            "3:9 `:` means nothing here",
            "5:1 expected `rule`, found `Rule`",
            "7:6 this string is empty",
        ],
    );
    faults(
        "rule \"A\" {\n foo {\n x 1 }\n 5\n}\nrule",
        &[
            "2:6 expected a value, found `{`",
            "4:2 expected a field or `}`, found `5`",
            "6:5 the name of this rule is missing here",
        ],
    );
    faults(
        "rule \"A\" { order 1 skus \"A }\nrule \"B\" { order = 2 }",
        &["1:25 this string is not closed", "2:18 `=` means nothing here"],
    );
    faults("rule \"A\" {{\n order 2\n}", &["1:11 there is a `{` too many here"]);
}
