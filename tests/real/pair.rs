//! The two shops that most tests share, one test at a time. They end with this process.

use super::medusa::Medusa;
use super::vendure::Vendure;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// SKUs `SKU-0000` and so on that each has, besides those of single tests. A test that wants them to show something sets it.
pub const VENDURE_SKUS: usize = 1_500;
pub const MEDUSA_SKUS: usize = 2_000;

/// A Vendure and a Medusa.
pub struct Pair {
    pub vendure: Vendure,
    pub medusa: Medusa,
}

static PAIR: LazyLock<Mutex<Pair>> = LazyLock::new(|| {
    let vendure = std::thread::spawn(|| {
        let own = [skus("TRIP", 4), skus("DEAD", 4), skus("ORDER", 3)].concat();
        Vendure::start(&[own, skus("SKU", VENDURE_SKUS)].concat())
    });
    let medusa = Medusa::start();
    medusa.create("Trip", &names("TRIP", 4));
    medusa.create("Dead", &names("DEAD", 4));
    medusa.create("Order", &names("ORDER", 3));
    for (number, part) in names("SKU", MEDUSA_SKUS).chunks(250).enumerate() {
        medusa.create(&format!("Product {number}"), part);
    }
    Mutex::new(Pair { vendure: vendure.join().unwrap(), medusa })
});

/// Both, once nobody else has them.
pub fn pair() -> MutexGuard<'static, Pair> {
    PAIR.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}-{number:04}")).collect()
}

/// SKUs and how many there are at first: 1 of each.
pub fn skus(prefix: &str, count: usize) -> Vec<(String, i64)> {
    stocked(prefix, count, |_| 1)
}

pub fn stocked(prefix: &str, count: usize, units: impl Fn(i64) -> i64) -> Vec<(String, i64)> {
    (0..).zip(names(prefix, count)).map(|(number, sku)| (sku, units(number))).collect()
}
