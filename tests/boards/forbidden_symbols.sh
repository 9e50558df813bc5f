#!/bin/sh
# forbidden_symbols.sh NM LIBRARY: fails when portable code outside the crypto backend needs more than
# a board has: heap, exceptions, run-time types, standard streams, files, clocks or anything of mbedTLS.
set -eu
needed=$("$1" --undefined-only --demangle --print-file-name "$2")
[ -n "$needed" ] || { echo "$2 needs nothing at all, not even its own parts; is it the right library?" >&2; exit 1; }
found=$(printf '%s\n' "$needed" | grep -v 'crypto_mbedtls' | grep -E ' U ('\
'operator (new|delete)|_?(malloc|free|calloc|realloc)(_r)?$|_?sbrk|__cxa_|__gxx_personality|_Unwind_|__dynamic_cast|'\
'typeinfo |std::|mbedtls_|v?(f|s|sn|as)?i?printf|v?(f|s)?scanf|(f|_IO_)?put(s|c|char)|f(open|close|read|write)$|'\
'(open|read|write|close|ioctl)$|_impure_ptr|std(in|out|err)$|time$|clock_gettime|exit$)' || true)
[ -z "$found" ] || { echo "not available on the boards:"; echo "$found"; exit 1; }
