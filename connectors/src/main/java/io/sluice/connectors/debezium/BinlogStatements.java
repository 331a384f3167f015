package io.sluice.connectors.debezium;

import io.debezium.connector.mysql.MySqlOffsetContext;
import io.debezium.connector.mysql.MySqlPartition;
import io.debezium.relational.Table;
import io.debezium.schema.SchemaChangeEvent;
import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.sluice.change.Alteration;
import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The definitions of tables, as the statements in the log have left them. Each statement that
 * concerns a replicated database is added to the history, durably, before anything behind it is
 * read. Used by one thread.
 */
final class BinlogStatements {

    private static final Logger log = LoggerFactory.getLogger(BinlogStatements.class);

    /** Rows come or go by these, and the log does not say which. */
    private static final Pattern MOVES_ROWS =
            Pattern.compile(
                    "ALTER TABLE .*\\b(?:(?:DROP|TRUNCATE|EXCHANGE) PARTITION|TABLESPACE)\\b.*");

    private static final Pattern COMPUTES =
            Pattern.compile(
                    "\\b(?:MODIFY|CHANGE)\\b.*\\bAS\\s*\\(",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final MySqlCaptureSettings settings;
    private final MySqlDefinitions schema;
    private final MySqlStatementHistory history;
    private final MySqlPartition partition;
    private final MySqlOffsetContext offset;
    private final Set<String> databases;

    BinlogStatements(
            MySqlCaptureSettings settings,
            MySqlDefinitions schema,
            MySqlPartition partition,
            MySqlOffsetContext offset) {
        this.settings = settings;
        this.schema = schema;
        this.history = (MySqlStatementHistory) schema.getSchemaHistory();
        this.partition = partition;
        this.offset = offset;
        databases = settings.tables().stream().map(TableId::schema).collect(Collectors.toSet());
    }

    /** The table now; null where there is none. */
    @Nullable Table definition(TableId table) {
        return schema.tableFor(
                new io.debezium.relational.TableId(table.schema(), null, table.name()));
    }

    /** Whether the text names a replicated table. It may do so and mean something else. */
    boolean mentionsReplicated(String sql) {
        String lower = sql.toLowerCase(Locale.ROOT);
        return settings.tables().stream().anyMatch(table -> mentions(lower, table.name()));
    }

    /**
     * Whether a statement runs in a replicated database, or its text names one or a table of it.
     */
    boolean touchesReplicated(String sql, String database) {
        String lower = sql.toLowerCase(Locale.ROOT);
        return databases.contains(database)
                || databases.stream().anyMatch(name -> mentions(lower, name))
                || mentionsReplicated(sql);
    }

    private static boolean mentions(String lowerSql, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lowerSql.contains(lower) || lowerSql.contains(lower.replace("`", "``"));
    }

    /**
     * Takes a statement in.
     *
     * @param database in which it was executed; may be empty
     * @param after where the log stands behind it
     * @param gtid its own; null where the log has none
     * @throws ConnectorException if it may have changed rows in a way that nobody could follow
     */
    Effect apply(String sql, String database, BinlogPosition after, @Nullable GtidSet gtid) {
        if (!touchesReplicated(sql, database)) {
            return Effect.NONE;
        }
        refuseIfGarbled(sql);
        RenamedColumns renamed = schema.renamed(sql, database);
        refuseIfUnprovable(sql, database, renamed);
        Map<TableId, Table> before = definitions();
        List<TableId> emptied = new ArrayList<>();
        boolean concerns = false;
        for (SchemaChangeEvent event : parse(sql, database)) {
            concerns |= databases.contains(event.getDatabase());
            refuseIfDatabaseGoes(sql, event.getDatabase());
            for (Table table : event.getTables()) {
                TableId id = new TableId(table.id().catalog(), table.id().table());
                if (!settings.tables().contains(id)) {
                    continue;
                }
                if (event.getType() == SchemaChangeEvent.SchemaChangeEventType.TRUNCATE) {
                    emptied.add(id);
                } else {
                    refuseIfDropped(event, id);
                    refuseIfRowsMove(sql, id);
                }
            }
        }
        Optional<Alteration> altered = altered(sql, renamed, before);
        if (concerns && emptied.isEmpty()) {
            history.add(MySqlSchemaRecords.statement(database, sql, after, gtid));
        }
        return new Effect(emptied, altered);
    }

    /**
     * What a statement did to replicated tables.
     *
     * @param emptied those that it emptied
     * @param altered the one whose columns it altered
     */
    record Effect(List<TableId> emptied, Optional<Alteration> altered) {
        static final Effect NONE = new Effect(List.of(), Optional.empty());
    }

    private Map<TableId, Table> definitions() {
        Map<TableId, Table> found = new HashMap<>();
        for (TableId id : settings.tables()) {
            Table definition = definition(id);
            if (definition != null) {
                found.put(id, definition);
            }
        }
        return found;
    }

    private Optional<Alteration> altered(
            String sql, RenamedColumns renamed, Map<TableId, Table> before) {
        boolean renamesTables = StatementKind.head(sql).matches("RENAME TABLES?\\b.*");
        Optional<Alteration> altered = Optional.empty();
        for (Map.Entry<TableId, Table> entry : before.entrySet()) {
            TableId id = entry.getKey();
            Table now = definition(id);
            if (now == entry.getValue()) {
                continue;
            }
            if (now == null || renamesTables) {
                throw lost(id + " was renamed, or another table took its name");
            }
            if (altered.isPresent()) {
                throw lost(id + " was altered along with another table");
            }
            altered =
                    AlteredColumns.between(
                            id, entry.getValue(), now, sql, renamed, settings.catalog().apply(id));
        }
        return altered;
    }

    /** Where no look at a table can tell whether it has been through the same. */
    private void refuseIfUnprovable(String sql, String database, RenamedColumns renamed) {
        if (renamed.table() != null) {
            TableId id = new TableId(renamed.table().catalog(), renamed.table().table());
            if (settings.tables().contains(id)) {
                if (renamed.takesOver()) {
                    throw lost("a column of %s took the name of another one".formatted(id));
                }
                if (COMPUTES.matcher(sql).find()) {
                    throw lost("a column of %s became one that is computed".formatted(id));
                }
            }
        }
        io.debezium.relational.TableId exchanged = RenamedColumns.exchanged(sql, database);
        if (exchanged != null) {
            TableId id = new TableId(exchanged.catalog(), exchanged.table());
            if (settings.tables().contains(id)) {
                throw rowsMoved(id);
            }
        }
    }

    private ConnectorException lost(String what) {
        return new ConnectorException(
                ErrorClass.FATAL,
                ("%s: reading the log: %s, and the log does not say what that made of its rows."
                                + " Copy again")
                        .formatted(settings.pipeline(), what));
    }

    private List<SchemaChangeEvent> parse(String sql, String database) {
        try {
            return schema.apply(partition, offset, sql, database);
        } catch (ParsingException | MultipleParsingExceptions e) {
            if (mentionsReplicated(sql)) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        ("%s: reading the log: a statement on a replicated table is not"
                                        + " understood: %s. Copy again; please report this")
                                .formatted(settings.pipeline(), StatementKind.head(sql)),
                        e);
            }
            log.warn(
                    "{}: a statement on tables that are not replicated is not understood: {}",
                    settings.pipeline(),
                    StatementKind.head(sql));
            return List.of();
        }
    }

    /** A name or a label that came out garbled would be written so. */
    private void refuseIfGarbled(String sql) {
        if (sql.indexOf('\uFFFD') >= 0 && mentionsReplicated(sql)) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: reading the log: a statement on a replicated table is not in UTF-8. Run it"
                                    + " in a session with SET NAMES utf8mb4, then copy again")
                            .formatted(settings.pipeline()));
        }
    }

    private void refuseIfDatabaseGoes(String sql, @Nullable String database) {
        if (databases.contains(database)
                && StatementKind.head(sql).matches("DROP (?:DATABASE|SCHEMA)\\b.*")) {
            throw dropped("the database " + database);
        }
    }

    private void refuseIfDropped(SchemaChangeEvent event, TableId table) {
        if (event.getType() == SchemaChangeEvent.SchemaChangeEventType.DROP) {
            throw dropped("the table " + table);
        }
    }

    /** Its rows stay on the target, where they would be taken for those of one made anew. */
    private ConnectorException dropped(String what) {
        return new ConnectorException(
                ErrorClass.FATAL,
                ("%s: reading the log: %s was dropped on the source. Start again if it is gone for"
                                + " good, its rows stay on the target; if it was made anew, copy"
                                + " again")
                        .formatted(settings.pipeline(), what));
    }

    private void refuseIfRowsMove(String sql, TableId table) {
        if (MOVES_ROWS.matcher(StatementKind.head(sql)).matches()) {
            throw rowsMoved(table);
        }
    }

    private ConnectorException rowsMoved(TableId table) {
        return new ConnectorException(
                ErrorClass.FATAL,
                ("%s: reading the log: rows of %s came or went with a whole partition or"
                                + " tablespace, and the log does not say which. Copy the table"
                                + " again")
                        .formatted(settings.pipeline(), table));
    }
}
