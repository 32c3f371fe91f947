//! What is read by hand is what the grammar takes.

use super::super::faults::FIELD_KEYS;
use super::super::{Grammar, Rule, ast, lower, next_item, parse};
use super::*;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;
use pest::Parser as _;
use proptest::prelude::*;

fn file() -> crate::source::FileId {
    Sources::new().add("a.sync", "")
}

/// By the grammar alone.
fn plainly(text: &str) -> (ast::File, Vec<Diagnostic>) {
    let mut out = Out::new(file());
    let pairs = Grammar::parse(Rule::file, text).expect("the grammar takes every text");
    lower::pieces(pairs, text, 0, &mut out);
    out.finish()
}

#[track_caller]
fn check(text: &str) {
    let (read, faults) = parse(file(), text);
    let (plain, plain_faults) = plainly(text);
    assert_eq!(format!("{faults:#?}"), format!("{plain_faults:#?}"), "faults of\n{text}");
    assert_eq!(read, plain, "the tree of\n{text}");
    check_refused(text);
}

/// What is refused by hand is a bad item to the grammar, at every place where something may begin.
fn check_refused(text: &str) {
    for (at, _) in text.char_indices() {
        if let Read::Refused = item(text, at, &mut Out::new(file())) {
            let rest = &text[at..next_item(text, at, file())];
            let pairs = Grammar::parse(Rule::piece, rest).ok().and_then(|mut pairs| pairs.next());
            let kind = pairs.and_then(|piece| piece.into_inner().next()).map(|inner| inner.as_rule());
            assert_eq!(kind, Some(Rule::bad_item), "at {at} of\n{text}");
        }
    }
}

/// A field of a bad rule, by hand and by the grammar.
fn check_field(text: &str) {
    let field = match lone_field(text, 7, file()) {
        Read::Taken(field) => Some(field),
        Read::Refused => None,
        Read::Odd => return,
    };
    let pair = Grammar::parse(Rule::lone_field, text)
        .ok()
        .and_then(|mut pairs| pairs.next()?.into_inner().find(|pair| pair.as_rule() != Rule::comment));
    let mut out = Out::new(file());
    let plain = pair.and_then(|pair| lower::field(pair, 7, &mut out, &mut Vec::new()));
    assert_eq!((field, 0), (plain, out.faults.len()), "{text}");
}

/// How many items are read by hand, of a text that begins with one.
fn taken(text: &str) -> usize {
    let mut out = Out::new(file());
    let mut at = 0;
    while let Read::Taken(end) = gap(text, at, &mut out).map_or(Read::Odd, |at| item(text, at, &mut out)) {
        at = end;
    }
    out.file.items.len()
}

const SOUND: &[&str] = &[
    "rule \"A\" {}",
    "rule \"A\" off { # why\n}\n",
    "rule # a\n \"A \\\" \\\\ é\" # b\n off # c\n { order 10 }",
    "rule \"A\" { skus all except \"B*\", x, warehouses a, b stores all }",
    "rule \"A\" { skus \"a\\*\", \"é\", 5, -7, shoes, except all\n warehouses all\n stores a,\n }",
    "rule \"A\" { active from 2026-11-27 18:00 until 2026-11-28 order 5 }",
    "rule \"A\" { active from 2026-11-27\n active until 2026-11-28T00:00:00+07:00 }",
    "rule \"A\" { priority store a below 5 threshold \"5\" rate 50% round down }",
    "rule \"A\" { split a 3, b 1 split a 50%, b 50%, store a { rate 5% cap 5 } }",
    "rule\"A\"{rate 5% store a{cap 5}}let x=\"A\",\"B\"except\"C\",let y=x,5",
    "let sneakers = \"NIKE-*\", \"ADI-*\" except \"*-SAMPLE\", \"X\",\n\nlet y = a, b,\n# end\n",
    "test \"t\" { at 2026-11-27 18:00 stock \"A\\\\\" { jakarta 12, batam -3, } expect \"A\" { a 7, b none } }",
    "rule \"A\" { foo 5 bar a, \"b\" except c\n baz\t\"x\" order 5 foo 5, 6\n qux 5 }",
    "rule \"A\" { stores all,\n treshold 5\n stores a\n foo -5 # c\n }",
    "rule \"A\" { store a { foo 5 cap 1 } foo all }",
    "test \"t\" {bundle \"S\" {\"A\" 1,\"B\" 2} stock \"A\" {}}rule \"B\" {}",
];

