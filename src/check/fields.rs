//! The fields of a rule: `FIELDS` has one row for each, in the order in which the formatter writes them.

use super::scope::{NameKind, Scope};
use super::terms::{Cursor, list_form, said, syntax};
use super::values::{moment, percentage, quantity};
use super::words::suggest;
use crate::diagnostic::{Diagnostic, codes};
use crate::pattern::{Pattern, SkuSet};
use crate::rules::{BasisPoints, Named, Round, StoreId, WarehouseId, Window};
use crate::source::Span;
use crate::syntax::ast::{Field, Term, TermKind, Word};

/// What is known of one field.
pub struct FieldSpec {
    /// Its key.
    pub key: &'static str,
    /// How its value is written.
    pub form: &'static str,
    /// Whether every rule must have it.
    pub needed: bool,
    /// Whether it may stand in a `store` block too.
    pub in_store: bool,
    /// Whether it may stand more than once.
    pub repeats: bool,
    read: Read,
}

/// What reads a field's value.
enum Read {
    Rule(fn(&mut Reader<'_, '_>, &Field) -> Result<(), Diagnostic>),
    Level(fn(&mut LevelFields, &Field) -> Result<(), Diagnostic>),
}

/// Every field, in the order in which the formatter writes them.
pub static FIELDS: &[FieldSpec] = &[
    rule_field("order", "QUANTITY", true, |r, f| put(&mut r.fields.order, f, quantity)),
    rule_field("active", "from MOMENT until MOMENT", false, |r, f| r.active(f)),
    rule_field("skus", "LIST", true, |r, f| r.skus(f)),
    rule_field("warehouses", "LIST", true, |r, f| r.warehouses(f)),
    rule_field("stores", "LIST", true, |r, f| r.stores(f)),
    rule_field("threshold", "QUANTITY", false, |r, f| put(&mut r.fields.threshold, f, quantity)),
    level_field("reserve", "QUANTITY", |l, f| put(&mut l.reserve, f, quantity)),
    level_field("rate", "PERCENTAGE", |l, f| put(&mut l.rate, f, percentage)),
    level_field("plus", "QUANTITY", |l, f| put(&mut l.plus, f, quantity)),
    level_field("round", "down, nearest or up", |l, f| put(&mut l.round, f, round)),
    level_field("floor", "QUANTITY", |l, f| put(&mut l.floor, f, quantity)),
    level_field("cap", "QUANTITY", |l, f| put(&mut l.cap, f, quantity)),
    rule_field("priority", "store NAME below QUANTITY", false, |r, f| r.priority(f)),
    rule_field("split", "NAME WEIGHT, NAME WEIGHT …", false, |r, f| r.split(f)),
    FieldSpec { repeats: true, ..rule_field("store", "NAME { … }", false, |r, f| r.store(f)) },
];

type ReadRule = fn(&mut Reader<'_, '_>, &Field) -> Result<(), Diagnostic>;

const fn rule_field(key: &'static str, form: &'static str, needed: bool, read: ReadRule) -> FieldSpec {
    FieldSpec { key, form, needed, in_store: false, repeats: false, read: Read::Rule(read) }
}

const fn level_field(
    key: &'static str,
    form: &'static str,
    read: fn(&mut LevelFields, &Field) -> Result<(), Diagnostic>,
) -> FieldSpec {
    FieldSpec { key, form, needed: false, in_store: true, repeats: false, read: Read::Level(read) }
}

/// A value with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// The fields of a rule as far as they could be read.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each is the field of its name in the language")]
pub struct Fields {
    pub order: Option<Located<u32>>,
    pub active: Option<Located<Window>>,
    pub skus: Option<Located<SkuSet>>,
    /// The patterns that stand in `skus` itself, each with its place.
    pub sku_items: Vec<(Span, Pattern)>,
    pub warehouses: Option<Located<(Vec<WarehouseId>, Named<WarehouseId>)>>,
    pub stores: Option<Located<(Vec<StoreId>, Named<StoreId>)>>,
    pub threshold: Option<Located<u32>>,
    pub levels: LevelFields,
    pub priority: Option<PriorityField>,
    pub split: Option<Vec<SplitField>>,
    pub overrides: Vec<Override>,
    /// Keys of fields whose value is faulty, so that nothing follows from their absence.
    pub faulty: Vec<String>,
}

