package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.util.List;

/** A pipeline's dead letters, inside the transaction of a {@link TargetSession}. */
public interface LetterBox {

    /**
     * Puts a letter in, in place of one of the same row.
     *
     * @return whether there was none of that row
     */
    boolean put(DeadLetter letter);

    /**
     * Notes that further changes of a parked row were left out.
     *
     * @return whether its letter is still there
     */
    boolean leaveOut(TableId table, String keyHash, long changes);

    /** Notes why a row that was tried again is still parked. */
    void refusedAgain(long id, String reason);

    void remove(long id);

    /** All letters, oldest first, without the rows' values. */
    List<DeadLetter> all();
}
