package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.exceptions.StatementIsClosedException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.io.EOFException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MySqlErrorsTest {

    @ParameterizedTest
    @CsvSource({
        "1048, 23000, ROW", "1062, 23000, ROW", "1169, 23000, ROW", "1586, 23000, ROW",
        "1216, 23000, ROW", "1217, 23000, ROW", "1451, 23000, ROW", "1452, 23000, ROW",
        "1264, 22003, ROW", "1690, 22003, ROW", "1265, 01000, ROW", "1366, HY000, ROW",
        "1292, 22007, ROW", "1406, 22001, ROW", "1411, HY000, ROW", "1416, 22003, ROW",
        "1364, HY000, ROW", "1526, HY000, ROW", "1644, 45000, ROW", "3140, 22032, ROW",
        "3157, 22032, ROW", "3643, HY000, ROW", "3819, HY000, ROW", "3854, HY000, ROW",
        "1118, 42000, ROW", "1153, 08S01, ROW", "9999, 22999, ROW", "9999, 23999, ROW",
        "9999, 45123, ROW", "1020, HY000, RETRY", "1021, HY000, RETRY", "1037, HY001, RETRY",
        "1040, 08004, RETRY", "1053, 08S01, RETRY", "1077, HY000, RETRY", "1114, HY000, RETRY",
        "1152, 08S01, RETRY", "1158, 08S01, RETRY", "1203, 42000, RETRY", "1205, HY000, RETRY",
        "1206, HY000, RETRY", "1213, 40001, RETRY", "1226, 42000, RETRY", "1290, HY000, RETRY",
        "1317, 70100, RETRY", "1412, HY000, RETRY", "1792, 25006, RETRY", "1836, HY000, RETRY",
        "3024, HY000, RETRY", "3101, 40000, RETRY", "3169, HY000, RETRY", "3572, HY000, RETRY",
        "4031, HY000, RETRY", "0, 08S01, RETRY", "0, 08001, RETRY", "9999, 40002, RETRY",
        "1044, 42000, FATAL", "1045, 28000, FATAL", "1049, 42000, FATAL", "1054, 42S22, FATAL",
        "1064, 42000, FATAL", "1071, 42000, FATAL", "1142, 42000, FATAL", "1146, 42S02, FATAL",
        "1227, 42000, FATAL", "1267, HY000, FATAL", "1273, HY000, FATAL", "1665, HY000, FATAL",
        "1785, HY000, FATAL", "1820, HY000, FATAL", "3948, 42000, FATAL", "3118, HY000, FATAL",
        "9999, 28999, FATAL", "9999, 42999, FATAL", "9999, HY000, FATAL"
    })
    void errorsAreClassifiedByNumberAndSqlState(int number, String state, ErrorClass expected) {
        assertThat(MySqlErrors.classify(new SQLException("said", state, number)))
                .isEqualTo(expected);
    }

    @Test
    void aBrokenStreamAClearedBatchAndATimeOutPass() {
        assertThat(MySqlErrors.classify(new SQLException("gone", new EOFException())))
                .isEqualTo(ErrorClass.RETRY);
        SQLException cleared =
                new SQLException("closed", "S1009", new StatementIsClosedException("closed"));
        assertThat(MySqlErrors.classify(cleared)).isEqualTo(ErrorClass.RETRY);
        assertThat(MySqlErrors.classify(new SQLTimeoutException("late")))
                .isEqualTo(ErrorClass.RETRY);
        assertThat(MySqlErrors.classify(new SQLException("what?"))).isEqualTo(ErrorClass.FATAL);
    }

    @Test
    void valuesStayOutOfMessagesAndNamesStayIn() {
        assertThat(reason(1062, "Duplicate entry 'secret' for key 'x' y' for key 't.email'"))
                .contains("error 1062", "key t.email")
                .doesNotContain("secret");
        assertThat(reason(1366, "Incorrect integer value: 'secret' for column 'n' at row 1"))
                .contains("column n")
                .doesNotContain("secret");
        assertThat(reason(1406, "Data too long for column 'name' at row 7"))
                .contains("column name");
        assertThat(reason(3819, "Check constraint 'small' is violated."))
                .contains("constraint small");
        assertThat(reason(1048, "Column 'name' cannot be null")).contains("column name");
        assertThat(reason(1064, "syntax to use near 'secret'")).doesNotContain("secret");
        assertThat(reason(9999, "what about secret?")).doesNotContain("secret");
        assertThat(reason(1146, "Table 'a.b' doesn't exist")).contains("Table 'a.b'");
    }

    @Test
    void theCauseOfARefusedRowIsKeptWithoutItsMessage() {
        SQLException said = new SQLException("Duplicate entry 'secret' for key 'k'", "23000", 1062);
        ConnectorException failure = MySqlErrors.failure("west: inserting into a.b", said);
        assertThat(failure).hasMessageStartingWith("west: inserting into a.b failed: a unique key");
        assertThat(failure.getCause())
                .isNotSameAs(said)
                .hasMessageNotContaining("secret")
                .isInstanceOf(SQLException.class);
        assertThat(failure.getCause().getStackTrace()).isEqualTo(said.getStackTrace());
    }

    private static String reason(int number, String message) {
        return MySqlErrors.reason(new SQLException(message, "HY000", number));
    }
}
