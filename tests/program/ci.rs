//! What users put into their CI: the action, the hooks and the page about them name only what is there, and work.

use crate::folder::Folder;
use crate::git::git;
use crate::tools::has;
use clap::Parser;
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use stocksync::shell::args::Cli;

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&text(path)).unwrap()
}

/// A command's words as a shell takes them, up to where its output goes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '>' | '|' | ';' | '&') => break,
            (None, ' ') => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            (_, c) => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[track_caller]
fn check_command(line: &str) {
    if let Err(fault) = Cli::try_parse_from(words(line)) {
        panic!("`{line}`: {fault}");
    }
}

#[test]
fn every_command_line_of_the_page_is_understood() {
    let page = text("docs/ci.md");
    let lines = page.lines().map(|line| line.trim_start().trim_start_matches("- "));
    let commands: Vec<&str> = lines.filter(|line| line.starts_with("stocksync ")).collect();
    assert!(commands.len() >= 12, "{commands:?}");
    commands.into_iter().for_each(check_command);
}

#[test]
fn the_pages_examples_are_yaml_and_give_the_action_what_it_takes() {
    let page = text("docs/ci.md");
    let blocks: Vec<Value> = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| serde_yaml::from_str(rest.split("```").next().unwrap()).unwrap())
        .collect();
    assert_eq!(blocks.len(), 3);
    let action = yaml("action.yml");
    let steps = blocks[0]["jobs"]["rules"]["steps"].as_sequence().unwrap();
    let ours = steps
        .iter()
        .find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("/stocksync@")))
        .unwrap();
    for (input, _) in ours["with"].as_mapping().unwrap() {
        assert!(action["inputs"].get(input).is_some(), "{input:?}");
    }
    for name in action["inputs"].as_mapping().unwrap().keys() {
        assert!(page.contains(&format!("| `{}` |", name.as_str().unwrap())), "{name:?} is not on the page");
    }
    for name in action["outputs"].as_mapping().unwrap().keys() {
        assert!(page.contains(&format!("steps.stocksync.outputs.{}", name.as_str().unwrap())));
    }
    let hooks = yaml(".pre-commit-hooks.yaml");
    let ids = |hooks: &Value| -> Vec<String> {
        hooks.as_sequence().unwrap().iter().map(|hook| hook["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&blocks[2]["repos"][0]["hooks"]), ids(&hooks));
}

#[test]
fn hooks_run_what_there_is() {
    for hook in yaml(".pre-commit-hooks.yaml").as_sequence().unwrap() {
        assert_eq!(hook["language"], "system");
        let passes_files = hook.get("pass_filenames").is_none();
        let files = if passes_files { " rules/a.sync rules/b.sync" } else { "" };
        check_command(&format!("{}{files}", hook["entry"].as_str().unwrap()));
    }
}

/// The action's steps as a runner carries them out, with these inputs: the outputs of each, the summary and the last exit code.
fn act(folder: &Folder, inputs: &[(&str, &str)]) -> (BTreeMap<String, String>, String, i32) {
    let action = yaml("action.yml");
    let temporary = folder.path().join("runner");
    fs::create_dir_all(&temporary).unwrap();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (name, input) in action["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let given = inputs.iter().find(|(input, _)| *input == name).map(|(_, value)| (*value).to_owned());
        let value = given.unwrap_or_else(|| input["default"].as_str().unwrap().to_owned());
        known.insert(format!("inputs.{name}"), value);
    }
    known.insert("github.action_path".to_owned(), env!("CARGO_MANIFEST_DIR").to_owned());
    let (summary, mut code) = (temporary.join("summary"), 0);
    fs::write(&summary, "").unwrap();
    for step in action["runs"]["steps"].as_sequence().unwrap() {
        let skipped = step.get("if").is_some_and(|when| {
            assert_eq!(when, "inputs.diff != ''");
            known["inputs.diff"].is_empty()
        });
        if skipped || code != 0 {
            continue;
        }
        assert_eq!(step["shell"], "bash");
        let outputs = temporary.join("outputs");
        fs::write(&outputs, "").unwrap();
        let script = step["run"].as_str().unwrap();
        // What a user gives may stand in the environment alone: in the script it would be run.
        assert!(!script.contains("${{"), "{script}");
        let mut bash = Command::new("bash");
        bash.args(["-c", script]).current_dir(folder.path());
        bash.env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("RUNNER_TEMP", &temporary);
        bash.env("STOCKSYNC_PLUGINS", crate::built::plugins());
        for (name, value) in step["env"].as_mapping().unwrap() {
            let value = value.as_str().unwrap().trim_start_matches("${{").trim_end_matches("}}").trim();
            bash.env(name.as_str().unwrap(), &known[value]);
        }
        let ran = bash.output().unwrap();
        code = ran.status.code().unwrap();
        fs::write(temporary.join("log"), [ran.stdout, ran.stderr].concat()).unwrap();
        let id = step["id"].as_str().unwrap();
        for line in fs::read_to_string(&outputs).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
    }
    let summary = fs::read_to_string(summary).unwrap();
    (known, summary, code)
}

#[test]
fn the_action_checks_and_compares() {
    if !has(&["bash", "git"], "the_action_checks_and_compares") {
        return;
    }
    let folder = Folder::shop();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "x"]);
    let binary = ("binary", env!("CARGO_BIN_EXE_stocksync"));
    let log = || fs::read_to_string(folder.path().join("runner/log")).unwrap();
    let sound = folder.run(&["lint", "--format", "json"]);
    assert_eq!((sound.code, sound.findings()), (0, Vec::new()));
    let (known, _, code) = act(&folder, &[binary]);
    assert_eq!(code, 0, "{}", log());
    let sarif = fs::read_to_string(&known["steps.lint.outputs.sarif"]).unwrap();
    assert!(sarif.contains("\"results\": []"), "{sarif}");
    assert!(!known.contains_key("steps.diff.outputs.diff"));

    folder.write("rules/a.sync", "rule \"All\" { order 1 skus all warehouses all stores all threshold 6 }\n");
    let (known, summary, code) = act(&folder, &[binary, ("diff", "main"), ("since", "main")]);
    assert_eq!(code, 0, "{}", log());
    assert!(summary.contains("**2 to zero"), "{summary}");
    assert_eq!(fs::read_to_string(&known["steps.diff.outputs.diff"]).unwrap(), summary);
    let (_, summary, code) = act(&folder, &[binary, ("diff", "main"), ("fail-on", "to_zero>0")]);
    assert_eq!(code, 1, "{}", log());
    assert!(summary.contains("More than may change"), "{summary}");

    folder.write("rules/b.sync", "rule \"$(touch hacked)\" { order 2 skus \"GONE\" }\n");
    let (_, _, code) = act(&folder, &[binary, ("path", "."), ("fail-level", "warn")]);
    assert_eq!(code, 1, "{}", log());
    assert!(log().contains("::error file=rules/b.sync,line=1"), "{}", log());
    assert!(!folder.path().join("hacked").exists());
}

