//! Names, types and values: what was written becomes rules, and every fault of it is said.

#![expect(clippy::result_large_err, reason = "a finding is passed up at once, and never kept in a result")]

mod budget;
pub mod fields;
mod graph;
mod lists;
mod moment;
mod order;
mod resolve;
mod rule;
mod scope;
mod terms;
mod tests;
mod values;
mod words;

#[cfg(test)]
mod cases;

pub use fields::{FIELDS, Fields, Located};
pub use moment::parse_moment;
pub use tests::{CheckedTest, Expected, Step};
pub use words::{DeclaredName, KEYWORDS, check_names, is_keyword, is_name};

use crate::diagnostic::{Code, Diagnostic, Level, codes};
use crate::hash::HashMap;
use crate::pattern::Pattern;
use crate::rules::{Declared, Rule, RuleSet};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Broken, Item, Let, Word};
use crate::threads::Threads;
use lists::ListId;
use scope::Scope;

/// A program as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The rules, in the order of the text.
    pub rules: Vec<CheckedRule>,
    /// The lists, in the order of the text.
    pub lists: Vec<CheckedList>,
    /// The tests, in the order of the text.
    pub tests: Vec<CheckedTest>,
    rule_set: Option<RuleSet>,
}

impl Checked {
    /// The rules, where no text holds a fault outside tests. A fault in a test alone does not hide them.
    pub fn rule_set(&self) -> Option<&RuleSet> {
        self.rule_set.as_ref()
    }
}

/// A rule as far as it could be read.
#[derive(Clone, Debug)]
pub struct CheckedRule {
    /// Its name.
    pub name: Word,
    /// The whole rule.
    pub span: Span,
    /// `rule "NAME" off {`.
    pub head: Span,
    /// Whether it is on.
    pub on: bool,
    /// Its fields with their places; the priority stands here even where it is ignored.
    pub fields: Fields,
    /// The rule, where it has no fault of its own.
    pub rule: Option<Rule>,
}

/// A list as far as it could be read.
#[derive(Clone, Debug)]
pub struct CheckedList {
    /// Its name.
    pub name: Word,
    /// The patterns that stand in the list itself, each with its place.
    pub sku_items: Vec<(Span, Pattern)>,
}

/// With fewer than these, another thread is not up to speed before the first has checked them all.
const RULES_A_THREAD: usize = 250;

/// Checks a program: all its files, sorted by path, against the names that the configuration declares.
pub fn check(files: &[(FileId, ast::File)], declared: &Declared) -> (Checked, Vec<Diagnostic>) {
    check_on(Threads::ONE, files, declared)
}

/// The same, on several threads.
pub fn check_on(
    threads: Threads,
    files: &[(FileId, ast::File)],
    declared: &Declared,
) -> (Checked, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let program = Program::new(files);
    let mut scope = Scope::new(declared);
    let lists = check_lists(&program, &mut scope, &mut out);
    let rules = check_rules(threads, &scope, &program.rules, &mut out);
    check_duplicates(&codes::DUPLICATE_RULE, "rule", &program.rule_names, &mut out);
    check_count(&program.rule_names, declared, &mut out);
    order::check_orders(&rules, &mut out);
    let faulty = program.broken || out.iter().any(|found| found.level == Level::Deny);
    let whole: Option<Vec<Rule>> =
        if faulty { None } else { rules.iter().map(|rule| rule.rule.clone()).collect() };
    let rule_set = whole.map(|rules| RuleSet::new(rules, declared));
    check_duplicates(&codes::DUPLICATE_TEST, "test", &program.test_names, &mut out);
    let windows = tests::Windows::of(&rules);
    let tests =
        program.tests.iter().map(|test| tests::check_test(&scope, test, &windows, &mut out)).collect();
    out.sort_by_key(|found| found.span);
    (Checked { rules, lists, tests, rule_set }, out)
}

/// What stands in the files, by kind; names with those of broken items.
#[derive(Default)]
struct Program<'a> {
    lets: Vec<&'a Let>,
    rules: Vec<&'a ast::Rule>,
    tests: Vec<&'a ast::Test>,
    list_names: Vec<&'a Word>,
    rule_names: Vec<&'a Word>,
    test_names: Vec<&'a Word>,
    /// Something outside tests could not be read.
    broken: bool,
}

impl<'a> Program<'a> {
    fn new(files: &'a [(FileId, ast::File)]) -> Self {
        let mut program = Program::default();
        for (_, file) in files {
            program.broken |= file.faulty;
            file.items.iter().for_each(|item| program.take(item));
            file.broken.iter().for_each(|broken| program.take_broken(broken));
        }
        for names in [&mut program.list_names, &mut program.rule_names, &mut program.test_names] {
            names.sort_by_key(|name| name.span);
        }
        program
    }

    fn take(&mut self, item: &'a Item) {
        match item {
            Item::Let(list) => {
                self.lets.push(list);
                self.list_names.push(&list.name);
            }
            Item::Rule(rule) => {
                self.broken |= !rule.broken.is_empty();
                self.rules.push(rule);
                self.rule_names.push(&rule.name);
            }
            Item::Test(test) => {
                self.tests.push(test);
                self.test_names.push(&test.name);
            }
        }
    }

    fn take_broken(&mut self, broken: &'a Broken) {
        match broken {
            Broken::List(name) => self.list_names.push(name),
            Broken::Rule(name) => self.rule_names.push(name),
            Broken::Test(name) => self.test_names.push(name),
        }
        self.broken |= !matches!(broken, Broken::Test(_));
    }
}

