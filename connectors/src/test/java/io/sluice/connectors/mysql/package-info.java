@NullMarked
package io.sluice.connectors.mysql;

import org.jspecify.annotations.NullMarked;
