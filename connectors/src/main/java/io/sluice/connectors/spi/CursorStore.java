package io.sluice.connectors.spi;

import java.util.List;

/** A pipeline's cursors on its target. All of it takes place inside the session's transaction. */
public interface CursorStore {

    /** What is recorded, in table order. */
    List<TableCursor> all();

    /** Records a table's cursor in place of what was recorded of it. */
    void save(TableCursor cursor);

    /** Forgets all of them. */
    void forget();
}
