#pragma once

/// Goes before a function whose loop calls std::fma. The function is compiled twice and one of the
/// two is chosen once, at load time, so that the FMA is an instruction, where the processor has it,
/// and not a library call. Both give the same bits: a fused multiply-add has one result. Not under
/// sanitizers, whose own code is not ready yet when the choice is made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SKERRY_FMA_LOOP [[gnu::target_clones("arch=x86-64-v3", "default")]]
#else
#define SKERRY_FMA_LOOP
#endif
