package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeFitTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "int;bigint;true",
                "int;int(11);true",
                "bigint;int;false",
                "int;int unsigned;false",
                "int unsigned;bigint;true",
                "int unsigned;int;false",
                "int;decimal(10,0);true",
                "int;decimal(10,2);false",
                "bigint unsigned;decimal(20,0);true",
                "int;double;false",
                "decimal(10,2);decimal(12,3);true",
                "decimal(10,2);decimal(10,3);false",
                "decimal(5,2) unsigned;decimal(5,2);true",
                "decimal(5,2);decimal(5,2) unsigned;false",
                "float;double;true",
                "double;float;false",
                "float;double(9,2);false",
                "varchar(9);varchar(10);true",
                "varchar(9);varchar(8);false",
                "varchar(9);char(9);false",
                "char(9);varchar(9);true",
                "varchar(63);tinytext;true",
                "varchar(64);tinytext;false",
                "text;mediumtext;true",
                "longtext;text;false",
                "text;varchar(65535);false",
                "varbinary(9);blob;true",
                "blob;longblob;true",
                "binary(4);binary(8);false",
                "binary(4);varbinary(4);true",
                "bit(4);bit(8);true",
                "bit(8);bit(4);false",
                "time(3);time(6);true",
                "time(3);time;false",
                "datetime(3);datetime(6);true",
                "datetime;timestamp;false",
                "timestamp(3);datetime(3);true",
                "timestamp;timestamp(6);true",
                "date;datetime;false",
                "year;year(4);true",
                "json;longtext;true",
                "longtext;json;false",
                "enum('a');enum('b','a');true",
                "enum('a','c');enum('a');false",
                "set('a');set('a','b');true",
                "point;geometry;true",
                "geometry;point;false"
            })
    void aTypeFitsWhereEveryValueDoes(String from, String into, boolean fits) {
        assertThat(TypeFit.typeFits(from, into)).isEqualTo(fits);
    }
}
