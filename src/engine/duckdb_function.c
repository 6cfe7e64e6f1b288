/* Functions of ours in the engine: LIKE and GLOB that match in linear time and look, while they
 * match, whether the statement was stopped; contains() and strpos() in linear time; the hash mask,
 * whose key is the session's; what lets no text through that its regular expression would take too
 * long for. No client can call them by name: they are not in the list of
 * functions. They are there before the file is attached, since its CHECK constraints and generated
 * columns may call them. */
#include "engine/duckdb_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/regex_cost.h"
#include "base/wildcard.h"
#include "sql/rewrite.h"

/* Whose statement it is. By number: a plan may outlive its session. */
struct caller {
    struct engine *engine;
    uint64_t session;
};

static void *copy_caller(void *from)
{
    struct caller *out = mem_alloc(sizeof *out);
    *out = *(struct caller *)from;
    return out;
}

static void bind(duckdb_bind_info info)
{
    struct engine *g = duckdb_scalar_function_bind_get_extra_info(info);
    struct caller *c = mem_alloc(sizeof *c);
    duckdb_client_context context = NULL;
    duckdb_scalar_function_get_client_context(info, &context);
    c->engine = g;
    c->session = session_of_connection(g, duckdb_client_context_get_connection_id(context));
    duckdb_destroy_client_context(&context);
    duckdb_scalar_function_set_bind_data(info, c, free);
    duckdb_scalar_function_set_bind_data_copy(info, copy_caller);
}

static bool is_stopped(void *ctx)
{
    const struct caller *c = ctx;
    return session_is_stopped(c->engine, c->session);
}

/* The texts of one row; false where one is NULL. */
static bool row_texts(duckdb_string_t *const *columns, uint64_t *const *validity, size_t n,
                      size_t row, struct str *out)
{
    for (size_t i = 0; i < n; i++) {
        if (validity[i] && !duckdb_validity_row_is_valid(validity[i], row)) {
            return false;
        }
        duckdb_string_t *s = columns[i] + row;
        out[i] = (struct str){duckdb_string_t_data(s), duckdb_string_t_length(*s)};
    }
    return true;
}

enum { MOST_ARGS = 3 };

static void match_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                       size_t args)
{
    const struct wildcard_stop stop = {is_stopped, duckdb_scalar_function_get_bind_data(info)};
    size_t rows = duckdb_data_chunk_get_size(input);
    duckdb_string_t *columns[MOST_ARGS];
    uint64_t *validity[MOST_ARGS];
    bool *out = duckdb_vector_get_data(output);
    for (size_t i = 0; i < args; i++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(input, i);
        columns[i] = duckdb_vector_get_data(v);
        validity[i] = duckdb_vector_get_validity(v);
    }
    for (size_t row = 0; row < rows; row++) {
        struct str text[MOST_ARGS];
        if (!row_texts(columns, validity, args, row, text)) {
            duckdb_vector_ensure_validity_writable(output);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
            continue;
        }
        if (args == 3 && !wildcard_escape_fits(text[1], text[2])) {
            duckdb_scalar_function_set_error(info, REWRITE_BAD_ESCAPE);
            return;
        }
        enum wildcard found = args == 3 ? wildcard_like(text[0], text[1], text[2], &stop)
                                        : wildcard_glob(text[0], text[1], &stop);
        if (found == WILDCARD_STOPPED) {
            duckdb_scalar_function_set_error(info, "stopped"); /* run_end() says why */
            return;
        }
        out[row] = found == WILDCARD_YES;
    }
}

static void like(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    match_rows(info, input, output, 3);
}

static void glob(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    match_rows(info, input, output, 2);
}

static int64_t characters(const char *p, const char *end)
{
    int64_t n = 0;
    for (; p < end; p++) {
        n += (*p & 0xC0) != 0x80;
    }
    return n;
}

/* 0: nowhere. */
static int64_t place_of(struct str text, struct str needle, bool asks_where)
{
    const char *found = memmem(text.p, text.n, needle.p, needle.n);
    return !found ? 0 : asks_where ? characters(text.p, found) + 1 : 1;
}

static void search_rows(duckdb_data_chunk input, duckdb_vector output, bool asks_where)
{
    size_t rows = duckdb_data_chunk_get_size(input);
    duckdb_string_t *columns[2];
    uint64_t *validity[2];
    void *out = duckdb_vector_get_data(output);
    for (size_t i = 0; i < 2; i++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(input, i);
        columns[i] = duckdb_vector_get_data(v);
        validity[i] = duckdb_vector_get_validity(v);
    }
    for (size_t row = 0; row < rows; row++) {
        struct str text[2];
        if (!row_texts(columns, validity, 2, row, text)) {
            duckdb_vector_ensure_validity_writable(output);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
            continue;
        }
        int64_t place = place_of(text[0], text[1], asks_where);
        if (asks_where) {
            ((int64_t *)out)[row] = place;
        } else {
            ((bool *)out)[row] = place > 0;
        }
    }
}

static void contains(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    (void)info;
    search_rows(input, output, false);
}

static void position(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    (void)info;
    search_rows(input, output, true);
}

enum { HASHED_BETWEEN_LOOKS = 1 << 20 }; /* bytes */

