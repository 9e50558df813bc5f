/* mbedTLS 2.28 for the boards: what crypto_mbedtls.cpp calls, in its smallest form. C and C++. */
#pragma once

#include <stddef.h>

/* Hashes and what is built on them. */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_MD_C
#define MBEDTLS_HKDF_C

/* RFC 8439. */
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C

/* X25519. The caller blinds (crypto_mbedtls.cpp), so no generator of mbedTLS's own. */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED
#define MBEDTLS_ECP_NO_INTERNAL_RNG
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_MPI_WINDOW_SIZE 1
#define MBEDTLS_HAVE_ASM /* multiplication with umlal */

/* The arena of crypto::Scope (scope.cpp). */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO rollcall_crypto_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO rollcall_crypto_free

#ifdef __cplusplus
extern "C" {
#endif
void* rollcall_crypto_calloc(size_t count, size_t size);
void rollcall_crypto_free(void* block);
#ifdef __cplusplus
}
#endif

#include <mbedtls/check_config.h>
