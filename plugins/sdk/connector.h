/* What a stocksync connector exports: the C ABI, version 1. Fields are only ever added, at the end.
 *
 * Rules. A slice or row is valid for the call only; what `rows_out` points to, until the session's next step. A buffer that a connector fills is its
 * own, and comes back through free_buf. A session belongs to one thread at a time and may move between threads; sessions are
 * independent. A connector starts no thread, does no I/O, reads no environment and no clock. A step answers within 10 ms. */
#ifndef STOCKSYNC_CONNECTOR_H
#define STOCKSYNC_CONNECTOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STOCKSYNC_ABI_VERSION 1u

/* What `open` and `step` return; a message goes into `error`. */
#define STOCKSYNC_OK 0
#define STOCKSYNC_BAD_INPUT 1
#define STOCKSYNC_WRONG_STATE 2
#define STOCKSYNC_PANIC 3 /* the session is dead */

/* Column ids. An unknown one is ignored. */
#define STOCKSYNC_STORE_SKU 1u /* text */
#define STOCKSYNC_ADDRESS 2u   /* text: the marketplace's own address of a store SKU */
#define STOCKSYNC_QUANTITY 3u  /* i64 */
#define STOCKSYNC_HELD 4u      /* i64: units held by open orders */
#define STOCKSYNC_EXPECTED 5u  /* i64, with validity: what a conditional write expects */
#define STOCKSYNC_OUTCOME 6u   /* u8: one of the outcomes below */
#define STOCKSYNC_TICKET 7u    /* text: the ticket of an accepted write */
#define STOCKSYNC_TEXT 8u      /* text: the marketplace's own words, or a title */
#define STOCKSYNC_INDEX 9u     /* u32: the item that a row answers, counted over all pages of items */
#define STOCKSYNC_PARENT 10u   /* text: the parent product of a listing */

/* Column kinds. Each is aligned for its numbers. */
#define STOCKSYNC_KIND_TEXT 1u     /* `rows` little-endian uint32_t ends, then the UTF-8 bytes of all texts */
#define STOCKSYNC_KIND_I64 2u      /* `rows` int64_t */
#define STOCKSYNC_KIND_U8 3u       /* `rows` uint8_t */
#define STOCKSYNC_KIND_VALIDITY 4u /* `rows` uint8_t, 0 or 1: whether the column of the same id before it has a value */
#define STOCKSYNC_KIND_U32 5u      /* `rows` uint32_t */

/* Outcomes of an item of a write. */
#define STOCKSYNC_SENT 1u
#define STOCKSYNC_FAILED 2u   /* the text begins with `not-found:`, `rejected:`, `locked:` ... */
#define STOCKSYNC_CONFLICT 3u
#define STOCKSYNC_ACCEPTED 4u

typedef struct { const uint8_t *ptr; size_t len; } stocksync_slice; /* null + 0 = empty */
typedef struct { uint8_t *ptr; size_t len, cap; } stocksync_buf;
typedef struct { uint32_t id, kind; const void *ptr; size_t len; } stocksync_column;
typedef struct { uint32_t struct_size, columns_len; uint64_t rows; const stocksync_column *columns; } stocksync_rows;

typedef struct {
  uint32_t abi_version, struct_size; /* which fields are there is told by struct_size */
  stocksync_slice manifest;          /* static JSON */
  int32_t (*open)(stocksync_slice config_json, void **session, stocksync_buf *effective_manifest, stocksync_buf *error);
  int32_t (*step)(void *session, stocksync_slice event_json, stocksync_slice body, const stocksync_rows *rows,
                  stocksync_buf *actions_json, stocksync_buf *bodies, stocksync_rows *rows_out, stocksync_buf *error);
  void (*close)(void *session);
  void (*free_buf)(stocksync_buf *);
} stocksync_connector_v1;

/* The one exported symbol. */
const stocksync_connector_v1 *stocksync_connector_v1_get(void);

#if UINTPTR_MAX == 0xFFFFFFFFFFFFFFFFu
#ifdef __cplusplus
#define STOCKSYNC_ASSERT(truth) static_assert(truth, #truth)
#else
#define STOCKSYNC_ASSERT(truth) _Static_assert(truth, #truth)
#endif
STOCKSYNC_ASSERT(sizeof(stocksync_slice) == 16 && offsetof(stocksync_slice, ptr) == 0 && offsetof(stocksync_slice, len) == 8);
STOCKSYNC_ASSERT(sizeof(stocksync_buf) == 24 && offsetof(stocksync_buf, len) == 8 && offsetof(stocksync_buf, cap) == 16);
STOCKSYNC_ASSERT(sizeof(stocksync_column) == 24 && offsetof(stocksync_column, id) == 0 && offsetof(stocksync_column, kind) == 4);
STOCKSYNC_ASSERT(offsetof(stocksync_column, ptr) == 8 && offsetof(stocksync_column, len) == 16);
STOCKSYNC_ASSERT(sizeof(stocksync_rows) == 24 && offsetof(stocksync_rows, struct_size) == 0 && offsetof(stocksync_rows, columns_len) == 4);
STOCKSYNC_ASSERT(offsetof(stocksync_rows, rows) == 8 && offsetof(stocksync_rows, columns) == 16);
STOCKSYNC_ASSERT(sizeof(stocksync_connector_v1) == 56 && offsetof(stocksync_connector_v1, abi_version) == 0);
STOCKSYNC_ASSERT(offsetof(stocksync_connector_v1, struct_size) == 4 && offsetof(stocksync_connector_v1, manifest) == 8);
STOCKSYNC_ASSERT(offsetof(stocksync_connector_v1, open) == 24 && offsetof(stocksync_connector_v1, step) == 32);
STOCKSYNC_ASSERT(offsetof(stocksync_connector_v1, close) == 40 && offsetof(stocksync_connector_v1, free_buf) == 48);
#endif

#ifdef __cplusplus
}
#endif

#endif
