// All streams and polls of the server: one task that flushes those with news at the end of the turn, one tick
// for their timers, and the look-ups that end or address them.
//
// Thread: the loop's. Owner: the HttpServer; outlives its connections and polls. What a successor needs of it
// have its streams and polls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/out_queue.h"
#include "bouncer/net/clock.h"
#include "gateway/events/frame.h"
#include "gateway/events/snapshot_turns.h"

namespace halley::gateway {

class FrameClient;

class StreamHub {
 public:
  StreamHub(net::Loop& loop, net::Random& random, Accounts& accounts, const Config::LimitsConfig& limits);
  ~StreamHub();

  // REQUIRES: it was not added before; it is removed before it goes.
  void add(FrameClient& stream);
  void remove(FrameClient& stream);
  // flush() is called at the end of this turn.
  void flush_later(FrameClient& stream);
  // The stream by which that client name of that user listens; null: none.
  FrameClient* find(const User& user, std::string_view client) const;

  // Twice a second: heartbeats, ends of polls, logins that ended otherwise than through us.
  void tick(std::uint64_t now_ms);
  // Ends the streams of a web login.
  void end_session(std::uint64_t session, std::string_view reason);
  void end_all(std::string_view reason);

  // A buffer for one frame at a time.
  std::string& scratch() { return scratch_; }
  // The heartbeat of a format, encoded once a turn.
  ChunkSpan heartbeat(const FrameFormat& format);
  // The frame of `json` in a format: what many streams put in one turn is encoded once.
  ChunkSpan shared(const FrameFormat& format, std::string_view json);

  const Config::LimitsConfig& limits() const { return limits_; }
  // Of the scripts in the documents of the iframe transport: the policy lets no others run there. One for
  // all, so that frames are encoded once; nothing but what we escape is ever among them.
  const std::string& script_nonce() const { return script_nonce_; }
  SnapshotTurns& snapshots() { return snapshots_; }
  std::size_t size() const { return streams_.size(); }
  const std::vector<FrameClient*>& streams() const { return streams_; }

 private:
  struct Shared {
    std::uint64_t key = 0;
    std::string json;
    ChunkSpan span;
  };
  void flush_all();
  bool login_holds(const FrameClient& stream);

  Accounts& accounts_;
  const Config::LimitsConfig& limits_;
  SnapshotTurns snapshots_;
  std::unique_ptr<net::Task> flush_;
  std::vector<FrameClient*> streams_;
  std::vector<FrameClient*> dirty_;  // null: destroyed since
  std::string scratch_, encoded_, script_nonce_;
  ChunkWriter writer_;
  std::array<Shared, kTransportCount>
      shared_;  // the last frames of this turn, one for each kind of stream that is about
  std::size_t next_shared_ = 0;
};

}  // namespace halley::gateway
