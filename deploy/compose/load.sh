# The shop's customers: SHOP_RATE transactions a second, until the container is stopped.
PGPASSWORD=$(cat /run/secrets/shop)
export PGPASSWORD
exec pgbench --no-vacuum --host=east --username=shop_owner --client=2 --rate="$SHOP_RATE" --max-tries=10 \
  --transactions=1000000000 --file=/load/load.sql shop
