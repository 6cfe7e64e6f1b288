// pgjdbc against a real server. Arguments: port, user, password, CA file. Exits 0 or 1.
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.util.Arrays;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

public class Jdbc {
    static void check(boolean ok, String what) {
        if (!ok) throw new AssertionError(what);
        System.out.println("ok " + what);
    }

    static Connection connect(String[] a) throws SQLException {
        Properties p = new Properties();
        p.setProperty("user", a[1]);
        p.setProperty("password", a[2]);
        p.setProperty("sslmode", "verify-full");
        p.setProperty("sslrootcert", a[3]);
        p.setProperty("options", "-c hatidata.dialect=postgres");
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + a[0] + "/hatidata", p);
    }

    static void values(Connection c, String how) throws SQLException {
        // The fifth run is server-prepared and binary where pgjdbc can.
        try (PreparedStatement s = c.prepareStatement(
                "SELECT ?::int4, ?::int8, ?::float8, ?::numeric, ?::text, ?::bool, ?::date, ?::timestamp, ?::bytea")) {
            for (int i = 0; i < 8; i++) {
                s.setInt(1, i);
                s.setLong(2, 1L << 62);
                s.setDouble(3, 0.1);
                s.setBigDecimal(4, new BigDecimal("1.25"));
                s.setString(5, "é" + i);
                s.setBoolean(6, true);
                s.setDate(7, Date.valueOf("2024-02-29"));
                s.setTimestamp(8, Timestamp.valueOf("2024-01-02 03:04:05.678901"));
                s.setBytes(9, new byte[] {0, -1});
                try (ResultSet r = s.executeQuery()) {
                    if (!r.next() || r.getInt(1) != i || r.getLong(2) != 1L << 62 || r.getDouble(3) != 0.1
                            || r.getBigDecimal(4).compareTo(new BigDecimal("1.25")) != 0
                            || !r.getString(5).equals("é" + i) || !r.getBoolean(6)
                            || !r.getDate(7).toString().equals("2024-02-29")
                            || !r.getTimestamp(8).toString().equals("2024-01-02 03:04:05.678901")
                            || !Arrays.equals(r.getBytes(9), new byte[] {0, -1}))
                        throw new AssertionError("values " + how + " run " + i);
                }
            }
        }
        System.out.println("ok values " + how);
    }

    public static void main(String[] a) throws Exception {
        try (Connection c = connect(a)) {
            values(c, "autocommit");
            try (Statement s = c.createStatement()) {
                try {
                    s.executeQuery("SELECT * FROM no_such_table");
                    throw new AssertionError("no error");
                } catch (SQLException e) {
                    check("42P01".equals(e.getSQLState()), "error has SQLSTATE");
                }
                check(s.executeQuery("SELECT 1").next(), "recovers");
                s.execute("CREATE TABLE jdbc_t (a int, b text)");
            }
            c.setAutoCommit(false);
            values(c, "transaction");
            try (PreparedStatement s = c.prepareStatement("INSERT INTO jdbc_t VALUES (?, ?)")) {
                for (int i = 0; i < 100; i++) {
                    s.setInt(1, i);
                    s.setString(2, "v" + i);
                    s.addBatch();
                }
                check(s.executeBatch().length == 100, "batch");
            }
            c.rollback();
            try (Statement s = c.createStatement()) {
                ResultSet r = s.executeQuery("SELECT count(*) FROM jdbc_t");
                r.next();
                check(r.getInt(1) == 0, "rollback");
                s.setFetchSize(50);
                r = s.executeQuery("SELECT i FROM range(1000) AS r(i)");
                int n = 0;
                while (r.next()) n++;
                check(n == 1000, "fetch size");
            }
            c.commit();
            c.setAutoCommit(true);
            CopyManager copy = ((PGConnection) c).getCopyAPI();
            check(copy.copyIn("COPY jdbc_t FROM STDIN WITH (FORMAT csv)", new StringReader("1,x\n2,y\n")) == 2, "copy in");
            StringWriter out = new StringWriter();
            copy.copyOut("COPY (SELECT * FROM jdbc_t ORDER BY a) TO STDOUT WITH (FORMAT csv)", out);
            check(out.toString().equals("1,x\n2,y\n"), "copy out");
            try (Statement s = c.createStatement()) {
                s.execute("DROP TABLE jdbc_t");
                s.setQueryTimeout(1);
                try {
                    s.executeQuery("SELECT count(*) FROM range(100000000000) AS a(i) WHERE i % 3 = 1");
                    throw new AssertionError("not cancelled");
                } catch (SQLException e) {
                    check("57014".equals(e.getSQLState()), "cancel");
                }
                s.setQueryTimeout(0);
                check(s.executeQuery("SELECT 1").next(), "recovers after cancel");
            }
        }
    }
}
