package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.util.OptionalLong;

/**
 * How a database numbers a table's new rows itself.
 *
 * @param step from one number to the next, never 0; below 0 where they fall
 * @param next the number that comes next; empty where the database does not tell
 * @param min no number is less
 * @param max no number is greater
 * @param cycles whether it begins anew at the end
 * @param remedy the statement that has it count otherwise, with {@link #STEP} and {@link #SITE}
 */
public record RowNumbers(
        TableId table,
        String column,
        long step,
        OptionalLong next,
        long min,
        long max,
        boolean cycles,
        String remedy) {

    /** Stands for how many sites there are. */
    public static final String STEP = "<step>";

    /** Stands for which of the sites it is, from 1 on. */
    public static final String SITE = "<site>";

    public RowNumbers {
        if (step == 0) {
            throw new IllegalArgumentException("numbers that do not change: " + table);
        }
    }

    /** What an operator is to run, in the database's SQL. */
    public String remedy(int sites, int site) {
        return remedy.replace(STEP, Integer.toString(sites)).replace(SITE, Integer.toString(site));
    }

    /** The least number that may come. */
    public long least() {
        return step > 0 && !cycles ? next.orElse(min) : min;
    }

    /** The greatest number that may come. */
    public long greatest() {
        return step < 0 && !cycles ? next.orElse(max) : max;
    }
}
