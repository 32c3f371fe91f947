//! Faults strewn over whole projects: one run reports each at its place, none twice, and nothing else.
//!
//! Texts carry their expectations: `«name»` stands right before the character at which the fault `name` is reported,
//! and `§` for a number that no other piece has.

mod pieces;

use crate::folder::Folder;
use pieces::{MAPPINGS, RULES, SKUS, STOCK, YAML};
use std::collections::BTreeSet;

/// Texts without their marks, and what the marks say.
#[derive(Default)]
struct Strewn {
    expected: Vec<String>,
}

impl Strewn {
    fn clean(&mut self, path: &str, marked: &str) -> String {
        let (mut text, mut rest) = (String::new(), marked);
        while let Some((before, after)) = rest.split_once('«') {
            text += before;
            let (name, after) = after.split_once('»').unwrap();
            let line = text.matches('\n').count() + 1;
            let column = text.rsplit('\n').next().unwrap().chars().count() + 1;
            self.expected.push(format!("{name} {path}:{line}:{column}"));
            rest = after;
        }
        text + rest
    }

    #[track_caller]
    fn check(mut self, folder: &Folder, at_least: usize) {
        let ran = folder.run(&["lint", "--format", "json"]);
        let mut found = ran.findings();
        found.sort();
        self.expected.sort();
        let set = |all: &[String]| all.iter().cloned().collect::<BTreeSet<_>>();
        let (want, have) = (set(&self.expected), set(&found));
        let missing: Vec<_> = want.difference(&have).collect();
        let invented: Vec<_> = have.difference(&want).collect();
        assert!(missing.is_empty() && invented.is_empty(), "missing {missing:#?}\ninvented {invented:#?}");
        assert_eq!(found, self.expected, "one of them is there twice");
        assert!(found.len() >= at_least, "only {} faults", found.len());
        assert_eq!(ran.code, 1);
    }
}

fn three_stores() -> Folder {
    let folder = Folder::shop();
    let head = "timezone: Europe/Berlin\nwarehouses: [jakarta, batam]\nlimits: { rules: 1000 }\nstores:\n";
    let store = |name: &str| format!("  {name}: {{ connector: csv, settings: {{ path: {name}.csv }} }}\n");
    let stores: String = ["shopee_id", "lazada_id", "tiktok_id"].map(store).concat();
    folder.write("stocksync.yaml", format!("{head}{stores}"));
    folder.write("catalog/mappings.csv", "sku,store,store_sku\n");
    // It comes last, so that it shadows nothing.
    folder.write("rules/a.sync", "rule \"All\" { order 4_000_000_000 skus all warehouses all stores all }\n");
    folder
}

#[test]
fn two_hundred_faults_in_forty_rule_files() {
    let folder = three_stores();
    let mut strewn = Strewn::default();
    let mut number = 1_000;
    for file in 0..40 {
        let path = format!("rules/{}{file:02}.sync", if file % 3 == 0 { "deep/er/" } else { "" });
        let mut text = String::from("# ก: columns count characters\n");
        for piece in 0..7 {
            number += 10;
            let good = "rule \"good §\" { order §0001 skus \"ดี-§\" warehouses all stores all }\n";
            let faulty = RULES[(file * 7 + piece) % RULES.len()];
            text += &format!("{good}{faulty}\n").replace('§', &number.to_string());
        }
        let text = strewn.clean(&path, &text);
        folder.write(&path, if file % 5 == 0 { text.replace('\n', "\r\n") } else { text });
    }
    strewn.check(&folder, 200);
}

/// Each piece alone: a fault that is right in a crowd only would show here.
#[test]
fn every_piece_by_itself() {
    for piece in RULES {
        let folder = three_stores();
        let mut strewn = Strewn::default();
        let text = strewn.clean("rules/a.sync", &piece.replace('§', "7"));
        folder.write("rules/a.sync", text);
        strewn.check(&folder, 1);
    }
}

#[test]
fn a_hundred_faults_in_a_catalog() {
    let folder = Folder::shop();
    folder.write("rules/a.sync", "rule \"All\" { order 1 skus all warehouses all stores all }\n");
    let mut strewn = Strewn::default();
    let tables = [
        ("catalog/skus.csv", "sku,name,note\nA-1,,\nA-2,,\nKIT,,\n", SKUS),
        ("catalog/stock.csv", "sku,warehouse,available,as_of\n", STOCK),
        ("catalog/mappings.csv", "note,units,sku,store,store_sku\n", MAPPINGS),
    ];
    for (path, head, rows) in tables {
        let mut text = head.to_owned();
        for copy in 0..5 {
            for row in rows {
                text += &row.replace('§', &format!("{copy}"));
                text.push('\n');
            }
        }
        let text = strewn.clean(path, &text);
        folder.write(path, text);
    }
    strewn.check(&folder, 100);
}

#[test]
fn twenty_faults_in_a_configuration() {
    let folder = Folder::shop();
    let mut strewn = Strewn::default();
    let text = strewn.clean("stocksync.yaml", YAML);
    folder.write("catalog/stock.csv", "sku,warehouse,available\n");
    folder.write("stocksync.yaml", text);
    strewn.check(&folder, 20);
}

#[test]
fn a_configuration_that_declares_nothing_is_no_sound_project() {
    let folder = Folder::shop();
    for (text, what) in [
        ("", "stores"),
        ("warehouses: [jakarta, batam]\n", "stores"),
        ("stores: { outlet: { connector: csv, settings: { path: stores/outlet.csv } } }\n", "warehouses"),
    ] {
        folder.write("stocksync.yaml", text);
        let ran = folder.run(&["lint", "--format", "json"]);
        assert_eq!(
            (ran.findings(), ran.code),
            (vec!["bad-config stocksync.yaml:1:1".to_owned()], 1),
            "{text}"
        );
        assert!(ran.out.contains(&format!("no {what} are declared")), "{}", ran.out);
        assert_eq!(folder.run(&["plan"]).code, 1);
    }
}
