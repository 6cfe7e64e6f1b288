/* The functions that a client may call, one row each, made and checked against the engine's own
 * list (tests/unit/sql_bind/function.c asks the engine again). What reads a file, a setting, a
 * variable, the catalog or statistics, runs text, sleeps, seeds or logs is not here, nor what calls
 * a function by a name that may be computed (list_by_aggregate() takes the literal name of one that
 * is here: bind_argument.c), nor what recurses with a document (json_contains(), json_structure(),
 * json_transform(), json_merge_patch()): a deep one ends the engine's stack, and with it the
 * process.
 *
 *     X(name, kind, least arguments, most (-1: any), result rule, its type, argument types, flags,
 *       name on the engine or NULL)
 *
 * Argument types, a letter each, say what an untyped parameter in that place is: t text, l BIGINT,
 * i INTEGER, d DOUBLE, b BOOLEAN, x bytes, v INTERVAL, u UUID, ? not known. */
#ifndef SQL_FUNCTION_LIST_H
#define SQL_FUNCTION_LIST_H

#define FUNCTIONS(X)                                                                               \
    /* Text */                                                                                     \
    X("ascii", SCALAR, 1, 1, FIXED, INT4, "t", TOTAL, NULL)                                        \
    X("bar", SCALAR, 3, 4, FIXED, TEXT, "dddd", 0, NULL)                                           \
    X("base64", SCALAR, 1, 1, FIXED, TEXT, "x", TOTAL, NULL)                                       \
    X("bit_length", SCALAR, 1, 1, FIXED, INT8, "t", TOTAL, NULL)                                   \
    X("char_length", SCALAR, 1, 1, FIXED, INT8, "t", TOTAL, NULL)                                  \
    X("character_length", SCALAR, 1, 1, FIXED, INT8, "t", TOTAL, NULL)                             \
    X("chr", SCALAR, 1, 1, FIXED, TEXT, "i", 0, NULL)                                              \
    X("concat", SCALAR, 1, -1, CONCAT, UNKNOWN, "", TOTAL, NULL)                                   \
    X("concat_ws", SCALAR, 2, -1, FIXED, TEXT, "t", TOTAL, NULL)                                   \
    X("contains", SCALAR, 2, 2, FIXED, BOOL, "tt", TOTAL, NULL)                                    \
    X("damerau_levenshtein", SCALAR, 2, 2, FIXED, INT8, "tt", 0, NULL)                             \
    X("editdist3", SCALAR, 2, 2, FIXED, INT8, "tt", 0, NULL)                                       \
    X("ends_with", SCALAR, 2, 2, FIXED, BOOL, "tt", TOTAL, NULL)                                   \
    X("format", SCALAR, 1, -1, FIXED, TEXT, "t", 0, NULL)                                          \
    X("format_bytes", SCALAR, 1, 1, FIXED, TEXT, "l", TOTAL, NULL)                                 \
    X("from_base64", SCALAR, 1, 1, FIXED, BYTES, "t", 0, NULL)                                     \
    X("from_hex", SCALAR, 1, 1, FIXED, BYTES, "t", 0, NULL)                                        \
    X("hamming", SCALAR, 2, 2, FIXED, INT8, "tt", 0, NULL)                                         \
    X("hex", SCALAR, 1, 1, FIXED, TEXT, "t", 0, NULL)                                              \
    X("instr", SCALAR, 2, 2, FIXED, INT8, "tt", TOTAL, NULL)                                       \
    X("jaccard", SCALAR, 2, 2, FIXED, FLOAT8, "tt", 0, NULL)                                       \
    X("jaro_similarity", SCALAR, 2, 3, FIXED, FLOAT8, "ttd", 0, NULL)                              \
    X("jaro_winkler_similarity", SCALAR, 2, 3, FIXED, FLOAT8, "ttd", 0, NULL)                      \
    X("lcase", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                        \
    X("left", SCALAR, 2, 2, FIXED, TEXT, "tl", 0, NULL)                                            \
    X("left_grapheme", SCALAR, 2, 2, FIXED, TEXT, "tl", 0, NULL)                                   \
    X("len", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                           \
    X("length", SCALAR, 1, 1, FIXED, INT8, "t", TOTAL, NULL)                                       \
    X("length_grapheme", SCALAR, 1, 1, FIXED, INT8, "t", TOTAL, NULL)                              \
    X("levenshtein", SCALAR, 2, 2, FIXED, INT8, "tt", 0, NULL)                                     \
    X("lower", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                        \
    X("lpad", SCALAR, 3, 3, FIXED, TEXT, "tit", 0, NULL)                                           \
    X("ltrim", SCALAR, 1, 2, FIXED, TEXT, "tt", TOTAL, NULL)                                       \
    X("md5", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                          \
    X("md5_number", SCALAR, 1, 1, FIXED, UINT16, "t", 0, NULL)                                     \
    X("mismatches", SCALAR, 2, 2, FIXED, INT8, "tt", 0, NULL)                                      \
    X("nfc_normalize", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                \
    X("octet_length", SCALAR, 1, 1, FIXED, INT8, "t", TOTAL, NULL)                                 \
    X("ord", SCALAR, 1, 1, FIXED, INT4, "t", TOTAL, NULL)                                          \
    X("parse_dirname", SCALAR, 1, 2, FIXED, TEXT, "tt", 0, NULL)                                   \
    X("parse_dirpath", SCALAR, 1, 2, FIXED, TEXT, "tt", 0, NULL)                                   \
    X("parse_filename", SCALAR, 1, 3, FIXED, TEXT, "t?t", 0, NULL)                                 \
    X("parse_formatted_bytes", SCALAR, 1, 1, FIXED, UINT8, "t", 0, NULL)                           \
    X("parse_path", SCALAR, 1, 2, LIST, TEXT, "tt", 0, NULL)                                       \
    X("position", SCALAR, 2, 2, FIXED, INT8, "tt", TOTAL, NULL)                                    \
    X("prefix", SCALAR, 2, 2, FIXED, BOOL, "tt", TOTAL, NULL)                                      \
    X("printf", SCALAR, 1, -1, FIXED, TEXT, "t", 0, NULL)                                          \
    X("repeat", SCALAR, 2, 2, ENGINE, UNKNOWN, "tl", 0, NULL)                                      \
    X("replace", SCALAR, 3, 3, FIXED, TEXT, "ttt", TOTAL, NULL)                                    \
    X("reverse", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                      \
    X("right", SCALAR, 2, 2, FIXED, TEXT, "tl", 0, NULL)                                           \
    X("right_grapheme", SCALAR, 2, 2, FIXED, TEXT, "tl", 0, NULL)                                  \
    X("rpad", SCALAR, 3, 3, FIXED, TEXT, "tit", 0, NULL)                                           \
    X("rtrim", SCALAR, 1, 2, FIXED, TEXT, "tt", TOTAL, NULL)                                       \
    X("sha1", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                         \
    X("sha256", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                       \
    X("split", SCALAR, 2, 2, LIST, TEXT, "tt", TOTAL, NULL)                                        \
    X("split_part", SCALAR, 3, 3, FIXED, TEXT, "ttl", 0, NULL)                                     \
    X("starts_with", SCALAR, 2, 2, FIXED, BOOL, "tt", TOTAL, NULL)                                 \
    X("str_split", SCALAR, 2, 2, LIST, TEXT, "tt", TOTAL, NULL)                                    \
    X("string_split", SCALAR, 2, 2, LIST, TEXT, "tt", TOTAL, NULL)                                 \
    X("string_to_array", SCALAR, 2, 2, LIST, TEXT, "tt", TOTAL, NULL)                              \
    X("strip_accents", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                \
    X("strlen", SCALAR, 1, 1, FIXED, INT8, "t", TOTAL, NULL)                                       \
    X("strpos", SCALAR, 2, 2, FIXED, INT8, "tt", TOTAL, NULL)                                      \
    X("substr", SCALAR, 2, 3, FIXED, TEXT, "tll", 0, NULL)                                         \
    X("substring", SCALAR, 2, 3, FIXED, TEXT, "tll", 0, NULL)                                      \
    X("substring_grapheme", SCALAR, 2, 3, FIXED, TEXT, "tll", 0, NULL)                             \
    X("suffix", SCALAR, 2, 2, FIXED, BOOL, "tt", TOTAL, NULL)                                      \
    X("to_base", SCALAR, 2, 3, FIXED, TEXT, "lii", 0, NULL)                                        \
    X("to_base64", SCALAR, 1, 1, FIXED, TEXT, "x", TOTAL, NULL)                                    \
    X("to_binary", SCALAR, 1, 1, FIXED, TEXT, "t", 0, NULL)                                        \
    X("to_hex", SCALAR, 1, 1, FIXED, TEXT, "t", 0, NULL)                                           \
    X("translate", SCALAR, 3, 3, FIXED, TEXT, "ttt", TOTAL, NULL)                                  \
    X("trim", SCALAR, 1, 2, FIXED, TEXT, "tt", TOTAL, NULL)                                        \
    X("ucase", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                        \
    X("unhex", SCALAR, 1, 1, FIXED, BYTES, "t", 0, NULL)                                           \
    X("unicode", SCALAR, 1, 1, FIXED, INT4, "t", TOTAL, NULL)                                      \
    X("upper", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                        \
    X("url_decode", SCALAR, 1, 1, FIXED, TEXT, "t", 0, NULL)                                       \
    X("url_encode", SCALAR, 1, 1, FIXED, TEXT, "t", 0, NULL)                                       \
    X("encode", SCALAR, 1, 1, FIXED, BYTES, "t", TOTAL, NULL)                                      \
    X("decode", SCALAR, 1, 2, FIXED, TEXT, "xt", 0, NULL)                                          \
    X("bin", SCALAR, 1, 1, FIXED, TEXT, "t", 0, NULL)                                              \
    X("unbin", SCALAR, 1, 1, FIXED, BYTES, "t", 0, NULL)                                           \
    X("from_binary", SCALAR, 1, 1, FIXED, BYTES, "t", 0, NULL)                                     \
    X("array_to_string", SCALAR, 2, 2, FIXED, TEXT, "", 0, NULL)                                   \
    X("formatreadablesize", SCALAR, 1, 1, FIXED, TEXT, "l", TOTAL, "formatReadableSize")           \
    X("formatreadabledecimalsize", SCALAR, 1, 1, FIXED, TEXT, "l", TOTAL,                          \
      "formatReadableDecimalSize")                                                                 \
    X("array_to_string_comma_default", SCALAR, 1, 2, FIXED, TEXT, "", 0, NULL)                     \
    X("md5_number_lower", SCALAR, 1, 1, FIXED, UINT8, "t", 0, NULL)                                \
    X("md5_number_upper", SCALAR, 1, 1, FIXED, UINT8, "t", 0, NULL)                                \
    /* Patterns */                                                                                 \
    X("regexp_escape", SCALAR, 1, 1, FIXED, TEXT, "t", TOTAL, NULL)                                \
    X("replace_type", SCALAR, 3, 3, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("regexp_extract", SCALAR, 2, 4, FIXED, TEXT, "tt?t", 0, NULL)                                \
    X("regexp_extract_all", SCALAR, 2, 4, LIST, TEXT, "tt?t", 0, NULL)                             \
    X("regexp_full_match", SCALAR, 2, 3, FIXED, BOOL, "ttt", 0, NULL)                              \
    X("regexp_matches", SCALAR, 2, 3, FIXED, BOOL, "ttt", 0, NULL)                                 \
    X("regexp_replace", SCALAR, 3, 4, FIXED, TEXT, "tttt", 0, NULL)                                \
    X("regexp_split_to_array", SCALAR, 2, 3, LIST, TEXT, "ttt", 0, NULL)                           \
    X("str_split_regex", SCALAR, 2, 3, LIST, TEXT, "ttt", 0, NULL)                                 \
    X("string_split_regex", SCALAR, 2, 3, LIST, TEXT, "ttt", 0, NULL)                              \
    X("like_escape", SCALAR, 3, 3, FIXED, BOOL, "ttt", 0, NULL)                                    \
    X("ilike_escape", SCALAR, 3, 3, FIXED, BOOL, "ttt", 0, NULL)                                   \
    X("not_like_escape", SCALAR, 3, 3, FIXED, BOOL, "ttt", 0, NULL)                                \
    X("not_ilike_escape", SCALAR, 3, 3, FIXED, BOOL, "ttt", 0, NULL)                               \
    /* Numbers */                                                                                  \
    X("abs", SCALAR, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                            \
    X("acos", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("acosh", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                          \
    X("asin", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("asinh", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                          \
    X("atan", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("atan2", SCALAR, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                         \
    X("atanh", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                          \
    X("bit_count", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("cbrt", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("ceil", SCALAR, 1, 1, CEIL, UNKNOWN, "", TOTAL, NULL)                                        \
    X("ceiling", SCALAR, 1, 1, CEIL, UNKNOWN, "", TOTAL, NULL)                                     \
    X("cos", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                            \
    X("cosh", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("cot", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                            \
    X("degrees", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                        \
    X("even", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("exp", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                            \
    X("factorial", SCALAR, 1, 1, FIXED, INT16, "i", 0, NULL)                                       \
    X("fdiv", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                          \
    X("fmod", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                          \
    X("floor", SCALAR, 1, 1, CEIL, UNKNOWN, "", TOTAL, NULL)                                       \
    X("gamma", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                          \
    X("gcd", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                           \
    X("greatest_common_divisor", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                       \
    X("isfinite", SCALAR, 1, 1, FIXED, BOOL, "", TOTAL, NULL)                                      \
    X("isinf", SCALAR, 1, 1, FIXED, BOOL, "", TOTAL, NULL)                                         \
    X("isnan", SCALAR, 1, 1, FIXED, BOOL, "", TOTAL, NULL)                                         \
    X("lcm", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                           \
    X("least_common_multiple", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                         \
    X("lgamma", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                         \
    X("ln", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                             \
    X("log", SCALAR, 1, 2, FIXED, FLOAT8, "dd", 0, NULL)                                           \
    X("log10", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                          \
    X("log2", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("mod", SCALAR, 2, 2, ARITHMETIC, UNKNOWN, "", 0, NULL)                                       \
    X("add", SCALAR, 1, 2, ARITHMETIC, UNKNOWN, "", 0, NULL)                                       \
    X("subtract", SCALAR, 1, 2, ARITHMETIC, UNKNOWN, "", 0, NULL)                                  \
    X("multiply", SCALAR, 2, 2, ARITHMETIC, UNKNOWN, "", 0, NULL)                                  \
    X("divide", SCALAR, 2, 2, ARITHMETIC, UNKNOWN, "", 0, NULL)                                    \
    X("ieee_divide", SCALAR, 2, 2, ARITHMETIC, UNKNOWN, "", 0, "\"/\"")                            \
    X("nextafter", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("pi", SCALAR, 0, 0, FIXED, FLOAT8, "", TOTAL, NULL)                                          \
    X("pow", SCALAR, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                           \
    X("power", SCALAR, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                         \
    X("radians", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                        \
    X("random", SCALAR, 0, 0, FIXED, FLOAT8, "", TOTAL | VOLATILE, NULL)                           \
    X("round", SCALAR, 1, 2, ROUND, UNKNOWN, "?i", 0, NULL)                                        \
    X("round_even", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                    \
    X("roundbankers", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("sign", SCALAR, 1, 1, FIXED, INT1, "", TOTAL, NULL)                                          \
    X("signbit", SCALAR, 1, 1, FIXED, BOOL, "", TOTAL, NULL)                                       \
    X("sin", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                            \
    X("sinh", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("sqrt", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("tan", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                            \
    X("tanh", SCALAR, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                           \
    X("trunc", SCALAR, 1, 2, ROUND, UNKNOWN, "?i", 0, NULL)                                        \
    X("xor", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                           \
    X("equi_width_bins", SCALAR, 4, 4, ENGINE, UNKNOWN, "??lb", 0, NULL)                           \
    /* Dates and times */                                                                          \
    X("age", SCALAR, 1, 2, FIXED, INTERVAL, "", VOLATILE, NULL)                                    \
    X("century", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                       \
    X("date_add", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("date_diff", SCALAR, 3, 3, FIXED, INT8, "t", 0, NULL)                                        \
    X("date_part", SCALAR, 2, 2, PART, UNKNOWN, "", 0, NULL)                                       \
    X("date_sub", SCALAR, 3, 3, FIXED, INT8, "t", 0, NULL)                                         \
    X("date_trunc", SCALAR, 2, 2, TRUNC, UNKNOWN, "t", 0, NULL)                                    \
    X("datediff", SCALAR, 3, 3, FIXED, INT8, "t", 0, NULL)                                         \
    X("datepart", SCALAR, 2, 2, PART, UNKNOWN, "", 0, NULL)                                        \
    X("datesub", SCALAR, 3, 3, FIXED, INT8, "t", 0, NULL)                                          \
    X("datetrunc", SCALAR, 2, 2, TRUNC, UNKNOWN, "t", 0, NULL)                                     \
    X("day", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                           \
    X("dayname", SCALAR, 1, 1, FIXED, TEXT, "", TOTAL, NULL)                                       \
    X("dayofmonth", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                    \
    X("dayofweek", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                     \
    X("dayofyear", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                     \
    X("days_in_month", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                                     \
    X("decade", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                        \
    X("epoch", SCALAR, 1, 1, FIXED, FLOAT8, "", 0, NULL)                                           \
    X("epoch_ms", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("epoch_ns", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                                          \
    X("epoch_us", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                                          \
    X("era", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                           \
    X("hour", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                          \
    X("isodow", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                        \
    X("isoyear", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                       \
    X("julian", SCALAR, 1, 1, FIXED, FLOAT8, "", 0, NULL)                                          \
    X("last_day", SCALAR, 1, 1, FIXED, DATE, "", 0, NULL)                                          \
    X("make_date", SCALAR, 1, 3, FIXED, DATE, "?ll", 0, NULL)                                      \
    X("make_time", SCALAR, 3, 3, FIXED, TIME, "lld", 0, NULL)                                      \
    X("make_timestamp", SCALAR, 1, 6, FIXED, TIMESTAMP, "llllld", 0, NULL)                         \
    X("make_timestamp_ms", SCALAR, 1, 1, FIXED, TIMESTAMP, "l", 0, NULL)                           \
    X("make_timestamp_ns", SCALAR, 1, 1, FIXED, TIMESTAMP_NS, "l", 0, NULL)                        \
    X("make_timestamptz", SCALAR, 1, 7, FIXED, TIMESTAMPTZ, "llllldt", 0, NULL)                    \
    X("microsecond", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                   \
    X("millennium", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                    \
    X("millisecond", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                   \
    X("minute", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                        \
    X("month", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                         \
    X("monthname", SCALAR, 1, 1, FIXED, TEXT, "", TOTAL, NULL)                                     \
    X("nanosecond", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                                        \
    X("normalized_interval", SCALAR, 1, 1, FIXED, INTERVAL, "v", 0, NULL)                          \
    X("quarter", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                       \
    X("second", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                        \
    X("strftime", SCALAR, 2, 2, FIXED, TEXT, "", 0, NULL)                                          \
    X("strptime", SCALAR, 2, 2, ENGINE, UNKNOWN, "t", 0, NULL)                                     \
    X("try_strptime", SCALAR, 2, 2, ENGINE, UNKNOWN, "t", 0, NULL)                                 \
    X("time_bucket", SCALAR, 2, 3, ENGINE, UNKNOWN, "v", 0, NULL)                                  \
    X("timezone", SCALAR, 1, 2, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("timezone_hour", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                                     \
    X("timezone_minute", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                                   \
    X("to_centuries", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                  \
    X("to_days", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                       \
    X("to_decades", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                    \
    X("to_hours", SCALAR, 1, 1, FIXED, INTERVAL, "l", 0, NULL)                                     \
    X("to_microseconds", SCALAR, 1, 1, FIXED, INTERVAL, "l", 0, NULL)                              \
    X("to_millennia", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                  \
    X("to_milliseconds", SCALAR, 1, 1, FIXED, INTERVAL, "d", 0, NULL)                              \
    X("to_minutes", SCALAR, 1, 1, FIXED, INTERVAL, "l", 0, NULL)                                   \
    X("to_months", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                     \
    X("to_quarters", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                   \
    X("to_seconds", SCALAR, 1, 1, FIXED, INTERVAL, "d", 0, NULL)                                   \
    X("to_timestamp", SCALAR, 1, 1, FIXED, TIMESTAMPTZ, "d", 0, NULL)                              \
    X("to_weeks", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                      \
    X("to_years", SCALAR, 1, 1, FIXED, INTERVAL, "", 0, NULL)                                      \
    X("week", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                          \
    X("weekday", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                       \
    X("weekofyear", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                    \
    X("year", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                          \
    X("yearweek", SCALAR, 1, 1, FIXED, INT8, "", TOTAL, NULL)                                      \
    X("now", SCALAR, 0, 0, FIXED, TIMESTAMPTZ, "", TOTAL | VOLATILE, NULL)                         \
    X("today", SCALAR, 0, 0, FIXED, DATE, "", TOTAL | VOLATILE, NULL)                              \
    X("transaction_timestamp", SCALAR, 0, 0, FIXED, TIMESTAMPTZ, "", TOTAL | VOLATILE, NULL)       \
    X("get_current_timestamp", SCALAR, 0, 0, FIXED, TIMESTAMPTZ, "", TOTAL | VOLATILE, NULL)       \
    X("get_current_time", SCALAR, 0, 0, FIXED, TIMETZ, "", TOTAL | VOLATILE, NULL)                 \
    X("current_date", SCALAR, 0, 0, FIXED, DATE, "", TOTAL | VOLATILE, NULL)                       \
    X("current_localtime", SCALAR, 0, 0, FIXED, TIME, "", TOTAL | VOLATILE, NULL)                  \
    X("current_localtimestamp", SCALAR, 0, 0, FIXED, TIMESTAMP, "", TOTAL | VOLATILE, NULL)        \
    /* Choices */                                                                                  \
    X("coalesce", SCALAR, 1, -1, COMMON, UNKNOWN, "", TOTAL, NULL)                                 \
    X("nvl", SCALAR, 2, 2, COMMON, UNKNOWN, "", TOTAL, "ifnull")                                   \
    X("ifnull", SCALAR, 2, 2, COMMON, UNKNOWN, "", TOTAL, NULL)                                    \
    X("nullif", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                         \
    X("if", SCALAR, 3, 3, IF, UNKNOWN, "", TOTAL, NULL)                                            \
    X("iff", SCALAR, 3, 3, IF, UNKNOWN, "", TOTAL, "if")                                           \
    X("greatest", SCALAR, 1, -1, COMMON, UNKNOWN, "", TOTAL, NULL)                                 \
    X("least", SCALAR, 1, -1, COMMON, UNKNOWN, "", TOTAL, NULL)                                    \
    X("typeof", SCALAR, 1, 1, FIXED, TEXT, "", TOTAL, NULL)                                        \
    X("pg_typeof", SCALAR, 1, 1, FIXED, TEXT, "", TOTAL, NULL)                                     \
    X("hash", SCALAR, 1, -1, FIXED, UINT8, "", TOTAL, NULL)                                        \
    X("uuid", SCALAR, 0, 0, FIXED, UUID, "", TOTAL | VOLATILE, NULL)                               \
    X("gen_random_uuid", SCALAR, 0, 0, FIXED, UUID, "", TOTAL | VOLATILE, NULL)                    \
    X("uuidv4", SCALAR, 0, 0, FIXED, UUID, "", TOTAL | VOLATILE, NULL)                             \
    X("uuidv7", SCALAR, 0, 0, FIXED, UUID, "", TOTAL | VOLATILE, NULL)                             \
    X("uuid_extract_timestamp", SCALAR, 1, 1, FIXED, TIMESTAMPTZ, "u", 0, NULL)                    \
    X("uuid_extract_version", SCALAR, 1, 1, FIXED, UINT4, "u", 0, NULL)                            \
    X("grouping", SCALAR, 1, -1, FIXED, INT8, "", TOTAL, NULL)                                     \
    X("grouping_id", SCALAR, 1, -1, FIXED, INT8, "", TOTAL, "grouping")                            \
    X("constant_or_null", SCALAR, 2, -1, ARG_0, UNKNOWN, "", TOTAL, NULL)                          \
    X("can_cast_implicitly", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                           \
    X("switch", SCALAR, 2, 3, ENGINE, UNKNOWN, "", 0, NULL)                                        \
    X("try", SCALAR, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                            \
    /* Lists */                                                                                    \
    X("array_append", SCALAR, 2, 2, ARG_0, UNKNOWN, "", TOTAL, NULL)                               \
    X("array_cat", SCALAR, 0, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                                \
    X("array_concat", SCALAR, 0, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                             \
    X("array_contains", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                \
    X("array_cosine_distance", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                         \
    X("array_cosine_similarity", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                       \
    X("array_cross_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                           \
    X("array_distance", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("array_distinct", SCALAR, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                             \
    X("array_dot_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                             \
    X("array_extract", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                 \
    X("array_has", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                     \
    X("array_has_all", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                 \
    X("array_has_any", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                 \
    X("array_indexof", SCALAR, 2, 2, FIXED, INT4, "", 0, NULL)                                     \
    X("array_inner_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                           \
    X("array_intersect", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                \
    X("array_length", SCALAR, 1, 2, FIXED, INT8, "?l", TOTAL, NULL)                                \
    X("array_pop_back", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("array_pop_front", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                               \
    X("array_position", SCALAR, 2, 2, FIXED, INT4, "", 0, NULL)                                    \
    X("array_prepend", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                 \
    X("array_push_back", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                               \
    X("array_push_front", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                              \
    X("array_resize", SCALAR, 2, 3, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("array_reverse", SCALAR, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                  \
    X("array_reverse_sort", SCALAR, 1, 2, ENGINE, UNKNOWN, "?t", 0, NULL)                          \
    X("array_select", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                   \
    X("array_slice", SCALAR, 3, 4, ENGINE, UNKNOWN, "???l", 0, NULL)                               \
    X("array_sort", SCALAR, 1, 3, ARG_0, UNKNOWN, "?tt", 0, NULL)                                  \
    X("array_unique", SCALAR, 1, 1, FIXED, UINT8, "", TOTAL, NULL)                                 \
    X("array_value", SCALAR, 0, -1, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("array_where", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                    \
    X("array_zip", SCALAR, 0, -1, ENGINE, UNKNOWN, "", 0, NULL)                                    \
    X("array_filter", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                   \
    X("array_transform", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                               \
    X("array_apply", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("array_reduce", SCALAR, 2, 3, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("flatten", SCALAR, 1, 1, ENGINE, UNKNOWN, "", TOTAL, NULL)                                   \
    X("list_any_value", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("list_append", SCALAR, 2, 2, ARG_0, UNKNOWN, "", TOTAL, NULL)                                \
    X("list_approx_count_distinct", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                        \
    X("list_avg", SCALAR, 1, 1, FIXED, FLOAT8, "", 0, NULL)                                        \
    X("list_bool_and", SCALAR, 1, 1, FIXED, BOOL, "", 0, NULL)                                     \
    X("list_bool_or", SCALAR, 1, 1, FIXED, BOOL, "", 0, NULL)                                      \
    X("list_cat", SCALAR, 0, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                                 \
    X("list_concat", SCALAR, 0, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                              \
    X("list_contains", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                 \
    X("list_count", SCALAR, 1, 1, FIXED, INT8, "", 0, NULL)                                        \
    X("list_distinct", SCALAR, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                              \
    X("list_element", SCALAR, 2, 2, ELEMENT_0, UNKNOWN, "?l", 0, NULL)                             \
    X("list_extract", SCALAR, 2, 2, ENGINE, UNKNOWN, "?l", 0, NULL)                                \
    X("list_first", SCALAR, 1, 1, ELEMENT_0, UNKNOWN, "", 0, NULL)                                 \
    X("list_has", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                      \
    X("list_has_all", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                  \
    X("list_has_any", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                  \
    X("list_indexof", SCALAR, 2, 2, FIXED, INT4, "", 0, NULL)                                      \
    X("list_intersect", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                 \
    X("list_last", SCALAR, 1, 1, ELEMENT_0, UNKNOWN, "", 0, NULL)                                  \
    X("list_max", SCALAR, 1, 1, ELEMENT_0, UNKNOWN, "", 0, NULL)                                   \
    X("list_median", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("list_min", SCALAR, 1, 1, ELEMENT_0, UNKNOWN, "", 0, NULL)                                   \
    X("list_mode", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("list_position", SCALAR, 2, 2, FIXED, INT4, "", 0, NULL)                                     \
    X("list_prepend", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("list_product", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("list_resize", SCALAR, 2, 3, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("list_reverse", SCALAR, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                   \
    X("list_reverse_sort", SCALAR, 1, 2, ENGINE, UNKNOWN, "?t", 0, NULL)                           \
    X("list_select", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                    \
    X("list_slice", SCALAR, 3, 4, ENGINE, UNKNOWN, "???l", 0, NULL)                                \
    X("list_sort", SCALAR, 1, 3, ARG_0, UNKNOWN, "?tt", 0, NULL)                                   \
    X("list_stddev_pop", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                               \
    X("list_stddev_samp", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                              \
    X("list_string_agg", SCALAR, 1, 1, FIXED, TEXT, "", 0, NULL)                                   \
    X("list_by_aggregate", SCALAR, 2, 3, ENGINE, UNKNOWN, "", 0, "list_aggregate")                 \
    X("list_sum", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("list_unique", SCALAR, 1, 1, FIXED, UINT8, "", TOTAL, NULL)                                  \
    X("list_value", SCALAR, 0, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                               \
    X("list_pack", SCALAR, 0, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                                \
    X("list_var_pop", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("list_var_samp", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                 \
    X("list_where", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                     \
    X("list_zip", SCALAR, 0, -1, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("list_filter", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                    \
    X("list_transform", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("list_apply", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                    \
    X("list_reduce", SCALAR, 2, 3, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("filter", SCALAR, 2, 2, ARG_0, UNKNOWN, "", 0, NULL)                                         \
    X("apply", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                         \
    X("reduce", SCALAR, 2, 3, ENGINE, UNKNOWN, "", 0, NULL)                                        \
    X("cardinality", SCALAR, 1, -1, FIXED, UINT8, "", TOTAL, NULL)                                 \
    X("generate_series", SCALAR, 1, 3, SERIES, UNKNOWN, "", 0, NULL)                               \
    X("range", SCALAR, 1, 3, SERIES, UNKNOWN, "", 0, NULL)                                         \
    X("unnest", SCALAR, 1, 4, ELEMENT_0, UNKNOWN, "", TOTAL, NULL)                                 \
    X("list_cosine_distance", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                          \
    X("list_cosine_similarity", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                        \
    X("list_distance", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                 \
    X("list_dot_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                              \
    X("list_inner_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                            \
    X("list_negative_dot_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                     \
    X("list_negative_inner_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                   \
    X("array_negative_dot_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                    \
    X("array_negative_inner_product", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                  \
    X("array_grade_up", SCALAR, 1, 3, LIST, INT8, "?tt", 0, NULL)                                  \
    X("list_grade_up", SCALAR, 1, 3, LIST, INT8, "?tt", 0, NULL)                                   \
    X("grade_up", SCALAR, 1, 3, LIST, INT8, "?tt", 0, NULL)                                        \
    X("list_bit_and", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("list_bit_or", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("list_bit_xor", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("list_mad", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("list_entropy", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("list_kurtosis", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                 \
    X("list_kurtosis_pop", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                             \
    X("list_sem", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("list_skewness", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                 \
    X("list_histogram", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("generate_subscripts", SCALAR, 2, 2, FIXED, INT8, "?l", 0, NULL)                             \
    X("regexp_split_to_table", SCALAR, 2, 2, FIXED, TEXT, "tt", 0, NULL)                           \
    /* Maps, structs, bits, enumerations */                                                        \
    X("element_at", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                    \
    X("map", SCALAR, 0, 2, ENGINE, UNKNOWN, "", 0, NULL)                                           \
    X("map_concat", SCALAR, 0, -1, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("map_contains", SCALAR, 2, 2, FIXED, BOOL, "", TOTAL, NULL)                                  \
    X("map_contains_entry", SCALAR, 3, 3, FIXED, BOOL, "", 0, NULL)                                \
    X("map_contains_value", SCALAR, 2, 2, FIXED, BOOL, "", 0, NULL)                                \
    X("map_entries", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("map_extract", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("map_extract_value", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                             \
    X("map_from_entries", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                              \
    X("map_keys", SCALAR, 1, 1, ENGINE, UNKNOWN, "", TOTAL, NULL)                                  \
    X("map_values", SCALAR, 1, 1, ENGINE, UNKNOWN, "", TOTAL, NULL)                                \
    X("row", SCALAR, 1, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                                      \
    X("struct_concat", SCALAR, 0, -1, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("struct_extract", SCALAR, 2, 2, ENGINE, UNKNOWN, "", TOTAL, NULL)                            \
    X("struct_extract_at", SCALAR, 2, 2, ENGINE, UNKNOWN, "?l", 0, NULL)                           \
    X("struct_insert", SCALAR, 0, -1, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("struct_keys", SCALAR, 1, 1, LIST, TEXT, "", TOTAL, NULL)                                    \
    X("struct_pack", SCALAR, 0, -1, ENGINE, UNKNOWN, "", TOTAL, NULL)                              \
    X("struct_update", SCALAR, 0, -1, ENGINE, UNKNOWN, "", 0, NULL)                                \
    X("remap_struct", SCALAR, 4, 4, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("struct_contains", SCALAR, 2, 2, FIXED, BOOL, "", 0, NULL)                                   \
    X("struct_has", SCALAR, 2, 2, FIXED, BOOL, "", 0, NULL)                                        \
    X("struct_indexof", SCALAR, 2, 2, FIXED, INT4, "", 0, NULL)                                    \
    X("struct_position", SCALAR, 2, 2, FIXED, INT4, "", 0, NULL)                                   \
    X("struct_values", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                 \
    X("union_value", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("union_tag", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("union_extract", SCALAR, 2, 2, ENGINE, UNKNOWN, "?t", 0, NULL)                               \
    X("bit_position", SCALAR, 2, 2, FIXED, INT4, "", 0, NULL)                                      \
    X("bitstring", SCALAR, 2, 2, FIXED, BIT, "?i", 0, NULL)                                        \
    X("get_bit", SCALAR, 2, 2, FIXED, INT4, "?i", 0, NULL)                                         \
    X("set_bit", SCALAR, 3, 3, FIXED, BIT, "?ii", 0, NULL)                                         \
    X("enum_code", SCALAR, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("enum_first", SCALAR, 1, 1, FIXED, TEXT, "", 0, NULL)                                        \
    X("enum_last", SCALAR, 1, 1, FIXED, TEXT, "", 0, NULL)                                         \
    X("enum_range", SCALAR, 1, 1, LIST, TEXT, "", 0, NULL)                                         \
    X("enum_range_boundary", SCALAR, 2, 2, LIST, TEXT, "", 0, NULL)                                \
    /* JSON */                                                                                     \
    X("is_histogram_other_bin", SCALAR, 1, 1, FIXED, BOOL, "", 0, NULL)                            \
    X("array_to_json", SCALAR, 0, -1, FIXED, JSON, "", TOTAL, NULL)                                \
    X("json", SCALAR, 1, 1, FIXED, JSON, "", 0, NULL)                                              \
    X("json_array", SCALAR, 0, -1, FIXED, JSON, "", TOTAL, NULL)                                   \
    X("json_array_length", SCALAR, 1, 2, ENGINE, UNKNOWN, "", 0, NULL)                             \
    X("json_exists", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("json_extract", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("json_extract_path", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                             \
    X("json_extract_path_text", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                        \
    X("json_extract_string", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                           \
    X("json_keys", SCALAR, 1, 2, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("json_object", SCALAR, 0, -1, FIXED, JSON, "", 0, NULL)                                      \
    X("json_pretty", SCALAR, 1, 1, FIXED, TEXT, "", 0, NULL)                                       \
    X("json_quote", SCALAR, 0, -1, FIXED, JSON, "", TOTAL, NULL)                                   \
    X("json_type", SCALAR, 1, 2, ENGINE, UNKNOWN, "", 0, NULL)                                     \
    X("json_valid", SCALAR, 1, 1, FIXED, BOOL, "", TOTAL, NULL)                                    \
    X("json_value", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                    \
    X("row_to_json", SCALAR, 0, -1, FIXED, JSON, "", TOTAL, NULL)                                  \
    X("to_json", SCALAR, 0, -1, FIXED, JSON, "", TOTAL, NULL)                                      \
    /* Aggregates */                                                                               \
    X("any_value", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                               \
    X("approx_count_distinct", AGGREGATE, 1, 1, FIXED, INT8, "", TOTAL | COUNTS, NULL)             \
    X("approx_quantile", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                            \
    X("approx_top_k", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "?l", 0, NULL)                             \
    X("arbitrary", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                               \
    X("arg_max", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)                         \
    X("arg_max_null", AGGREGATE, 2, 2, ARG_0, UNKNOWN, "", TOTAL, NULL)                            \
    X("arg_min", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)                         \
    X("arg_min_null", AGGREGATE, 2, 2, ARG_0, UNKNOWN, "", TOTAL, NULL)                            \
    X("argmax", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)                          \
    X("argmin", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)                          \
    X("arg_max_nulls_last", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)              \
    X("arg_min_nulls_last", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)              \
    X("array_agg", AGGREGATE, 1, 1, LIST_ARG_0, UNKNOWN, "", TOTAL, NULL)                          \
    X("avg", AGGREGATE, 1, 1, AVG, UNKNOWN, "", SUMS, NULL)                                        \
    X("bit_and", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                     \
    X("bit_or", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                      \
    X("bit_xor", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                     \
    X("bitstring_agg", AGGREGATE, 1, 3, FIXED, BIT, "", 0, NULL)                                   \
    X("bool_and", AGGREGATE, 1, 1, FIXED, BOOL, "b", TOTAL, NULL)                                  \
    X("bool_or", AGGREGATE, 1, 1, FIXED, BOOL, "b", TOTAL, NULL)                                   \
    X("corr", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                       \
    X("count", AGGREGATE, 0, 1, FIXED, INT8, "", TOTAL | COUNTS | SUMS, NULL)                      \
    X("count_star", AGGREGATE, 0, 0, FIXED, INT8, "", TOTAL | COUNTS, NULL)                        \
    X("count_if", AGGREGATE, 1, 1, FIXED, INT16, "b", TOTAL | COUNTS, NULL)                        \
    X("countif", AGGREGATE, 1, 1, FIXED, INT16, "b", TOTAL | COUNTS, NULL)                         \
    X("covar_pop", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                  \
    X("covar_samp", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                 \
    X("entropy", AGGREGATE, 1, 1, FIXED, FLOAT8, "", 0, NULL)                                      \
    X("favg", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                        \
    X("first", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                                   \
    X("fsum", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                        \
    X("geomean", AGGREGATE, 1, 1, FIXED, FLOAT8, "", 0, NULL)                                      \
    X("geometric_mean", AGGREGATE, 1, 1, FIXED, FLOAT8, "", 0, NULL)                               \
    X("group_concat", AGGREGATE, 1, 2, FIXED, TEXT, "?t", TOTAL, NULL)                             \
    X("histogram", AGGREGATE, 1, 2, ENGINE, UNKNOWN, "", 0, NULL)                                  \
    X("histogram_exact", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                            \
    X("json_group_array", AGGREGATE, 1, 1, FIXED, JSON, "", TOTAL, NULL)                           \
    X("json_group_object", AGGREGATE, 2, 2, FIXED, JSON, "", 0, NULL)                              \
    X("kahan_sum", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                   \
    X("kurtosis", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                    \
    X("kurtosis_pop", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                \
    X("last", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                                    \
    X("list", AGGREGATE, 1, 1, LIST_ARG_0, UNKNOWN, "", TOTAL, NULL)                               \
    X("listagg", AGGREGATE, 1, 2, FIXED, TEXT, "?t", TOTAL, NULL)                                  \
    X("mad", AGGREGATE, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                        \
    X("max", AGGREGATE, 1, 2, EXTREME, UNKNOWN, "?l", TOTAL, NULL)                                 \
    X("max_by", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)                          \
    X("mean", AGGREGATE, 1, 1, AVG, UNKNOWN, "", SUMS, NULL)                                       \
    X("median", AGGREGATE, 1, 1, MEDIAN, UNKNOWN, "", 0, NULL)                                     \
    X("min", AGGREGATE, 1, 2, EXTREME, UNKNOWN, "?l", TOTAL, NULL)                                 \
    X("min_by", AGGREGATE, 2, 3, EXTREME_BY, UNKNOWN, "??l", TOTAL, NULL)                          \
    X("mode", AGGREGATE, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                                    \
    X("product", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                     \
    X("quantile", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                   \
    X("quantile_cont", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                              \
    X("quantile_disc", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                              \
    X("percentile_cont", AGGREGATE, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                            \
    X("percentile_disc", AGGREGATE, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                            \
    X("regr_avgx", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                  \
    X("regr_avgy", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                  \
    X("regr_count", AGGREGATE, 2, 2, FIXED, UINT4, "dd", COUNTS, NULL)                             \
    X("regr_intercept", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                             \
    X("regr_r2", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                    \
    X("regr_slope", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                 \
    X("regr_sxx", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                   \
    X("regr_sxy", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                   \
    X("regr_syy", AGGREGATE, 2, 2, FIXED, FLOAT8, "dd", 0, NULL)                                   \
    X("reservoir_quantile", AGGREGATE, 2, 3, ENGINE, UNKNOWN, "??i", 0, NULL)                      \
    X("sem", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                         \
    X("skewness", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                    \
    X("stddev", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                      \
    X("stddev_pop", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                  \
    X("stddev_samp", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                 \
    X("string_agg", AGGREGATE, 1, 2, FIXED, TEXT, "?t", TOTAL, NULL)                               \
    X("sum", AGGREGATE, 1, 1, SUM, UNKNOWN, "", SUMS, NULL)                                        \
    X("sum_no_overflow", AGGREGATE, 1, 1, SUM, UNKNOWN, "", 0, NULL)                               \
    X("sumkahan", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                    \
    X("var_pop", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                     \
    X("var_samp", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                    \
    X("variance", AGGREGATE, 1, 1, FIXED, FLOAT8, "d", 0, NULL)                                    \
    X("wavg", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                                       \
    X("weighted_avg", AGGREGATE, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                               \
    X("every", AGGREGATE, 1, 1, FIXED, BOOL, "", TOTAL, "bool_and")                                \
    /* Windows */                                                                                  \
    X("row_number", WINDOW, 0, 0, FIXED, INT8, "", TOTAL, NULL)                                    \
    X("rank", WINDOW, 0, 0, FIXED, INT8, "", TOTAL, NULL)                                          \
    X("dense_rank", WINDOW, 0, 0, FIXED, INT8, "", TOTAL, NULL)                                    \
    X("rank_dense", WINDOW, 0, 0, FIXED, INT8, "", TOTAL, NULL)                                    \
    X("percent_rank", WINDOW, 0, 0, FIXED, FLOAT8, "", TOTAL, NULL)                                \
    X("cume_dist", WINDOW, 0, 0, FIXED, FLOAT8, "", TOTAL, NULL)                                   \
    X("ntile", WINDOW, 1, 1, FIXED, INT8, "l", 0, NULL)                                            \
    X("lag", WINDOW, 1, 3, ARG_0, UNKNOWN, "?l", 0, NULL)                                          \
    X("lead", WINDOW, 1, 3, ARG_0, UNKNOWN, "?l", 0, NULL)                                         \
    X("first_value", WINDOW, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                                \
    X("last_value", WINDOW, 1, 1, ARG_0, UNKNOWN, "", TOTAL, NULL)                                 \
    X("nth_value", WINDOW, 2, 2, ARG_0, UNKNOWN, "?l", 0, NULL)                                    \
    X("fill", WINDOW, 1, 1, ARG_0, UNKNOWN, "", 0, NULL)                                           \
    /* Answered by us */                                                                           \
    X("current_user", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                        \
    X("session_user", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                        \
    X("user", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                                \
    X("current_role", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                        \
    X("current_database", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                    \
    X("current_catalog", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                     \
    X("current_schema", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                      \
    X("version", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                             \
    X("_pg_may_create", SCALAR, 0, 0, FIXED, BOOL, "", TOTAL | SESSION, NULL)                      \
    X("current_schemas", SCALAR, 1, 1, LIST, TEXT, "b", TOTAL | SESSION, NULL)                     \
    X("current_setting", SCALAR, 1, 2, FIXED, TEXT, "tb", TOTAL | SESSION, NULL)                   \
    X("pg_backend_pid", SCALAR, 0, 0, FIXED, INT4, "", TOTAL | SESSION, NULL)                      \
    X("txid_current", SCALAR, 0, 0, FIXED, INT8, "", TOTAL | SESSION, NULL)                        \
    X("txid_current_if_assigned", SCALAR, 0, 0, FIXED, INT8, "", TOTAL | SESSION, NULL)            \
    X("pg_current_xact_id", SCALAR, 0, 0, FIXED, INT8, "", TOTAL | SESSION, NULL)                  \
    X("pg_current_xact_id_if_assigned", SCALAR, 0, 0, FIXED, INT8, "", TOTAL | SESSION, NULL)      \
    X("inet_client_addr", SCALAR, 0, 0, FIXED, TEXT, "", TOTAL | SESSION, NULL)                    \
    X("pg_postmaster_start_time", SCALAR, 0, 0, FIXED, TIMESTAMPTZ, "", TOTAL | SESSION, NULL)     \
    X("pg_conf_load_time", SCALAR, 0, 0, FIXED, TIMESTAMPTZ, "", TOTAL | SESSION, NULL)            \
    /* Other names of the engine's */                                                              \
    X("current_timestamp", SCALAR, 0, 0, FIXED, TIMESTAMPTZ, "", TOTAL | VOLATILE,                 \
      "get_current_timestamp")                                                                     \
    X("current_time", SCALAR, 0, 0, FIXED, TIMETZ, "", TOTAL | VOLATILE, "get_current_time")       \
    X("localtimestamp", SCALAR, 0, 0, FIXED, TIMESTAMP, "", TOTAL | VOLATILE,                      \
      "current_localtimestamp")                                                                    \
    X("localtime", SCALAR, 0, 0, FIXED, TIME, "", TOTAL | VOLATILE, "current_localtime")           \
    X("statement_timestamp", SCALAR, 0, 0, FIXED, TIMESTAMPTZ, "", TOTAL | VOLATILE, "now")        \
    X("extract", SCALAR, 2, 2, PART, UNKNOWN, "t", 0, "date_part")                                 \
    X("startswith", SCALAR, 2, 2, FIXED, BOOL, "tt", TOTAL, "starts_with")                         \
    X("endswith", SCALAR, 2, 2, FIXED, BOOL, "tt", TOTAL, "ends_with")                             \
    /* Ours alone, spelled for the engine by the types of their arguments (spell.h) */             \
    X("add_months_keeping_end", SCALAR, 2, 2, MOMENT, UNKNOWN, "d?", SPELLED, NULL)                \
    X("date_add_part", SCALAR, 3, 3, MOVED, UNKNOWN, "td?", SPELLED, NULL)                         \
    X("date_diff_part", SCALAR, 3, 3, FIXED, INT8, "t", SPELLED, NULL)                             \
    X("date_trunc_part", SCALAR, 2, 2, MOMENT, UNKNOWN, "t", SPELLED, NULL)                        \
    X("slice_of", SCALAR, 4, 4, MOMENT, UNKNOWN, "tlt?", SPELLED, NULL)                            \
    X("moment_as_date", SCALAR, 1, 1, FIXED, DATE, "", SPELLED, NULL)                              \
    X("moment_as_time", SCALAR, 1, 1, FIXED, TIME, "", SPELLED, NULL)                              \
    X("moment_as_timestamp", SCALAR, 1, 1, FIXED, TIMESTAMP, "", SPELLED, NULL)                    \
    X("moment_as_timestamptz", SCALAR, 1, 1, FIXED, TIMESTAMPTZ, "", SPELLED, NULL)                \
    X("part_nanosecond", SCALAR, 1, 1, FIXED, INT8, "", SPELLED, NULL)                             \
    X("length_of", SCALAR, 1, 1, FIXED, INT8, "t", SPELLED, NULL)                                  \
    X("number_digits", SCALAR, 2, 2, FIXED, TEXT, "?l", SPELLED, NULL)                             \
    X("octets_of", SCALAR, 1, 1, FIXED, INT8, "t", SPELLED, NULL)                                  \
    X("hex_of", SCALAR, 1, 1, FIXED, TEXT, "t", SPELLED, NULL)                                     \
    X("bytes_of", SCALAR, 1, 1, FIXED, BYTES, "t", SPELLED, NULL)                                  \
    X("boolean_of", SCALAR, 1, 1, FIXED, BOOL, "", SPELLED, NULL)                                  \
    X("truth_of", SCALAR, 1, 1, FIXED, BOOL, "", SPELLED, NULL)                                    \
    X("shift_left", SCALAR, 2, 2, ENGINE, UNKNOWN, "?l", SPELLED, NULL)                            \
    X("shift_right", SCALAR, 2, 2, ENGINE, UNKNOWN, "?l", SPELLED, NULL)                           \
    /* Semi-structured values and arrays (spell_json.c, spell_array.c) */                          \
    X("variant_extract", SCALAR, 2, 2, ENGINE, UNKNOWN, "", 0, NULL)                               \
    X("variant_scalar", SCALAR, 1, 1, SPELLED, UNKNOWN, "", TOTAL | SPELLED, NULL)                 \
    X("variant_number", SCALAR, 1, 1, FIXED, FLOAT8, "", SPELLED, NULL)                            \
    X("variant_of", SCALAR, 1, 1, FIXED, JSON, "t", TOTAL | SPELLED, NULL)                         \
    X("variant_list", SCALAR, 1, 1, LIST, JSON, "", SPELLED, NULL)                                 \
    X("variant_array", SCALAR, 1, 1, FIXED, JSON, "t", TOTAL | SPELLED, NULL)                      \
    X("variant_object", SCALAR, 1, 1, FIXED, JSON, "", SPELLED, NULL)                              \
    X("variant_path", SCALAR, 2, 2, FIXED, JSON, "?t", SPELLED, NULL)                              \
    X("variant_item", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                           \
    X("variant_type", SCALAR, 1, 1, FIXED, TEXT, "", TOTAL | SPELLED, NULL)                        \
    X("variant_size", SCALAR, 1, 1, FIXED, INT8, "", TOTAL | SPELLED, NULL)                        \
    X("object_of", SCALAR, 0, -1, FIXED, JSON, "", TOTAL | SPELLED, NULL)                          \
    X("object_keys_of", SCALAR, 1, 1, LIST, TEXT, "", TOTAL | SPELLED, NULL)                       \
    X("object_with", SCALAR, 3, 3, FIXED, JSON, "?t", SPELLED, NULL)                               \
    X("object_updated", SCALAR, 3, 3, FIXED, JSON, "?t", SPELLED, NULL)                            \
    X("object_without", SCALAR, 2, 2, FIXED, JSON, "", SPELLED, NULL)                              \
    X("object_with_only", SCALAR, 2, 2, FIXED, JSON, "", SPELLED, NULL)                            \
    X("object_get_any_case", SCALAR, 2, 2, FIXED, JSON, "?t", SPELLED, NULL)                       \
    X("array_of", SCALAR, 0, -1, SPELLED, UNKNOWN, "", TOTAL | SPELLED, NULL)                      \
    X("array_least", SCALAR, 1, 1, SPELLED, UNKNOWN, "", SPELLED, NULL)                            \
    X("array_greatest", SCALAR, 1, 1, SPELLED, UNKNOWN, "", SPELLED, NULL)                         \
    X("array_total", SCALAR, 1, 1, ENGINE, UNKNOWN, "", SPELLED, NULL)                             \
    X("array_unnested", SCALAR, 1, 1, SPELLED, UNKNOWN, "", SPELLED, NULL)                         \
    X("array_text", SCALAR, 2, 2, FIXED, TEXT, "?t", SPELLED, NULL)                                \
    X("array_kept", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                             \
    X("array_mapped", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                           \
    X("array_folded", SCALAR, 3, 3, ENGINE, UNKNOWN, "", SPELLED, NULL)                            \
    X("array_or_empty", SCALAR, 1, 1, ARG_0, UNKNOWN, "", TOTAL | SPELLED, NULL)                   \
    X("array_with", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                             \
    X("array_with_first", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                       \
    X("array_joined", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                           \
    X("array_inserted", SCALAR, 3, 3, SPELLED, UNKNOWN, "", SPELLED, NULL)                         \
    X("array_without", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                          \
    X("array_without_at", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                       \
    X("array_part", SCALAR, 3, 3, SPELLED, UNKNOWN, "", SPELLED, NULL)                             \
    X("array_deduplicated", SCALAR, 1, 1, SPELLED, UNKNOWN, "", SPELLED, NULL)                     \
    X("array_dense", SCALAR, 1, 1, SPELLED, UNKNOWN, "", SPELLED, NULL)                            \
    X("array_in_order", SCALAR, 3, 3, SPELLED, UNKNOWN, "", SPELLED, NULL)                         \
    X("array_turned", SCALAR, 1, 1, SPELLED, UNKNOWN, "", SPELLED, NULL)                           \
    X("array_common", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                           \
    X("array_difference", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                       \
    X("array_holds", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                            \
    X("array_index_of", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                         \
    X("arrays_meet", SCALAR, 2, 2, SPELLED, UNKNOWN, "", SPELLED, NULL)                            \
    /* Tables */                                                                                   \
    X("generate_series", TABLE, 1, 3, ENGINE, UNKNOWN, "lll", 0, NULL)                             \
    X("range", TABLE, 1, 3, ENGINE, UNKNOWN, "lll", 0, NULL)                                       \
    X("repeat", TABLE, 2, 2, ARG_0, UNKNOWN, "?l", 0, NULL)                                        \
    X("json_each", TABLE, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("json_tree", TABLE, 1, 1, ENGINE, UNKNOWN, "", 0, NULL)                                      \
    X("unnest", TABLE, 1, 1, ELEMENT_0, UNKNOWN, "", 0, NULL)

#endif
