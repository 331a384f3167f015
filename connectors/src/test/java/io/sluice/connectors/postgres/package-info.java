/** Tests of what stands behind the interfaces, on real servers. */
@NullMarked
package io.sluice.connectors.postgres;

import org.jspecify.annotations.NullMarked;
