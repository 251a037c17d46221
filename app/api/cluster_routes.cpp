#include "api/block_body.hpp"
#include "api/client_json.hpp"
#include "api/cluster.hpp"
#include "api/handlers.hpp"
#include "hearth/query.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hearth::app::routes {

namespace {

using About = ClusterQuestion::About;

/// Those of all instances, each once: as a rule all know the same.
boost::json::array blocks_in(const std::vector<NodeAnswer>& answers) {
  boost::json::array blocks;
  std::set<std::pair<std::string, std::string>> seen;
  for (const NodeAnswer& answer : answers) {
    for (const Block& block : answer.blocks) {
      if (seen.emplace(block.user, block.token).second) blocks.push_back(json_of(block));
    }
  }
  return blocks;
}

std::string names_of_silent(const std::vector<NodeAnswer>& answers) {
  std::string names;
  for (const NodeAnswer& answer : answers) {
    if (!answer.answered) names += (names.empty() ? "" : ", ") + answer.name;
  }
  return names;
}

}  // namespace

Awaited cluster_client(ApiDesk& desk, std::string id) {
  const ClusterQuestion question{About::client, id};
  const auto answers = co_await ask_all(desk, question);
  boost::json::array found = clients_in(answers, 1);
  if (found.empty()) {
    const std::string silent = names_of_silent(answers);
    throw ApiProblem{404,
                     "no_such_client",
                     "no client of any instance has that id" +
                         (silent.empty() ? std::string() : "; there has been no answer from " + silent),
                     {}};
  }
  boost::json::object body = std::move(found.front().as_object());
  body["nodes"] = json_of_nodes(answers);
  co_return answer_of(200, body);
}

Awaited cluster_user(ApiDesk& desk, std::string id) {
  const ClusterQuestion question{About::user, id};
  const auto answers = co_await ask_all(desk, question);
  co_return answer_of(200,
                      {{"user", id}, {"clients", clients_in(answers, kMostListed)}, {"nodes", json_of_nodes(answers)}});
}

Awaited cluster_room(ApiDesk& desk, std::string room, std::size_t most) {
  const ClusterQuestion question{About::room, room};
  const auto answers = co_await ask_all(desk, question);
  std::uint64_t members = 0;
  for (const NodeAnswer& answer : answers) members += answer.members;
  co_return answer_of(200, {{"room", room},
                            {"members", members},
                            {"clients", clients_in(answers, most)},
                            {"nodes", json_of_nodes(answers)}});
}

Awaited cluster_blocks(ApiDesk& desk) {
  const ClusterQuestion question{About::blocks, {}};
  const auto answers = co_await ask_all(desk, question);
  co_return answer_of(200, {{"blocks", blocks_in(answers)}, {"nodes", json_of_nodes(answers)}});
}

boost::asio::awaitable<void> add_cluster(ApiDesk& desk, boost::json::object& body) {
  const ClusterQuestion question{About::node, {}};
  const auto answers = co_await ask_all(desk, question);
  std::uint64_t clients = 0;
  std::uint64_t connections = 0;
  for (const NodeAnswer& answer : answers) {
    clients += answer.node.clients;
    connections += answer.node.connections;
  }
  body["cluster"] = boost::json::object{{"clients", clients}, {"connections", connections}};
  body["nodes"] = json_of_nodes(answers);
}

}  // namespace hearth::app::routes
