//! Lists and who uses them.

use super::{Case, check, check_fixed, check_one, declared, parse};
use crate::source::Sources;

const RULE: &str = "rule \"R\" { order 1 skus used warehouses all stores stores_used }\n";

#[track_caller]
fn check_lists(lets: &str, expect: &[&str]) {
    check_one(
        "unused-list",
        &format!("{lets}\n{RULE}let used = \"A\"\nlet stores_used = shopee_id\n"),
        &Case::default(),
        expect,
    );
}

#[track_caller]
fn check_fix(text: &str, expect: &str) {
    check_fixed("unused-list", text, &Case::default(), true, expect);
}

#[test]
fn unused_list() {
    check_lists("let gone = \"A\"", &["no rule uses list `gone` [gone]"]);
    check_lists("let gone = lazada_id", &["no rule uses list `gone` [gone]"]);
    check_lists(
        "let outer = inner let inner = \"A\"",
        &["no rule uses list `outer` [outer]", "no rule uses list `inner` [inner]"],
    );
    check_lists("", &[]);
    let through =
        "let used = \"A\", more except less let more = \"B\" let less = \"C\" let stores_used = shopee_id\n";
    check_one("unused-list", &format!("{through}{RULE}"), &Case::default(), &[]);
    let off = "let used = \"A\" rule \"R\" off { order 1 skus all except used warehouses all stores all }";
    check_one("unused-list", off, &Case::default(), &[]);
}

#[test]
fn an_unused_list_goes_with_its_line() {
    check_fix("let gone = \"A\"\nlet gone2 = \"B\",\n  \"C\"\r\n# end\n", "# end\n");
    check_fix("  let gone = \"A\"  \r\n\nlet gone2 = \"B\"", "\n");
    check_fix("test \"t\" { } let gone = \"A\"\ntest \"u\" { }", "test \"t\" { }\ntest \"u\" { }");
    check_fix("test \"t\" { }let gone = \"A\"   test \"u\" { }", "test \"t\" { }test \"u\" { }");
    check_fix("let gone = \"A\" test \"u\" { }", "test \"u\" { }");
}

#[test]
fn no_comment_goes_with_a_list() {
    check_fix("# before\nlet gone = \"A\" # beside\n# behind\n", "# before\n# beside\n# behind\n");
    let within = "let gone = \"A\", # first\n  \"B\"\n";
    check_fix(within, within);
}

#[test]
fn a_list_that_another_unused_one_names_goes_after_it() {
    let text = "let outer = inner\nlet inner = \"A\"\n";
    check_fix(text, "let inner = \"A\"\n");
    check_fix("let inner = \"A\"\n", "");
}

#[test]
fn taking_a_list_out_changes_no_rule() {
    let version = |text: &str| {
        let file = Sources::new().add("a.sync", text);
        let (checked, _) = check(&[(file, parse(file, text).0)], &declared());
        checked.rule_set().unwrap().version().to_owned()
    };
    let rules = format!("let used = \"A\"\nlet stores_used = shopee_id\n{RULE}");
    let with = format!("let gone = used, \"B\"\n{rules}let gone2 = gone\n");
    let without = format!("let gone = used, \"B\"\n{rules}");
    check_fix(&with, &without);
    check_fix(&without, &rules);
    assert_eq!([version(&with), version(&without)], [version(&rules), version(&rules)]);
}
