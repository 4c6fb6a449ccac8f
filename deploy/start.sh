#!/bin/sh
# What a container runs: make the folders that are written, then serve. Arguments go to `nearfield`.
set -eu

umask 002 # the next start may have another user id, of the same group
mkdir -p "$HOME" "$TMPDIR" "$NUMBA_CACHE_DIR"
# Compiled kernels of the image, where it has newer ones; without them the first search compiles.
[ ! -d .cache/numba ] || cp -Ru .cache/numba/. "$NUMBA_CACHE_DIR/" || true

# A Hugging Face Space with `hf_oauth: true` is told its client under these names.
if [ -n "${SPACE_HOST:-}" ] && [ -n "${OAUTH_CLIENT_ID:-}" ]; then
    export NEARFIELD_OIDC_URL="${NEARFIELD_OIDC_URL:-$OPENID_PROVIDER_URL}"
    export NEARFIELD_OIDC_CLIENT="${NEARFIELD_OIDC_CLIENT:-$OAUTH_CLIENT_ID}"
    export NEARFIELD_OIDC_SECRET="${NEARFIELD_OIDC_SECRET:-$OAUTH_CLIENT_SECRET}"
    export NEARFIELD_PUBLIC_URL="${NEARFIELD_PUBLIC_URL:-https://$SPACE_HOST}"
fi

exec python -m pages.launch --address=0.0.0.0 --port="$PORT" --no-browser "$@"
