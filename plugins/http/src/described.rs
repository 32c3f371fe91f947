//! A shop as its settings describe it, checked before anything is asked.

use crate::access::{Access, header_name};
use crate::call::Call;
use crate::catalog::{Fields, Query};
use crate::errors::{Errors, Said};
use crate::list::List;
use crate::orders::Orders;
use crate::paging::Paging;
use crate::path::Path;
use crate::section::Section;
use crate::template::Name;
use crate::write::{Answer, Write};
use stocksync_sdk::flow::string;
use stocksync_sdk::message::{Bounds, Limits, OpenConfig};

/// The most items of one request.
const ITEMS_MAX: u64 = 10_000;
/// How long a number may take to show, in seconds.
const SETTLES_SECONDS_MAX: u64 = 86_400;
/// Requests under way at once where nothing is said of it.
const AT_ONCE: u32 = 4;
/// Every whole number up to it survives JSON.
const QUANTITY_MAX: u64 = 9_007_199_254_740_991;

/// A shop.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) access: Access,
    pub(crate) errors: Errors,
    pub(crate) listings: Query,
    pub(crate) read: Option<Query>,
    pub(crate) resolve: Option<Query>,
    pub(crate) write: Option<Write>,
    pub(crate) orders: Option<Orders>,
    /// Whether reads and writes name listings by what the shop calls them.
    pub(crate) is_addressed: bool,
    pub(crate) at_once: usize,
    pub(crate) limits: Limits,
    pub(crate) bounds: Bounds,
}

impl Described {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let settings = Section::all(&config.settings);
        let access = Access::parse(&settings, &config.secrets)?;
        let listings = settings.map("listings")?.ok_or_else(|| settings.fault("listings", "is missing"))?;
        let listings = listed(&listings)?;
        let some = |name: &'static str, names: &[Name]| -> Result<Option<Query>, String> {
            settings.map(name)?.map(|section| asked(&section, name, names, &listings.fields)).transpose()
        };
        let read = some("read", Name::ASKED)?;
        let resolve = some("resolve", &[Name::StoreSku, Name::StoreSkus])?;
        let write = settings.map("write")?.map(|section| write(&section)).transpose()?;
        let orders = settings.map("orders")?.map(|section| orders(&section)).transpose()?;
        let conditional = write.as_ref().is_some_and(|write| write.call.has(Name::Expected));
        let errors = Errors::parse(settings.map("errors")?.as_ref(), conditional)?;
        let limits = limits(&settings)?;
        let described = Self {
            access,
            errors,
            is_addressed: false,
            at_once: limits.concurrency as usize,
            limits,
            bounds: bounds(&settings)?,
            listings,
            read,
            resolve,
            write,
            orders,
        };
        described.addressed(&settings)
    }

    /// Whether the numbers are what is on hand.
    pub(crate) fn is_on_hand(&self) -> bool {
        self.listings.fields.held.is_some()
    }

    /// What names a listing must be found somewhere.
    fn addressed(self, settings: &Section<'_>) -> Result<Self, String> {
        let calls = [
            ("read", self.read.as_ref().map(|read| &read.list.call)),
            ("write", self.write.as_ref().map(|write| &write.call)),
        ];
        let (source, fields) = match &self.resolve {
            Some(resolve) => ("resolve", &resolve.fields),
            None => ("listings", &self.listings.fields),
        };
        let needs = |setting: &str, name: Name, place: &Option<Path>| match place {
            Some(_) => Ok(true),
            None => {
                let field = name.word().trim_end_matches('s');
                let cure = format!(
                    "has `{{{}}}`: set `{source}.fields.{field}` to where it is in an item",
                    name.word()
                );
                Err(settings.fault(setting, &cure))
            }
        };
        let mut is_addressed = false;
        for (setting, call) in calls {
            for name in [Name::Id, Name::Ids, Name::Parent] {
                let place = if name == Name::Parent { &fields.parent } else { &fields.id };
                is_addressed |= call.is_some_and(|call| call.has(name)) && needs(setting, name, place)?;
            }
        }
        if self.write.as_ref().is_some_and(|write| write.by_parent) {
            if fields.parent.is_none() {
                return Err(settings.fault(
                    "write.group_by",
                    &format!("is `parent`: set `{source}.fields.parent` to where it is in an item"),
                ));
            }
            is_addressed = true;
        }
        if self.resolve.is_some() && !is_addressed {
            return Err(settings
                .fault("resolve", "is of no use: neither `read` nor `write` has `{id}` or `{parent}`"));
        }
        Ok(Self { is_addressed, ..self })
    }
}

