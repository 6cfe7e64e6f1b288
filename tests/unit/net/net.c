/* Loops, pools and the HTTP server. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/http.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/pool.h"

static atomic_int count;
static atomic_bool gate;

static void add_one(void *ctx)
{
    atomic_fetch_add(&count, 1);
}

static void wait_gate(void *ctx)
{
    while (!atomic_load(&gate)) {
        usleep(1000);
    }
    atomic_fetch_add(&count, 1);
}

static void test_loop_runs_all_posts(void **state)
{
    struct loop *l = NULL;
    struct error e = ERROR_INIT;
    atomic_store(&count, 0);
    assert_int_equal(loop_new(&l, &e), OK);
    loop_post(l, add_one, NULL);
    assert_int_equal(loop_start(l, "test", &e), OK);
    for (int i = 0; i < 999; i++) {
        loop_post(l, add_one, NULL);
    }
    loop_stop(l);
    loop_post(l, add_one, NULL);
    loop_free(l);
    assert_int_equal(atomic_load(&count), 1001);
}

static void test_pool_is_bounded(void **state)
{
    struct pool *p = NULL;
    struct error e = ERROR_INIT;
    atomic_store(&count, 0);
    atomic_store(&gate, false);
    assert_int_equal(pool_new("test", 1, 2, &p, &e), OK);
    assert_true(pool_submit(p, wait_gate, NULL));
    while (pool_running(p) == 0) {
        usleep(1000);
    }
    assert_true(pool_submit(p, add_one, NULL));
    assert_true(pool_submit(p, add_one, NULL));
    assert_false(pool_submit(p, add_one, NULL));
    pool_submit_first(p, add_one, NULL); /* whatever the queue */
    assert_int_equal(pool_waiting(p), 2);
    assert_int_equal(atomic_load(&count), 0);
    atomic_store(&gate, true);
    pool_free(p);
    assert_int_equal(atomic_load(&count), 4);
}

static int metrics(void *ctx, struct buf *body)
{
    buf_puts(body, "up 1\n");
    return 200;
}

static int not_ready(void *ctx, struct buf *body)
{
    return 503;
}

static void ask(uint16_t port, const char *request, const char *want)
{
    char answer[2048] = "";
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_true(send(fd, request, strlen(request), MSG_NOSIGNAL) > 0);
    size_t n = 0;
    for (ssize_t got;
         n < sizeof answer - 1 && (got = recv(fd, answer + n, sizeof answer - 1 - n, 0)) > 0;
         n += (size_t)got) {
    }
    close(fd);
    assert_non_null(strstr(answer, want));
}

static void test_http(void **state)
{
    static const struct http_route routes[] = {{"/metrics", "text/plain", metrics, NULL},
                                               {"/ready", "text/plain", not_ready, NULL}};
    struct http_config c = {"127.0.0.1", 0, routes, 2};
    struct http *h = NULL, *second = NULL;
    struct error e = ERROR_INIT;
    assert_int_equal(http_start(&c, &h, &e), OK);
    uint16_t port = http_port(h);
    ask(port, "GET /metrics HTTP/1.0\r\n\r\n", "up 1\n");
    ask(port, "GET /metrics?x=1 HTTP/1.0\r\n\r\n", "up 1\n");
    ask(port, "GET /ready HTTP/1.0\r\n\r\n", " 503 ");
    ask(port, "GET /other HTTP/1.0\r\n\r\n", " 404 ");
    ask(port, "POST /metrics HTTP/1.0\r\nContent-Length: 0\r\n\r\n", " 405 ");
    c.port = port;
    assert_int_equal(http_start(&c, &second, &e), FAIL);
    assert_int_equal(e.code, ERR_CONFIG);
    http_stop(h);
}

static void test_listen_errors(void **state)
{
    struct error e = ERROR_INIT;
    int fd = -1;
    assert_int_equal(listen_open("not an address", 1, 1, &fd, &e), FAIL);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_int_equal(listen_open("192.0.2.1", 0, 1, &fd, &e), FAIL);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_int_equal(fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop_runs_all_posts),
        cmocka_unit_test(test_pool_is_bounded),
        cmocka_unit_test(test_http),
        cmocka_unit_test(test_listen_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
