package io.sluice.connectors.debezium;

import io.debezium.document.Document;
import io.debezium.document.DocumentReader;
import io.debezium.document.DocumentWriter;
import io.debezium.relational.history.HistoryRecord;
import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.TableId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The texts of a {@link io.sluice.connectors.spi.SchemaHistory} of a MySQL source. Pure. */
public final class MySqlSchemaRecords {

    private static final String FILE = "file";
    private static final String OFFSET = "pos";
    private static final String GTIDS = "gtids";

    private MySqlSchemaRecords() {}

    /**
     * A table as it is at the beginning of a log.
     *
     * @param sql what SHOW CREATE TABLE says
     */
    public record CreateTable(TableId table, String sql) {}

    /**
     * The records with which a log begins.
     *
     * @param serverCharset the server's {@code character_set_server}
     * @param databaseCharsets by the name of each database of the tables, its default character set
     * @param tables as they are at this position
     * @param at the position of the snapshot
     */
    public static List<String> first(
            String serverCharset,
            Map<String, String> databaseCharsets,
            List<CreateTable> tables,
            BinlogPosition at) {
        List<String> records = new ArrayList<>();
        records.add(statement("", "SET character_set_server=" + serverCharset, at));
        databaseCharsets.forEach(
                (database, charset) ->
                        records.add(
                                statement(
                                        database,
                                        "CREATE DATABASE %s CHARACTER SET %s"
                                                .formatted(quoted(database), charset),
                                        at)));
        for (CreateTable table : tables) {
            records.add(statement(table.table().schema(), table.sql(), at));
        }
        return records;
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /**
     * @param database in which the statement was executed
     * @param after where the log stands behind it
     */
    static String statement(String database, String sql, BinlogPosition after) {
        Map<String, Object> position = new HashMap<>();
        position.put(FILE, after.file());
        position.put(OFFSET, after.offset());
        GtidSet gtids = after.gtids();
        if (gtids != null) {
            position.put(GTIDS, gtids.text());
        }
        HistoryRecord record =
                new HistoryRecord(
                        Map.of("server", "sluice"),
                        position,
                        database,
                        null,
                        sql,
                        null,
                        Instant.EPOCH);
        try {
            return DocumentWriter.defaultWriter().write(record.document());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Document parse(String text) {
        try {
            return DocumentReader.defaultReader().read(text);
        } catch (IOException e) {
            throw new UncheckedIOException("a record of the schema history cannot be read", e);
        }
    }

    static BinlogPosition position(Document record) {
        Document position = record.getDocument(HistoryRecord.Fields.POSITION);
        @Nullable String gtids = position.getString(GTIDS);
        return new BinlogPosition(
                position.getString(FILE),
                position.getLong(OFFSET),
                gtids == null ? null : GtidSet.parse(gtids));
    }

    /** The same for the same statement, told again. */
    static String key(Document record) {
        BinlogPosition position = position(record);
        GtidSet gtids = position.gtids();
        return (gtids == null ? position.text() : gtids.text())
                + " "
                + record.getString(HistoryRecord.Fields.DDL_STATEMENTS);
    }
}
