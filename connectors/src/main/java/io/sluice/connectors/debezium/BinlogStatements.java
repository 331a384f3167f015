package io.sluice.connectors.debezium;

import io.debezium.connector.mysql.MySqlOffsetContext;
import io.debezium.connector.mysql.MySqlPartition;
import io.debezium.relational.Table;
import io.debezium.schema.SchemaChangeEvent;
import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.sluice.change.BinlogPosition;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    private final MySqlCaptureSettings settings;
    private final MySqlDefinitions schema;
    private final MySqlSchemaHistory history;
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
        this.history = (MySqlSchemaHistory) schema.getSchemaHistory();
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

    private static boolean mentions(String lowerSql, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lowerSql.contains(lower) || lowerSql.contains(lower.replace("`", "``"));
    }

    /**
     * Takes a statement in.
     *
     * @param database in which it was executed; may be empty
     * @param after where the log stands behind it
     * @return the replicated tables that it emptied
     */
    List<TableId> apply(String sql, String database, BinlogPosition after) {
        String lower = sql.toLowerCase(Locale.ROOT);
        if (!databases.contains(database)
                && databases.stream().noneMatch(name -> mentions(lower, name))) {
            return List.of();
        }
        List<TableId> emptied = new ArrayList<>();
        boolean concerns = false;
        for (SchemaChangeEvent event : parse(sql, database)) {
            concerns |= databases.contains(event.getDatabase());
            for (Table table : event.getTables()) {
                TableId id = new TableId(table.id().catalog(), table.id().table());
                if (!settings.tables().contains(id)) {
                    continue;
                }
                if (event.getType() == SchemaChangeEvent.SchemaChangeEventType.TRUNCATE) {
                    emptied.add(id);
                } else {
                    refuseIfRowsMove(sql, id);
                }
            }
        }
        if (concerns && emptied.isEmpty()) {
            history.add(MySqlSchemaRecords.statement(database, sql, after));
        }
        return emptied;
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

    private void refuseIfRowsMove(String sql, TableId table) {
        if (MOVES_ROWS.matcher(StatementKind.head(sql)).matches()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: reading the log: rows of %s came or went with a whole partition or"
                                    + " tablespace, and the log does not say which. Copy the table"
                                    + " again")
                            .formatted(settings.pipeline(), table));
        }
    }
}
