#include "api/openapi.hpp"

#include <string_view>

namespace hearth::app {

namespace {

// A member that a route takes stands here, too: tests/integration/api_openapi_test.cpp compares them.
constexpr std::string_view kSchemas = R"json({
"Empty": {"type": "object"},
"Nothing": {"type": "object", "additionalProperties": false},
"Document": {"type": "object", "description": "OpenAPI 3.1"},
"Metrics": {"type": "string", "description": "The text format 0.0.4 of Prometheus"},
"Problem": {"type": "object", "required": ["status", "code", "detail"], "properties": {
  "status": {"type": "integer"},
  "code": {"type": "string", "description": "A word for programs"},
  "detail": {"type": "string", "description": "A sentence for people"},
  "pointer": {"type": "string", "description": "JSON pointer of the member that is wrong"},
  "problems": {"type": "array", "items": {"type": "string"}, "description": "Of a configuration that is wrong"}}},
"Done": {"type": "object", "properties": {
  "broker": {"enum": ["degraded", "unable"],
    "description": "Why other instances have not been told: Redis is away, and they will be; Redis forbids it"},
  "repeated": {"const": true, "description": "It was done already, by a request with this idempotencyKey"},
  "positions": {"type": "object", "description": "Where rooms that remember keep it, by their names",
    "additionalProperties": {"type": "object", "required": ["epoch", "offset"], "properties": {
      "epoch": {"type": "string"},
      "offset": {"type": "integer"}}}}}},
"Health": {"type": "object", "required": ["healthy"], "properties": {"healthy": {"type": "boolean"}}},
"Readiness": {"type": "object", "required": ["ready", "checks"], "properties": {
  "ready": {"type": "boolean"},
  "checks": {"type": "object", "additionalProperties": {"type": "string"}}}},
"Draining": {"type": "object", "required": ["draining"], "properties": {"draining": {"const": true}}},
"Reloaded": {"type": "object", "required": ["changed"], "properties": {
  "changed": {"type": "array", "items": {"type": "string"}, "description": "Keys that have other values now"}}},
"Names": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "string", "minLength": 1}},
"ClientIds": {"type": "array", "maxItems": 1000, "items": {"type": "string", "minLength": 1}},
"Time": {"type": "string", "description": "In UTC: 2026-11-25T18:00:00Z"},
"Publish": {"type": "object", "required": ["event"], "additionalProperties": false,
  "description": "Exactly one of room, rooms, user, users, client and all says whom it is for",
  "properties": {
    "room": {"type": "string", "minLength": 1, "maxLength": 256},
    "rooms": {"$ref": "#/components/schemas/Names"},
    "user": {"type": "string", "minLength": 1},
    "users": {"$ref": "#/components/schemas/Names"},
    "client": {"type": "string", "minLength": 1},
    "all": {"const": true},
    "event": {"type": "string", "minLength": 1},
    "data": {"description": "Any JSON, which goes out byte for byte"},
    "exclude": {"$ref": "#/components/schemas/ClientIds"},
    "key": {"type": "string", "minLength": 1, "maxLength": 128,
      "description": "Of several with the same key, slow clients of a room with slow_consumer = latest get the newest"},
    "idempotencyKey": {"type": "string", "minLength": 1, "maxLength": 128,
      "description": "A second request with the same key within 5 minutes does nothing"}}},
"Disconnect": {"type": "object", "additionalProperties": false, "description": "Exactly one of client and user",
  "properties": {
    "client": {"type": "string", "minLength": 1},
    "user": {"type": "string", "minLength": 1},
    "code": {"type": "integer", "minimum": 1000, "maximum": 4999, "default": 4010},
    "reason": {"type": "string", "minLength": 1, "default": "Disconnected"},
    "except": {"$ref": "#/components/schemas/ClientIds"}}},
"Membership": {"type": "object", "required": ["rooms"], "additionalProperties": false,
  "description": "Exactly one of client and user",
  "properties": {
    "client": {"type": "string", "minLength": 1},
    "user": {"type": "string", "minLength": 1},
    "rooms": {"$ref": "#/components/schemas/Names"}}},
"Block": {"type": "object", "additionalProperties": false,
  "description": "Exactly one of user and token, and one of until and for",
  "properties": {
    "user": {"type": "string", "minLength": 1},
    "token": {"type": "string", "minLength": 1, "description": "The jti of a token"},
    "until": {"$ref": "#/components/schemas/Time"},
    "for": {"type": "string", "description": "A duration: 30m, 12h, 7d"},
    "issuedBefore": {"$ref": "#/components/schemas/Time"}}},
