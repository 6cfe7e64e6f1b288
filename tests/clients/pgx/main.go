// pgx against a real server. Arguments: port, user, password, CA file. Prints "ok NAME" for each part; exits 0 or 1.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"os"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

func config() *pgx.ConnConfig {
	c, err := pgx.ParseConfig(fmt.Sprintf("host=localhost port=%s user=%s password=%s dbname=hatidata sslmode=require",
		os.Args[1], os.Args[2], os.Args[3]))
	must(err)
	pem, err := os.ReadFile(os.Args[4])
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c.TLSConfig = &tls.Config{RootCAs: roots, ServerName: "localhost"}
	c.RuntimeParams["hatidata.dialect"] = "postgres"
	c.RuntimeParams["timezone"] = "Europe/Berlin"
	return c
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func same(got, want any) {
	if !reflect.DeepEqual(got, want) {
		panic(fmt.Sprintf("got %v, want %v", got, want))
	}
}

func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

func values(ctx context.Context, c *pgx.Conn) {
	at := time.Date(2024, 7, 1, 12, 0, 0, 1000, time.UTC)
	n := pgtype.Numeric{Int: big.NewInt(-150), Exp: -2, Valid: true}
	var i int32
	var b int64
	var t string
	var f float64
	var z time.Time
	var y []byte
	var a []int32
	var u [16]byte
	var nn pgtype.Numeric
	var d pgtype.Interval
	var null *string
	var j map[string]any
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe,
		pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		// The simple protocol writes values as literals: arrays and bytes alike.
		must(c.QueryRow(ctx, `SELECT $1::int4, $2::int8, $3::text, $4::float8, $5::timestamptz, $6::bytea, $7::int4[], $8::uuid,
			$9::numeric(10,2), $10::interval, $11::text, $12::json`, mode, int32(7), int64(1)<<62, "é'\\", 0.1, at, []byte{0, 255, 65},
			[]int32{1, -2}, "00112233-4455-6677-8899-aabbccddeeff", n, "1 mon 2 days 00:00:03", nil, `{"k": [1]}`).
			Scan(&i, &b, &t, &f, &z, &y, &a, &u, &nn, &d, &null, &j))
		same([]any{i, b, t, f, y, a, u[15], null, j["k"]},
			[]any{int32(7), int64(1) << 62, "é'\\", 0.1, []byte{0, 255, 65}, []int32{1, -2}, byte(0xff), (*string)(nil), []any{1.0}})
		same(z.Equal(at), true)
		v, err := nn.Float64Value()
		must(err)
		same(v.Float64, -1.5)
		same(d, pgtype.Interval{Months: 1, Days: 2, Microseconds: 3000000, Valid: true})
	}
}

func batches(ctx context.Context, c *pgx.Conn) {
	_, err := c.Exec(ctx, "CREATE TABLE pgx_rows (a int, b text)")
	must(err)
	batch := &pgx.Batch{}
	for i := 0; i < 50; i++ {
		batch.Queue("INSERT INTO pgx_rows VALUES ($1, $2)", i, fmt.Sprint(i))
	}
	batch.Queue("SELECT count(*) FROM pgx_rows")
	r := c.SendBatch(ctx, batch)
	for i := 0; i < 50; i++ {
		tag, err := r.Exec()
		must(err)
		same(tag.RowsAffected(), int64(1))
	}
	var n int64
	must(r.QueryRow().Scan(&n))
	must(r.Close())
	same(n, int64(50))
	copied, err := c.CopyFrom(ctx, pgx.Identifier{"pgx_rows"}, []string{"a", "b"},
		pgx.CopyFromRows([][]any{{100, "x"}, {101, nil}}))
	must(err)
	same(copied, int64(2))
	_, err = c.Exec(ctx, "DROP TABLE pgx_rows")
	must(err)
}

