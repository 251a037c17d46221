#include "api/cluster.hpp"

#include "api/answer.hpp"
#include "api/client_json.hpp"
#include "api/desk.hpp"
#include "config/times.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

/// A question under way.
struct Asked {
  explicit Asked(const asio::any_io_executor& executor) : answered(executor) {}

  asio::steady_timer answered;
  std::optional<std::vector<NodeAnswer>> nodes{};
};

boost::json::object json_of(const NodeAnswer& answer) {
  boost::json::object node{{"name", answer.name}, {"id", answer.id}, {"answered", answer.answered}};
  if (!answer.answered) return node;
  node["version"] = answer.node.version;
  node["startedAt"] = config::show_time(answer.node.started_at);
  node["time"] = config::show_time_exactly(answer.node.time);
  node["clients"] = answer.node.clients;
  node["connections"] = answer.node.connections;
  node["broker"] = word_of(answer.node.broker_state);
  node["draining"] = answer.node.draining;
  if (!answer.is_whole) node["whole"] = false;
  return node;
}

}  // namespace

asio::awaitable<std::vector<NodeAnswer>> ask_all(ApiDesk& desk, ClusterQuestion question) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto asked = std::make_shared<Asked>(executor);
  // Nobody answers if this instance ends first.
  asked->answered.expires_after(2 * kClusterPatience);
  desk.server.ask_cluster(question, kClusterPatience, [asked, executor](std::vector<NodeAnswer> nodes) {
    asio::post(executor, [asked, nodes = std::move(nodes)]() mutable {
      asked->nodes = std::move(nodes);
      asked->answered.cancel();
    });
  });
  boost::system::error_code ignored;
  co_await asked->answered.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!asked->nodes) throw ApiProblem{503, "shutting_down", "this instance ends, and asks nobody any more", {}};
  co_return *std::move(asked->nodes);
}

boost::json::array json_of_nodes(const std::vector<NodeAnswer>& answers) {
  boost::json::array nodes;
  for (const NodeAnswer& answer : answers) nodes.push_back(json_of(answer));
  return nodes;
}

boost::json::array clients_in(const std::vector<NodeAnswer>& answers, std::size_t most) {
  boost::json::array clients;
  for (const NodeAnswer& answer : answers) {
    for (const ClientSnapshot& client : answer.clients) {
      if (clients.size() == most) return clients;
      boost::json::object one = json_of(client);
      one["node"] = answer.name;
      clients.push_back(std::move(one));
    }
  }
  return clients;
}

std::string_view word_of(BrokerState state) {
  switch (state) {
    case BrokerState::ready:
      return "connected";
    case BrokerState::degraded:
      return "degraded";
    case BrokerState::stopped:
      break;
  }
  return "stopped";
}

}  // namespace hearth::app
