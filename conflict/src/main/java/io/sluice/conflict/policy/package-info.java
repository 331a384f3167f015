/**
 * The policies that ship, each with the proof of its guarantee in the tests' simulator. {@link
 * io.sluice.conflict.policy.ShippedPolicies} lists them.
 */
@NullMarked
package io.sluice.conflict.policy;

import org.jspecify.annotations.NullMarked;
