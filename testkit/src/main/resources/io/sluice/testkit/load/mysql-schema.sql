-- The tables of the workload on MySQL. Those of "every_type" come from the code.

CREATE TABLE customer (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email varchar(120) NOT NULL UNIQUE,
    name text,
    balance decimal(14, 2) NOT NULL DEFAULT 0,
    profile json,
    created_at timestamp(6) NOT NULL
);

-- No cascades: older servers leave them out of their log.
CREATE TABLE orders (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    status varchar(20) NOT NULL,
    total decimal(20, 4) NOT NULL
);

CREATE TABLE order_line (
    order_id bigint NOT NULL,
    line int NOT NULL,
    sku text NOT NULL,
    quantity int NOT NULL,
    PRIMARY KEY (order_id, line),
    FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE TABLE document (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    title text NOT NULL,
    body longtext,
    attachment longblob,
    version int NOT NULL DEFAULT 0
);

-- No key, and rows that are equal to each other.
CREATE TABLE event (
    kind varchar(20) NOT NULL,
    amount int,
    payload text
);

-- Secondary unique keys whose values wander between rows.
CREATE TABLE seat (
    id int NOT NULL PRIMARY KEY,
    place int NOT NULL UNIQUE,
    holder varchar(60) UNIQUE,
    changed int NOT NULL DEFAULT 0
);
INSERT INTO seat (id, place, holder)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 60)
    SELECT n, n + 1000, CASE WHEN n % 3 = 0 THEN concat('holder ', n) END FROM numbers;

CREATE TABLE scratch (
    id int NOT NULL PRIMARY KEY,
    note text
);

CREATE TABLE `Mixed "Case" ü` (
    `Key Part` varchar(60) COLLATE utf8mb4_bin NOT NULL,
    `select` int NOT NULL,
    `a;drop'--` text,
    PRIMARY KEY (`Key Part`, `select`)
);
