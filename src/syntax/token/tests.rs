//! What is cut by hand is what the grammar cuts.

use super::*;
use crate::source::Sources;
use proptest::prelude::*;

fn check(text: &str) -> bool {
    let file = Sources::new().add("a.sync", "");
    let (mut out, mut by_grammar) = (Out::new(file), Out::new(file));
    let tokens = cut_plainly(text, 7, &mut out);
    assert_eq!(tokens, cut_by_grammar(text, 7, &mut by_grammar), "{text:?}");
    assert_eq!(out.finish(), by_grammar.finish(), "{text:?}");
    quick::cut(text, 7).is_some()
}

#[test]
fn plain_texts_are_cut_by_hand() {
    for text in [
        "",
        "rule \"A \\\" é\" { # why\n  order 1.5,, rate -5% {{ }} x*y?z\r\n",
        "active from 2026-11-27 18:00 until 2026-11-27 x",
        "skus \"A-*\n stores \"\" \"\"\" \"a\\",
        "Rate 50%;",
        "a=b",
    ] {
        assert_eq!(check(text), !text.contains([';', '=']), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mix_of_characters_is_cut_the_same(
        text in "([a-z0-9A-Z_*?,{}#\"\\\\ \t\r\n+.:%()'-]|//|2026-11-27 1|[é;=鞋\u{85}\u{7}\u{A0}“]){0,30}",
    ) {
        check(&text);
    }
}
