/* Dates, intervals and zones in the styles that a session can ask for. The expected texts are those
 * of a PostgreSQL 15; tests/e2e/test_value_formats.py asks one for many more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/datetime.h"
#include "wire/zone_rule.h"

static const char *stamp(const char *text, struct datetime_style style)
{
    static char out[DATETIME_ROOM + 1];
    int64_t us;
    assert_true(datetime_read_zoned(str_of(text), NULL, &us));
    *datetime_put_zoned(out, us, &style) = '\0';
    return out;
}

static void styles_of_dates(void **state)
{
    const char *at = "1997-02-17 07:37:16.25";
    assert_string_equal(stamp(at, (struct datetime_style){DATE_ISO}), "1997-02-17 07:37:16.25+00");
    assert_string_equal(stamp(at, (struct datetime_style){DATE_SQL}), "02/17/1997 07:37:16.25 UTC");
    assert_string_equal(stamp(at, (struct datetime_style){DATE_SQL, .day_first = true}),
                        "17/02/1997 07:37:16.25 UTC");
    assert_string_equal(stamp(at, (struct datetime_style){DATE_POSTGRES}),
                        "Mon Feb 17 07:37:16.25 1997 UTC");
    assert_string_equal(stamp(at, (struct datetime_style){DATE_POSTGRES, .day_first = true}),
                        "Mon 17 Feb 07:37:16.25 1997 UTC");
    assert_string_equal(stamp(at, (struct datetime_style){DATE_GERMAN}),
                        "17.02.1997 07:37:16.25 UTC");
    assert_string_equal(stamp("0044-03-15 00:00:00 BC", (struct datetime_style){DATE_POSTGRES}),
                        "Fri Mar 15 00:00:00 0044 UTC BC");
    assert_string_equal(stamp("infinity", (struct datetime_style){DATE_GERMAN}), "infinity");
}

static void intervals(void **state)
{
    static const struct {
        struct interval v;
        const char *shown[4]; /* by enum interval_style */
    } cases[] = {
        {{14, 3, INT64_C(14706000000)},
         {"1 year 2 mons 3 days 04:05:06", "@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs",
          "+1-2 +3 +4:05:06", "P1Y2M3DT4H5M6S"}},
        {{-14, -3, -INT64_C(14706789000)},
         {"-1 years -2 mons -3 days -04:05:06.789",
          "@ 1 year 2 mons 3 days 4 hours 5 mins 6.789 secs ago", "-1-2 -3 -4:05:06.789",
          "P-1Y-2M-3DT-4H-5M-6.789S"}},
        {{0, 0, 0}, {"00:00:00", "@ 0", "0", "PT0S"}},
        {{0, 1, -1000000}, {"1 day -00:00:01", "@ 1 day -1 sec", "+0-0 +1 -0:00:01", "P1DT-1S"}},
        {{14, 0, 0}, {"1 year 2 mons", "@ 1 year 2 mons", "1-2", "P1Y2M"}},
        {{0, -1, -3600000000},
         {"-1 days -01:00:00", "@ 1 day 1 hour ago", "-1 1:00:00", "P-1DT-1H"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int s = 0; s < 4; s++) {
            char out[INTERVAL_ROOM + 1];
            struct datetime_style style = {.interval = (enum interval_style)s};
            *datetime_put_interval(out, cases[i].v, &style) = '\0';
            assert_string_equal(out, cases[i].shown[s]);
        }
    }
}

static int64_t seconds(const char *text)
{
    int64_t us;
    assert_true(datetime_read_stamp(str_of(text), &us));
    return us / 1000000;
}

