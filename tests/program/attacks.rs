//! Files that double as attacks: each gets a message with a place, in bounded time and memory, and no panic.

use crate::folder::{Folder, Ran};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

/// The most that a run may take: debug builds on a busy machine are slow.
const SECONDS_MAX: &str = "120";
const KIBIBYTES_MAX: &str = "2000000";

/// Lints under limits of time and memory; the machine's report must be whole whatever happens.
#[track_caller]
fn lint(folder: &Folder) -> Ran {
    let script =
        format!("ulimit -v {KIBIBYTES_MAX}; exec timeout -s KILL {SECONDS_MAX} \"$0\" lint --format json");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_stocksync")]).current_dir(folder.path());
    command.env("STOCKSYNC_PLUGINS", crate::built::plugins());
    let ran = Ran::of(&command.stdin(Stdio::null()).output().unwrap());
    assert!((0..=3).contains(&ran.code), "exit {}: {}", ran.code, ran.err);
    ran
}

/// One finding, at `place` (`name file:line:column`), whose message holds `message`.
#[track_caller]
fn check(folder: &Folder, place: &str, message: &str) {
    let ran = lint(folder);
    assert_eq!(ran.findings(), [place], "{}", ran.out);
    assert!(ran.out.contains(message), "{}", ran.out);
    assert_eq!(ran.code, 1);
}

#[test]
fn a_hundred_megabytes_of_braces() {
    let folder = Folder::shop();
    folder.write("rules/x.sync", "{".repeat(100_000_000));
    check(&folder, "syntax rules/x.sync:1:1", "larger than 16 MiB");
    folder.write("rules/x.sync", "{".repeat(16_000_000));
    check(&folder, "syntax rules/x.sync:1:17", "more than 16 deep");
}

#[test]
fn a_line_without_an_end() {
    let folder = Folder::shop();
    folder.write("rules/x.sync", format!("# {}\nlet a = 5", "x".repeat(15_000_000)));
    check(&folder, "syntax rules/x.sync:2:9", "`5`");
    folder.write("rules/x.sync", format!("let a = \"{}", "x".repeat(15_000_000)));
    check(&folder, "syntax rules/x.sync:1:9", "this string is not closed");
    fs::remove_file(folder.path().join("rules/x.sync")).unwrap();
    folder.write("catalog/skus.csv", format!("sku,name\nA-1,\"{}\nA-2,\n", "x".repeat(50_000_000)));
    check(&folder, "bad-row catalog/skus.csv:2:5", "this quote is never closed");
}

#[test]
fn ten_thousand_lists() {
    let folder = Folder::shop();
    let chain: String = (1..10_000).map(|n| format!("let l{n} = l{}, \"B{n}\"\n", n - 1)).collect();
    folder.write("rules/x.sync", format!("let l0 = \"A\"\n{chain}let last = l9999, «"));
    assert!(lint(&folder).findings().iter().all(|found| found.starts_with("syntax rules/x.sync:10001:")));
    let ring: String = (0..10_000).map(|n| format!("let l{n} = l{}\n", (n + 1) % 10_000)).collect();
    folder.write("rules/x.sync", ring);
    check(&folder, "list-cycle rules/x.sync:1:10", "l0");
    let double: String = (1..60)
        .map(|n| {
            format!(
                "let p{n} = p{o}, q{o} except \"P{n}\"\nlet q{n} = p{o}, q{o} except \"Q{n}\"\n",
                o = n - 1
            )
        })
        .collect();
    folder.write("rules/x.sync", format!("let p0 = \"A\"\nlet q0 = \"B\"\n{double}"));
    let ran = lint(&folder);
    assert!(ran.code == 1 && ran.out.contains("takes the project over 2000000 items"), "{}", ran.out);
}

