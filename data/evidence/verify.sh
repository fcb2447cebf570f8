#!/bin/sh
# Checks this evidence by itself. Needs sha256sum, openssl (3.0 or newer) and python3 with its standard library.
# Run it in this folder: sh verify.sh. It ends with 0 only if everything agrees, and says so in its last line.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sha256sum --check --strict --quiet SHA256SUMS
echo "ok: every file has the hash that SHA256SUMS names"

python3 verify.py "$work"

openssl pkeyutl -verify -pubin -inkey log-key.pem -rawin -in "$work/signed" -sigfile "$work/signature" >/dev/null
echo "ok: the checkpoint is signed with log-key.pem"

if [ -f checkpoint.tsr ]; then
    openssl ts -verify -data checkpoint.txt -in checkpoint.tsr -CAfile authority.pem >/dev/null 2>"$work/said" ||
        { cat "$work/said" >&2; exit 1; }
    openssl ts -reply -in checkpoint.tsr -text 2>/dev/null | grep "Time stamp" || true
    echo "ok: the authority in authority.pem says that it saw the checkpoint then"
fi
echo "Everything agrees."
