package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.DatabaseConfig;
import io.sluice.config.Secret;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchemaNamesTest {

    private final DatabaseConfig east = database("jdbc:postgresql://east/any");
    private final DatabaseConfig west = database("jdbc:mysql://west/shop");
    private final DatabaseConfig south = database("jdbc:mysql://south/store");

    @Test
    void betweenEnginesPublicIsTheDatabaseOfTheMySqlUrl() {
        assertThat(SchemaNames.between(east, west).schema("public")).isEqualTo("shop");
        assertThat(SchemaNames.between(west, east).schema("shop")).isEqualTo("public");
        assertThat(SchemaNames.between(east, west).schema("sales")).isEqualTo("sales");
        assertThat(SchemaNames.between(west, south).schema("shop")).isEqualTo("shop");
    }

    /** Whichever site a change comes from, and whichever is the first. */
    @Test
    void allWaysToASiteLeadToOneTable() {
        for (DatabaseConfig first : List.of(east, west, south)) {
            for (DatabaseConfig target : List.of(east, west, south)) {
                String own = first == east ? "public" : first.database();
                String there = SchemaNames.between(first, target).schema(own);
                for (DatabaseConfig source : List.of(east, west, south)) {
                    String from = SchemaNames.between(first, source).schema(own);
                    assertThat(SchemaNames.between(source, first, target).schema(from))
                            .as("%s to %s, first %s", source, target, first)
                            .isEqualTo(there);
                }
            }
        }
    }

    private static DatabaseConfig database(String url) {
        return new DatabaseConfig(url, "sluice", new Secret("none"), Optional.empty());
    }
}