/// The fields that a store may override.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "each is the field of its name in the language")]
pub struct LevelFields {
    pub reserve: Option<Located<u32>>,
    pub rate: Option<Located<BasisPoints>>,
    pub plus: Option<Located<u32>>,
    pub round: Option<Located<Round>>,
    pub floor: Option<Located<u32>>,
    pub cap: Option<Located<u32>>,
}

/// `priority store NAME below QUANTITY`, valid or not.
#[derive(Clone, Copy, Debug)]
pub struct PriorityField {
    /// The whole field.
    pub span: Span,
    /// The store; nothing where that is faulty.
    pub store: Option<Located<StoreId>>,
    /// The quantity.
    pub below: Located<u32>,
}

/// One store of a `split` with its weight.
#[derive(Clone, Copy, Debug)]
pub struct SplitField {
    /// The store; nothing where that is faulty.
    pub store: Option<Located<StoreId>>,
    /// Its weight.
    pub weight: u32,
}

/// `store NAME { … }`.
#[derive(Clone, Debug)]
pub struct Override {
    /// The store; nothing where that is faulty.
    pub store: Option<Located<StoreId>>,
    /// What it overrides.
    pub levels: LevelFields,
    /// The keys in its block.
    pub keys: Vec<Word>,
}

/// Reads the fields of a rule. `head` is where to point at what is missing.
pub(super) fn read(
    scope: &Scope<'_>,
    head: Span,
    fields: &[Field],
    broken: &[Word],
    out: &mut Vec<Diagnostic>,
) -> Fields {
    let mut reader = Reader { scope, out, fields: Fields::default() };
    reader.fields.faulty = broken.iter().map(|key| key.text.clone()).collect();
    let mut seen: Vec<&Word> = Vec::with_capacity(fields.len().min(FIELDS.len()));
    let mut meant = Vec::new();
    for field in fields {
        let spec = spec(&field.key);
        match spec {
            Some(spec) if !spec.repeats && repeats(&seen, &field.key, reader.out) => {}
            Some(spec) => {
                let read = match spec.read {
                    Read::Rule(read) => read(&mut reader, field),
                    Read::Level(read) => read(&mut reader.fields.levels, field),
                };
                if let Err(found) = read {
                    reader.fault(&field.key.text, found);
                }
            }
            None => meant.extend(reader.unknown(field)),
        }
        if spec.is_some() {
            note(&mut seen, &field.key);
        }
    }
    for spec in FIELDS.iter().filter(|spec| spec.needed) {
        let known = seen.iter().copied().chain(broken).any(|key| key.text == spec.key);
        if !known && !meant.contains(&spec.key) {
            let found =
                Diagnostic::new(&codes::MISSING_FIELD, head, format!("this rule has no `{}`", spec.key));
            reader.out.push(found.with_help(format!("write `{} {}`", spec.key, spec.form)));
        }
    }
    reader.fields
}

fn repeats(seen: &[&Word], key: &Word, out: &mut Vec<Diagnostic>) -> bool {
    let Some(first) = seen.iter().find(|word| word.text == key.text) else {
        return false;
    };
    let message = format!("`{}` stands here a second time", key.text);
    let found = Diagnostic::new(&codes::DUPLICATE_FIELD, key.span, message);
    out.push(found.with_related(first.span, "first written here").with_help("keep one of them"));
    true
}

fn spec(key: &Word) -> Option<&'static FieldSpec> {
    FIELDS.iter().find(|spec| spec.key == key.text)
}

/// Keeps the first of each known key: as many as there are fields, however long the rule.
fn note<'a>(seen: &mut Vec<&'a Word>, key: &'a Word) {
    if !seen.iter().any(|word| word.text == key.text) {
        seen.push(key);
    }
}

/// Reads one rule's values.
struct Reader<'s, 'a> {
    scope: &'s Scope<'a>,
    out: &'s mut Vec<Diagnostic>,
    fields: Fields,
}