#[test]
fn yaml_that_grows() {
    let folder = Folder::shop();
    let mut laughs = String::from("a: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let refers = vec![format!("*a{}", n - 1); 9].join(", ");
        laughs += &format!("b{n}: &a{n} [{refers}]\n");
    }
    folder.write("stocksync.yaml", laughs);
    let ran = lint(&folder);
    assert_eq!(ran.findings().len(), 1, "{}", ran.out);
    assert!(ran.out.contains("aliases counted as what they name"), "{}", ran.out);

    let long = "x".repeat(500_000);
    folder.write("stocksync.yaml", format!("a: &a {long}\nb: [{}]\n", "*a, ".repeat(100_000)));
    let ran = lint(&folder);
    assert_eq!(ran.findings().len(), 1, "{}", ran.out.len());
    assert!(ran.out.contains("aliases"), "{}", ran.out.len());

    folder.write("stocksync.yaml", "[".repeat(200_000));
    check(&folder, "bad-config stocksync.yaml:1:256", "nested deeper than 32 levels");
    folder.write("stocksync.yaml", "{a: ".repeat(200_000));
    check(&folder, "bad-config stocksync.yaml:1:1021", "nested deeper than 32 levels");
    folder.write("stocksync.yaml", format!("rules: {}", "y".repeat(3_000_000)));
    check(&folder, "bad-config stocksync.yaml:1:1", "larger than 1 MiB");
}

