#include "server/order_json.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace hearth::server {
namespace {

using shard::Order;
using testing::ElementsAre;
using Time = std::chrono::system_clock::time_point;

std::optional<Order> read(const std::string& text) { return read_order(JsonView::trusted(text)); }

TEST(OrderJson, WhatIsWrittenIsReadAgain) {
  Order order;
  order.op = Order::Op::disconnect;
  order.kind = Target::Kind::user;
  order.name = "ann \"é\"";
  order.code = 4010;
  order.reason = "Disconnected";
  order.except = {"a", "b"};
  const auto again = read(order_json(order));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->op, Order::Op::disconnect);
  EXPECT_EQ(again->whom(), Target::user("ann \"é\""));
  EXPECT_EQ(again->code, 4010);
  EXPECT_EQ(again->reason, "Disconnected");
  EXPECT_THAT(again->except, ElementsAre("a", "b"));
}

TEST(OrderJson, HasTheFormOfTheProtocol) {
  Order order;
  order.op = Order::Op::join;
  order.name = "id";
  order.rooms = {"tea"};
  EXPECT_EQ(order_json(order), R"({"op":"join","client":"id","rooms":["tea"]})");
  order.op = Order::Op::leave;
  order.kind = Target::Kind::user;
  EXPECT_EQ(order_json(order), R"({"op":"leave","user":"id","rooms":["tea"]})");
  order.op = Order::Op::block;
  order.block.token = "t1";
  order.block.until = Time(std::chrono::seconds(2'000'000'000));
  EXPECT_EQ(order_json(order), R"({"op":"block","token":"t1","until":2000000000})");
  order.block = {.user = "ann", .until = order.block.until, .issued_before = Time(std::chrono::seconds(1))};
  EXPECT_EQ(order_json(order), R"({"op":"block","user":"ann","until":2000000000,"issuedBefore":1})");
  order.op = Order::Op::unblock;
  order.block.issued_before.reset();
  EXPECT_EQ(order_json(order), R"({"op":"unblock","user":"ann"})");
}

TEST(OrderJson, ABlockIsReadAgain) {
  const auto order = read(R"({"serverId":"s","type":"control","op":"block","user":"ann","until":7,"issuedBefore":5})");
  ASSERT_TRUE(order);
  EXPECT_EQ(
      order->block,
      (Block{.user = "ann", .until = Time(std::chrono::seconds(7)), .issued_before = Time(std::chrono::seconds(5))}));
}

TEST(OrderJson, WhatIsNoOrderIsNothing) {
  for (const char* text :
       {"5", "[]", "{}", R"({"op":"dance"})", R"({"op":5})", R"({"op":"disconnect","user":"ann"})",
        R"({"op":"disconnect","user":"ann","code":1005})", R"({"op":"disconnect","user":"ann","code":70536})",
        R"({"op":"disconnect","user":"ann","code":-1})", R"({"op":"disconnect","code":4010})",
        R"({"op":"join","rooms":["tea"]})", R"({"op":"block","user":"ann"})", R"({"op":"block","until":7})",
        R"({"op":"block","user":"a","token":"b","until":7})", R"({"op":"block","user":"a","until":99999999999999})",
        R"({"op":"unblock"})", R"({"op":"join","user":"\ud800","rooms":[]})"}) {
    EXPECT_FALSE(read(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::server
