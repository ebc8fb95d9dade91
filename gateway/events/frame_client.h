// What a stream and a poll have in common: a Client of the whole log of a user, which opens with a snapshot
// or resumes at a cursor, and turns everything it hears into frames.
//
// Thread: the loop's. Owner: an HttpConnection (EventStream) or the PollRoom (PollStream). The StreamHub
// knows each one from open() to destruction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/client.h"
#include "gateway/events/cursor.h"
#include "gateway/events/frame.h"

namespace halley::gateway {

class StreamHub;

// On whose behalf a stream runs.
struct StreamOwner {
  UserId user = 0;
  std::uint64_t session = 0;  // the web login; 0: came with a token
  DeviceId device = 0;        // the token's; 0: came with a cookie
  std::string address;
  std::string client;      // the name under which it also sends commands; may be empty
  std::string agent = {};  // of a token's: the request's User-Agent; may be empty
  bool operator==(const StreamOwner&) const = default;
};

class FrameClient : public Client {
 public:
  FrameClient(StreamHub& hub, StreamOwner owner);
  ~FrameClient() override;

  // Attaches to the owner's `user`, and follows from `after`; when that is absent or unknown, from the head
  // behind a snapshot. REQUIRES: called once; `user` is the owner's.
  void open(User& user, const std::optional<Cursor>& after);
  // From SnapshotTurns: opens with the state. REQUIRES: attached.
  void begin();

  const StreamOwner& owner() const { return state_.owner; }
  bool ended() const { return state_.ended; }
  virtual Transport transport() const = 0;
  // Twice a second.
  virtual void tick(std::uint64_t now_ms) = 0;
  // Frames that were put since the last turn may go out now: the end of the turn.
  virtual void flush() = 0;

  void end(std::string_view reason) override;
  DeviceId device() const override { return state_.owner.device; }
  bool sees_hidden() const override { return true; }
  ClientSource source() const override;
  bool present() const override { return state_.owner.session != 0; }  // with a token a program comes

 protected:
  // A frame without an id, or (ready) with one.
  virtual void put(std::string_view json, EventId id) = 0;
  // Delivery is about to begin behind this event.
  virtual void start_at(EventId id) = 0;
  // All that was missed has been put.
  virtual void ready() = 0;
  // Nothing more will be put: say so and go.
  virtual void finish() = 0;
  // What has been put so far cannot be had from the log: it goes out whatever comes.
  virtual void keep() {}
  // False: the peer is so slow that frames which cannot be asked for again are left out.
  virtual bool has_room() const = 0;

  void put_ready();  // REQUIRES: attached
  // To be called for each delivered event. Of what it missed before it was there, our own JOINs are
  // remembered: their members are not in the log.
  void note(const Delivery& delivery);
  StreamHub& hub() const { return hub_; }
  // The peer has ended it: nothing more is put.
  void left();
  bool fresh() const { return state_.fresh; }  // within the first ready(): a snapshot stands before it

 private:
  friend class StreamHub;
  void put_json(std::string_view json) { put(json, 0); }
  void snapshot();
  void put_network(const Network& network, bool removed);
  void put_state(const Network& network);
  void put_markers(const Network& network);
  void put_buffers(const Network& network);
  void put_rules();
  void put_open_lines();
  void put_line(std::string_view network, std::string_view line);  // empty: of none
  // Lines that cannot be asked for again are put now.
  bool takes_passed() const;

  void caught_up() final;
  void pass(const Network& network, std::string_view line) final;
  void pass_own(std::string_view line) final;
  void network_changed(const Network& network, bool removed) final;
  void channel_complete(const Network& network, const Channel& channel) final;
  void channel_names(const Network& network, const Channel& channel) final;
  void buffer_changed(const Network& network, BufferId buffer, bool removed) final;
  void rules_changed() final;
  void said(const Network& network, const SaidNews& news) final;
  NamesStyle names_style() const final;
  void tell(const Network& network, std::string_view line) final;
  void room() final {}  // commands come by requests of their own: none waits here

  // What it is, as values (besides its cursor).
  struct State {
    StreamOwner owner;
    std::vector<NetworkId> connected = {};  // networks whose 005 it has been given
    std::vector<NetworkId> rejoined = {};   // networks on which the replay held a JOIN of ours
    EventId opened_at = 0;                  // the log's head then
    bool fresh = false;                     // the snapshot has just told every network's state
    bool waits = false;                     // for its turn to tell the state: until then nothing is put
    bool reset = false;                     // ... in place of a cursor that is unknown
    bool ended = false;
  };

  StreamHub& hub_;
  State state_;
  std::size_t hub_index_ = 0;
  bool dirty_ = false;  // in the hub's list for the end of the turn
};

}  // namespace halley::gateway
