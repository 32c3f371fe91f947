use super::*;
use crate::catalog::{Catalog, Rows};
use crate::edit::apply;
use crate::lint::lint;
use crate::rules::Declared;
use crate::source::Sources;
use crate::threads::Threads;
use jiff::Timestamp;

/// What is left over a catalog that has `SOAP` in one store, at noon of 2026-11-24 in Jakarta; and the text with every safe fix made.
fn silenced(text: &str, judge: Judge, levels: &[(&str, Level)]) -> (Vec<String>, String) {
    let declared = Declared {
        warehouses: vec!["w".into()],
        stores: vec!["outlet".into()],
        timezone: jiff::tz::TimeZone::get("Asia/Jakarta").unwrap(),
        rules_max: 200,
    };
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (ast, faults) = crate::syntax::parse(file, text);
    assert_eq!(faults, []);
    let files = [(file, ast)];
    let (checked, faults) = crate::check::check(&files, &declared);
    let catalog = Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &["SOAP"],
        mappings: &[("SOAP", "outlet", "a", 1)],
        ..Rows::default()
    });
    let context = Context {
        files: &files,
        rules: checked.rule_set(),
        checked: &checked,
        catalog: Some(&catalog),
        sources: &sources,
        history: None,
        declared: &declared,
        at: "2026-11-24T05:00:00Z".parse::<Timestamp>().unwrap(),
        survey: crate::lint::Survey::default(),
    };
    let level_of =
        |code: &'static Code| levels.iter().find(|(name, _)| *name == code.name).map(|&(_, level)| level);
    let wanted = ["unknown-sku", "pattern-matches-nothing", "priority-not-above-threshold"];
    let mut found = lint(&context, Threads::ONE, |code| wanted.contains(&code.name));
    found.extend(faults);
    let found = silence(&context, at_levels(found, level_of), judge, level_of);
    let safe = found.iter().flat_map(|finding| &finding.fixes).filter(|fix| fix.safe);
    let edits: Vec<Edit> = safe.flat_map(|fix| fix.edits.clone()).collect();
    let shown = found.iter().map(|finding| {
        let name = if finding.code == &UNUSED_ALLOW { "" } else { finding.code.name };
        format!("{name}{}: {}", if name.is_empty() { "" } else { "!" }, finding.message)
    });
    (shown.collect(), apply(text, &edits).unwrap())
}

/// A rule with comments above its list.
fn rule(comments: &str, list: &str) -> String {
    format!("rule \"R\" {{\n  order 1\n{comments}  skus {list}\n  warehouses all\n  stores all\n}}\n")
}

#[track_caller]
fn check(comments: &str, list: &str, expect: &[&str]) {
    let (left, _) = silenced(&rule(comments, list), Judge::All, &[]);
    assert_eq!(left, expect);
}

const GONE: &str = "\"GONE\", \"SOAP\"";

#[test]
fn a_comment_silences_the_line_below_it() {
    check("", GONE, &["unknown-sku!: no SKU `GONE` in the catalog"]);
    check("# allow: unknown-sku -- soon\n", GONE, &[]);
    check("# allow: SS101 until 2026-11-25 -- soon\n", GONE, &[]);
    check("# allow: pattern-matches-nothing, unknown-sku -- soon\n", "\"GONE\", \"G*\"", &[]);
    check(
        "# allow: SS101 -- soon\n# nothing to do with it\n# allow: SS103 -- soon\n",
        "\"GONE\", \"G*\"",
        &[],
    );
}

#[test]
fn it_reaches_over_all_of_what_begins_there() {
    check("# allow: unknown-sku -- soon\n", "\"SOAP\",\n    \"GONE\"", &[]);
    let (allow, skus) = ("# allow: unknown-sku -- soon\n", "\"SOAP\",\n    \"GONE\"");
    assert_eq!(silenced(&(allow.to_owned() + &rule("", skus)), Judge::All, &[]).0, Vec::<String>::new());
    let list = format!("{allow}let gone =\n  \"GONE\"\n");
    assert_eq!(silenced(&list, Judge::All, &[]).0, Vec::<String>::new());
    // What comes behind it is another thing, and of two comments the nearest counts.
    let left = "unknown-sku!: no SKU `GONE` in the catalog";
    assert_eq!(silenced(&format!("{list}let lost = \"GONE\"\n"), Judge::All, &[]).0, [left]);
    let two = allow.to_owned() + &rule(allow, GONE);
    let nothing = ": there is no `unknown-sku` below to silence";
    assert_eq!(silenced(&two, Judge::All, &[]).0, [nothing]);
    assert!(silenced(&two, Judge::All, &[]).1.contains("  order 1\n# allow"));
}

#[test]
fn and_no_other_line() {
    let nothing = ": there is no `unknown-sku` below to silence";
    let left = "unknown-sku!: no SKU `GONE` in the catalog";
    check("# allow: unknown-sku -- soon\n\n", GONE, &[left, nothing]);
    check("# allow: unknown-sku -- soon\n  threshold 0\n", GONE, &[left, nothing]);
    let beside = ": this comment silences nothing: it does not stand on a line of its own";
    check("", "\"GONE\" # allow: unknown-sku -- soon", &[left, beside]);
    check("threshold 0 # allow: unknown-sku -- soon\n", GONE, &[left, beside]);
}

