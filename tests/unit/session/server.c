/* The server over loopback: TLS only, the protocols, transactions, COPY, cancel, slow readers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/cert.h"
#include "fake.h"
#include "peer.h"
#include "session/server.h"
#include "wire/message.h"

static char dir[] = "/tmp/hati-session-XXXXXX";
static char certificate[64], key[64];
static struct server_config config = SERVER_CONFIG_DEFAULT;
static struct server *server;
static uint16_t port;

static int start(void **state)
{
    struct error e = ERROR_INIT;
    if (!mkdtemp(dir) || cert_make(dir, "localhost", &e)) {
        fprintf(stderr, "%s\n", e.message);
        return -1;
    }
    snprintf(certificate, sizeof certificate, "%s/server.pem", dir);
    snprintf(key, sizeof key, "%s/server.key", dir);
    config.port = 0;
    config.certificate_file = certificate;
    config.key_file = key;
    config.workers = 2;
    config.queue = 4;
    config.auth_seconds = 3;
    config.shutdown_seconds = 2;
    config.held_memory = 256 << 10;
    config.spill_dir = dir;
    if (server_start(&config, &server, &e)) {
        fprintf(stderr, "%s\n", e.message);
        return -1;
    }
    port = server_port(server);
    return 0;
}

static int stop(void **state)
{
    char command[128];
    server_stop(server);
    server_free(server);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) || atomic_load(&fake.governors) != 0;
}

static struct peer login(void)
{
    struct peer p = peer_login(port, NULL);
    struct peer_answer a = peer_answer(&p);
    assert_int_equal(a.status, 'I');
    return p;
}

static struct peer_answer query(struct peer *p, const char *sql)
{
    struct buf b = BUF_INIT(0);
    msg_query(&b, sql);
    peer_flush(p, &b);
    return peer_answer(p);
}

/* ---- before the login ---- */

static void test_old_tls(void **state)
{
    struct peer p;
    assert_false(peer_tls(&p, port, false, NULL, TLS1_2_VERSION));
    peer_close(&p);
}

static void test_direct_tls(void **state)
{
    struct peer p;
    assert_true(peer_tls(&p, port, true, "postgresql", TLS1_3_VERSION));
    peer_close(&p);
    assert_false(peer_tls(&p, port, true, "http/1.1", TLS1_3_VERSION));
    peer_close(&p);
    /* Without a name the handshake may end well, but nothing is answered. */
    if (peer_tls(&p, port, true, NULL, TLS1_3_VERSION)) {
        assert_true(peer_is_closed(&p));
        assert_int_equal(p.in.n, 0);
    }
    peer_close(&p);
}

static void test_plaintext(void **state)
{
    static const char packet[] = "\0\0\0\x11\0\3\0\0user\0me\0";
    struct peer p = peer_plain(port);
    struct str body;
    peer_send(&p, packet, 17);
    assert_int_equal(peer_read(&p, &body), 'E');
    assert_non_null(memmem(body.p, body.n, "C28000", 7));
    assert_true(peer_is_closed(&p));
    peer_close(&p);
}

static void test_garbage(void **state)
{
    static const struct {
        const char *p;
        size_t n;
    } bad[] = {{"GET / HTTP/1.1\r\n\r\n", 18},
               {"\0\0\0\x08\0\2\0\0", 8},                     /* protocol 2 */
               {"\0\0\0\7\0\3\0", 7},                         /* a length under 8 */
               {"\0\1\0\0\0\3\0\0", 8},                       /* 64 KiB before authentication */
               {"\0\0\0\x09\x04\xd2\x16\x2f!", 9},            /* SSLRequest with a wrong length */
               {"\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\x11", 12}}; /* early bytes after SSLRequest */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct peer p = peer_plain(port);
        peer_send(&p, bad[i].p, bad[i].n);
        if (bad[i].n == 7) {
            peer_send(&p, "\0", 1);
        }
        assert_true(peer_is_closed(&p));
        assert_int_equal(p.in.n, 0);
        peer_close(&p);
    }
}

