//! The commands as scripts and people meet them: exit codes, streams, formats.

use crate::asked::{codes, json};
use crate::folder::{Folder, Ran};
use serde_json::Value;
use std::process::Command;

const FAULTY: &str = "rule \"All\" { order 1 skus all warehouses all stores all rate 50 }\n";
const UNMAPPED: &str = "rule \"All\" { order 2 skus all warehouses all stores all }\nrule \"X\" { order 1 skus \"NO-SUCH\" warehouses all stores all }\n";

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn a_sound_project_ends_well() {
    let folder = Folder::shop();
    codes(
        &folder,
        &[
            (0, &["lint"]),
            (0, &["lint", "--fail-level", "warn"]),
            (0, &["plan"]),
            (1, &["plan", "--exit-code"]),
            (1, &["plan", "--exit-code", "--store", "outlet"]),
            (0, &["plan", "--exit-code", "--sku", "A-2"]),
            (0, &["why", "A-1"]),
            (0, &["why", "A-1", "outlet", "--format", "json"]),
            (0, &["explain"]),
            (0, &["records"]),
            (0, &["versions"]),
            (0, &["connectors", "list"]),
            (0, &["connectors", "check", "outlet"]),
            (3, &["test"]),
            (0, &["sync", "--yes"]),
            (0, &["plan", "--exit-code"]),
            (0, &["plan", "--exit-code", "--no-read"]),
            (0, &["records", "--status", "sent"]),
            (0, &["versions", "show", "1"]),
        ],
    );
}

#[test]
fn findings_are_1_and_stop_every_other_command() {
    let folder = Folder::shop();
    folder.write("rules/a.sync", FAULTY);
    for args in [&["lint"][..], &["plan"], &["test"], &["why", "A-1"], &["sync", "--yes"]] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 1, "{args:?} {}", ran.err);
        assert!((ran.out + &ran.err).contains("rules/a.sync:1:"), "{args:?} {}", ran.err);
    }
    assert!(!folder.path().join(".stocksync").exists(), "nothing else was done");
    folder.write("rules/a.sync", UNMAPPED);
    codes(&folder, &[(0, &["lint"]), (1, &["lint", "--fail-level", "warn"]), (0, &["plan"])]);
}

#[test]
fn what_cannot_run_is_2() {
    let folder = Folder::shop();
    codes(
        &folder,
        &[
            (2, &[]),
            (2, &["plann"]),
            (2, &["plan", "--formt", "json"]),
            (2, &["plan", "--format", "yaml"]),
            (2, &["plan", "--at", "tomorrow"]),
            (2, &["plan", "--at", "2026-02-30"]),
            (2, &["plan", "--store", "outlt"]),
            (2, &["plan", "--sku", "A-3"]),
            (2, &["lint", "--format", "xml"]),
            (2, &["lint", "no/such/path"]),
            (2, &["lint", "--color", "sometimes"]),
            (2, &["lint", "-C", "no/such/folder"]),
            (2, &["lint", "-C", "rules"]),
            (2, &["why"]),
            (2, &["why", "A-1", "outlt"]),
            (2, &["explain", "no-such"]),
            (2, &["apply", "no-such.plan"]),
            (2, &["records", "--since", "tomorrow"]),
            (2, &["records", "--status", "lost"]),
            (2, &["versions", "show", "7"]),
            (2, &["connectors", "check", "outlt"]),
            (2, &["completions", "tcsh"]),
            (2, &["init", "."]),
        ],
    );
    std::fs::remove_file(folder.path().join("stores/outlet.csv")).unwrap();
    let ran = folder.run(&["plan"]);
    assert!(ran.code == 2 && ran.out.contains("shopee_id"), "the other store is planned\n{}", ran.out);
    assert!((ran.out + &ran.err).contains("store-unreadable"));
}

#[test]
fn nothing_to_check_is_3() {
    let folder = Folder::shop();
    std::fs::remove_file(folder.path().join("rules/a.sync")).unwrap();
    codes(&folder, &[(3, &["lint"]), (3, &["plan"]), (3, &["test"]), (3, &["lint", "--format", "json"])]);
    assert!(folder.run(&["plan"]).err.contains("no rule file found under `rules`"));
}

#[test]
fn verbose_runs_say_their_phases_and_print_the_same() {
    let folder = Folder::shop();
    folder.write("rules/t.sync", "test \"t\" { expect \"A\" { outlet 0 } }\n");
    for (args, phase) in [
        (&["lint"][..], "checking the rules"),
        (&["plan", "--at", "2026-05-11", "--no-read", "--format", "csv"], "reading the stores and planning"),
        (&["test"], "running the tests"),
    ] {
        let (brief, verbose) = (folder.run(args), folder.run(&[args, &["-v"]].concat()));
        assert_eq!(brief.out, verbose.out);
        assert!(!brief.err.contains(phase) && verbose.err.contains(phase), "{}", verbose.err);
    }
}

