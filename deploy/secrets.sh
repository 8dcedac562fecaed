#!/bin/sh
# Makes the secrets of deploy/compose.yaml, once: sudo deploy/secrets.sh /etc/linden/secrets
# They are files of root, read by group 10001, which the containers belong to. What is there is never overwritten.
set -eu

fail() { echo "secrets.sh: $1" >&2; exit 1; }

[ $# -eq 1 ] || fail "name the folder to make, such as /etc/linden/secrets"
folder=$1
command -v openssl >/dev/null || fail "openssl is needed"
[ "$(id -u)" -eq 0 ] || fail "run it as root: the files must belong to root and to group 10001"
[ ! -e "$folder" ] || fail "$folder is there already; without its store_keys nothing that is kept can be read"

umask 077
mkdir -p "$folder/channels"
database=$(openssl rand -hex 32)
redis=$(openssl rand -hex 32)
hash=$(printf %s "$redis" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
openssl rand -base64 32 >"$folder/store_keys"
printf '%s\n' "$database" >"$folder/database_password"
printf 'postgresql://linden:%s@postgres/linden\n' "$database" >"$folder/store"
printf 'redis://linden:%s@redis:6379/0\n' "$redis" >"$folder/locks"
# Nobody but this user, nothing but locks, and none of the commands that look around or change the server.
{
  echo "user default off"
  echo "user linden on #$hash resetchannels ~linden:* -@all +@connection +@string +@keyspace +@scripting -@admin -@dangerous"
} >"$folder/redis_acl"
chown -R root:10001 "$folder"
chmod 0750 "$folder" "$folder/channels"
chmod 0440 "$folder"/store_keys "$folder"/database_password "$folder"/store "$folder"/locks "$folder"/redis_acl
echo "The secrets are in $folder. Keep a copy of store_keys apart from the backups of the database."
