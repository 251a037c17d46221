#include "shard/publication.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace hearth::shard {
namespace {

std::string text_of(const Publication& publication, std::string_view room = {}) {
  std::string text;
  const PublicationText composed(publication, room);
  for (const std::string_view piece : composed.pieces()) text += piece;
  return text;
}

TEST(PublicationText, HasWhatThereIsInTheirOrder) {
  EXPECT_EQ(text_of({.event = "news"}), R"({"event":"news"})");
  EXPECT_EQ(text_of({.event = R"(a\"b)", .data = "[1]"}), R"({"event":"a\"b","data":[1]})");
  EXPECT_EQ(text_of({.event = "e", .from = R"({"id":"x"})"}), R"({"event":"e","from":{"id":"x"}})");
  EXPECT_EQ(text_of({.event = "e", .data = "1", .from = "{}"}, R"("tea")"),
            R"({"event":"e","data":1,"from":{},"room":"tea"})");
}

TEST(Delivery, OwnsWhatThePublicationSays) {
  protocol::ClientIdSource ids(0);
  std::shared_ptr<const Delivery> delivery;
  std::vector<protocol::ClientId> exclude{ids.next(), ids.next()};
  const auto expected = exclude;
  {
    std::string name("tea");
    std::string event("news");
    std::string data(1000, '1');
    std::string from(R"({"id":"x"})");
    std::string key("row");
    delivery = Delivery::of({Target::room(name), exclude, event, data, from, key});
    for (std::string* text : {&name, &event, &data, &from, &key}) text->assign(text->size(), '?');
    exclude.clear();
  }
  const Publication publication = delivery->publication();
  EXPECT_EQ(publication.target, Target::room("tea"));
  EXPECT_THAT(std::vector(publication.exclude.begin(), publication.exclude.end()), testing::ElementsAreArray(expected));
  EXPECT_EQ(publication.event, "news");
  EXPECT_EQ(publication.data, std::string(1000, '1'));
  EXPECT_EQ(publication.from, R"({"id":"x"})");
  EXPECT_EQ(publication.key, "row");
  EXPECT_GT(delivery->size(), 1000U);
  EXPECT_EQ(Delivery::of({.event = "e"})->publication().target, Target::everybody());
}

}  // namespace
}  // namespace hearth::shard
