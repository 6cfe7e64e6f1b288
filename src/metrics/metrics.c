#include "metrics/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

/* Upper bounds in nanoseconds: 1-2.5-5 steps from 1 us to 10 s. */
static const int64_t bounds[] = {
    1000,      2500,      5000,       10000,      25000,      50000,      100000,   250000,
    500000,    1000000,   2500000,    5000000,    10000000,   25000000,   50000000, 100000000,
    250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000};

enum { BOUNDS = sizeof bounds / sizeof *bounds };

/* Buckets count apart and are added up when they are read. */
struct histogram {
    atomic_uint_least64_t buckets[BOUNDS + 1];
    atomic_uint_least64_t sum_ns;
};

enum type { COUNTER, GAUGE };

static const struct {
    const char *name, *help;
    enum type type;
    int64_t unit;
} described[METRIC_COUNT] = {
#define X(id, name, type, unit, help) [id] = {name, help, type, unit},
    METRICS(X)
#undef X
};

static const struct {
    const char *name, *help;
} described_histograms[METRIC_HISTOGRAM_COUNT] = {
#define X(id, name, help) [id] = {name, help},
    METRICS_HISTOGRAMS(X)
#undef X
};

static const char *const stage_names[METRICS_STAGE_COUNT] = {
#define X(name) name,
    METRICS_STAGES(X)
#undef X
};

static const char *const kind_names[METRICS_KIND_COUNT] = {
#define X(id, name) [id] = name,
    METRICS_KINDS(X)
#undef X
};

/* Of the process: a metric that isn't is no metric of the process. */
static atomic_int_least64_t values[METRIC_COUNT];
static struct histogram histograms[METRIC_HISTOGRAM_COUNT], stages[METRICS_STAGE_COUNT];
static atomic_uint_least64_t statements[METRICS_KIND_COUNT][2], errors[ERR_COUNT];

void metrics_add(enum metric m, int64_t v)
{
    atomic_fetch_add_explicit(&values[m], v, memory_order_relaxed);
}

void metrics_set(enum metric m, int64_t v)
{
    atomic_store_explicit(&values[m], v, memory_order_relaxed);
}

int64_t metrics_get(enum metric m)
{
    return atomic_load_explicit(&values[m], memory_order_relaxed);
}

static void observe(struct histogram *h, int64_t ns)
{
    size_t i = 0;
    while (i < BOUNDS && ns > bounds[i]) {
        i++;
    }
    atomic_fetch_add_explicit(&h->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum_ns, ns > 0 ? (uint64_t)ns : 0, memory_order_relaxed);
}

void metrics_observe(enum metric_histogram h, int64_t ns)
{
    observe(&histograms[h], ns);
}

void metrics_observe_stage(int stage, int64_t ns)
{
    if (stage >= 0 && stage < METRICS_STAGE_COUNT) {
        observe(&stages[stage], ns);
    }
}

void metrics_count_statement(enum metrics_kind kind, bool failed)
{
    atomic_fetch_add_explicit(&statements[kind][failed], 1, memory_order_relaxed);
}

void metrics_error(enum error_code code)
{
    if ((unsigned)code < ERR_COUNT) {
        atomic_fetch_add_explicit(&errors[code], 1, memory_order_relaxed);
    }
}

/* --- policies in shadow mode --- */

static const char *const woulds[] = {"would_deny", "would_mask", "would_filter"};
enum { WOULDS = sizeof woulds / sizeof *woulds };

struct shadow {
    char id[METRICS_ID_MAX + 1];
    uint64_t counts[WOULDS];
};

static pthread_mutex_t shadows_lock = PTHREAD_MUTEX_INITIALIZER;
static struct shadow shadows[METRICS_SHADOWS_MAX + 1] = {{.id = "other"}};
static size_t shadow_count = 1;

static bool is_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_';
        if (!good) {
            return false;
        }
    }
    return s.n > 0 && s.n <= METRICS_ID_MAX;
}

/* With the lock. */
static struct shadow *shadow_of(struct str id)
{
    for (size_t i = 1; i < shadow_count; i++) {
        if (str_is(id, shadows[i].id)) {
            return &shadows[i];
        }
    }
    if (!is_id(id) || shadow_count > METRICS_SHADOWS_MAX) {
        return &shadows[0];
    }
    struct shadow *made = &shadows[shadow_count++];
    memcpy(made->id, id.p, id.n);
    return made;
}

