#pragma once

/// Marks what the shared library exports; everything else is hidden.
#if defined(_WIN32)
#error "Hearth is for Linux"
#else
#define HEARTH_API __attribute__((visibility("default")))
#endif
