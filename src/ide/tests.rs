//! One project, many questions: `|` stands where the question is asked.

use super::*;
use crate::catalog::Rows;
use crate::check::check;
use crate::config;
use crate::source::Span;
use crate::syntax::parse;

const CONFIG: &str = "warehouses: [jakarta, batam]\nstores:\n  shopee_id: { connector: csv, settings: { path: a.csv } }\n  outlet: { connector: csv, settings: { path: b.csv } }\n";

const RULES: &str = r#"let nike = "NIKE-*" except "*-SAMPLE"
let sea = shopee_id, outlet
rule "鞋 Air" {
  order 1
  skus nike, "鞋-42"
  warehouses jakarta
  stores sea
  rate 50%
  priority store outlet below 3
  store shopee_id { cap 9 }
}
rule "Rest" { order 2 skus all warehouses all stores shopee_id }
test "half" {
  stock "NIKE-1" { jakarta 9 }
  expect "NIKE-1" { shopee_id 4, outlet 4 }
}
"#;

/// Asks about a text; `ask` gets the view, the file and the place of `|`.
fn asked<T>(marked: &str, ask: impl FnOnce(&View<'_>, FileId, u32) -> T) -> T {
    let offset = marked.find('|').unwrap_or(0) as u32;
    let text = marked.replacen('|', "", 1);
    let mut sources = Sources::new();
    let config_file = sources.add("stocksync.yaml", CONFIG);
    let (config, faults) = config::read(config_file, CONFIG);
    assert_eq!(faults, []);
    let declared = config.declared();
    let file = sources.add("rules/a.sync", &*text);
    let (ast, mut findings) = parse(file, &text);
    let files = [(file, ast)];
    let (checked, faults) = check(&files, &declared);
    findings.extend(faults);
    let catalog = Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &["NIKE-1", "NIKE-2", "NIKE-SAMPLE", "鞋-42", "A\"*B"],
        stock: &[("NIKE-1", "jakarta", 9), ("NIKE-1", "batam", -2)],
        mappings: &[("NIKE-1", "shopee_id", "n1", 1)],
        ..Rows::default()
    });
    let view = View {
        sources: &sources,
        files: &files,
        checked: &checked,
        config: &config,
        declared: &declared,
        catalog: Some(&catalog),
        findings: &findings,
        at: Timestamp::UNIX_EPOCH,
    };
    ask(&view, file, offset)
}

/// The rules with `|` at the first place of `before`.
fn marked(before: &str) -> String {
    assert!(RULES.contains(before), "{before}");
    RULES.replacen(before, &format!("{before}|"), 1)
}

fn lines(view: &View<'_>, spans: &[Span]) -> Vec<String> {
    let line = |span: &Span| {
        let source = view.sources.get(span.file);
        let at = source.position(span.start);
        format!("{}:{}:{} {}", source.path(), at.line, at.column, view.sources.text(*span))
    };
    spans.iter().map(line).collect()
}

#[track_caller]
fn check_definition(before: &str, expect: &[&str]) {
    let found = asked(&marked(before), |view, file, at| lines(view, &definition(view, file, at)));
    assert_eq!(found, expect, "{before}");
}

#[test]
fn names_are_declared_somewhere() {
    check_definition("skus ni", &["rules/a.sync:1:5 nike"]);
    check_definition("let ni", &["rules/a.sync:1:5 nike"]);
    check_definition("stores sea", &["rules/a.sync:2:5 sea"]);
    check_definition("let sea = shop", &["stocksync.yaml:3:3 shopee_id"]);
    check_definition("priority store out", &["stocksync.yaml:4:3 outlet"]);
    check_definition("warehouses ja", &["stocksync.yaml:1:14 jakarta"]);
    check_definition("stock \"NIKE-1\" { ja", &["stocksync.yaml:1:14 jakarta"]);
    check_definition("  order", &[]);
    check_definition("rate 5", &[]);
}