func transactions(ctx context.Context, c *pgx.Conn) {
	_, err := c.Exec(ctx, "CREATE TABLE pgx_tx (a int)")
	must(err)
	must(pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
		// A savepoint before anything is written: what fails in it is undone alone.
		err := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "INSERT INTO pgx_tx VALUES (1)")
			must(err)
			return errors.New("no")
		})
		same(err.Error(), "no")
		_, err = tx.Exec(ctx, "INSERT INTO pgx_tx VALUES (2)")
		return err
	}))
	var n int
	must(c.QueryRow(ctx, "SELECT sum(a)::int FROM pgx_tx").Scan(&n))
	same(n, 2)
	tx, err := c.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead})
	must(err)
	_, err = tx.Exec(ctx, "INSERT INTO pgx_tx VALUES (3)")
	same(code(err), "25006")
	must(tx.Rollback(ctx))
	_, err = c.Exec(ctx, "DROP TABLE pgx_tx")
	must(err)
}

func failures(ctx context.Context, c *pgx.Conn) {
	_, err := c.Exec(ctx, "SELECT * FROM no_such")
	same(code(err), "42P01")
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	k := config()
	other, err := pgx.ConnectConfig(ctx, k)
	must(err)
	_, err = other.Exec(short, "SELECT count(*) FROM range(100000000000) AS r(i)")
	same(err != nil, true)
	must(c.Ping(ctx))
}

func pool(ctx context.Context) {
	k, err := pgxpool.ParseConfig("")
	must(err)
	k.ConnConfig = config()
	p, err := pgxpool.NewWithConfig(ctx, k)
	must(err)
	defer p.Close()
	done := make(chan error, 8)
	for i := 0; i < 8; i++ {
		go func() {
			_, err := p.Exec(ctx, "SELECT 1")
			done <- err
		}()
	}
	for i := 0; i < 8; i++ {
		must(<-done)
	}
}

// Structures, maps and lists of lists as JSON, in each mode of execution; a record's fields one by one.
func withinValues(ctx context.Context, c *pgx.Conn) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeSimpleProtocol} {
		var s, m map[string]any
		var l [][]int
		var many []map[string]any
		var text string
		must(c.QueryRow(ctx, "SELECT {'a': 1, 'b': 'x'}, MAP {'k': DATE '2024-02-29'}, [[1, 2], [3]], [{'x': 1}, NULL], ROW(1, 'a b')::text",
			mode).Scan(&s, &m, &l, &many, &text))
		same(s, map[string]any{"a": 1.0, "b": "x"})
		same(m, map[string]any{"k": "2024-02-29"})
		same(l, [][]int{{1, 2}, {3}})
		same(many, []map[string]any{{"x": 1.0}, nil})
	}
	type pair struct {
		A int    `json:"a"`
		B string `json:"b"`
	}
	var got pair
	var list [][]int
	must(c.QueryRow(ctx, "SELECT $1::STRUCT(a int, b text), $2::int[][]", pair{7, "é"}, [][]int{{1}, {2, 3}}).Scan(&got, &list))
	same(got, pair{7, "é"})
	same(list, [][]int{{1}, {2, 3}})
	rows, err := c.Query(ctx, "SELECT ROW(1, 'a b', NULL::int)")
	must(err)
	defer rows.Close()
	rows.Next()
	record, err := rows.Values()
	must(err)
	same(record, []any{[]any{int32(1), "a b", nil}})
}

func main() {
	ctx := context.Background()
	c, err := pgx.ConnectConfig(ctx, config())
	must(err)
	same(c.PgConn().ParameterStatus("TimeZone"), "Europe/Berlin")
	for name, part := range map[string]func(context.Context, *pgx.Conn){
		"values": values, "batches": batches, "transactions": transactions, "within values": withinValues, "failures": failures} {
		part(ctx, c)
		fmt.Println("ok", name)
	}
	pool(ctx)
	fmt.Println("ok pool")
	must(c.Close(ctx))
}
