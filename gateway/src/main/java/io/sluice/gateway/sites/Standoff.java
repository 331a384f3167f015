package io.sluice.gateway.sites;

/**
 * Finds that two directions hold each other up, and which of them gives way. Used by one reader.
 *
 * <p>Whoever applies waits until the log of the site where it applies has been read to its end,
 * which is done by the other direction's reader, whose buffer may be full because its own applier
 * waits in the same way. Then one of the readers goes on hearing its log and keeps nothing of it:
 * the other direction can apply all that it has to, and after that the one that gave way begins its
 * reading anew.
 *
 * <p>The next time the other one gives way, so that each comes to its end, were it in the middle of
 * one transaction larger than all buffers. Of two that have given way as often it is the one whose
 * site's name is less. Both see the same numbers; and a reader that gives way is not held up any
 * more before it counts that, so the other one, going by the new number, finds nobody who holds it
 * up.
 *
 * <p>Where all comes in order, who applies may also wait for what a third site brings, whose way
 * may wait in turn for what the other direction applies. So a reader that has been held up by that
 * for a while, and is needed, gives way as well.
 */
final class Standoff {

    /** How often it is asked before that. */
    private static final int PATIENCE = 10;

    private final LocalLog source;
    private final LocalLog target;
    private long heard = -1;
    private int looks;

    /**
     * @param source the log that is read
     * @param target what its applier waits for
     */
    Standoff(LocalLog source, LocalLog target) {
        this.source = source;
        this.target = target;
    }

    /** To be asked again and again while there is no room. */
    boolean isToGiveWay() {
        boolean turn = isItsTurn();
        Hold own = source.hold();
        Hold other = target.hold();
        own.up(true);
        long before = heard;
        heard = other.pieces();
        boolean stands = heard == before;
        looks = own.waitsForOthers() && own.isNeeded() ? looks + 1 : 0;
        boolean bothWait = turn && stands && own.isNeeded() && other.isNeeded() && other.isUp();
        if (bothWait || looks > PATIENCE) {
            own.giveWay();
            return true;
        }
        return false;
    }

    void hasRoom() {
        source.hold().up(false);
        heard = -1;
        looks = 0;
    }

    private boolean isItsTurn() {
        int fewer = Integer.compare(source.hold().timesGivenWay(), target.hold().timesGivenWay());
        return fewer < 0 || fewer == 0 && source.site().name().compareTo(target.site().name()) < 0;
    }
}
