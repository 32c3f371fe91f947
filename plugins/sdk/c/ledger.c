/* A connector in plain C: a store that is a file of `sku,quantity` lines, without header and without quotes.
 * It shows that `connector.h` is all a connector needs; see plugins/csv for one to copy in Rust. */
#include "connector.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 1000
#define PAGE_ROWS 65536u
#define PIECE_BYTES (1u << 20)
#define FILE_BYTES_MAX (64u << 20)

static const char MANIFEST[] =
    "{\"format_version\":1,\"name\":\"ledger\",\"version\":\"1.0.0\",\"operations\":[\"check\",\"read\",\"write\",\"listings\"],"
    "\"settings\":{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}},\"required\":[\"path\"]},"
    "\"secrets\":{\"type\":\"object\",\"properties\":{}},\"batch\":{\"items_max\":1000},"
    "\"quantity\":{\"min\":0,\"max\":999999999999999}}";

typedef struct { const char *at; size_t len; } text;
typedef struct { char *at; size_t len, cap; } bytes;
typedef struct { text sku; int64_t quantity; size_t line; text digits; int64_t wanted; } row;
typedef struct { size_t sku, len; int64_t quantity; row *of; int twice; } item;
enum phase { IDLE, ASKING, READING, COMMITTING, TELLING, OVER };

typedef struct {
  enum phase phase;
  int check, write;
  bytes path; /* as it stands in JSON, escapes and all */
  bytes names, file, out_text, out_numbers, out_small;
  item items[ITEMS_MAX];
  size_t items_len;
  row *rows;
  size_t rows_len, told;
  stocksync_column columns[3];
} session;

/* --- memory --- */

static void *grown(void *old, size_t size) {
  void *new = realloc(old, size ? size : 1);
  if (!new) abort();
  return new;
}

static void add(bytes *to, const void *from, size_t len) {
  if (to->cap - to->len < len) to->at = grown(to->at, to->cap = (to->len + len) * 2);
  if (len) memcpy(to->at + to->len, from, len);
  to->len += len;
}

