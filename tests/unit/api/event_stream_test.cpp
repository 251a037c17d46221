#include "api/event_stream.hpp"

#include "api/answer.hpp"

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hearth::app {
namespace {

namespace asio = boost::asio;

/// Reads a stream to its end.
asio::awaitable<void> read(std::shared_ptr<EventStream> stream, std::string& all) {
  for (std::string bytes = co_await stream->next(); !bytes.empty(); bytes = co_await stream->next()) all += bytes;
}

TEST(EventStream, HandsOverWhatIsSentInOrderAndItsEnd) {
  asio::io_context io;
  const auto stream = std::make_shared<EventStream>(io.get_executor());
  std::string all;
  asio::co_spawn(io, read(stream, all), asio::detached);
  std::thread feeder([&] {
    EXPECT_TRUE(stream->send("sample", R"({"n":1})"));
    EXPECT_TRUE(stream->send("sample", R"({"n":2})"));
    stream->end("enough");
  });
  io.run();
  feeder.join();
  EXPECT_EQ(all,
            "event: sample\ndata: {\"n\":1}\n\nevent: sample\ndata: {\"n\":2}\n\n"
            "event: ended\ndata: {\"detail\":\"enough\"}\n\n");
  EXPECT_FALSE(stream->send("sample", "{}")) << "it has ended";
}

TEST(EventStream, IsCutOffIfTooMuchWaits) {
  asio::io_context io;
  const auto stream = std::make_shared<EventStream>(io.get_executor());
  const std::string data(EventStream::kMostWaiting / 2, '1');
  EXPECT_TRUE(stream->send("large", data));
  EXPECT_FALSE(stream->send("large", data));
  EXPECT_TRUE(stream->is_over());
  std::string all;
  asio::co_spawn(io, read(stream, all), asio::detached);
  io.run();
  EXPECT_EQ(all, "") << "what waited is gone";
}

TEST(EventStream, LeavesOutWhatIsOfferedAndDoesNotFit) {
  asio::io_context io;
  const auto stream = std::make_shared<EventStream>(io.get_executor());
  const std::string data(EventStream::kMostWaiting, '1');
  EXPECT_TRUE(stream->offer("small", "1"));
  EXPECT_FALSE(stream->offer("large", data));
  EXPECT_TRUE(stream->offer("small", "2"));
  stream->end("enough");
  std::string all;
  asio::co_spawn(io, read(stream, all), asio::detached);
  io.run();
  EXPECT_EQ(all, "event: small\ndata: 1\n\nevent: small\ndata: 2\n\nevent: ended\ndata: {\"detail\":\"enough\"}\n\n");
}

TEST(EventStream, BeatsWhileSomebodyReads) {
  asio::io_context io;
  const auto stream = std::make_shared<EventStream>(io.get_executor());
  stream->set_beat([](EventStream& events) { events.end("a second is over"); });
  std::string all;
  asio::co_spawn(io, read(stream, all), asio::detached);
  io.run();
  EXPECT_EQ(all, "event: ended\ndata: {\"detail\":\"a second is over\"}\n\n");
}

TEST(EventStreams, AreBoundedAndForgottenWithTheirReader) {
  asio::io_context io;
  EventStreams streams(io.get_executor());
  std::vector<std::shared_ptr<EventStream>> open;
  for (std::size_t i = 0; i < EventStreams::kMost; ++i) open.push_back(streams.open());
  EXPECT_THROW(streams.open(), ApiProblem);
  open.pop_back();
  EXPECT_NO_THROW(open.push_back(streams.open()));
  EXPECT_EQ(streams.count(), EventStreams::kMost);
}

}  // namespace
}  // namespace hearth::app
