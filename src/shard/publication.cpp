#include "shard/publication.hpp"

namespace hearth::shard {

namespace {

// What ends the event's name.
constexpr std::string_view kNoData = R"(")";
constexpr std::string_view kData = R"(","data":)";

}  // namespace

PublicationText::PublicationText(const Publication& publication, std::string_view room) noexcept
    : pieces_{R"({"event":")", publication.event, publication.data.empty() ? kNoData : kData, publication.data} {
  if (!publication.from.empty()) {
    add(R"(,"from":)");
    add(publication.from);
  }
  if (!room.empty()) {
    add(R"(,"room":)");
    add(room);
  }
  add("}");
}

std::shared_ptr<const Delivery> Delivery::of(const Publication& publication) {
  auto delivery = std::make_shared<Delivery>();
  delivery->kind_ = publication.target.kind;
  delivery->exclude_.assign(publication.exclude.begin(), publication.exclude.end());
  const std::array parts{publication.target.name, publication.event, publication.data, publication.from};
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  delivery->text_.reserve(size);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    delivery->text_ += parts[i];
    delivery->ends_[i] = static_cast<std::uint32_t>(delivery->text_.size());
  }
  return delivery;
}

Publication Delivery::publication() const noexcept {
  const std::string_view text = text_;
  const auto part = [&](std::size_t i) {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return text.substr(begin, ends_[i] - begin);
  };
  return {{kind_, part(0)}, exclude_, part(1), part(2), part(3)};
}

}  // namespace hearth::shard
