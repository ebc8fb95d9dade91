#include "bouncer/net/error_text.h"

#include <cerrno>
#include <cstring>

namespace halley::net {

std::string error_text(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
    case EPIPE:
      return "the other side reset the connection";
    case ETIMEDOUT:
      return "the other side stopped answering";
    case EHOSTUNREACH:
    case ENETUNREACH:
      return "no route to that host";
    case EMFILE:
    case ENFILE:
      return "too many open files";
    default:
      break;
  }
  char buffer[128];
  return strerror_r(error, buffer, sizeof buffer);
}

}  // namespace halley::net