fn list(
    section: &Section<'_>,
    name: &'static str,
    method: &'static str,
    names: &[Name],
) -> Result<List, String> {
    let names = [names, Name::PAGED].concat();
    let call = Call::parse(section, method, &names)?;
    let paging = Paging::parse(section, &call)?;
    Ok(List { name, call, items: section.path("items")?.unwrap_or_default(), paging })
}

fn listed(section: &Section<'_>) -> Result<Query, String> {
    let list = list(section, "listings", "GET", &[])?;
    let fields = section.map("fields")?.ok_or_else(|| section.fault("fields", "is missing"))?;
    for needed in ["store_sku", "quantity"] {
        fields.needed(needed)?;
    }
    Ok(Query { list, fields: Fields::parse(&fields, &Fields::default())?, items_max: 1 })
}

/// A list of the listings that it names. What is said nothing of is where it is in `listings`.
fn asked(section: &Section<'_>, name: &'static str, names: &[Name], known: &Fields) -> Result<Query, String> {
    let list = list(section, name, "GET", names)?;
    let items_max = section.count("items_max", 1, ITEMS_MAX)?.unwrap_or(1);
    if !names.iter().any(|name| *name != Name::Parent && list.call.has(*name)) {
        return Err(section.fault("path", "names no listing: put `{store_sku}` or `{store_skus}` into it, or into the `query` or the `body`"));
    }
    for_many(section, &list.call, items_max, false)?;
    let fields = match section.map("fields")? {
        Some(fields) => Fields::parse(&fields, known)?,
        None => known.clone(),
    };
    Ok(Query { list, fields, items_max: usize::try_from(items_max).unwrap_or(1) })
}

fn write(section: &Section<'_>) -> Result<Write, String> {
    let call = Call::parse(section, "PUT", Name::WRITTEN)?;
    let items_max = section.count("items_max", 1, ITEMS_MAX)?.unwrap_or(1);
    let by_parent = section.text("group_by")?.is_some();
    if by_parent {
        section.word("group_by", &["parent"])?;
    }
    if !call.has(Name::Quantity) {
        return Err(section.fault("body", "does not say what is written: put `{quantity}` into it"));
    }
    if !call.has(Name::StoreSku) && !call.has(Name::Id) {
        return Err(section
            .fault("path", "names no listing: put `{id}` or `{store_sku}` into it, or into the `body`"));
    }
    for_many(section, &call, items_max, by_parent)?;
    let answer = section.map("answer")?.map(|section| answer(&section)).transpose()?;
    let header = section.text("idempotency_header")?;
    if header.is_some_and(|name| header_name(name).is_none()) {
        return Err(section.fault("idempotency_header", "is no name of a header"));
    }
    let seconds = section.count("settles_seconds", 0, SETTLES_SECONDS_MAX)?.unwrap_or(0);
    let answers_each = answer.is_some();
    Ok(Write {
        call,
        items_max: u32::try_from(items_max).unwrap_or(1),
        by_parent,
        all_or_nothing: section.flag("all_or_nothing")?.unwrap_or(items_max > 1 && !answers_each),
        idempotency_header: header.map(str::to_owned),
        settles_ms: i64::try_from(seconds * 1000).unwrap_or(0),
        answer,
    })
}

fn answer(section: &Section<'_>) -> Result<Answer, String> {
    Ok(Answer {
        items: section.path("items")?.unwrap_or_default(),
        store_sku: section.path("store_sku")?,
        id: section.path("id")?,
        quantity: section.path("quantity")?,
        said: Said::parse(section)?,
    })
}

