/* Relations whose rows the program makes: a table function of the engine for each, which no client
 * can name. One thread reads one source; a failure of it fails the statement without its text. The
 * relation itself is a macro over the function and the settled rows (duckdb_settle.c). */
#include "engine/duckdb_internal.h"

#include <stdlib.h>

#include "base/mem.h"

struct range {
    int64_t from, before;
};

struct reading {
    const struct engine_source *source;
    void *rows;     /* of source->open() */
    size_t *wanted; /* which column each output vector is of */
    size_t wanted_count;
    bool *is_wanted;
    struct value *cells;
};

static void reading_free(void *data)
{
    struct reading *r = data;
    if (r->rows) {
        r->source->close(r->rows);
    }
    free(r->wanted);
    free(r->is_wanted);
    free(r->cells);
    free(r);
}

static int64_t parameter(duckdb_bind_info info, idx_t i)
{
    duckdb_value value = duckdb_bind_get_parameter(info, i);
    int64_t number = duckdb_get_int64(value);
    duckdb_destroy_value(&value);
    return number;
}

static void bind(duckdb_bind_info info)
{
    const struct engine_source *source = duckdb_bind_get_extra_info(info);
    struct range *range = mem_alloc(sizeof *range);
    *range = (struct range){parameter(info, 0), parameter(info, 1)};
    duckdb_bind_set_bind_data(info, range, free);
    for (size_t i = 0; i < source->column_count; i++) {
        struct arena *scratch = arena_new(0);
        duckdb_logical_type type = type_to_engine(source->columns[i].type);
        duckdb_bind_add_result_column(info, arena_strdup(scratch, source->columns[i].name), type);
        duckdb_destroy_logical_type(&type);
        arena_free(scratch);
    }
}

static void init(duckdb_init_info info)
{
    const struct engine_source *source = duckdb_init_get_extra_info(info);
    const struct range *range = duckdb_init_get_bind_data(info);
    struct error e = ERROR_INIT;
    struct reading *r = mem_alloc(sizeof *r);
    *r = (struct reading){.source = source, .wanted_count = duckdb_init_get_column_count(info)};
    r->wanted = mem_calloc(r->wanted_count + 1, sizeof *r->wanted);
    r->is_wanted = mem_calloc(source->column_count, sizeof *r->is_wanted);
    r->cells = mem_calloc(source->column_count, sizeof *r->cells);
    for (size_t i = 0; i < r->wanted_count; i++) {
        r->wanted[i] = duckdb_init_get_column_index(info, i);
        /* Past the last: no column, where only the number of rows matters. */
        if (r->wanted[i] < source->column_count) {
            r->is_wanted[r->wanted[i]] = true;
        }
    }
    duckdb_init_set_max_threads(info, 1);
    duckdb_init_set_init_data(info, r, reading_free);
    r->rows = source->open(source->ctx, range->from, range->before, &e);
    if (!r->rows) {
        duckdb_init_set_error(info, "the rows can't be read");
    }
}

static void set_null(duckdb_vector v, size_t row)
{
    duckdb_vector_ensure_validity_writable(v);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(v), row);
}

static void set_text(duckdb_vector v, size_t row, struct str text)
{
    duckdb_vector_assign_string_element_len(v, row, text.p, text.n);
}

/* A list of texts. */
static void set_list(duckdb_vector v, size_t row, const struct value *cell)
{
    duckdb_list_entry *entries = duckdb_vector_get_data(v);
    size_t before = duckdb_list_vector_get_size(v), n = cell->as.list.n;
    duckdb_list_vector_reserve(v, before + n);
    duckdb_vector child = duckdb_list_vector_get_child(v);
    for (size_t i = 0; i < n; i++) {
        set_text(child, before + i, cell->as.list.items[i].as.text);
    }
    duckdb_list_vector_set_size(v, before + n);
    entries[row] = (duckdb_list_entry){before, n};
}

static void set_cell(duckdb_vector v, size_t row, const struct type *type, const struct value *cell)
{
    if (cell->is_null) {
        set_null(v, row);
        return;
    }
    void *data = duckdb_vector_get_data(v);
    switch (type->kind) {
    case TYPE_BOOL:
        ((bool *)data)[row] = cell->as.boolean;
        return;
    case TYPE_INT8:
        ((int64_t *)data)[row] = cell->as.integer;
        return;
    case TYPE_FLOAT8:
        ((double *)data)[row] = cell->as.real;
        return;
    case TYPE_TIMESTAMPTZ:
        ((int64_t *)data)[row] = cell->as.micros;
        return;
    case TYPE_TEXT:
    case TYPE_JSON:
        set_text(v, row, cell->as.text);
        return;
    case TYPE_LIST:
        set_list(v, row, cell);
        return;
    default:
        set_null(v, row); /* engine.h lists what a source may have */
    }
}

static void set_row(const struct reading *r, duckdb_data_chunk out, size_t row)
{
    for (size_t i = 0; i < r->wanted_count; i++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(out, i);
        size_t column = r->wanted[i];
        if (column >= r->source->column_count) {
            set_null(v, row);
        } else {
            set_cell(v, row, r->source->columns[column].type, &r->cells[column]);
        }
    }
}

static void produce(duckdb_function_info info, duckdb_data_chunk out)
{
    struct reading *r = duckdb_function_get_init_data(info);
    size_t most = duckdb_vector_size(), n = 0;
    enum engine_row row = ENGINE_ROW;
    for (; n < most; n++) {
        row = r->source->next(r->rows, r->is_wanted, r->cells);
        if (row != ENGINE_ROW) {
            break;
        }
        set_row(r, out, n);
    }
    if (row == ENGINE_ROW_FAILED) {
        duckdb_function_set_error(info, "the rows can't be read");
        n = 0;
    }
    duckdb_data_chunk_set_size(out, n);
}

enum status source_register(duckdb_connection c, const struct engine_source *source,
                            struct error *e)
{
    duckdb_table_function f = duckdb_create_table_function();
    duckdb_logical_type number = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    duckdb_table_function_set_name(f, source->function);
    duckdb_table_function_add_parameter(f, number);
    duckdb_table_function_add_parameter(f, number);
    duckdb_destroy_logical_type(&number);
    duckdb_table_function_set_extra_info(f, (void *)(uintptr_t)source, NULL);
    duckdb_table_function_set_bind(f, bind);
    duckdb_table_function_set_init(f, init);
    duckdb_table_function_set_function(f, produce);
    duckdb_table_function_supports_projection_pushdown(f, true);
    enum status st = duckdb_register_table_function(c, f) == DuckDBSuccess
                         ? OK
                         : error_set(e, ERR_ENGINE, "The engine refuses the table function %s.",
                                     source->function);
    duckdb_destroy_table_function(&f);
    return st;
}
