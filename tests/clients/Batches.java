import java.sql.*;
import java.time.*;
import java.util.*;

/** pgjdbc, beyond what tests/e2e/clients/Jdbc.java asks of it. Arguments: port, user, password, CA file. */
public class Batches {
    static String[] a;

    static Connection connect(String... more) throws SQLException {
        Properties p = new Properties();
        p.setProperty("user", a[1]);
        p.setProperty("password", a[2]);
        p.setProperty("sslmode", "verify-full");
        p.setProperty("sslrootcert", a[3]);
        p.setProperty("options", "-c hatidata.dialect=postgres");
        for (int i = 0; i < more.length; i += 2) p.setProperty(more[i], more[i + 1]);
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + a[0] + "/hatidata", p);
    }

    static void same(Object got, Object want) {
        if (!Objects.equals(got, want)) throw new AssertionError("got " + got + ", want " + want);
    }

    interface Part { void run() throws Exception; }

    static void fails(String state, Part p) throws Exception {
        try {
            p.run();
        } catch (SQLException e) {
            same(e.getSQLState(), state);
            return;
        }
        throw new AssertionError("no error, want " + state);
    }

    /** The driver sends the JVM's zone at the start. */
    static void zone() throws Exception {
        try (Connection c = connect(); Statement s = c.createStatement()) {
            ResultSet r = s.executeQuery("SHOW TimeZone");
            r.next();
            same(r.getString(1), TimeZone.getDefault().getID());
            OffsetDateTime at = OffsetDateTime.of(2024, 7, 1, 12, 0, 0, 1000, ZoneOffset.UTC);
            for (int i = 0; i < 8; i++) { // in text first, in binary after five runs
                PreparedStatement q = c.prepareStatement("SELECT ?::timestamptz, ?::timestamp, ?::date");
                q.setObject(1, at);
                q.setObject(2, LocalDateTime.of(2024, 7, 1, 12, 0));
                q.setObject(3, LocalDate.of(2024, 7, 1));
                r = q.executeQuery();
                r.next();
                same(r.getObject(1, OffsetDateTime.class).toInstant(), at.toInstant());
                same(r.getObject(2, LocalDateTime.class), LocalDateTime.of(2024, 7, 1, 12, 0));
                same(r.getObject(3, LocalDate.class), LocalDate.of(2024, 7, 1));
                same(r.getTimestamp(1).toInstant(), at.toInstant());
            }
        }
    }

    /** Structures and lists of lists are PGobjects of type json, arrays of structures arrays of json, records PGobjects too. */
    static void withinValues() throws Exception {
        try (Connection c = connect("binaryTransfer", "true")) {
            for (int i = 0; i < 8; i++) {
                PreparedStatement q = c.prepareStatement("SELECT {'a': 1, 'b': 'x'} AS s, [[1, 2], [3]] AS l, [{'x': 1}, NULL] AS m, " +
                    "ROW(1, 'a b') AS r, ?::STRUCT(a int), ?::int[][]");
                q.setObject(1, "{\"a\": 7}", Types.OTHER);
                q.setObject(2, "{{1,2},{3,4}}", Types.OTHER);
                ResultSet r = q.executeQuery();
                r.next();
                same(r.getMetaData().getColumnTypeName(1), "json");
                same(r.getObject(1).toString(), "{\"a\":1,\"b\":\"x\"}");
                same(r.getString(2), "[[1,2],[3]]");
                same(Arrays.toString((Object[]) r.getArray(3).getArray()), "[{\"x\":1}, null]");
                same(r.getString(4), "(1,\"a b\")");
                same(r.getString(5), "{\"a\":7}");
                same(r.getString(6), "[[1,2],[3,4]]");
            }
        }
    }

    static void batches() throws Exception {
        for (String rewrite : new String[] {"false", "true"}) {
            try (Connection c = connect("reWriteBatchedInserts", rewrite); Statement s = c.createStatement()) {
                s.execute("CREATE TABLE jdbc_batch (a int PRIMARY KEY, b text, n numeric(10,2), x int[])");
                PreparedStatement p = c.prepareStatement("INSERT INTO jdbc_batch VALUES (?, ?, ?, ?)");
                for (int i = 0; i < 300; i++) {
                    p.setInt(1, i);
                    p.setString(2, "n" + i);
                    p.setBigDecimal(3, new java.math.BigDecimal("1.25"));
                    p.setArray(4, c.createArrayOf("int4", new Integer[] {i, null}));
                    p.addBatch();
                }
                same(p.executeBatch().length, 300);
                p.setInt(1, 300);
                p.addBatch();
                p.setInt(1, 7); // there already
                p.addBatch();
                try {
                    p.executeBatch();
                    throw new AssertionError("a key twice");
                } catch (BatchUpdateException e) {
                    same(e.getSQLState(), "23505");
                }
                ResultSet r = s.executeQuery("SELECT count(*), sum(n) FROM jdbc_batch");
                r.next();
                same(r.getBigDecimal(2), new java.math.BigDecimal("375.00").setScale(2));
                s.execute("DROP TABLE jdbc_batch");
            }
        }
    }

    static void fetchSize() throws Exception {
        try (Connection c = connect()) {
            c.setAutoCommit(false);
            Statement s = c.createStatement();
            s.setFetchSize(7);
            ResultSet r = s.executeQuery("SELECT i FROM range(50) AS r(i) ORDER BY i");
            int n = 0;
            while (r.next()) same(r.getInt(1), n++);
            same(n, 50);
            c.commit();
        }
    }

    static void transactions() throws Exception {
        try (Connection c = connect(); Statement s = c.createStatement()) {
            s.execute("CREATE TABLE jdbc_tx (a int)");
            c.setAutoCommit(false);
            Savepoint p = c.setSavepoint("named");
            fails("42703", () -> s.execute("SELECT nothing FROM jdbc_tx"));
            c.rollback(p);
            s.execute("INSERT INTO jdbc_tx VALUES (1)");
            c.releaseSavepoint(p);
            c.commit();
            same(c.getTransactionIsolation(), Connection.TRANSACTION_REPEATABLE_READ);
            c.commit();
            c.setReadOnly(true);
            fails("25006", () -> s.execute("INSERT INTO jdbc_tx VALUES (2)"));
            c.rollback();
            c.setReadOnly(false);
            c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            s.execute("DELETE FROM jdbc_tx");
            c.commit();
            s.execute("DROP TABLE jdbc_tx");
            c.commit();
        }
        try (Connection c = connect("autosave", "always"); Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            fails("22012", () -> s.executeQuery("SELECT 1 / 0").next());
            s.executeQuery("SELECT 1").next(); // the driver went back to its savepoint
            c.commit();
        }
    }

    static void cancel() throws Exception {
        try (Connection c = connect(); Statement s = c.createStatement()) {
            s.setQueryTimeout(1);
            fails("57014", () -> s.executeQuery("SELECT count(*) FROM range(100000000000) AS r(i)"));
            s.setQueryTimeout(0);
            s.executeQuery("SELECT 1").next();
        }
    }

    public static void main(String[] args) throws Exception {
        a = args;
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("zone", Batches::zone);
        parts.put("within values", Batches::withinValues);
        parts.put("batches", Batches::batches);
        parts.put("fetch size", Batches::fetchSize);
        parts.put("transactions", Batches::transactions);
        parts.put("cancel", Batches::cancel);
        for (Map.Entry<String, Part> p : parts.entrySet()) {
            p.getValue().run();
            System.out.println("ok " + p.getKey());
        }
    }
}