/// In a request of several items, what is of one item stands where each has its own.
fn for_many(section: &Section<'_>, call: &Call, items_max: u64, by_parent: bool) -> Result<(), String> {
    let is_alone = |(name, in_each): &(Name, bool)| {
        name.is_of_item() && !in_each && !(by_parent && *name == Name::Parent)
    };
    match call.names().into_iter().find(is_alone) {
        Some((name, _)) if items_max > 1 => {
            let word = name.word();
            let what = format!(
                "is {items_max}, and `{{{word}}}` stands outside of a list: put it into a list of one entry, which is there once for each item, or leave `items_max` out"
            );
            Err(section.fault("items_max", &what))
        }
        _ => Ok(()),
    }
}

impl Fields {
    fn parse(section: &Section<'_>, known: &Self) -> Result<Self, String> {
        let place = |name: &str, known: &Option<Path>| -> Result<Option<Path>, String> {
            let path = section.path(name)?;
            if path.as_ref().is_some_and(Path::has_each) {
                return Err(section.fault(name, "has a `*`: it belongs into `items`"));
            }
            Ok(path.or_else(|| known.clone()))
        };
        Ok(Self {
            store_sku: place("store_sku", &known.store_sku)?,
            quantity: place("quantity", &known.quantity)?,
            held: place("held", &known.held)?,
            title: place("title", &known.title)?,
            id: place("id", &known.id)?,
            parent: place("parent", &known.parent)?,
        })
    }
}

fn orders(section: &Section<'_>) -> Result<Orders, String> {
    let list = list(section, "orders", "GET", &[Name::Since])?;
    let fields = section.map("fields")?.ok_or_else(|| section.fault("fields", "is missing"))?;
    let place = |name: &str| -> Result<Path, String> {
        fields.path(name)?.ok_or_else(|| fields.fault(name, "is missing"))
    };
    let mut events = Vec::new();
    let status = fields.path("status")?;
    if let Some(section) = section.map("status")? {
        if status.is_none() {
            return Err(fields.fault("status", "is missing, and `orders.status` says what each means"));
        }
        for (name, kind) in
            [("placed", "order-placed"), ("shipped", "order-shipped"), ("cancelled", "order-cancelled")]
        {
            let Some(listed) = section.get(name) else { continue };
            let wrong =
                || section.fault(name, "must be a list of what the shop calls it, as in `[new, paid]`");
            for status in listed.as_array().ok_or_else(wrong)? {
                events.push((string(status).ok_or_else(wrong)?, kind));
            }
        }
    } else if status.is_some() {
        return Err(
            section.fault("status", "is missing: it says what the statuses of `orders.fields.status` mean")
        );
    }
    Ok(Orders {
        list,
        id: place("id")?,
        placed_at: place("placed_at")?,
        status,
        lines: place("lines")?,
        line: fields.path("line")?,
        store_sku: place("store_sku")?,
        quantity: place("quantity")?,
        events,
    })
}

fn limits(settings: &Section<'_>) -> Result<Limits, String> {
    let Some(section) = settings.map("limits")? else {
        return Ok(Limits { concurrency: AT_ONCE, ..Limits::default() });
    };
    let rate = match section.get("requests_per_second") {
        None => 0.0,
        Some(value) => value
            .as_f64()
            .filter(|rate| (0.001..=10_000.0).contains(rate))
            .ok_or_else(|| section.fault("requests_per_second", "must be a number from 0.001 to 10000"))?,
    };
    let count = |name: &str, max: u64| -> Result<Option<u32>, String> {
        Ok(section.count(name, 1, max)?.and_then(|count| u32::try_from(count).ok()))
    };
    Ok(Limits {
        requests_per_second: rate,
        burst: count("burst", 10_000)?.unwrap_or(0),
        concurrency: count("concurrency", 64)?.unwrap_or(AT_ONCE),
        ..Limits::default()
    })
}

fn bounds(settings: &Section<'_>) -> Result<Bounds, String> {
    let Some(section) = settings.map("quantity")? else { return Ok(Bounds { min: 0, max: QUANTITY_MAX }) };
    let min = section.count("min", 0, QUANTITY_MAX)?.unwrap_or(0);
    let max = section.count("max", 0, QUANTITY_MAX)?.unwrap_or(QUANTITY_MAX);
    if min > max { Err(section.fault("min", "is above `quantity.max`")) } else { Ok(Bounds { min, max }) }
}
