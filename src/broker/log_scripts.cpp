#include "broker/log_scripts.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace hearth::broker {

namespace {

template <std::size_t kOne, std::size_t kTwo>
constexpr std::array<char, kOne + kTwo - 2> joined(const char (&one)[kOne], const char (&two)[kTwo]) {
  std::array<char, kOne + kTwo - 2> all{};
  std::copy(one, one + kOne - 1, all.begin());
  std::copy(two, two + kTwo - 1, all.begin() + kOne - 1);
  return all;
}

// What both scripts know of branches.
constexpr char kBranches[] = R"lua(
local function is_branch(run, its)
  if its == '' or run == its then return false end
  if not run then return true end
  local process, since = string.match(run, '^(%S*) ?(%d*)$')
  local its_process, its_since = string.match(its, '^(%S*) ?(%d*)$')
  return process ~= its_process or tonumber('0' .. its_since) > tonumber('0' .. since)
end
local function lineage_with(lineage, epoch, first)
  local head, newest = string.match(lineage, '^(.+) ([^ ]+)$')
  if head and head ~= '' and string.match(newest, ':(%d+)$') == first then lineage = head end
  lineage = lineage .. ' ' .. epoch .. ':' .. first
  local _, count = string.gsub(lineage, ' ', '')
  if count > 8 then lineage = string.gsub(lineage, '^ [^ ]+', '') end
  return lineage
end
)lua";

// Numbers come and go as texts: what Lua writes of a number has 14 digits.
//
// The first thing written is one that takes memory: where there is none, Redis refuses it, and nothing has changed.
// A branch without entries gives way to the next one, for no position names it; but for the first, which those have who
// came when the log was empty.
// A branch remembers the process that began it, and where that process's time as a master had begun, if it was a
// replica before: it may have been one again since, and have lost its end to another master. A connection from before
// that time began is to the same process, and no reason for a branch. A field of a publisher is `sequence epoch offset`
// of its last append. There are so many as there were instances in the life of the meta; past 64 those go that were
// written longest ago.
// Several publications of one publisher may come at once: they are appended as one after the other would be, and what
// is the same for all of them is done once. Each has its five elements in the answer.
constexpr auto kAppend = joined(kBranches, R"lua(
local meta, log, field = KEYS[1], KEYS[2], ARGV[9]
local m = redis.call('HMGET', meta, 'e', 's', 'r', 'x', 'l', 'n', 't', field)
local e, top, is_new = m[1], m[2] or '0', not m[1]
local items = {{7, 8, 10, 11}}
for at = 14, #ARGV, 4 do table.insert(items, {at, at + 1, at + 2, at + 3}) end
local last, last_epoch, last_offset = string.match(m[8] or '0', '^(%d+) ?(%S*) ?(%S*)$')
last = tonumber(last or '0')
local answer, sent, first, branch = {}, {}, nil, false
local function say(what, epoch, offset)
  for _, word in ipairs({what, epoch, offset, '', ''}) do table.insert(answer, word) end
end
for _, item in ipairs(items) do
  local envelope, time, number = ARGV[item[1]], ARGV[item[2]], tonumber(ARGV[item[3]])
  local seen = KEYS[3] and redis.call('GET', KEYS[3])
  if number and last == number then
    say('seen', last_epoch, last_offset)
  elseif number and last > number then
    say('seen', '', '')
  elseif number and last < tonumber(ARGV[item[4]]) then
    say('order', '', '')
  elseif seen then
    local epoch, offset = string.sub(seen, 1, 8), string.sub(seen, 10)
    if number then
      redis.call('HSET', meta, field, ARGV[item[3]] .. ' ' .. epoch .. ' ' .. offset)
      if not e then redis.call('PEXPIRE', meta, ARGV[5]) end
    end
    say('seen', epoch, offset)
  else
    if not first then
      if is_new then
        redis.call('HSET', meta, 's', '0')
        redis.call('DEL', log)
        top = '0'
      end
      if tonumber(top) > 9007199254740991 - #items then return redis.error_reply('ERR the log of the room is full') end
    end
    local offset = string.format('%.0f', top + 1)
    redis.call('XADD', log, 'MAXLEN', '~', ARGV[3], offset .. '-0', 'm', envelope, 't', time)
    if not first then
      first = #answer
      branch = is_new or is_branch(m[3], ARGV[1])
      if branch then
        e = ARGV[2]
        redis.call('HSET', meta, 'e', e, 'r', ARGV[1], 'l', lineage_with(not is_new and m[5] or '', e, offset))
      end
    end
    top = offset
    if number then last, last_epoch, last_offset = number, e, offset end
    say('new', e, offset)
    table.insert(sent, envelope .. ',"time":' .. time .. ',"epoch":"' .. e .. '","offset":' .. offset .. '}')
  end
end
if not first then return answer end
if branch and not is_new then answer[first + 4] = '1' end
if m[6] ~= ARGV[3] or m[7] ~= ARGV[4] then
  redis.call('HSET', meta, 'n', ARGV[3], 't', ARGV[4])
  if not is_new and m[6] then answer[first + 5] = m[6] .. ' ' .. m[7] end
end
if last_offset == top then
  redis.call('HSET', meta, 's', top, field, string.format('%.0f', last) .. ' ' .. e .. ' ' .. top)
else
  redis.call('HSET', meta, 's', top)
end
if branch or not m[4] or math.abs(tonumber(ARGV[13]) - tonumber(m[4])) > tonumber(ARGV[5]) / 8 then
  redis.call('HSET', meta, 'x', ARGV[13])
  redis.call('PEXPIRE', meta, ARGV[5])
  local all, publishers = redis.call('HGETALL', meta), {}
  for i = 1, #all, 2 do
    if #all[i] > 1 then
      table.insert(publishers, {all[i], tonumber(string.match(all[i + 1], '(%d+)$') or '0')})
    end
  end
  table.sort(publishers, function(one, other) return one[2] > other[2] end)
  for i = 65, #publishers do redis.call('HDEL', meta, publishers[i][1]) end
end
redis.call('PEXPIRE', log, ARGV[4])
if KEYS[3] then redis.call('SET', KEYS[3], e .. ':' .. top, 'PX', ARGV[12]) end
for _, envelope in ipairs(sent) do redis.call('PUBLISH', ARGV[6], envelope) end
return answer
)lua");

