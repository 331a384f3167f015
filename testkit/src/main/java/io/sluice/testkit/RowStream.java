package io.sluice.testkit;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as text in the order of their keys; read once, by one thread. */
interface RowStream extends AutoCloseable {

    /** Null after the last one. */
    @Nullable Row next() throws SQLException;

    @Override
    void close() throws SQLException;

    /** A row: the columns by which rows are sorted, and the others. */
    record Row(List<@Nullable String> key, List<@Nullable String> rest) implements Comparable<Row> {
        public Row {
            key = Collections.unmodifiableList(key);
            rest = Collections.unmodifiableList(rest);
        }

        /** As the database sorts: by bytes, nulls first. */
        @Override
        public int compareTo(Row other) {
            for (int i = 0; i < key.size(); i++) {
                int order = compare(key.get(i), other.key.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        private static int compare(@Nullable String one, @Nullable String two) {
            if (one == null || two == null) {
                return Boolean.compare(one != null, two != null);
            }
            return Arrays.compareUnsigned(
                    one.getBytes(StandardCharsets.UTF_8), two.getBytes(StandardCharsets.UTF_8));
        }
    }
}
