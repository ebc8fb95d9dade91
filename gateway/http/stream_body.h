// An answer that goes on: what an HttpConnection hands its stream to until one of them ends.
//
// Owner: the HttpConnection. Thread: the loop's. The body writes to the stream by itself and closes it when
// it is done.
#pragma once

#include <string_view>

namespace halley::gateway {

class StreamBody {
 public:
  virtual ~StreamBody() = default;
  // REQUIRES (all): closed() was not called.
  // What the peer sends, where it is a WebSocket; elsewhere it is passed over.
  virtual void received(std::string_view) {}
  // True: it is at its end, and gets five seconds to say so.
  virtual bool leaving() const { return false; }
  // The stream has room again.
  virtual void drained() = 0;
  // The stream is closed: nothing may be written any more. Destroyed at the end of the turn.
  virtual void closed() = 0;
};

}  // namespace halley::gateway
