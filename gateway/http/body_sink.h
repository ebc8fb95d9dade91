// Where the body of a request goes that is too long to be kept whole: to a file.
//
// Thread: the loop's. Owner: the HttpConnection while the body comes, then whoever handles the request; one
// that goes without having been finished keeps nothing.
#pragma once

#include <functional>
#include <string>

#include "gateway/http/refusal.h"

namespace halley::gateway {

class BodySink {
 public:
  virtual ~BodySink() = default;
  // False: it is too much, or cannot be kept: the request is refused with refusal(). REQUIRES: it was true
  // until now.
  virtual bool take(std::string bytes) = 0;
  virtual Refusal refusal() const = 0;
  // False: what it has is not yet out; `room` is called when it is.
  virtual bool wants_more() const = 0;
  virtual void on_room(std::function<void()> room) = 0;
};

}  // namespace halley::gateway