#[test]
fn names_are_used_elsewhere() {
    let found = |before: &str, declarations| {
        asked(&marked(before), |view, file, at| lines(view, &references(view, file, at, declarations)))
    };
    assert_eq!(found("let ni", true), ["rules/a.sync:1:5 nike", "rules/a.sync:5:8 nike"]);
    assert_eq!(found("let ni", false), ["rules/a.sync:5:8 nike"]);
    let of_store = [
        "rules/a.sync:2:11 shopee_id",
        "rules/a.sync:10:9 shopee_id",
        "rules/a.sync:12:54 shopee_id",
        "rules/a.sync:15:21 shopee_id",
    ];
    assert_eq!(found("let sea = shopee", true), of_store);
    assert_eq!(
        found("expect \"NIKE", true),
        ["rules/a.sync:14:9 \"NIKE-1\"", "rules/a.sync:15:10 \"NIKE-1\""]
    );
}

#[test]
fn names_can_be_others() {
    let renamed = |before: &str, new: &str| {
        asked(&marked(before), |view, file, at| {
            let edits = rename(view, file, at, new)?;
            crate::edit::apply(view.sources.get(file).text(), &edits).ok_or_else(|| "edits meet".to_owned())
        })
    };
    assert_eq!(renamed("skus ni", "air"), Ok(RULES.replace(" nike", " air")));
    assert_eq!(renamed("rule \"鞋", "a\"b"), Ok(RULES.replace("\"鞋 Air\"", "\"a\\\"b\"")));
    let refused = [
        ("skus ni", "rule", "`rule` is a keyword"),
        ("skus ni", "Air", "a name starts with a letter a-z, and goes on with a-z, 0-9, `_` and `-`"),
        ("skus ni", "sea", "`sea` is taken"),
        ("skus ni", "batam", "`batam` is taken"),
        ("rule \"鞋", "Rest", "there is a rule `Rest` already"),
        ("rule \"鞋", "", "a name is not empty, and stands on one line"),
        ("expect \"NIKE", "x", "a SKU is named in the catalog's tables"),
        ("  ord", "x", "the names of fields are the language's own"),
        ("rate 50%\n", "x", "here is no name"),
    ];
    for (before, new, why) in refused {
        assert_eq!(renamed(before, new), Err(why.to_owned()), "{before}");
    }
    assert!(renamed("let sea = shop", "x").is_err_and(|why| why.contains("stocksync.yaml")));
}

#[track_caller]
fn check_hover(before: &str, expect: &str) {
    let found = asked(&marked(before), hover).map_or_else(String::new, |(_, text)| text);
    assert_eq!(found, expect, "{before}");
}

#[test]
fn what_is_known() {
    let list = "list `nike`\n\n```stocksync\n\"NIKE-*\" except \"*-SAMPLE\"\n```\n\ntakes 2 SKUs of the catalog: `NIKE-1`, `NIKE-2`";
    check_hover("skus ni", list);
    check_hover("stores se", "list `sea`\n\n```stocksync\nshopee_id, outlet\n```");
    check_hover("rule \"鞋", "rule `鞋 Air`: takes 3 SKUs in 2 stores");
    check_hover("rule \"Re", "rule `Rest`: takes 2 SKUs in 1 store; 3 shadowed");
    check_hover("  rate", "`rate PERCENTAGE`; a `store` block may have its own");
    check_hover("  skus", "`skus LIST`; every rule has it");
    check_hover("let sea = shop", "store `shopee_id`, connector `csv`\n\n1 listing mapped");
    check_hover("warehouses ja", "warehouse `jakarta`, number 1 of the configuration");
    check_hover("expect \"NI", "SKU `NIKE-1`\n\navailable: jakarta 9, batam -2\n\n1 listing");
    check_hover("let nike = \"NI", "matches 3 SKUs of the catalog: `NIKE-1`, `NIKE-2`, `NIKE-SAMPLE`");
    let steps =
        asked(&marked("expect \"NIKE-1\" { shopee_id 4"), hover).map_or_else(String::new, |(_, text)| text);
    assert!(
        steps.starts_with("rule `鞋 Air`, rules/a.sync:3\n\n`shopee_id`: **4** (rate)\n- available: "),
        "{steps}"
    );
    assert!(steps.contains("\n- rate: "), "{steps}");
    check_hover("test \"ha", "");
}

#[track_caller]
fn check_complete(marked: &str, expect: &[&str]) {
    let labels = asked(marked, |view, file, at| {
        let (found, _) = complete(view, file, at);
        found.into_iter().map(|one| one.label).collect::<Vec<_>>()
    });
    assert_eq!(labels, expect, "{marked}");
}

