// Nothing: the header is compiled for the sake of this file, and all test programs use it.
#include "tests/precompiled.hpp"
