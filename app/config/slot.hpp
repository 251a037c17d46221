#pragma once

#include "config/config.hpp"
#include "config/setting.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::config {

/// What of TOML a key takes.
enum class Shape : std::uint8_t { boolean, number, text, texts, text_or_texts };

/// What is wrong with a value, as the rest of a sentence that begins with the key: `is 300; it goes from 0 to 256`.
using Wrong = std::optional<std::string>;
/// The same of each of its parts; empty if it is right.
using Wrongs = std::vector<std::string>;
using CheckText = std::function<Wrong(const std::string&)>;

/// A place in a Config that a key's value goes to, with what may stand there.
class Slot {
 public:
  virtual ~Slot() = default;
  virtual Shape shape() const = 0;
  /// In words, for the documentation: `duration`.
  virtual std::string type() const = 0;
  /// Takes a value if it is right. Paths count from `folder` unless they begin with `/`.
  virtual Wrongs read(const Value& value, const Path& folder) = 0;
  /// The value as TOML, empty if it has none.
  virtual std::string show() const = 0;
};

/// A text in TOML, with its quotation marks.
std::string toml_text(std::string_view text);
/// What stands there instead: `a list`. Never the value of a text, which may be a secret.
std::string kind_of(const Value& value);

class Boolean final : public Slot {
 public:
  explicit Boolean(bool& value)
      : show_([&value] { return value ? "true" : "false"; }), take_([&value](bool given) { value = given; }) {}
  /// Nothing if it is not given.
  explicit Boolean(std::optional<bool>& value)
      : show_([&value] { return !value   ? ""
                                : *value ? "true"
                                         : "false"; }),
        take_([&value](bool given) { value = given; }) {}
  Shape shape() const override { return Shape::boolean; }
  std::string type() const override { return "bool"; }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return show_(); }

 private:
  std::function<const char*()> show_;
  std::function<void(bool)> take_;
};

/// A whole number from `least` to `most`.
class Number final : public Slot {
 public:
  static constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

  explicit Number(std::uint64_t& value, std::uint64_t least = 0, std::uint64_t most = kMost)
      : show_([&value] { return std::to_string(value); }),
        take_([&value](std::uint64_t number) { value = number; }),
        least_(least),
        most_(most) {}
  Number(unsigned& value, std::uint64_t least, std::uint64_t most)
      : show_([&value] { return std::to_string(value); }),
        take_([&value](std::uint64_t number) { value = static_cast<unsigned>(number); }),
        least_(least),
        most_(most) {}
  /// Nothing if it is not given.
  explicit Number(std::optional<std::uint64_t>& value)
      : show_([&value] { return value ? std::to_string(*value) : std::string(); }),
        take_([&value](std::uint64_t number) { value = number; }) {}
  Shape shape() const override { return Shape::number; }
  std::string type() const override;
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return show_(); }

 private:
  std::function<std::string()> show_;
  std::function<void(std::uint64_t)> take_;
  std::uint64_t least_ = 0;
  std::uint64_t most_ = kMost;
};

class Duration final : public Slot {
 public:
  static constexpr milliseconds kLongest = std::chrono::hours(24 * 366);

  explicit Duration(milliseconds& value, milliseconds least = milliseconds(0), milliseconds most = kLongest)
      : show_([&value] { return toml_text(config::show(value)); }),
        take_([&value](milliseconds given) { value = given; }),
        least_(least),
        most_(most) {}
  /// Nothing if it is not given.
  Duration(std::optional<milliseconds>& value, milliseconds least, milliseconds most)
      : show_([&value] { return value ? toml_text(config::show(*value)) : std::string(); }),
        take_([&value](milliseconds given) { value = given; }),
        least_(least),
        most_(most) {}
  Shape shape() const override { return Shape::text; }
  std::string type() const override { return most_ == kLongest ? "duration" : "duration up to " + config::show(most_); }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return show_(); }

 private:
  std::function<std::string()> show_;
  std::function<void(milliseconds)> take_;
  milliseconds least_;
  milliseconds most_;
};

/// A duration, or `"never"`, which is nothing.
class DurationOrNever final : public Slot {
 public:
  explicit DurationOrNever(std::optional<milliseconds>& value) : value_(value) {}
  Shape shape() const override { return Shape::text; }
  std::string type() const override { return "duration or `\"never\"`"; }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return toml_text(value_ ? config::show(*value_) : "never"); }

 private:
  std::optional<milliseconds>& value_;
};

class Size final : public Slot {
 public:
  explicit Size(ByteSize& value, ByteSize least = {}, ByteSize most = {std::uint64_t{1} << 40})
      : value_(value), least_(least), most_(most) {}
  Shape shape() const override { return Shape::text; }
  std::string type() const override { return "size"; }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return toml_text(config::show(value_)); }

 private:
  ByteSize& value_;
  ByteSize least_;
  ByteSize most_;
};

