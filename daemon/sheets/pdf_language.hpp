// Says in a PDF which language its text is in, as readers aloud need it (ISO 32000-1, 14.9.2).
// Cairo cannot.
#pragma once

#include <string>

namespace rollcall::sheets {

// Adds /Lang to the document's catalog by an incremental update (ISO 32000-1, 7.5.6). `file`: as
// Cairo 1.16 writes it, with a table of cross-references. Throws std::runtime_error when it is
// built otherwise.
std::string with_language(std::string file, const std::string& language);

}  // namespace rollcall::sheets
