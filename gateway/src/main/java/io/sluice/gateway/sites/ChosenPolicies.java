package io.sluice.gateway.sites;

import io.sluice.change.TableId;
import io.sluice.conflict.TableChoice;
import io.sluice.connectors.spi.Finding;
import java.util.Collection;
import java.util.List;

/** The policies that the configuration has for tables, by their names at one of the sites. */
public interface ChosenPolicies {

    TableChoice of(TableId table);

    /** What the configuration says of tables and none of these is meant by. */
    default List<Finding> unused(Collection<TableId> tables) {
        return List.of();
    }
}