"Unblock": {"type": "object", "additionalProperties": false, "description": "Exactly one of user and token",
  "properties": {
    "user": {"type": "string", "minLength": 1},
    "token": {"type": "string", "minLength": 1}}},
"Batch": {"type": "object", "required": ["requests"], "additionalProperties": false, "properties": {
  "requests": {"type": "array", "maxItems": 1000, "items": {"$ref": "#/components/schemas/BatchRequest"}}}},
"BatchRequest": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
  "properties": {
    "publish": {"$ref": "#/components/schemas/Publish"},
    "disconnect": {"$ref": "#/components/schemas/Disconnect"},
    "join": {"$ref": "#/components/schemas/Membership"},
    "leave": {"$ref": "#/components/schemas/Membership"},
    "block": {"$ref": "#/components/schemas/Block"},
    "unblock": {"$ref": "#/components/schemas/Unblock"}}},
"BatchResults": {"type": "object", "required": ["results"], "properties": {
  "results": {"type": "array", "items": {"type": "object", "required": ["status"],
    "properties": {"status": {"type": "integer"}},
    "description": "What each would have been answered, with its status; in order"}}}},
"Blocks": {"type": "object", "required": ["blocks"], "properties": {
  "blocks": {"type": "array", "items": {"type": "object", "required": ["until"], "properties": {
    "user": {"type": "string"},
    "token": {"type": "string"},
    "until": {"$ref": "#/components/schemas/Time"},
    "issuedBefore": {"$ref": "#/components/schemas/Time"}}}},
  "nodes": {"$ref": "#/components/schemas/Nodes"}}},
"Client": {"type": "object", "required": ["id", "state"], "properties": {
  "id": {"type": "string"},
  "node": {"type": "string", "description": "With scope=cluster: the name of its instance"},
  "user": {"type": "string"},
  "state": {"enum": ["unauthorized", "authenticating", "authenticated"]},
  "address": {"type": "string"},
  "connectedAt": {"$ref": "#/components/schemas/Time"},
  "lastActivityAt": {"$ref": "#/components/schemas/Time"},
  "expiresAt": {"$ref": "#/components/schemas/Time"},
  "rooms": {"type": "array", "items": {"type": "string"}, "description": "In lists the first 100 alone"},
  "roomCount": {"type": "integer"},
  "backlogBytes": {"type": "integer"},
  "messagesDropped": {"type": "integer"},
  "backpressured": {"type": "boolean"},
  "encrypted": {"type": "boolean"},
  "metadata": {"description": "What the token or the backend has said of it"},
  "nodes": {"$ref": "#/components/schemas/Nodes"}}},
"Clients": {"type": "object", "required": ["clients"], "properties": {
  "clients": {"type": "array", "items": {"$ref": "#/components/schemas/Client"}},
  "next": {"type": "string", "description": "There is another page after this"}}},
"User": {"type": "object", "required": ["user", "clients"], "properties": {
  "user": {"type": "string"},
  "clients": {"type": "array", "items": {"$ref": "#/components/schemas/Client"}},
  "nodes": {"$ref": "#/components/schemas/Nodes"}}},
"Rooms": {"type": "object", "required": ["rooms"], "properties": {
  "rooms": {"type": "array", "items": {"type": "object", "required": ["room", "members"], "properties": {
    "room": {"type": "string"},
    "members": {"type": "integer"},
    "rule": {"$ref": "#/components/schemas/Rule"}}}},
  "next": {"type": "string"}}},
"Rule": {"type": "object", "required": ["number", "name", "presence"],
  "description": "What a room is, by the rule that says so; left out where none does", "properties": {
    "number": {"type": "integer", "description": "Of the rule, from 1"},
    "name": {"type": "string"},
    "presence": {"enum": ["off", "count", "members"]},
    "history": {"type": "object", "description": "If it remembers", "properties": {
      "size": {"type": "integer", "description": "Publications that are kept"},
      "ttlSeconds": {"type": "number"},
      "recover": {"type": "boolean", "description": "Whether clients may come back to where they were"}}},
    "slowConsumer": {"enum": ["close", "drop", "gap", "latest", "catch_up"],
      "description": "Left out: drop, as in every room"}}},
"Room": {"type": "object", "required": ["room", "members", "clients"], "properties": {
  "room": {"type": "string"},
  "members": {"type": "integer"},
  "rule": {"$ref": "#/components/schemas/Rule"},
  "clients": {"type": "array", "items": {"$ref": "#/components/schemas/Client"}},
  "next": {"type": "string"},
  "nodes": {"$ref": "#/components/schemas/Nodes"}}},