/// The hooks as pre-commit runs them, taken from a repository that has their definitions.
#[test]
fn pre_commit_runs_the_hooks() {
    let test = "pre_commit_runs_the_hooks";
    if !has(&["git", "python3"], test) {
        return;
    }
    let Some(packages) = crate::python::packages("tests/program/ci/pre-commit.txt", test) else { return };
    let (hooks, folder) = (tempfile::tempdir().unwrap(), Folder::shop());
    fs::write(hooks.path().join(".pre-commit-hooks.yaml"), text(".pre-commit-hooks.yaml")).unwrap();
    for repository in [hooks.path(), folder.path()] {
        git(repository, &["init", "-q", "-b", "main"]);
        git(repository, &["add", "-A"]);
        git(repository, &["commit", "-q", "-m", "x"]);
    }
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {}\n    hooks: [{{ id: stocksync-lint }}, {{ id: stocksync-fmt }}]\n",
        hooks.path().display(),
        git(hooks.path(), &["rev-parse", "HEAD"]).trim()
    );
    folder.write(".pre-commit-config.yaml", config);
    git(folder.path(), &["add", "-A"]);
    let program = Path::new(env!("CARGO_BIN_EXE_stocksync")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(program.to_path_buf())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut command = Command::new("python3");
    command.args(["-m", "pre_commit", "run", "--all-files", "--color", "never"]).current_dir(folder.path());
    command
        .env("PYTHONPATH", packages)
        .env("PATH", path.unwrap())
        .env("STOCKSYNC_PLUGINS", crate::built::plugins());
    command.env("PRE_COMMIT_HOME", hooks.path().join("home")).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let mut run = || {
        let ran = command.output().unwrap();
        let said = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
        let of = |hook: &str| {
            let line = said.lines().find(|line| line.starts_with(hook)).unwrap_or_else(|| panic!("{said}"));
            line.rsplit('.').next().unwrap().to_owned()
        };
        (ran.status.code().unwrap(), of("stocksync lint"), of("stocksync fmt"), said)
    };

    let (code, lint, fmt, said) = run();
    assert_eq!((code, &*lint, &*fmt), (1, "Passed", "Failed"), "{said}");
    assert!(said.contains("files were modified by this hook"), "{said}");
    assert!(fs::read_to_string(folder.path().join("rules/a.sync")).unwrap().starts_with("rule \"All\" {\n"));
    git(folder.path(), &["add", "-A"]);
    let (code, lint, fmt, said) = run();
    assert_eq!((code, &*lint, &*fmt), (0, "Passed", "Passed"), "{said}");
    folder.write("rules/a.sync", "rule \"All\" {\n  order 1\n  skus  all\n}\n");
    git(folder.path(), &["add", "-A"]);
    let (code, lint, _, said) = run();
    assert_eq!((code, &*lint), (1, "Failed"), "{said}");
    assert!(said.contains("missing-field"), "{said}");
}
