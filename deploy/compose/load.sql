\set dice random(1, 10)
\set customer random(1, 2000)
\set product random(1, 500)
\set from random(1, 20000)
\set lines random(1, 5)
\if :dice <= 5
BEGIN;
INSERT INTO orders (customer) VALUES (:customer) RETURNING id AS placed \gset
INSERT INTO order_items SELECT :placed, l, (:product + l) % 500 + 1, l, 19.99 FROM generate_series(1, :lines) l;
COMMIT;
\elif :dice <= 8
UPDATE orders SET state = (CASE state WHEN 'placed' THEN 'paid' WHEN 'paid' THEN 'sent' ELSE 'returned' END)::order_state
  WHERE id = (SELECT id FROM orders WHERE id > :from ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
\elif :dice <= 9
UPDATE products SET price = greatest(0.01, price + (:from % 200 - 99) / 100.0) WHERE id = :product;
\else
DELETE FROM orders WHERE id = (SELECT id FROM orders WHERE state = 'placed' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
\endif
