//! Any text without a fault of syntax is formatted: the formatter's own proof finds nothing, and neither does a second run.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stocksync::fmt::{Unformatted, format};
use stocksync::source::Sources;
use stocksync::syntax::parse;

fuzz_target!(|text: &str| {
    let file = Sources::new().add("a.sync", text);
    match format(file, text) {
        Ok(formatted) => {
            assert_eq!(format(file, &formatted).as_ref(), Ok(&formatted));
            assert!(formatted.lines().all(|line| !line.ends_with([' ', '\t'])), "white space ends a line of {formatted:?}");
            assert!(formatted.is_empty() || formatted.ends_with('\n'), "{formatted:?}");
        }
        Err(Unformatted::Faults(faults)) => assert_eq!(faults, parse(file, text).1),
        Err(other) => panic!("{other:?} of {text:?}"),
    }
});
