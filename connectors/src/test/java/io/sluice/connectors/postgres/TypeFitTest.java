package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeFitTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "integer > integer",
                "app.mood > app.mood",
                "smallint > bigint",
                "integer > numeric",
                "integer > numeric(12,2)",
                "bigint[] > numeric[]",
                "character varying(10) > character varying(20)",
                "character varying(10) > text",
                "text > character varying",
                "numeric(12,2) > numeric",
                "numeric(12,2) > numeric(14,4)",
                "timestamp(3) without time zone > timestamp without time zone",
                "timestamp(3) with time zone > timestamp(6) with time zone",
                "bit varying(5) > bit varying"
            })
    void whatHoldsEveryValueFits(String from, String into) {
        assertThat(TypeFit.fits(from, into)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "bigint > integer",
                "integer > numeric(11,2)",
                "integer > text",
                "numeric(12,2) > numeric(12,3)",
                "numeric > numeric(38,10)",
                "real > double precision",
                "character varying(20) > character varying(10)",
                "text > character varying(100)",
                "character(5) > text",
                "json > jsonb",
                "text > app.mood",
                "timestamp without time zone > timestamp(3) without time zone",
                "timestamp without time zone > timestamp with time zone",
                "bigint[] > bigint",
                "bit(3) > bit(4)"
            })
    void whatIsNotKnownToHoldEveryValueDoesNotFit(String from, String into) {
        assertThat(TypeFit.fits(from, into)).isFalse();
    }
}
