//! The formats of `lint`: each shows every finding that another shows, and what other programs read is valid.

use crate::folder::Folder;
use serde_json::Value;
use std::fs;

/// Code, file, line and column of a finding; the configuration stands in for a place where a format needs one.
type Finding = (String, String, u64, u64);

/// A project with the bad example of every code in a file each, faults in its tables and its configuration, and names
/// that other formats have to escape.
fn faulty() -> Folder {
    let folder = Folder::shop();
    for code in stocksync::diagnostic::codes() {
        folder.write(&format!("rules/{}, 100% ก.sync", code.name), code.bad);
    }
    folder.write("rules/<&>.sync", "rule \"<&'\u{1b}[31m\" {\n  order 1 skus \"鞋 กี่ 👟\" nowhere\n}\n");
    folder.write("catalog/stock.csv", "sku,warehouse,available\nA-1,jakarta,x\nA-1,nowhere,5\nA-9,batam,7\n");
    folder
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn of_json(report: &str) -> Vec<Finding> {
    let report: Value = serde_json::from_str(report).unwrap();
    let found = report["diagnostics"].as_array().unwrap().iter().map(|found| match found.get("start") {
        Some(at) => (text(&found["code"]), text(&found["file"]), number(&at["line"]), number(&at["column"])),
        None => (text(&found["code"]), "stocksync.yaml".to_owned(), 1, 1),
    });
    found.collect()
}

fn of_sarif(report: &str) -> Vec<Finding> {
    let report: Value = serde_json::from_str(report).unwrap();
    let found = report["runs"][0]["results"].as_array().unwrap().iter().map(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        let region = &place["region"];
        let column = region.get("startColumn").map_or(1, number);
        let file = unescaped(&text(&place["artifactLocation"]["uri"]));
        (text(&result["ruleId"]), file, number(&region["startLine"]), column)
    });
    found.collect()
}

fn unescaped(uri: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), uri.as_bytes());
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).unwrap(), 16).unwrap());
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn of_gitlab(report: &str) -> Vec<Finding> {
    let report: Value = serde_json::from_str(report).unwrap();
    let found = report.as_array().unwrap().iter().map(|issue| {
        let place = &issue["location"];
        let at = place
            .get("positions")
            .map_or((1, 1), |at| (number(&at["begin"]["line"]), number(&at["begin"]["column"])));
        let code = text(&issue["description"]).split(':').next().unwrap().to_owned();
        (code, text(&place["path"]), at.0, at.1)
    });
    found.collect()
}

fn of_github(report: &str) -> Vec<Finding> {
    let property = |line: &str, name: &str| {
        let start = line.find(&format!("{name}="))? + name.len() + 1;
        let value = line[start..].split([',', ':']).next()?;
        Some(value.replace("%3A", ":").replace("%2C", ",").replace("%25", "%"))
    };
    let commands = report.lines().filter(|line| line.starts_with("::"));
    let found = commands.map(|line| {
        let code = property(line, "title").unwrap().split(' ').next().unwrap().to_owned();
        let number = |name| property(line, name).map_or(1, |text| text.parse().unwrap());
        let file = property(line, "file").unwrap_or_else(|| "stocksync.yaml".to_owned());
        (code, file, number("line"), number("col"))
    });
    found.collect()
}

fn of_concise(report: &str) -> Vec<Finding> {
    let found = report.lines().filter_map(|line| {
        let (before, behind) = line.split_once('[')?;
        let code = behind.split(']').next()?.to_owned();
        let place: Vec<&str> = before.rsplitn(4, ':').collect();
        let [_, column, line, file] = place[..] else {
            return Some((code, "stocksync.yaml".to_owned(), 1, 1));
        };
        Some((code, file.to_owned(), line.parse().ok()?, column.parse().ok()?))
    });
    found.collect()
}

