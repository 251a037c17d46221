#include "config/schema.hpp"

#include <algorithm>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::config {

namespace {

// `[name](where)` is the name.
std::string without_links(std::string_view markdown) {
  static const std::regex link(R"(\[([^\]]*)\]\([^)]*\))");
  return std::regex_replace(std::string(markdown), link, "$1");
}

/// Writes the names down.
class Planter final : public Visitor {
 public:
  explicit Planter(Node& root) : at_{&root} {}

  void key(const Key& key, Slot&& slot) override {
    Node node{std::string(key.name), Node::Kind::key, slot.shape(), key.secret};
    if (!key.flag.empty()) {
      node.flag = key.flag;
      node.about = without_links(key.about);
      node.type = slot.type();
      node.fallback = slot.show();
    }
    at_.back()->children.push_back(std::move(node));
  }
  void enter(const Section& section) override { grow(section, Node::Kind::section); }
  void leave() override { at_.pop_back(); }
  std::size_t entries(const Section&, std::size_t) override { return 1; }
  void enter_entry(const Section& section, std::size_t) override { grow(section, Node::Kind::list); }

 private:
  void grow(const Section& section, Node::Kind kind) {
    at_.back()->children.push_back({std::string(section.name), kind});
    at_.push_back(&at_.back()->children.back());
  }

  std::vector<Node*> at_;  // from the root to where it is; a parent gets no more children before its child is done
};

}  // namespace

const Node* Node::find(std::string_view child) const noexcept {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const Node& node) { return node.name == child; });
  return found != children.end() ? &*found : nullptr;
}

const Node& schema() {
  static const Node root = [] {
    Node tree;
    Config config;
    Planter planter(tree);
    visit(config, planter);
    return tree;
  }();
  return root;
}

}  // namespace hearth::config