#[test]
fn a_comment_without_business_is_told() {
    let left = "unknown-sku!: no SKU `GONE` in the catalog";
    check("# allow: unknown-sku\n", GONE, &[": this comment gives no reason"]);
    check("# allow: unknown-sku -- \n", GONE, &[": this comment gives no reason"]);
    let expired = ": this comment expired at `2026-11-24`, and silences nothing any more";
    check("# allow: unknown-sku until 2026-11-24 -- x\n", GONE, &[left, expired]);
    let gone = ": this comment expired at `2026-11-24`, and what it silenced is gone";
    check("# allow: unknown-sku until 2026-11-24 -- x\n", "\"SOAP\"", &[gone]);
    check(
        "# allow: unknown-sku until 2026-11-24 12:00 -- x\n",
        GONE,
        &[left, &expired.replace("24`", "24 12:00`")],
    );
    check("# allow: unknown-sku until 2026-11-24 12:01 -- x\n", GONE, &[]);
    check("# allow: unknown-skus -- x\n", GONE, &[left, ": there is no warning `unknown-skus`"]);
    check("# allow: unused-allow -- x\n", "\"SOAP\"", &[": no comment silences `unused-allow`"]);
    check(
        "# allow unknown-sku -- x\n",
        GONE,
        &[left, ": this comment is not written as `# allow: NAME`, and silences nothing"],
    );
    let two = "# allow: unknown-sku -- x\n# allow: unknown-sku -- y\n";
    check(two, GONE, &[": there is no `unknown-sku` below to silence"]);
    check(
        "# allow: unknown-sku, unknown-sku -- y\n",
        GONE,
        &[": there is no `unknown-sku` below to silence"],
    );
}

#[test]
fn errors_are_not_silenced() {
    let (left, _) = silenced(
        &rule("# allow: unknown-store -- x\n", "nowhere"),
        Judge::Readable,
        &[("unknown-sku", Level::Deny)],
    );
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(
        left.contains(&": `unknown-store` is an error, which no comment silences".to_owned()),
        "{left:?}"
    );
}

#[test]
fn levels_are_those_of_the_configuration() {
    let text = rule("# allow: unknown-sku -- x\n", GONE);
    let levels = |level| [("unknown-sku", level)];
    assert_eq!(silenced(&text, Judge::All, &levels(Level::Deny)).0, [""; 0], "a raised warning is one still");
    let off = ": `unknown-sku` is off in `stocksync.yaml`: this comment silences nothing";
    assert_eq!(silenced(&text, Judge::All, &levels(Level::Allow)).0, [off]);
    let quiet = [("unused-allow", Level::Allow)];
    assert_eq!(silenced(&text.replace("GONE", "SOAP"), Judge::All, &quiet).0, [""; 0]);
}

#[test]
fn what_lints_could_not_see_is_not_held_against_a_comment() {
    let text = rule("# allow: unknown-sku -- x\n", "\"SOAP\"");
    assert_eq!(silenced(&text, Judge::Readable, &[]).0, [""; 0]);
    assert_eq!(silenced(&text, Judge::All, &[]).0.len(), 1);
}

#[test]
fn a_safe_fix_takes_away_what_silences_nothing_and_no_more() {
    let fixed = |comments: &str, list: &str, expect: &str| {
        let (_, text) = silenced(&rule(comments, list), Judge::All, &[]);
        assert_eq!(text, rule(expect, list), "{comments}");
        let (left, again) = silenced(&text, Judge::All, &[]);
        assert_eq!(again, text, "{left:?}");
    };
    fixed("  # allow: unknown-sku -- x\r\n", "\"SOAP\"", "");
    fixed("# a\n# allow: unknown-sku -- x\n# allow: SS103 -- x\n", "\"SOAP\"", "# a\n");
    fixed("# allow: SS103, unknown-sku, SS103 -- x\n", GONE, "# allow: unknown-sku -- x\n");
    fixed("# allow: unknown-sku until 2026-11-01 -- x\n", "\"SOAP\"", "");
    for kept in
        ["# allow: unknown-sku\n", "# allow: unknown-sku until 2026-11-01 -- x\n", "# allow: nonsense -- x\n"]
    {
        fixed(kept, GONE, kept);
    }
}

#[test]
fn above_the_head_of_a_rule() {
    let text = rule("priority store outlet below 0\n", "\"SOAP\"");
    let on_field = text.replace("priority", "# allow: priority-not-above-threshold -- x\npriority");
    assert_eq!(silenced(&on_field, Judge::All, &[]).0, [""; 0]);
    let on_head = format!("# allow: priority-not-above-threshold -- x\n{text}");
    assert_eq!(silenced(&on_head, Judge::All, &[]).0, [""; 0], "all of the rule");
}
