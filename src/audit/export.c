#include "audit/export.h"

#include <errno.h>
#include <jansson.h>

#include "audit/ocsf.h"

struct writing {
    enum export_format format;
    const struct export_wish *wish;
    FILE *out;
    uint64_t count;
    bool failed;
    struct buf event; /* scratch */
};

static bool is_of(const json_t *entry, const char *member, struct str value)
{
    const char *text = json_string_value(json_object_get(entry, member));
    return text && str_is(value, text);
}

static bool is_wished(const struct export_wish *w, const struct line *line, const json_t *entry)
{
    int64_t at = line_time(line->timestamp);
    return (!w->kind || *w->kind == line->kind) && (!w->from_us || at >= w->from_us) &&
           (!w->to_us || at < w->to_us) && (w->org_id.n == 0 || is_of(entry, "org_id", w->org_id));
}

static void write_entry(struct writing *w, const struct line *line, const json_t *entry)
{
    struct str text = line_text(line);
    if (w->format == EXPORT_OCSF) {
        buf_clear(&w->event);
        ocsf_write(line, entry, &w->event);
        text = buf_str(&w->event);
    }
    w->failed |= fwrite(text.p, 1, text.n, w->out) != text.n || fputc('\n', w->out) == EOF;
    w->count++;
}

static void visit(void *ctx, const struct line *line)
{
    struct writing *w = ctx;
    struct str text = line_text(line);
    json_t *entry = json_loadb(text.p, text.n, 0, NULL);
    if (entry && !w->failed && is_wished(w->wish, line, entry)) {
        write_entry(w, line, entry);
    }
    json_decref(entry);
}

enum status export_write(const char *path, const struct audit_known *known,
                         enum export_format format, const struct export_wish *wish, FILE *out,
                         struct audit_report *report, uint64_t *count, struct error *e)
{
    struct writing w = {.format = format, .wish = wish, .out = out, .event = BUF_INIT(0)};
    enum status status = audit_visit_log(path, known, visit, &w, report, e);
    buf_free(&w.event);
    *count = w.count;
    if (status == OK && (w.failed || fflush(out) != 0)) {
        return error_set(e, ERR_IO, "the export can't be written: %s", strerror(errno));
    }
    return status;
}