/// Of the unit that the value has by default.
class RateSlot final : public Slot {
 public:
  explicit RateSlot(Rate& value) : value_(value) {}
  Shape shape() const override { return Shape::text; }
  std::string type() const override { return "rate"; }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return toml_text(config::show(value_)); }

 private:
  Rate& value_;
};

/// One of a few names.
template <class Enum>
class Choice final : public Slot {
 public:
  using Names = std::vector<std::pair<std::string_view, Enum>>;

  Choice(Enum& value, Names names)
      : get_([&value] { return std::optional(value); }),
        take_([&value](Enum chosen) { value = chosen; }),
        names_(std::move(names)) {}
  /// Nothing if it is not given.
  Choice(std::optional<Enum>& value, Names names)
      : get_([&value] { return value; }), take_([&value](Enum chosen) { value = chosen; }), names_(std::move(names)) {}
  Shape shape() const override { return Shape::text; }
  std::string type() const override { return listed(); }
  Wrongs read(const Value& value, const Path&) override {
    const auto* text = std::get_if<std::string>(&value);
    for (const auto& [name, chosen] : names_) {
      if (text != nullptr && *text == name) {
        take_(chosen);
        return {};
      }
    }
    return {"is " + (text != nullptr ? '`' + *text + '`' : kind_of(value)) + "; give " + listed()};
  }
  std::string show() const override {
    for (const auto& [name, chosen] : names_) {
      if (get_() == chosen) return toml_text(name);
    }
    return {};
  }

 private:
  std::string listed() const {
    std::string all;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      all += (i == 0 ? "" : i + 1 == names_.size() ? " or " : ", ") + toml_text(names_[i].first);
    }
    return all;
  }

  std::function<std::optional<Enum>()> get_;
  std::function<void(Enum)> take_;
  Names names_;
};

/// A text that is not empty.
class Text final : public Slot {
 public:
  explicit Text(std::string& value, CheckText check = {}, std::string type = "text")
      : show_([&value] { return value.empty() ? std::string() : toml_text(value); }),
        take_([&value](std::string text) { value = std::move(text); }),
        check_(std::move(check)),
        type_(std::move(type)) {}
  /// Nothing if it is not given.
  explicit Text(std::optional<std::string>& value, CheckText check = {}, std::string type = "text")
      : show_([&value] { return value ? toml_text(*value) : std::string(); }),
        take_([&value](std::string text) { value = std::move(text); }),
        check_(std::move(check)),
        type_(std::move(type)) {}
  Shape shape() const override { return Shape::text; }
  std::string type() const override { return type_; }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return show_(); }

 private:
  std::function<std::string()> show_;
  std::function<void(std::string)> take_;
  CheckText check_;
  std::string type_;
};

/// The name of a file that this process can read, or of one to be written.
class File final : public Slot {
 public:
  enum class Use : std::uint8_t { read, write };

  explicit File(Path& value, Use use = Use::read)
      : get_([&value] { return value; }), take_([&value](Path path) { value = std::move(path); }), use_(use) {}
  /// Nothing if it is not given.
  explicit File(std::optional<Path>& value, Use use = Use::read)
      : get_([&value] { return value.value_or(Path()); }),
        take_([&value](Path path) { value = std::move(path); }),
        use_(use) {}
  Shape shape() const override { return Shape::text; }
  std::string type() const override { return "file"; }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return get_().empty() ? std::string() : toml_text(get_().string()); }

 private:
  std::function<Path()> get_;
  std::function<void(Path)> take_;
  Use use_;
};

/// A list of texts, none of which is empty; where `one` is set, a single text as well.
class Texts final : public Slot {
 public:
  enum class Single : std::uint8_t { no, yes };

  explicit Texts(std::vector<std::string>& value, CheckText check = {}, Single single = Single::no)
      : show_([&value, single] { return show_list(value, single); }),
        take_([&value](std::vector<std::string> texts) { value = std::move(texts); }),
        check_(std::move(check)),
        single_(single) {}
  /// Nothing if it is not given.
  explicit Texts(std::optional<std::vector<std::string>>& value, CheckText check = {}, Single single = Single::no)
      : show_([&value, single] { return value ? show_list(*value, single) : std::string(); }),
        take_([&value](std::vector<std::string> texts) { value = std::move(texts); }),
        check_(std::move(check)),
        single_(single) {}
  Shape shape() const override { return single_ == Single::yes ? Shape::text_or_texts : Shape::texts; }
  std::string type() const override { return single_ == Single::yes ? "text or list" : "list"; }
  Wrongs read(const Value& value, const Path& folder) override;
  std::string show() const override { return show_(); }

 private:
  static std::string show_list(const std::vector<std::string>& texts, Single single);

  std::function<std::string()> show_;
  std::function<void(std::vector<std::string>)> take_;
  CheckText check_;
  Single single_;
};

}  // namespace hearth::config
