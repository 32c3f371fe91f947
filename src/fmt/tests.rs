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
fn the_examples_are_in_the_style_or_can_be_brought_there() {
    check("", "");
    check(
        "rule \"A\" off { skus \"A-1\" order 1 store x { cap 5 rate 3% } } # end",
        "rule \"A\" off {\n  order      1\n  skus       \"A-1\"\n\n  store x { rate 3%  cap 5 }\n}  # end\n",
    );
}
