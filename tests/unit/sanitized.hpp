// Whether a sanitizer slows this build down: what is played at random is played less often then,
// and in full by the release build.
#pragma once

namespace rollcall {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ROLLCALL_SLOWED_DOWN
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROLLCALL_SLOWED_DOWN
#endif

#ifdef ROLLCALL_SLOWED_DOWN
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace rollcall
