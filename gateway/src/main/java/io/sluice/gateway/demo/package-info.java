/** The demonstration: two regions on this machine, a shop, and a running load. */
@NullMarked
package io.sluice.gateway.demo;

import org.jspecify.annotations.NullMarked;
