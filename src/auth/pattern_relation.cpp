#include "auth/pattern_relation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearth::auth {
namespace {

using Kind = Pattern::Part::Kind;

/// A pattern taken apart into bytes and what stands for text of any length.
struct Symbol {
  Kind kind;
  char byte = 0;                             ///< of a literal
  const Placeholder* placeholder = nullptr;  ///< of a placeholder
  std::string_view end{};                    ///< the character that it ends before
  bool plain = false;                        ///< of a placeholder: no separators

  bool is_byte() const noexcept { return kind == Kind::literal; }
  /// Whether it may stand for text with this byte in it.
  bool takes(char c) const noexcept {
    switch (kind) {
      case Kind::literal:
        return c == byte;
      case Kind::star:
        return !is_separator(c);
      case Kind::placeholder:
        return (end.empty() || c != end.front()) && (!plain || !is_separator(c));
      case Kind::double_star:
        break;
    }
    return true;
  }
};

std::vector<Symbol> symbols(const Pattern& pattern) {
  std::vector<Symbol> found;
  const auto& parts = pattern.parts();
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (parts[part].kind == Kind::literal) {
      for (const char c : pattern.literal(parts[part])) found.push_back({Kind::literal, c});
    } else if (parts[part].kind == Kind::placeholder) {
      found.push_back(
          {Kind::placeholder, 0, &pattern.placeholders()[parts[part].begin], pattern.end_of_placeholder(part)});
    } else {
      found.push_back({parts[part].kind});
    }
  }
  return found;
}

/// Whether all that `inner` stands for is a piece of something that `outer`, a wildcard, stands for.
bool absorbs(const Symbol& outer, const Symbol& inner) noexcept {
  if (outer.kind == Kind::double_star) return true;
  return outer.kind == Kind::star && (inner.is_byte() ? !is_separator(inner.byte) : inner.kind == Kind::star);
}

bool same(const Symbol& outer, const Symbol& inner) noexcept {
  if (outer.is_byte()) return inner.is_byte() && inner.byte == outer.byte;
  return outer.kind == Kind::placeholder && inner.kind == Kind::placeholder &&
         outer.placeholder->text == inner.placeholder->text;
}

/// Looks for a name that two patterns have in common, the shortest first: a state is how far each of them has come.
class SharedName {
 public:
  SharedName(const Pattern& one, const Pattern& other) : one_(symbols(one)), other_(symbols(other)) {
    for (Symbol& symbol : other_) symbol.plain = true;
  }

  std::optional<std::string> find() {
    reach({0, 0, false, false}, kStart, 0);
    while (!waiting_.empty()) {
      const std::size_t step = waiting_.front();
      waiting_.pop_front();
      if (is_end(steps_[step].state)) return name(step);
      go_on(step);
    }
    return std::nullopt;
  }

 private:
  /// The symbol that comes next in each, and whether it has stood for something already, so that it may end.
  struct State {
    std::size_t one;
    std::size_t other;
    bool one_begun;
    bool other_begun;
  };
  struct Step {
    State state;
    std::size_t from;
    char byte;  ///< 0 if it took none
  };
  static constexpr std::size_t kStart = ~std::size_t{0};

  bool is_end(const State& state) const noexcept { return state.one == one_.size() && state.other == other_.size(); }

  void reach(const State& state, std::size_t from, char byte) {
    const std::uint64_t key =
        ((std::uint64_t{state.one} * (other_.size() + 1) + state.other) * 2 + state.one_begun) * 2 + state.other_begun;
    if (!known_.emplace(key, steps_.size()).second) return;
    steps_.push_back({state, from, byte});
    waiting_.push_back(steps_.size() - 1);
  }

  void go_on(std::size_t step) {
    const State state = steps_[step].state;
    if (state.one_begun) reach({state.one + 1, state.other, false, state.other_begun}, step, 0);
    if (state.other_begun) reach({state.one, state.other + 1, state.one_begun, false}, step, 0);
    if (state.one == one_.size() || state.other == other_.size()) return;
    const Symbol& one = one_[state.one];
    const Symbol& other = other_[state.other];
    const char byte = shared_byte(one, other);
    if (byte == 0) return;
    reach({state.one + (one.is_byte() ? 1 : 0), state.other + (other.is_byte() ? 1 : 0), !one.is_byte(),
           !other.is_byte()},
          step, byte);
  }

  /// One is enough: what stands for text of any length does not ask which letter it is. 0 if there is none.
  static char shared_byte(const Symbol& one, const Symbol& other) noexcept {
    if (one.is_byte()) return other.takes(one.byte) ? one.byte : '\0';
    if (other.is_byte()) return one.takes(other.byte) ? other.byte : '\0';
    // Each refuses separators or one byte, so one of three others is left.
    for (const char letter : std::string_view("xyz")) {
      if (one.takes(letter) && other.takes(letter)) return letter;
    }
    return 0;
  }

  std::string name(std::size_t step) const {
    std::string text;
    for (; step != kStart; step = steps_[step].from) {
      if (steps_[step].byte != 0) text += steps_[step].byte;
    }
    std::reverse(text.begin(), text.end());
    return text;
  }

  std::vector<Symbol> one_;
  std::vector<Symbol> other_;
  std::vector<Step> steps_;
  std::deque<std::size_t> waiting_;
  std::unordered_map<std::uint64_t, std::size_t> known_;
};

}  // namespace

bool contains(const Pattern& outer, const Pattern& inner) {
  const std::vector<Symbol> outside = symbols(outer);
  const std::vector<Symbol> inside = symbols(inner);
  // Whether what comes before the i-th symbol outside contains what comes before the j-th inside.
  std::vector<std::vector<bool>> before(outside.size() + 1, std::vector<bool>(inside.size() + 1, false));
  before[0][0] = true;
  for (std::size_t i = 0; i < outside.size(); ++i) {
    for (std::size_t j = 0; j < inside.size(); ++j) {
      // A wildcard goes on with what it had begun, or begins.
      const bool taken = before[i][j] && (same(outside[i], inside[j]) || absorbs(outside[i], inside[j]));
      const bool continued = before[i + 1][j] && absorbs(outside[i], inside[j]);
      if (taken || continued) before[i + 1][j + 1] = true;
    }
  }
  return before[outside.size()][inside.size()];
}

std::optional<std::string> shared_name(const Pattern& one, const Pattern& other) {
  return SharedName(one, other).find();
}

}  // namespace hearth::auth
