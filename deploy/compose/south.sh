# Sourced once by the image, whose function runs the SQL: the gateway's user as docs/operations.md has it for a target.
sluice_password=$(cat /run/secrets/south)
sluice_password=${sluice_password//\\/\\\\}
docker_process_sql <<SQL
CREATE USER sluice IDENTIFIED BY '${sluice_password//\'/\'\'}';
GRANT ALL ON sluice.* TO sluice;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER ON shop.* TO sluice;
SQL
unset sluice_password
