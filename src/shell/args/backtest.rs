//! `stocksync backtest`.

use super::EventFormat;
use crate::backtest::{Delay, DelayFault};
use crate::rules::{BasisPoints, basis_points};
use clap::Args;
use std::path::PathBuf;

/// `backtest`.
#[derive(Args, Debug)]
pub struct Backtest {
    /// The orders, as `orders` takes them; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub orders: PathBuf,
    /// How they are written [default: csv where the file's name ends so, else jsonl].
    #[arg(long, value_enum, value_name = "F")]
    pub orders_format: Option<EventFormat>,
    /// A table of the project with the stock in the beginning [default: catalog.stock].
    #[arg(long, value_name = "FILE")]
    pub stock: Option<String>,
    /// Sync delays to try.
    #[arg(long, value_name = "D,…", value_delimiter = ',', default_value = "0s,1m,15m", value_parser = delay)]
    pub delay: Vec<Delay>,
    /// Rates to try in place of the rules' own.
    #[arg(long, value_name = "P,…", value_delimiter = ',', value_parser = rate)]
    pub rate: Vec<BasisPoints>,
    /// Thresholds to try in place of the rules' own.
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub threshold: Vec<u32>,
    /// Reserves to try in place of the rules' own.
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub reserve: Vec<u32>,
    /// Try them in this rule only. Repeatable.
    #[arg(long = "rule", value_name = "NAME")]
    pub rules: Vec<String>,
    /// Write a picture too.
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
    /// How to print it.
    #[arg(long, default_value = "table", value_name = "F", value_parser = formats())]
    pub format: String,
}

fn formats() -> Vec<&'static str> {
    crate::report::BACKTEST_FORMATS.iter().map(|format| format.name).collect()
}

fn delay(text: &str) -> Result<Delay, DelayFault> {
    Delay::read(text)
}

fn rate(text: &str) -> Result<BasisPoints, String> {
    let points = text.strip_suffix('%').and_then(basis_points).and_then(Result::ok);
    let points = points.and_then(|points| u32::try_from(points).ok()).filter(|points| *points <= 100_000);
    points.map(BasisPoints).ok_or_else(|| "a rate is a percentage up to 1000%: `80%`, `12.5%`".to_owned())
}
