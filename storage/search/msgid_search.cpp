#include "storage/search/msgid_search.h"

#include "storage/search/tokenizer.h"

namespace halley::storage {

std::vector<EventId> events_of_msgid(Db& db, UserId user, const std::string& msgid) {
  std::vector<EventId> ids;
  if (msgid.empty()) return ids;
  const auto add = [&ids](Statement& rows) {
    while (rows.step()) ids.push_back(static_cast<EventId>(rows.number(0)));
  };
  Statement indexed{db,
                    "SELECT e.id FROM search s CROSS JOIN event e ON e.user = ?1 AND e.id = s.rowid "
                    "WHERE s.search MATCH ?2 AND e.msgid = ?3"};
  const std::string match = '"' + exact_word(user, msgid_word(msgid)) + '"';
  add(indexed.bind(user, match, msgid));
  Statement late{db,
                 "SELECT e.id FROM late l CROSS JOIN event e ON e.user = l.user AND e.id = l.id "
                 "WHERE l.user = ?1 AND e.msgid = ?2"};
  add(late.bind(user, msgid));
  Statement newer{db,
                  "SELECT id FROM event WHERE user = ?1 AND msgid = ?2 "
                  "AND id > (SELECT value FROM meta WHERE key = 'indexed')"};
  add(newer.bind(user, msgid));
  return ids;
}

}  // namespace halley::storage
