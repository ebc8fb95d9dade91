// The commands of the group "rule": what a user wants to be called by, and what they do not want to hear.
#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/rules.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {
namespace {

nlohmann::json rule_json(const Rule& rule) {
  return {
      {"id", rule.id()}, {"kind", rule.kind_name()}, {"match", rule.match_name()}, {"pattern", rule.pattern}};
}

Accounts::Result<void> keep_rules(CommandCall& call, const std::vector<Rule>& rules) {
  return call.accounts().set_user(call.user, {{std::string(kRulesSetting), rule_lines(rules)}});
}

}  // namespace

CommandResult rule_list(CommandCall& call) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Rule& rule : rules_of(*call.accounts().find_user(call.user))) {
    json.push_back(rule_json(rule));
    rows.push_back({rule.id(), std::string(rule.kind_name()), std::string(rule.match_name()), rule.pattern});
  }
  return CommandResult::done(rows.empty() ? "no rules; add one with rule add" : text_table(rows),
                             std::move(json));
}

CommandResult rule_add(CommandCall& call) {
  auto rule = Rule::parse(fmt::format("{} {} {}", call.parsed.text("KIND"), call.parsed.text("MATCH"),
                                      call.parsed.text("PATTERN")));
  if (!rule) return CommandResult::refuse(rule.error());
  std::vector<Rule> rules = rules_of(*call.accounts().find_user(call.user));
  const nlohmann::json json = rule_json(*rule);
  const std::string id = rule->id();
  rules.push_back(std::move(*rule));
  if (const auto kept = keep_rules(call, rules); !kept) return CommandResult::refuse(kept.error());
  return CommandResult::change(fmt::format("rule {} added", id), json);
}

CommandResult rule_remove(CommandCall& call) {
  std::vector<Rule> rules = rules_of(*call.accounts().find_user(call.user));
  const std::string id = call.parsed.text("ID");
  const auto at = std::ranges::find(rules, id, &Rule::id);
  if (at == rules.end()) return CommandResult::refuse(fmt::format("there is no rule {}; see rule list", id));
  rules.erase(at);
  if (const auto kept = keep_rules(call, rules); !kept) return CommandResult::refuse(kept.error());
  return CommandResult::change(fmt::format("rule {} removed", id), {{"id", id}});
}

}  // namespace halley::cli
