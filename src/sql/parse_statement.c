/* Which statement it is. One that we know by name but don't run is refused as unsupported, so that
 * the client isn't sent to look for a typing mistake. */
#include "sql/parse_priv.h"

/* WITH ... before a query or a statement that writes. */
static struct node *parse_after_with(struct parser *p)
{
    struct node_list ctes = {0};
    size_t offset = tok(p)->offset;
    int32_t recursive = parse_with(p, &ctes);
    struct node *n;
    if (!tok_starts_dml(p, 0)) {
        n = parse_query_under(p, ctes, recursive, offset);
    } else {
        n = parse_dml(p);
        switch (n->kind) {
        case NODE_INSERT:
            node_insert(n)->ctes = ctes;
            node_insert(n)->recursive = recursive;
            break;
        case NODE_MERGE:
            node_merge(n)->ctes = ctes;
            node_merge(n)->recursive = recursive;
            break;
        case NODE_MULTI_INSERT:
            parse_fail(p, ERR_UNSUPPORTED, offset, "WITH before INSERT ALL is not supported");
        case NODE_UPDATE:
            node_update(n)->ctes = ctes;
            node_update(n)->recursive = recursive;
            break;
        default:
            node_delete_stmt(n)->ctes = ctes;
            node_delete_stmt(n)->recursive = recursive;
            break;
        }
        n->offset = (uint32_t)offset;
    }
    return n;
}

/* Statements whose first words are no keywords, and those that never run here. */
static struct node *parse_rare(struct parser *p)
{
    if (tok_says(p, 0, "unset")) {
        return parse_unset(p);
    }
    if (!tok_is_foreign_statement(p)) {
        parse_syntax_error(p);
    }
    return parse_foreign(p);
}

struct node *parse_statement(struct parser *p)
{
    if (tok_is(p, TOK_LPAREN)) {
        return parse_query(p);
    }
    switch (tok(p)->word) {
    case KW_SELECT:
    case KW_VALUES:
    case KW_FROM:
    case KW_TABLE:
    case KW_PIVOT:
    case KW_UNPIVOT:
        return parse_query(p);
    case KW_WITH:
        return parse_after_with(p);
    case KW_INSERT:
    case KW_UPDATE:
    case KW_DELETE:
    case KW_MERGE:
        return parse_dml(p);
    case KW_CREATE:
        return parse_create(p);
    case KW_DROP:
        return parse_drop(p);
    case KW_ALTER:
        return parse_alter(p);
    case KW_EXPLAIN:
        return parse_explain(p);
    case KW_BEGIN:
    case KW_START:
    case KW_COMMIT:
    case KW_END:
    case KW_ROLLBACK:
    case KW_ABORT:
    case KW_SAVEPOINT:
    case KW_RELEASE:
        return parse_transaction(p);
    case KW_SET:
        return parse_set(p);
    case KW_SHOW:
        return parse_show(p);
    case KW_RESET:
        return parse_reset(p);
    case KW_DISCARD:
        return parse_discard(p);
    case KW_UNLISTEN:
        return parse_unlisten(p);
    case KW_DEALLOCATE:
        return parse_deallocate(p);
    case KW_PREPARE:
        return parse_prepare(p);
    case KW_EXECUTE:
        return parse_execute(p);
    case KW_DECLARE:
        return parse_declare(p);
    case KW_FETCH:
    case KW_MOVE:
        return parse_fetch_cursor(p);
    case KW_CLOSE:
        return parse_close(p);
    case KW_CALL:
        return parse_call_statement(p);
    case KW_TRUNCATE:
        return parse_truncate(p);
    case KW_COMMENT:
        return parse_comment(p);
    case KW_DESC:
    case KW_DESCRIBE:
    case KW_SUMMARIZE:
        return parse_describe(p);
    case KW_USE:
        return parse_use(p);
    case KW_LOCK:
        return parse_lock(p);
    case KW_COPY:
        return parse_copy(p);
    default:
        return parse_rare(p);
    }
}