"History": {"type": "object", "required": ["room", "epoch", "offset", "first", "publications"], "properties": {
  "room": {"type": "string"},
  "epoch": {"type": "string", "description": "Of the newest"},
  "offset": {"type": "integer", "description": "Of the newest"},
  "first": {"type": "integer", "description": "Offset of the oldest that is kept; offset + 1 if none is"},
  "publications": {"type": "array", "items": {"type": "object", "required": ["offset", "epoch", "time", "event"],
    "properties": {
      "offset": {"type": "integer"},
      "epoch": {"type": "string"},
      "time": {"type": "string"},
      "event": {"type": "string"},
      "data": {},
      "from": {"type": "object", "description": "The client that published it, if one did"},
      "key": {"type": "string"}}}}}},
"Presence": {"type": "object", "required": ["room", "version", "clients", "users"], "properties": {
  "room": {"type": "string"},
  "version": {"type": "integer", "description": "One higher with each change that this instance has told of"},
  "clients": {"type": "integer"},
  "users": {"type": "integer"},
  "members": {"type": "array", "description": "In the order of their ids; left out where only numbers are told",
    "items": {"type": "object", "required": ["id"], "properties": {
      "id": {"type": "string"},
      "user": {"type": "string"},
      "info": {"description": "What others are to see of it"}}}},
  "next": {"type": "string", "description": "There is another page after this"},
  "stale": {"const": true, "description": "This instance is cut off from the others, and says what it last knew"}}},
"Nodes": {"type": "array", "description": "With scope=cluster: this instance, and the others that are known",
  "items": {"type": "object", "required": ["name", "id", "answered"], "properties": {
    "name": {"type": "string"},
    "id": {"type": "string"},
    "answered": {"type": "boolean"},
    "version": {"type": "string"},
    "startedAt": {"$ref": "#/components/schemas/Time"},
    "time": {"type": "string", "description": "By its own clock: 2026-11-25T18:00:00.000Z"},
    "clients": {"type": "integer"},
    "connections": {"type": "integer"},
    "broker": {"$ref": "#/components/schemas/BrokerWord"},
    "draining": {"type": "boolean"},
    "whole": {"const": false, "description": "There is more than fits into its answer"}}}},
"BrokerWord": {"enum": ["connected", "degraded", "stopped"]},
"EventQueue": {"type": "object", "properties": {
  "depth": {"type": "integer", "description": "Events that wait or are under way"},
  "bytes": {"type": "integer"},
  "oldestSeconds": {"type": "number"},
  "sent": {"type": "integer"},
  "dropped": {"type": "integer"},
  "retries": {"type": "integer", "description": "How often a batch was not taken"},
  "failing": {"type": "boolean", "description": "The batch under way has not been taken"},
  "lastError": {"type": ["string", "null"]},
  "lastErrorAt": {"$ref": "#/components/schemas/Time"}}},
"Top": {"type": "object", "required": ["by", "top"], "properties": {
  "by": {"type": "string"},
  "top": {"type": "array", "items": {"type": "object", "required": ["value"], "properties": {
    "room": {"type": "string"},
    "client": {"type": "string"},
    "rule": {"$ref": "#/components/schemas/Rule"},
    "value": {"type": "number"},
    "error": {"type": "number", "description": "How much of the value may be another's"}}}}}},
"Spread": {"type": ["object", "null"], "description": "Times in seconds; null if nothing happened",
  "properties": {"p50": {"type": "number"}, "p99": {"type": "number"}}},
"Sample": {"type": "object", "required": ["time"], "description": "Counters are totals since the start",
  "properties": {
    "time": {"type": "string", "description": "In UTC: 2026-11-25T18:00:00.000Z"},
    "connections": {"type": "integer"},
    "clients": {"type": "integer"},
    "users": {"type": "integer"},
    "rooms": {"type": "integer"},
    "messagesIn": {"type": "integer"},
    "messagesOut": {"type": "integer"},
    "bytesIn": {"type": "integer"},
    "bytesOut": {"type": "integer"},
    "drops": {"type": "object", "additionalProperties": {"type": "integer"}, "description": "Messages, by reason"},
    "tick": {"$ref": "#/components/schemas/Spread"},
    "broker": {"$ref": "#/components/schemas/BrokerWord"},
    "roundTrip": {"$ref": "#/components/schemas/Spread"},
    "draining": {"type": "boolean"},
    "warnings": {"type": "array", "items": {"type": "object", "required": ["code", "detail"], "properties": {
      "code": {"type": "string"},
      "detail": {"type": "string"}}}}}},