#[test]
fn the_project_is_the_nearest_above_or_the_one_named() {
    let folder = Folder::shop();
    let inner = folder.path().join("rules/deep/er");
    std::fs::create_dir_all(&inner).unwrap();
    let ran = Ran::of(&folder.command(&["lint"]).current_dir(&inner).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let other = tempfile::tempdir().unwrap();
    let ran = Ran::of(&folder.command(&["lint"]).current_dir(other.path()).output().unwrap());
    assert!(
        ran.code == 2 && ran.err.contains("no `stocksync.yaml` here or in a folder above"),
        "{}",
        ran.err
    );
    let root = folder.path().to_str().unwrap();
    for args in [["-C", root, "plan"], ["plan", "-C", root]] {
        assert_eq!(Ran::of(&folder.command(&args).current_dir(other.path()).output().unwrap()).code, 0);
    }
}

#[test]
fn what_was_meant_is_said() {
    let folder = Folder::shop();
    for (args, help) in [
        (&["plan", "--store", "outlt"][..], "did you mean `outlet`?"),
        (&["why", "A-1", "shopee_di"], "did you mean `shopee_id`?"),
        (&["connectors", "check", "outlt"], "did you mean `outlet`?"),
        (&["plan", "--sku", "A-3"], "did you mean `A-"),
        (&["why", "a-1"], "did you mean `A-1`?"),
        (&["explain", "unknown-stor"], "did you mean `unknown-store`?"),
        (&["plann"], "plan"),
    ] {
        let ran = folder.run(args);
        assert!(ran.err.contains(help), "{args:?}\n{}", ran.err);
    }
}

#[test]
fn colour_is_for_people() {
    let folder = Folder::shop();
    folder.write("rules/a.sync", FAULTY);
    let coloured = |args: &[&str]| folder.run(args).out.contains('\x1b');
    assert!(!coloured(&["lint"]) && coloured(&["lint", "--color", "always"]));
    assert!(!coloured(&["lint", "--color", "never"]));
    assert!(!coloured(&["lint", "--color", "always", "--format", "json"]), "JSON has no colours");
    let ran = folder.command(&["lint", "--color", "auto"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!Ran::of(&ran).out.contains('\x1b'));
}

#[test]
fn quiet_leaves_results_and_faults() {
    let folder = Folder::shop();
    let (loud, quiet) = (folder.run(&["plan", "--out", "a"]), folder.run(&["plan", "--out", "b", "-q"]));
    assert!(loud.err.contains("saved as a") && quiet.err.is_empty(), "{}", quiet.err);
    assert!(!quiet.out.is_empty());
    assert!(!folder.run(&["-q", "plan", "--store", "x"]).err.is_empty());
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::shop();
    let rules: String = (0..3_000).map(|n| format!("let l{n} = nope{n}\n")).collect();
    folder.write("rules/x.sync", rules);
    for args in ["lint", "lint --format json", "lint --format concise", "explain", "completions bash"] {
        let script = format!("{{ \"$0\" {args}; echo \"exit $?\" >&2; }} | head -n 1");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_stocksync")]).current_dir(folder.path());
        command.env("STOCKSYNC_PLUGINS", crate::built::plugins());
        let ran = Ran::of(&command.output().unwrap());
        assert_eq!(ran.out.lines().count(), 1, "{args}");
        let said: Vec<_> = ran.err.lines().filter(|line| !line.starts_with("exit ")).collect();
        assert_eq!(said, [] as [&str; 0], "{args}");
    }
}

#[test]
fn help_and_version() {
    let folder = Folder::shop();
    let version = folder.run(&["--version"]);
    assert_eq!((version.code, version.err.as_str()), (0, ""));
    assert!(version.out.starts_with("stocksync "));
    let commands = [
        "init",
        "lint",
        "test",
        "explain",
        "why",
        "plan",
        "apply",
        "sync",
        "records",
        "versions",
        "connectors",
        "completions",
        "man",
    ];
    let help = folder.run(&["--help"]);
    for command in commands {
        assert!(help.out.contains(&format!("\n  {command} ")), "{command}");
        let ran = folder.run(&[command, "--help"]);
        assert!(ran.code == 0 && ran.err.is_empty() && ran.out.contains("Usage: stocksync"), "{command}");
    }
    assert!(folder.run(&[]).err.contains("Usage"), "no command is a mistake, answered with the help");
}

#[test]
fn lint_takes_paths_and_several_formats() {
    let folder = Folder::shop();
    folder.write("rules/b.sync", "let a = nope");
    folder.write("rules/c/d.sync", "let b = nope2");
    let found = |args: &[&str]| folder.run(&[&["lint", "--format", "json"], args].concat()).findings();
    assert_eq!(found(&[]), ["unknown-list rules/b.sync:1:9", "unknown-list rules/c/d.sync:1:9"]);
    assert_eq!(found(&["rules/c"]), ["unknown-list rules/c/d.sync:1:9"]);
    assert_eq!(found(&["./rules/../rules/b.sync"]), ["unknown-list rules/b.sync:1:9"]);
    codes(&folder, &[(0, &["lint", "rules/a.sync"]), (1, &["lint", "rules/a.sync", "rules/b.sync"])]);
    let both = folder.run(&["lint", "--format", "json=out.json", "--format", "full", "--color", "always"]);
    assert!(both.out.contains("SS007"));
    let file: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("out.json")).unwrap()).unwrap();
    assert_eq!((&file["format_version"], &file["files"], &file["rules"]), (&1.into(), &3.into(), &1.into()));
    let one = &file["diagnostics"][0];
    let expected = [
        "code",
        "end",
        "file",
        "fingerprint",
        "fixes",
        "help",
        "level",
        "message",
        "name",
        "related",
        "start",
    ];
    assert_eq!(keys(one), expected);
    assert_eq!(one["start"], serde_json::json!({ "line": 1, "column": 9, "offset": 8 }));
}

