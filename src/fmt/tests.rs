use super::*;
use crate::source::Sources;

fn formatted(text: &str) -> Result<String, Unformatted> {
    format(Sources::new().add("a.sync", text), text)
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(formatted(text).as_deref(), Ok(expect), "of\n{text}");
}

#[test]
fn the_examples_are_in_the_style_or_can_be_brought_there() {
    check("", "");
    check(
        "rule \"A\" off { skus \"A-1\" order 1 store x { cap 5 rate 3% } } # end",
        "rule \"A\" off {\n  order      1\n  skus       \"A-1\"\n\n  store x { rate 3%  cap 5 }\n}  # end\n",
    );
}