static void test_gss(void **state)
{
    struct peer p = peer_plain(port);
    char answer;
    peer_send(&p, "\0\0\0\x08\x04\xd2\x16\x30", 8);
    assert_int_equal(recv(p.fd, &answer, 1, 0), 1);
    assert_int_equal(answer, 'N');
    peer_send(&p, "\0\0\0\x08\x04\xd2\x16\x2f", 8);
    assert_int_equal(recv(p.fd, &answer, 1, 0), 1);
    assert_int_equal(answer, 'S');
    peer_close(&p);
}

static void test_wrong_key(void **state)
{
    struct peer p;
    struct buf b = BUF_INIT(0);
    struct str body;
    assert_true(peer_tls(&p, port, false, NULL, TLS1_3_VERSION));
    peer_send(&p, "\0\0\0\x11\0\3\0\0user\0me\0", 17);
    assert_int_equal(peer_read(&p, &body), 'R');
    msg_text(&b, 'p', "wrong");
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.code, "28P01");
    assert_string_equal(a.severity, "FATAL");
    assert_true(peer_is_closed(&p));
    peer_close(&p);
}

static void test_login_deadline(void **state)
{
    struct peer p;
    assert_true(peer_tls(&p, port, false, NULL, TLS1_3_VERSION));
    int64_t before = clock_mono_ns();
    assert_true(peer_is_closed(&p));
    assert_in_range(clock_mono_ns() - before, 1000000000ll, 10000000000ll);
    peer_close(&p);
}

static void test_settings_after_login_only(void **state)
{
    struct peer p = peer_login(port, "options\0-c nonsense=1\0");
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.code, "42704");
    peer_close(&p);
    p = peer_login(port, "options\0-c hatidata_agent_id=crew-7 -c statement_timeout=5s\0");
    assert_int_equal(peer_answer(&p).status, 'I');
    assert_string_equal(query(&p, "SHOW hatidata_agent_id").row, "crew-7");
    assert_string_equal(query(&p, "SHOW statement_timeout").row, "5s");
    peer_close(&p);
}

static void test_newer_minor(void **state)
{
    struct peer p;
    struct str body;
    assert_true(peer_tls(&p, port, false, NULL, TLS1_3_VERSION));
    peer_send(&p, "\0\0\0\x1a\0\3\0\2user\0me\0_pq_.x\0001\0", 26);
    assert_int_equal(peer_read(&p, &body), 'v');
    assert_int_equal(body.n, 4 + 4 + 7);
    assert_int_equal(peer_read(&p, &body), 'R');
    peer_close(&p);
}

static void test_bad_length(void **state)
{
    struct peer p = login();
    peer_send(&p, "Q\xff\xff\xff\xff", 5);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.code, "08P01");
    assert_true(peer_is_closed(&p));
    peer_close(&p);
}

/* ---- simple queries ---- */

static void test_simple(void **state)
{
    struct peer p = login();
    struct peer_answer a = query(&p, "SELECT one");
    assert_string_equal(a.types, "TDCZ");
    assert_string_equal(a.row, "1|one");
    assert_string_equal(a.tag, "SELECT 1");
    assert_string_equal(query(&p, "").types, "IZ");
    assert_string_equal(query(&p, " ; ;").types, "IZ");
    a = query(&p, "SELECT one; INSERT INTO t VALUES (1)");
    assert_string_equal(a.types, "TDCCZ");
    assert_string_equal(a.tag, "INSERT 0 1");
    peer_close(&p);
}

static void test_error_position(void **state)
{
    struct peer p = login();
    /* The offset is in bytes, the position in characters: the letters before it have two bytes. */
    struct peer_answer a = query(&p, "SELECT 'ää'; SELECT refused");
    assert_string_equal(a.code, "42501");
    assert_string_equal(a.position, "21");
    assert_non_null(strstr(a.detail, "HATI_ERR_403_POLICY"));
    int recorded = atomic_load(&fake.recorded);
    a = query(&p, "SELEC 1");
    assert_string_equal(a.code, "42601");
    assert_string_equal(a.types, "EZ");
    assert_int_equal(atomic_load(&fake.recorded), recorded + 1);
    peer_close(&p);
}

