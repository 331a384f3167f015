package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.SecondaryObject;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import io.sluice.connectors.spi.SecondaryObject.Part;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SecondaryDdlTest {

    @Test
    void namesThatBecomeOneAreToldApart() {
        List<SecondaryObject> objects =
                List.of(
                        object(Kind.INDEX, "a", "b_c"),
                        object(Kind.INDEX, "a_b", "c"),
                        object(Kind.UNIQUE_INDEX, "a", "x"),
                        object(Kind.UNIQUE_INDEX, "a", "a_x"),
                        object(Kind.INDEX, "a", "b"));
        List<Build> builds = builds(objects);
        List<String> names = builds.stream().map(Build::name).toList();
        assertThat(names).doesNotHaveDuplicates().contains("a_b_c", "a_x");
        assertThat(names.get(1)).matches("a_b_c_[0-9a-f]{8}");
        assertThat(names.getLast()).as("a table is called so").matches("a_b_[0-9a-f]{8}");
        assertThat(builds)
                .allSatisfy(build -> assertThat(build.statement()).contains(quoted(build)));
        assertThat(builds(objects)).as("each time the same").isEqualTo(builds);
    }

    private static String quoted(Build build) {
        return " " + Sql.identifier(build.name()) + " ";
    }

    private static List<Build> builds(List<SecondaryObject> objects) {
        return new SecondaryDdl(List.of(table("a"), table("a_b")), true, new ArrayList<>())
                .builds(objects);
    }

    private static SecondaryObject object(Kind kind, String table, String name) {
        return new SecondaryObject(
                kind,
                new TableId("public", table),
                name,
                Engine.MYSQL,
                List.of(new Part("n", 0, false)),
                true,
                Set.of("n"),
                "",
                null);
    }

    private static TableDefinition table(String name) {
        return new TableDefinition(
                new TableId("public", name),
                Engine.POSTGRESQL,
                List.of(column("id"), column("n")),
                List.of("id"),
                List.of(),
                List.of("id"),
                TableDefinition.RowIdentity.KEY,
                false,
                -1,
                -1);
    }

    private static ColumnDefinition column(String name) {
        return new ColumnDefinition(
                name,
                new DataType.Chars(false, 0),
                "text",
                true,
                null,
                null,
                ColumnDefinition.Identity.NONE,
                null);
    }
}
