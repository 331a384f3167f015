package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "every 6h|2026-03-01T05:59:59Z|2026-03-01T06:00:00Z",
                "every 6h|2026-03-01T06:00:00Z|2026-03-01T12:00:00Z",
                "every 1s|2026-03-01T06:00:00.5Z|2026-03-01T06:00:01Z",
                "* * * * *|2026-03-01T06:00:00Z|2026-03-01T06:01:00Z",
                "*/15 * * * *|2026-03-01T06:46:00Z|2026-03-01T07:00:00Z",
                "30 2 * * *|2026-03-01T02:30:00Z|2026-03-02T02:30:00Z",
                "30 2 * * mon-fri|2026-03-06T03:00:00Z|2026-03-09T02:30:00Z",
                "0 0 * * 7|2026-03-04T00:00:00Z|2026-03-08T00:00:00Z",
                "0 0 1,15 * *|2026-03-02T00:00:00Z|2026-03-15T00:00:00Z",
                "0 0 13 * fri|2026-03-07T00:00:00Z|2026-03-13T00:00:00Z",
                "0 0 20 * fri|2026-03-07T00:00:00Z|2026-03-13T00:00:00Z",
                "0 0 29 feb *|2026-03-01T00:00:00Z|2028-02-29T00:00:00Z",
                "10-20/5 3 * * *|2026-03-01T03:11:00Z|2026-03-01T03:15:00Z",
                "5/20 * * * *|2026-03-01T03:26:00Z|2026-03-01T03:45:00Z",
                "30 2 * * * Europe/Berlin|2026-01-10T00:00:00Z|2026-01-10T01:30:00Z",
                // The clocks are put forward at 2 and there is no 2:30 that day.
                "30 2 * * * Europe/Berlin|2026-03-29T00:00:00Z|2026-03-29T01:30:00Z",
                // They are put back at 3, and 2:30 comes twice.
                "30 2 * * * Europe/Berlin|2026-10-25T00:30:00Z|2026-10-26T01:30:00Z",
            })
    void saysWhenItIsDueNext(String schedule, Instant moment, Instant next) {
        assertThat(Schedule.parse(schedule).next(moment)).isEqualTo(next);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "daily|must be `every` and a duration",
                "every day|must be a duration",
                "every 5ms|every 1s or more seldom",
                "60 * * * *|the minute cannot be `60`: it goes from 0 to 59",
                "* 5-3 * * *|the hour cannot be `5-3`",
                "* * * * noon|the day of the week cannot be `noon`",
                "*/0 * * * *|the minute cannot be `0`",
                "1//2 * * * *|the minute cannot be",
                "0 0 31 feb *|there is no such day in any year",
                "0 0 * * * Mars/Base|there is no time zone `Mars/Base`",
            })
    void saysWhatIsWrong(String schedule, String problem) {
        assertThatThrownBy(() -> Schedule.parse(schedule))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }
}
