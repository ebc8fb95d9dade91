// POST /upload as it begins: who may send a file, and where it goes. Clients of soju.im/FILEHOST say who they
// are by Basic, as for SASL PLAIN; programs by a device's token; the page by its cookie.
//
// Thread: the loop's. Owner: the HttpServer; what it is given outlives it. Bounds: one file of a user at
// once; those of UploadStore. Nothing to hand over: a file that is on its way is sent again.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bouncer/core/live_user.h"
#include "bouncer/net/place_count.h"
#include "gateway/api/client_info.h"
#include "gateway/api/upload_store.h"
#include "gateway/http/body_sink.h"
#include "gateway/http/request.h"
#include "gateway/http/responder.h"

namespace halley::gateway {

class Uploads {
 public:
  Uploads(UploadStore* store, Login& login, const LiveUser& live_user, const Config& config)
      : store_(store), login_(login), live_user_(live_user), config_(config) {}

  // Is the body of this request one that goes to a file?
  static bool takes(const Request& request);
  using Take = std::function<void(std::shared_ptr<BodySink> sink)>;
  // Answers with a refusal, or calls `take`, at once or later. `bytes`: as announced; 0: it is not.
  // REQUIRES: takes(request).
  void begin(const Request& request, const ClientInfo& client, std::uint64_t bytes, const Responder& respond,
             Take take);

 private:
  void begin_for(const User& user, const std::string& type, std::uint64_t bytes, const Responder& respond,
                 const Take& take);

  UploadStore* store_;  // null: there are none
  Login& login_;
  const LiveUser& live_user_;
  const Config& config_;
  net::PlaceCount<UserId> at_once_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley::gateway
