// tokio-postgres against a real server. Arguments: port, user, password, CA file. Prints "ok NAME" for each part.
use futures_util::{SinkExt, TryStreamExt};
use openssl::ssl::{SslConnector, SslMethod};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_postgres::{error::SqlState, Client, Error, NoTls};

fn tls(ca: &str) -> postgres_openssl::MakeTlsConnector {
    let mut b = SslConnector::builder(SslMethod::tls()).unwrap();
    b.set_ca_file(ca).unwrap();
    postgres_openssl::MakeTlsConnector::new(b.build())
}

async fn connect(a: &[String]) -> Result<Client, Error> {
    let text = format!(
        "host=localhost port={} user={} password='{}' dbname=hatidata sslmode=require options='-c hatidata.dialect=postgres'",
        a[1], a[2], a[3]
    );
    let (client, connection) = tokio_postgres::connect(&text, tls(&a[4])).await?;
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(client)
}

async fn values(c: &Client) -> Result<(), Error> {
    let at = UNIX_EPOCH + Duration::from_micros(1_719_835_200_000_001);
    let u = uuid::Uuid::parse_str("00112233-4455-6677-8899-aabbccddeeff").unwrap();
    let j = serde_json::json!({"k": [1, null]});
    let row = c
        .query_one(
            "SELECT $1::int4, $2::int8, $3::text, $4::float8, $5::timestamptz, $6::bytea, $7::int4[], $8::uuid, $9::json, $10::bool",
            &[&7i32, &(1i64 << 62), &"é'\\", &0.1f64, &at, &vec![0u8, 255], &vec![Some(1i32), None], &u, &j, &None::<bool>],
        )
        .await?;
    assert_eq!((row.get::<_, i32>(0), row.get::<_, i64>(1), row.get::<_, &str>(2)), (7, 1 << 62, "é'\\"));
    assert_eq!((row.get::<_, f64>(3), row.get::<_, SystemTime>(4)), (0.1, at));
    assert_eq!((row.get::<_, Vec<u8>>(5), row.get::<_, Vec<Option<i32>>>(6)), (vec![0, 255], vec![Some(1), None]));
    assert_eq!((row.get::<_, uuid::Uuid>(7), row.get::<_, serde_json::Value>(8)), (u, j));
    assert_eq!(row.get::<_, Option<bool>>(9), None);
    Ok(())
}

async fn within_values(c: &Client) -> Result<(), Error> {
    let (s, l) = (serde_json::json!({"a": 1, "b": "x"}), serde_json::json!([[1, 2], [3]]));
    let row = c
        .query_one(
            "SELECT {'a': 1, 'b': 'x'}, [[1, 2], [3]], [{'x': 1}, NULL], $1::STRUCT(a int, b text), $2::int[][]",
            &[&s, &l],
        )
        .await?;
    let json = |i| row.get::<_, serde_json::Value>(i);
    assert_eq!((json(0), json(1), json(3), json(4)), (s.clone(), l.clone(), s, l));
    assert_eq!(row.get::<_, Vec<Option<serde_json::Value>>>(2), vec![Some(serde_json::json!({"x": 1})), None]);
    Ok(())
}

async fn transactions(c: &mut Client) -> Result<(), Error> {
    c.batch_execute("CREATE TABLE rust_rows (a int, b text)").await?;
    let mut t = c.transaction().await?;
    let inner = t.savepoint("s").await?;
    inner.execute("INSERT INTO rust_rows VALUES (1, 'x')", &[]).await?;
    inner.rollback().await?;
    t.execute("INSERT INTO rust_rows VALUES (2, 'y')", &[]).await?;
    t.commit().await?;
    let sink = c.copy_in::<_, bytes::Bytes>("COPY rust_rows FROM STDIN").await?;
    futures_util::pin_mut!(sink);
    sink.send(bytes::Bytes::from_static(b"3\tz\n4\t\\N\n")).await?;
    assert_eq!(sink.finish().await?, 2);
    let out: Vec<bytes::Bytes> =
        c.copy_out("COPY (SELECT * FROM rust_rows ORDER BY a) TO STDOUT").await?.try_collect().await?;
    assert_eq!(out.concat(), b"2\ty\n3\tz\n4\t\\N\n");
    c.batch_execute("DROP TABLE rust_rows").await
}

async fn portals(c: &mut Client) -> Result<(), Error> {
    let t = c.transaction().await?;
    let portal = t.bind("SELECT i FROM range(25) AS r(i)", &[]).await?;
    let mut counts = vec![];
    loop {
        let rows = t.query_portal(&portal, 10).await?;
        counts.push(rows.len());
        if rows.len() < 10 {
            break;
        }
    }
    assert_eq!(counts, [10, 10, 5]);
    t.commit().await
}

async fn failures(c: &Client, ca: &str) -> Result<(), Error> {
    let e = c.query("SELECT * FROM no_such", &[]).await.unwrap_err();
    assert_eq!(e.code(), Some(&SqlState::UNDEFINED_TABLE));
    let cancel = c.cancel_token();
    let (connector, running) = (tls(ca), c.query("SELECT count(*) FROM range(100000000000) AS r(i)", &[]));
    tokio::pin!(running);
    let e = loop {
        tokio::select! {
            r = &mut running => break r.unwrap_err(),
            _ = tokio::time::sleep(Duration::from_millis(200)) => cancel.cancel_query(connector.clone()).await?,
        }
    };
    assert_eq!(e.code(), Some(&SqlState::QUERY_CANCELED));
    c.query_one("SELECT 1", &[]).await.map(|_| ())
}

/// A cancel request gets no answer but the end of its connection, which must be an orderly one, however often.
async fn cancels(c: &Client, ca: &str) -> Result<(), Error> {
    for _ in 0..150 {
        c.cancel_token().cancel_query(tls(ca)).await?;
    }
    c.query_one("SELECT 1", &[]).await.map(|_| ())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let a: Vec<String> = std::env::args().collect();
    let mut c = connect(&a).await?;
    values(&c).await?;
    println!("ok values");
    within_values(&c).await?;
    println!("ok within values");
    transactions(&mut c).await?;
    println!("ok transactions");
    portals(&mut c).await?;
    println!("ok portals");
    failures(&c, &a[4]).await?;
    println!("ok failures");
    cancels(&c, &a[4]).await?;
    println!("ok cancels");
    let plain = format!("host=localhost port={} user={} password=x dbname=hatidata sslmode=disable", a[1], a[2]);
    assert!(tokio_postgres::connect(&plain, NoTls).await.is_err());
    println!("ok tls");
    Ok(())
}
