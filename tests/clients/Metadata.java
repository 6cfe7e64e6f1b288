import java.lang.reflect.*;
import java.sql.*;
import java.util.*;

/**
 * Every method of DatabaseMetaData, called with the arguments that fit: prints its name and what came. Arguments: port, user,
 * password, CA file; or, for a PostgreSQL to compare with, its URL alone.
 */
public class Metadata {
    static final String SCHEMA = "meta";

    /** Arguments by the parameters' places; those of a method that takes names are the table, or what is of its kind. */
    static Object[] arguments(Method m) {
        switch (m.getName()) {
            case "getTables": return new Object[] {null, SCHEMA, "%", null};
            case "getSchemas": return m.getParameterCount() == 0 ? new Object[0] : new Object[] {null, SCHEMA};
            case "getColumns": case "getPseudoColumns": return new Object[] {null, SCHEMA, "%", "%"};
            case "getColumnPrivileges": return new Object[] {null, SCHEMA, "orders", "%"};
            case "getTablePrivileges": return new Object[] {null, SCHEMA, "orders"};
            case "getBestRowIdentifier": return new Object[] {null, SCHEMA, "orders", DatabaseMetaData.bestRowSession, true};
            case "getVersionColumns": case "getPrimaryKeys": return new Object[] {null, SCHEMA, "orders"};
            case "getImportedKeys": return new Object[] {null, SCHEMA, "items"};
            case "getExportedKeys": return new Object[] {null, SCHEMA, "orders"};
            case "getCrossReference": return new Object[] {null, SCHEMA, "orders", null, SCHEMA, "items"};
            case "getIndexInfo": return new Object[] {null, SCHEMA, "items", false, true};
            case "getUDTs": return new Object[] {null, SCHEMA, "%", null};
            case "getProcedures": case "getFunctions": case "getSuperTypes": case "getSuperTables":
                return new Object[] {null, SCHEMA, "%"};
            case "getProcedureColumns": case "getFunctionColumns": case "getAttributes":
                return new Object[] {null, SCHEMA, "%", "%"};
            case "supportsConvert": return m.getParameterCount() == 0 ? new Object[0] : new Object[] {Types.INTEGER, Types.VARCHAR};
            case "supportsTransactionIsolationLevel": return new Object[] {Connection.TRANSACTION_REPEATABLE_READ};
            default:
                Object[] given = {ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY};
                return m.getParameterCount() == 1 && m.getParameterTypes()[0] == Class.class ? new Object[] {Connection.class}
                    : Arrays.copyOf(given, m.getParameterCount());
        }
    }

    /** The columns with their types, then each row. */
    static String shape(ResultSet r, boolean rows) throws SQLException {
        ResultSetMetaData m = r.getMetaData();
        StringBuilder s = new StringBuilder();
        for (int i = 1; i <= m.getColumnCount(); i++) s.append(i > 1 ? "," : "").append(m.getColumnName(i));
        int n = 0;
        while (r.next()) {
            n++;
            for (int i = 1; i <= m.getColumnCount() && rows; i++) s.append(i > 1 ? "|" : "\n  ").append(r.getString(i));
        }
        return s + (rows ? "" : " " + n + " rows");
    }

    public static void main(String[] a) throws Exception {
        Connection c = a.length == 1 ? DriverManager.getConnection(a[0]) : connect(a);
        try (Statement s = c.createStatement()) {
            s.execute("CREATE SCHEMA meta");
            s.execute("CREATE TABLE meta.orders (id int PRIMARY KEY, customer text NOT NULL, amount numeric(10,2) DEFAULT 1.5,"
                      + " at timestamp with time zone, tags text[], UNIQUE (customer))");
            s.execute("CREATE TABLE meta.items (order_id int REFERENCES meta.orders (id), line int, PRIMARY KEY (order_id, line))");
            s.execute("CREATE INDEX items_line ON meta.items (line)");
            s.execute("CREATE VIEW meta.large AS SELECT id, amount FROM meta.orders WHERE amount > 50");
            s.execute("COMMENT ON COLUMN meta.orders.customer IS 'who'");
        }
        Method[] all = DatabaseMetaData.class.getMethods();
        Arrays.sort(all, Comparator.comparing((Method m) -> m.getName()).thenComparing(Method::getParameterCount));
        Set<String> told = new HashSet<>(Arrays.asList("getTables", "getColumns", "getPrimaryKeys", "getImportedKeys",
            "getExportedKeys", "getCrossReference", "getBestRowIdentifier", "getIndexInfo", "getTableTypes"));
        for (Method m : all) {
            String came;
            try {
                Object o = m.invoke(c.getMetaData(), arguments(m));
                came = o instanceof ResultSet ? shape((ResultSet) o, told.contains(m.getName())) : String.valueOf(o);
            } catch (InvocationTargetException e) {
                if (!(e.getCause() instanceof SQLException)) throw e;
                SQLException why = (SQLException) e.getCause();
                came = "ERROR " + why.getSQLState() + " " + why.getMessage().split("\n")[0];
            }
            System.out.println(m.getName() + "/" + m.getParameterCount() + " " + came);
        }
        try (Statement s = c.createStatement()) {
            for (String t : new String[] {"VIEW meta.large", "TABLE meta.items", "TABLE meta.orders", "SCHEMA meta"}) s.execute("DROP " + t);
        }
        c.close();
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
}
