//! What a connector says of quantities, row by row.

use crate::shell::fault::clean;
use stocksync_sdk::abi::column_id;
use stocksync_sdk::rows::{I64s, Rows, Texts};

/// So many rows are handed on together.
pub(super) const ROWS_TOGETHER: usize = 512;

/// Hands available quantities on, some rows at a time, where nothing else is to be known of a row: what [`numbers`] gives, for stores of a million
/// listings.
pub(super) fn hand_on(rows: &Rows<'_>, sink: &mut dyn FnMut(&[&str], &[i64])) -> Result<(), String> {
    let (skus, numbers) = columns(rows)?;
    let (mut store_skus, mut quantities) = (Vec::new(), Vec::new());
    let mut listings = skus.iter().zip(numbers.iter());
    loop {
        for (store_sku, quantity) in listings.by_ref().take(ROWS_TOGETHER) {
            store_skus.push(store_sku);
            quantities.push(quantity.ok_or_else(|| no_quantity(store_sku))?);
        }
        if store_skus.is_empty() {
            return Ok(());
        }
        sink(&store_skus, &quantities);
        store_skus.clear();
        quantities.clear();
    }
}

fn columns<'a>(rows: &Rows<'a>) -> Result<(Texts<'a>, I64s<'a>), String> {
    let skus = rows.texts(column_id::STORE_SKU).ok_or("gave numbers without store SKUs")?;
    let quantities = rows.i64s(column_id::QUANTITY).ok_or("gave store SKUs without quantities")?;
    Ok((skus, quantities))
}

fn no_quantity(store_sku: &str) -> String {
    format!("gave no quantity for `{}`", clean(store_sku))
}

pub(super) type Number<'a> = Result<(&'a str, i64, i64), String>;

/// Store SKU, available quantity and units held of every row.
pub(super) fn numbers<'a>(
    rows: &Rows<'a>,
    on_hand: bool,
) -> Result<impl Iterator<Item = Number<'a>>, String> {
    let (skus, quantities) = columns(rows)?;
    let held = rows.i64s(column_id::HELD);
    if on_hand && held.is_none() {
        return Err("gave quantities on hand without what orders hold".to_owned());
    }
    Ok(skus.iter().enumerate().map(move |(row, store_sku)| {
        let missing = || no_quantity(store_sku);
        let quantity = quantities.get(row).ok_or_else(missing)?;
        let held = if on_hand { held.and_then(|held| held.get(row)).ok_or_else(missing)? } else { 0 };
        Ok((store_sku, quantity.saturating_sub(held), held))
    }))
}