static void test_nothing_of_a_failed_result(void **state)
{
    struct peer p = login();
    struct peer_answer a = query(&p, "SELECT late_20000");
    assert_string_equal(a.types, "EZ");
    assert_string_equal(a.code, "22012");
    peer_close(&p);
}

static void test_implicit_transaction(void **state)
{
    struct peer p = login();
    int begins = fake.begins, commits = fake.commits, rollbacks = fake.rollbacks;
    assert_int_equal(query(&p, "SELECT one; SELECT one").status, 'I');
    assert_int_equal(fake.begins, begins + 1);
    assert_int_equal(fake.commits, commits + 1);
    struct peer_answer a = query(&p, "INSERT INTO t VALUES (1); SELECT refused; SELECT one");
    assert_string_equal(a.types, "CEZ");
    assert_int_equal(a.status, 'I');
    assert_int_equal(fake.rollbacks, rollbacks + 1);
    /* A commit that fails takes the last statement's success back. */
    atomic_store(&fake.fail_commit, true);
    a = query(&p, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");
    assert_string_equal(a.types, "CEZ");
    assert_string_equal(a.code, "40001");
    peer_close(&p);
}

static void test_transaction_block(void **state)
{
    struct peer p = login();
    assert_int_equal(query(&p, "BEGIN").status, 'T');
    assert_string_equal(query(&p, "BEGIN").types, "NCZ");
    assert_int_equal(query(&p, "SELECT refused").status, 'E');
    assert_string_equal(query(&p, "SELECT one").code, "25P02");
    struct peer_answer a = query(&p, "COMMIT");
    assert_string_equal(a.tag, "ROLLBACK");
    assert_int_equal(a.status, 'I');
    a = query(&p, "ROLLBACK");
    assert_string_equal(a.types, "NCZ");
    assert_string_equal(a.code, "25P01");
    assert_string_equal(query(&p, "SAVEPOINT a").code, "25P01");
    assert_string_equal(query(&p, "BEGIN ISOLATION LEVEL SERIALIZABLE").code, "0A000");
    assert_string_equal(query(&p, "SET extra_float_digits = +3").tag, "SET");
    peer_close(&p);
}

static void test_settings(void **state)
{
    struct peer p = login();
    struct peer_answer a = query(&p, "SET application_name = 'x'");
    assert_string_equal(a.types, "CSZ");
    assert_string_equal(query(&p, "SHOW application_name").row, "x");
    query(&p, "BEGIN");
    query(&p, "SET application_name TO y");
    assert_string_equal(query(&p, "SHOW application_name").row, "y");
    assert_string_equal(query(&p, "ROLLBACK").types, "CSZ");
    assert_string_equal(query(&p, "SHOW application_name").row, "x");
    query(&p, "BEGIN");
    query(&p, "SET LOCAL statement_timeout = '2min'");
    assert_string_equal(query(&p, "SHOW statement_timeout").row, "2min");
    query(&p, "COMMIT");
    assert_string_equal(query(&p, "SHOW statement_timeout").row, "0");
    assert_string_equal(query(&p, "SET TimeZone = 'Europe/Nowhere'").code, "22023");
    assert_string_equal(query(&p, "SET datestyle = 'Martian'").code, "22023");
    assert_string_equal(query(&p, "SET hatidata.no_such = 1").code, "42704");
    assert_string_equal(query(&p, "SET server_version = '9'").code, "55P02");
    assert_string_equal(query(&p, "RESET ALL").tag, "RESET");
    assert_string_equal(query(&p, "SHOW application_name").row, "");
    assert_string_equal(query(&p, "DISCARD ALL").tag, "DISCARD ALL");
    assert_true(query(&p, "SHOW ALL").rows > 20);
    peer_close(&p);
}

/* ---- extended ---- */

static void test_extended(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    int begins = fake.begins;
    msg_parse(&b, "", "SELECT $1 AS echo");
    msg_bind(&b, "", "", "hello");
    msg_describe(&b, 'P', "");
    msg_execute(&b, "", 0);
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.types, "12TDCZ");
    assert_string_equal(a.row, "1|hello");
    assert_int_equal(fake.begins, begins); /* alone between two Syncs: needs no transaction */
    peer_close(&p);
}

