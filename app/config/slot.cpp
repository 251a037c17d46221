#include "config/slot.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace hearth::config {

namespace {

constexpr std::string_view kDurationForm = R"(give a whole number and ms, s, m, h or d, such as "30s")";
constexpr std::string_view kSizeForm = R"(give a whole number and B, KiB, MiB or GiB, such as "64KiB")";

std::string is_text(const std::string& text) { return "is the text `" + text + "`"; }

/// The text, also of the number 0, which needs no unit.
std::optional<std::string> text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr && *number == 0 ? std::optional<std::string>("0") : std::nullopt;
}

/// `value` is none of what it should be, which `form` tells.
std::string not_a(std::string_view what, const Value& value, std::string_view form) {
  if (const auto* text = std::get_if<std::string>(&value)) return fmt::format("is `{}`, no {}; {}", *text, what, form);
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return fmt::format("is {} without a unit; {}", *number, form);
  return fmt::format("is {}, no {}; {}", kind_of(value), what, form);
}

std::string out_of_range(const std::string& value, const std::string& least, const std::string& most) {
  return "is " + value + "; it goes from " + least + " to " + most;
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string kind_of(const Value& value) {
  struct Kind {
    std::string operator()(bool yes) const { return yes ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return "the number " + std::to_string(number); }
    std::string operator()(double number) const { return fmt::format("the number {}", number); }
    std::string operator()(const std::string&) const { return "a text"; }
    std::string operator()(const std::vector<std::string>&) const { return "a list"; }
    std::string operator()(const Unfit& unfit) const { return unfit.what; }
  };
  return std::visit(Kind(), value);
}

Wrongs Boolean::read(const Value& value, const Path&) {
  const auto* yes = std::get_if<bool>(&value);
  if (yes == nullptr) {
    const auto* text = std::get_if<std::string>(&value);
    return {(text != nullptr ? is_text(*text) : "is " + kind_of(value)) +
            "; give true or false, without quotation marks"};
  }
  take_(*yes);
  return {};
}

std::string Number::type() const {
  if (most_ != kMost) return "number from " + std::to_string(least_) + " to " + std::to_string(most_);
  return least_ == 0 ? "number" : "number from " + std::to_string(least_) + " up";
}

Wrongs Number::read(const Value& value, const Path&) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) {
    const auto* text = std::get_if<std::string>(&value);
    return {(text != nullptr ? is_text(*text) : "is " + kind_of(value)) +
            "; give a whole number, without quotation marks"};
  }
  const bool in_range =
      *number >= 0 && static_cast<std::uint64_t>(*number) >= least_ && static_cast<std::uint64_t>(*number) <= most_;
  if (!in_range && most_ == kMost) return {fmt::format("is {}; it has to be {} or more", *number, least_)};
  if (!in_range) return {out_of_range(std::to_string(*number), std::to_string(least_), std::to_string(most_))};
  take_(static_cast<std::uint64_t>(*number));
  return {};
}

Wrongs Duration::read(const Value& value, const Path&) {
  const auto text = text_of(value);
  const auto duration = text ? parse_duration(*text) : std::nullopt;
  if (!duration) return {not_a("duration", value, kDurationForm)};
  if (*duration < least_ || *duration > most_) {
    return {out_of_range(*text, config::show(least_), config::show(most_))};
  }
  take_(*duration);
  return {};
}

Wrongs DurationOrNever::read(const Value& value, const Path& folder) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && *text == "never") {
    value_.reset();
    return {};
  }
  milliseconds duration{};
  for (const std::string& wrong : Duration(duration).read(value, folder)) return {wrong + R"(, or "never")"};
  value_ = duration;
  return {};
}

Wrongs Size::read(const Value& value, const Path&) {
  const auto text = text_of(value);
  const auto size = text ? parse_size(*text) : std::nullopt;
  if (!size) return {not_a("size", value, kSizeForm)};
  if (size->bytes < least_.bytes || size->bytes > most_.bytes) {
    return {out_of_range(*text, config::show(least_), config::show(most_))};
  }
  value_ = *size;
  return {};
}

Wrongs RateSlot::read(const Value& value, const Path&) {
  const auto text = text_of(value);
  const auto rate = text ? parse_rate(*text, value_.unit) : std::nullopt;
  if (!rate) {
    const bool of_bytes = value_.unit == Rate::Unit::bytes;
    return {not_a("rate", value,
                  of_bytes ? R"(give a size and /s, /min or /h, such as "256KiB/s" or "256KiB/s burst 2MiB")"
                           : R"(give a whole number and /s, /min or /h, such as "50/s" or "50/s burst 200")")};
  }
  value_ = *rate;
  return {};
}

Wrongs Text::read(const Value& value, const Path&) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return {"is " + kind_of(value) + "; give a text in quotation marks"};
  if (text->empty()) return {"is empty"};
  if (const Wrong wrong = check_ ? check_(*text) : std::nullopt) return {*wrong};
  take_(*text);
  return {};
}

Wrongs File::read(const Value& value, const Path& folder) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return {"is " + kind_of(value) + "; give the name of a file in quotation marks"};
  if (text->empty()) return {"is empty; give the name of a file"};
  Path path = folder / *text;
  if (use_ == Use::read) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return {"is `" + path.string() + "`, a directory; give a file"};
    if (::access(path.c_str(), R_OK) != 0) {
      return {"is `" + path.string() + "`, which cannot be read: " + std::generic_category().message(errno)};
    }
  }
  take_(std::move(path));
  return {};
}

Wrongs Texts::read(const Value& value, const Path&) {
  std::vector<std::string> texts;
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && single_ == Single::yes) {
    texts.push_back(*text);
  } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    texts = *list;
  } else {
    return {"is " + kind_of(value) + "; give a list of texts, such as [\"one\", \"two\"]" +
            (single_ == Single::yes ? ", or one text" : "")};
  }
  if (texts.empty() && single_ == Single::yes) return {"is an empty list; give one text at least"};
  Wrongs wrongs;
  for (const std::string& each : texts) {
    if (each.empty()) {
      wrongs.emplace_back(texts.size() > 1 ? "has an empty text in it" : "is empty");
    } else if (const Wrong wrong = check_ ? check_(each) : std::nullopt) {
      wrongs.push_back(*wrong);
    }
  }
  if (wrongs.empty()) take_(std::move(texts));
  return wrongs;
}

std::string Texts::show_list(const std::vector<std::string>& texts, Single single) {
  if (single == Single::yes && texts.size() == 1) return toml_text(texts.front());
  if (single == Single::yes && texts.empty()) return {};
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + toml_text(text);
  return out + ']';
}

}  // namespace hearth::config
