// Accounts of another bouncer, and how they become Halley's: what is there already stays as it is. Pure but
// for the Accounts; their thread. Values, which their owner keeps until their logs are read, too.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/transfer/import_report.h"

namespace halley::transfer {

struct ForeignNetwork {
  std::string key = {};  // what its logs call it
  std::string name = {};
  std::string urls = {};  // as network add takes them
  std::string nick = {}, alt_nick = {}, username = {}, realname = {}, pass = {};
  std::string sasl = {}, sasl_password = {}, client_cert = {}, cert_pin = {};  // likewise
  std::vector<std::string> on_connect = {};
  std::vector<storage::ChannelRow> channels = {};
  bool enabled = true;
};
struct ForeignUser {
  std::string key = {};  // what its logs call it
  std::string name = {};
  std::string password_hash = {};  // empty: none that is known
  bool admin = false, enabled = true;
  std::vector<ForeignNetwork> networks = {};
};

// Where the lines of a foreign network go.
struct Placed {
  UserId user = 0;
  NetworkId network = 0;
  std::string nick;
};
using Places = std::map<std::pair<std::string, std::string>, Placed>;  // by the keys of user and network

// Adds what is missing. REQUIRES: the caller flushes. What cannot be taken is told in `report`.
Places put_accounts(Accounts& accounts, const std::vector<ForeignUser>& users, ImportReport& report);

// A name that networks and users may have, as near to `name` as can be.
std::string fitting_name(std::string_view name);

}  // namespace halley::transfer
