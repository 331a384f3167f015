package io.sluice.gateway.apply;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.CursorStore;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LetterBox;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A target of one table of id and unique_name, with transactions. */
final class MemoryTarget implements TargetSession {

    static final TableSchema ORDERS =
            new TableSchema(
                    new TableId("public", "orders"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("unique_name", LogicalType.TEXT)),
                    List.of(0));

    static final String REFUSED = "a value that the target refuses";

    final MemoryLetters letters = new MemoryLetters();
    final Map<Long, String> committed = new HashMap<>();
    final List<Long> commits = new ArrayList<>();
    Map<Long, String> rows = new HashMap<>();
    Map<Long, String> saved = new HashMap<>();
    boolean refuseDuplicateNamesInSets;
    ErrorClass failWith;

    @Override
    public void requireClaim() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long execute(TableOperation operation) {
        if (failWith != null) {
            rows.put(-1L, "half done");
            throw new ConnectorException(failWith, "as the test wants it");
        }
        return switch (operation) {
            case InsertRows insert -> {
                insert.rows().forEach(row -> put(insert.rows().size(), row));
                yield insert.rows().size();
            }
            case UpdateRows update -> {
                long touched = 0;
                for (int i = 0; i < update.before().size(); i++) {
                    if (rows.containsKey(update.before().get(i).get(0))) {
                        rows.remove(update.before().get(i).get(0));
                        put(update.before().size(), update.after().get(i));
                        touched++;
                    }
                }
                yield touched;
            }
            case DeleteRows delete ->
                    delete.before().stream().filter(row -> rows.remove(row.get(0)) != null).count();
            case TruncateTables truncate -> {
                rows.clear();
                yield 0;
            }
        };
    }

    private void put(int setSize, Row row) {
        String name = (String) row.get(1);
        if (REFUSED.equals(name)) {
            throw setSize == 1
                    ? new RowRefusedException(ORDERS.table(), "id=?", "refused", null)
                    : new ConnectorException(ErrorClass.ROW, "a row of the set is refused");
        }
        if (refuseDuplicateNamesInSets && rows.containsValue(name)) {
            throw new ConnectorException(ErrorClass.ROW, "the name is taken");
        }
        rows.put((Long) row.get(0), name);
    }

    @Override
    public boolean enforcesForeignKeys() {
        return false;
    }

    @Override
    public OptionalLong attempt(TableOperation operation) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void savepoint() {
        saved = new HashMap<>(rows);
        letters.savepoint();
    }

    @Override
    public void rollbackToSavepoint() {
        rows = new HashMap<>(saved);
        letters.rollbackToSavepoint();
    }

    @Override
    public void rollback() {
        rows = new HashMap<>(committed);
        letters.rollback();
    }

    @Override
    public void commit(Checkpoint checkpoint) {
        committed.clear();
        committed.putAll(rows);
        letters.commit();
        commits.add(((Lsn) checkpoint.position()).value());
    }

    @Override
    public CopyWriter copyInto(TableSchema table, CopyFormat format) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void empty(List<TableId> tables) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void saveCopy(TableCopy copy) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void markDone(TableId table, TableCopy.Chunk chunk) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void settle(TableId table, SourcePosition asOf) {
        throw new UnsupportedOperationException();
    }

    @Override
    public LetterBox letterBox() {
        return letters;
    }

    @Override
    public List<TableCopy> copies() {
        return List.of();
    }

    @Override
    public CursorStore cursors() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean hasRows(TableId table) {
        return false;
    }

    @Override
    public void close() {}
}