void metrics_count_shadow(struct str policy_id, struct str would)
{
    pthread_mutex_lock(&shadows_lock);
    for (int i = 0; i < WOULDS; i++) {
        if (str_is(would, woulds[i])) {
            shadow_of(policy_id)->counts[i]++;
        }
    }
    pthread_mutex_unlock(&shadows_lock);
}

/* --- the text --- */

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void render_value(struct buf *out, enum metric m)
{
    int64_t v = metrics_get(m);
    head(out, described[m].name, described[m].type == COUNTER ? "counter" : "gauge",
         described[m].help);
    if (described[m].unit == 1) {
        buf_printf(out, "%s %lld\n", described[m].name, (long long)v);
    } else {
        buf_printf(out, "%s %.10g\n", described[m].name, (double)v / (double)described[m].unit);
    }
}

/* `label` is `stage="x",` or empty. */
static void render_histogram(struct buf *out, const char *name, const char *label,
                             struct histogram *h)
{
    uint64_t total = 0;
    for (size_t i = 0; i <= BOUNDS; i++) {
        total += atomic_load_explicit(&h->buckets[i], memory_order_relaxed);
        if (i < BOUNDS) {
            buf_printf(out, "%s_bucket{%sle=\"%g\"} %llu\n", name, label, (double)bounds[i] / 1e9,
                       (unsigned long long)total);
        }
    }
    double sum = (double)atomic_load_explicit(&h->sum_ns, memory_order_relaxed) / 1e9;
    size_t n = strlen(label);
    char braces[64] = "";
    if (n) {
        snprintf(braces, sizeof braces, "{%.*s}", (int)n - 1, label);
    }
    buf_printf(out, "%s_bucket{%sle=\"+Inf\"} %llu\n%s_sum%s %.9f\n%s_count%s %llu\n", name, label,
               (unsigned long long)total, name, braces, sum, name, braces,
               (unsigned long long)total);
}

static void render_stages(struct buf *out)
{
    static const char name[] = "hatidata_stage_seconds";
    head(out, name, "histogram", "Time that a statement spends in a stage of the pipeline.");
    for (int i = 0; i < METRICS_STAGE_COUNT; i++) {
        char label[48];
        snprintf(label, sizeof label, "stage=\"%s\",", stage_names[i]);
        render_histogram(out, name, label, &stages[i]);
    }
}

static void render_statements(struct buf *out)
{
    static const char name[] = "hatidata_statements_total";
    head(out, name, "counter", "Statements that ended, by kind and outcome.");
    for (int k = 0; k < METRICS_KIND_COUNT; k++) {
        for (int failed = 0; failed < 2; failed++) {
            buf_printf(out, "%s{kind=\"%s\",outcome=\"%s\"} %llu\n", name, kind_names[k],
                       failed ? "error" : "ok", (unsigned long long)statements[k][failed]);
        }
    }
}

static void render_errors(struct buf *out)
{
    static const char name[] = "hatidata_errors_total";
    head(out, name, "counter", "Errors given to clients, by code.");
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        buf_printf(out, "%s{code=\"%s\"} %llu\n", name, error_info((enum error_code)code)->name,
                   (unsigned long long)errors[code]);
    }
}

static void render_shadows(struct buf *out)
{
    static const char name[] = "hatidata_shadow_policy_total";
    head(out, name, "counter", "Statements that a policy in shadow mode would have changed.");
    pthread_mutex_lock(&shadows_lock);
    for (size_t i = 0; i < shadow_count; i++) {
        for (int k = 0; k < WOULDS; k++) {
            if (shadows[i].counts[k]) {
                buf_printf(out, "%s{policy=\"%s\",action=\"%s\"} %llu\n", name, shadows[i].id,
                           woulds[k], (unsigned long long)shadows[i].counts[k]);
            }
        }
    }
    pthread_mutex_unlock(&shadows_lock);
}

void metrics_render(struct buf *out)
{
    for (int m = 0; m < METRIC_COUNT; m++) {
        render_value(out, (enum metric)m);
    }
    for (int h = 0; h < METRIC_HISTOGRAM_COUNT; h++) {
        head(out, described_histograms[h].name, "histogram", described_histograms[h].help);
        render_histogram(out, described_histograms[h].name, "", &histograms[h]);
    }
    render_stages(out);
    render_statements(out);
    render_errors(out);
    render_shadows(out);
}
