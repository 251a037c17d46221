#pragma once

#include "config/config.hpp"
#include "config/slot.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::config {

/// What the table says of a key beside its type and default, which its slot knows.
struct Key {
  std::string_view name;
  std::string_view about;       ///< a line of Markdown
  bool reloadable = false;      ///< a reload takes a new value; otherwise it needs a restart
  bool secret = false;          ///< may be given as `<name>_file`, and is never shown
  bool required = false;        ///< has to be given
  std::string_view flag{};      ///< of `hearth serve`, if there is one
  std::string_view fallback{};  ///< in words, where the default is no constant
};

struct Section {
  std::string_view name;   ///< within the one that it is in
  std::string_view about;  ///< a paragraph of Markdown
};

/// Is led through the table.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void key(const Key& key, Slot&& slot) = 0;
  /// `[name]` within the section that it is in; its keys follow, then leave().
  virtual void enter(const Section& section) = 0;
  virtual void leave() = 0;
  /// `[[name]]`, which has `count` entries: how many it is to have.
  virtual std::size_t entries(const Section& section, std::size_t count) = 0;
  /// Entry `index` of that; its keys follow, then leave().
  virtual void enter_entry(const Section& section, std::size_t index) = 0;
};

/// The table: leads a visitor through every key of a configuration, in the order of docs/configuration.md. All that is
/// known of a key comes from here: reading, checking its value, printing, the environment, flags, documentation.
void visit(Config& config, Visitor& visitor);

/// The names of the table as a tree.
struct Node {
  enum class Kind : std::uint8_t { section, list, key };

  std::string name;
  Kind kind = Kind::section;
  Shape shape = Shape::text;  ///< of a key
  bool secret = false;        ///< a key that may be given by file
  // of a key with a flag
  std::string flag{};
  std::string about{};     ///< without links
  std::string type{};      ///< in words
  std::string fallback{};  ///< as TOML
  std::vector<Node> children{};

  const Node* find(std::string_view child) const noexcept;
};

/// The root, without a name; for any thread.
const Node& schema();

}  // namespace hearth::config
