#include "hearth/publication.hpp"

#include "protocol/json.hpp"

#include <algorithm>
#include <chrono>

namespace hearth {

namespace {

std::int64_t now_ms() {
  using std::chrono::milliseconds;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(since).count();
}

}  // namespace

StoredPublication::StoredPublication(const Publication& publication)
    : exclude_(publication.exclude.begin(), publication.exclude.end()),
      position_(publication.position),
      time_ms_(publication.time_ms != 0 ? publication.time_ms : now_ms()),
      data_size_(static_cast<std::uint32_t>(publication.data.text().size())),
      from_size_(static_cast<std::uint32_t>(publication.from.text().size())),
      room_size_(static_cast<std::uint32_t>(publication.room.size())),
      event_size_(static_cast<std::uint32_t>(publication.event.size())),
      key_size_(static_cast<std::uint32_t>(publication.key.size())) {
  constexpr std::size_t kKeysAndOffset = 80;
  text_.reserve(kKeysAndOffset + 2 * (publication.room.size() + publication.event.size()) + publication.key.size() +
                data_size_ + from_size_);
  text_ = R"({"event":)";
  protocol::append_quoted(text_, publication.event);
  event_json_size_ = static_cast<std::uint32_t>(text_.size() - kEventBegin);
  if (publication.data) text_ += R"(,"data":)";
  data_begin_ = text_.size();
  text_ += publication.data.text();
  if (publication.from) text_ += R"(,"from":)";
  text_ += publication.from.text();
  plain_size_ = text_.size();
  text_ += R"(,"room":)";
  protocol::append_quoted(text_, publication.room);
  text_.append(R"(,"offset":)").append(std::to_string(position_.offset)).append("}");
  text_size_ = text_.size();
  text_.append(publication.room).append(publication.event).append(publication.key);
}

bool StoredPublication::excludes(std::string_view client_id) const noexcept {
  return std::find(exclude_.begin(), exclude_.end(), client_id) != exclude_.end();
}

Publication StoredPublication::publication() const noexcept {
  return {room(), position_, event(), data(), from(), key(), exclude_, time_ms_};
}

}  // namespace hearth