static void test_describe_statement(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    msg_parse(&b, "s", "SELECT $1 AS echo");
    msg_describe(&b, 'S', "s");
    msg_parse(&b, "b", "BEGIN");
    msg_describe(&b, 'S', "b");
    msg_parse(&b, "s", "SELECT one");
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.types, "1tT1tnEZ");
    assert_string_equal(a.code, "42P05");
    peer_close(&p);
}

static void test_deallocate(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    msg_parse(&b, "s", "SELECT one");
    msg_parse(&b, "r", "SELECT one");
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    assert_string_equal(peer_answer(&p).types, "11Z");
    assert_string_equal(query(&p, "DEALLOCATE s").tag, "DEALLOCATE");
    assert_string_equal(query(&p, "DEALLOCATE PREPARE s").code, "26000");
    assert_string_equal(query(&p, "DEALLOCATE ALL").tag, "DEALLOCATE ALL");
    msg_bind(&b, "", "r", NULL);
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    assert_string_equal(peer_answer(&p).code, "26000");
    peer_close(&p);
}

static void test_pipeline(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    for (int i = 0; i < 50; i++) {
        msg_parse(&b, "", "SELECT one");
        msg_bind(&b, "", "", NULL);
        msg_execute(&b, "", 0);
        msg_bare(&b, 'S');
    }
    peer_flush(&p, &b);
    for (int i = 0; i < 50; i++) {
        assert_string_equal(peer_answer(&p).types, "12DCZ");
    }
    peer_close(&p);
}

static void test_error_skips_to_sync(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    int rollbacks = fake.rollbacks;
    msg_parse(&b, "", "INSERT INTO t VALUES (1)");
    msg_bind(&b, "", "", NULL);
    msg_execute(&b, "", 0);
    msg_parse(&b, "", "SELECT refused");
    msg_bind(&b, "", "", NULL);
    msg_query(&b, "SELECT one");
    msg_execute(&b, "", 0);
    msg_bare(&b, 'S');
    msg_parse(&b, "", "SELECT one");
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.types, "12CEZ");
    assert_string_equal(a.position, "8");
    assert_int_equal(fake.rollbacks, rollbacks + 1); /* the INSERT before it goes too */
    assert_string_equal(peer_answer(&p).types, "1Z");
    peer_close(&p);
}

static void test_portal_suspends(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    int runs = fake.runs;
    query(&p, "BEGIN");
    msg_parse(&b, "", "SELECT many_5000");
    msg_bind(&b, "c", "", NULL);
    msg_execute(&b, "c", 2000);
    msg_bare(&b, 'S');
    msg_execute(&b, "c", 2000);
    msg_bare(&b, 'S');
    msg_execute(&b, "c", 2000);
    msg_bare(&b, 'S');
    msg_execute(&b, "c", 2000);
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.types, "12DsZ");
    assert_int_equal(a.rows, 2000);
    assert_string_equal(peer_answer(&p).types, "DsZ");
    a = peer_answer(&p);
    assert_string_equal(a.types, "DCZ");
    assert_int_equal(a.rows, 1000);
    assert_string_equal(a.tag, "SELECT 1000");
    assert_true(strncmp(a.row, "5000|", 5) == 0);
    assert_string_equal(peer_answer(&p).tag, "SELECT 0");
    assert_int_equal(fake.runs, runs + 1);
    /* The portal goes with its transaction. */
    query(&p, "ROLLBACK");
    msg_execute(&b, "c", 0);
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    assert_string_equal(peer_answer(&p).code, "34000");
    peer_close(&p);
}

