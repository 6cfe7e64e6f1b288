"""The same statements through sqlglot, which reads, rewrites and prints them for the same engine: what bench_sql
calls parse, normalize and print, without names, policy and row filters.

usage: sql_peer.py FILE     FILE: what bench_sql wrote"""
import json
import sys
import time

import sqlglot


def times(sql, rounds):
    out = []
    for i in range(-2, rounds):
        begun = time.perf_counter_ns()
        sqlglot.transpile(sql, read="snowflake", write="duckdb")
        if i >= 0:
            out.append((time.perf_counter_ns() - begun) / 1000)
    return out


def main():
    print(f"{'sqlglot ' + sqlglot.__version__:<18} {'p50':>10} {'p99':>10}   beside ours, p50")
    for subject in json.load(open(sys.argv[1])):
        all_times = sorted(t for sql in subject["sql"] for t in times(sql, 200 if len(subject["sql"]) == 1 else 5))
        p50, p99 = all_times[len(all_times) // 2], all_times[int((len(all_times) - 1) * 0.99)]
        print(f"{subject['name']:<18} {p50:>10.1f} {p99:>10.1f}   {p50 / subject['p50']['all']:.0f} times as long")


if __name__ == "__main__":
    main()
