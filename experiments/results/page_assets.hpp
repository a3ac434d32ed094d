#pragma once

namespace skerry::experiments {

// The files of page/, compiled into the program so that it needs none of them at run time.
extern const char* const kPageTemplate;
extern const char* const kPageStyle;
extern const char* const kPageScript;

}  // namespace skerry::experiments
