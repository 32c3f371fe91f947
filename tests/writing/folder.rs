//! A small project in a folder of its own, and the program run on it.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stocksync");

const FILES: &[(&str, &str)] = &[
    (
        "stocksync.yaml",
        "warehouses: [main]\nstores:\n  a: { connector: csv, settings: { path: stores/a.csv } }\n  b: { connector: csv, settings: { path: stores/b.csv } }\n",
    ),
    (
        "rules/base.sync",
        "rule \"Base\" {\n  order 1\n  skus all\n  warehouses all\n  stores all\n  threshold 2\n}\n",
    ),
    ("catalog/skus.csv", "sku,name\nS1,One\nS2,Two\nS3,Three\nS4,Four\n"),
    ("catalog/stock.csv", "sku,warehouse,available\nS1,main,10\nS2,main,0\nS3,main,7\nS4,main,3\n"),
    ("catalog/mappings.csv", "sku,store,store_sku\nS1,a,A1\nS2,a,A2\nS3,a,A3\nS1,b,B1\nS4,b,B4\n"),
    (
        "stores/a.csv",
        "title,store_sku,quantity,note\n\"Shoe, red\",A3,1,x\nHat,A1,4,\"q \"\"y\"\"\"\nUnmapped,ZZ,9,\nSock,A2,5,\n",
    ),
    ("stores/b.csv", "store_sku,quantity\nB1,10\nB4,0\n"),
];

/// What `a.csv` is after a sync.
pub const A_SYNCED: &str = "title,store_sku,quantity,note\n\"Shoe, red\",A3,7,x\nHat,A1,10,\"q \"\"y\"\"\"\nUnmapped,ZZ,9,\nSock,A2,0,\n";
/// What `b.csv` is after a sync.
pub const B_SYNCED: &str = "store_sku,quantity\nB1,10\nB4,3\n";

/// How a run ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Fails the test unless the run ended so, having said this.
    #[track_caller]
    pub fn ended(self, code: i32, said: &str) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        assert!(
            self.out.contains(said) || self.err.contains(said),
            "`{said}` is not in:\n{}\n{}",
            self.out,
            self.err
        );
        self
    }
}

/// A project folder that is removed at the end.
pub struct Folder {
    dir: tempfile::TempDir,
    /// Variables that every run gets.
    pub env: Vec<(String, String)>,
}

impl Folder {
    /// An empty one.
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), env: Vec::new() }
    }

    /// Two CSV stores, four SKUs, one rule: four numbers differ.
    pub fn shop() -> Self {
        let folder = Self::empty();
        for (path, text) in FILES {
            folder.write(path, text);
        }
        folder
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Changes a file; what is replaced must stand there.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is not in {path}:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    /// Adds lines to the configuration.
    pub fn configure(&self, lines: &str) {
        self.write("stocksync.yaml", &format!("{}{lines}\n", self.read("stocksync.yaml")));
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("-C").arg(self.root()).args(args).stdin(Stdio::null()).env("USER", "ana");
        command.env("STOCKSYNC_PLUGINS", crate::built::plugins());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let ran = self.command(args).output().unwrap();
        Ran {
            code: ran.status.code().unwrap_or(-1),
            out: String::from_utf8(ran.stdout).unwrap(),
            err: String::from_utf8(ran.stderr).unwrap(),
        }
    }

    /// Runs in the folder itself, with a text on standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.command(args);
        command.current_dir(self.root()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever refuses its arguments reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let ran = child.wait_with_output().unwrap();
        Ran {
            code: ran.status.code().unwrap_or(-1),
            out: String::from_utf8(ran.stdout).unwrap(),
            err: String::from_utf8(ran.stderr).unwrap(),
        }
    }

    pub fn sync(&self) -> Ran {
        self.run(&["sync", "--yes"])
    }

    /// The plan as JSON, whatever the exit code.
    #[track_caller]
    pub fn plan(&self, args: &[&str]) -> Value {
        let ran = self.run(&[&["plan", "--format", "json"], args].concat());
        serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
    }

    /// All records, oldest first.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        let ran = self.run(&["records", "--format", "jsonl"]).ended(0, "");
        let mut records: Vec<Value> =
            ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        records.sort_by_key(|record| record["id"].as_u64());
        records
    }

    /// Records as `store/store_sku after status detail`, oldest first.
    #[track_caller]
    pub fn told(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let line = |r: &Value| {
            format!(
                "{}/{} {} {} {}",
                text(&r["store"]),
                text(&r["store_sku"]),
                r["after"],
                text(&r["status"]),
                text(&r["detail"])
            )
        };
        self.records().iter().map(line).collect()
    }

    /// How many activations there were.
    #[track_caller]
    pub fn activations(&self) -> Vec<Value> {
        let ran = self.run(&["versions", "--format", "json"]).ended(0, "");
        let all: Value = serde_json::from_str(&ran.out).unwrap();
        all["activations"].as_array().unwrap().clone()
    }

    /// Fails the test unless nothing is left to do.
    #[track_caller]
    pub fn nothing_left(&self) {
        let plan = self.plan(&[]);
        assert_eq!(plan["rows"].as_array().map(Vec::len), Some(0), "{plan:#}");
        assert_eq!(self.run(&["plan", "--exit-code"]).code, 0);
    }

    /// Files of ours that a killed run left behind.
    pub fn leftovers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("stores")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("stocksync-tmp")).collect()
    }
}