fn of_junit(report: &str) -> Vec<Finding> {
    let plain = |text: &str| {
        let names = [("&lt;", "<"), ("&gt;", ">"), ("&apos;", "'"), ("&quot;", "\""), ("&amp;", "&")];
        names.iter().fold(text.to_owned(), |text, (name, c)| text.replace(name, c))
    };
    let attribute = |line: &str, name: &str| {
        let start = line.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(plain(line[start..].split('"').next()?))
    };
    let cases = report.lines().filter(|line| line.contains("<testcase name=\"SS"));
    let found = cases.map(|line| {
        let name = attribute(line, "name").unwrap();
        let code = name.split(' ').next().unwrap().to_owned();
        let mut place = name.split(':').skip(1).map(|part| part.parse().unwrap());
        let file = attribute(line, "file").unwrap_or_else(|| "stocksync.yaml".to_owned());
        (code, file, place.next().unwrap_or(1), place.next().unwrap_or(1))
    });
    found.collect()
}

/// How a format's report is read, by the format's name.
type Reader = (&'static str, fn(&str) -> Vec<Finding>);

#[test]
fn no_format_loses_a_finding_that_another_shows() {
    let folder = faulty();
    let readers: [Reader; 5] = [
        ("sarif", of_sarif),
        ("gitlab", of_gitlab),
        ("github", of_github),
        ("concise", of_concise),
        ("junit", of_junit),
    ];
    let mut args = vec!["lint".to_owned(), "--format".to_owned(), "json=out.json".to_owned()];
    for (name, _) in readers {
        args.extend(["--format".to_owned(), format!("{name}=out.{name}")]);
    }
    args.push("--format=full".to_owned());
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ran = folder.run(&args);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let report = |name: &str| fs::read_to_string(folder.path().join(format!("out.{name}"))).unwrap();
    let mut expected = of_json(&report("json"));
    assert_eq!(folder.run(&["lint", "--format", "json"]).findings().len(), expected.len());
    assert!(expected.len() > 100, "only {} findings", expected.len());
    expected.sort();
    for (name, read) in readers {
        let mut found = read(&report(name));
        found.sort();
        assert_eq!(found, expected, "{name}");
    }
    // In frames a place is drawn, not written: only the headings can be counted.
    let is_heading =
        |line: &&str| line.starts_with("SS") && line.as_bytes()[2..5].iter().all(u8::is_ascii_digit);
    let headings = ran.out.lines().filter(is_heading).count();
    assert_eq!(headings, expected.len());
}

#[test]
fn sarif_is_valid() {
    let schema: Value = serde_json::from_str(include_str!("sarif/sarif-schema-2.1.0.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let check = |folder: &Folder| {
        let report: Value = serde_json::from_str(&folder.run(&["lint", "--format", "sarif"]).out).unwrap();
        let faults: Vec<String> =
            schema.iter_errors(&report).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        report
    };
    let report = check(&faulty());
    let results = report["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result.get("relatedLocations").is_some()));
    check(&Folder::shop());
    let folder = Folder::shop();
    folder.write("rules/b.sync", "let a = \"A-1\", \"A-1\"\n");
    let report = check(&folder);
    assert!(
        report["runs"][0]["results"].as_array().unwrap().iter().any(|result| result.get("fixes").is_some())
    );
    assert!(!schema.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
}

#[test]
fn what_cannot_be_carried_out_is_refused() {
    let folder = Folder::shop();
    for (args, message) in [
        (&["lint", "--format", "xml"][..], "no format `xml`"),
        (&["lint", "--format", "sarif="], "without a name"),
        (&["lint", "--format", "json", "--format", "sarif"], "two formats"),
        (&["lint", "--format", "sarif=nowhere/a.sarif"], "nowhere/a.sarif"),
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.err.contains(message), "{}", ran.err);
    }
}

#[test]
fn paths_are_those_of_the_repository() {
    let folder = Folder::shop();
    folder.write("rules/b.sync", "let a = \"A-1\", \"A-1\"\n");
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let mut command = folder.command(&["-C", name, "lint", "--format", "github"]);
    let ran = command.current_dir(folder.path().parent().unwrap()).output().unwrap();
    let out = String::from_utf8(ran.stdout).unwrap();
    assert!(out.contains(&format!("file={name}/rules/b.sync,line=1")), "{out}");
}
