//! `stocksync catalog …`.

use super::TextOrJson;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `catalog …`.
#[derive(Subcommand, Debug)]
pub enum Catalog {
    /// The merchant SKUs: `skus.csv`.
    #[command(subcommand)]
    Skus(Skus),
    /// Which listing sells which merchant SKU: `mappings.csv`.
    #[command(subcommand)]
    Map(Map),
}

/// `catalog skus …`.
#[derive(Subcommand, Debug)]
pub enum Skus {
    /// Add the SKUs of a CSV file with the columns sku and, perhaps, name.
    Import {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// Write nothing, show what would be added.
        #[arg(long)]
        dry_run: bool,
    },
    /// Add one SKU.
    Add {
        /// The SKU.
        sku: String,
        /// Its name.
        #[arg(default_value = "")]
        name: String,
    },
    /// Add the SKUs of a store's listings, with their titles as names.
    Pull {
        /// The store.
        store: String,
        /// Write nothing, show what would be added.
        #[arg(long)]
        dry_run: bool,
    },
    /// Add the SKUs that only the mappings name.
    FromMappings {
        /// Write nothing, show what would be added.
        #[arg(long)]
        dry_run: bool,
    },
}

/// `catalog map …`.
#[derive(Subcommand, Debug)]
pub enum Map {
    /// Add the mappings of a CSV file with the columns sku, store, store_sku and, perhaps, units.
    Import {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// Write nothing, show what would be added.
        #[arg(long)]
        dry_run: bool,
    },
    /// Add one mapping.
    Add {
        /// The merchant SKU.
        sku: String,
        /// The store.
        store: String,
        /// The store SKU.
        store_sku: String,
        /// How many of the merchant SKU one of the store SKU sells.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        units: u32,
    },
    /// Map the listings of a store whose store SKU is clearly a merchant SKU.
    Auto(Auto),
    /// Say where listings and mappings do not fit together.
    Check {
        /// Which stores [default: all].
        stores: Vec<String>,
        /// How to print it.
        #[arg(long, value_enum, default_value_t, value_name = "F")]
        format: TextOrJson,
    },
}

/// `catalog map auto`.
#[derive(Args, Debug)]
pub struct Auto {
    /// The store.
    pub store: String,
    /// Upper and lower case may differ.
    #[arg(long)]
    pub ignore_case: bool,
    /// White space may differ.
    #[arg(long)]
    pub ignore_spaces: bool,
    /// This may stand before the SKU. Repeatable.
    #[arg(long = "prefix", value_name = "TEXT", allow_hyphen_values = true)]
    pub prefixes: Vec<String>,
    /// This may stand behind the SKU. Repeatable.
    #[arg(long = "suffix", value_name = "TEXT", allow_hyphen_values = true)]
    pub suffixes: Vec<String>,
    /// Write nothing, show what would be added.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
    /// How to print the preview.
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: TextOrJson,
}
