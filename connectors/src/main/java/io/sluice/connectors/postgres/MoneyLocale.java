package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a database reads {@code money}. A value is a whole number, and {@code lc_monetary} says how
 * many of its digits stand after the point: 1234 is 12.34 in most locales and 1,234 in {@code
 * ja_JP}. The gateway's sessions use one locale everywhere, so that the number arrives; that it is
 * the same amount takes databases which agree on the digits.
 */
final class MoneyLocale {

    /** What the locale makes of one; the sessions' own setting is not the database's. */
    private static final String ONE =
            """
            SELECT ('x' || encode(cash_send(
              (CASE WHEN set_config('lc_monetary', reset_val, true) IS NOT NULL THEN 1 END)::numeric::money),
              'hex'))::bit(64)::int8::text
            FROM pg_settings WHERE name = 'lc_monetary'
            """;

    private final Connection connection;
    private DataType.@Nullable Money type;

    MoneyLocale(Connection connection) {
        this.connection = connection;
    }

    /**
     * @param baseType as {@code format_type} prints it
     */
    static boolean isMoney(String baseType) {
        return baseType.equals("money") || baseType.equals("money[]");
    }

    /** The type as this database reads it, asked for at the first column that has it. */
    DataType.Money type() throws SQLException {
        DataType.Money known = type;
        if (known == null) {
            known = new DataType.Money(fraction());
            type = known;
        }
        return known;
    }

    private int fraction() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            ResultSet row = statement.executeQuery(ONE);
            row.next();
            int fraction = row.getString(1).length() - 1;
            // Within a transaction it would stay until its end.
            statement.execute("SET lc_monetary = 'C'");
            return fraction;
        }
    }

    /** Columns of tables of PostgreSQL whose amounts would be others in this database. */
    List<Finding> findings(List<TableDefinition> wanted) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (TableDefinition table : wanted) {
            for (ColumnDefinition column : table.columns()) {
                if (column.isReplicated()
                        && column.dataType() instanceof DataType.Money source
                        && source.fraction() != type().fraction()) {
                    findings.add(
                            Finding.blocks(
                                    table.table() + "." + column.name(),
                                    ("The source reads this money with %d digits after the point, the"
                                                    + " target with %d: it would be another amount.")
                                            .formatted(source.fraction(), type().fraction()),
                                    "ALTER DATABASE … SET lc_monetary = '…'; with the source's locale,"
                                            + " or exclude the column."));
                }
            }
        }
        return findings;
    }
}
