#include "hearth/server.hpp"
#include "hearth/version.hpp"

#include <cstdio>
#include <exception>
#include <utility>

// Starts a server on a free port and shuts it down: everything that a program needs to compile and link is there.
int main() {
  try {
    hearth::Options options;
    options.identifier = "consumer";
    options.listen = {"127.0.0.1:0"};
    options.authenticate = [](const hearth::AuthenticateRequest&) -> hearth::AuthenticateResult { return {}; };

    hearth::Server server(std::move(options));
    server.start();
    const auto port = server.port();
    server.shutdown();
    std::printf("Hearth %s listened on port %d\n", hearth::kVersion, static_cast<int>(port));
    return port == 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
