//! `lint --fix`, `--unsafe-fixes` and `--diff`.

use crate::folder::{Folder, Ran};
use std::fs;

const RULES: &str = "let some = \"A-1\", \"A-1\"  # twice\r\nlet idle = some\r\n\r\nrule \"All\" {\r\n  order 1\r\n  skus some, all_others\r\n  warehouses all\r\n  stores outlett\r\n}\r\n";

fn shop(rules: &str) -> Folder {
    let folder = Folder::shop();
    folder.write("rules/a.sync", rules);
    folder
}

fn rules(folder: &Folder) -> String {
    fs::read_to_string(folder.path().join("rules/a.sync")).unwrap()
}

#[track_caller]
fn run(folder: &Folder, args: &[&str], code: i32) -> Ran {
    let ran = folder.run(&[&["lint", "--format", "json"], args].concat());
    assert_eq!(ran.code, code, "{}\n{}", ran.out, ran.err);
    ran
}

const SOUND: &str = "let some = \"A-1\", \"A-1\"  # twice\nrule \"All\" {\n  order 1\n  skus some\n  warehouses all\n  stores outlet\n}\nlet idle = some\n";

#[test]
fn safe_fixes_are_made_and_the_rest_is_reported() {
    let folder = shop(SOUND);
    let ran = run(&folder, &["--fix"], 0);
    assert_eq!(
        rules(&folder),
        "let some = \"A-1\"  # twice\nrule \"All\" {\n  order 1\n  skus some\n  warehouses all\n  stores outlet\n}\n"
    );
    assert!(ran.err.contains("2 findings fixed in 1 file"), "{}", ran.err);
    assert_eq!(ran.findings(), ["uncovered-sku -:null:null"]);
    let before = rules(&folder);
    assert!(!run(&folder, &["--fix"], 0).err.contains("fixed"));
    assert_eq!(rules(&folder), before);
}

#[test]
fn guesses_are_made_only_where_asked_for() {
    let folder = shop(RULES);
    run(&folder, &["--fix"], 1);
    assert!(rules(&folder).contains("outlett"));
    folder.write("rules/a.sync", RULES.replace(", all_others", ""));
    run(&folder, &["--fix", "--unsafe-fixes"], 0);
    let fixed = rules(&folder);
    assert!(fixed.contains("stores outlet\r\n"), "{fixed}");
    // What a fix lays open is fixed in the next round; line ends and comments stay.
    assert!(fixed.starts_with("let some = \"A-1\"  # twice\r\n\r\nrule"), "{fixed:?}");
    assert_eq!(fixed.matches('\n').count(), fixed.matches("\r\n").count());
}

#[test]
fn diff_writes_nothing() {
    let folder = shop(SOUND);
    let ran = folder.run(&["lint", "--diff"]);
    assert_eq!(ran.code, 1);
    let expected = "--- a/rules/a.sync\n+++ b/rules/a.sync\n@@ -1,8 +1,7 @@\n-let some = \"A-1\", \"A-1\"  # twice\n+let some = \"A-1\"  # twice\n rule \"All\" {\n";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert!(ran.err.contains("2 findings would be fixed in 1 file"), "{}", ran.err);
    assert_eq!(rules(&folder), SOUND);
    run(&folder, &["--fix"], 0);
    let ran = folder.run(&["lint", "--diff"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn what_is_faulty_allowed_listed_or_elsewhere_is_not_touched() {
    let folder = shop(&format!("{SOUND}rule \"Broken\" {{\n"));
    run(&folder, &["--fix", "--unsafe-fixes"], 1);
    assert_eq!(rules(&folder), format!("{SOUND}rule \"Broken\" {{\n"));

    let allowed = format!("# allow: redundant-item -- on purpose\n{SOUND}").replace("let idle = some\n", "");
    folder.write("rules/a.sync", &allowed);
    run(&folder, &["--fix"], 0);
    assert_eq!(rules(&folder), allowed);

    folder.write("rules/a.sync", SOUND);
    folder.write("rules/b.sync", "let unused = \"A-2\"\n");
    run(&folder, &["--fix", "rules/b.sync"], 0);
    assert_eq!(rules(&folder), SOUND);
    assert_eq!(fs::read_to_string(folder.path().join("rules/b.sync")).unwrap(), "");

    run(&folder, &["--baseline", "base.json", "--write-baseline"], 0);
    run(&folder, &["--baseline", "base.json", "--fix"], 0);
    assert_eq!(rules(&folder), SOUND);
    for args in [&["--diff", "--format", "json"][..], &["--baseline", "b", "--write-baseline", "--fix"]] {
        assert_eq!(folder.run(&[&["lint"], args].concat()).code, 2, "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_file_stays_and_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let folder = shop(SOUND);
    let path = folder.path().join("rules/a.sync");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let ran = run(&folder, &["--fix"], 2);
    assert!(ran.err.contains("cannot write `rules/a.sync`: it is read-only"), "{}", ran.err);
    assert_eq!(rules(&folder), SOUND);
}
