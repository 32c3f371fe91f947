//! Several names in one line.

/// So many names stand in a message.
const NAMES_MAX: usize = 3;

/// `` `a`, `b` and `c` ``, or the first few of `count` and how many more there are.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>, count: usize) -> String {
    let shown = if count > NAMES_MAX { NAMES_MAX - 1 } else { NAMES_MAX };
    let mut named: Vec<String> = names.take(shown).map(|name| format!("`{name}`")).collect();
    if count > named.len() {
        named.push(format!("{} more", count - named.len()));
    }
    let last = named.pop().unwrap_or_default();
    if named.is_empty() { last } else { format!("{} and {last}", named.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_few_are_named() {
        for (all, line) in [
            (&[][..], ""),
            (&["a"], "`a`"),
            (&["a", "b"], "`a` and `b`"),
            (&["a", "b", "c"], "`a`, `b` and `c`"),
            (&["a", "b", "c", "d"], "`a`, `b` and 2 more"),
        ] {
            assert_eq!(names(all.iter().copied(), all.len()), line);
        }
    }
}
