//! The command line. Help, completions and the manual are made from it.

mod backtest;
mod catalog;
mod events;
mod quick;
mod records;
mod serve;

pub use backtest::Backtest;
pub use catalog::{Auto, Catalog, Map, Skus};
pub use events::{EventFormat, Events, Orders};
pub use records::{RecordFormat, Records, RecordsCommand, Retry};
pub use serve::{LogFormat, Serve};

use super::output::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Keeps every store's stock right, by rules as code.
#[derive(Parser, Debug)]
#[command(name = "stocksync", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What goes with every command.
    #[command(flatten)]
    pub shared: Shared,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What goes with every command.
#[derive(Args, Debug)]
pub struct Shared {
    /// The project folder [default: the nearest one with stocksync.yaml].
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub folder: Option<PathBuf>,
    /// When to colour the output.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    pub color: ColorChoice,
    /// Print results and faults only.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print more of what is done.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a new project that lints, tests, plans and syncs at once.
    Init(Init),
    /// Check rules, tests, catalog and configuration.
    Lint(Lint),
    /// Format rule files, in the one style.
    Fmt(Fmt),
    /// Run the tests in the rules.
    Test(Test),
    /// Tell what a diagnostic means.
    Explain(Explain),
    /// Tell how a number came to be.
    Why(Why),
    /// Show what each store will show, and write nothing.
    Plan(Plan),
    /// Carry out a saved plan exactly, once.
    Apply(Apply),
    /// Show which numbers two revisions of the rules give differently, with today's stock.
    Diff(Diff),
    /// Show where stores show other numbers than those last written there.
    Drift(Drift),
    /// Replay orders against the rules: what is oversold, held back, and written.
    Backtest(Backtest),
    /// Plan and apply in one: Sync Now.
    Sync(Sync),
    /// Take orders and stock changes over HTTP, and sync what they touch.
    Serve(Serve),
    /// Show what became of each change.
    Records(Records),
    /// Take order events from a file, standard input, or the stores themselves.
    Orders(Orders),
    /// Take stock events from a file or standard input.
    Stock(Events),
    /// Show which rules were in force, and when.
    Versions(Versions),
    /// Connectors and the stores behind them.
    #[command(subcommand)]
    Connectors(Connectors),
    /// Fill the tables of SKUs and mappings.
    #[command(subcommand)]
    Catalog(Catalog),
    /// Serve an editor: the language server, over standard input and output.
    Lsp,
    /// Print a shell's completions.
    Completions(Completions),
    /// Print the manual, or write a page for each command into a folder.
    Man(Man),
}

/// `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Where [default: here].
    pub dir: Option<PathBuf>,
}

/// `lint`.
#[derive(Args, Debug)]
pub struct Lint {
    /// Report only what lies in these files and folders; everything is read all the same.
    pub paths: Vec<PathBuf>,
    /// How to report: full, concise, json, github, gitlab, junit or sarif, perhaps into a file. Repeatable.
    #[arg(long = "format", value_name = "F[=FILE]")]
    pub formats: Vec<String>,
    /// The least level that makes the run fail.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub fail_level: FailLevel,
    /// The moment for which rules are judged [default: now].
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<String>,
    /// Hide the findings that this file lists; entries that no longer occur are findings.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the baseline anew, with every finding but errors.
    #[arg(long, requires = "baseline", conflicts_with = "paths")]
    pub write_baseline: bool,
    /// Report only what touches a rule, list or test that differs from where the working tree parted from this revision.
    #[arg(long, value_name = "REV", conflicts_with = "write_baseline")]
    pub since: Option<String>,
    /// Put right what can be put right without a change of what the rules do, and report the rest.
    #[arg(long, conflicts_with = "write_baseline")]
    pub fix: bool,
    /// Make fixes too that may change what the rules do. Alone it is `--fix` with these.
    #[arg(long, conflicts_with = "write_baseline")]
    pub unsafe_fixes: bool,
    /// Write nothing, show what the fixes would change, and exit with 1 where they would.
    #[arg(long, conflicts_with_all = ["write_baseline", "formats"])]
    pub diff: bool,
    /// Load every connector anew, and keep nothing of it in the user's cache folder.
    #[arg(long)]
    pub no_cache: bool,
}