"Samples": {"type": "object", "required": ["interval", "samples"], "properties": {
  "interval": {"type": "integer", "description": "Seconds between two"},
  "samples": {"type": "array", "maxItems": 300, "items": {"$ref": "#/components/schemas/Sample"},
    "description": "The oldest first"}}},
"Stream": {"type": "string", "description": "Server-sent events; the data of each is JSON"},
"SignIn": {"type": "object", "required": ["key"], "additionalProperties": false, "properties": {
  "key": {"type": "string", "minLength": 1, "description": "One of [[api.keys]]"}}},
"Session": {"type": "object", "required": ["keys"], "properties": {
  "keys": {"type": "boolean", "description": "False: there are no [[api.keys]], and nobody has to sign in"},
  "signedIn": {"type": "boolean"},
  "name": {"type": "string", "description": "Of the key"},
  "allow": {"type": "array", "items": {"enum": ["publish", "control", "read"]}},
  "rooms": {"type": "array", "items": {"type": "string"}, "description": "Patterns; left out: all"},
  "expiresAt": {"$ref": "#/components/schemas/Time"}}},
"Values": {"type": "object", "required": ["values"], "properties": {
  "file": {"type": "string"},
  "values": {"type": "array", "items": {"type": "object", "required": ["key", "value"], "properties": {
    "key": {"type": "string", "description": "limits.messages, auth.jwt[0].secret"},
    "value": {"description": "As in TOML; *** for a secret, null if there is none"},
    "instead": {"type": "string", "description": "What holds where there is none"},
    "source": {"type": "string", "description": "default, file F:LINE:COLUMN, environment NAME, command line FLAG"},
    "secret": {"const": true}}}}}},
"RuleQuestion": {"type": "object", "required": ["room", "action"], "additionalProperties": false, "properties": {
  "user": {"type": "string", "minLength": 1},
  "claims": {"type": "object", "description": "Of the token, with what it grants"},
  "room": {"type": "string", "minLength": 1, "maxLength": 256},
  "action": {"enum": ["join", "publish"]},
  "event": {"type": "string", "minLength": 1, "default": "message", "description": "That is published"},
  "member": {"type": "boolean", "default": false, "description": "Whether it is in the room"}}},
"RuleAnswer": {"type": "object", "required": ["allowed", "outcome", "rule", "detail", "rules"], "properties": {
  "allowed": {"type": "boolean"},
  "outcome": {"enum": ["allowed", "refused", "ask"], "description": "ask: the backend decides"},
  "rule": {"type": ["integer", "null"], "description": "The one that decides, from 1; null if none matches"},
  "pattern": {"type": "string"},
  "code": {"type": "integer", "description": "Of a refusal, as the client sees it"},
  "detail": {"type": "string"},
  "rules": {"type": "array", "description": "Those looked at, in order", "items": {"type": "object", "properties": {
    "rule": {"type": "integer"},
    "name": {"type": "string"},
    "matches": {"type": "boolean"},
    "detail": {"type": "string"},
    "conditions": {"type": "array", "items": {"type": "object", "properties": {
      "condition": {"type": "string"},
      "outcome": {"enum": ["holds", "fails", "asks"]},
      "detail": {"type": "string"}}}}}}}}},
"Instance": {"type": "object", "required": ["name", "version"], "properties": {
  "name": {"type": "string"},
  "version": {"type": "string"},
  "connections": {"type": "integer"},
  "clients": {"type": "integer"},
  "messagesReceived": {"type": "integer"},
  "messagesSent": {"type": "integer"},
  "messagesDropped": {"type": "integer"},
  "startedAt": {"$ref": "#/components/schemas/Time"},
  "draining": {"type": "boolean"},
  "broker": {"$ref": "#/components/schemas/BrokerWord"},
  "events": {"type": "object", "description": "If there are [events]: webhook or stream",
    "additionalProperties": {"$ref": "#/components/schemas/EventQueue"}},
  "cluster": {"type": "object", "description": "All instances together, with scope=cluster", "properties": {
    "clients": {"type": "integer"},
    "connections": {"type": "integer"}}},
  "nodes": {"$ref": "#/components/schemas/Nodes"}}}
})json";

}  // namespace

std::string_view openapi_schemas() noexcept { return kSchemas; }

}  // namespace hearth::app
