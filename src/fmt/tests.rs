mod properties;

use super::*;
use crate::source::Sources;

fn formatted(text: &str) -> Result<String, Unformatted> {
    format(Sources::new().add("a.sync", text), text)
}

/// What would be given out, were it not for the proof; and the same of that.
fn unproven(text: &str) -> String {
    let file = Sources::new().add("a.sync", text);
    let first = once(file, &syntax::parse(file, text).0, text);
    let second = once(file, &syntax::parse(file, &first).0, &first);
    format!("{first}\n=>\n{second}")
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(formatted(text).as_deref(), Ok(expect), "of\n{text}");
}

#[test]
fn little_texts() {
    check("", "");
    check(" \n\n\t\n", "");
    check("\u{FEFF}", "");
    check("# a \t", "# a\n");
    check("\n\n\nlet a=b", "let a = b\n");
    check(
        "rule \"A\" off { skus \"A-1\" order 1 store x { cap 5 rate 3% } } # end",
        "rule \"A\" off {\n  order      1\n  skus       \"A-1\"\n\n  store x { rate 3%  cap 5 }\n}  # end\n",
    );
}

#[test]
fn line_ends_are_those_of_the_first_line() {
    check("let a = b\r\nlet c = d\n", "let a = b\r\nlet c = d\r\n");
    check("let a = b\nlet c = d\r\n", "let a = b\nlet c = d\n");
    check("let a = b\rlet c = d", "let a = b\nlet c = d\n");
    check("# a\r# b\r\nlet a = b", "# a\r\n# b\r\nlet a = b\r\n");
}

#[test]
fn a_line_holds_100_columns() {
    // `let a = "…", b`: 13 columns and the SKU's.
    let fits = |sku: &str| !formatted(&format!("let a = \"{sku}\", b")).unwrap().contains("=\n");
    for (sku, width) in [("A", 1), ("鞋", 2), ("ก\u{0e48}", 1)] {
        let most = (LINE_COLUMNS_MAX - 13) / width;
        assert!(fits(&sku.repeat(most)), "{sku}");
        assert!(!fits(&sku.repeat(most + 1)), "{sku}");
    }
}

#[test]
fn a_text_with_faults_is_not_formatted() {
    let Err(Unformatted::Faults(faults)) = formatted("rule \"A\" { order = 1 }\nlet a=b\n") else {
        panic!("faults")
    };
    assert_eq!(faults.len(), 1);
}

/// What the formatter must not do, done on purpose.
#[test]
fn the_proof_sees_what_is_wrong() {
    let text = "# a\nlet l = x, # b\n \"Y\" except z\nrule \"R\" {\n  order 1\n  skus l,\n  store a { cap 1  rate 5% }\n}\n\
                test \"T\" {\n  stock \"A\" { j 1 }\n}\n";
    let good = formatted(text).unwrap();
    let file = Sources::new().add("a.sync", text);
    let tree = syntax::parse(file, text).0;
    let proof = |changed: &str| proof::check(file, (&tree, text), changed);
    assert_eq!(proof(&good), Ok(()));
    for (from, to, why) in [
        ("order      1", "order      2", "mean something else"),
        ("order      1\n", "", "mean something else"),
        ("rule \"R\"", "rule \"R\" off", "mean something else"),
        ("\"Y\",", "\"Z\",", "mean something else"),
        ("x,  # b\n  \"Y\",", "\"Y\",  # b\n  x,", "mean something else"),
        ("except z", "z", "mean something else"),
        ("cap 1", "cap 2", "mean something else"),
        ("stock \"A\"", "bundle \"A\"", "could not be read"),
        ("{ j 1 }", "{ j 2 }", "mean something else"),
        ("{ j 1 }", "{ j 1, k 1 }", "mean something else"),
        ("stock", "expect", "mean something else"),
        ("order      1", "order = 1", "could not be read"),
        ("# a\n", "", "every comment"),
        ("# a\n", "# a\n# a\n", "every comment"),
        ("# b", "# B", "every comment"),
        ("order      1", "order 1", "differently"),
        ("rate 5%  cap 1", "cap 1  rate 5%", "differently"),
    ] {
        assert!(good.contains(from), "{from} is not in\n{good}");
        let found = proof(&good.replacen(from, to, 1));
        assert!(found.is_err_and(|found| found.contains(why)), "{from} => {to}: {found:?}");
    }
}

#[test]
fn time_and_memory_go_with_the_length_of_the_text() {
    for text in [
        format!("let a = {}b", "b, # c\n".repeat(20_000)),
        format!("let a = b {}", "# c\n          ".repeat(20_000)),
        format!("rule \"R\" {{ {} }}", "order 1 # c\n\n# h\n\nskus a\n".repeat(10_000)),
        format!("rule \"R\" {{ {} }}", "store a { cap 1 }\n\n".repeat(10_000)),
        "test \"T\" { stock \"A\" {} }\n".repeat(10_000),
        "#\n\n".repeat(30_000),
    ] {
        assert!(formatted(&text).is_ok(), "{}", &text[..40]);
    }
}

#[test]
fn a_result_may_be_too_large() {
    let text = "let a=b";
    let within = |bytes_max| within(bytes_max, Sources::new().add("a.sync", text), text);
    assert_eq!(within(9), Err(Unformatted::TooLarge));
    assert_eq!(within(10).as_deref(), Ok("let a = b\n"));
}
