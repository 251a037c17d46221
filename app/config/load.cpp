#include "config/load.hpp"

#include "config/checks.hpp"
#include "config/schema.hpp"
#include "config/secret_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <ostream>
#include <set>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

extern char** environ;

namespace hearth::config {

namespace {

// The half of a pair of keys that everybody may read.
bool is_public(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr &&
         (text->starts_with("-----BEGIN PUBLIC KEY-----") || text->starts_with("-----BEGIN CERTIFICATE-----"));
}

constexpr std::string_view kHere = "hearth.toml";
constexpr std::string_view kOfSystem = "/etc/hearth/hearth.toml";
constexpr std::size_t kMostFileBytes = 1024 * 1024;

/// Puts settings into a configuration.
class Reader final : public Visitor {
 public:
  Reader(const Settings& settings, const Path& folder, Loaded& loaded)
      : settings_(settings), folder_(folder), loaded_(loaded) {}

  void key(const Key& key, Slot&& slot) override {
    const std::string path = at() + std::string(key.name);
    const Setting* plain = settings_.find(path);
    const Setting* by_file = key.secret ? settings_.find(path + "_file") : nullptr;
    if (plain != nullptr && by_file != nullptr && plain->origin.source == by_file->origin.source) {
      complain(by_file->origin, path, "is given both as it is and by " + std::string(key.name) + "_file");
    } else if (by_file != nullptr && (plain == nullptr || plain->origin.source < by_file->origin.source)) {
      read_file(path, *by_file, slot);
    } else if (plain != nullptr) {
      take(path, *plain, slot);
    } else if (key.required) {
      complain(settings_.place_of(path), path, "is missing");
    }
    if (key.secret && plain != nullptr && plain->origin.source == Origin::Source::file) has_secret_ = true;
  }
  void enter(const Section& section) override { path_.emplace_back(section.name); }
  void leave() override { path_.pop_back(); }
  std::size_t entries(const Section& section, std::size_t) override {
    return settings_.entries(at() + std::string(section.name));
  }
  void enter_entry(const Section& section, std::size_t index) override {
    path_.push_back(std::string(section.name) + '[' + std::to_string(index) + ']');
  }

  /// Whether the file itself has a secret in it.
  bool has_secret() const noexcept { return has_secret_; }
  /// Whether a key was given wrongly, or is missing.
  bool is_wrong(const std::string& path) const { return wrong_.contains(path); }

 private:
  std::string at() const {
    std::string path;
    for (const std::string& part : path_) path += part + '.';
    return path;
  }
  void complain(const Origin& origin, const std::string& path, const std::string& what) {
    wrong_.insert(path);
    loaded_.problems.push_back({origin, without_numbers(path) + ' ' + what});
  }

  void complain_of_file(const Origin& origin, const std::string& path, const std::string& what) {
    wrong_.insert(path);
    complain(origin, path + "_file", what);
  }

  void take(const std::string& path, const Setting& setting, Slot& slot) {
    // What the environment and flags name counts from where the command runs.
    const bool in_file = setting.origin.source == Origin::Source::file;
    const Wrongs wrongs = slot.read(setting.value, in_file ? folder_ : Path());
    for (const std::string& wrong : wrongs) complain(setting.origin, path, wrong);
    if (wrongs.empty()) loaded_.origins[path] = setting.origin;
  }

  void read_file(const std::string& path, const Setting& setting, Slot& slot) {
    Path name;
    const Path& folder = setting.origin.source == Origin::Source::file ? folder_ : Path();
    const Wrongs wrongs = File(name).read(setting.value, folder);
    if (!wrongs.empty()) return complain_of_file(setting.origin, path, wrongs.front());
    auto secrets = read_secrets(name, slot.shape());
    if (const auto* unfit = std::get_if<Unfit>(&secrets)) {
      return complain_of_file(setting.origin, path, "is `" + name.string() + "`, which " + unfit->what);
    }
    if (const auto exposure = exposure_of(name, is_public(std::get<Value>(secrets)))) {
      loaded_.problems.push_back({setting.origin, name.string() + ' ' + *exposure, true});
    }
    take(path, {std::get<Value>(secrets), setting.origin}, slot);
  }

