use super::super::cases::found_in;
use crate::diagnostic::Edit;
use crate::edit::apply;

/// What is found, and the text once every fix is made. Each fix must also be right alone.
#[track_caller]
fn check(text: &str, messages: &[&str], fixed: &str) {
    let mut found = found_in(text, false);
    found.retain(|finding| ["redundant-item", "useless-except"].contains(&finding.code.name));
    let said: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(said, messages, "{text}");
    assert!(found.iter().flat_map(|finding| &finding.fixes).all(|fix| fix.safe));
    let edits = |fixes: &[crate::diagnostic::Fix]| {
        fixes.iter().flat_map(|fix| fix.edits.clone()).collect::<Vec<Edit>>()
    };
    let all: Vec<Edit> = found.iter().flat_map(|finding| edits(&finding.fixes)).collect();
    assert_eq!(apply(text, &all).as_deref(), Some(fixed), "{text}");
    for finding in &found {
        let alone = apply(text, &edits(&finding.fixes)).unwrap();
        assert!(found_in(&alone, false).len() < found_in(text, false).len(), "{alone}");
    }
    assert_eq!(found_in(fixed, false).len(), found_in(text, false).len() - found.len(), "{fixed}");
}

#[test]
fn redundant_skus() {
    for (text, messages, fixed) in [
        ("let a = \"A\", \"B\"", &[][..], "let a = \"A\", \"B\""),
        ("let a = \"A\", \"B\", \"A\"", &["`\"A\"` stands in this list twice"], "let a = \"A\", \"B\""),
        (
            "let a = \"N-42\", \"N-*\"",
            &["`\"N-42\"` adds nothing: `\"N-*\"` of the same list covers it"],
            "let a = \"N-*\"",
        ),
        (
            "let a = \"N-*\",\n  \"N-42\", # why\n  \"B\",",
            &["`\"N-42\"` adds nothing: `\"N-*\"` of the same list covers it"],
            "let a = \"N-*\", # why\n  \"B\",",
        ),
        (
            "let a = \"N-*\", # all\n  \"N-42\",\n  \"B\",",
            &["`\"N-42\"` adds nothing: `\"N-*\"` of the same list covers it"],
            "let a = \"N-*\" # all\n  ,\n  \"B\",",
        ),
        (
            "let a = \"?*\", \"A\", \"A*\", \"?\"",
            &[
                "`\"A\"` adds nothing: `\"?*\"` of the same list covers it",
                "`\"A*\"` adds nothing: `\"?*\"` of the same list covers it",
                "`\"?\"` adds nothing: `\"?*\"` of the same list covers it",
            ],
            "let a = \"?*\"",
        ),
        (
            "let a = \"A*\", \"A\", \"A?*\"",
            &[
                "`\"A\"` adds nothing: `\"A*\"` of the same list covers it",
                "`\"A?*\"` adds nothing: `\"A*\"` of the same list covers it",
            ],
            "let a = \"A*\"",
        ),
        (
            "let a = \"A\", \"A?*\", \"A*B\", \"A*\"",
            &[
                "`\"A\"` adds nothing: `\"A*\"` of the same list covers it",
                "`\"A?*\"` adds nothing: `\"A*\"` of the same list covers it",
                "`\"A*B\"` adds nothing: `\"A*\"` of the same list covers it",
            ],
            "let a = \"A*\"",
        ),
    ] {
        check(text, messages, fixed);
    }
}

#[test]
fn redundant_in_exceptions_and_lists() {
    for (text, messages, fixed) in [
        (
            "let a = \"A\", \"A?\", \"A??*\", \"A*\" except \"A\", \"AB\", \"A\"",
            &[
                "`\"A\"` adds nothing: `\"A*\"` of the same list covers it",
                "`\"A?\"` adds nothing: `\"A*\"` of the same list covers it",
                "`\"A??*\"` adds nothing: `\"A*\"` of the same list covers it",
                "`\"A\"` stands in this list twice",
            ][..],
            "let a = \"A*\" except \"A\", \"AB\"",
        ),
        (
            r#"let a = "A\*", "A*", "A\?""#,
            &[
                r#"`"A\*"` adds nothing: `"A*"` of the same list covers it"#,
                r#"`"A\?"` adds nothing: `"A*"` of the same list covers it"#,
            ],
            r#"let a = "A*""#,
        ),
        (
            "let a = \"A\"\nlet b = a, \"B\"\nlet c = b, \"A\", a, b",
            &[
                "`\"A\"` adds nothing: `b` of the same list covers it",
                "`a` adds nothing: `b` of the same list covers it",
                "`b` stands in this list twice",
            ],
            "let a = \"A\"\nlet b = a, \"B\"\nlet c = b",
        ),
        (
            "let a = \"A*\" except \"A1\"\nlet b = a, \"A1\", \"A2\"",
            &["`\"A2\"` adds nothing: `a` of the same list covers it"],
            "let a = \"A*\" except \"A1\"\nlet b = a, \"A1\"",
        ),
    ] {
        check(text, messages, fixed);
    }
}

