/**
 * Whole-gateway measurements beside the databases' own replication, on embedded servers. What they
 * print are ratios of one run on one machine; nothing else is a result.
 */
@NullMarked
package io.sluice.benchmarks;

import org.jspecify.annotations.NullMarked;
