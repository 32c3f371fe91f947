// The words of the rule language, and what stands on which line. It keeps nothing between two tokens.

#include "tree_sitter/parser.h"

#include <stdbool.h>
#include <string.h>

// In the order of `externals` in grammar.js; the first ones are KEYWORDS.
enum Token {
    ACTIVE, ALL, AT, BELOW, BUNDLE, CAP, EXCEPT, EXPECT, FLOOR, FROM, LET, NONE, OFF, ORDER, PLUS,
    PRIORITY, RATE, RESERVE, ROUND, RULE, SKUS, SPLIT, STOCK, STORE, STORES, TEST, THRESHOLD, UNTIL,
    WAREHOUSES,
    NAME,
    LIST_END,
    COMMA_END,
    SAME_LINE,
    LONE_END,
    RECOVERING,
};

static const char *const KEYWORDS[] = {
    "active", "all", "at", "below", "bundle", "cap", "except", "expect", "floor", "from", "let", "none", "off", "order", "plus",
    "priority", "rate", "reserve", "round", "rule", "skus", "split", "stock", "store", "stores", "test", "threshold", "until",
    "warehouses",
};

// No keyword is longer.
#define KEYWORD_MAX 10

static bool is_name_char(int32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// What may not stand right behind a word.
static bool is_word_char(int32_t c) {
    return is_name_char(c) || (c >= 'A' && c <= 'Z') || c == '*' || c == '?' || c == '.' || c == '/' || c >= 0x80;
}

static bool is_line_end(int32_t c) { return c == '\n' || c == '\r'; }

// What was skipped: whether a line ended, and whether there was a comment.
typedef struct {
    bool line, comment;
} Gap;

static Gap skip_gap(TSLexer *lexer, bool over_comments) {
    Gap gap = {false, false};
    while (!lexer->eof(lexer)) {
        if (is_line_end(lexer->lookahead)) {
            gap.line = true;
        } else if (lexer->lookahead == '#' && over_comments) {
            gap.comment = true;
            while (!lexer->eof(lexer) && !is_line_end(lexer->lookahead)) lexer->advance(lexer, true);
            continue;
        } else if (lexer->lookahead != ' ' && lexer->lookahead != '\t') {
            break;
        }
        lexer->advance(lexer, true);
    }
    return gap;
}

// The keyword or name that stands here; `RECOVERING` where there is none.
static enum Token word(TSLexer *lexer) {
    char text[KEYWORD_MAX];
    size_t length = 0;
    if (lexer->lookahead < 'a' || lexer->lookahead > 'z') return RECOVERING;
    while (is_name_char(lexer->lookahead)) {
        if (length < KEYWORD_MAX) text[length] = (char)lexer->lookahead;
        length++;
        lexer->advance(lexer, false);
    }
    if (is_word_char(lexer->lookahead)) return RECOVERING;
    for (int keyword = ACTIVE; keyword < NAME; keyword++) {
        if (strlen(KEYWORDS[keyword]) == length && memcmp(text, KEYWORDS[keyword], length) == 0) return (enum Token)keyword;
    }
    return NAME;
}

static bool take(TSLexer *lexer, enum Token token) {
    lexer->result_symbol = (TSSymbol)token;
    return true;
}

bool tree_sitter_stocksync_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    (void)payload;
    // While the parser recovers every token is valid: then those without width would tell nothing.
    bool ends = !valid[RECOVERING] && (valid[LIST_END] || valid[COMMA_END] || valid[LONE_END]);
    bool same_line = !valid[RECOVERING] && valid[SAME_LINE];
    // A token without width ends here, whatever is looked at behind it.
    lexer->mark_end(lexer);
    Gap gap = skip_gap(lexer, ends);
    int32_t next = lexer->eof(lexer) ? 0 : lexer->lookahead;

    if (same_line) return !gap.line && next != 0 && next != '#' && take(lexer, SAME_LINE);
    // What goes on with the list, or cannot stand behind one.
    if (ends && (next == ',' || next == '"' || next == '+' || next == '-' || (next >= '0' && next <= '9'))) return false;

    enum Token found = word(lexer);
    if (ends) {
        if (valid[LONE_END]) return take(lexer, LONE_END);
        if (valid[COMMA_END] && found != EXCEPT && found != NAME) return take(lexer, COMMA_END);
        if (valid[LIST_END] && found != EXCEPT && (found != NAME || gap.line)) return take(lexer, LIST_END);
        // The comment is a token of its own, and comes first.
        if (gap.comment) return false;
    }
    if (found == RECOVERING || !valid[found]) return false;
    lexer->mark_end(lexer);
    return take(lexer, found);
}

void *tree_sitter_stocksync_external_scanner_create(void) { return NULL; }

void tree_sitter_stocksync_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_stocksync_external_scanner_serialize(void *payload, char *buffer) {
    (void)payload, (void)buffer;
    return 0;
}

void tree_sitter_stocksync_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    (void)payload, (void)buffer, (void)length;
}
