package io.sluice.gateway.apply;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.LetterBox;
import java.util.ArrayList;
import java.util.List;

/** Letters of a target in memory. */
final class MemoryLetters implements LetterBox {

    private List<DeadLetter> letters = new ArrayList<>();
    private List<DeadLetter> committed = List.of();
    private List<DeadLetter> marked = List.of();
    private long last;

    void commit() {
        committed = List.copyOf(letters);
    }

    void savepoint() {
        marked = List.copyOf(letters);
    }

    void rollbackToSavepoint() {
        letters = new ArrayList<>(marked);
    }

    void rollback() {
        letters = new ArrayList<>(committed);
    }

    @Override
    public boolean put(DeadLetter letter) {
        boolean isNew =
                !letters.removeIf(
                        l ->
                                l.table().equals(letter.table())
                                        && l.keyHash().equals(letter.keyHash()));
        letters.add(copy(letter, ++last, letter.changes(), letter.retry()));
        return isNew;
    }

    @Override
    public boolean leaveOut(TableId table, String keyHash, long changes) {
        boolean[] found = {false};
        letters.replaceAll(
                l -> {
                    if (!l.table().equals(table) || !l.keyHash().equals(keyHash)) {
                        return l;
                    }
                    found[0] = true;
                    return copy(l, l.id(), l.changes() + changes, l.retry());
                });
        return found[0];
    }

    @Override
    public void refusedAgain(long id, String reason) {
        letters.replaceAll(l -> l.id() == id ? copy(l, id, l.changes(), false) : l);
    }

    @Override
    public void remove(long id) {
        letters.removeIf(l -> l.id() == id);
    }

    @Override
    public List<DeadLetter> all() {
        return List.copyOf(letters);
    }

    /** As an operator does, beside any transaction. */
    void orderAll() {
        letters.replaceAll(l -> copy(l, l.id(), l.changes(), true));
        commit();
    }

    /** As an operator does, beside any transaction. */
    void discardAll() {
        letters.clear();
        commit();
    }

    private static DeadLetter copy(DeadLetter l, long id, long changes, boolean retry) {
        return new DeadLetter(
                id,
                l.table(),
                l.keyHash(),
                l.key(),
                l.operation(),
                l.position(),
                l.reason(),
                l.values(),
                changes,
                retry,
                l.parkedAt());
    }
}