/// `fmt`.
#[derive(Args, Debug)]
pub struct Fmt {
    /// Files, and folders of them; `-` is standard input [default: the project's rules].
    pub paths: Vec<PathBuf>,
    /// Write nothing, list the files that would change, and exit with 1 where there are any.
    #[arg(long)]
    pub check: bool,
    /// Write nothing, show what would change, and exit with 1 where anything would.
    #[arg(long)]
    pub diff: bool,
}

/// The least level that makes `lint` fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum FailLevel {
    /// Warnings fail too.
    Warn,
    /// Errors only.
    #[default]
    Deny,
}

/// `test`.
#[derive(Args, Debug)]
pub struct Test {
    /// Run only tests whose name holds this.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Say which rules, fields and branches no test reaches.
    #[arg(long)]
    pub coverage: bool,
    /// Run again when rules or the configuration change.
    #[arg(long, conflicts_with = "format")]
    pub watch: bool,
    /// How to print the results.
    #[arg(long, default_value = "text", value_name = "F", value_parser = test_formats())]
    pub format: String,
}

fn test_formats() -> Vec<&'static str> {
    crate::report::TEST_FORMATS.iter().map(|format| format.name).collect()
}

/// `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// A code or a name, such as SS014 or unknown-store [default: list them all].
    pub code: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: TextOrJson,
}

/// Text for people, JSON for programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum TextOrJson {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// `why`.
#[derive(Args, Debug)]
pub struct Why {
    /// A merchant SKU.
    pub sku: String,
    /// A store [default: all].
    pub store: Option<String>,
    /// The moment to answer for [default: now].
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: TextOrJson,
}

/// Which part of the project a plan is about.
#[derive(Args, Debug, Default)]
pub struct Part {
    /// Only this store. Repeatable.
    #[arg(long = "store", value_name = "STORE")]
    pub stores: Vec<String>,
    /// Only this merchant SKU. Repeatable.
    #[arg(long = "sku", value_name = "SKU")]
    pub skus: Vec<String>,
}

/// `plan`.
#[derive(Args, Debug)]
pub struct Plan {
    /// Which part of the project.
    #[command(flatten)]
    pub part: Part,
    /// Save the plan, for `apply`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Plan for another moment [default: now]; such a plan cannot be applied.
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<String>,
    /// Show unchanged rows too.
    #[arg(long)]
    pub all: bool,
    /// Read no store: compare with the last known numbers.
    #[arg(long)]
    pub no_read: bool,
    /// Exit with 1 where something would change.
    #[arg(long)]
    pub exit_code: bool,
    /// How to print it.
    #[arg(long, default_value = "table", value_name = "F", value_parser = plan_formats())]
    pub format: String,
    /// Keep a transcript of every request and answer in this folder, a file a store, without secrets.
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Ask no store: answer from the transcripts in this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "record")]
    pub replay: Option<PathBuf>,
}

fn plan_formats() -> Vec<&'static str> {
    crate::report::PLAN_FORMATS.iter().map(|format| format.name).collect()
}

/// `diff`.
#[derive(Args, Debug)]
pub struct Diff {
    /// The older revision, as git names it.
    pub old: String,
    /// The newer one [default: the working tree, against where it parted from OLD].
    pub new: Option<String>,
    /// The moment to compare for [default: now].
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<String>,
    /// Exit with 1 where more differs: `to_zero>0,changed>5%`.
    #[arg(long, value_name = "LIMITS", value_parser = limits)]
    pub fail_on: Option<Limits>,
    /// Exit with 1 where any number differs.
    #[arg(long)]
    pub exit_code: bool,
    /// How to print it.
    #[arg(long, default_value = "table", value_name = "F", value_parser = compare_formats())]
    pub format: String,
}

