#include "config/suggestion.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>

namespace hearth::config {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many characters have to be put in, left out, replaced, or swapped with their neighbour, whatever their case.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::vector<std::size_t>> rows(one.size() + 1, std::vector<std::size_t>(other.size() + 1));
  for (std::size_t i = 0; i <= one.size(); ++i) rows[i][0] = i;
  std::iota(rows[0].begin(), rows[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= one.size(); ++i) {
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const bool same = lower(one[i - 1]) == lower(other[j - 1]);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && lower(one[i - 1]) == lower(other[j - 2]) && lower(one[i - 2]) == lower(other[j - 1]);
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows.back().back();
}

// What it is called elsewhere, and here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kElsewhere{{{"port", "listen"},
                                                                                   {"host", "listen"},
                                                                                   {"bind", "listen"},
                                                                                   {"address", "listen"},
                                                                                   {"iss", "issuer"},
                                                                                   {"aud", "audience"},
                                                                                   {"alg", "algorithms"},
                                                                                   {"origins", "allowed_origins"}}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

// Also as the last part of a variable or a flag: HEARTH_SERVER_PORT, --port.
std::optional<std::string_view> known_elsewhere(std::string_view written, const std::vector<std::string_view>& words) {
  const std::string name = lower(written);
  const std::size_t part = name.find_last_of("_-") + 1;
  for (const auto& [there, here] : kElsewhere) {
    if (std::string_view(name).substr(part) != there) continue;
    const std::string meant = name.substr(0, part) + std::string(here);
    const auto found =
        std::find_if(words.begin(), words.end(), [&](std::string_view word) { return lower(word) == meant; });
    if (found != words.end()) return *found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view written, const std::vector<std::string_view>& words) {
  constexpr std::size_t kLongest = 64;  // what is longer was no slip of a finger
  if (written.size() > kLongest) return std::nullopt;
  if (const auto known = known_elsewhere(written, words)) return known;
  std::optional<std::string_view> best;
  std::size_t least = std::max<std::size_t>(1, written.size() / 3) + 1;
  for (const std::string_view word : words) {
    const std::size_t steps = distance(written, word);
    if (steps >= least) continue;
    least = steps;
    best = word;
  }
  return best;
}

}  // namespace hearth::config
