// A file on its way in: takes the body of POST /upload and writes it on a worker thread, a piece at a time.
//
// Thread: the loop's. Owner: as BodySink, and what is being written. A store that is gone before it is not
// asked. Bounds: kMostUnwrittenBytes in memory, and what one read brings; the file's and the user's.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "gateway/api/upload_store.h"
#include "gateway/http/body_sink.h"

namespace halley::gateway {

class UploadSink final : public BodySink, public std::enable_shared_from_this<UploadSink> {
 public:
  static constexpr std::size_t kMostUnwrittenBytes = 256 * 1024;  // then the peer is not read

  struct UploadRequest {
    UserId user = 0;
    std::string name;
    std::uint64_t quota = 0;      // bytes of all of the user's
    std::shared_ptr<void> place;  // held until it is over
  };
  UploadSink(UploadStore& store, UploadRequest asked);
  ~UploadSink() override;

  bool take(std::string bytes) override;
  Refusal refusal() const override { return state_.refusal; }
  bool wants_more() const override { return state_.waiting.size() + on_its_way_ < kMostUnwrittenBytes; }
  void on_room(std::function<void()> room) override { room_ = std::move(room); }

  using Done = std::function<void(const std::expected<std::string, Refusal>& name)>;  // valid during the call
  // The body is whole: `done` hears, later, under which name it is there, or why it is not.
  // REQUIRES: called once, behind the last take().
  void finish(std::int64_t now_ms, Done done);
  bool empty() const { return state_.bytes == 0; }

 private:
  struct Part;  // the file, shared with what writes it
  // What a successor needs beside what was asked (asked_, but for the place), once nothing is being written.
  struct State {
    std::string waiting;           // to be written
    std::uint64_t bytes = 0;       // of the file, so far
    std::int64_t finished_ms = 0;  // 0: the body is not whole
    bool kept = false;             // it is in its place
    Refusal refusal{413, "too_large", "A file has 25 MiB at most."};
  };
  void write_on();
  void written();
  void put_in_place();

  UploadStore& store_;
  const std::weak_ptr<int> store_alive_;
  const UploadRequest asked_;
  const std::shared_ptr<UploadStore::Coming> coming_;  // all of the user's
  std::shared_ptr<Part> part_;
  State state_;
  std::size_t on_its_way_ = 0;  // bytes that are being written
  bool writing_ = false;
  std::function<void()> room_;
  Done done_;
};

}  // namespace halley::gateway
