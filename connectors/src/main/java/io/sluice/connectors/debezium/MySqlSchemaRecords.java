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
    private static final String OWN = "gtid";

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
        records.add(statement("", "SET character_set_server=" + serverCharset, at, null));
        databaseCharsets.forEach(
                (database, charset) ->
                        records.add(
                                statement(
                                        database,
                                        "CREATE DATABASE %s CHARACTER SET %s"
                                                .formatted(quoted(database), charset),
                                        at,
                                        null)));
        for (CreateTable table : tables) {
            records.add(statement(table.table().schema(), table.sql(), at, null));
        }
        return records;
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /**
     * @param database in which the statement was executed
     * @param after where the log stands behind it
     * @param own the statement's own GTID; null where it has none
     */
    static String statement(
            String database, String sql, BinlogPosition after, @Nullable GtidSet own) {
        Map<String, Object> position = new HashMap<>();
        position.put(FILE, after.file());
        position.put(OFFSET, after.offset());
        GtidSet gtids = after.gtids();
        if (gtids != null) {
            position.put(GTIDS, gtids.text());
        }
        if (own != null) {
            position.put(OWN, own.text());
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

    /**
     * Whether the statement is behind a position. By its own GTID, where it has one: what else was
     * committed before it is another matter on a server that took over.
     */
    static boolean isCovered(Document record, BinlogPosition from) {
        GtidSet own = own(record);
        GtidSet gtids = from.gtids();
        return own != null && gtids != null
                ? gtids.containsAll(own)
                : from.covers(position(record));
    }

    private static BinlogPosition position(Document record) {
        Document position = record.getDocument(HistoryRecord.Fields.POSITION);
        @Nullable String gtids = position.getString(GTIDS);
        return new BinlogPosition(
                position.getString(FILE),
                position.getLong(OFFSET),
                gtids == null ? null : GtidSet.parse(gtids));
    }

    private static @Nullable GtidSet own(Document record) {
        String own = record.getDocument(HistoryRecord.Fields.POSITION).getString(OWN);
        return own == null ? null : GtidSet.parse(own);
    }

    /** The same for the same statement, told again, by whichever server. */
    static String key(Document record) {
        GtidSet own = own(record);
        return (own == null ? position(record).text() : own.text())
                + " "
                + record.getString(HistoryRecord.Fields.DDL_STATEMENTS);
    }
}
