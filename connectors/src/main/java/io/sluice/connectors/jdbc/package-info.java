/**
 * SQL that both engines understand, over connections that they open themselves. What they spell
 * differently is handed in.
 */
@NullMarked
package io.sluice.connectors.jdbc;

import org.jspecify.annotations.NullMarked;
