#include "config/effective.hpp"

#include "config/schema.hpp"
#include "config/trail.hpp"

#include <utility>

namespace hearth::config {

namespace {

class Collector final : public Visitor {
 public:
  explicit Collector(const Loaded& loaded) : loaded_(loaded) {}

  void key(const Key& key, Slot&& slot) override {
    std::string value = slot.show();
    const std::string path = trail_.path_of(key.name);
    EffectiveValue& found = values_.emplace_back();
    found.path = path;
    found.is_set = !value.empty();
    found.is_secret = key.secret;
    if (!found.is_set) {
      found.fallback = key.fallback;
    } else {
      found.origin = loaded_.origin_of(path);
      if (!key.secret) found.value = std::move(value);
    }
  }
  void enter(const Section& section) override { trail_.enter(section.name); }
  void leave() override { trail_.leave(); }
  std::size_t entries(const Section&, std::size_t count) override { return count; }
  void enter_entry(const Section& section, std::size_t index) override { trail_.enter(section.name, index); }

  std::vector<EffectiveValue> take() { return std::move(values_); }

 private:
  const Loaded& loaded_;
  Trail trail_;
  std::vector<EffectiveValue> values_;
};

}  // namespace

std::vector<EffectiveValue> effective_values(const Loaded& loaded) {
  Config config = loaded.config;
  Collector collector(loaded);
  visit(config, collector);
  return collector.take();
}

}  // namespace hearth::config
