#include "auth/pattern.hpp"

#include "auth/pattern_parser.hpp"
#include "auth/places.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hearth::auth {
namespace {

using Kind = Pattern::Part::Kind;

/// One or more characters that are no separators, from each of the places.
Places after_star(const Places& from, std::string_view name) {
  Places to(name.size());
  bool inside = false;
  for (std::size_t at = from.first(); at < name.size(); ++at) {
    inside = (inside || from.has(at)) && !is_separator(name[at]);
    if (inside) to.add(at + 1);
  }
  return to;
}

/// One or more of any characters.
Places after_double_star(const Places& from, std::string_view name) {
  Places to(name.size());
  const std::size_t first = from.first();
  for (std::size_t at = first; at < name.size(); ++at) to.add(at + 1);
  return to;
}

template <class Word>
bool same_word(const char* one, const char* other) noexcept {
  Word a = 0;
  Word b = 0;
  std::memcpy(&a, one, sizeof a);
  std::memcpy(&b, other, sizeof b);
  return a == b;
}

/// What memcmp says; without a call for what is as short as most parts of names are.
bool same_bytes(const char* one, const char* other, std::size_t size) noexcept {
  if (size > 16) return std::memcmp(one, other, size) == 0;
  const auto both_ends = [&]<class Word>(Word) {
    const std::size_t last = size - sizeof(Word);
    return same_word<Word>(one, other) && same_word<Word>(one + last, other + last);
  };
  if (size >= 8) return both_ends(std::uint64_t{});
  if (size >= 4) return both_ends(std::uint32_t{});
  for (std::size_t i = 0; i < size; ++i) {
    if (one[i] != other[i]) return false;
  }
  return true;
}

/// Whether a wildcard that ends a pattern stands for all of `rest`.
bool ends_with(Kind wildcard, std::string_view rest) noexcept {
  return !rest.empty() && (wildcard == Kind::double_star || std::none_of(rest.begin(), rest.end(), is_separator));
}

bool is_wildcard(Kind kind) noexcept { return kind == Kind::star || kind == Kind::double_star; }

}  // namespace

Parsed<Pattern> Pattern::parse(std::string_view text, Placeholders placeholders) {
  return PatternParser(text, placeholders).parse();
}

std::string_view Pattern::beginning() const noexcept {
  return parts_.front().kind == Part::Kind::literal ? literal(parts_.front()) : std::string_view();
}

bool Pattern::matches(std::string_view name, const PlaceholderValues& values) const {
  // What the text of the pattern rules out needs no look at claims.
  return matches_with(name, AnyValues()) && (placeholders_.empty() || matches_with(name, values));
}

template <class Values>
bool Pattern::matches_with(std::string_view name, const Values& values) const {
  // As long as there is one place alone where the next part can begin.
  std::size_t at = 0;
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (is_wildcard(parts_[part].kind)) {
      if (part + 1 == parts_.size()) return ends_with(parts_[part].kind, name.substr(at));
      return matches_places(part, name, at, values);
    }
    const auto end = skip(part, name, at, values);
    if (!end) return false;
    at = *end;
  }
  return at == name.size();
}

/// From the first wildcard on: all the places where the next part can begin, for one part after the other.
template <class Values>
bool Pattern::matches_places(std::size_t part, std::string_view name, std::size_t at, const Values& values) const {
  Places places(name.size());
  places.add(at);
  for (; part < parts_.size(); ++part) {
    if (places.first() == Places::kNone) return false;
    if (parts_[part].kind == Part::Kind::star) {
      places = after_star(places, name);
    } else if (parts_[part].kind == Part::Kind::double_star) {
      places = after_double_star(places, name);
    } else {
      Places next(name.size());
      for (std::size_t place = places.first(); place != Places::kNone; place = places.next(place + 1)) {
        if (const auto end = skip(part, name, place, values)) next.add(*end);
      }
      places = std::move(next);
    }
  }
  return places.has(name.size());
}

/// Where a literal or a placeholder that begins at `at` ends.
template <class Values>
std::optional<std::size_t> Pattern::skip(std::size_t part, std::string_view name, std::size_t at,
                                         const Values& values) const noexcept {
  const Part& skipped = parts_[part];
  if (skipped.kind == Part::Kind::literal) {
    const bool there = name.size() - at >= skipped.size &&
                       same_bytes(name.data() + at, literals_.data() + skipped.begin, skipped.size);
    return there ? std::optional(at + skipped.size) : std::nullopt;
  }
  const std::string_view end = end_of_placeholder(part);
  const std::size_t stop = end.empty() ? name.npos : end.size() == 1 ? name.find(end.front(), at) : name.find(end, at);
  const std::string_view value = name.substr(at, stop - at);
  if (value.empty() || !values.has(placeholders_[skipped.begin], value)) return std::nullopt;
  return at + value.size();
}

}  // namespace hearth::auth
