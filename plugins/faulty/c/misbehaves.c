/* A connector whose answers break the boundary itself, as the setting `mode` says: what the SDK would never let out.
 * garbage-json, empty-json, bad-utf8 (in the JSON), text-not-utf8, ends-beyond, ends-backwards, ends-inside-char, unaligned, rows-differ,
 * null-column, null-columns, huge-rows, many-columns, short-rows, wrong-kind, unknown-status, panic-status, deep-json, error-not-utf8, null-session, null-buffer. */
#include "connector.h"
#include <stdlib.h>
#include <string.h>

static const char MANIFEST[] =
    "{\"format_version\":1,\"name\":\"misbehaves\",\"version\":\"1.0.0\",\"operations\":[\"check\",\"read\",\"write\",\"listings\"],"
    "\"settings\":{\"type\":\"object\",\"properties\":{\"mode\":{\"type\":\"string\"}}}}";
static const char DONE[] = "{\"format_version\":1,\"actions\":[{\"action\":\"done\"}]}";

typedef struct {
  char mode[64];
  stocksync_column columns[70];
  uint8_t bytes[256] __attribute__((aligned(8)));
  int64_t numbers[8];
} session;

static void put(stocksync_buf *to, const char *text, size_t len) {
  to->ptr = malloc(len ? len : 1);
  to->len = to->cap = len;
  if (to->ptr && len) memcpy(to->ptr, text, len);
}

static int32_t open_it(stocksync_slice config, void **out, stocksync_buf *manifest, stocksync_buf *error) {
  (void)manifest;
  session *s = calloc(1, sizeof *s);
  char *text = calloc(1, config.len + 1);
  if (!s || !text) abort();
  memcpy(text, config.ptr, config.len);
  const char *at = strstr(text, "\"mode\":\"");
  if (at) strncpy(s->mode, at + 8, strcspn(at + 8, "\"") < 63 ? strcspn(at + 8, "\"") : 63);
  free(text);
  put(error, "", 0);
  if (!strcmp(s->mode, "null-session")) { free(s); *out = NULL; return 0; }
  *out = s;
  return 0;
}

static void ends(session *s, uint32_t a, uint32_t b, const char *text, size_t len) {
  memcpy(s->bytes, &a, 4);
  memcpy(s->bytes + 4, &b, 4);
  memcpy(s->bytes + 8, text, len);
  s->columns[0] = (stocksync_column){STOCKSYNC_STORE_SKU, STOCKSYNC_KIND_TEXT, s->bytes, 8 + len};
}

static int32_t step(void *of, stocksync_slice event, stocksync_slice body, const stocksync_rows *rows,
                    stocksync_buf *actions, stocksync_buf *bodies, stocksync_rows *out, stocksync_buf *error) {
  session *s = of;
  (void)event, (void)body, (void)rows, (void)bodies;
  if (!s) return STOCKSYNC_BAD_INPUT;
  const char *mode = s->mode;
#define IS(name) (!strcmp(mode, name))
  if (IS("unknown-status")) { put(error, "what is this", 12); return 77; }
  if (IS("panic-status")) { put(error, "the connector panicked: in C", 28); return STOCKSYNC_PANIC; }
  if (IS("error-not-utf8")) { put(error, "\xff\xfe", 2); return STOCKSYNC_BAD_INPUT; }
  if (IS("garbage-json")) { put(actions, "}{ not json", 11); return 0; }
  if (IS("empty-json")) { put(actions, "", 0); return 0; }
  if (IS("bad-utf8")) { put(actions, "{\"actions\":[{\"action\":\"done\",\"error\":\"\xff\"}]}", 44); return 0; }
  if (IS("deep-json")) {
    size_t deep = 1 << 20;
    actions->ptr = malloc(deep);
    if (!actions->ptr) abort();
    memset(actions->ptr, '[', deep);
    actions->len = actions->cap = deep;
    return 0;
  }
  if (IS("null-buffer")) { actions->ptr = NULL; actions->len = 1000; actions->cap = 1000; return 0; }
  put(actions, DONE, sizeof DONE - 1);
  uint32_t columns = 2;
  uint64_t many = 2;
  ends(s, 1, 2, "ab", 2);
  s->columns[1] = (stocksync_column){STOCKSYNC_QUANTITY, STOCKSYNC_KIND_I64, s->numbers, 16};
  if (IS("text-not-utf8")) ends(s, 1, 2, "a\xff", 2);
  if (IS("ends-beyond")) ends(s, 1, 200, "ab", 2);
  if (IS("ends-backwards")) ends(s, 2, 1, "ab", 2);
  if (IS("ends-inside-char")) ends(s, 1, 2, "\xc3\xa4", 2);
  if (IS("unaligned")) s->columns[1].ptr = (const uint8_t *)s->numbers + 1;
  if (IS("rows-differ")) s->columns[1].len = 24;
  if (IS("null-column")) s->columns[1].ptr = NULL;
  if (IS("wrong-kind")) s->columns[1].kind = STOCKSYNC_KIND_TEXT;
  if (IS("huge-rows")) many = UINT64_MAX;
  if (IS("many-columns")) columns = UINT32_MAX;
  *out = (stocksync_rows){IS("short-rows") ? 8 : sizeof *out, columns, many, IS("null-columns") ? NULL : s->columns};
  return 0;
}

static void close_it(void *s) { free(s); }
static void free_buf(stocksync_buf *buf) { free(buf->ptr); buf->ptr = NULL; }

static const stocksync_connector_v1 TABLE = {
    STOCKSYNC_ABI_VERSION, sizeof TABLE, {(const uint8_t *)MANIFEST, sizeof MANIFEST - 1}, open_it, step, close_it, free_buf};

const stocksync_connector_v1 *stocksync_connector_v1_get(void) { return &TABLE; }
