package io.sluice.testkit;

import io.sluice.testkit.RowStream.Row;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sorts any number of rows in bounded memory: each part that memory takes is sorted into a file,
 * and the files are merged as they are read. For one thread.
 *
 * <p>Its files go away with the rows that it hands out, or with its own close.
 */
final class RowSorting {
    private static final long MOST_CHARACTERS = 16L << 20;
    private static final int ROW_CHARACTERS = 100; // what a row takes beside its texts

    private final boolean counting;
    private final List<Row> part = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private @Nullable Path folder;
    private long characters;

    /** Counting sorts hand out equal rows once, with the number of copies as their rest. */
    RowSorting(boolean counting) {
        this.counting = counting;
    }

    void add(Row row) {
        part.add(row);
        characters += ROW_CHARACTERS + length(row.key()) + length(row.rest());
        if (characters > MOST_CHARACTERS) {
            write();
        }
    }

    private static long length(List<@Nullable String> values) {
        long length = 0;
        for (String value : values) {
            length += value == null ? 0 : value.length();
        }
        return length;
    }

    RowStream sorted() {
        part.sort(null);
        return new MergedRows(files, part, counting, this::close);
    }

    private void write() {
        part.sort(null);
        try {
            Path parent = folder;
            if (parent == null) {
                parent = Files.createTempDirectory("sluice-sort-");
                folder = parent;
            }
            Path file = parent.resolve(Integer.toString(files.size()));
            files.add(file);
            try (DataOutputStream out =
                    new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
                for (Row row : part) {
                    write(out, row.key());
                    write(out, row.rest());
                }
            }
        } catch (IOException e) {
            throw new ServerException("cannot write the rows that are sorted", e);
        }
        part.clear();
        characters = 0;
    }

    private static void write(DataOutputStream out, List<@Nullable String> values)
            throws IOException {
        out.writeInt(values.size());
        for (String value : values) {
            if (value == null) {
                out.writeInt(-1);
            } else {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                out.writeInt(bytes.length);
                out.write(bytes);
            }
        }
    }

    void close() {
        if (folder != null) {
            Folders.delete(folder);
        }
    }
}
