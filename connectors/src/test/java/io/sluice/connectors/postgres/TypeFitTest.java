package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.LogicalType;
import io.sluice.connectors.spi.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;
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

    @Test
    void betweenSitesATypeMeetsItsLikeOfAnotherEngine() {
        DataType tiny = new DataType.Int(8, false);
        DataType text = new DataType.Chars(false, 0);
        DataType mood = new DataType.Choice(List.of("sad", "glad"));
        assertThat(TypeFit.isMet(tiny, new DataType.Bool())).isTrue();
        assertThat(TypeFit.isMet(new DataType.Int(16, false), new DataType.Bool())).isFalse();
        assertThat(TypeFit.isMet(new DataType.Chars(true, 36), new DataType.Uuid())).isTrue();
        assertThat(TypeFit.isMet(new DataType.Chars(false, 36), new DataType.Uuid())).isTrue();
        assertThat(TypeFit.isMet(new DataType.Chars(false, 32), new DataType.Uuid())).isFalse();
        assertThat(TypeFit.isMet(new DataType.Binary(true, 16), new DataType.Uuid())).isFalse();
        assertThat(TypeFit.isMet(new DataType.DateTime(3), new DataType.Moment(3))).isTrue();
        assertThat(TypeFit.isMet(new DataType.DateTime(6), new DataType.Moment(3))).isFalse();
        assertThat(TypeFit.isMet(new DataType.Moment(3), new DataType.DateTime(3))).isFalse();
        assertThat(TypeFit.isMet(text, new DataType.Json(true))).isTrue();
        assertThat(TypeFit.isMet(text, new DataType.Json(false))).isFalse();
        assertThat(TypeFit.isMet(new DataType.Json(false), new DataType.Json(true))).isFalse();
        assertThat(TypeFit.isMet(mood, new DataType.Choice(List.of("glad", "sad")))).isTrue();
        assertThat(TypeFit.isMet(mood, new DataType.Choice(List.of("glad")))).isFalse();
        assertThat(TypeFit.isMet(text, new DataType.Native(LogicalType.TEXT))).isFalse();
    }
}