#[test]
fn sound_items_are_read_by_hand() {
    for text in SOUND {
        check(text);
        check(&format!("\u{FEFF}\r\n# é\n{text}\n"));
        assert_eq!(taken(text), plainly(text).0.items.len(), "all of\n{text}");
        assert!(taken(text) > 0, "some of\n{text}");
    }
}

#[test]
fn what_is_odd_is_left_to_the_grammar() {
    for text in [
        "rule \"A\" {} foo",
        "rule \"A\" { foo 5 é }",
        "rule \"A\" { skus a 5 }",
        "rule \"A\" { skus \"\\n\" }",
        "rule \"A\" { split a b }",
        "rule \"A\" { active from \"x\" }",
        "rule \"A\u{7}\" {}",
        "rule \"A\" { # \u{85}\n}",
        "test \"t\" { stock \"A\" { a b } }",
        "test \"t\" { stock \"A\\*\" { a 5 } }",
        "test \"t\" { # \u{1}\n}",
    ] {
        check(text);
        assert!(matches!(item(text, 0, &mut Out::new(file())), Read::Odd), "odd is\n{text}");
    }
}

#[test]
fn what_the_grammar_refuses_is_refused_by_hand() {
    for text in [
        "rule \"\" {}",
        "rule \"A\" {} }",
        "rule \"A\" {} order 5",
        "rule \"A\" { foo }",
        "rule \"A\" { foo\n5 }",
        "rule \"A\" { foo 5; }",
        "rule \"A\" { skus a b }",
        "rule \"A\" { skus \"a\nb\" }",
        "rule \"A\" { warehouses a,, b }",
        "rule \"A\" { stores a except }",
        "rule \"A\" { store a { store b { cap 5 } } }",
        "rule \"A\" { priority store a below\n store b {} }",
        "rule \"A\" { order = 5 }",
        "rule \"A\" { rate 50 % }",
        "rule \"A\" { order 5",
        "let all = x",
        "let x = A",
        "let x = y z",
        "let x = y*",
        "test \"t\" { stock \"A\" { a 5 b 6 } }",
        "test \"t\" { stock \"A\" { 5 } }",
        "Rule \"A\" {}",
        "}",
    ] {
        check(text);
        assert!(matches!(item(text, 0, &mut Out::new(file())), Read::Refused), "refused is\n{text}");
    }
}

#[test]
fn the_example_is_read_by_hand() {
    for text in [
        include_str!("../../../rules/campaign.sync"),
        include_str!("../../../rules/everyday.sync"),
        include_str!("../../../rules/lists.sync"),
        include_str!("../../../rules/sneakers.sync"),
    ] {
        check(text);
        assert_eq!(taken(text), plainly(text).0.items.len(), "all of\n{text}");
    }
}

/// Pieces of sound and of odd texts.
const PIECES: &[&str] = &[
    "rule",
    "let",
    "test",
    "\"A\"",
    "\"b\\\"\"",
    "\"c\\*\"",
    "{",
    "}",
    "\n",
    " ",
    "\t",
    "\r",
    "x",
    "y-1",
    "=",
    ",",
    ", ",
    "store",
    "stores",
    "skus",
    "warehouses",
    "order",
    "rate",
    "round",
    "5",
    "-5",
    "50%",
    "+x",
    "except",
    "all",
    "off",
    "at",
    "stock",
    "bundle",
    "expect",
    "none",
    "priority",
    "below",
    "split",
    "active",
    "from",
    "until",
    "2026-11-27",
    "2026-11-27 ",
    "18:00",
    "# c\n",
    "#",
    "*",
    "É",
    "é",
    "\u{85}",
    "\0",
    "'",
    ";",
    "%",
    ".",
    "/",
    "?",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mix_of_pieces_is_read_the_same(pieces in prop::collection::vec((prop::sample::select(PIECES), any::<bool>()), 0..40)) {
        let text: String = pieces.iter().flat_map(|(piece, blank)| [*piece, if *blank { " " } else { "" }]).collect();
        check(&text);
        let few: String = pieces.iter().take(pieces.len() % 8).map(|(piece, _)| format!("{piece} ")).collect();
        FIELD_KEYS.iter().for_each(|key| check_field(&format!("{key} {few}")));
    }

    #[test]
    fn a_sound_text_with_an_edit_is_read_the_same(
        texts in prop::collection::vec(prop::sample::select(SOUND), 1..4),
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(PIECES),
        cut in 0..4_usize,
    ) {
        let mut chars: Vec<char> = texts.join("\n").chars().collect();
        let at = at.index(chars.len() + 1);
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, piece.chars());
        check(&chars.into_iter().collect::<String>());
    }
}