static void test_commit_through_portal(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    static const char *const sql[] = {"BEGIN", "SELECT one", "COMMIT"};
    for (int i = 0; i < 3; i++) {
        msg_parse(&b, "", sql[i]);
        msg_bind(&b, "", "", NULL);
        msg_execute(&b, "", 0);
    }
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.types, "12C12DC12CZ");
    assert_string_equal(a.tag, "COMMIT");
    assert_int_equal(a.status, 'I');
    peer_close(&p);
}

static void test_bad_messages(void **state)
{
    static const struct {
        char type;
        const char *p;
        size_t n;
    } bad[] = {{'P', "x", 1},   {'B', "\0\0\0\0\xff\xff", 6}, {'B', "\0\0\0\1\0\7\0\0\0\0", 10},
               {'D', "Z\0", 2}, {'E', "\0\0\0", 3},           {'C', "S", 1}};
    struct peer p = login();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf b = BUF_INIT(0);
        size_t at = wire_begin(&b, bad[i].type);
        buf_put(&b, bad[i].p, bad[i].n);
        wire_end(&b, at);
        msg_bare(&b, 'S');
        peer_flush(&p, &b);
        struct peer_answer a = peer_answer(&p);
        assert_string_equal(a.types, "EZ");
        assert_string_equal(a.code, "08P01");
    }
    assert_string_equal(query(&p, "SELECT one").types, "TDCZ");
    peer_close(&p);
}

/* ---- COPY ---- */

static void test_copy_in(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    assert_string_equal(query(&p, "COPY t FROM STDIN; SELECT one").types, "G");
    msg_data(&b, "1\tfi");
    msg_data(&b, "rst\n2\t\\N\n");
    msg_bare(&b, 'c');
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.types, "CTDCZ");
    a = query(&p, "COPY t TO STDOUT");
    assert_string_equal(a.types, "HdcCZ");
    assert_string_equal(a.tag, "COPY 2");
    assert_string_equal(a.row, "2\t(null)\n");
    peer_close(&p);
}

static void test_copy_fails(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    query(&p, "COPY t FROM STDIN");
    msg_data(&b, "1\tx\n");
    msg_text(&b, 'f', "no more");
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.code, "57014");
    assert_string_equal(a.types, "EZ");
    query(&p, "COPY t FROM STDIN");
    msg_data(&b, "not a number\tx\n");
    msg_bare(&b, 'c');
    peer_flush(&p, &b);
    assert_string_equal(peer_answer(&p).types, "EZ");
    assert_string_equal(query(&p, "SELECT one").types, "TDCZ");
    peer_close(&p);
}

static void test_copy_extended(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    msg_parse(&b, "", "COPY t FROM STDIN");
    msg_bind(&b, "", "", NULL);
    msg_execute(&b, "", 0);
    msg_bare(&b, 'S'); /* libpq sends it before the data: it must be ignored */
    peer_flush(&p, &b);
    assert_string_equal(peer_answer(&p).types, "12G");
    msg_data(&b, "1\tx\n");
    msg_bare(&b, 'c');
    msg_bare(&b, 'S');
    peer_flush(&p, &b);
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.types, "CZ");
    assert_string_equal(a.tag, "COPY 1");
    peer_close(&p);
}

/* ---- many things at once ---- */

static void send_cancel(int32_t pid, uint32_t secret, bool tls)
{
    struct peer p;
    struct buf b = BUF_INIT(0);
    if (tls) {
        assert_true(peer_tls(&p, port, false, NULL, TLS1_3_VERSION));
    } else {
        p = peer_plain(port);
    }
    buf_u32(&b, 16);
    buf_u32(&b, 1234u << 16 | 5678);
    buf_u32(&b, (uint32_t)pid);
    buf_u32(&b, secret);
    peer_flush(&p, &b);
    assert_true(peer_is_closed(&p));
    assert_int_equal(p.in.n, 0);
    peer_close(&p);
}

