/**
 * What the workload is made of: its schema, its random values, and the steps that its transactions
 * put together. Used by {@link io.sluice.testkit.Workload} alone.
 *
 * <p>A step takes all its chances from the random source that it is given and picks rows by key
 * order, so that on one connection the same seed makes the same history. Steps take only rows that
 * nobody else has locked: transactions on several connections interleave and seldom wait for each
 * other.
 */
@NullMarked
package io.sluice.testkit.load;

import org.jspecify.annotations.NullMarked;
