#include "redis/resp.hpp"

#include <hiredis/hiredis.h>

#include <cstdlib>

namespace hearth::redis {

RespCommand::RespCommand(std::span<const std::string_view> arguments) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string_view argument : arguments) {
    texts.push_back(argument.data() != nullptr ? argument.data() : "");
    sizes.push_back(argument.size());
  }
  char* text = nullptr;
  const int size = redisFormatCommandArgv(&text, static_cast<int>(texts.size()), texts.data(), sizes.data());
  if (size < 0) throw Error("a command for Redis is too long");
  text_.reset(text);
  size_ = static_cast<std::size_t>(size);
}

void RespCommand::Free::operator()(char* text) const noexcept { std::free(text); }

std::string_view RespReply::text(std::size_t node) const noexcept {
  if (node >= nodes_.size()) return {};
  return std::string_view(text_).substr(nodes_[node].begin, nodes_[node].length);
}

/// What hiredis calls for the parts of a reply. It wants an object for each, and gets the reply itself.
struct RespReader::Functions {
  static void* add(const redisReadTask* task, RespReply::Type type, std::string_view text, std::int64_t integer) {
    auto* reply = static_cast<RespReply*>(task->privdata);
    if (task->parent == nullptr) {
      reply->nodes_.clear();
      reply->text_.clear();
    }
    reply->nodes_.push_back({type, reply->text_.size(), text.size(), integer});
    reply->text_ += text;
    return reply;
  }
  static void* string(const redisReadTask* task, char* text, std::size_t size) {
    const auto type = task->type == REDIS_REPLY_ERROR    ? RespReply::Type::error
                      : task->type == REDIS_REPLY_STATUS ? RespReply::Type::status
                                                         : RespReply::Type::string;
    return add(task, type, {text, size}, 0);
  }
  static void* array(const redisReadTask* task, int elements) {
    if (elements < 0 || static_cast<std::size_t>(elements) > kMaxElements) return nullptr;
    return add(task, RespReply::Type::array, {}, elements);
  }
  static void* integer(const redisReadTask* task, long long value) {
    return add(task, RespReply::Type::integer, {}, value);
  }
  static void* nil(const redisReadTask* task) { return add(task, RespReply::Type::nil, {}, 0); }
  static void free(void* /*reply*/) {}

  static redisReplyObjectFunctions table;
};

redisReplyObjectFunctions RespReader::Functions::table{string, array, integer, nil, free};

RespReader::RespReader() : reader_(redisReaderCreateWithFunctions(&Functions::table)) {
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = &reply_;
}

void RespReader::Free::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

void RespReader::feed(std::string_view bytes) {
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    throw Error(std::string("Redis sent what is no RESP: ") + reader_->errstr);
  }
}

bool RespReader::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
    throw Error(std::string("Redis sent what is no RESP: ") + reader_->errstr);
  }
  if (reply == nullptr && reader_->len - reader_->pos + reply_.text_.size() > kMaxReplySize) {
    throw Error("Redis sent a reply of more than 64 MiB");
  }
  return reply != nullptr;
}

}  // namespace hearth::redis
