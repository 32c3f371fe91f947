use super::{TEST_FORMATS, TestReport};
use crate::check::check;
use crate::report::Color;
use crate::rules::Declared;
use crate::ruletest::{self, Ground, run};
use crate::source::Sources;
use crate::syntax::parse;
use serde_json::{Value, json};

const RULES: &str = "rule \"Sh<o>es\" {
  order 10 skus \"A*\" warehouses jakarta stores shopee, lazada
  threshold 3 reserve 1 rate 50% round up
  store lazada { cap 2 }
}
rule \"All\" { order 20 skus all warehouses all stores all rate 90% }
rule \"Bags\" { order 30 skus \"B*\" except \"B\" warehouses all stores all reserve 0 cap 4 }
";

const TESTS: &str = "test \"right\" { stock \"A\" { jakarta 9 } expect \"A\" { shopee 4, lazada 2 } }
test \"wrong \x1b & <late>\" {
  stock \"A\" { jakarta 9, batam 5 }
  expect \"A\" { shopee 5, lazada none, outlet 1 }
  bundle \"SET\" { \"P\" 2, \"Q\" 1 }
  stock \"P\" { jakarta 5 }
  expect \"SET\" { shopee 1 }
}
";

#[derive(Clone, Copy, PartialEq)]
enum Coverage {
    Not,
    Asked,
}

