//! Lists that the shop gives, page by page.

use crate::access::Draft;
use crate::call::Call;
use crate::paging::{Paging, Position};
use crate::path::{Path, Row};
use crate::site::{Asked, ended};
use crate::template::{Scope, Values};
use serde_json::Value;
use stocksync_sdk::flow::Ended;

/// More pages than a shop has.
const PAGES_MAX: usize = 100_000;

/// A list.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// The setting that describes it.
    pub(crate) name: &'static str,
    pub(crate) call: Call,
    /// Where its items are.
    pub(crate) items: Path,
    pub(crate) paging: Paging,
}

impl List {
    /// All of it, each item as `of` makes it.
    pub(crate) async fn all<T>(
        &self,
        shop: &Asked,
        scope: Scope<'_>,
        of: impl Fn(&Row<'_>) -> Result<T, String>,
    ) -> Result<Vec<T>, Ended> {
        let mut found = Vec::new();
        let mut position = Some(Position::default());
        for _ in 0..PAGES_MAX {
            let Some(at) = position else { return Ok(found) };
            let (brought, target) = self.page(shop, scope, &at).await?;
            let part = self.rows(&brought, &of)?;
            let access = &shop.api().shop.access;
            let count = self.items.count(brought.get("answer").unwrap_or(&Value::Null));
            let next = self.paging.after(&at, &brought, count, (access, &target));
            position = next.map_err(|what| Ended::refused(format!("`{}`: {what}", self.name)))?;
            found.extend(part);
        }
        Err(Ended::refused(format!("`{}`: the shop has more than {PAGES_MAX} pages", self.name)))
    }

    /// Its first page alone.
    pub(crate) async fn first<T>(
        &self,
        shop: &Asked,
        scope: Scope<'_>,
        of: impl Fn(&Row<'_>) -> Result<T, String>,
    ) -> Result<Vec<T>, Ended> {
        let (brought, _) = self.page(shop, scope, &Position::default()).await?;
        self.rows(&brought, &of)
    }

    fn rows<T>(&self, brought: &Value, of: impl Fn(&Row<'_>) -> Result<T, String>) -> Result<Vec<T>, Ended> {
        let refused = |what: &str| Ended::refused(format!("`{}`: {what}", self.name));
        let answer = brought.get("answer").unwrap_or(&Value::Null);
        let rows = self
            .items
            .rows(answer)
            .ok_or_else(|| refused("the shop's answer has no list where `items` says"))?;
        rows.iter().map(of).collect::<Result<_, _>>().map_err(|what| refused(&what))
    }

    /// What a page brings, and the path and query that it was asked by.
    async fn page(&self, shop: &Asked, scope: Scope<'_>, at: &Position) -> Result<(Value, String), Ended> {
        let access = &shop.api().shop.access;
        let mut shared: Values = scope.shared.clone();
        shared.extend(self.paging.values(at));
        let draft = self.call.draft(Scope { shared: &shared, ..scope }).map_err(Ended::refused)?;
        let target = at.target.clone().unwrap_or_else(|| access.target(&draft.target));
        let draft = Draft { target: target.clone(), ..draft };
        let brought = shop.ask(|site, now| site.shop.access.request(&draft, now).idempotent()).await;
        brought.map(|brought| (brought, target)).map_err(ended)
    }
}