static void test_cancel(void **state)
{
    struct peer p = peer_login(port, NULL);
    struct str body;
    int32_t pid = 0;
    uint32_t secret = 0;
    for (char type; (type = peer_read(&p, &body)) != 'Z';) {
        if (type == 'K') {
            struct wire_reader r = wire_reader(body);
            pid = wire_read_i32(&r);
            secret = (uint32_t)wire_read_i32(&r);
        }
    }
    for (int tls = 0; tls < 2; tls++) {
        struct buf b = BUF_INIT(0);
        int cancels = fake.cancels, runs = fake.runs;
        msg_query(&b, "SELECT slow");
        peer_flush(&p, &b);
        while (fake.runs == runs) {
            usleep(1000);
        }
        send_cancel(pid, secret ^ 1, tls);
        assert_int_equal(fake.cancels, cancels);
        send_cancel(pid, secret, tls);
        struct peer_answer a = peer_answer(&p);
        assert_string_equal(a.code, "57014");
        assert_string_equal(a.types, "EZ");
    }
    /* When nothing runs, it does nothing: not even to the next statement. */
    send_cancel(pid, secret, true);
    assert_string_equal(query(&p, "SELECT one").types, "TDCZ");
    peer_close(&p);
}

static void test_disconnect_cancels(void **state)
{
    struct peer p = login();
    struct buf b = BUF_INIT(0);
    int cancels = fake.cancels, runs = fake.runs;
    msg_query(&b, "SELECT slow");
    peer_flush(&p, &b);
    while (fake.runs == runs) {
        usleep(1000);
    }
    peer_close(&p);
    for (int i = 0; i < 5000 && fake.cancels == cancels; i++) {
        usleep(1000);
    }
    assert_int_equal(fake.cancels, cancels + 1);
}

/* One who doesn't read holds up nobody, and his result lies on the disk. */
static void test_slow_reader(void **state)
{
    struct peer slow = login(), quick = login();
    struct buf b = BUF_INIT(0);
    struct server_counters c;
    msg_query(&b, "SELECT many_300000");
    msg_query(&b, "SELECT many_10");
    peer_flush(&slow, &b);
    for (int i = 0; i < 200; i++) {
        assert_string_equal(query(&quick, "SELECT one").types, "TDCZ");
    }
    do {
        usleep(1000);
        server_counters(server, &c);
    } while (c.statements_running > 0);
    assert_true(c.held_spilled_bytes_total > 20 << 20);
    assert_true(c.held_memory_bytes < 2 << 20);
    struct peer_answer a = peer_answer(&slow);
    assert_int_equal(a.rows, 300000);
    assert_true(strncmp(a.row, "300000|xxx", 10) == 0);
    assert_int_equal(peer_answer(&slow).rows, 10);
    peer_close(&slow);
    peer_close(&quick);
}

static void test_too_many_statements(void **state)
{
    enum { CLIENTS = 8 };
    struct peer p[CLIENTS];
    int refused = 0;
    for (int i = 0; i < CLIENTS; i++) {
        struct buf b = BUF_INIT(0);
        p[i] = login();
        msg_query(&b, "SELECT slow");
        peer_flush(&p[i], &b);
    }
    struct server_counters c;
    do { /* 2 run, 4 wait, 2 are refused */
        usleep(1000);
        server_counters(server, &c);
    } while (c.statements_refused_total < CLIENTS - 6);
    for (int i = 0; i < CLIENTS; i++) {
        struct timeval now = {.tv_usec = 200000};
        setsockopt(p[i].fd, SOL_SOCKET, SO_RCVTIMEO, &now, sizeof now);
        struct peer_answer a = peer_answer(&p[i]);
        refused += strcmp(a.code, "53300") == 0 && strcmp(a.types, "EZ") == 0;
    }
    assert_int_equal(refused, CLIENTS - 6);
    for (int i = 0; i < CLIENTS; i++) {
        peer_close(&p[i]);
    }
}

static void test_revoked(void **state)
{
    struct peer idle = login(), p = login();
    atomic_store(&fake.revoked, true);
    struct peer_answer a = query(&p, "SELECT one");
    assert_string_equal(a.types, "E");
    assert_string_equal(a.severity, "FATAL");
    assert_string_equal(a.code, "57P01");
    a = peer_answer(&idle); /* without a word from the client */
    assert_string_equal(a.types, "E");
    assert_string_equal(a.code, "57P01");
    atomic_store(&fake.revoked, false);
    peer_close(&p);
    peer_close(&idle);
}

