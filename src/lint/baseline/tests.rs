use super::*;
use crate::diagnostic::codes::UNKNOWN_STORE;
use crate::lint::unknown_sku::UNKNOWN_SKU;

/// A text, an unknown SKU at each of its `bad`, and an error at each `wrong`.
fn found(text: &str) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("rules/a.sync", text);
    let at = |word: &'static str, code: &'static Code| {
        let places =
            text.match_indices(word).map(|(at, word)| Span::new(file, at as u32, (at + word.len()) as u32));
        places.map(move |span| Diagnostic::new(code, span, format!("{word} \"it\"")))
    };
    let all = at("bad", &UNKNOWN_SKU).chain(at("wrong", &UNKNOWN_STORE)).collect();
    (sources, all)
}

fn written(text: &str) -> String {
    let (sources, all) = found(text);
    let mut out = Vec::new();
    write(&sources, &all, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What is left of the findings in `text` beside `baseline`: the name, the line and the message of each.
fn left(text: &str, baseline: &str, judge: Judge) -> (Vec<String>, usize) {
    let (mut sources, all) = found(text);
    let file = sources.add("baseline.json", baseline);
    let baseline = read(file, baseline).unwrap();
    let left = baseline.hide(&sources, all, judge, |_| None);
    let shown = left.findings.iter().map(|finding| {
        let line = finding.span.map_or(0, |span| sources.positions(span).0.line);
        format!("{} {line}: {}", finding.code.name, finding.message)
    });
    (shown.collect(), left.hidden)
}

#[test]
fn what_is_written_is_sorted_a_line_each() {
    let text = written("z bad\na bad\nwrong\n");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines.first(), Some(&"{ \"format_version\": 1, \"findings\": ["));
    assert!(lines.iter().skip(1).take(2).is_sorted());
    let entry = lines.get(1).unwrap();
    assert!(entry.starts_with("  {\"file\":\"rules/a.sync\",\"code\":\"SS101\",\"name\":\"unknown-sku\",\"message\":\"bad \\\"it\\\"\""));
    assert_eq!(written(""), "{ \"format_version\": 1, \"findings\": [] }\n");
    assert_eq!(written("a bad\nz bad\nwrong\n"), text, "the order of findings does not matter");
}

#[test]
fn what_is_listed_is_hidden_wherever_it_moved() {
    let baseline = written("a bad\nz bad\nz bad\nwrong\n");
    let (shown, hidden) = left("# new\n\nz bad\nz   bad\na bad\n", &baseline, Judge::All);
    assert_eq!((shown, hidden), (vec![], 3));
    let (shown, hidden) = left("z bad\nz bad\nz bad\na bad\nother bad\n", &baseline, Judge::All);
    assert_eq!((shown.len(), hidden), (2, 3), "{shown:?}");
}

#[test]
fn errors_are_never_hidden() {
    let (sources, all) = found("wrong\n");
    let print = fingerprints(&sources, &all).concat();
    let entry = format!(
        "{{ \"format_version\": 1, \"findings\": [ {{\"code\":\"SS014\",\"name\":\"unknown-store\",\"message\":\"x\",\"fingerprint\":\"{print}\"}} ] }}"
    );
    let (shown, hidden) = left("wrong\n", &entry, Judge::All);
    assert_eq!(hidden, 0);
    assert_eq!(
        shown,
        [
            "unknown-store 1: wrong \"it\"",
            "stale-baseline 1: `unknown-store` is listed, and no baseline hides it"
        ]
    );
}

#[test]
fn what_is_gone_is_told_at_its_line() {
    let baseline = written("a bad\nz bad\n");
    let gone = "`unknown-sku` in `rules/a.sync` is found no more: bad \"it\"";
    let (shown, hidden) = left("a bad\n", &baseline, Judge::All);
    assert_eq!(hidden, 1);
    assert_eq!(shown.len(), 1);
    let both = left("", &baseline, Judge::All).0;
    assert_eq!(both, [format!("stale-baseline 2: {gone}"), format!("stale-baseline 3: {gone}")]);
    assert_eq!(left("", &baseline, Judge::Readable).0, [""; 0], "who could not look cannot tell");
    let entry = baseline.lines().nth(1).unwrap().trim_end_matches(',');
    let twice = format!("{{\"format_version\":1,\"findings\":[\n{entry},\n{entry}\n]}}");
    let text = if shown.concat().contains(" 2: ") { "z bad\n" } else { "a bad\n" };
    assert_eq!(
        left(text, &twice, Judge::All).0,
        [format!("stale-baseline 3: {}", gone.replace("found no more", "listed twice"))]
    );
}

#[test]
fn what_only_a_state_shows_is_not_called_gone() {
    let baseline = written("bad\n").replace("SS101", "SS111").replace("unknown-sku", "released");
    assert_eq!(left("", &baseline, Judge::All).0, [""; 0]);
}

#[test]
fn a_broken_baseline_is_told() {
    let file = Sources::new().add("b.json", "");
    for (text, message) in [
        ("", "it is no JSON, at line 1, column 0"),
        ("{\n  \"format_version\": 1,\n<<<<<<<\n", "it is no JSON, at line 3, column 1"),
        ("[]", "it is no baseline, at line 1"),
        (
            "{ \"format_version\": 2, \"entries\": [] }",
            "it has the format 2, and this program reads the format 1",
        ),
        ("{ \"format_version\": 1 }", "it is no baseline, at line 1"),
        ("{ \"format_version\": 1, \"findings\": [\n{ \"code\": 3 } ] }", "it is no baseline, at line 2"),
    ] {
        assert_eq!(read(file, text).unwrap_err(), message, "{text}");
    }
}
