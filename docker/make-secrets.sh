#!/bin/sh
# Makes the secrets that docker-compose.yml names, in the folder `secrets`; those that are there already stay as they are.
# The folder is yours alone; the files in it can be read by the containers' users, who see nothing else of it.
set -eu
umask 022
mkdir -p secrets
chmod 700 secrets

make() {
  [ -e "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"
}
random() {
  openssl rand -hex 32
}

for name in temporal-postgres-password postgres-password api-password worker-password courier-password \
  jwt-keys token-key operator-key metrics-key; do
  make "$name" "$(random)"
done

make checkpoint-key "$(openssl genpkey -algorithm ed25519)"

url() {
  printf 'postgres://%s:%s@postgres:5432/baton' "$1" "$(cat "secrets/$2")"
}
make owner-url "$(url baton postgres-password)"
make api-url "$(url baton_api api-password)"
make worker-url "$(url baton_worker worker-password)"
make courier-url "$(url baton_courier courier-password)"
