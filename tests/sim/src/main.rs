//! `stocksync-sim NAME [--port N] [--listings FILE.csv] [--slow MS]`: a marketplace on this machine, to try a connector with.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to whoever runs it")]
#![expect(clippy::disallowed_methods, reason = "it reads a file and waits for ever")]

use std::process::ExitCode;
use stocksync_sim::{Listing, MARKETPLACES, Server, Setup, marketplace};

const USAGE: &str = "usage: stocksync-sim NAME [--port N] [--listings FILE.csv] [--slow MS]

FILE.csv has a header and the columns store_sku,title,parent,quantity; a title and a parent may be empty.
Without it the marketplace sells ten made-up listings. It forgets everything when it ends.
With --slow it takes so many milliseconds for every answer.

NAME is one of";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let (mut name, mut port, mut slow, mut listings) = (None, 0, 0, made_up());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--port" => port = args.next().and_then(|port| port.parse().ok()).ok_or_else(usage)?,
            "--slow" => slow = args.next().and_then(|ms| ms.parse().ok()).ok_or_else(usage)?,
            "--listings" => listings = listings_of(&args.next().ok_or_else(usage)?)?,
            _ if arg.starts_with('-') || name.is_some() => return Err(usage()),
            _ => name = Some(arg),
        }
    }
    let name = name.ok_or_else(usage)?;
    let market = marketplace(&name, &Setup { listings, ..Setup::default() }).ok_or_else(usage)?;
    let secrets = market.secrets();
    let server = Server::at(market, port).map_err(|why| format!("port {port}: {why}"))?;
    server.slow(slow);
    let settings = server.with(|market, _| market.settings(&server.url()));
    println!("{name} at {}, until it is interrupted. In stocksync.yaml:\n", server.url());
    println!("stores:\n  my_{name}:\n    connector: {name}\n    settings: {settings}\n    secrets:");
    for (secret, _) in &secrets {
        println!("      {secret}: env:{}", variable(&name, secret));
    }
    println!("\nand in the shell:\n");
    for (secret, value) in &secrets {
        println!("export {}='{value}'", variable(&name, secret));
    }
    loop {
        std::thread::park();
    }
}

fn usage() -> String {
    let names: Vec<&str> = MARKETPLACES.iter().map(|kind| kind.name).collect();
    format!("{USAGE} {}", names.join(", "))
}

fn variable(name: &str, secret: &str) -> String {
    format!("SIM_{name}_{secret}").to_uppercase()
}

fn made_up() -> Vec<Listing> {
    let simple = (1..=4).map(|n| Listing::new(&format!("MUG-{n}"), n * 5));
    let variations = (1..=6).map(|n| Listing::new(&format!("SHIRT-{n}"), n).of("SHIRT"));
    simple.chain(variations).collect()
}

/// A plain table without quotes: what it is for needs none.
fn listings_of(path: &str) -> Result<Vec<Listing>, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("{path}: {why}"))?;
    let mut listings = Vec::new();
    for (at, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()) {
        let cells: Vec<&str> = line.split(',').collect();
        let wrong = || format!("{path}:{}: expected store_sku,title,parent,quantity", at + 1);
        let [sku, title, parent, quantity] = cells[..] else { return Err(wrong()) };
        let quantity = quantity.parse().map_err(|_| wrong())?;
        listings.push(Listing { sku: sku.into(), title: title.into(), parent: parent.into(), quantity });
    }
    Ok(listings)
}
