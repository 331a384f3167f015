package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.util.List;
import java.util.Optional;

/** A pipeline's cursors on its target. All of it takes place inside the session's transaction. */
public interface CursorStore {

    /** What is recorded, in table order. */
    List<TableCursor> all();

    /** Records a table's cursor in place of what was recorded of it. */
    void save(TableCursor cursor);

    /** Another pipeline that has a cursor of the table. */
    Optional<String> other(TableId table);

    /** Forgets all of them. */
    void forget();
}
