package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.util.List;

/** How one engine says what the benchmark does. */
enum BenchmarkEngine {
    POSTGRES {
        @Override
        DatabaseServer start() {
            return Servers.postgres(Durability.REAL);
        }

        @Override
        String big() {
            return "CREATE TABLE big (id bigint PRIMARY KEY, a int, b text, c timestamptz, d"
                    + " numeric(12,2))";
        }

        @Override
        String insert(int from, int to) {
            return ("INSERT INTO big SELECT i, i %% 1000, repeat('x', 64), now(), i / 100.0"
                            + " FROM generate_series(%d, %d) i")
                    .formatted(from, to);
        }

        @Override
        List<String> settle() {
            return List.of("VACUUM ANALYZE big", "CHECKPOINT");
        }

        @Override
        String copying() {
            return "SELECT coalesce(sum(tuples_processed), 0) > 0 FROM pg_stat_progress_copy";
        }
    },

    MYSQL {
        @Override
        DatabaseServer start() {
            return Servers.mysql(Durability.REAL);
        }

        @Override
        String big() {
            return "CREATE TABLE big (id bigint PRIMARY KEY, a int, b text, c timestamp(6) NULL, d"
                    + " decimal(12,2))";
        }

        @Override
        String insert(int from, int to) {
            return ("INSERT /*+ SET_VAR(cte_max_recursion_depth = 1000000000) */ INTO big"
                            + " WITH RECURSIVE g (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM g"
                            + " WHERE i < %d) SELECT i, i %% 1000, repeat('x', 64), now(6),"
                            + " i / 100.0 FROM g")
                    .formatted(from, to);
        }

        @Override
        List<String> settle() {
            return List.of("ANALYZE TABLE big");
        }

        @Override
        String copying() {
            return "SELECT EXISTS (SELECT 1 FROM information_schema.innodb_trx"
                    + " WHERE trx_rows_modified > 0)";
        }
    };

    static BenchmarkEngine of(DatabaseServer server) {
        return switch (server) {
            case PostgresServer postgres -> POSTGRES;
            case MySqlServer mysql -> MYSQL;
        };
    }

    /** With {@code fsync} on. */
    abstract DatabaseServer start();

    /** Makes the table that is copied and drained. */
    abstract String big();

    /** Fills it with these numbers. */
    abstract String insert(int from, int to);

    String update(int from, int to) {
        return ("UPDATE big SET a = a + 1, c = now(), b = repeat('y', 64)"
                        + " WHERE id BETWEEN %d AND %d")
                .formatted(from, to);
    }

    String delete(int from, int to) {
        return "DELETE FROM big WHERE id BETWEEN %d AND %d".formatted(from, to);
    }

    /** What is done once the table is filled. */
    abstract List<String> settle();

    /** Whether rows of a copy are under way to a target of this engine, which nobody sees yet. */
    abstract String copying();
}
