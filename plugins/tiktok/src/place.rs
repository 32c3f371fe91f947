//! Where a listing is: its product, its SKU, and the warehouses that have it.

use stocksync_sdk::flow::Trouble;

/// Where a listing is: `product:sku:warehouse+warehouse`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) product: String,
    pub(crate) sku: String,
    /// As they were when it was resolved.
    pub(crate) warehouses: Vec<String>,
}

impl Place {
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let mut parts = address.splitn(3, ':');
        let (product, sku, warehouses) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
        if !is_id(product) || !is_id(sku) {
            return None;
        }
        let warehouses = warehouses.split('+').filter(|id| is_id(id)).map(str::to_owned).collect();
        Some(Self { product: product.to_owned(), sku: sku.to_owned(), warehouses })
    }

    pub(crate) fn address(&self) -> String {
        format!("{}:{}:{}", self.product, self.sku, self.warehouses.join("+"))
    }
}

/// What stands for an id in a path or a body is one: digits, as in all of TikTok's examples.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The stock of a SKU, warehouse by warehouse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stock(pub(crate) Vec<(String, i64)>);

impl Stock {
    /// What the warehouse that is kept shows.
    pub(crate) fn quantity(&self, sku: &str, kept: Option<&str>) -> Result<i64, Trouble> {
        let unclear = |what: String| Trouble::Refused(format!("rejected: SKU {sku} {what}"));
        match (self.0.as_slice(), kept) {
            (all, Some(kept)) => {
                Ok(all.iter().find(|(id, _)| id == kept).map_or(0, |(_, quantity)| *quantity))
            }
            ([], None) => Ok(0),
            ([(_, quantity)], None) => Ok(*quantity),
            (all, None) => {
                let ids: Vec<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
                let ids = ids.join(", ");
                Err(unclear(format!(
                    "has several warehouses ({ids}): name one in the setting `warehouse_id`"
                )))
            }
        }
    }

    /// The same with another number in the warehouse that is kept. Nothing where that is not one of the SKU's warehouses, or not clear.
    pub(crate) fn with(&self, quantity: i64, kept: Option<&str>) -> Option<Self> {
        let mut stock = self.clone();
        let place = match (stock.0.as_mut_slice(), kept) {
            (all, Some(kept)) => all.iter_mut().find(|(id, _)| id == kept)?,
            ([one], None) => one,
            _ => return None,
        };
        place.1 = quantity;
        Some(stock)
    }
}