static void test_idle_in_transaction(void **state)
{
    struct peer p = login();
    query(&p, "SET idle_in_transaction_session_timeout = 100");
    query(&p, "BEGIN");
    struct peer_answer a = peer_answer(&p);
    assert_string_equal(a.code, "25P03");
    assert_true(peer_is_closed(&p));
    peer_close(&p);
}

static void test_port_taken(void **state)
{
    struct server_config other = config;
    struct server *second = NULL;
    struct error e = ERROR_INIT;
    other.port = port;
    assert_int_equal(server_start(&other, &second, &e), FAIL);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.message, "in use"));
}

static void test_open_key_file(void **state)
{
    struct server_config other = config;
    struct server *second = NULL;
    struct error e = ERROR_INIT;
    other.key_file = certificate; /* mode 0644 */
    assert_int_equal(server_start(&other, &second, &e), FAIL);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.message, certificate));
}

static void test_psql(void **state)
{
    char command[512], out[256] = "";
    if (system("command -v psql >/dev/null 2>&1") != 0) {
        print_message("psql is not installed: skipped\n");
        skip();
    }
    snprintf(
        command, sizeof command,
        "PGPASSWORD=right psql -XAtq 'host=127.0.0.1 port=%u user=me dbname=hatidata "
        "sslmode=verify-ca sslrootcert=%s/ca.pem' -c 'SELECT one' -c '\\copy t to stdout' 2>&1",
        (unsigned)port, dir);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    size_t n = fread(out, 1, sizeof out - 1, f);
    out[n] = '\0';
    assert_int_equal(pclose(f), 0);
    assert_true(strncmp(out, "1|one\n", 6) == 0);
}

/* Last: the server goes. Idle clients are told, running statements are cancelled after the grace.
 */
static void test_shutdown(void **state)
{
    struct peer idle = login(), busy = login();
    struct buf b = BUF_INIT(0);
    int runs = fake.runs;
    msg_query(&b, "SELECT slow");
    peer_flush(&busy, &b);
    while (fake.runs == runs) {
        usleep(1000);
    }
    server_stop(server);
    server_free(server);
    struct peer_answer a = peer_answer(&idle);
    assert_string_equal(a.code, "57P01");
    assert_true(peer_is_closed(&busy));
    peer_close(&idle);
    peer_close(&busy);
    server = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_tls),
        cmocka_unit_test(test_direct_tls),
        cmocka_unit_test(test_plaintext),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_gss),
        cmocka_unit_test(test_wrong_key),
        cmocka_unit_test(test_login_deadline),
        cmocka_unit_test(test_settings_after_login_only),
        cmocka_unit_test(test_newer_minor),
        cmocka_unit_test(test_bad_length),
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_error_position),
        cmocka_unit_test(test_nothing_of_a_failed_result),
        cmocka_unit_test(test_implicit_transaction),
        cmocka_unit_test(test_transaction_block),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_extended),
        cmocka_unit_test(test_describe_statement),
        cmocka_unit_test(test_deallocate),
        cmocka_unit_test(test_pipeline),
        cmocka_unit_test(test_error_skips_to_sync),
        cmocka_unit_test(test_portal_suspends),
        cmocka_unit_test(test_commit_through_portal),
        cmocka_unit_test(test_bad_messages),
        cmocka_unit_test(test_copy_in),
        cmocka_unit_test(test_copy_fails),
        cmocka_unit_test(test_copy_extended),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_disconnect_cancels),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_too_many_statements),
        cmocka_unit_test(test_revoked),
        cmocka_unit_test(test_idle_in_transaction),
        cmocka_unit_test(test_port_taken),
        cmocka_unit_test(test_open_key_file),
        cmocka_unit_test(test_psql),
        cmocka_unit_test(test_shutdown),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, start, stop);
}
