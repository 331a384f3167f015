@NullMarked
package io.sluice.connectors.jdbc;

import org.jspecify.annotations.NullMarked;
