#pragma once

#include "shard/admission.hpp"
#include "shard/room_requests.hpp"
#include "unit/shard/recorder.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hearth::shard {

/// The parts of a shard, without loop and sockets: what they send is noted, time stands still, and coroutines run when
/// the test says.
class Parts : private Turns::Host, private Admission::Host, private RoomRequests::Host, private Throttle::Host {
 public:
  explicit Parts(Options options) : options_(std::make_shared<const Options>(with_executor(std::move(options)))) {
    plane_->start();
  }
  ~Parts() { plane_->stop(); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  /// A connection that is open.
  hub::Client& connect() {
    clients_.push_back(std::make_unique<OpenClient>(ids_.next()));
    hub.add(*clients_.back());
    return *clients_.back();
  }
  /// One that is authenticated, as a user unless the name is empty.
  hub::Client& client(std::string_view user = {}) {
    hub::Client& client = connect();
    if (!user.empty()) hub.assign_user(client, user);
    hub.admit(client);
    client.state = ClientState::authenticated;
    return client;
  }
  /// Lets coroutines go on, and what comes of them.
  void run() {
    context_.restart();
    context_.poll();
    while (mailbox_.run() > 0) {
    }
  }
  static protocol::Envelope envelope(std::string_view event, std::string_view data, std::string_view id_json = {}) {
    return {event, data, {}, id_json};
  }

  RecordingOutlet outlet;
  hub::Hub hub;
  std::vector<std::string> published;  ///< `room text`
  net::TimePoint time{std::chrono::hours(1)};

 private:
  class OpenClient : public hub::Client {
   public:
    explicit OpenClient(const protocol::ClientId& its_id) : hub::Client(its_id, {}) { open_for_test(); }
  };

  Options with_executor(Options options) {
    options.executor = context_.get_executor();
    return options;
  }

  // Turns::Host
  void handle(hub::Client&, std::string_view) override {}
  bool handle_departed(const protocol::ClientId&, const Departed&, std::string_view) override { return false; }
  void departed(const protocol::ClientId&, const Departed&) override {}
  void pause(hub::Client&) override {}
  void resume(hub::Client&) override {}
  bool takes_answers(hub::Client&) override { return true; }
  // Throttle::Host
  void hold_up(hub::Client&) override { outlet.sent.emplace_back("held up"); }
  void let_go(hub::Client&) override { outlet.sent.emplace_back("let go"); }
  // Admission::Host
  net::TimePoint now() const override { return time; }
  void begin_encryption(hub::Client&) override { outlet.sent.emplace_back("encrypted from here"); }
  void admitted(hub::Client&) override { outlet.sent.emplace_back("admitted"); }
  // RoomRequests::Host
  void publish(const Publication& publication, std::string_view event) override {
    std::string text(publication.target.name);
    text.append(" ").append(event).append(" ");
    const PublicationText composed(publication);
    for (const std::string_view piece : composed.pieces()) text += piece;
    if (!publication.exclude.empty()) text += " not to the sender";
    published.push_back(std::move(text));
  }

  boost::asio::io_context context_;
  const std::shared_ptr<const Options> options_;
  const std::shared_ptr<ControlPlane> plane_ = std::make_shared<ControlPlane>(options_, log::Log());
  TestMailbox mailbox_;
  protocol::ClientIdSource ids_{0};
  Subscriptions subscriptions_{nullptr, mailbox_.mailbox};
  HandlerCalls calls_{plane_, mailbox_.mailbox, [](const protocol::ClientId&) {}};
  crypto::MessageCipher cipher_;
  std::vector<std::unique_ptr<OpenClient>> clients_;

 public:
  Answers answers{outlet};
  Turns turns{hub, *this};
  Timeouts timeouts{*options_, outlet, net::TimePoint()};
  Blocks blocks;
  LimitHits hits{log::Log()};
  Doorkeeper door{options_->limits, hits};
  Entrance entrance{door, *options_};
  Throttle throttle{options_->limits, hits, hub, outlet, *this};
  Expiries expiries{options_->expiry_grace, hub, answers, outlet, 1};
  Handshakes handshakes{plane_, mailbox_.mailbox, hub, calls_, cipher_};
  Admission admission{*options_,
                      log::Log(),
                      {hub, calls_, handshakes, subscriptions_, timeouts, expiries, blocks, entrance, throttle, answers,
                       outlet, *this}};
  RoomRequests rooms{*options_, log::Log(), {hub, calls_, turns, subscriptions_, answers, hits, *this}};
};

}  // namespace hearth::shard
