package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Counts in a server's log, by what the server itself prints of it. */
final class LogTail {

    private LogTail() {}

    /** Rows inserted into a table, one event each, by transactions that the position covers. */
    static long inserts(SourceFixture fixture, BinlogPosition position, String table) {
        long found = 0;
        Set<String> ids = new HashSet<>();
        boolean covered = false;
        GtidSet gtids = position.gtids();
        BinlogPosition place = new BinlogPosition(position.file(), position.offset(), null);
        for (String log : fixture.rows("SHOW BINARY LOGS")) {
            String file = log.substring(0, log.indexOf('|'));
            for (String event : fixture.rows("SHOW BINLOG EVENTS IN '" + file + "'")) {
                List<String> parts = List.of(event.split("\\|", 6));
                String type = parts.get(2);
                String info = parts.get(5);
                if (type.startsWith("Gtid") && gtids != null) {
                    String gtid = info.substring(info.indexOf('\'') + 1, info.lastIndexOf('\''));
                    covered = gtids.containsAll(GtidSet.parse(gtid));
                } else if (type.equals("Table_map")) {
                    String name = info.substring(info.indexOf('(') + 1, info.indexOf(')'));
                    String id = info.substring("table_id: ".length(), info.indexOf(' ', 10));
                    if (name.equals(fixture.name + "." + table)) {
                        ids.add(id);
                    }
                } else if (type.startsWith("Write_rows")
                        && ids.contains(info.replaceAll("table_id: ([0-9]+).*", "$1"))) {
                    BinlogPosition end =
                            new BinlogPosition(file, Long.parseLong(parts.get(4)), null);
                    found += (gtids == null ? place.covers(end) : covered) ? 1 : 0;
                }
            }
        }
        return found;
    }
}
