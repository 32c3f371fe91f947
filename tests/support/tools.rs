//! What a machine may lack.

use std::process::Command;

/// Without one of these tools, the test is skipped by name; where nothing may be skipped, that is a failure.
pub fn has(tools: &[&str], test: &str) -> bool {
    let is_missing = |tool: &&&str| Command::new(tool).arg("--version").output().is_err();
    tools.iter().find(is_missing).is_none_or(|missing| skip(test, &format!("{missing} is missing")))
}

/// Says that a test is skipped, and why; always false.
#[expect(clippy::print_stderr, reason = "who runs the tests is told what was skipped")]
pub fn skip(test: &str, why: &str) -> bool {
    assert!(std::env::var_os("STOCKSYNC_REQUIRE").is_none(), "{test}: {why}");
    eprintln!("skipped: {test}: {why}");
    false
}
