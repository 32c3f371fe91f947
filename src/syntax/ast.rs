//! What stands in a rule file, with the place of everything. Fields are generic here and typed in `check`.

use crate::source::Span;

/// One rule file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct File {
    /// The items in the order of the text. A faulty item is left out; what it declared is in `broken`.
    pub items: Vec<Item>,
    /// Comments in the order of the text, from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// Names of items that could not be read whole, so that what refers to them is no further fault.
    pub broken: Vec<Broken>,
    /// A fault stands outside tests: what the text says of rules and lists is not all here.
    pub faulty: bool,
}

/// The kind and name of an item with a syntax fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broken {
    /// `let NAME = …`.
    List(Word),
    /// `rule "NAME" …`.
    Rule(Word),
    /// `test "NAME" …`.
    Test(Word),
}

/// A piece of text with its place: a name, a keyword, or the unescaped content of a string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// What it says.
    pub text: String,
    /// Where it stands; a string's place includes its quotes.
    pub span: Span,
}

/// One thing at the top of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// `let NAME = list`.
    Let(Let),
    /// `rule "NAME" { … }`.
    Rule(Rule),
    /// `test "NAME" { … }`.
    Test(Test),
}

/// `let NAME = list`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Let {
    /// The whole item.
    pub span: Span,
    /// The list's name.
    pub name: Word,
    /// What it holds, as terms: see [`Term`].
    pub value: Vec<Term>,
}

/// `rule "NAME" off { … }`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The whole item.
    pub span: Span,
    /// `rule "NAME" off {`: from the keyword to the brace.
    pub head: Span,
    /// The rule's name.
    pub name: Word,
    /// Where `off` stands, if it does.
    pub off: Option<Span>,
    /// The fields that could be read, in the order of the text.
    pub fields: Vec<Field>,
    /// Keys of fields with a syntax fault, so that they do not count as missing.
    pub broken: Vec<Word>,
}

/// A field: a key and what follows it. `priority store X below 5` has the key `priority`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// From the key to the end of the value.
    pub span: Span,
    /// The key, known or not.
    pub key: Word,
    /// What follows the key.
    pub value: Vec<Term>,
}

/// One token of a value, or a block of fields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Term {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TermKind,
}

/// What a term is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TermKind {
    /// A name or a keyword: `jakarta`, `except`, `all`, `store`.
    Word(String),
    /// A string as written between its quotes, escapes and all: SKU patterns need them.
    Text(String),
    /// What begins with a digit (or `-`/`+` and a digit) as written, up to white space, a comma or a brace: a quantity, percentage or
    /// moment, valid or not. A moment of the form `2026-11-27 18:00` is one atom.
    Atom(String),
    /// `,`
    Comma,
    /// `{ … }` of an override.
    Block(Vec<Field>),
}

/// `test "NAME" { … }`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test {
    /// The whole item.
    pub span: Span,
    /// The test's name.
    pub name: Word,
    /// The statements that could be read, in order.
    pub statements: Vec<Statement>,
}

/// A statement of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The whole statement.
    pub span: Span,
    /// What it does.
    pub kind: StatementKind,
}

/// What a statement of a test does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StatementKind {
    /// `at M`.
    At(Term),
    /// `stock "SKU" { warehouse qty, … }`.
    Stock(Table),
    /// `bundle "SKU" { "PART" n, … }`.
    Bundle(Table),
    /// `expect "SKU" { store qty, … }`; a value is an atom or the word `none`.
    Expect(Table),
}

/// `"SKU" { key value, … }`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// The SKU, unescaped.
    pub sku: Word,
    /// Pairs in the order of the text: the key is a `Word` or `Text` term, the value an `Atom` or `Word` term.
    pub rows: Vec<(Term, Term)>,
}

impl Item {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Item::Let(list) => list.span,
            Item::Rule(rule) => rule.span,
            Item::Test(test) => test.span,
        }
    }

    /// Its name, where it is declared.
    pub fn name(&self) -> &Word {
        match self {
            Item::Let(list) => &list.name,
            Item::Rule(rule) => &rule.name,
            Item::Test(test) => &test.name,
        }
    }

    /// The list, where it is one.
    pub fn as_let(&self) -> Option<&Let> {
        if let Item::Let(list) = self { Some(list) } else { None }
    }
}

impl Term {
    /// The name or keyword, where it is one.
    pub fn word(&self) -> Option<&str> {
        if let TermKind::Word(word) = &self.kind { Some(word) } else { None }
    }
}
