//! What carrying out takes: `cargo bench --bench dispatch`, or `-- --pending 10000000` for a larger outbox.
//!
//! The outbox on this machine's disk, batches of a hundred, each on disk before it leaves and when it is done; and requests a second to a shop on
//! loopback beside a bare loop over reqwest that sends the same, in turn, and how much of a limit is used.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench takes the time and prints it"
)]

mod outbox;
mod requests;
mod shop;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    if let Some(listings) = after("--shop") {
        return shop::run(listings.parse().unwrap());
    }
    let pending = after("--pending").map_or(300_000, |text| text.parse().unwrap());
    outbox::measure(pending);
    requests::measure();
    requests::keep_limits();
}
