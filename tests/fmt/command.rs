//! `stocksync fmt` as scripts and people meet it.

use super::folder::{Folder, Ran};
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

const UGLY: &str = "let a=\"A-1\" # why\n";
const NICE: &str = "let a = \"A-1\"  # why\n";

impl Folder {
    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }
}

/// The exit code, standard output and the last line of standard error.
#[track_caller]
fn ran(folder: &Folder, args: &[&str]) -> (i32, String, String) {
    let ran = folder.run(args);
    (ran.code, ran.out, ran.err.lines().last().unwrap_or_default().to_owned())
}

fn answer(code: i32, out: &str, err: &str) -> (i32, String, String) {
    (code, out.to_owned(), err.to_owned())
}

#[test]
fn a_project_is_formatted_once() {
    let folder = Folder::shop();
    folder.write("rules/more/b.sync", UGLY);
    folder.write("rules/c.txt", UGLY);
    let would = "2 files would be formatted";
    assert_eq!(ran(&folder, &["fmt", "--check"]), answer(1, "rules/a.sync\nrules/more/b.sync\n", would));
    let diff = folder.run(&["fmt", "--diff"]);
    assert_eq!((diff.code, diff.err.trim()), (1, would));
    assert!(
        diff.out.contains(
            "+++ b/rules/more/b.sync\n@@ -1 +1 @@\n-let a=\"A-1\" # why\n+let a = \"A-1\"  # why\n"
        ),
        "{}",
        diff.out
    );
    assert_eq!(folder.text("rules/more/b.sync"), UGLY, "neither writes");

    assert_eq!(ran(&folder, &["fmt"]), answer(0, "", "2 files formatted"));
    assert_eq!(folder.text("rules/more/b.sync"), NICE);
    assert_eq!(folder.text("rules/c.txt"), UGLY);
    assert_eq!(ran(&folder, &["fmt"]), answer(0, "", "2 files left unchanged"));
    assert_eq!(ran(&folder, &["fmt", "--check"]), answer(0, "", "2 files already formatted"));
    assert_eq!(ran(&folder, &["fmt", "--diff", "-q"]), answer(0, "", ""));
}

#[test]
fn a_new_project_is_in_the_style() {
    let folder = Folder::shop();
    assert_eq!(folder.run(&["init", "new"]).code, 0);
    assert_eq!(ran(&folder, &["fmt", "-C", "new", "--check"]), answer(0, "", "4 files already formatted"));
}

#[test]
fn paths_need_no_project() {
    let folder = Folder::shop();
    fs::remove_file(folder.path().join("stocksync.yaml")).unwrap();
    folder.write("x/one.rules", UGLY);
    folder.write("x/two.sync", UGLY);
    folder.write("x/y/three.sync", NICE);
    assert_eq!(
        ran(&folder, &["fmt", "--check", "x"]),
        answer(1, "x/two.sync\n", "1 file would be formatted, 1 file already formatted")
    );
    let twice = ["fmt", "x/two.sync", "x", "x/one.rules", "./x/two.sync"];
    assert_eq!(ran(&folder, &twice), answer(0, "", "2 files formatted, 1 file left unchanged"));
    assert_eq!(folder.text("x/one.rules"), NICE);
    assert_eq!(ran(&folder, &["fmt", "-C", "x", "y", "--check"]).0, 0, "a path below -C");
    assert_eq!(folder.run(&["fmt"]).code, 2, "no project");
    folder.write("empty/a.txt", "");
    assert_eq!(folder.run(&["fmt", "empty"]).code, 3);
}

#[test]
fn what_is_faulty_keeps_nothing_else_from_being_formatted() {
    let folder = Folder::shop();
    let faulty = "rule \"X\" { order = 1 }\n";
    folder.write("rules/b.sync", faulty);
    folder.write("rules/c.sync", b"let a=b # \xff\n");
    folder.write("rules/d.sync", UGLY);
    let lint = folder.run(&["lint", "--format", "json"]);
    let syntax: Vec<_> = lint.findings().into_iter().filter(|found| found.starts_with("syntax")).collect();
    assert_eq!(syntax, ["syntax rules/b.sync:1:18", "syntax rules/c.sync:1:11"]);
    let found = folder.run(&["fmt"]);
    assert_eq!((found.code, found.out.as_str()), (1, ""));
    for part in [
        "rules/b.sync:1:18",
        "`=` means nothing here",
        "rules/c.sync:1:11",
        "not UTF-8",
        "2 errors in 2 files, 1 rule",
    ] {
        assert!(found.err.contains(part), "{part} is not in\n{}", found.err);
    }
    assert_eq!(found.err.lines().last(), Some("2 files formatted, 2 files with faults left alone"));
    assert_eq!((folder.text("rules/b.sync").as_str(), folder.text("rules/d.sync").as_str()), (faulty, NICE));
    let missing = folder.run(&["fmt", "rules/nope.sync", "rules/d.sync"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.ends_with("1 file left unchanged\n"), "{}", missing.err);
    folder.write("stocksync.yaml", "ruls: elsewhere\n");
    let config = folder.run(&["fmt"]);
    assert_eq!(config.code, 1);
    assert!(config.err.contains("bad-config"), "{}", config.err);
}

#[track_caller]
fn piped(folder: &Folder, args: &[&str], input: &[u8]) -> Ran {
    let mut command = folder.command(args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Ran::of(&child.wait_with_output().unwrap())
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::shop();
    for (args, input, code, out) in [
        (&["fmt", "-"][..], UGLY, 0, NICE),
        (&["fmt", "-"], NICE, 0, NICE),
        (&["fmt", "-"], "", 0, ""),
        (&["fmt", "-"], "let a=b\r\n", 0, "let a = b\r\n"),
        (&["fmt", "--check", "-"], UGLY, 1, "<stdin>\n"),
        (&["fmt", "--check", "-"], NICE, 0, ""),
        (
            &["fmt", "--diff", "-"],
            "let a=b\n",
            1,
            "--- a/<stdin>\n+++ b/<stdin>\n@@ -1 +1 @@\n-let a=b\n+let a = b\n",
        ),
        (&["fmt", "--diff", "-"], NICE, 0, ""),
        (&["fmt", "-"], "let a", 1, ""),
    ] {
        let ran = piped(&folder, args, input.as_bytes());
        assert_eq!((ran.code, ran.out.as_str()), (code, out), "{args:?} of {input:?}: {}", ran.err);
    }
    assert_eq!(piped(&folder, &["fmt", "-"], b"\xff").code, 1);
    assert_eq!(piped(&folder, &["fmt", "-", "rules"], b"").code, 2);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::shop();
    let path = folder.write("rules/b.sync", UGLY);
    let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    symlink("b.sync", folder.path().join("rules/link.sync")).unwrap();
    assert_eq!(ran(&folder, &["fmt", "rules/link.sync"]), answer(0, "", "1 file formatted"));
    assert_eq!(folder.text("rules/b.sync"), NICE);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(folder.path().join("rules/link.sync")).unwrap().is_symlink());

    fs::write(&path, UGLY).unwrap();
    mode(0o440);
    let refused = folder.run(&["fmt", "rules/b.sync"]);
    assert_eq!((refused.code, folder.text("rules/b.sync").as_str()), (2, UGLY), "{}", refused.err);
    let left: Vec<_> =
        fs::read_dir(folder.path().join("rules")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}