static void addf(bytes *to, const char *format, ...) {
  char line[256];
  va_list args;
  va_start(args, format);
  int len = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (len > 0) add(to, line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
}

static void hand_over(stocksync_buf *to, bytes from) {
  if (to) *to = (stocksync_buf){(uint8_t *)from.at, from.len, from.cap};
  else free(from.at);
}

static int32_t refused(stocksync_buf *error, int32_t status, const char *why) {
  bytes line = {0};
  addf(&line, "%s", why);
  hand_over(error, line);
  return status;
}

/* --- JSON, as much as we need: the members of an object, values as they stand --- */

static size_t value_end(text json, size_t at) {
  int depth = 0;
  for (int quoted = 0; at < json.len; at++) {
    char c = json.at[at];
    if (quoted) {
      if (c == '\\') at++;
      else if (c == '"') quoted = 0;
    } else if (c == '"') quoted = 1;
    else if (c == '{' || c == '[') depth++;
    else if (c == '}' || c == ']') { if (depth-- == 0) return at; }
    else if (c == ',' && depth == 0) return at;
  }
  return json.len;
}

static size_t blank(text json, size_t at) {
  while (at < json.len && strchr(" \t\r\n", json.at[at])) at++;
  return at;
}

/* The value of a member, found = 1; -1 where this is no object. */
static int member(text json, const char *name, text *value) {
  int found = 0;
  size_t at = blank(json, 0), len = strlen(name);
  if (at >= json.len || json.at[at] != '{') return -1;
  at = blank(json, at + 1);
  if (at < json.len && json.at[at] == '}') return 0;
  for (;;) {
    size_t key = ++at;
    if (at > json.len || json.at[at - 1] != '"') return -1;
    while (at < json.len && json.at[at] != '"') at += json.at[at] == '\\' ? 2 : 1;
    size_t key_end = at;
    at = blank(json, at + 1);
    if (at >= json.len || json.at[at] != ':') return -1;
    size_t start = blank(json, at + 1), end = value_end(json, start);
    if (end >= json.len || start == end) return -1;
    if (key_end - key == len && !memcmp(json.at + key, name, len)) found = 1, *value = (text){json.at + start, end - start};
    if (json.at[end] == '}') return found;
    at = blank(json, end + 1);
    if (at >= json.len) return -1;
  }
}

static int is(text value, const char *what) { return value.len == strlen(what) && !memcmp(value.at, what, value.len); }

static text inside_quotes(text value) {
  while (value.len && strchr(" \t\r\n", value.at[value.len - 1])) value.len--;
  return value.len >= 2 && value.at[0] == '"' ? (text){value.at + 1, value.len - 2} : (text){0};
}

/* --- the file --- */

static int utf8(const char *at, size_t len) {
  for (size_t i = 0; i < len;) {
    unsigned char c = (unsigned char)at[i++], next = i < len ? (unsigned char)at[i] : 0;
    int more = c < 0x80 ? 0 : c >= 0xC2 && c < 0xE0 ? 1 : c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : -1;
    if (more < 0 || (c == 0xE0 && next < 0xA0) || (c == 0xED && next > 0x9F) || (c == 0xF0 && next < 0x90) || (c == 0xF4 && next > 0x8F)) return 0;
    while (more--) if (i >= len || ((unsigned char)at[i++] & 0xC0) != 0x80) return 0;
  }
  return 1;
}

static int number(text digits, int64_t *to) {
  size_t sign = digits.len && digits.at[0] == '-';
  if (digits.len == sign || digits.len - sign > 15) return 0;
  *to = 0;
  for (size_t i = sign; i < digits.len; i++) {
    if (digits.at[i] < '0' || digits.at[i] > '9') return 0;
    *to = *to * 10 + (digits.at[i] - '0');
  }
  if (sign) *to = -*to;
  return 1;
}

static int by_sku(const void *a, const void *b) {
  const row *left = *(row *const *)a, *right = *(row *const *)b;
  size_t len = left->sku.len < right->sku.len ? left->sku.len : right->sku.len;
  int order = memcmp(left->sku.at, right->sku.at, len);
  return order ? order : (left->sku.len > right->sku.len) - (left->sku.len < right->sku.len);
}

/* Says what is wrong, or nothing. */
static int parse(session *s, char why[static 128], row ***sorted) {
  size_t cap = 0, line = 0;
  for (size_t at = 0; at < s->file.len;) {
    const char *start = s->file.at + at, *end = memchr(start, '\n', s->file.len - at);
    size_t len = end ? (size_t)(end - start) : s->file.len - at;
    at += len + (end != NULL);
    line++;
    if (len && start[len - 1] == '\r') len--;
    if (!len) continue;
    const char *comma = memchr(start, ',', len);
    row new = {.line = line, .wanted = -1};
    if (comma) new.sku = (text){start, (size_t)(comma - start)}, new.digits = (text){comma + 1, len - new.sku.len - 1};
    int plain = utf8(start, len);
    for (size_t i = 0; i < len; i++) plain &= (unsigned char)start[i] >= ' ';
    if (!plain || !comma || comma == start || !number(new.digits, &new.quantity)) {
      snprintf(why, 128, "line %zu is not `sku,quantity`", line);
      return 0;
    }
    if (s->rows_len == cap) s->rows = grown(s->rows, (cap = cap * 2 + 16) * sizeof *s->rows);
    s->rows[s->rows_len++] = new;
  }
  row **order = grown(NULL, s->rows_len * sizeof *order);
  for (size_t i = 0; i < s->rows_len; i++) order[i] = &s->rows[i];
  qsort(order, s->rows_len, sizeof *order, by_sku);
  *sorted = order;
  for (size_t i = 1; i < s->rows_len; i++) {
    if (by_sku(&order[i - 1], &order[i])) continue;
    snprintf(why, 128, "the SKU of line %zu stands on line %zu too", order[i]->line, order[i - 1]->line);
    return 0;
  }
  return 1;
}

/* --- actions --- */

static void act(bytes *to, const char *format, ...) {
  va_list args;
  char line[128];
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  addf(to, "%s%s", to->len ? "," : "{\"format_version\":1,\"actions\":[", line);
}

static void with_path(session *s, bytes *to) {
  addf(to, ",\"path\":\"");
  add(to, s->path.at, s->path.len);
  addf(to, "\"}");
}

static void fail(session *s, bytes *to, const char *why, text more) {
  act(to, "{\"action\":\"done\",\"nothing_written\":%s,\"error\":\"`", s->phase == COMMITTING ? "false" : "true");
  add(to, s->path.at, s->path.len);
  addf(to, "`: %s", why);
  add(to, more.at, more.len);
  addf(to, "\"}");
  s->phase = OVER;
}

/* A page of texts: their ends, then all of them. */
static void texts(session *s, size_t count, const text *all) {
  uint32_t end = 0;
  s->out_text.len = 0;
  for (size_t i = 0; i < count; i++) end += (uint32_t)all[i].len, add(&s->out_text, &end, 4);
  for (size_t i = 0; i < count; i++) add(&s->out_text, all[i].at, all[i].len);
}

static void tell(session *s, bytes *to, stocksync_rows *out) {
  size_t all = s->check ? 0 : s->write ? s->items_len : s->rows_len;
  size_t count = all - s->told < PAGE_ROWS ? all - s->told : PAGE_ROWS;
  text *page = grown(NULL, count * sizeof *page);
  s->out_numbers.len = s->out_small.len = 0;
  for (size_t i = 0; i < count; i++, s->told++) {
    if (!s->write) {
      page[i] = s->rows[s->told].sku;
      add(&s->out_numbers, &s->rows[s->told].quantity, 8);
      continue;
    }
    static const char MISSING[] = "not-found: the ledger has no such SKU", REJECTED[] = "rejected: asked twice, or out of bounds";
    item *of = &s->items[s->told];
    uint32_t index = (uint32_t)s->told;
    uint8_t outcome = of->twice || !of->of ? STOCKSYNC_FAILED : STOCKSYNC_SENT;
    page[i] = of->twice ? (text){REJECTED, sizeof REJECTED - 1} : of->of ? (text){0} : (text){MISSING, sizeof MISSING - 1};
    add(&s->out_numbers, &index, 4);
    add(&s->out_small, &outcome, 1);
  }
  texts(s, count, page);
  free(page);
  s->columns[0] = (stocksync_column){s->write ? STOCKSYNC_TEXT : STOCKSYNC_STORE_SKU, STOCKSYNC_KIND_TEXT, s->out_text.at, s->out_text.len};
  s->columns[1] = s->write ? (stocksync_column){STOCKSYNC_INDEX, STOCKSYNC_KIND_U32, s->out_numbers.at, s->out_numbers.len}
                           : (stocksync_column){STOCKSYNC_QUANTITY, STOCKSYNC_KIND_I64, s->out_numbers.at, s->out_numbers.len};
  s->columns[2] = (stocksync_column){STOCKSYNC_OUTCOME, STOCKSYNC_KIND_U8, s->out_small.at, s->out_small.len};
  if (out) *out = (stocksync_rows){sizeof *out, s->write ? 3 : 2, count, s->columns};
  s->phase = s->told == all ? OVER : TELLING;
  act(to, "{\"action\":\"%s\"}", s->phase == OVER ? "done" : "more_rows");
}

/* Finds each item's row, and writes the new file if any number is another. */
static void write_all(session *s, row **sorted, bytes *to, bytes *bodies, stocksync_rows *out) {
  size_t at = 0, changed = 0;
  for (size_t i = 0; i < s->items_len; i++) {
    item *of = &s->items[i];
    row key = {.sku = {s->names.at + of->sku, of->len}}, *wanted = &key;
    row **found = s->rows_len ? bsearch(&wanted, sorted, s->rows_len, sizeof *sorted, by_sku) : NULL;
    for (size_t j = 0; j < i; j++)
      if (s->items[j].len == of->len && !memcmp(s->names.at + s->items[j].sku, key.sku.at, of->len)) s->items[j].twice = of->twice = 1;
    of->of = found ? *found : NULL;
  }
  for (size_t i = 0; i < s->items_len; i++) {
    item *of = &s->items[i];
    if (of->of && !of->twice && of->of->quantity != of->quantity) of->of->wanted = of->quantity, changed++;
  }
  if (!changed) { tell(s, to, out); return; }
  for (size_t i = 0; i < s->rows_len; i++) {
    if (s->rows[i].wanted < 0) continue;
    size_t digits = (size_t)(s->rows[i].digits.at - s->file.at);
    add(bodies, s->file.at + at, digits - at);
    addf(bodies, "%lld", (long long)s->rows[i].wanted);
    at = digits + s->rows[i].digits.len;
  }
  add(bodies, s->file.at + at, s->file.len - at);
  for (size_t from = 0; from < bodies->len; from += PIECE_BYTES) {
    size_t len = bodies->len - from < PIECE_BYTES ? bodies->len - from : PIECE_BYTES;
    act(to, "{\"action\":\"write_file\",\"id\":2,\"commit\":%s,\"append\":{\"offset\":%zu,\"len\":%zu}",
        from + len == bodies->len ? "true" : "false", from, len);
    with_path(s, to);
  }
  s->phase = COMMITTING;
}

/* --- the entry points --- */

static int32_t open_it(stocksync_slice config, void **out, stocksync_buf *manifest, stocksync_buf *error) {
  text json = {(const char *)config.ptr, config.len}, settings, path;
  if (manifest) *manifest = (stocksync_buf){0};
  if (!out || !config.ptr || member(json, "settings", &settings) != 1 || member(settings, "path", &path) != 1)
    return refused(error, STOCKSYNC_BAD_INPUT, "the setting `path` must name a file");
  path = inside_quotes(path);
  if (!path.len || !utf8(path.at, path.len)) return refused(error, STOCKSYNC_BAD_INPUT, "the setting `path` must name a file");
  session *s = calloc(1, sizeof *s);
  if (!s) abort();
  add(&s->path, path.at, path.len);
  *out = s;
  return STOCKSYNC_OK;
}

static const stocksync_column *column(const stocksync_rows *rows, uint32_t id, uint32_t kind) {
  for (uint32_t i = 0; i < rows->columns_len; i++)
    if (rows->columns[i].id == id && rows->columns[i].kind == kind) return &rows->columns[i];
  return NULL;
}

static const char *take_items(session *s, const stocksync_rows *rows) {
  if (!s->write || !rows || !rows->rows) return NULL;
  const stocksync_column *skus = column(rows, STOCKSYNC_STORE_SKU, STOCKSYNC_KIND_TEXT);
  const stocksync_column *quantities = column(rows, STOCKSYNC_QUANTITY, STOCKSYNC_KIND_I64);
  if (!skus || !quantities) return "items without SKU or quantity";
  if (rows->rows > ITEMS_MAX - s->items_len) return "more items than `items_max`";
  const uint32_t *ends = skus->ptr;
  const char *all = (const char *)(ends + rows->rows);
  for (uint32_t i = 0, start = 0; i < rows->rows; start = ends[i++]) {
    int64_t quantity = ((const int64_t *)quantities->ptr)[i];
    int out_of_bounds = quantity < 0 || quantity > 999999999999999;
    s->items[s->items_len++] = (item){s->names.len, ends[i] - start, quantity, NULL, out_of_bounds};
    add(&s->names, all + start, ends[i] - start);
  }
  return NULL;
}

static void file_ended(session *s, bytes *to, bytes *bodies, stocksync_rows *out) {
  char why[128];
  row **sorted = NULL;
  if (!parse(s, why, &sorted)) fail(s, to, why, (text){0});
  else if (s->write) write_all(s, sorted, to, bodies, out);
  else tell(s, to, out);
  free(sorted);
}

static int32_t step(void *of, stocksync_slice event_json, stocksync_slice body, const stocksync_rows *rows,
                    stocksync_buf *actions_json, stocksync_buf *bodies_out, stocksync_rows *out, stocksync_buf *error) {
  session *s = of;
  text json = {(const char *)event_json.ptr, event_json.len}, event, more = {0}, value = {0};
  bytes actions = {0}, bodies = {0};
  if (!s || !json.at || !utf8(json.at, json.len) || member(json, "event", &event) != 1)
    return refused(error, STOCKSYNC_BAD_INPUT, "this is no event");
  event = inside_quotes(event);
  int start = is(event, "start");
  if (start) {
    if (s->phase != IDLE) return refused(error, STOCKSYNC_WRONG_STATE, "an operation has started already");
    if (member(json, "operation", &value) != 1) return refused(error, STOCKSYNC_BAD_INPUT, "no operation");
    value = inside_quotes(value);
    s->write = is(value, "write"), s->check = is(value, "check");
    if (!s->write && !s->check && !is(value, "read") && !is(value, "listings"))
      return refused(error, STOCKSYNC_BAD_INPUT, "this operation is not supported");
    s->phase = ASKING;
  }
  if (start || (is(event, "more") && s->phase == ASKING)) {
    const char *why = take_items(s, rows);
    if (why) return refused(error, STOCKSYNC_BAD_INPUT, why);
    if (member(json, "more_rows", &more) == 1 && is(more, "true")) addf(&actions, "{\"actions\":[");
    else act(&actions, "{\"action\":\"read_file\",\"id\":1"), with_path(s, &actions), s->phase = READING;
  } else if (is(event, "more") && s->phase == TELLING) {
    tell(s, &actions, out);
  } else if (is(event, "chunk") && s->phase == READING) {
    add(&s->file, body.ptr, body.len);
    if (s->file.len > FILE_BYTES_MAX) fail(s, &actions, "the ledger is larger than 64 MiB", (text){0});
    else if (member(json, "last", &value) == 1 && is(value, "true")) file_ended(s, &actions, &bodies, out);
    else act(&actions, "{\"action\":\"next_chunk\",\"id\":1}");
  } else if (is(event, "written") && s->phase == COMMITTING) {
    tell(s, &actions, out);
  } else if (is(event, "failed") && s->phase != IDLE && s->phase != OVER) {
    if (member(json, "message", &value) == 1) value = inside_quotes(value);
    fail(s, &actions, "", value);
  } else {
    int known = is(event, "more") || is(event, "chunk") || is(event, "written") || is(event, "failed") || is(event, "timer") || is(event, "response");
    return refused(error, known ? STOCKSYNC_WRONG_STATE : STOCKSYNC_BAD_INPUT, "this event has no place here");
  }
  addf(&actions, "]}");
  hand_over(actions_json, actions);
  hand_over(bodies_out, bodies);
  return STOCKSYNC_OK;
}

static void close_it(void *of) {
  session *s = of;
  if (!s) return;
  bytes *all[] = {&s->path, &s->names, &s->file, &s->out_text, &s->out_numbers, &s->out_small};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]->at);
  free(s->rows);
  free(s);
}

static void free_buf(stocksync_buf *buf) {
  if (!buf) return;
  free(buf->ptr);
  *buf = (stocksync_buf){0};
}

static const stocksync_connector_v1 TABLE = {
    STOCKSYNC_ABI_VERSION, sizeof TABLE, {(const uint8_t *)MANIFEST, sizeof MANIFEST - 1}, open_it, step, close_it, free_buf};

const stocksync_connector_v1 *stocksync_connector_v1_get(void) { return &TABLE; }