#[test]
fn redundant_names() {
    let rule = |fields: &str| format!("rule \"R\" {{ order 1 skus \"A\" {fields} }}");
    let lets = "let b_first = batam, jakarta\nlet one = shopee_id\n";
    for (fields, messages, fixed) in [
        (
            "warehouses jakarta, batam, jakarta stores all",
            &["`jakarta` stands in this list twice"][..],
            "warehouses jakarta, batam stores all",
        ),
        ("warehouses jakarta, b_first stores all", &[], "warehouses jakarta, b_first stores all"),
        (
            "warehouses b_first, jakarta stores all",
            &["`jakarta` adds nothing: `b_first` of the same list covers it"],
            "warehouses b_first stores all",
        ),
        (
            "warehouses all stores shopee_id, lazada_id, one",
            &["`one` adds nothing: `shopee_id` of the same list covers it"],
            "warehouses all stores shopee_id, lazada_id",
        ),
        (
            "warehouses all except batam, batam stores all",
            &["`batam` stands in this list twice"],
            "warehouses all except batam stores all",
        ),
    ] {
        check(&format!("{lets}{}", rule(fields)), messages, &format!("{lets}{}", rule(fixed)));
    }
    check(
        "let s = shopee_id\nlet both = lazada_id, shopee_id\nlet all_of = s, both",
        &["`s` adds nothing: `both` of the same list covers it"],
        "let s = shopee_id\nlet both = lazada_id, shopee_id\nlet all_of = both",
    );
}

#[test]
fn useless_exceptions() {
    for (text, messages, fixed) in [
        ("let a = \"A*\" except \"AB\"", &[][..], "let a = \"A*\" except \"AB\""),
        (
            "let a = \"A*\" except \"B\"",
            &["`\"B\"` takes nothing away: no SKU before `except` is in it"],
            "let a = \"A*\"",
        ),
        (
            "let a = \"A*\", except \"B\", \"C*\",\nlet b = a",
            &[
                "`\"B\"` takes nothing away: no SKU before `except` is in it",
                "`\"C*\"` takes nothing away: no SKU before `except` is in it",
            ],
            "let a = \"A*\",\nlet b = a",
        ),
        (
            "let a = \"A*\" except \"B\", \"AC\", \"C*\"",
            &[
                "`\"B\"` takes nothing away: no SKU before `except` is in it",
                "`\"C*\"` takes nothing away: no SKU before `except` is in it",
            ],
            "let a = \"A*\" except \"AC\"",
        ),
        (
            "let a = \"A*\" # one\n  except # two\n  \"B\" # three",
            &["`\"B\"` takes nothing away: no SKU before `except` is in it"],
            "let a = \"A*\" # one\n   # two\n   # three",
        ),
        (
            "let a = \"A?\", \"A*C\" except \"A??\", \"?\", \"A??D\"",
            &[
                "`\"?\"` takes nothing away: no SKU before `except` is in it",
                "`\"A??D\"` takes nothing away: no SKU before `except` is in it",
            ],
            "let a = \"A?\", \"A*C\" except \"A??\"",
        ),
        (
            "let a = \"A\", \"A\" except \"B\", \"B\"",
            &[
                "`\"A\"` stands in this list twice",
                "`\"B\"` takes nothing away: no SKU before `except` is in it",
                "`\"B\"` takes nothing away: no SKU before `except` is in it",
            ],
            "let a = \"A\"",
        ),
        (
            "let a = shopee_id\nlet b = lazada_id except a",
            &["`a` takes nothing away: nothing before `except` is in it"],
            "let a = shopee_id\nlet b = lazada_id",
        ),
    ] {
        check(text, messages, fixed);
    }
}
