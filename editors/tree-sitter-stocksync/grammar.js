/// <reference types="tree-sitter-cli/dsl" />
// The rule language for editors. What it means, and which texts are rules at all, is said by the program
// (`grammar/sync.pest`); this grammar takes the same texts without an error, and `tests/grammar/agrees.rs` holds it to that.
//
// Words come from the scanner (`src/scanner.c`): a keyword or a name ends where no letter, digit or wildcard follows, and
// four tokens without width say where lists and values end.

const KEYWORDS = [
  'active', 'all', 'at', 'below', 'bundle', 'cap', 'except', 'expect', 'floor', 'from', 'let', 'none', 'off', 'order', 'plus',
  'priority', 'rate', 'reserve', 'round', 'rule', 'skus', 'split', 'stock', 'store', 'stores', 'test', 'threshold', 'until',
  'warehouses',
];

const keyword = ($, word) => alias($[`_${word}`], word);
const oneOf = ($, ...words) => choice(...words.map(word => keyword($, word)));
const listed = item => seq(item, repeat(seq(',', item)));
// What may follow the items: nothing, a comma, or exceptions.
const ended = (comma, ...except) => optional(choice(comma, ...except, ...except.map(except => seq(',', except))));
const items = ($, ...except) => choice(
  seq($.all, ended(',', ...except)),
  seq(listed(choice($.share, $._value)), ended(seq(',', $._comma_end), ...except)),
);
const table = row => seq('{', optional(seq(listed(row), optional(','))), '}');
const quoted = (content, escape) => seq('"', repeat1(choice(content, escape)), token.immediate('"'));

module.exports = grammar({
  name: 'stocksync',

  // In the order of the scanner's `enum Token`.
  externals: $ => [
    ...KEYWORDS.map(word => $[`_${word}`]),
    $.name,
    // No name follows on this line: it would be an item whose comma is missing.
    $._list_end,
    // Behind a comma: no item follows on any line.
    $._comma_end,
    // The value of an unknown field begins on its line, or it would take the next field for one.
    $._same_line,
    // A number that is the whole value of an unknown field.
    $._lone_end,
    // Valid only while the parser recovers from an error.
    $._recovering,
  ],

  extras: $ => [/[ \t\r\n]/, $.comment],

  rules: {
    source_file: $ => repeat(choice($.let, $.rule, $.test)),

    // ---- rules ----

    rule: $ => seq(keyword($, 'rule'), field('title', $.string), optional(keyword($, 'off')), field('body', $.rule_body)),
    rule_body: $ => seq('{', repeat(choice($._field, $.override)), '}'),
    override: $ => seq(keyword($, 'store'), field('store', $.name), field('body', $.override_body)),
    override_body: $ => seq('{', repeat($._field), '}'),

    _field: $ => choice($.list_field, $.split, $.active, $.priority, $.scalar_field, $.unknown_field),
    list_field: $ => seq(field('key', oneOf($, 'skus', 'warehouses', 'stores')), field('value', $.list), $._list_end),
    split: $ => seq(
      keyword($, 'split'), listed(alias($.split_share, $.share)), optional(seq(',', $._comma_end)), $._list_end,
    ),
    split_share: $ => seq(field('key', $.name), field('value', $._value)),
    active: $ => seq(keyword($, 'active'), choice(seq($._from_half, optional($._until_half)), $._until_half)),
    _from_half: $ => seq(keyword($, 'from'), field('from', $._value)),
    _until_half: $ => seq(keyword($, 'until'), field('until', $._value)),
    priority: $ => seq(
      keyword($, 'priority'), keyword($, 'store'), field('store', $.name), keyword($, 'below'), field('limit', $._value),
    ),
    scalar_field: $ => seq(
      field('key', oneOf($, 'order', 'threshold', 'reserve', 'rate', 'plus', 'round', 'floor', 'cap')),
      field('value', $._value),
    ),
    // No fault of syntax; `stocksync lint` names it.
    unknown_field: $ => seq(
      field('key', $.name), $._same_line,
      choice(seq(field('value', $.atom), $._lone_end), seq(field('value', $.list), $._list_end)),
    ),

    list: $ => items($, $.except),
    except: $ => seq(keyword($, 'except'), items($)),
    all: $ => keyword($, 'all'),
    // In a list, for an unknown field that is like `split`.
    share: $ => seq(field('key', $.name), field('value', $.atom)),

    // ---- lists ----

    let: $ => seq(keyword($, 'let'), field('name', $.name), '=', field('value', alias($.let_list, $.list))),
    let_list: $ => seq(listed($._value), optional(','), optional(alias($.let_except, $.except))),
    let_except: $ => seq(keyword($, 'except'), listed($._value), optional(',')),

    // ---- tests ----

    test: $ => seq(keyword($, 'test'), field('title', $.string), field('body', $.test_body)),
    test_body: $ => seq('{', repeat(choice($.at, $.stock, $.bundle, $.expect)), '}'),
    at: $ => seq(keyword($, 'at'), field('moment', $._plain_value)),
    stock: $ => seq(keyword($, 'stock'), field('sku', $.string), table(alias($.stock_row, $.row))),
    bundle: $ => seq(keyword($, 'bundle'), field('sku', $.string), table(alias($.bundle_row, $.row))),
    expect: $ => seq(keyword($, 'expect'), field('sku', $.string), table(alias($.expect_row, $.row))),
    stock_row: $ => seq(field('key', $.name), field('value', $._plain_value)),
    bundle_row: $ => seq(field('key', $.string), field('value', $._plain_value)),
    expect_row: $ => seq(field('key', $.name), field('value', choice($.none, $._plain_value))),
    none: $ => keyword($, 'none'),

    // ---- tokens ----

    _value: $ => choice($.pattern, $.atom, $.name),
    _plain_value: $ => choice($.string, $.atom, $.name),
    string: $ => quoted($._string_content, $.escape_sequence),
    pattern: $ => quoted(
      choice($._pattern_content, $.wildcard),
      choice($.escape_sequence, alias($.wildcard_escape, $.escape_sequence)),
    ),
    _string_content: $ => token.immediate(prec(1, /[^"\\\x00-\x08\x0A-\x1F\x7F-\x9F]+/)),
    _pattern_content: $ => token.immediate(prec(1, /[^"\\*?\x00-\x08\x0A-\x1F\x7F-\x9F]+/)),
    wildcard: $ => token.immediate(prec(1, /[*?]/)),
    escape_sequence: $ => token.immediate(prec(1, /\\["\\]/)),
    wildcard_escape: $ => token.immediate(prec(1, /\\[*?]/)),
    // A quantity, a percentage or a moment, right or wrong.
    atom: $ => token(choice(
      /[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9][^ ,{}#";=\t\r\n]*/,
      /[-+]?[0-9][^ ,{}#";=\t\r\n]*/,
    )),
    comment: $ => token(/#[^\x00-\x08\x0A-\x1F\x7F-\x9F]*/),
  },
});
