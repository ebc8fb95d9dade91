#include "bouncer/upstream/idents.h"

namespace halley {

std::string ident_text(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, Idents::kMaxIdent)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '.' || c == '-';
    text += plain ? c : '_';
  }
  return text.empty() ? "halley" : text;
}

void Idents::want(std::function<void()> changed) {
  table_->changed = std::move(changed);
}

Idents::Place Idents::add(const net::Address& local, const net::Address& remote, std::string ident) {
  Connection connection{.local_port = local.port(),
                        .remote_port = remote.port(),
                        .local = local.text(),
                        .remote = remote.text()};
  const std::uint64_t number = ++table_->last;
  table_->all.insert_or_assign(connection, Known{.number = number, .ident = std::move(ident)});
  if (table_->changed) table_->changed();
  return {table_, std::move(connection), number};
}

Idents::Place::~Place() {
  if (!table_) return;
  const auto at = table_->all.find(connection_);
  if (at == table_->all.end() || at->second.number != number_) return;
  table_->all.erase(at);
  if (table_->changed) table_->changed();
}

std::optional<std::string> Idents::find(const Connection& asked) const {
  const Known* found = nullptr;
  // All of these two ports stand together.
  for (auto at = table_->all.lower_bound(
           {.local_port = asked.local_port, .remote_port = asked.remote_port, .local = {}, .remote = {}});
       at != table_->all.end() && at->first.local_port == asked.local_port &&
       at->first.remote_port == asked.remote_port;
       ++at) {
    if (!asked.local.empty() && asked.local != at->first.local) continue;
    if (!asked.remote.empty() && asked.remote != at->first.remote) continue;
    if (found != nullptr) return std::nullopt;
    found = &at->second;
  }
  if (found == nullptr) return std::nullopt;
  return found->ident;
}

}  // namespace halley
