package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

class PostgresErrorsTest {

    @ParameterizedTest
    @CsvSource({
        "08000, RETRY",
        "08001, RETRY",
        "08003, RETRY",
        "08006, RETRY",
        "08P01, RETRY",
        "22001, ROW",
        "22003, ROW",
        "22007, ROW",
        "22008, ROW",
        "22P02, ROW",
        "22021, ROW",
        "22P05, ROW",
        "2200M, ROW",
        "23502, ROW",
        "23503, ROW",
        "23505, ROW",
        "23514, ROW",
        "23P01, ROW",
        "23000, ROW",
        "42804, ROW",
        "42846, ROW",
        "44000, ROW",
        "54000, ROW",
        "P0001, ROW",
        "P0004, ROW",
        "25006, RETRY",
        "25P03, RETRY",
        "25P04, RETRY",
        "40001, RETRY",
        "40003, RETRY",
        "40P01, RETRY",
        "53100, RETRY",
        "53200, RETRY",
        "53300, RETRY",
        "53400, RETRY",
        "55006, RETRY",
        "55P03, RETRY",
        "57014, RETRY",
        "57P01, RETRY",
        "57P02, RETRY",
        "57P03, RETRY",
        "57P05, RETRY",
        "0A000, FATAL",
        "28000, FATAL",
        "28P01, FATAL",
        "3D000, FATAL",
        "3F000, FATAL",
        "42501, FATAL",
        "42703, FATAL",
        "42P01, FATAL",
        "42601, FATAL",
        "55000, FATAL",
        "57P04, FATAL",
        "25P02, FATAL",
        "58030, FATAL",
        "XX000, FATAL",
        "ZZ999, FATAL"
    })
    void everyStateHasItsClass(String state, ErrorClass errorClass) {
        SQLException error = new SQLException("x", state);
        assertThat(PostgresErrors.classify(error)).isEqualTo(errorClass);
        assertThat(PostgresErrors.failure("step", error) instanceof CollisionException)
                .isEqualTo(List.of("40001", "40P01").contains(state));
    }

    @Test
    void anErrorWithoutStateIsRetriedOnlyWhereTheNetworkIsTheCause() {
        assertThat(PostgresErrors.classify(new SQLException("x"))).isEqualTo(ErrorClass.FATAL);
        assertThat(
                        PostgresErrors.classify(
                                new SQLException("x", null, new SocketTimeoutException("late"))))
                .isEqualTo(ErrorClass.RETRY);
    }

    @Test
    void whatTheServerSaysOfAValueIsNotPassedOn() {
        ConnectorException failure =
                PostgresErrors.failure(
                        "west: inserting into public.t",
                        new SQLException(
                                "invalid input syntax for type integer: \"secret\"", "22P02"));

        assertThat(failure)
                .hasMessage(
                        "west: inserting into public.t failed: a value is not in the form of the"
                                + " column's type (SQLSTATE 22P02)")
                .hasStackTraceContaining("PostgresErrorsTest");
        assertThat(failure.getCause()).hasMessageNotContaining("secret");
    }

    @Test
    void aStreamThatBreaksUnderTheDriverIsALostConnection() {
        PSQLException ofTheDriver =
                new PSQLException(
                        "Tried to write to an inactive copy operation",
                        PSQLState.OBJECT_NOT_IN_STATE);

        assertThat(PostgresErrors.classify(ofTheDriver)).isEqualTo(ErrorClass.RETRY);
    }
}
