#!/bin/sh
# bare_metal_test.sh LIBRARY: fails when protocol code outside the crypto backend needs more than a board
# has: heap, exceptions, run-time types, standard streams or anything of mbedTLS.
set -eu
found=$(nm --undefined-only --demangle --print-file-name "$1" | grep -v 'crypto_mbedtls' |
  grep -E ' U (operator (new|delete)|malloc|free|calloc|realloc|__cxa_|_Unwind_|__dynamic_cast|std::|mbedtls_|(f|s|sn)?printf)' || true)
[ -z "$found" ] || { echo "not available on the boards:"; echo "$found"; exit 1; }
