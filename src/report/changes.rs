//! What changes from one text to another, as `diff -u` and git show it.

use super::Color;
use similar::{ChangeTag, TextDiff};
use std::io::{self, Write};

/// Unchanged lines around a change.
const CONTEXT_LINES: usize = 3;

/// Writes the difference of two texts of one file; nothing where they are equal.
pub fn unified(path: &str, old: &str, new: &str, color: Color, out: &mut dyn Write) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    let paint = |code: &'static str| if color == Color::Always { code } else { "" };
    let end = paint("\x1b[0m");
    writeln!(out, "{}--- a/{path}{end}", paint("\x1b[1m"))?;
    writeln!(out, "{}+++ b/{path}{end}", paint("\x1b[1m"))?;
    let diff = TextDiff::from_lines(old, new);
    for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
        writeln!(out, "{}{}{end}", paint("\x1b[36m"), hunk.header())?;
        for change in hunk.iter_changes() {
            let (sign, start) = match change.tag() {
                ChangeTag::Delete => ('-', paint("\x1b[31m")),
                ChangeTag::Insert => ('+', paint("\x1b[32m")),
                ChangeTag::Equal => (' ', ""),
            };
            let line = change.value();
            let end = if start.is_empty() { "" } else { end };
            writeln!(out, "{start}{sign}{}{end}", line.trim_end_matches(['\r', '\n']))?;
            if !line.ends_with('\n') {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, expect: &str) {
        let mut out = Vec::new();
        let written = unified("rules/a.sync", old, new, Color::Never, &mut out);
        assert!(written.is_ok());
        assert_eq!(String::from_utf8_lossy(&out), expect);
    }

    #[test]
    fn as_git_shows_it() {
        check("a\n", "a\n", "");
        check(
            "a\nb\nc",
            "a\nB\nc\n",
            "--- a/rules/a.sync\n+++ b/rules/a.sync\n@@ -1,3 +1,3 @@\n a\n-b\n-c\n\\ No newline at end of file\n+B\n+c\n",
        );
        check("", "a\n", "--- a/rules/a.sync\n+++ b/rules/a.sync\n@@ -0,0 +1 @@\n+a\n");
    }
}
