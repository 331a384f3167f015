package io.sluice.connectors.spi;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads tables by the order of their columns and by their keys, over one connection, which is
 * opened when it is first needed and anew after an error. Each call sees what is committed when it
 * begins. Used by one thread.
 *
 * <p>Needs no more than the right to read the tables.
 */
public interface TableReader extends AutoCloseable {

    /**
     * Asks where the table ends now. What {@link Sounding#running} names is asked for after the
     * table, so a transaction that the sounding does not show either is among them or begins later.
     *
     * @param order the cursor's column, then the key's
     */
    Sounding sound(TableDefinition table, List<String> order);

    /**
     * @param clock the database's, before the table was looked at
     * @param top the values of the last row that the table has in this order, leaving out those
     *     that lie ahead of the clock; empty where there is none
     */
    record Sounding(Instant clock, List<Object> top, Running running) {}

    /** Who may still commit. */
    Running running();

    /**
     * @param known whether the database tells
     * @param transactions each by a name that no later one has, as long as the server runs
     * @param prepared whether distributed transactions wait to be committed, whoever began them
     * @param replayed of a standby, when the last transaction was committed that it shows, by its
     *     primary's clock; null elsewhere
     */
    record Running(
            boolean known, Set<String> transactions, boolean prepared, @Nullable Instant replayed) {

        public static final Running UNKNOWN = new Running(false, Set.of(), false, null);

        /** A standby does not tell of its primary's. */
        public static Running standby(Instant replayed) {
            return new Running(false, Set.of(), false, replayed);
        }

        public Running {
            transactions = Set.copyOf(transactions);
        }
    }

    /**
     * The first rows of a range, as lines of {@link CopyFormat#TEXT} in the schema's columns.
     *
     * @param most rows, at least one
     * @param mostBytes after which no further row is added
     * @return fewer than {@code most} also where they became too many bytes
     */
    Page page(TableDefinition table, TableSchema schema, KeyRange range, int most, long mostBytes);

    /**
     * @param last whether the range ends with these rows
     */
    record Page(List<byte[]> lines, boolean last) {

        public Page {
            lines = List.copyOf(lines);
        }
    }

    /**
     * Those of the rows that are there, found by the values of the schema's key.
     *
     * @param mostBytes empty where they are more than that; one key's row is always given
     * @throws ConnectorException ROW if a key's value is none that the table could hold
     */
    Optional<List<Row>> find(
            TableDefinition table, TableSchema schema, List<Row> keys, long mostBytes);

    /** The same for rows that are known to be small. */
    default List<Row> find(TableDefinition table, TableSchema schema, List<Row> keys) {
        return find(table, schema, keys, Long.MAX_VALUE).orElseThrow();
    }

    /**
     * The values of the {@code rows}-th row of a range, which cut it; empty where it has fewer
     * rows.
     */
    List<Object> bound(TableDefinition table, KeyRange range, int rows);

    /** How many rows a range has, and a sum of their values that hides no difference. */
    Digest digest(TableDefinition table, List<Digested> columns, KeyRange range);

    /** Equal where the rows are. */
    record Digest(long rows, String sum) {}

    /** A column that counts, in the text that both sides can give its values. */
    record Digested(String column, Form form) {}

    /** Texts of values that two databases are compared by. */
    enum Form {
        /** The engine's own text: between equal engines. */
        OWN,
        /** Digits. */
        NUMBER,
        TEXT,
        /** Year, month and day. */
        DATE,
        /** Day and time to the microsecond, a moment in UTC. */
        TIME,
        /** A hash of the bytes. */
        BYTES
    }

    @Override
    void close();
}
