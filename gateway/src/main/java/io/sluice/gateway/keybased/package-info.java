/**
 * Tables followed by the order of a column, with no log.
 *
 * <p><b>The rule.</b> A table's rows are read in the order of (cursor, key) and written over what
 * the target has. The cursor, a place in that order, lies in the target and is moved in the
 * transaction of the rows that it covers. It says: every row up to here is on the target, and none
 * can still appear.
 *
 * <p><b>Why "greater than the last" is not enough.</b> A transaction takes its number or its time
 * first and becomes visible later. Whoever reads meanwhile sees larger values and would pass it by.
 * So each poll first takes a <em>sounding</em>: the last row that there is, the database's clock,
 * and then the transactions that run. Whatever will still appear at or before that row was begun
 * before the sounding, and is among those transactions. Once they are all over, and {@code overlap}
 * has passed, the sounding is <em>settled</em>: a poll that begins now sees everything up to it,
 * and when it has come through, the cursor moves there. What lies behind the last settled sounding
 * is read at every poll and compared with the target, so that the newest rows are not held back by
 * a transaction that stays open; they are only read more than once. ({@link
 * io.sluice.gateway.keybased.Marks} decides this, and is pure.)
 *
 * <p>Who does not tell of its transactions (MySQL without {@code PROCESS}, a standby) has {@code
 * overlap} alone, which on a standby of PostgreSQL passes with what it replays. MySQL's list of
 * them may be 0.1 s old, so that it can make a sounding wait and proves nothing. Rows whose value
 * is ahead of the database's clock never move the cursor. A value that others may get in the same
 * instant is settled without its own rows until it has been the largest for a second.
 *
 * <p><b>Deletes</b> leave nothing to be read. A sweep ({@link
 * io.sluice.gateway.keybased.TableSweep}) walks along the key in ranges of equal numbers of the
 * source's rows, has both databases count and sum them, and looks into those only that differ: what
 * differs is written, and what the target alone has is deleted, after the source was asked for just
 * these keys in a later statement than the one that found them on the target. Between two steps the
 * polls go on.
 *
 * <p>All of it is done by the pipeline's own thread, one page or range of rows at a time.
 */
@NullMarked
package io.sluice.gateway.keybased;

import org.jspecify.annotations.NullMarked;
