# Run once by the image, on the empty database: the gateway's role as docs/operations.md has it for a target.
psql --set=ON_ERROR_STOP=1 --quiet --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=sluice_password="$(cat /run/secrets/west)" <<'SQL'
CREATE ROLE sluice LOGIN PASSWORD :'sluice_password';
GRANT CREATE ON DATABASE shop TO sluice;
GRANT CREATE, USAGE ON SCHEMA public TO sluice;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO sluice;
GRANT SET ON PARAMETER session_replication_role TO sluice;
SQL
