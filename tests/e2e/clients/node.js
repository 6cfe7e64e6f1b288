// node-postgres against a real server. Arguments: JSON of {port, user, password, ca}. Exits 0 or 1.
const fs = require('fs');
const assert = require('assert');
const { Client, Pool } = require('pg');
const Cursor = require('pg-cursor');
const { from: copyFrom, to: copyTo } = require('pg-copy-streams');
const { pipeline } = require('stream/promises');
const { Readable, Writable } = require('stream');

const a = JSON.parse(process.argv[2]);
const config = {
  host: 'localhost', port: a.port, user: a.user, password: a.password, database: 'hatidata',
  ssl: { ca: fs.readFileSync(a.ca) }, options: '-c hatidata.dialect=postgres',
};

async function values(c) {
  const r = await c.query(
    'SELECT $1::int4 AS i, $2::int8 AS b, $3::text AS t, $4::bool AS f, $5::float8 AS d, ' +
    '$6::timestamptz AS z, $7::json AS j, $8::int4[] AS a, $9::bytea AS y, $10::numeric AS n',
    [7, '9007199254740993', 'é', true, 0.1, new Date(0), { k: [1] }, [1, 2], Buffer.from([0, 255]), '1.50']);
  assert.deepStrictEqual(r.rows[0], {
    i: 7, b: '9007199254740993', t: 'é', f: true, d: 0.1, z: new Date(0), j: { k: [1] },
    a: [1, 2], y: Buffer.from([0, 255]), n: r.rows[0].n });
  assert.match(r.rows[0].n, /^1\.50+$/); // NUMERIC without a scale has the engine's digits
}

async function prepared(c) {
  for (let i = 0; i < 5; i++) {
    const r = await c.query({ name: 'twice', text: 'SELECT $1::int4 * 2 AS v', values: [i] });
    assert.strictEqual(Number(r.rows[0].v), 2 * i);
  }
}

async function errors(c) {
  await assert.rejects(c.query('SELECT * FROM no_such_table'), (e) => e.code === '42P01');
  await assert.rejects(c.query('SELECT $1::int4', ['x']), (e) => e.code === '22P02');
  assert.strictEqual((await c.query('SELECT 1 AS one')).rows[0].one, 1);
}

async function several(c) {
  const r = await c.query('SELECT 1 AS a; SELECT 2 AS b');
  assert.deepStrictEqual(r.map((x) => x.rows[0]), [{ a: 1 }, { b: 2 }]);
}

async function cursor(c) {
  const cur = c.query(new Cursor('SELECT i FROM range(250) AS r(i)'));
  let n = 0;
  for (let rows; (rows = await cur.read(100)).length;) n += rows.length;
  assert.strictEqual(n, 250);
  await cur.close();
}

async function copy(c) {
  await c.query('CREATE TABLE node_copy (a int, b text)');
  await pipeline(Readable.from(['1\tx\n', '2\ty\n3', '\tz\n']), c.query(copyFrom('COPY node_copy FROM STDIN')));
  let text = '';
  const sink = new Writable({ write(chunk, _, done) { text += chunk; done(); } });
  await pipeline(c.query(copyTo('COPY (SELECT * FROM node_copy ORDER BY a) TO STDOUT')), sink);
  assert.strictEqual(text, '1\tx\n2\ty\n3\tz\n');
  await c.query('DROP TABLE node_copy');
}

async function pool() {
  const p = new Pool({ ...config, max: 20 });
  const got = await Promise.all([...Array(100).keys()].map((i) => p.query('SELECT $1::int4 AS i', [i])));
  assert.deepStrictEqual(got.map((r) => r.rows[0].i), [...Array(100).keys()]);
  await p.end();
}

(async () => {
  const c = new Client(config);
  await c.connect();
  for (const test of [values, prepared, errors, several, cursor, copy]) {
    await test(c);
    console.log('ok ' + test.name);
  }
  await c.end();
  await pool();
  console.log('ok pool');
})().catch((e) => { console.error(e); process.exit(1); });