fn check_lists<'a>(
    program: &Program<'a>,
    scope: &mut Scope<'a>,
    out: &mut Vec<Diagnostic>,
) -> Vec<CheckedList> {
    check_duplicates(&codes::DUPLICATE_LIST, "list", &program.list_names, out);
    let mut uses: HashMap<&str, usize> = HashMap::default();
    program.list_names.iter().for_each(|name| *uses.entry(&name.text).or_insert(0) += 1);
    let mut ids: HashMap<&'a str, ListId> = HashMap::default();
    let mut names: Vec<&'a str> = program.lets.iter().map(|list| list.name.text.as_str()).collect();
    names.extend(program.list_names.iter().map(|name| name.text.as_str()));
    names.iter().enumerate().for_each(|(id, name)| _ = *ids.entry(name).or_insert(id));
    let mut drafts = lists::draft(&program.lets, &ids, scope, out);
    for draft in &mut drafts {
        draft.faulty |= uses.get(draft.name).is_some_and(|&count| count > 1);
    }
    scope.name_lists(ids, names);
    let edges: Vec<Vec<ListId>> = drafts
        .iter()
        .map(|draft| draft.names.iter().map(|(id, _)| *id).filter(|&id| id < drafts.len()).collect())
        .collect();
    for group in graph::groups(&edges) {
        let circle = graph::circle(&group, &edges);
        let in_circle =
            group.len() > 1 || group.first().is_some_and(|id| edges.get(*id).is_some_and(|e| e.contains(id)));
        if in_circle {
            out.extend(list_cycle(&circle, &drafts));
            continue;
        }
        for (id, draft) in group.iter().filter_map(|&id| Some((id, drafts.get(id)?))) {
            let holding = lists::hold(scope, draft, out);
            scope.set_holding(id, holding);
        }
    }
    let own = |(list, draft): (&&Let, &lists::ListDraft<'_>)| CheckedList {
        name: list.name.clone(),
        sku_items: scope.own_patterns(&draft.form),
    };
    program.lets.iter().zip(&drafts).map(own).collect()
}

fn list_cycle(circle: &[ListId], drafts: &[lists::ListDraft<'_>]) -> Option<Diagnostic> {
    let start = circle.iter().min()?;
    let turned: Vec<ListId> =
        circle.iter().cycle().skip_while(|id| *id != start).take(circle.len()).copied().collect();
    let draft = drafts.get(*start)?;
    let next = turned.get(1).unwrap_or(start);
    let (_, span) = draft.names.iter().find(|(id, _)| id == next)?;
    let shown = turned
        .iter()
        .chain([start])
        .filter_map(|id| drafts.get(*id))
        .map(|draft| format!("`{}`", draft.name));
    let mut chain: Vec<String> = shown.take(10).collect();
    if turned.len() + 1 > chain.len() {
        chain.push("…".to_owned());
    }
    let message = format!("list `{}` names itself: {}", draft.name, chain.join(" → "));
    let mut found =
        Diagnostic::new(&codes::LIST_CYCLE, *span, message).with_help("take one of these names away");
    for other in turned.iter().skip(1).take(9).filter_map(|id| drafts.get(*id)) {
        found = found.with_related(other.name_span, format!("list `{}`", other.name));
    }
    Some(found)
}

/// Each rule by itself. All of them share how much may be written out and compared: where that was not enough, it makes a difference which
/// comes first, and they are checked once more, one after the other.
fn check_rules(
    threads: Threads,
    scope: &Scope<'_>,
    rules: &[&ast::Rule],
    out: &mut Vec<Diagnostic>,
) -> Vec<CheckedRule> {
    let left = scope.left();
    let threads = threads.for_items(rules.len(), RULES_A_THREAD);
    if threads != Threads::ONE {
        let shares = rules.chunks(rules.len().div_ceil(threads.count()));
        let checked = threads.each(shares, |rules| {
            let mut out = Vec::new();
            let rules: Vec<_> = rules.iter().map(|rule| check_rule(scope, rule, &mut out)).collect();
            (rules, out)
        });
        if !scope.is_overdrawn() {
            let mut together = Vec::with_capacity(rules.len());
            for (mut rules, mut found) in checked {
                together.append(&mut rules);
                out.append(&mut found);
            }
            return together;
        }
        scope.back_to(left);
    }
    rules.iter().map(|rule| check_rule(scope, rule, out)).collect()
}

fn check_rule(scope: &Scope<'_>, rule: &ast::Rule, out: &mut Vec<Diagnostic>) -> CheckedRule {
    let said_before = out.len();
    let fields = fields::read(scope, rule.head, &rule.fields, &rule.broken, out);
    rule::check_between(&fields, scope.declared, out);
    let whole = out.len() == said_before && rule.broken.is_empty();
    let built = whole.then(|| rule::build(rule, &fields)).flatten();
    CheckedRule {
        name: rule.name.clone(),
        span: rule.span,
        head: rule.head,
        on: rule.off.is_none(),
        fields,
        rule: built,
    }
}

/// `names` are sorted by place: the first of equal ones is the one declared.
fn check_duplicates(code: &'static Code, what: &str, names: &[&Word], out: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, Span> = HashMap::default();
    for name in names {
        match first.get(name.text.as_str()) {
            Some(&place) => {
                let found =
                    Diagnostic::new(code, name.span, format!("there is a second {what} `{}`", name.text));
                out.push(found.with_related(place, "first declared here").with_help("give it another name"));
            }
            None => {
                first.insert(&name.text, name.span);
            }
        }
    }
}

fn check_count(names: &[&Word], declared: &Declared, out: &mut Vec<Diagnostic>) {
    if let Some(first_too_many) = names.get(declared.rules_max) {
        let message = format!("there are {} rules, and the limit is {}", names.len(), declared.rules_max);
        let found = Diagnostic::new(&codes::TOO_MANY_RULES, first_too_many.span, message);
        out.push(found.with_help("put rules together, or raise `limits: { rules: … }` in the configuration"));
    }
}
