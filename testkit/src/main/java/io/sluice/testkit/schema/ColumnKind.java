package io.sluice.testkit.schema;

/** What columns hold, with a value for each row's number, called {@code i} in the SQL. */
enum ColumnKind {
    COUNT("integer", "i %% 1000 - 500", "int", "i %% 1000 - 500"),
    SMALL("smallint", "i %% 100", "tinyint unsigned", "i %% 100"),
    LARGE("bigint", "i::bigint * 4294967297", "bigint", "CAST(i AS SIGNED) * 4294967297"),
    PRICE(
            "numeric(12,2)",
            "(i * 37 %% 100000) / 100.0",
            "decimal(12,2)",
            "(i * 37 %% 100000) / 100"),
    RATE("double precision", "i / 7.0", "double", "i / 7e0"),
    SHARE("real", "(i / 3.0)::real", "float", "i / 3e0"),
    FLAG("boolean", "i %% 3 = 0", "tinyint(1)", "i %% 3 = 0"),
    NAME(
            "varchar(40)",
            "concat('N\u00e4me ', i, ' ')",
            "varchar(40)",
            "concat('N\u00e4me ', i, ' ')"),
    CODE("char(6)", "lpad(i::text, 6, '0')", "char(6)", "lpad(i, 6, '0')"),
    NOTE(
            "text",
            "repeat(concat('w\u00f6rd ', i, E'\\n\\t\\\\'), 1 + i %% 40)",
            "longtext",
            "repeat(concat('w\u00f6rd ', i, '\\n\\t\\\\'), 1 + i %% 40)"),
    STATUS(
            "order_status",
            "(ARRAY['new', 'paid', 'it''s sent'])[1 + i %% 3]::order_status",
            "enum('new','paid','it''s sent')",
            "elt(1 + i %% 3, 'new', 'paid', 'it''s sent')"),
    BORN(
            "date",
            "DATE '1970-01-01' + i %% 20000",
            "date",
            "DATE '1970-01-01' + INTERVAL i %% 20000 DAY"),
    HOUR(
            "time(3)",
            "TIME '00:00' + i %% 86400000 * INTERVAL '1 ms'",
            "time(3)",
            "SEC_TO_TIME(i %% 86400000 / 1000)"),
    MADE(
            "timestamp",
            "TIMESTAMP '2020-01-01 00:00:00' + i * INTERVAL '1000.001001 s'",
            "datetime(6)",
            "TIMESTAMP '2020-01-01 00:00:00' + INTERVAL i * 1000.001001 SECOND"),
    SEEN(
            "timestamptz",
            "TIMESTAMPTZ '2020-01-01 00:00:00+00' + i * INTERVAL '1000.5 s'",
            "timestamp(6) NULL",
            "TIMESTAMP '2020-01-01 12:00:00' + INTERVAL i * 1000.5 SECOND"),
    DOCUMENT(
            "jsonb",
            "jsonb_build_object('n', i, 's', concat('\u00e9\"', i), 'a', jsonb_build_array(i, NULL, true))",
            "json",
            "JSON_OBJECT('n', i, 's', concat('\u00e9\"', i), 'a', JSON_ARRAY(i, NULL, true))"),
    DIGEST(
            "bytea",
            "decode(lpad(to_hex(i), 32, 'fe'), 'hex')",
            "varbinary(16)",
            "unhex(lpad(hex(i), 32, 'fe'))");

    private final String postgresType;
    private final String postgresValue;
    private final String mysqlType;
    private final String mysqlValue;

    ColumnKind(String postgresType, String postgresValue, String mysqlType, String mysqlValue) {
        this.postgresType = postgresType;
        this.postgresValue = postgresValue;
        this.mysqlType = mysqlType;
        this.mysqlValue = mysqlValue;
    }

    String type(Dialect dialect) {
        return dialect == Dialect.POSTGRES ? postgresType : mysqlType;
    }

    /**
     * @param number what stands for the row's number
     */
    String value(Dialect dialect, String number) {
        String sql = (dialect == Dialect.POSTGRES ? postgresValue : mysqlValue).formatted();
        return sql.replaceAll("\\bi\\b", number);
    }
}
