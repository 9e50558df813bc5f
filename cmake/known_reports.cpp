// What sanitizers report of the drawing libraries, which are not instrumented: fontconfig keeps its
// caches until the process ends, and ThreadSanitizer does not see the locks of GLib and its users,
// nor those by which cairo keeps threads apart at FreeType.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\n";
}
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libfontconfig.so\ncalled_from_lib:libglib-2.0.so\n"
         "called_from_lib:libgobject-2.0.so\ncalled_from_lib:libpango-1.0.so\n"
         "called_from_lib:libpangocairo-1.0.so\ncalled_from_lib:libpangoft2-1.0.so\n"
         "called_from_lib:libcairo.so\ncalled_from_lib:libharfbuzz.so\n"
         "called_from_lib:libfreetype.so\n";
}
