// A poll: frames gathered into one JSON array. Between two requests of the same client it rests for a while
// with what has come meanwhile, so that lines without a row are not lost and the next request needs no read
// of the store.
//
// Thread: the loop's. Owner: the PollRoom.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/events/frame_client.h"
#include "gateway/http/responder.h"

namespace halley::gateway {

class PollStream final : public FrameClient {
 public:
  using FrameClient::FrameClient;
  ~PollStream() override { detach(); }  // while it is still whole

  // Rests, and continues exactly what was answered to this client last.
  bool rests_at(const StreamOwner& who, const std::optional<Cursor>& after) const;
  // Answers as soon as there is news, at the latest at `until_ms`. REQUIRES: not waiting(), nor over().
  void answer(Responder respond, std::uint64_t until_ms);
  bool over() const { return state_.over; }  // may be destroyed
  bool waiting() const { return respond_.has_value(); }

  Transport transport() const override { return Transport::kPoll; }
  std::size_t queued() const override { return state_.frames.size(); }
  void tick(std::uint64_t now_ms) override;
  void flush() override;
  void deliver(const Delivery& delivery) override;
  bool wants_more() const override;
  std::string description() const override;

 private:
  void put(std::string_view json, EventId id) override;
  void start_at(EventId) override {}
  void ready() override;
  void finish() override;
  bool has_room() const override;
  bool takes_more_names() const override;
  void all_told() override;
  void separate();
  void grown();
  void send();

  // What it is, as values (besides what FrameClient has).
  struct State {
    std::string frames;          // separated by commas
    EventId position = 0;        // where the last answer ended
    std::uint64_t until_ms = 0;  // of the wait, or of the rest
    bool caught_up = false, news = false, over = false;
  };

  State state_;
  std::optional<Responder> respond_;
};

}  // namespace halley::gateway
