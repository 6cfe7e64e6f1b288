// node-postgres, beyond what tests/e2e/clients/node.js asks of it. Arguments: JSON of {port, user, password, ca}.
const fs = require('fs');
const assert = require('assert');
const { Client } = require('pg');

const a = JSON.parse(process.argv[2]);
const config = {
  host: 'localhost', port: a.port, user: a.user, password: a.password, database: 'hatidata',
  ssl: { ca: fs.readFileSync(a.ca) }, options: '-c hatidata.dialect=postgres -c TimeZone=Asia/Tokyo',
};

async function savepoints(c) {
  await c.query('CREATE TABLE node_nested (a int)');
  await c.query('BEGIN');
  await c.query('SAVEPOINT s');
  await assert.rejects(c.query('SELECT nothing FROM node_nested'), (e) => e.code === '42703');
  await c.query('ROLLBACK TO SAVEPOINT s');
  await c.query('INSERT INTO node_nested VALUES ($1)', [1]);
  await c.query('RELEASE SAVEPOINT s');
  await c.query('COMMIT');
  assert.strictEqual((await c.query('SELECT a FROM node_nested')).rowCount, 1);
  await c.query('DROP TABLE node_nested');
}

async function zones(c) {
  const at = new Date('2024-07-01T12:00:00.001Z');
  const r = await c.query("SELECT $1::timestamptz AS at, '2024-07-01 21:00:00.001'::timestamptz AS local, $1::timestamptz::text AS text", [at]);
  assert.deepStrictEqual(r.rows[0], { at, local: at, text: '2024-07-01 21:00:00.001+09' });
}

// Objects and arrays go as JSON and as PostgreSQL's arrays, without a type of their own.
async function withinValues(c) {
  const row = { s: { a: 1, b: 'x"\n' }, m: { k: '2024-02-29' }, l: [[1, 2], [3, null]], many: [{ x: 1 }, { x: null }], r: '(1,"a b")' };
  const made = await c.query("SELECT {'a': 1, 'b': 'x\"' || chr(10)} AS s, MAP {'k': DATE '2024-02-29'} AS m, [[1, 2], [3, NULL]] AS l, " +
    "[{'x': 1}, {'x': NULL::int}] AS many, ROW(1, 'a b') AS r");
  assert.deepStrictEqual(made.rows[0], row);
  const back = await c.query('SELECT $1::STRUCT(a int, b text) AS s, $2::MAP(text, date) AS m, $3::int[][] AS l, $4::STRUCT(x int)[] AS many, ' +
    '$5::text AS r', [row.s, row.m, row.l, row.many, row.r]);
  assert.deepStrictEqual(back.rows[0], row);
}

async function main() {
  const c = new Client(config);
  await c.connect();
  for (const part of [savepoints, zones, withinValues]) {
    await part(c);
    console.log('ok', part.name);
  }
  await c.end();
  const limited = new Client({ ...config, statement_timeout: 200 });
  await limited.connect();
  await assert.rejects(limited.query('SELECT count(*) FROM range(100000000000) AS r(i)'), (e) => e.code === '57014');
  await limited.end();
  console.log('ok timeout');
}

main().catch((e) => { console.error(e); process.exit(1); });
