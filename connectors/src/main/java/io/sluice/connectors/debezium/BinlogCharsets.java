package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.mysql.cj.CharsetMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The character sets of a table's columns, which servers from 8.0.1 on write into the log. */
final class BinlogCharsets {

    private BinlogCharsets() {}

    /** MySQL's names by column, empty where there is none; an empty list if the log has none. */
    static List<String> of(TableMapEventData map) {
        TableMapEventMetadata metadata = map.getEventMetadata();
        if (metadata == null
                || metadata.getDefaultCharset() == null && metadata.getColumnCharsets() == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        int number = 0;
        for (int i = 0; i < map.getColumnTypes().length; i++) {
            int meta = map.getColumnMetadata()[i];
            names.add(
                    isText(map.getColumnTypes()[i] & 0xFF, meta)
                            ? name(collation(metadata, number++))
                            : "");
        }
        return names;
    }

    private static int collation(TableMapEventMetadata metadata, int number) {
        List<Integer> each = metadata.getColumnCharsets();
        if (each != null) {
            return each.get(number);
        }
        int usual = metadata.getDefaultCharset().getDefaultCharsetCollation();
        Map<Integer, Integer> others = metadata.getDefaultCharset().getCharsetCollations();
        return others == null ? usual : others.getOrDefault(number, usual);
    }

    /** Binary columns and vectors count, with a character set of their own; ENUM and SET do not. */
    private static boolean isText(int type, int meta) {
        if (type == ColumnType.STRING.getCode()) {
            int high = meta >> 8;
            return high != ColumnType.ENUM.getCode() && high != ColumnType.SET.getCode();
        }
        return type == ColumnType.VARCHAR.getCode()
                || type == ColumnType.VAR_STRING.getCode()
                || type == ColumnType.BLOB.getCode()
                || type == ColumnType.VECTOR.getCode();
    }

    private static String name(int collation) {
        String name = CharsetMapping.getStaticMysqlCharsetNameForCollationIndex(collation);
        return name == null ? "" : name;
    }
}