#[test]
fn bytes_that_are_no_text() {
    let rules = "rule \"All\" { order 1 skus all warehouses all stores all }\n";
    let folder = Folder::shop();
    folder.write("rules/a.sync", format!("# a\0b\n{rules}"));
    check(&folder, "syntax rules/a.sync:1:4", "NUL");
    folder.write("rules/a.sync", format!("{rules}\0"));
    check(&folder, "syntax rules/a.sync:2:1", "NUL");
    folder.write("rules/a.sync", "\0".repeat(16 << 20));
    check(&folder, "syntax rules/a.sync:1:1", "16777216 control characters");
    folder.write("rules/a.sync", [b"# caf\xe9\n", rules.as_bytes()].concat());
    check(&folder, "syntax rules/a.sync:1:6", "not UTF-8");
    let utf16 = |text: &str| {
        [&[0xff, 0xfe][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
    };
    folder.write("rules/a.sync", utf16(rules));
    check(&folder, "syntax rules/a.sync:1:1", "UTF-16");
    folder.write("rules/a.sync", format!("\u{feff}{}", rules.replace('\n', "\r\n")));
    assert_eq!(lint(&folder).code, 0);

    folder.write("catalog/skus.csv", b"sku,name\nA-1,a\0b\nA-2,caf\xe9\n");
    assert_eq!(lint(&folder).findings(), ["bad-row catalog/skus.csv:2:6", "bad-row catalog/skus.csv:3:8"]);
    folder.write("catalog/skus.csv", utf16("sku,name\nA-1,\n"));
    check(&folder, "bad-row catalog/skus.csv:1:1", "UTF-16");
    folder.write("catalog/skus.csv", "\u{feff}sku,name\r\nA-1,\r\nA-2,\r\n");
    assert_eq!(lint(&folder).code, 0);
}

#[test]
fn yaml_that_is_no_text() {
    let folder = Folder::shop();
    let text = fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    folder.write("stocksync.yaml", [text.as_bytes(), b"# caf\xe9\n"].concat());
    check(&folder, "bad-config stocksync.yaml:6:6", "not UTF-8");
    let utf16: Vec<u8> = "\u{feff}rules: rules\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    folder.write("stocksync.yaml", utf16);
    check(&folder, "bad-config stocksync.yaml:1:1", "UTF-16");
    folder.write("stocksync.yaml", format!("{text}rules: \"a\0b\"\n"));
    assert!(lint(&folder).findings().iter().all(|found| found.starts_with("bad-config stocksync.yaml:6:")));
    folder.write("stocksync.yaml", format!("\u{feff}{}", text.replace('\n', "\r\n")));
    assert_eq!(lint(&folder).code, 0);
}

#[test]
fn paths_that_leave_the_project() {
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("a.sync"), "secret").unwrap();
    fs::write(other.path().join("a.csv"), "store_sku,quantity\nsecret,1\n").unwrap();
    for path in ["../rules", "/etc", "rules/../../x"] {
        let folder = Folder::shop();
        let text = fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
        folder.write("stocksync.yaml", format!("rules: {path}\n{text}"));
        check(&folder, "bad-config stocksync.yaml:1:8", "within the project folder");
        folder.write("stocksync.yaml", format!("catalog: {{ stock: {path} }}\n{text}"));
        check(&folder, "bad-config stocksync.yaml:1:19", "within the project folder");
        folder.write("stocksync.yaml", text.replace("stores/outlet.csv", path));
        let ran = folder.run(&["plan"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains("not inside the project"), "{}", ran.err);
    }

    let folder = Folder::shop();
    symlink(other.path(), folder.path().join("rules/out")).unwrap();
    assert_eq!(lint(&folder).findings(), [] as [&str; 0], "links to folders are not followed");
    symlink(other.path().join("a.sync"), folder.path().join("rules/b.sync")).unwrap();
    let ran = lint(&folder);
    assert_eq!(ran.findings(), ["bad-config rules/b.sync:1:1"]);
    assert!(!ran.out.contains("secret") && ran.out.contains("leads out of the project"), "{}", ran.out);

    let folder = Folder::shop();
    fs::remove_dir_all(folder.path().join("rules")).unwrap();
    symlink(other.path(), folder.path().join("rules")).unwrap();
    let ran = lint(&folder);
    assert!(!ran.out.contains("secret") && ran.out.contains("leads out of the project"), "{}", ran.out);
    assert_eq!(ran.findings().len(), 1);

    let folder = Folder::shop();
    fs::remove_file(folder.path().join("catalog/stock.csv")).unwrap();
    symlink(other.path().join("a.csv"), folder.path().join("catalog/stock.csv")).unwrap();
    let ran = lint(&folder);
    assert!(!ran.out.contains("secret") && ran.out.contains("leads out of the project"), "{}", ran.out);

    let folder = Folder::shop();
    fs::remove_file(folder.path().join("stores/outlet.csv")).unwrap();
    symlink(other.path().join("a.csv"), folder.path().join("stores/outlet.csv")).unwrap();
    let ran = folder.run(&["plan"]);
    assert!(ran.code == 2 && ran.err.contains("not inside the project"), "{}", ran.err);
}

#[test]
fn what_is_no_file() {
    let fifo = |folder: &Folder, path: &str| {
        assert!(Command::new("mkfifo").arg(folder.path().join(path)).status().unwrap().success());
    };
    let folder = Folder::shop();
    fifo(&folder, "rules/x.sync");
    symlink("y.sync", folder.path().join("rules/y.sync")).unwrap();
    symlink("nowhere", folder.path().join("rules/z.sync")).unwrap();
    folder.write("rules/a.sync", "let a = 5");
    let ran = lint(&folder);
    let expected = [
        "syntax rules/a.sync:1:9",
        "bad-config rules/x.sync:1:1",
        "bad-config rules/y.sync:1:1",
        "bad-config rules/z.sync:1:1",
    ];
    assert_eq!(ran.findings(), expected, "{}", ran.out);
    assert_eq!(ran.code, 2, "not all of it could be read");

    for table in ["skus", "stock", "mappings", "bundles"] {
        let folder = Folder::shop();
        let path = format!("catalog/{table}.csv");
        let _ = fs::remove_file(folder.path().join(&path));
        fifo(&folder, &path);
        let ran = lint(&folder);
        assert_eq!(ran.findings().len(), 1, "{}", ran.out);
        assert!(ran.out.contains(&path), "{}", ran.out);
    }

    let folder = Folder::shop();
    fs::remove_file(folder.path().join("stocksync.yaml")).unwrap();
    fifo(&folder, "stocksync.yaml");
    let ran = folder.run(&["lint", "--format", "json"]);
    assert!(ran.code == 2 && ran.err.contains("stocksync.yaml"), "{}", ran.err);

    let folder = Folder::shop();
    fs::remove_dir_all(folder.path().join("rules")).unwrap();
    folder.write("rules", "rule");
    let ran = lint(&folder);
    assert!(ran.code == 2 && ran.out.contains("`rules`"), "{} {}", ran.out, ran.err);
    assert_eq!(ran.findings().len(), 1);
}

#[test]
fn folders_without_an_end() {
    let folder = Folder::shop();
    symlink("..", folder.path().join("rules/up")).unwrap();
    assert_eq!(lint(&folder).code, 0);
    let deep = format!("rules/{}x.sync", "d/".repeat(40));
    folder.write(&deep, "let a = 5");
    let ran = lint(&folder);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("32 folders deep"), "{}", ran.out);
    assert_eq!(ran.findings().len(), 1);
}

#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::shop();
    let place = folder.write("rules/x.sync", "let a = \"X\"");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&place).is_ok() {
        return; // root reads everything
    }
    let ran = lint(&folder);
    assert_eq!(ran.findings(), ["bad-config rules/x.sync:1:1"]);
    assert!(ran.code == 2 && ran.out.contains("permission denied"), "{}", ran.out);
}
