/**
 * A merge policy that the configuration writes out: an expression of CEL over the rows that meet.
 * It stands here, and not with the policies that ship in {@code conflict}, for the language comes
 * with a library.
 */
@NullMarked
package io.sluice.gateway.expression;

import org.jspecify.annotations.NullMarked;
