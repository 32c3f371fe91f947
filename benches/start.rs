//! What it takes to start: `cargo bench --bench start`.
//!
//! `stocksync --version` and `lint` of the example, with what it keeps in the user's cache folder and without, beside `Hello, world!`, in turn. The latter is this program called without an argument: it links all that stocksync
//! links, and does nothing.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench takes the time and prints it"
)]

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 301;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => {
            println!("Hello, world!");
            ExitCode::SUCCESS
        }
        // Cargo's own argument.
        Some("--bench") => {
            compare();
            ExitCode::SUCCESS
        }
        // Never asked for, but the linker keeps every library for it.
        Some(_) => stocksync::shell::main(),
    }
}

fn compare() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop");
    let program = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_stocksync"));
        program.env_remove("STOCKSYNC_NO_CACHE").env("XDG_CACHE_HOME", folder.path());
        program
    };
    let hello = || Command::new(std::env::current_exe().unwrap());
    time(program().arg("init").arg(&shop));
    let lint = ["-C", shop.to_str().unwrap(), "lint"];
    let commands: [(&str, &dyn Fn() -> Command); 4] = [
        ("Hello, world!", &hello),
        ("--version", &|| with(program(), &["--version"])),
        ("lint of the example", &|| with(program(), &lint)),
        ("lint --no-cache", &|| with(with(program(), &lint), &["--no-cache"])),
    ];
    let mut times = commands.map(|_| Vec::with_capacity(RUNS));
    // The first run warms the disk's cache, and fills that of `lint`.
    for run in 0..=RUNS {
        for ((_, command), times) in commands.iter().zip(&mut times) {
            let taken = time(&mut command());
            if run > 0 {
                times.push(taken);
            }
        }
    }
    let medians = times.map(median);
    for ((name, _), taken) in commands.iter().zip(medians) {
        let ratio = taken.as_secs_f64() / medians.first().unwrap().as_secs_f64();
        println!("{name}: {taken:?}, {ratio:.2} of `Hello, world!`");
    }
}

fn with(mut command: Command, args: &[&str]) -> Command {
    command.args(args);
    command
}

fn time(command: &mut Command) -> Duration {
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    if !status.success() {
        panic!("{command:?}: {status}");
    }
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
