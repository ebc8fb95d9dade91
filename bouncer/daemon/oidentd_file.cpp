#include "bouncer/daemon/oidentd_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace halley {

std::string oidentd_text(const Idents& idents) {
  std::string text = "# Written by Halley, for the connections that it has now.\n";
  idents.each([&](const Idents::Connection& connection, const std::string& ident) {
    text += fmt::format("to {} fport {} from {} lport {} {{ reply \"{}\" }}\n", connection.remote,
                        connection.remote_port, connection.local, connection.local_port, ident);
  });
  return text;
}

std::string write_oidentd_file(const std::filesystem::path& file, const std::string& text) {
  const std::string path = file.string(), beside = path + ".new";
  const auto failed = [&](const char* what) {
    return fmt::format("{} cannot be {}: {}. Mend upstream.oidentd_file, or let Halley write to its folder",
                       path, what, std::strerror(errno));
  };
  const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (descriptor < 0) return failed("made");
  std::string error;
  std::string_view rest = text;
  // oidentd runs as somebody else, and Halley keeps what it makes to itself.
  if (::fchmod(descriptor, 0644) != 0) error = failed("made readable");
  while (error.empty() && !rest.empty()) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) error = failed("written");
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ::close(descriptor);
  if (error.empty() && ::rename(beside.c_str(), path.c_str()) != 0) error = failed("put in place");
  return error;
}

OidentdFile::OidentdFile(net::Loop& loop, Idents& idents, std::filesystem::path file,
                         std::function<void(const std::string&)> trouble)
    : loop_(loop),
      idents_(idents),
      file_(std::move(file)),
      trouble_(std::move(trouble)),
      task_(loop.task([this] { write(); })) {
  idents_.want([this] { task_->schedule(); });
  task_->schedule();
}

OidentdFile::~OidentdFile() {
  idents_.want(nullptr);
}

void OidentdFile::write() {
  if (writing_) {
    changed_ = true;
    return;
  }
  writing_ = true;
  auto error = std::make_shared<std::string>();
  loop_.work([file = file_, text = oidentd_text(idents_), error] { *error = write_oidentd_file(file, text); },
             [this, error, alive = std::weak_ptr<int>(alive_)] {
               if (alive.expired()) return;
               writing_ = false;
               if (!error->empty() && !std::exchange(told_, true)) trouble_(*error);
               if (error->empty()) told_ = false;
               if (std::exchange(changed_, false)) write();
             });
}

}  // namespace halley
