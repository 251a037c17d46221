# The libraries that Hearth is built on, all of them the system's.

find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(simdjson CONFIG REQUIRED)
include(HearthHiredis)

# What the public headers need, and what stands behind them. cmake/hearthConfig.cmake.in finds the same.
set(HEARTH_PUBLIC_LIBRARIES Boost::headers Boost::json Threads::Threads)
set(HEARTH_PRIVATE_LIBRARIES OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB simdjson::simdjson hearth::hiredis)
