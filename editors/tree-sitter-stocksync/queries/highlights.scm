(comment) @comment

[
  "let"
  "rule"
  "test"
] @keyword

[
  "active"
  "at"
  "below"
  "bundle"
  "cap"
  "except"
  "expect"
  "floor"
  "from"
  "order"
  "plus"
  "priority"
  "rate"
  "reserve"
  "round"
  "skus"
  "split"
  "stock"
  "store"
  "stores"
  "threshold"
  "until"
  "warehouses"
] @property

"off" @keyword.modifier

[
  (all)
  (none)
] @constant.builtin

(string) @string
(pattern) @string
(wildcard) @string.special
(escape_sequence) @string.escape
(atom) @number
(name) @variable

(rule title: (string) @function)
(test title: (string) @function)
(let name: (name) @variable.definition)
(unknown_field key: (name) @property)

(scalar_field
  key: "round"
  value: (name) @constant.builtin)

[
  "{"
  "}"
] @punctuation.bracket

"," @punctuation.delimiter
"=" @operator