#[test]
fn levels_come_from_the_configuration() {
    let folder = Folder::shop();
    folder.write("rules/a.sync", UNMAPPED);
    let text = std::fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    for (name, level, shown, codes) in [
        ("unknown-sku", "allow", None, [0, 0, 0]),
        ("unknown-sku", "info", Some("info"), [0, 0, 0]),
        ("SS101", "warn", Some("warn"), [0, 1, 0]),
        ("SS101", "deny", Some("deny"), [1, 1, 1]),
    ] {
        folder.write("stocksync.yaml", text.replace("lint: { ", &format!("lint: {{ {name}: {level}, ")));
        let ran = folder.run(&["lint", "--format", "json"]);
        let report = json(&ran);
        let levels: Vec<_> =
            report["diagnostics"].as_array().unwrap().iter().map(|found| found["level"].as_str()).collect();
        assert_eq!(levels, shown.map(Some).into_iter().collect::<Vec<_>>(), "{name}: {level}\n{}", ran.out);
        let got =
            [&["lint"][..], &["lint", "--fail-level", "warn"], &["plan"]].map(|args| folder.run(args).code);
        assert_eq!(got, codes, "{name}: {level}");
    }
}

#[test]
fn explain_knows_every_code() {
    let folder = Folder::shop();
    let all = json(&folder.run(&["explain", "--format", "json"]));
    let all = all["diagnostics"].as_array().unwrap();
    assert!(all.len() > 35);
    for one in all {
        assert_eq!(keys(one), ["bad", "code", "good", "level", "name", "what", "why"]);
        let (code, name) = (one["code"].as_str().unwrap(), one["name"].as_str().unwrap());
        assert_eq!(folder.run(&["explain", code]).out, folder.run(&["explain", name]).out);
    }
    assert!(folder.run(&["explain", "ss014"]).out.starts_with("SS014 unknown-store (deny)"));
    assert_eq!(json(&folder.run(&["explain", "SS014", "--format", "json"]))["name"], "unknown-store");
}

