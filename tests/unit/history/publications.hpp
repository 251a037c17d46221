#pragma once

#include "hearth/history.hpp"
#include "history/lineage.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::history::test {

constexpr Epoch kA{1};
constexpr Epoch kB{2};
constexpr Epoch kC{3};

inline PublicationPtr publication(Epoch epoch, std::uint64_t offset, std::string_view room = "r",
                                  std::vector<std::string> exclude = {}, std::string_view key = {}) {
  return std::make_shared<const StoredPublication>(Publication{
      .room = room, .position = {epoch, offset}, .event = "e", .key = key, .exclude = exclude, .time_ms = 1000});
}

/// A log of these branches and this top.
inline LogTop log_of(std::vector<Branch> lineage, std::uint64_t top) {
  LogTop log{{{}, top}, std::move(lineage)};
  log.top.epoch = epoch_at(log, top);
  return log;
}

/// A page of a log with what it has from `first` to `last`.
inline LogPage page_of(const LogTop& log, std::uint64_t first = 1, std::uint64_t last = 0) {
  LogPage page{log, {}};
  for (std::uint64_t offset = first; offset <= last; ++offset) {
    page.publications.push_back(publication(epoch_at(log, offset), offset));
  }
  return page;
}

/// `A:5`.
inline std::string text_of(const Position& position) {
  std::string text = position.epoch == kA ? "A" : position.epoch == kB ? "B" : position.epoch == kC ? "C" : "?";
  return text.append(":").append(std::to_string(position.offset));
}

}  // namespace hearth::history::test