impl Reader<'_, '_> {
    fn fault(&mut self, key: &str, found: Diagnostic) {
        self.out.push(found);
        self.fields.faulty.push(key.to_owned());
    }

    /// The known field that was probably meant.
    fn unknown(&mut self, field: &Field) -> Option<&'static str> {
        let known: Vec<&'static str> = FIELDS.iter().map(|spec| spec.key).collect();
        let wrong = &field.key.text;
        let found =
            Diagnostic::new(&codes::UNKNOWN_FIELD, field.key.span, format!("a rule has no field `{wrong}`"));
        // `to` is too far from `until` for a guess by letters.
        self.out.push(match wrong.as_str() {
            "to" | "till" | "til" => found.with_help("a window is written `active from MOMENT until MOMENT`"),
            _ => suggest(found, wrong, &known, "fields"),
        });
        let meant = crate::diagnostic::nearest(wrong, known.iter().copied())?;
        known.into_iter().find(|key| *key == meant)
    }

    fn active(&mut self, field: &Field) -> Result<(), Diagnostic> {
        let zone = &self.scope.declared.timezone;
        let mut cursor = Cursor::new(field);
        let (mut from, mut until) = (None, None);
        if cursor.eat_word("from") {
            from = Some(moment(cursor.next("a moment")?, zone));
        }
        if !cursor.is_done() || from.is_none() {
            cursor.word("until")?;
            until = Some(moment(cursor.next("a moment")?, zone));
        }
        cursor.end(|| "`until` and its moment")?;
        // Both are judged before the first that is wrong ends the field.
        let (from, until) = match (from.transpose(), until.transpose()) {
            (Err(from), Err(until)) => {
                self.out.push(from);
                return Err(until);
            }
            (from, until) => (from?, until?),
        };
        let window = Window { from, until };
        if window.from.zip(window.until).is_some_and(|(from, until)| from >= until) {
            let found = Diagnostic::new(&codes::EMPTY_WINDOW, field.span, "this rule is never active");
            return Err(
                found.with_help("`until` must be later than `from`; the moment after `until` is outside")
            );
        }
        self.fields.active = Some(Located { value: window, span: field.span });
        Ok(())
    }

    fn skus(&mut self, field: &Field) -> Result<(), Diagnostic> {
        let form = list_form(field.key.span, &field.value, self.out);
        let (value, patterns) = self.scope.skus(&form, self.out);
        self.fields.sku_items = patterns;
        self.fields.skus = value.map(|value| Located { value, span: form.span });
        Ok(())
    }

    fn warehouses(&mut self, field: &Field) -> Result<(), Diagnostic> {
        let form = list_form(field.key.span, &field.value, self.out);
        let ids = self.scope.ids(NameKind::Warehouse, &form, self.out);
        self.fields.warehouses = ids.map(|ids| Located { value: typed(ids, WarehouseId), span: form.span });
        Ok(())
    }

    fn stores(&mut self, field: &Field) -> Result<(), Diagnostic> {
        let form = list_form(field.key.span, &field.value, self.out);
        let ids = self.scope.ids(NameKind::Store, &form, self.out);
        self.fields.stores = ids.map(|ids| Located { value: typed(ids, StoreId), span: form.span });
        Ok(())
    }

    fn one_store(&mut self, term: &Term) -> Option<Located<StoreId>> {
        match self.scope.one(NameKind::Store, term) {
            Ok(id) => id.map(|id| Located { value: StoreId(id), span: term.span }),
            Err(found) => {
                self.out.push(found);
                None
            }
        }
    }

    fn priority(&mut self, field: &Field) -> Result<(), Diagnostic> {
        let mut cursor = Cursor::new(field);
        cursor.word("store")?;
        let store = cursor.next("a store")?;
        cursor.word("below")?;
        let term = cursor.next("a quantity")?;
        let store = self.one_store(store);
        let below = Located { value: quantity(term)?, span: term.span };
        cursor.end(|| "the quantity")?;
        self.fields.priority = Some(PriorityField { span: field.span, store, below });
        Ok(())
    }

    fn split(&mut self, field: &Field) -> Result<(), Diagnostic> {
        let mut cursor = Cursor::new(field);
        let mut parts = Vec::new();
        let mut sound = true;
        loop {
            let store = cursor.next("a store")?;
            if store.kind == TermKind::Comma {
                return Err(syntax(store.span, "nothing stands before this comma"));
            }
            let store = self.one_store(store);
            let term = cursor.next("a weight")?;
            match quantity(term) {
                Ok(weight) => parts.push(SplitField { store, weight }),
                Err(found) => {
                    sound = false;
                    self.out.push(found);
                }
            }
            if cursor.is_done() {
                break;
            }
            let comma = cursor.next("a comma")?;
            if comma.kind != TermKind::Comma {
                return Err(syntax(comma.span, format!("a comma is missing before {}", said(comma))));
            }
            if cursor.is_done() {
                break;
            }
        }
        self.fields.split = sound.then_some(parts);
        Ok(())
    }

    fn store(&mut self, field: &Field) -> Result<(), Diagnostic> {
        let mut cursor = Cursor::new(field);
        let store = cursor.next("a store")?;
        let block = cursor.next("a block `{ … }`")?;
        let store = self.one_store(store);
        let TermKind::Block(fields) = &block.kind else {
            return Err(syntax(
                block.span,
                format!("a block `{{ … }}` should stand here, not {}", said(block)),
            ));
        };
        let levels = self.block(fields);
        cursor.end(|| "the block")?;
        let keys = fields.iter().map(|field| field.key.clone()).collect();
        self.fields.overrides.push(Override { store, levels, keys });
        Ok(())
    }

    fn block(&mut self, fields: &[Field]) -> LevelFields {
        let mut levels = LevelFields::default();
        let mut seen: Vec<&Word> = Vec::new();
        for field in fields {
            let spec = spec(&field.key);
            match spec.map(|spec| &spec.read) {
                Some(Read::Level(_)) if repeats(&seen, &field.key, self.out) => {}
                Some(Read::Level(read)) => {
                    if let Err(found) = read(&mut levels, field) {
                        self.fault("store", found);
                    }
                }
                _ => {
                    let known: Vec<&str> =
                        FIELDS.iter().filter(|spec| spec.in_store).map(|spec| spec.key).collect();
                    let message = format!("a store's block has no field `{}`", field.key.text);
                    let found = Diagnostic::new(&codes::UNKNOWN_FIELD, field.key.span, message);
                    self.fault("store", suggest(found, &field.key.text, &known, "fields of a block"));
                }
            }
            if spec.is_some() {
                note(&mut seen, &field.key);
            }
        }
        levels
    }
}

