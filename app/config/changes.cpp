#include "config/changes.hpp"

#include "config/schema.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace hearth::config {

namespace {

/// Writes all values down.
class Recorder final : public Visitor {
 public:
  struct Record {
    std::string path;
    std::string value;  // secrets too: it stays in here
    bool reloadable = false;
  };

  void key(const Key& key, Slot&& slot) override {
    std::string path;
    for (const std::string& part : path_) path += part + '.';
    records_.push_back({path + std::string(key.name), slot.show(), key.reloadable});
  }
  void enter(const Section& section) override { path_.emplace_back(section.name); }
  void leave() override { path_.pop_back(); }
  std::size_t entries(const Section&, std::size_t count) override { return count; }
  void enter_entry(const Section& section, std::size_t index) override {
    path_.push_back(std::string(section.name) + '[' + std::to_string(index) + ']');
  }

  const std::vector<Record>& records() const noexcept { return records_; }

 private:
  std::vector<std::string> path_;
  std::vector<Record> records_;
};

std::vector<Recorder::Record> values_of(Config config) {
  Recorder recorder;
  visit(config, recorder);
  return recorder.records();
}

}  // namespace

std::vector<Change> changes_between(const Config& running, const Config& fresh) {
  const auto before = values_of(running);
  const auto after = values_of(fresh);
  std::vector<Change> changes;
  std::set<std::string> named;
  // What stands in one of them alone is different from nothing.
  const auto compare = [&](const std::vector<Recorder::Record>& one, const std::vector<Recorder::Record>& other) {
    std::map<std::string_view, std::string_view> values;
    for (const auto& record : other) values[record.path] = record.value;
    for (const auto& record : one) {
      const auto found = values.find(record.path);
      if (found != values.end() && found->second == record.value) continue;
      std::string path = without_numbers(record.path);
      if (named.insert(path).second) changes.push_back({std::move(path), !record.reloadable});
    }
  };
  compare(after, before);
  compare(before, after);
  return changes;
}

std::vector<std::string> keys_that_need_restart(const Config& running, const Config& fresh) {
  std::vector<std::string> keys;
  for (const Change& change : changes_between(running, fresh)) {
    if (change.needs_restart) keys.push_back(change.path);
  }
  return keys;
}

}  // namespace hearth::config
