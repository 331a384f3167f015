/** The command line, and the wiring of a gateway from its configuration. */
@NullMarked
package io.sluice.gateway.cli;

import org.jspecify.annotations.NullMarked;
