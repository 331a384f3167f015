package io.sluice.gateway.apply;

import io.sluice.connectors.spi.TargetSession;

/** Undoes in the target, and in what is remembered of it, the same. Used by one thread. */
final class Undo {

    private final TargetSession session;
    private final ParkedRows parked;
    private final Settling settling;

    Undo(TargetSession session, ParkedRows parked, Settling settling) {
        this.session = session;
        this.parked = parked;
        this.settling = settling;
    }

    void all() {
        session.rollback();
        parked.rolledBack();
        settling.rolledBack();
    }

    void mark() {
        session.savepoint();
        settling.savepoint();
    }

    void toMark() {
        session.rollbackToSavepoint();
        parked.rolledBack();
        settling.rolledBackToSavepoint();
    }
}
