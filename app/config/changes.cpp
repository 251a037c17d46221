#include "config/changes.hpp"

#include "config/schema.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace hearth::config {

namespace {

/// Writes all values down; of each list at least so many entries.
class Recorder final : public Visitor {
 public:
  explicit Recorder(std::size_t least_entries) : least_entries_(least_entries) {}

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
  std::size_t entries(const Section&, std::size_t count) override { return std::max(count, least_entries_); }
  void enter_entry(const Section& section, std::size_t index) override {
    path_.push_back(std::string(section.name) + '[' + std::to_string(index) + ']');
  }

  const std::vector<Record>& records() const noexcept { return records_; }

 private:
  const std::size_t least_entries_;
  std::vector<std::string> path_;
  std::vector<Record> records_;
};

std::vector<Recorder::Record> values_of(Config config, std::size_t least_entries = 0) {
  Recorder recorder(least_entries);
  visit(config, recorder);
  return recorder.records();
}

/// By the path without numbers: what a key is where nothing is said.
std::map<std::string, std::string> standard_values() {
  std::map<std::string, std::string> values;
  for (const auto& record : values_of({}, 1)) values.emplace(without_numbers(record.path), record.value);
  return values;
}

}  // namespace

std::vector<Change> changes_between(const Config& running, const Config& fresh) {
  const auto before = values_of(running);
  const auto after = values_of(fresh);
  const auto standard = standard_values();
  std::vector<Change> changes;
  std::set<std::string> named;
  // What stands in an entry that one of them has alone is a change unless it is what goes without saying.
  const auto compare = [&](const std::vector<Recorder::Record>& one, const std::vector<Recorder::Record>& other) {
    std::map<std::string_view, std::string_view> values;
    for (const auto& record : other) values[record.path] = record.value;
    for (const auto& record : one) {
      const auto found = values.find(record.path);
      std::string path = without_numbers(record.path);
      if (record.value == (found != values.end() ? found->second : std::string_view(standard.at(path)))) continue;
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
