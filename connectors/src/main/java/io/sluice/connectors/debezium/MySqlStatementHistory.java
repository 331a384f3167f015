package io.sluice.connectors.debezium;

import io.debezium.config.Configuration;
import io.debezium.document.Document;
import io.debezium.relational.Tables;
import io.debezium.relational.ddl.DdlParser;
import io.debezium.relational.history.AbstractSchemaHistory;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistoryListener;
import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The statements that made the replicated tables what they are, kept in the pipeline's own history.
 * Instantiated by Debezium, by name; used by one thread at a time.
 *
 * <p>Each record has the position <em>behind</em> its statement, and its GTID where there are such;
 * those that the checkpoint covers are executed again at a start. Debezium's own records have the
 * position before it, by which it cannot be told whether the statement is still to come; executed
 * twice, one that renames or swaps columns would put values under wrong names.
 *
 * <p>After a restart the log tells statements again that were added before; they are known by their
 * GTID or position and not added twice.
 */
public final class MySqlStatementHistory extends AbstractSchemaHistory {

    private @Nullable MySqlCaptureSession session;
    private final Set<String> known = new HashSet<>();
    private boolean recovered;

    @Override
    public void configure(
            Configuration config,
            HistoryRecordComparator comparator,
            SchemaHistoryListener listener,
            boolean useCatalogBeforeSchema) {
        super.configure(config, comparator, listener, useCatalogBeforeSchema);
        session =
                EngineSession.of(
                        config.getString(CONFIGURATION_FIELD_PREFIX_STRING + EngineSession.KEY),
                        MySqlCaptureSession.class);
    }

    private MySqlCaptureSession session() {
        MySqlCaptureSession configured = session;
        if (configured == null) {
            throw new IllegalStateException("the history was not configured");
        }
        return configured;
    }

    /** Brings the tables to where they were at the checkpoint; once, however often it is asked. */
    @Override
    public void recover(
            Map<Map<String, ?>, Map<String, ?>> offsets, Tables schema, DdlParser parser) {
        if (recovered) {
            return;
        }
        recovered = true;
        for (String text : session().settings.history().records()) {
            Document record = MySqlSchemaRecords.parse(text);
            known.add(MySqlSchemaRecords.key(record));
            if (MySqlSchemaRecords.isCovered(record, session().from)) {
                execute(record, schema, parser);
            }
        }
    }

    private void execute(Document record, Tables schema, DdlParser parser) {
        String sql = record.getString(HistoryRecord.Fields.DDL_STATEMENTS);
        parser.setCurrentSchema(record.getString(HistoryRecord.Fields.DATABASE_NAME, ""));
        try {
            PlainStatement.read(sql, text -> parser.parse(text, schema));
        } catch (ParsingException | MultipleParsingExceptions e) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: reading the log: the definition of a table is not understood: %s. Exclude"
                                    + " the table, or put it otherwise and copy again; please"
                                    + " report this")
                            .formatted(session().settings.pipeline(), StatementKind.head(sql)),
                    e);
        }
    }

    /** Adds a statement; durable on return. */
    void add(String text) {
        if (known.add(MySqlSchemaRecords.key(MySqlSchemaRecords.parse(text)))) {
            session().settings.history().add(text);
        }
    }

    /** Debezium's own records are never asked for. */
    @Override
    protected void storeRecord(HistoryRecord record) {
        throw new IllegalStateException("statements are added with their position");
    }

    @Override
    protected void recoverRecords(Consumer<HistoryRecord> records) {
        List<String> texts = session().settings.history().records();
        texts.forEach(text -> records.accept(new HistoryRecord(MySqlSchemaRecords.parse(text))));
    }

    @Override
    public boolean exists() {
        return !session().settings.history().records().isEmpty();
    }

    @Override
    public boolean storageExists() {
        return true;
    }
}