#[test]
fn plans_have_the_keys_that_scripts_read() {
    let folder = Folder::shop();
    let plan = json(&folder.run(&["plan", "--format", "json", "--all", "--at", "2026-11-27T00:00:00Z"]));
    let top = [
        "at",
        "calls",
        "created_at",
        "format_version",
        "guards",
        "plan_id",
        "problems",
        "rows",
        "rules_version",
        "stock",
        "summary",
    ];
    assert_eq!(keys(&plan), top);
    let numbers = ["lower", "problems", "raise", "rows", "stores", "to_zero", "unchanged"];
    assert_eq!(keys(&plan["summary"]), numbers);
    assert_eq!(keys(&plan["summary"]["stores"]["outlet"]).len(), numbers.len() - 1);
    let row = [
        "available",
        "current",
        "file",
        "line",
        "order",
        "planned",
        "reason",
        "rule",
        "sku",
        "store",
        "store_sku",
    ];
    assert_eq!(keys(&plan["rows"][0]), row);
    assert_eq!((plan["rows"].as_array().unwrap().len(), &plan["at"]), (4, &"2026-11-27T00:00:00Z".into()));
    assert_eq!(keys(&plan["calls"]["outlet"]), ["requests", "seconds"]);
    for (args, rows) in [
        (&["--store", "outlet"][..], 1),
        (&["--sku", "A-1"], 2),
        (&["--store", "outlet", "--sku", "A-2"], 0),
        (&["--no-read"], 4),
    ] {
        let plan = json(&folder.run(&[&["plan", "--format", "json"], args].concat()));
        assert_eq!(plan["rows"].as_array().unwrap().len(), rows, "{args:?}");
    }
    for format in ["table", "json", "csv", "md", "html"] {
        let ran = folder.run(&["plan", "--format", format]);
        assert!(
            ran.code == 0 && ran.out.contains("o/1") && ran.err.is_empty(),
            "{format} {}{}",
            ran.out,
            ran.err
        );
    }
    assert!(!folder.path().join(".stocksync").exists(), "a plan writes nothing");
}

#[test]
fn completions_and_manual() {
    let folder = Folder::shop();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(folder.run(&["completions", shell]).out.contains("connectors"), "{shell}");
    }
    assert!(folder.run(&["man"]).out.contains(".TH"));
    codes(&folder, &[(0, &["man", "pages/1"])]);
    for page in ["stocksync", "stocksync-plan", "stocksync-connectors-check", "stocksync-versions-diff"] {
        let text = std::fs::read_to_string(folder.path().join(format!("pages/1/{page}.1"))).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
}

#[test]
fn init_makes_a_project_once() {
    let folder = Folder::shop();
    codes(
        &folder,
        &[
            (0, &["init", "new"]),
            (2, &["init", "new"]),
            (0, &["lint", "-C", "new"]),
            (0, &["test", "-C", "new"]),
        ],
    );
    folder.write("half/catalog/stock.csv", "mine");
    let ran = folder.run(&["init", "half"]);
    assert!(ran.code == 2 && ran.err.contains("stock.csv` is there already"), "{}", ran.err);
    assert!(!folder.path().join("half/stocksync.yaml").exists(), "all or nothing");
    assert_eq!(std::fs::read_to_string(folder.path().join("half/catalog/stock.csv")).unwrap(), "mine");
}

#[test]
fn nothing_steers_the_terminal() {
    let folder = Folder::shop();
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    folder.write("catalog/skus.csv", format!("sku,name\n\"A{evil}\",x\n"));
    folder.write("catalog/stock.csv", format!("sku,warehouse,available\n\"A{evil}\",jakarta,4\n"));
    folder.write("catalog/mappings.csv", format!("sku,store,store_sku\n\"A{evil}\",outlet,\"S{evil}\"\n"));
    folder.write("stores/outlet.csv", format!("store_sku,quantity\n\"S{evil}\",1\n"));
    folder.write("stores/shopee_id.csv", "store_sku,quantity\n");
    let sku = format!("A{evil}");
    let clean = |args: &[&str]| {
        let ran = folder.run(args);
        for text in [&ran.out, &ran.err] {
            let steers = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(steers), "{args:?}\n{text:?}");
        }
        ran
    };
    for args in [
        &["lint"][..],
        &["lint", "--format", "concise"],
        &["plan"],
        &["plan", "--format", "md"],
        &["why", &sku],
    ] {
        clean(args);
    }
    let plan = clean(&["plan"]).out;
    assert!(plan.contains("\u{241b}]0;owned"), "{plan}");
    clean(&["sync", "--yes"]);
    clean(&["records"]);
    clean(&["why", &sku, &format!("x{evil}")]);
    clean(&["plan", "--sku", &format!("B{evil}")]);
    clean(&["plan", "--at", evil]);
    clean(&["explain", evil]);
    clean(&["lint", &format!("no{evil}")]);
    clean(&["lint", "--format", evil]);
    clean(&["lint", "-C", evil]);
    clean(&["apply", evil]);
    clean(&["test", "--filter", evil]);
    folder.write("rules/a.sync", format!("rule \"R{evil}\" {{ order x{evil} }}\n{evil}"));
    clean(&["lint"]);
    clean(&["lint", "--format", "concise"]);
    folder.write(&format!("rules/n{evil}.sync"), "let a = 5");
    clean(&["lint"]);
    clean(&["lint", "--format", "concise"]);
}