fn rendered(name: &str, tests: &str, coverage: Coverage) -> String {
    let mut sources = Sources::new();
    let names = |text: &str| text.split(' ').map(str::to_owned).collect();
    let declared = Declared {
        warehouses: names("jakarta batam"),
        stores: names("shopee lazada outlet"),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    };
    let texts = [("rules/a.sync", RULES), ("rules/b.sync", tests)];
    let files: Vec<_> = texts
        .iter()
        .map(|(path, text)| {
            let file = sources.add(*path, *text);
            (file, parse(file, text).0)
        })
        .collect();
    let (checked, found) = check(&files, &declared);
    assert!(found.is_empty(), "{found:?}");
    let ground = Ground { rules: checked.rule_set().unwrap(), declared: &declared, sources: &sources };
    let results = run(&checked.tests, ground);
    let coverage = (coverage == Coverage::Asked)
        .then(|| ruletest::coverage::Coverage::of(&checked.rules, ground, &results));
    let report = TestReport {
        sources: &sources,
        results: &results,
        coverage: coverage.as_ref(),
        color: Color::Never,
        quiet: false,
        width: 60,
    };
    let format = TEST_FORMATS.iter().find(|format| format.name == name).unwrap();
    let mut out = Vec::new();
    (format.render)(&report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_wrong_number_comes_with_its_steps() {
    let expected = "\
ok    right
FAIL  wrong ␛ & <late>
  rules/b.sync:4:23: `A` in `shopee`: expected 5, got 4
    stock      jakarta 9, batam 5 (not counted by the rule)
    rule       `Sh<o>es`, order 10 (rules/a.sync:1)
    available  9  9 available under `Sh<o>es`
    threshold  9  9 >= threshold 3
    reserve    8  9 - 1 held back
    rate       4  8 x 50%
    also       `All`, order 20 (rules/a.sync:6) matches, but
               order 10 comes first
  rules/b.sync:4:33: `A` in `lazada`: expected none, got 2
    stock      jakarta 9, batam 5 (not counted by the rule)
    rule       `Sh<o>es`, order 10 (rules/a.sync:1)
    available  9  9 available under `Sh<o>es`
    threshold  9  9 >= threshold 3
    reserve    8  9 - 1 held back
    rate       4  8 x 50%
    cap        2  lowered to the cap 2
    also       `All`, order 20 (rules/a.sync:6) matches, but
               order 10 comes first
  rules/b.sync:4:46: `A` in `outlet`: expected 1, got none
    stock  jakarta 9, batam 5 (not counted by the rule)
    rule   `Sh<o>es`, order 10 (rules/a.sync:1)
    store  left alone: `Sh<o>es` takes the SKU and does not
           name this store; `All` names it, and loses by its
           order
    also   `All`, order 20 (rules/a.sync:6) matches, but
           order 10 comes first
  rules/b.sync:7:25: `SET` in `shopee`: expected 1, got 0
    stock      a bundle, worth its scarcest part in each
               warehouse
    part       P: 2 needed, 5 available
    part       Q: 1 needed, 0 available
    rule       `All`, order 20 (rules/a.sync:6)
    available  0  0 available under `All`
    rate       0  0 x 90%
1 passed, 1 failed (6 numbers checked)
";
    assert_eq!(rendered("text", TESTS, Coverage::Not), expected);
}

#[test]
fn what_is_missing_is_told_by_place_and_counted() {
    let expected = "\
ok    right
no test reaches
  rules/a.sync:3: `threshold` in `Sh<o>es`: no stock below it
  rules/a.sync:3: `round` in `Sh<o>es`: no number that it rounds
  rules/a.sync:4: `cap` of `lazada` in `Sh<o>es`: no number that it leaves
  rules/a.sync:6: rule `All`
  rules/a.sync:7: rule `Bags`
no stock can reach, so that it does not count
  rules/a.sync:7: `reserve` in `Bags`: no stock to hold back from
coverage: rules 1 of 3, fields 4 of 7, branches 4 of 10
1 passed, 0 failed (2 numbers checked)
";
    let right = TESTS.lines().next().unwrap();
    assert_eq!(rendered("text", right, Coverage::Asked), expected);
    let text = rendered("text", "test \"none\" { expect \"A\" { lazada 0 } }", Coverage::Asked);
    assert!(text.contains("a.sync:4: `cap` of `lazada` in `Sh<o>es`: not tested at all\n"), "{text}");
}

#[test]
fn programs_get_all_of_it() {
    let value: Value = serde_json::from_str(&rendered("json", TESTS, Coverage::Asked)).unwrap();
    let expected = [
        ("/format_version", json!(1)),
        ("/passed", json!(1)),
        ("/failed", json!(1)),
        ("/tests/0/passed", json!(true)),
        ("/tests/1/name", json!("wrong \u{1b} & <late>")),
        ("/tests/1/file", json!("rules/b.sync")),
        ("/tests/1/checked", json!(4)),
        ("/tests/1/failures/0/line", json!(4)),
        ("/tests/1/failures/0/column", json!(23)),
        ("/tests/1/failures/0/reason", json!("rate")),
        ("/tests/1/failures/0/why/stores/0/steps/3/name", json!("rate")),
        ("/tests/1/failures/2/got", json!(null)),
        ("/tests/1/failures/2/expected", json!(1)),
        ("/coverage/rules", json!({ "reached": 2, "total": 3 })),
        ("/coverage/by_rule/0/branches/0/field", json!("threshold")),
        ("/coverage/by_rule/0/branches/0/state", json!("missed")),
        ("/coverage/by_rule/0/branches/5/store", json!("lazada")),
        ("/coverage/by_rule/2/branches/0/state", json!("impossible")),
    ];
    for (pointer, wanted) in expected {
        assert_eq!(value.pointer(pointer), Some(&wanted), "{pointer} in {value:#}");
    }
    let value: Value = serde_json::from_str(&rendered("json", TESTS, Coverage::Not)).unwrap();
    assert_eq!(value.pointer("/coverage"), None);
}

#[test]
fn junit_has_a_suite_for_each_file_and_the_words_of_the_terminal() {
    let xml = rendered("junit", TESTS, Coverage::Asked);
    let starts = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"stocksync test\" tests=\"2\" failures=\"1\" errors=\"0\">
  <testsuite name=\"rules/b.sync\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">
    <testcase name=\"right\" classname=\"rules/b.sync\" file=\"rules/b.sync\" line=\"1\" assertions=\"2\"/>
    <testcase name=\"wrong ␛ &amp; &lt;late&gt;\" classname=\"rules/b.sync\" file=\"rules/b.sync\" line=\"2\" assertions=\"4\">
      <failure message=\"`A` in `shopee`: expected 5, got 4\" type=\"expect\">rules/b.sync:4:23: `A` in `shopee`: expected 5, got 4
  stock      jakarta 9, batam 5 (not counted by the rule)
  rule       `Sh&lt;o&gt;es`, order 10 (rules/a.sync:1)
";
    assert!(xml.starts_with(starts), "{xml}");
    let unescape = |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let squeezed = |text: &str| unescape(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let text = rendered("text", TESTS, Coverage::Not);
    let failures = text.split("  rules/b.sync:").skip(1);
    for failure in failures.map(|failure| failure.split("\n1 passed").next().unwrap()) {
        assert!(squeezed(&xml).contains(&squeezed(failure)), "{failure}\nis not in\n{xml}");
    }
}

#[test]
fn junit_is_well_formed() {
    let xml = rendered("junit", TESTS, Coverage::Not);
    let mut open = Vec::new();
    for tag in xml.split('<').skip(2) {
        let (tag, text) = tag.split_once('>').unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        for part in [tag, text] {
            let entities = part.split('&').skip(1);
            assert!(entities.clone().all(|rest| rest.split(';').next().unwrap().len() < 6), "{part}");
        }
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (_, true) => {}
            _ => open.push(name),
        }
    }
    assert_eq!(open, [""; 0]);
}
