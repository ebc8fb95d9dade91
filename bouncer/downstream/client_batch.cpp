#include "bouncer/downstream/client_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/commands/client_commands.h"
#include "bouncer/core/network.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using Added = irc::MultilineText::Added;

bool is_reference(std::string_view text) {
  return !text.empty() && text.size() <= ClientBatch::kMostReference &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != ';' && c != ':'; });
}

void batch_failed(Downstream& client, std::string_view code, std::initializer_list<std::string_view> context,
                  std::string_view text) {
  ClientBatch* batch = client.batch();
  const Answering answering(client, batch ? batch->answer : client.answering());
  client.fail("BATCH", code, context, text);
  if (!batch) return;
  batch->failed = true;
  client.release_answer(std::exchange(batch->answer, 0));  // its end may never come
}

void begin_batch(Downstream& client, const irc::Message& m) {
  const std::string_view reference = m.param(0).substr(1);
  const bool nested = irc::find_tag(m.tags, "batch").has_value() || client.batch() != nullptr;
  if (!is_reference(reference)) {
    const std::string_view named =
        reference.empty() ? "*" : irc::clip_utf8(reference, ClientBatch::kMostReference);
    client.fail("BATCH", "INVALID_REFTAG", {named}, "The reference of a batch is one word");
    return;
  }
  // One that stands open is not said, nor is this one.
  if (client.batch() && client.batch()->answer != 0)
    batch_failed(client, "MULTILINE_INVALID", {}, "One batch at a time");
  // Whatever is wrong with it, its lines are not said.
  client.begin_batch({.reference = std::string(reference),
                      .target = std::string(m.param(2)),
                      .tags = std::string(m.tags),
                      .begun_ms = client.clock_ms(),
                      .answer = client.answering()});
  client.hold_answer(client.answering());
  if (nested) return batch_failed(client, "MULTILINE_INVALID", {}, "One batch at a time");
  if (m.param(1) != "draft/multiline")
    return batch_failed(client, "UNKNOWN_TYPE", {reference, irc::clip_utf8(m.param(1), irc::kMaxTarget)},
                        "Halley takes batches of the type draft/multiline");
  if (!irc::is_valid_target(m.param(2)))
    batch_failed(client, "MULTILINE_INVALID", {}, "A batch is said to one nick or channel");
}

// What it says, as one message.
void say_batch(Downstream& client, Network& network, const ClientBatch& batch) {
  if (batch.failed) return;
  if (batch.text.blank()) {
    client.fail("BATCH", "MULTILINE_INVALID", {}, "There is no text to send");
    return;
  }
  std::string tags(irc::kMultilineTag);
  if (!batch.tags.empty()) (tags += ';') += batch.tags;
  irc::Message message;
  message.tags = tags;
  message.command = batch.command;
  message.params[0] = batch.target;
  message.params[1] = batch.text.text();
  message.param_count = 2;
  if (const std::string error = run_client_command(client, network, message); !error.empty())
    client.fail("BATCH", "MULTILINE_INVALID", {}, error);
}

}  // namespace

void handle_client_batch(Downstream& client, Network& network, const irc::Message& m) {
  const std::string_view name = m.param(0);
  if (name.starts_with('+')) return begin_batch(client, m);
  if (!name.starts_with('-') || !client.batch() || client.batch()->reference != name.substr(1)) {
    client.fail("BATCH", "INVALID_REFTAG", {irc::clip_utf8(name, ClientBatch::kMostReference)},
                "No such batch is open");
    return;
  }
  const ClientBatch batch = client.end_batch();
  const Answering answering(client, batch.answer);
  say_batch(client, network, batch);
  client.release_answer(batch.answer);
}

bool take_batched(Downstream& client, const irc::Message& m) {
  if (!irc::same_command(m.command, "PRIVMSG") && !irc::same_command(m.command, "NOTICE")) return false;
  const auto reference = irc::find_tag(m.tags, "batch");
  if (!reference) return false;
  if (!client.batch() || client.batch()->reference != *reference) {
    client.fail("BATCH", "INVALID_REFTAG", {irc::clip_utf8(*reference, ClientBatch::kMostReference)},
                "No such batch is open: the line was not sent");
    return true;
  }
  ClientBatch& batch = *client.batch();
  if (batch.failed) return true;
  if (batch.command.empty()) batch.command = m.command;
  const bool joined = irc::find_tag(m.tags, "draft/multiline-concat").has_value();
  if (m.param(0) != batch.target) {
    batch_failed(client, "MULTILINE_INVALID_TARGET",
                 {batch.target, m.param(0).empty() ? "*" : irc::clip_utf8(m.param(0), irc::kMaxTarget)},
                 "All lines of a batch are said to the same");
  } else if (!irc::same_command(m.command, batch.command) || (joined && m.param(1).empty())) {
    batch_failed(
        client, "MULTILINE_INVALID", {},
        joined ? "No blank line can be joined" : "The lines of a batch are all PRIVMSG or all NOTICE");
  } else if (const Added added = batch.text.add(m.param(1), joined); added == Added::kTooManyLines) {
    batch_failed(client, "MULTILINE_MAX_LINES", {fmt::format("{}", irc::kMostMultilineLines)},
                 "Too many lines in one message");
  } else if (added == Added::kTooManyBytes) {
    batch_failed(client, "MULTILINE_MAX_BYTES", {fmt::format("{}", irc::kMostMultilineBytes)},
                 "Too many bytes in one message");
  }
  return true;
}

void expire_batch(Downstream& client) {
  const ClientBatch* batch = client.batch();
  if (!batch || batch->failed || client.clock_ms() - batch->begun_ms < ClientBatch::kMaxOpenMs) return;
  batch_failed(client, "TIMEOUT", {batch->reference}, "The batch was left open for a minute: it is not sent");
}

}  // namespace halley
