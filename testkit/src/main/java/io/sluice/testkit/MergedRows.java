package io.sluice.testkit;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Sorted files of rows, and the sorted rows still in memory, read as one. For one thread. */
final class MergedRows implements RowStream {
    private final PriorityQueue<Run> runs =
            new PriorityQueue<>(Comparator.comparing(run -> run.first));
    private final List<DataInputStream> inputs = new ArrayList<>();
    private final boolean counting;
    private final Runnable atEnd;

    /** The rows of one run from its next one on. */
    private record Run(Row first, Source rest) {}

    /** Null after the last one. */
    @FunctionalInterface
    private interface Source {
        @Nullable Row next() throws IOException;
    }

    MergedRows(List<Path> files, List<Row> memory, boolean counting, Runnable atEnd) {
        this.counting = counting;
        this.atEnd = atEnd;
        try {
            for (Path file : files) {
                DataInputStream input =
                        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
                inputs.add(input);
                enter(() -> read(input));
            }
            Iterator<Row> rows = memory.iterator();
            enter(() -> rows.hasNext() ? rows.next() : null);
        } catch (IOException e) {
            close();
            throw new ServerException("cannot read the rows that were sorted", e);
        }
    }

    private void enter(Source source) throws IOException {
        Row first = source.next();
        if (first != null) {
            runs.add(new Run(first, source));
        }
    }

    @Override
    public @Nullable Row next() {
        Row row = take();
        if (row == null || !counting) {
            return row;
        }
        long copies = 1;
        for (Run run; (run = runs.peek()) != null && run.first.compareTo(row) == 0; copies++) {
            take();
        }
        return new Row(row.key(), List.of(Long.toString(copies)));
    }

    private @Nullable Row take() {
        Run run = runs.poll();
        if (run == null) {
            return null;
        }
        try {
            enter(run.rest);
        } catch (IOException e) {
            throw new ServerException("cannot read the rows that were sorted", e);
        }
        return run.first;
    }

    private static @Nullable Row read(DataInputStream input) throws IOException {
        int columns;
        try {
            columns = input.readInt();
        } catch (EOFException e) {
            return null;
        }
        List<@Nullable String> key = values(input, columns);
        return new Row(key, values(input, input.readInt()));
    }

    private static List<@Nullable String> values(DataInputStream input, int columns)
            throws IOException {
        List<@Nullable String> values = new ArrayList<>(columns);
        for (int i = 0; i < columns; i++) {
            int length = input.readInt();
            values.add(
                    length < 0
                            ? null
                            : new String(input.readNBytes(length), StandardCharsets.UTF_8));
        }
        return values;
    }

    @Override
    public void close() {
        try {
            for (DataInputStream input : inputs) {
                input.close();
            }
        } catch (IOException e) {
            throw new ServerException("cannot close the rows that were sorted", e);
        } finally {
            atEnd.run();
        }
    }
}
