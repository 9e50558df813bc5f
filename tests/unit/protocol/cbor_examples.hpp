// The examples of RFC 8949 appendix A, from https://github.com/cbor/test-vectors (appendix_a.json),
// sorted by what the protocol's CBOR subset does with them. simple(24), an example of RFC 7049, is
// left out: RFC 8949 made its encoding ill-formed (section 3.3).
#pragma once

namespace rollcall::protocol::testing {

struct Example {
  const char* hex;
  const char* value;  // JSON where the subset has the type, else diagnostic notation
};

// Types that messages use: decoded and encoded back.
inline constexpr Example supported_examples[] = {
    {"00", R"(0)"},
    {"01", R"(1)"},
    {"0a", R"(10)"},
    {"17", R"(23)"},
    {"1818", R"(24)"},
    {"1819", R"(25)"},
    {"1864", R"(100)"},
    {"1903e8", R"(1000)"},
    {"1a000f4240", R"(1000000)"},
    {"1b000000e8d4a51000", R"(1000000000000)"},
    {"1bffffffffffffffff", R"(18446744073709551615)"},
    {"20", R"(-1)"},
    {"29", R"(-10)"},
    {"3863", R"(-100)"},
    {"3903e7", R"(-1000)"},
    {"f4", R"(false)"},
    {"f5", R"(true)"},
    {"60", R"("")"},
    {"6161", R"("a")"},
    {"6449455446", R"("IETF")"},
    {"62225c", R"("\"\\")"},
    {"62c3bc", R"("ü")"},
    {"63e6b0b4", R"("水")"},
    {"64f0908591", R"("𐅑")"},
    {"80", R"([])"},
    {"83010203", R"([1,2,3])"},
    {"8301820203820405", R"([1,[2,3],[4,5]])"},
    {"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
     R"([1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25])"},
};

inline constexpr Example byte_string_examples[] = {
    {"40", ""},
    {"4401020304", "01020304"},
};

// Well-formed and definite, of types or ranges that no message uses: skipped in later fields.
inline constexpr Example skipped_examples[] = {
    {"c249010000000000000000", R"(18446744073709551616)"},
    {"3bffffffffffffffff", R"(-18446744073709551616)"},
    {"c349010000000000000000", R"(-18446744073709551617)"},
    {"f90000", R"(0.0)"},
    {"f98000", R"(-0.0)"},
    {"f93c00", R"(1.0)"},
    {"fb3ff199999999999a", R"(1.1)"},
    {"f93e00", R"(1.5)"},
    {"f97bff", R"(65504.0)"},
    {"fa47c35000", R"(100000.0)"},
    {"fa7f7fffff", R"(3.4028234663852886e+38)"},
    {"fb7e37e43c8800759c", R"(1e+300)"},
    {"f90001", R"(5.960464477539063e-08)"},
    {"f90400", R"(6.103515625e-05)"},
    {"f9c400", R"(-4.0)"},
    {"fbc010666666666666", R"(-4.1)"},
    {"f97c00", R"(Infinity)"},
    {"f97e00", R"(NaN)"},
    {"f9fc00", R"(-Infinity)"},
    {"fa7f800000", R"(Infinity)"},
    {"fa7fc00000", R"(NaN)"},
    {"faff800000", R"(-Infinity)"},
    {"fb7ff0000000000000", R"(Infinity)"},
    {"fb7ff8000000000000", R"(NaN)"},
    {"fbfff0000000000000", R"(-Infinity)"},
    {"f6", R"(null)"},
    {"f7", R"(undefined)"},
    {"f0", R"(simple(16))"},
    {"f8ff", R"(simple(255))"},
    {"c074323031332d30332d32315432303a30343a30305a", R"(0("2013-03-21T20:04:00Z"))"},
    {"c11a514b67b0", R"(1(1363896240))"},
    {"c1fb41d452d9ec200000", R"(1(1363896240.5))"},
    {"d74401020304", R"(23(h'01020304'))"},
    {"d818456449455446", R"(24(h'6449455446'))"},
    {"d82076687474703a2f2f7777772e6578616d706c652e636f6d", R"(32("http://www.example.com"))"},
    {"a0", R"({})"},
    {"a201020304", R"({1: 2, 3: 4})"},
    {"a26161016162820203", R"({"a":1,"b":[2,3]})"},
    {"826161a161626163", R"(["a",{"b":"c"}])"},
    {"a56161614161626142616361436164614461656145", R"({"a":"A","b":"B","c":"C","d":"D","e":"E"})"},
};

// Holding an item of indefinite length, which the deterministic encoding does not allow.
inline constexpr Example indefinite_examples[] = {
    {"5f42010243030405ff", R"((_ h'0102', h'030405'))"},
    {"7f657374726561646d696e67ff", R"("streaming")"},
    {"9fff", R"([])"},
    {"9f018202039f0405ffff", R"([1,[2,3],[4,5]])"},
    {"9f01820203820405ff", R"([1,[2,3],[4,5]])"},
    {"83018202039f0405ff", R"([1,[2,3],[4,5]])"},
    {"83019f0203ff820405", R"([1,[2,3],[4,5]])"},
    {"9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
     R"([1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25])"},
    {"bf61610161629f0203ffff", R"({"a":1,"b":[2,3]})"},
    {"826161bf61626163ff", R"(["a",{"b":"c"}])"},
    {"bf6346756ef563416d7421ff", R"({"Fun":true,"Amt":-2})"},
};

}  // namespace rollcall::protocol::testing