#[test]
fn what_may_be_written() {
    check_complete("|", &["rule", "let", "test"]);
    check_complete("ru|", &["rule"]);
    check_complete("rule \"R\" { order 1 }\n\nt|", &["let", "test"]);
    check_complete("rule \"R\" {\n  th|\n}", &["threshold"]);
    check_complete(
        "rule \"R\" {\n  order 1\n  o|",
        &["warehouses", "stores", "threshold", "round", "floor", "priority", "store"],
    );
    check_complete("rule \"R\" {\n  warehouses |", &["jakarta", "batam", "all", "except"]);
    check_complete("rule \"R\" {\n  warehouses jakarta,\n    b|\n", &["batam"]);
    check_complete("let nike = \"X\"\nrule \"R\" { skus n|", &["nike"]);
    check_complete("rule \"R\" { round |", &["down", "nearest", "up"]);
    check_complete("rule \"R\" { priority store ou|", &["outlet"]);
    check_complete("rule \"R\" { active |", &["from", "until"]);
    check_complete("rule \"R\" { order 1|", &[]);
    check_complete("rule \"R\" { store outlet { ra|", &["rate"]);
    check_complete("rule \"R\" { store outlet { cap 1 } thr|", &["threshold"]);
    check_complete("test \"T\" {\n  st|", &["stock"]);
    check_complete("test \"T\" {\n  stock \"NIKE-1\" { |", &["jakarta", "batam"]);
    check_complete("test \"T\" {\n  expect \"NIKE-1\" { ou|", &["outlet"]);
    check_complete("rule \"R\" { skus \"NIKE-|", &["NIKE-1", "NIKE-2", "NIKE-SAMPLE"]);
    check_complete("rule \"R\" { skus \"鞋|", &["鞋-42"]);
    check_complete("rule \"R\" { skus \"NIKE-1\"|", &[]);
    check_complete("# a comment|", &[]);
    check_complete("rule \"|", &[]);
    let text = asked("let a = \"A|", |view, file, at| {
        complete(view, file, at).0.pop().map(|one| (one.text, one.span))
    });
    assert!(text.is_some_and(|(text, span)| text == "A\\\"\\*B" && (span.start, span.end) == (9, 10)));
}

#[test]
fn a_file_at_a_glance() {
    asked(RULES, |view, file, _| {
        let found: Vec<String> = symbols(view, file)
            .iter()
            .map(|one| format!("{} {} {}", one.what, one.name, one.detail))
            .collect();
        assert_eq!(
            found,
            ["let nike ", "let sea ", "rule 鞋 Air order 1", "rule Rest order 2", "test half "]
        );
        let found: Vec<String> = lenses(view, file).into_iter().map(|lens| lens.text).collect();
        assert_eq!(found, ["takes 3 SKUs in 2 stores", "takes 2 SKUs in 1 store; 3 shadowed"]);
    });
}

#[test]
fn words_have_their_kinds() {
    let text = "let a = outlet # x\nrule \"鞋\" { order 1 skus \"X\" stores a, outlet, nowhere }";
    let found = asked(text, |view, file, _| {
        let kind = |token: &Token| format!("{} {:?}", view.sources.text(token.span), token.kind);
        tokens(view, file).iter().map(kind).collect::<Vec<_>>()
    });
    let expect = [
        "let Keyword",
        "a List",
        "outlet Store",
        "# x Comment",
        "rule Keyword",
        "\"鞋\" Title",
        "order Property",
        "1 Number",
        "skus Property",
        "\"X\" String",
        "stores Property",
        "a List",
        "outlet Store",
    ];
    assert_eq!(found, expect);
}

#[test]
fn half_a_text_and_any_place_are_no_trouble() {
    for end in (0..=RULES.len()).filter(|&end| RULES.is_char_boundary(end)) {
        let text = RULES.get(..end).unwrap_or_default();
        asked(text, |view, file, _| {
            for at in [0, end as u32 / 2, end as u32, end as u32 + 9] {
                let _ = (
                    hover(view, file, at),
                    complete(view, file, at),
                    definition(view, file, at),
                    rename(view, file, at, "x"),
                );
            }
            let _ = (symbols(view, file), lenses(view, file), tokens(view, file));
        });
    }
}
