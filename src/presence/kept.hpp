#pragma once

#include "hearth/presence.hpp"
#include "presence/report.hpp"

#include <string>

namespace hearth::presence {

// Reports and entries, as brokers have them. Who has no client id is left out.

PresenceReport kept_report(const std::string& room, const Report& report);
Report report_of(const PresenceReport& kept);
Entry entry_of(const PresenceEntry& kept);

}  // namespace hearth::presence