fn put<T>(
    slot: &mut Option<Located<T>>,
    field: &Field,
    read: fn(&Term) -> Result<T, Diagnostic>,
) -> Result<(), Diagnostic> {
    *slot = Some(single(field, read)?);
    Ok(())
}

fn typed<Id>((ids, named): (Vec<u16>, Named<u16>), id: fn(u16) -> Id) -> (Vec<Id>, Named<Id>) {
    let named = match named {
        Named::Listed => Named::Listed,
        Named::AllExcept(gone) => Named::AllExcept(gone.into_iter().map(id).collect()),
    };
    (ids.into_iter().map(id).collect(), named)
}

fn single<T>(field: &Field, read: fn(&Term) -> Result<T, Diagnostic>) -> Result<Located<T>, Diagnostic> {
    let mut cursor = Cursor::new(field);
    let term = cursor.next("a value")?;
    let value = read(term)?;
    cursor.end(|| said(term))?;
    Ok(Located { value, span: term.span })
}

fn round(term: &Term) -> Result<Round, Diagnostic> {
    match &term.kind {
        TermKind::Word(word) if word == "down" => Ok(Round::Down),
        TermKind::Word(word) if word == "nearest" => Ok(Round::Nearest),
        TermKind::Word(word) if word == "up" => Ok(Round::Up),
        TermKind::Word(word) => {
            let found = syntax(term.span, format!("`{word}` is no way to round"));
            Err(suggest(found, word, &["down", "nearest", "up"], "ways to round"))
        }
        _ => Err(syntax(term.span, format!("{} is no way to round", said(term)))
            .with_help("the ways to round are `down`, `nearest`, `up`")),
    }
}