// What is too old is passed over by its time, which rises with the offset but for what clocks differ by.
// A piece of at most 32 entries at a time, so that large ones are not gathered only to be left out.
constexpr auto kRead = joined(kBranches, R"lua(
local meta, log = KEYS[1], KEYS[2]
local m = redis.call('HMGET', meta, 'e', 's', 'r', 'l', 't')
local e, top, lineage = m[1], m[2], m[4]
local is_new = not e
if is_new then
  redis.call('HSET', meta, 's', '0')
  redis.call('DEL', log)
  top, lineage = '0', ''
end
local branch = is_new or is_branch(m[3], ARGV[1])
if branch then
  e = ARGV[2]
  lineage = lineage_with(lineage, e, string.format('%.0f', top + 1))
  redis.call('HSET', meta, 'e', e, 's', top, 'r', ARGV[1], 'l', lineage)
  redis.call('PEXPIRE', meta, ARGV[5])
end
local entries, count, after = {}, tonumber(ARGV[4]), ARGV[3]
local function is_old(entry)
  return not entry or tonumber(entry[2][4]) + tonumber(m[5] or '0') <= tonumber(ARGV[6])
end
local oldest = count > 0 and redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
if oldest and is_old(oldest) then
  local old, young = tonumber(string.match(oldest[1], '^%d+')), tonumber(top) + 1
  while young - old > 1 do
    local middle = math.floor((old + young) / 2)
    local id = string.format('%.0f-0', middle)
    if is_old(redis.call('XRANGE', log, id, id)[1]) then old = middle else young = middle end
  end
  if tonumber(after) < old then after = string.format('%.0f', old) end
end
local bytes, limit = 0, tonumber(ARGV[7])
while oldest and count > 0 and bytes < limit do
  local wanted = math.min(count, 32)
  local piece = redis.call('XRANGE', log, '(' .. after .. '-0', '+', 'COUNT', wanted)
  for _, entry in ipairs(piece) do
    bytes = bytes + #entry[2][2]
    if bytes > limit and #entries > 0 then break end
    after = string.match(entry[1], '^%d+')
    table.insert(entries, after)
    table.insert(entries, entry[2][2])
    table.insert(entries, entry[2][4])
  end
  count = count - wanted
  if #piece < wanted then break end
end
return {e, top, lineage, branch and not is_new and '1' or '', entries}
)lua");

}  // namespace

const std::string_view kAppendScript(kAppend.data(), kAppend.size());
const std::string_view kReadScript(kRead.data(), kRead.size());

}  // namespace hearth::broker