  const Settings& settings_;
  const Path& folder_;
  Loaded& loaded_;
  std::vector<std::string> path_;
  std::set<std::string> wrong_;
  bool has_secret_ = false;
};

std::optional<std::string> variable(const Variables& variables, std::string_view name) {
  for (const auto& [known, value] : variables) {
    if (known == name && !value.empty()) return value;
  }
  return std::nullopt;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "hearth";
}

/// A file that was asked for by name has to be there; otherwise the first that is.
void find_file(const Inputs& inputs, Loaded& loaded) {
  std::error_code error;
  if (inputs.file) {
    loaded.file = inputs.file;
  } else if (const auto given = variable(inputs.variables, "HEARTH_CONFIG")) {
    loaded.file = given;
  } else if (std::filesystem::exists(kHere, error)) {
    loaded.file = kHere;
  } else if (std::filesystem::exists(kOfSystem, error)) {
    loaded.file = kOfSystem;
  } else if (!inputs.is_dev && !inputs.may_lack_file) {
    loaded.problems.push_back({{Origin::Source::file, "hearth"},
                               "there is no configuration: neither --config nor HEARTH_CONFIG names one, and there is "
                               "no hearth.toml here and none in /etc/hearth; `hearth config init` writes one, and "
                               "`hearth serve --dev` does without"});
  }
}

void read_file(Settings& settings, Loaded& loaded) {
  const std::string& name = *loaded.file;
  const auto complain = [&](const std::string& what) {
    loaded.problems.push_back({{Origin::Source::file, name}, what});
  };
  std::error_code error;
  if (std::filesystem::is_directory(name, error)) return complain("is a directory; give a file");
  std::ifstream file(name, std::ios::binary);
  if (!file.is_open()) return complain("cannot be read: " + std::generic_category().message(errno));
  std::string text(kMostFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return complain("cannot be read: " + std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostFileBytes) return complain("is longer than 1 MiB");
  add_file(settings, loaded.problems, text, name);
}

void run_checks(const Settings& settings, const Reader& reader, Loaded& loaded) {
  const auto is_wrong = [&](const std::string& path) { return reader.is_wrong(path); };
  for (const Check& check : checks()) {
    for (const Finding& finding : check(loaded.config)) {
      if (is_wrong(finding.path) || std::any_of(finding.also.begin(), finding.also.end(), is_wrong)) continue;
      const Setting* by_file = settings.find(finding.path + "_file");
      const Origin origin = by_file != nullptr ? by_file->origin : settings.place_of(finding.path);
      loaded.problems.push_back({origin, without_numbers(finding.path) + ' ' + finding.what, finding.is_warning});
    }
  }
}

// Without a file: there is no API, nobody whom clients could be sent to, clients may encrypt, so that the playground
// can show it, and of the limits those alone hold that keep one client from taking all memory, so that a benchmark
// measures the server.
Config for_development() {
  Config config;
  config.encryption.mode = Encryption::optional;
  config.api.listen.clear();
  config.server.drain_delay = milliseconds(0);
  config.server.drain_time = milliseconds(0);
  LimitsConfig& limits = config.limits;
  limits.connections = 0;
  limits.connections_per_ip = 0;
  limits.connects.amount = 0;
  limits.connects_per_ip.amount = 0;
  limits.unauthenticated = 0;
  limits.connections_per_user = 0;
  limits.rooms_per_client = 0;
  limits.messages.amount = 0;
  limits.bytes.amount = 0;
  return config;
}

void fill_in(Config& config) {
  if (config.server.name.empty()) config.server.name = host_name();
  for (RoomConfig& room : config.rooms) {
    if (room.name.empty() && !room.pattern.empty()) room.name = room.pattern.front();
  }
}

void sort(Problems& problems) {
  const auto place = [](const Problem& problem) {
    const Origin& origin = problem.origin;
    return std::tuple(origin.source, origin.line, origin.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& one, const Problem& other) { return place(one) < place(other); });
}

}  // namespace

Variables environment() {
  Variables all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::sort(all.begin(), all.end());
  return all;
}

bool Loaded::is_good() const noexcept {
  return std::all_of(problems.begin(), problems.end(), [](const Problem& problem) { return problem.is_warning; });
}

Origin Loaded::origin_of(const std::string& path) const {
  const auto found = origins.find(path);
  return found != origins.end() ? found->second : Origin();
}

Loaded read(const Inputs& inputs) {
  Loaded loaded;
  Settings settings;
  find_file(inputs, loaded);
  if (loaded.file) read_file(settings, loaded);
  add_environment(settings, loaded.problems, inputs.variables);
  add_flags(settings, inputs.flags);
  if (inputs.is_dev && !loaded.file) loaded.config = for_development();

  const Path folder = loaded.file ? Path(*loaded.file).parent_path() : Path();
  Reader reader(settings, folder, loaded);
  visit(loaded.config, reader);
  fill_in(loaded.config);
  if (reader.has_secret()) {
    if (const auto exposure = exposure_of(*loaded.file)) {
      const Origin origin(Origin::Source::file, *loaded.file);
      loaded.problems.push_back({origin, "it has a secret in it and " + *exposure, true});
    }
  }
  run_checks(settings, reader, loaded);
  sort(loaded.problems);
  return loaded;
}

Loaded load(const Inputs& inputs) {
  Loaded loaded = read(inputs);
  sort(loaded.problems);
  return loaded;
}

void print(std::ostream& out, const Problems& problems) {
  for (const Problem& problem : problems) out << problem.str() << '\n';
}

}  // namespace hearth::config
