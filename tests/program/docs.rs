//! What the documents say is so: their rules, their commands, their flags and the files that they name.

use crate::asked::root;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use stocksync::diagnostic::{self, Level};
use stocksync::rules::Declared;
use stocksync::shell::locate::Search;
use stocksync::shell::lock::Lock;
use stocksync::shell::plugin;
use stocksync::source::Sources;
use stocksync::{check, ruletest, syntax};

const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/ci.md",
    "docs/reference.md",
    "docs/serve.md",
    "docs/diagnostics.md",
    "docs/your-first-connector.md",
    "grammar/reference.md",
    "plugins/sdk/README.md",
];

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

fn program(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stocksync"))
        .env("STOCKSYNC_PLUGINS", crate::built::plugins())
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap()
}

/// The fenced blocks of one language, each with its line.
fn blocks(document: &str, language: &str) -> Vec<(usize, String)> {
    let (mut found, mut inside): (Vec<(usize, String)>, Option<bool>) = (Vec::new(), None);
    for (at, line) in document.lines().enumerate() {
        match (line.strip_prefix("```"), inside) {
            (Some(_), Some(_)) => inside = None,
            (Some(named), None) => {
                inside = Some(named == language);
                if named == language {
                    found.push((at + 1, String::new()));
                }
            }
            (None, Some(true)) => found.last_mut().unwrap().1 += &format!("{line}\n"),
            (None, _) => {}
        }
    }
    assert_eq!(inside, None, "a block is not closed");
    found
}

/// The names that the documents' examples use.
fn declared() -> Declared {
    let names = |text: &str| text.split(' ').map(str::to_owned).collect();
    Declared {
        warehouses: names("jakarta batam singapore returns"),
        stores: names("shopee_id shopee_my lazada_id lazada_my tiktok_id outlet"),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    }
}

/// The errors of a text; where there is none, the failures of its tests, if it has rules.
fn faults(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("block.sync", text);
    let (parsed, mut found) = syntax::parse(file, text);
    let declared = declared();
    let (checked, more) = check::check(&[(file, parsed)], &declared);
    found.extend(more);
    found.retain(|one| one.level == Level::Deny);
    let mut faults: Vec<_> = found.iter().map(|one| format!("{}: {}", one.code.name, one.message)).collect();
    if let Some(rules) = checked.rule_set().filter(|_| faults.is_empty() && !checked.rules.is_empty()) {
        let ground = ruletest::Ground { rules, declared: &declared, sources: &sources };
        for result in ruletest::run(&checked.tests, ground) {
            faults.extend(result.failures.iter().map(|one| format!("{one:?}")));
        }
    }
    faults
}

#[test]
fn every_block_of_rules_is_good_and_every_bad_one_bad() {
    let mut count = 0;
    for document in DOCUMENTS {
        for (line, block) in blocks(&text(document), "sync") {
            assert_eq!(faults(&block), [""; 0], "{document}:{line}");
            count += 1;
        }
        for (line, block) in blocks(&text(document), "sync-bad") {
            assert!(!faults(&block).is_empty(), "{document}:{line} has no fault");
        }
    }
    assert!(count >= 7, "only {count} blocks found");
}

/// `stocksync X` wherever it stands in backticks or in a block of shell lines.
fn commands_named(document: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in document.match_indices("stocksync ") {
        let before = document[..at].chars().next_back();
        let word: String = document[at + 10..].chars().take_while(|c| c.is_ascii_lowercase()).collect();
        let stands_alone = document[at + 10 + word.len()..].starts_with([' ', '`', '\n']);
        if matches!(before, Some('`' | '$' | ' ' | '\n')) && stands_alone && !word.is_empty() {
            let quoted = document[..at].matches('`').count() % 2 == 1;
            if quoted {
                named.insert(word);
            }
        }
    }
    named
}

#[test]
fn every_command_named_exists() {
    let mut all = BTreeSet::new();
    for document in DOCUMENTS {
        all.extend(commands_named(&text(document)));
    }
    assert!(all.len() >= 12, "{all:?}");
    for command in all {
        let output = program(root(), &[&command, "--help"]);
        assert!(output.status.success(), "`stocksync {command}` is named and does not exist");
    }
}

