#pragma once

#include "config/config.hpp"
#include "hearth/history.hpp"
#include "hearth/options.hpp"
#include "hearth/room_rules.hpp"
#include "hearth/tls.hpp"
#include "hearth/tls_context.hpp"

#include <cstdint>
#include <optional>

namespace hearth::app {

/// The options of a server that a configuration stands for, in a process with so many file descriptors. Handlers, pages
/// and broker are for the caller to add.
Options options_from(const config::Config& config, std::uint64_t descriptors);

/// The rules of a server all of whose rooms remember.
RoomRules rules_for_all(const Retention& history);

/// What a section with certificates stands for.
TlsOptions tls_options_from(const config::TlsConfig& config);
/// The TLS of the API; nothing without certificates. Reads them: throws std::invalid_argument if they are not good.
std::optional<TlsContext> api_tls_from(const config::Config& config);

}  // namespace hearth::app
