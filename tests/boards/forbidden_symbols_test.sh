#!/bin/sh
# forbidden_symbols.sh finds what it is there to find, and lets pass what boards have.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# judge NAME CODE SOURCE: compiles SOURCE for the board into a library and expects that exit code.
judge() {
  printf '%s\n' "$3" >"$scratch/part.cpp"
  arm-none-eabi-g++ -mcpu=cortex-m3 -mthumb -std=c++23 -Os -c "$scratch/part.cpp" -o "$scratch/part.o"
  rm -f "$scratch/part.a"
  arm-none-eabi-ar rc "$scratch/part.a" "$scratch/part.o"
  code=0
  said=$("$here/forbidden_symbols.sh" arm-none-eabi-nm "$scratch/part.a" 2>&1) || code=$?
  [ "$code" -eq "$2" ] || { echo "not right: $1 gave $code: $said"; failed=1; }
}

judge "memory and arithmetic" 0 '#include <cstring>
void f(char* a, char* b, unsigned n, unsigned long long& x) { std::memmove(a, b, n); x /= n; }'
judge "operator new" 1 'int* f() { return new int; }'
judge "operator delete" 1 'void f(int* p) { delete p; }'
judge "malloc" 1 '#include <cstdlib>
void* f() { return std::malloc(9); }'
judge "free" 1 '#include <cstdlib>
void f(void* p) { std::free(p); }'
judge "throw" 1 'void f() { throw 1; }'
judge "dynamic_cast" 1 'struct A { virtual ~A(); }; struct B : A { void g(); };
B* f(A* a) { return dynamic_cast<B*>(a); }'
judge "printf" 1 '#include <cstdio>
void f(int x) { std::printf("%d", x); }'
judge "snprintf" 1 '#include <cstdio>
void f(char* to, int x) { std::snprintf(to, 9, "%d", x); }'
judge "streams" 1 '#include <iostream>
void f(int x) { std::cout << x; }'
judge "std::string" 1 '#include <string>
std::string f(const char* x) { return x; }'
judge "a static with a lock" 1 'int g(); int f() { static int x = g(); return x; }'
judge "the wall clock" 1 '#include <ctime>
long f() { return std::time(nullptr); }'
judge "mbedTLS outside the backend" 1 'extern "C" void mbedtls_sha256_init(void*); void f(void* p) { mbedtls_sha256_init(p); }'
[ "$failed" -ne 0 ] || echo "forbidden symbols: each is found"
exit "$failed"