fn flags(text: &str) -> BTreeSet<String> {
    let starts = text.match_indices("--").map(|(at, _)| &text[at..]);
    let flag =
        |rest: &str| -> String { rest.chars().take_while(|c| *c == '-' || c.is_ascii_lowercase()).collect() };
    starts.map(flag).filter(|flag| flag.len() > 3 && !flag.starts_with("---")).collect()
}

/// The flags that a help text defines; its descriptions name those of other commands too.
fn flags_defined(help: &str) -> BTreeSet<String> {
    help.lines().filter(|line| line.trim_start().starts_with('-')).flat_map(flags).collect()
}

/// The commands that a help text lists.
fn commands_listed(help: &str) -> Vec<String> {
    let behind = help.split("Commands:\n").nth(1).unwrap_or_default();
    let listed = behind.lines().take_while(|line| !line.is_empty());
    listed.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn the_reference_has_every_command_with_its_flags_and_no_other() {
    let reference = text("docs/reference.md");
    let help = |arguments: &[&str]| {
        let output = program(root(), arguments);
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let top = help(&["--help"]);
    let common = flags_defined(&top);
    for command in &commands_listed(&top) {
        let head = format!("### `stocksync {command}`\n");
        let section = reference.split(&head).nth(1).unwrap_or_else(|| panic!("no section `{}`", head.trim()));
        let section = section.split("\n##").next().unwrap();
        let mut theirs = flags_of(&help, section, vec![command]);
        theirs.retain(|flag| !common.contains(flag));
        let ours: BTreeSet<_> = flags(section).into_iter().filter(|flag| !common.contains(flag)).collect();
        assert_eq!(ours, theirs, "flags of `stocksync {command}`");
    }
    for flag in common {
        assert!(reference.contains(&flag), "{flag}");
    }
}

/// The flags of a command and of all below it, each of which the section names.
fn flags_of(help: &dyn Fn(&[&str]) -> String, section: &str, command: Vec<&str>) -> BTreeSet<String> {
    let text = help(&[&command[..], &["--help"]].concat());
    let mut flags = flags_defined(&text);
    for below in commands_listed(&text) {
        let below = [&command[..], &[below.as_str()]].concat();
        assert!(section.contains(&format!("`stocksync {}", below.join(" "))), "{below:?}");
        flags.extend(flags_of(help, section, below));
    }
    flags
}

/// Links, and paths in backticks that begin with a folder of ours.
fn paths_named(document: &str) -> BTreeSet<String> {
    let links = document.match_indices("](").filter_map(|(at, _)| document[at + 2..].split(')').next());
    let links = links.filter(|link| !link.starts_with('#') && !link.contains("://"));
    let quoted = document.split('`').skip(1).step_by(2);
    let folders = ["src/", "plugins/", "rules/", "tests/", "grammar/", "docs/", ".ci/"];
    let quoted = quoted.filter(|word| folders.iter().any(|folder| word.starts_with(folder)));
    // `rules/**/*.sync` is a folder of the user's.
    let quoted = quoted.filter(|word| !word.contains(['<', '*', ' ', '\n']));
    links.chain(quoted).map(|path| path.split('#').next().unwrap_or("").to_owned()).collect()
}

#[test]
fn every_path_named_exists() {
    for document in DOCUMENTS {
        // Fenced blocks hold backticks of their own; links and paths stand outside of them.
        let whole = text(document);
        let outside: String = whole.split("```").step_by(2).collect();
        let folder = Path::new(document).parent().unwrap();
        for path in paths_named(&outside) {
            let there =
                [root().join(folder).join(&path), root().join(&path)].iter().any(|path| path.exists());
            assert!(there, "{document} names `{path}`, which is not there");
        }
    }
}

#[test]
fn documents_stand_alone() {
    // Assembled, so that this very file does not hold them.
    let foreign = [["/wo", "rk"], ["../sh", "ared"], [".libr", "ary"], ["crates", ".io"], ["/ho", "me/"]];
    for document in DOCUMENTS {
        let text = text(document);
        for word in foreign.map(|parts| parts.concat()) {
            assert!(!text.contains(&word), "{document} mentions `{word}`");
        }
    }
}

/// `docs/diagnostics.md` as the table of diagnostics gives it.
fn diagnostics() -> String {
    let mut all: Vec<_> = diagnostic::codes().collect();
    all.sort_by_key(|code| code.code);
    let mut page = String::from(
        "# Diagnostics\n\n<!-- Made from the program's own table: `STOCKSYNC_BLESS=1 cargo test --test program docs` writes it anew. -->\n\n\
         What `stocksync lint` can find; `stocksync explain CODE` prints the same. What is `deny` is an error and stays one; the level of\n\
         any other is set under `lint` in `stocksync.yaml`. Codes and names are never reused.\n",
    );
    for code in all {
        let (name, level) = (code.name, code.level.name());
        write!(
            page,
            "\n## {} {name}\n\n*{level}*: {}. Why it matters: {}.\n",
            code.code, code.what, code.why
        )
        .unwrap();
        for (title, example) in [("Bad", code.bad), ("Good", code.good)] {
            write!(page, "\n{title}:\n\n```text\n{}\n```\n", example.trim_end()).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_diagnostics_is_the_programs_own_table() {
    let (path, page): (PathBuf, _) = (root().join("docs/diagnostics.md"), diagnostics());
    if std::env::var_os("STOCKSYNC_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let stands = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == page,
        "docs/diagnostics.md is old: `STOCKSYNC_BLESS=1 cargo test --test program docs` writes it anew"
    );
}

#[test]
fn the_example_lints_tests_and_plans_clean() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop");
    let run = |arguments: &[&str]| {
        let output = program(&shop, arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), told)
    };
    fs::create_dir(&shop).unwrap();
    assert_eq!(run(&["init"]).0, Some(0));
    let theirs: BTreeSet<_> = names(&shop.join("rules"));
    assert_eq!(theirs, names(&root().join("rules")), "`init` brings every rule file of the example");
    let (code, lint, told) = run(&["lint", "--fail-level", "warn", "--format", "concise"]);
    assert_eq!((code, told.as_str()), (Some(0), ""), "{lint}");
    let (code, tests, _) = run(&["test"]);
    assert_eq!(code, Some(0), "{tests}");
    assert!(tests.contains(" 0 failed") && !tests.contains("FAIL"), "{tests}");
    let (code, plan, told) = run(&["plan", "--format", "json", "--exit-code"]);
    assert_eq!(code, Some(1), "{told}");
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    assert_eq!((&plan["problems"], &plan["guards"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(run(&["sync", "--yes"]).0, Some(0));
    assert_eq!(run(&["plan", "--exit-code"]).0, Some(0), "after a sync nothing is left to do");
}

/// The names of all settings or secrets, those within others too.
fn properties(schema: &Value, found: &mut BTreeSet<String>) {
    let named = schema["properties"].as_object();
    for (name, inside) in named.into_iter().flatten() {
        found.insert(name.clone());
        properties(inside, found);
    }
}

#[test]
fn every_connector_has_a_page_with_each_of_its_settings_and_secrets() {
    let overview = text("docs/connectors.md");
    let search = Search { folders: vec![crate::built::plugins()], lock: Ok(Lock::default()) };
    let mut pages = 0;
    for entry in fs::read_dir(root().join("plugins")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if ["sdk", "faulty"].contains(&name.as_str()) {
            continue;
        }
        let page = text(&format!("docs/connectors/{name}.md"));
        assert!(
            overview.contains(&format!("[`{name}`](connectors/{name}.md)")),
            "{name} is not in the overview"
        );
        assert!(page.contains("## What it cannot do"), "the page of {name} does not say what it cannot do");
        let manifest = plugin::open(&name, &search).unwrap_or_else(|fault| panic!("{fault}")).manifest;
        let mut all = BTreeSet::new();
        properties(&manifest.settings, &mut all);
        properties(&manifest.secrets, &mut all);
        assert!(!all.is_empty(), "{name}");
        let words: BTreeSet<&str> =
            page.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').collect();
        for one in all {
            assert!(words.contains(one.as_str()), "the page of {name} does not have `{one}`");
        }
        pages += 1;
    }
    assert!(pages >= 12, "{pages}");
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter(|name| name.ends_with(".sync")).collect()
}