static void rules_of_zones(void **state)
{
    struct zone_rule r;
    const char *name;
    assert_true(zone_rule_read(STR("CET-1CEST,M3.5.0,M10.5.0/3"), &r));
    assert_int_equal(zone_rule_offset(&r, seconds("2050-03-27 00:59:59"), &name), 3600);
    assert_string_equal(name, "CET");
    assert_int_equal(zone_rule_offset(&r, seconds("2050-03-27 01:00:00"), &name), 7200);
    assert_string_equal(name, "CEST");
    assert_int_equal(zone_rule_offset(&r, seconds("2050-10-30 00:59:59"), NULL), 7200);
    assert_int_equal(zone_rule_offset(&r, seconds("2050-10-30 01:00:00"), NULL), 3600);
    /* The southern summer spans the new year; hours past a day, names in brackets. */
    assert_true(zone_rule_read(STR("AEST-10AEDT,M10.1.0,M4.1.0/3"), &r));
    assert_int_equal(zone_rule_offset(&r, seconds("2050-01-01 00:00:00"), NULL), 11 * 3600);
    assert_int_equal(zone_rule_offset(&r, seconds("2050-07-01 00:00:00"), NULL), 10 * 3600);
    assert_true(zone_rule_read(STR("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"), &r));
    assert_int_equal(zone_rule_offset(&r, seconds("2050-01-01 00:00:00"), &name), -7200);
    assert_string_equal(name, "-02");
    assert_true(zone_rule_read(STR("EST5EDT,J60/2:30,300"), &r));
    assert_int_equal(zone_rule_offset(&r, seconds("2052-03-01 07:29:59"), NULL), -18000);
    assert_int_equal(zone_rule_offset(&r, seconds("2052-03-01 07:30:00"), NULL), -14400);
    assert_true(zone_rule_read(STR("<+0530>-5:30"), &r));
    assert_int_equal(zone_rule_offset(&r, 0, NULL), 19800);
    static const char *const bad[] = {"",
                                      "CET",
                                      "CET-1CEST",
                                      "CET-1CEST,M13.1.0,M1.1.0",
                                      "<CET-1",
                                      "CET-1,M3.5.0",
                                      "CET-1 ",
                                      "CET-1CEST,M3.5.0,M10.5.0/3x",
                                      "CET-1CEST,M3.0.0,M10.5.0",
                                      "averyverylongname-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(zone_rule_read(str_of(bad[i]), &r));
    }
}

static void zones(void **state)
{
    const struct zone *z = zone_find(STR("europe/BERLIN"));
    if (!z) {
        skip(); /* no tz database on this machine */
    }
    const char *name;
    assert_string_equal(zone_name(z), "Europe/Berlin");
    assert_ptr_equal(z, zone_find(STR("Europe/Berlin")));
    assert_int_equal(zone_offset(z, seconds("1945-07-01 00:00:00"), &name), 10800);
    assert_string_equal(name, "CEMT");
    assert_int_equal(zone_offset(z, seconds("2024-07-01 00:00:00"), NULL), 7200);
    assert_int_equal(zone_offset(z, seconds("2124-07-01 00:00:00"), NULL), 7200);
    assert_int_equal(zone_offset(z, seconds("1800-01-01 00:00:00"), &name), 3208);
    assert_string_equal(name, "LMT");
    /* Skipped: by the offset before. Twice: by the one after. */
    assert_int_equal(zone_offset_of_local(z, seconds("2024-03-31 02:30:00")), 3600);
    assert_int_equal(zone_offset_of_local(z, seconds("2024-10-27 02:30:00")), 3600);
    assert_int_equal(zone_offset_of_local(z, seconds("2024-10-27 01:59:59")), 7200);
    struct datetime_style style = {.zone = z};
    assert_string_equal(stamp("2024-07-01 00:00:00", style), "2024-07-01 02:00:00+02");
    assert_string_equal(stamp("1800-01-01 00:00:00", style), "1800-01-01 00:53:28+00:53:28");
    int64_t us;
    assert_true(datetime_read_zoned(STR("2024-07-01 02:00:00"), z, &us));
    assert_int_equal(us / 1000000, seconds("2024-07-01 00:00:00"));
    static const char *const none[] = {
        "",        ".",       "..",       "../../etc/passwd", "Europe",
        "/Europe", "Europe/", "zone.tab", "Europe/Nowhere",   "Europe/../UTC"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_null(zone_find(str_of(none[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(styles_of_dates),
        cmocka_unit_test(intervals),
        cmocka_unit_test(rules_of_zones),
        cmocka_unit_test(zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
