// Fontconfig keeps its caches until the process ends; LeakSanitizer need not report them.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\n";
}
