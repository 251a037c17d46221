#include "api/shard_probe.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace hearth::app {

ShardProbe::ShardProbe(const Server& server, boost::asio::any_io_executor executor)
    : server_(server), executor_(std::move(executor)) {}

ShardProbe::~ShardProbe() {
  if (thread_.joinable()) thread_.join();
}

boost::asio::awaitable<bool> ShardProbe::ask() {
  if (!question_) begin();
  const auto question = question_;
  boost::asio::steady_timer patience(executor_, kPatience);
  // Whoever asks later waits from then on; the answer ends the waits of all.
  while (!question->is_answered && patience.expiry() > std::chrono::steady_clock::now()) {
    boost::asio::steady_timer& answered = question->answered;
    if (answered.expiry() < patience.expiry()) answered.expires_at(patience.expiry());
    boost::system::error_code ignored;
    co_await answered.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
  co_return question->is_answered;
}

void ShardProbe::begin() {
  if (thread_.joinable()) thread_.join();  // it has posted its answer, so that it is at its end
  question_ = std::make_shared<Question>(executor_);
  thread_ = std::thread([this, question = question_] {
    server_.clients_of_user({});  // every shard is asked, and nobody found
    boost::asio::post(executor_, [this, question] {
      question->is_answered = true;
      question->answered.cancel();
      question_.reset();
    });
  });
}

}  // namespace hearth::app
