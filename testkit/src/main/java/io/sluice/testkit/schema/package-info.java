/**
 * A schema such as applications have, made from a seed: some thirty tables that refer to each
 * other, with keys of every kind and columns that may be null. It comes as SQL of either engine:
 * the tables, their rows in bulk, and a stream of changes.
 */
@NullMarked
package io.sluice.testkit.schema;

import org.jspecify.annotations.NullMarked;
