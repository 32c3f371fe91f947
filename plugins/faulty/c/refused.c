/* Libraries that must not be opened, one for each macro:
 * WRONG_ABI SHORT_STRUCT NULL_TABLE NULL_FUNCTIONS NULL_MANIFEST GARBAGE_MANIFEST HUGE_MANIFEST MISSING_SYMBOL UNDEFINED_SYMBOL,
 * DIES_WHEN_LOADED, whose constructor ends the process, and FROM_THE_FUTURE, which is larger than we know, and must be opened. */
#include "connector.h"
#include <stdlib.h>
#include <string.h>

#if defined DIES_WHEN_LOADED
__attribute__((constructor)) static void die(void) { abort(); }
#endif

static const char DONE[] = "{\"actions\":[{\"action\":\"done\"}]}";

static int32_t open_it(stocksync_slice config, void **session, stocksync_buf *manifest, stocksync_buf *error) {
  (void)config, (void)manifest, (void)error;
  *session = malloc(1);
  return 0;
}

static int32_t step(void *session, stocksync_slice event, stocksync_slice body, const stocksync_rows *rows,
                    stocksync_buf *actions, stocksync_buf *bodies, stocksync_rows *out, stocksync_buf *error) {
  (void)session, (void)event, (void)body, (void)rows, (void)bodies, (void)out, (void)error;
  actions->ptr = malloc(sizeof DONE);
  if (!actions->ptr) abort();
  memcpy(actions->ptr, DONE, sizeof DONE - 1);
  actions->len = actions->cap = sizeof DONE - 1;
  return 0;
}

static void close_it(void *session) { free(session); }
static void free_buf(stocksync_buf *buf) { free(buf->ptr); buf->ptr = NULL; }

#if defined GARBAGE_MANIFEST
static const char MANIFEST[] = "}{ not json \xff";
#else
static const char MANIFEST[] = "{\"format_version\":1,\"name\":\"refused\",\"version\":\"1.0.0\",\"operations\":[\"check\"]}";
#endif

static const struct {
  stocksync_connector_v1 table;
  void *later[8];
} EXPORTED = {{
#if defined WRONG_ABI
    STOCKSYNC_ABI_VERSION + 1,
#else
    STOCKSYNC_ABI_VERSION,
#endif
#if defined SHORT_STRUCT
    24,
#elif defined FROM_THE_FUTURE
    sizeof EXPORTED,
#else
    sizeof(stocksync_connector_v1),
#endif
#if defined NULL_MANIFEST
    {NULL, 0},
#elif defined HUGE_MANIFEST
    {(const uint8_t *)MANIFEST, SIZE_MAX},
#else
    {(const uint8_t *)MANIFEST, sizeof MANIFEST - 1},
#endif
#if defined NULL_FUNCTIONS
    NULL, NULL, NULL, NULL,
#else
    open_it, step, close_it, free_buf,
#endif
}, {0}};

#if defined UNDEFINED_SYMBOL
extern int stocksync_nobody_has_this(void);
const stocksync_connector_v1 *stocksync_connector_v1_get(void) { return stocksync_nobody_has_this() ? &EXPORTED.table : NULL; }
#elif defined MISSING_SYMBOL
const stocksync_connector_v1 *stocksync_connector_v9_get(void) { return &EXPORTED.table; }
#elif defined NULL_TABLE
const stocksync_connector_v1 *stocksync_connector_v1_get(void) { (void)EXPORTED; return NULL; }
#else
const stocksync_connector_v1 *stocksync_connector_v1_get(void) { return &EXPORTED.table; }
#endif
