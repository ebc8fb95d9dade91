#include "gateway/api/uploads.h"

#include <utility>

#include "bouncer/accounts/user_settings.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/sasl.h"
#include "gateway/api/gate.h"
#include "gateway/api/upload_sink.h"
#include "gateway/http/cookies.h"

namespace halley::gateway {
namespace {

constexpr std::string_view kBasic = "Basic ";
constexpr std::size_t kUploadsAtOnce = 1;

struct BasicCredentials {
  std::string name, secret;
};

// RFC 7617. nullopt: the request has none.
std::optional<BasicCredentials> basic_credentials(const Request& request) {
  const std::string_view authorization = request.header("authorization");
  if (authorization.size() <= kBasic.size() ||
      !equal_without_case(authorization.substr(0, kBasic.size()), kBasic))
    return std::nullopt;
  const auto decoded = irc::base64_decode(authorization.substr(kBasic.size()));
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return BasicCredentials{};
  return BasicCredentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace

bool Uploads::takes(const Request& request) {
  return request.method == Method::kPost && request.path == "/upload";
}

void Uploads::begin(const Request& request, const ClientInfo& client, std::uint64_t bytes,
                    const Responder& respond, Take take) {
  const std::string type(request.header("content-type"));
  // A page's are those of the proxy before us, if it logs people in by them.
  const bool by_page = !find_cookie(request, cookie_name(client.https)).empty();
  if (const auto basic = by_page ? std::nullopt : basic_credentials(request)) {
    login_.authenticate(parse_login_name(basic->name), basic->secret, client.address, false,
                        [this, alive = std::weak_ptr(alive_), type, bytes, respond,
                         take = std::move(take)](std::expected<Granted, Refused> granted) {
                          if (alive.expired() || !respond.waiting()) return;
                          if (!granted) return respond.send(refused_response(granted.error()));
                          if (const User* user = live_user_(granted->user))
                            begin_for(*user, type, bytes, respond, take);
                          else
                            respond.send(error_response(403, "disabled", "This account has been disabled."));
                        });
    return;
  }
  const auto caller = admit(request, client, login_, live_user_, config_);
  if (!caller) return respond.send(caller.error());
  if (is_anothers(request, false, *caller->user)) return respond.send(another_user_response());
  begin_for(*caller->user, type, bytes, respond, take);
}

void Uploads::begin_for(const User& user, const std::string& type, std::uint64_t bytes,
                        const Responder& respond, const Take& take) {
  const std::uint64_t quota = upload_quota(user.row());
  if (store_ == nullptr || quota == 0)
    return respond.send(error_response(403, "no_uploads", "You may not upload files here."));
  if (bytes > UploadStore::kMostUpload)
    return respond.send(error_response(413, "too_large", "A file has 25 MiB at most."));
  if (store_->bytes_of(user.id()) + bytes > quota || store_->files_of(user.id()) >= UploadStore::kMostFiles)
    return respond.send(
        error_response(413, "quota", "That is more than your quota for uploads: remove some of them first."));
  auto place = at_once_.take(user.id(), kUploadsAtOnce);
  if (!place)
    return respond.send(error_response(429, "too_many_uploads", "One file at a time: wait for the other one.")
                            .header("Retry-After", "5"));
  take(std::make_shared<UploadSink>(*store_,
                                    UploadSink::UploadRequest{.user = user.id(),
                                                              .name = store_->new_name(upload_type(type)),
                                                              .quota = quota,
                                                              .place = std::move(place)}));
}

}  // namespace halley::gateway