/* Every row, or the rows until the statement was stopped. */
static void hash_rows(duckdb_function_info info, struct mac *mac, duckdb_data_chunk input,
                      duckdb_vector output)
{
    size_t rows = duckdb_data_chunk_get_size(input), since_look = 0;
    duckdb_vector v = duckdb_data_chunk_get_vector(input, 0);
    duckdb_string_t *column = duckdb_vector_get_data(v);
    uint64_t *validity = duckdb_vector_get_validity(v);
    for (size_t row = 0; row < rows; row++) {
        char hex[DIGEST_HEX_SIZE];
        struct str text;
        if (!row_texts(&column, &validity, 1, row, &text)) {
            duckdb_vector_ensure_validity_writable(output);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
            continue;
        }
        since_look += text.n;
        if (since_look > HASHED_BETWEEN_LOOKS) {
            since_look = 0;
            if (is_stopped(duckdb_scalar_function_get_bind_data(info))) {
                duckdb_scalar_function_set_error(info, "stopped"); /* run_end() says why */
                return;
            }
        }
        mac_hex(mac, text, hex);
        duckdb_vector_assign_string_element_len(output, row, hex, sizeof hex);
    }
}

/* The key is looked up as the rows come and kept by no plan. */
static void hash(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    const struct caller *c = duckdb_scalar_function_get_bind_data(info);
    uint8_t key[DIGEST_SIZE];
    if (!session_mask_key(c->engine, c->session, key)) {
        duckdb_scalar_function_set_error(info, "a hash mask has no key");
        return;
    }
    struct mac *mac = mac_new(key);
    mem_wipe(key, sizeof key);
    hash_rows(info, mac, input, output);
    mac_free(mac);
}

/* Steps of a regular expression over one text, and over all that the engine takes at once: some
 * seconds at worst. */
#define MOST_STEPS     0x1p28
#define MOST_STEPS_ALL 0x1p30

/* Each text as it is, once they are known to take bounded time; also where its pattern is NULL. */
static void pass_texts(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                       bool all)
{
    size_t rows = duckdb_data_chunk_get_size(input);
    duckdb_vector texts = duckdb_data_chunk_get_vector(input, 0);
    duckdb_vector patterns = duckdb_data_chunk_get_vector(input, 1);
    duckdb_string_t *columns[] = {duckdb_vector_get_data(texts), duckdb_vector_get_data(patterns)};
    uint64_t *validity[] = {duckdb_vector_get_validity(texts),
                            duckdb_vector_get_validity(patterns)};
    struct regex_cost cost = {0};
    struct str known = STR_NULL, text, pattern;
    double total = 0;
    for (size_t row = 0; row < rows; row++) {
        if (!row_texts(columns, validity, 1, row, &text)) {
            duckdb_vector_ensure_validity_writable(output);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
            continue;
        }
        if (row_texts(columns + 1, validity + 1, 1, row, &pattern)) {
            if (!known.p || !str_eq(known, pattern)) {
                cost = regex_cost_of(pattern);
                known = pattern;
            }
            double steps = regex_steps(cost, text.n, all);
            total += steps;
            if (steps > MOST_STEPS || total > MOST_STEPS_ALL) {
                duckdb_scalar_function_set_error(info, REWRITE_LONG_REGEX);
                return;
            }
        }
        duckdb_vector_assign_string_element_len(output, row, text.p, text.n);
    }
}

static void regex_text(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    pass_texts(info, input, output, false);
}

static void regex_all(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    pass_texts(info, input, output, true);
}

struct ours {
    const char *name;
    size_t args;
    duckdb_type result;
    duckdb_scalar_function_t function;
    bool takes_null; /* else NULL of NULL without a call */
};

static enum status add(struct engine *g, const struct ours *ours, struct error *e)
{
    duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type given = duckdb_create_logical_type(ours->result);
    duckdb_scalar_function f = duckdb_create_scalar_function();
    duckdb_scalar_function_set_name(f, ours->name);
    for (size_t i = 0; i < ours->args; i++) {
        duckdb_scalar_function_add_parameter(f, text);
    }
    duckdb_scalar_function_set_return_type(f, given);
    duckdb_scalar_function_set_extra_info(f, g, NULL);
    duckdb_scalar_function_set_bind(f, bind);
    duckdb_scalar_function_set_function(f, ours->function);
    if (ours->takes_null) {
        duckdb_scalar_function_set_special_handling(f);
    }
    duckdb_state added = duckdb_register_scalar_function(g->first_connection, f);
    duckdb_destroy_scalar_function(&f);
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_logical_type(&given);
    return added == DuckDBSuccess
               ? OK
               : error_set(e, ERR_ENGINE, "The engine does not take the function %s.", ours->name);
}

enum status functions_add(struct engine *g, struct error *e)
{
    static const struct ours functions[] = {
        {REWRITE_LIKE, 3, DUCKDB_TYPE_BOOLEAN, like, false},
        {REWRITE_GLOB, 2, DUCKDB_TYPE_BOOLEAN, glob, false},
        {REWRITE_CONTAINS, 2, DUCKDB_TYPE_BOOLEAN, contains, false},
        {REWRITE_POSITION, 2, DUCKDB_TYPE_BIGINT, position, false},
        {REWRITE_HASH, 1, DUCKDB_TYPE_VARCHAR, hash, false},
        {REWRITE_REGEX_TEXT, 2, DUCKDB_TYPE_VARCHAR, regex_text, true},
        {REWRITE_REGEX_ALL, 2, DUCKDB_TYPE_VARCHAR, regex_all, true}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (add(g, &functions[i], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}
