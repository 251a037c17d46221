#include "config/print.hpp"

#include "config/schema.hpp"
#include "config/trail.hpp"

#include <fmt/format.h>

#include <ostream>
#include <string>

namespace hearth::config {

namespace {

constexpr std::size_t kColumn = 44;  // where the origins stand, if there is room

class EffectivePrinter final : public Visitor {
 public:
  EffectivePrinter(std::ostream& out, const Loaded& loaded) : out_(out), loaded_(loaded) {}

  void key(const Key& key, Slot&& slot) override {
    const std::string value = slot.show();
    if (value.empty()) {
      const std::string instead = key.fallback.empty() ? "not set" : std::string(key.fallback);
      out_ << "# " << key.name << ": " << instead << '\n';
      return;
    }
    const std::string line = std::string(key.name) + " = " + (key.secret ? "\"***\"" : value);
    out_ << fmt::format("{:<{}}  # {}\n", line, kColumn, loaded_.origin_of(trail_.path_of(key.name)).str());
  }
  void enter(const Section& section) override {
    trail_.enter(section.name);
    out_ << '\n' << '[' << trail_.name() << "]\n";
  }
  void leave() override { trail_.leave(); }
  std::size_t entries(const Section&, std::size_t count) override { return count; }
  void enter_entry(const Section& section, std::size_t index) override {
    trail_.enter(section.name, index);
    out_ << '\n' << "[[" << trail_.name() << "]]\n";
  }

 private:
  std::ostream& out_;
  const Loaded& loaded_;
  Trail trail_;
};

class KeyPrinter final : public Visitor {
 public:
  explicit KeyPrinter(std::ostream& out) : out_(out) {}

  void key(const Key& key, Slot&& slot) override {
    if (!has_head_) out_ << "| key | type | default | R | |\n|---|---|---|---|---|\n";
    has_head_ = true;
    const std::string value = slot.show();
    std::string fallback = value.empty() ? "none" : '`' + value + '`';
    if (key.required) fallback = "required";
    if (!key.fallback.empty()) fallback = key.fallback;
    out_ << "| `" << key.name << '`' << (key.secret ? " ♦" : "") << " | " << slot.type() << " | " << fallback << " | "
         << (key.reloadable ? "R" : "") << " | " << key.about
         << (key.flag.empty() ? "" : " (`" + std::string(key.flag) + "`)") << " |\n";
  }
  void enter(const Section& section) override {
    trail_.enter(section.name);
    begin('[' + trail_.name() + ']', section);
  }
  void leave() override { trail_.leave(); }
  std::size_t entries(const Section&, std::size_t) override { return 1; }
  void enter_entry(const Section& section, std::size_t index) override {
    trail_.enter(section.name, index);
    begin("[[" + trail_.name() + "]]", section);
  }

 private:
  void begin(const std::string& title, const Section& section) {
    out_ << (has_head_ ? "\n" : "") << "### `" << title << "`\n\n" << section.about << "\n\n";
    has_head_ = false;
  }

  std::ostream& out_;
  Trail trail_;
  bool has_head_ = false;
};

}  // namespace

void print_effective(std::ostream& out, const Loaded& loaded) {
  out << "# " << (loaded.file ? *loaded.file : "no file") << ", the environment and defaults; secrets are ***\n";
  Config config = loaded.config;
  EffectivePrinter printer(out, loaded);
  visit(config, printer);
}

void print_keys(std::ostream& out) {
  Config config;
  KeyPrinter printer(out);
  visit(config, printer);
}

}  // namespace hearth::config
