// POST /upload, once its body is there; GET /upload/NAME.
#include <fmt/format.h>

#include "gateway/api/api.h"
#include "gateway/api/file_body.h"
#include "gateway/api/upload_sink.h"

namespace halley::gateway {

void Api::upload(const Call& call) {
  const auto sink = std::dynamic_pointer_cast<UploadSink>(call.request.sink);
  if (!sink || sink->empty())
    return call.respond.send(error_response(400, "empty", "Send the file as the body of the request."));
  sink->finish(parts_.loop.clock().wall_us() / 1000,
               [respond = call.respond](const std::expected<std::string, Refusal>& name) {
                 if (!name) return respond.send(error_response(name.error()));
                 // Relative to this address: a proxy may have put another path before it.
                 respond.send(json_response(201, fmt::format("{{\"url\":\"upload/{}\"}}\n", *name))
                                  .header("Location", "upload/" + *name));
               });
}

// Whoever has the address may have the file: it was made to be passed on.
void Api::download(const Call& call) {
  const std::string& name = call.names.front();
  const auto owner = parts_.uploads == nullptr ? std::nullopt : parts_.uploads->owner(name);
  const UploadStore::File* file = owner ? parts_.uploads->find(*owner, name) : nullptr;
  if (file == nullptr)
    return call.respond.send(error_response(404, "not_found", "There is no file of that name."));
  const UploadType& type = upload_type_of(name);
  Response head;
  head.file = true;
  head.length = file->bytes;
  head.header("Content-Type", type.type);
  head.header("Content-Disposition",
              fmt::format("{}; filename=\"{}\"", type.shown ? "inline" : "attachment", name));
  head.header("Cache-Control", "private, max-age=31536000, immutable");
  call.respond.stream(std::move(head),
                      [&loop = parts_.loop, path = parts_.uploads->path(*owner, name), bytes = file->bytes](
                          net::Stream& stream, std::string_view bytes_of_head, bool) {
                        auto body = std::make_unique<FileBody>(loop, stream, bytes_of_head, path, bytes);
                        body->begin();
                        return body;
                      });
}

}  // namespace halley::gateway
