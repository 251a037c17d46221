#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace hearth::redis {

/// Something went wrong between us and Redis; the text says what.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A command as it goes over the wire.
class RespCommand {
 public:
  RespCommand() = default;
  explicit RespCommand(std::span<const std::string_view> arguments);
  static RespCommand of(std::initializer_list<std::string_view> arguments) {
    return RespCommand({arguments.begin(), arguments.size()});
  }
  std::string_view bytes() const noexcept { return {text_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }

 private:
  struct Free {
    void operator()(char* text) const noexcept;
  };
  std::unique_ptr<char, Free> text_;
  std::size_t size_ = 0;
};

/// A reply, laid flat: an array is followed by its elements.
class RespReply {
 public:
  enum class Type : std::uint8_t { string, status, error, integer, nil, array };

  std::size_t size() const noexcept { return nodes_.size(); }
  /// The first node's type, which is the reply's.
  Type type() const noexcept { return nodes_.empty() ? Type::nil : nodes_.front().type; }
  bool is_error() const noexcept { return type() == Type::error; }
  bool is_array() const noexcept { return type() == Type::array; }
  bool is(std::size_t node, Type type) const noexcept { return node < size() && nodes_[node].type == type; }
  /// Of a string, status or error; empty for others and past the end.
  std::string_view text(std::size_t node = 0) const noexcept;
  /// Of an integer; an array's number of elements; 0 for others.
  std::int64_t integer(std::size_t node = 0) const noexcept { return node < size() ? nodes_[node].integer : 0; }

 private:
  friend class RespReader;
  struct Node {
    Type type;
    std::size_t begin;
    std::size_t length;
    std::int64_t integer;
  };
  std::vector<Node> nodes_;
  std::string text_;
};

/// Bytes in, replies out.
class RespReader {
 public:
  /// Longest reply that is taken, and so what may be held of an unfinished one.
  static constexpr std::size_t kMaxReplySize = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t kMaxElements = std::size_t{1} << 20;

  RespReader();

  /// Calls `use(const RespReply&)` for every reply that these bytes complete. Throws Error if they are no RESP.
  template <class Use>
  void read(std::string_view bytes, Use use) {
    while (!bytes.empty()) {
      // What hiredis has consumed it moves out of its buffer, so that long buffers are moved often.
      const std::size_t slice = std::min(bytes.size(), kSlice);
      feed(bytes.substr(0, slice));
      bytes.remove_prefix(slice);
      while (next()) use(static_cast<const RespReply&>(reply_));
    }
  }

 private:
  static constexpr std::size_t kSlice = 8192;

  struct Functions;
  struct Free {
    void operator()(redisReader* reader) const noexcept;
  };

  void feed(std::string_view bytes);
  bool next();

  RespReply reply_;
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace hearth::redis