/// What `--fail-on` says.
#[derive(Clone, Debug)]
pub struct Limits(pub Vec<crate::compare::Limit>);

fn limits(text: &str) -> Result<Limits, String> {
    crate::compare::Limit::read_all(text).map(Limits).map_err(|fault| fault.to_string())
}

fn compare_formats() -> Vec<&'static str> {
    crate::report::COMPARE_FORMATS.iter().map(|format| format.name).collect()
}

/// `drift`.
#[derive(Args, Debug)]
pub struct Drift {
    /// Which part of the project.
    #[command(flatten)]
    pub part: Part,
    /// Exit with 1 where anything has drifted.
    #[arg(long)]
    pub exit_code: bool,
    /// How to print it.
    #[arg(long, default_value = "table", value_name = "F", value_parser = drift_formats())]
    pub format: String,
}

fn drift_formats() -> Vec<&'static str> {
    crate::report::DRIFT_FORMATS.iter().map(|format| format.name).collect()
}

/// `apply`.
#[derive(Args, Debug)]
pub struct Apply {
    /// A plan saved by `plan --out`.
    pub file: PathBuf,
    /// Write the rows that still fit, and leave out those that do not.
    #[arg(long)]
    pub skip_stale: bool,
    /// Let a guard pass, by its name. Repeatable.
    #[arg(long = "allow", value_name = "GUARD", value_parser = GUARDS)]
    pub allow: Vec<String>,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
    /// Keep a transcript of every request and answer in this folder, a file a store, without secrets.
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
}

/// `sync`.
#[derive(Args, Debug)]
pub struct Sync {
    /// Which part of the project.
    #[command(flatten)]
    pub part: Part,
    /// Let a guard pass, by its name. Repeatable.
    #[arg(long = "allow", value_name = "GUARD", value_parser = GUARDS)]
    pub allow: Vec<String>,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
    /// Keep a transcript of every request and answer in this folder, a file a store, without secrets.
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
}

/// The guards that `--allow` can name.
pub const GUARDS: [&str; 5] = ["to_zero", "changed", "missing_stock", "max_stock_age", "empty_stock"];

/// `versions`.
#[derive(Args, Debug)]
pub struct Versions {
    /// How to print them.
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: TextOrJson,
    /// One of them, in full.
    #[command(subcommand)]
    pub command: Option<VersionsCommand>,
}

/// `versions …`.
#[derive(Subcommand, Debug)]
pub enum VersionsCommand {
    /// Print the rules of an activation.
    Show {
        /// The activation's number.
        activation: u64,
    },
    /// Print what differs between the rules of two activations.
    Diff {
        /// The older one's number.
        old: u64,
        /// The newer one's number [default: the current one].
        new: Option<u64>,
    },
}

/// `connectors …`.
#[derive(Subcommand, Debug)]
pub enum Connectors {
    /// List the connectors that the project's stores name.
    List {
        /// How to print them.
        #[arg(long, value_enum, default_value_t, value_name = "F")]
        format: TextOrJson,
    },
    /// Check a store: its settings, its secrets, and a read.
    Check {
        /// The store.
        store: String,
        /// Keep a transcript of every request and answer in this folder, without secrets.
        #[arg(long, value_name = "DIR")]
        record: Option<PathBuf>,
    },
    /// Note in `stocksync.lock` which builds of connectors may be loaded.
    Lock,
    /// Make a crate for a connector of your own.
    New(NewConnector),
}

/// `connectors new`.
#[derive(Args, Debug)]
pub struct NewConnector {
    /// Its name, as in `connector: NAME`.
    pub name: String,
    /// Where [default: a folder of that name, here].
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// The folder `plugins/sdk` of stocksync's sources [default: the published SDK of this version].
    #[arg(long)]
    pub sdk: Option<PathBuf>,
}

/// `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// For which shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `man`.
#[derive(Args, Debug)]
pub struct Man {
    /// Write one page a command into this folder [default: print the main page].
    pub dir: Option<PathBuf>,
}
