// A setting as a row of a table: what it is called, what it takes, where it is kept, when a change takes
// effect, and its help. The command line's options, the in-band help, BOUNCER's attributes, the JSON of
// `... show`, and the check of halley(1) follow from the rows (network_settings.h, user_settings.h): a new
// setting is a new row.
//
// Rows are constant; any thread. `Row` is the storage row that has the setting.
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/sealer.h"
#include "storage/api/rows.h"

namespace halley {

// What a setting may need beside its value.
struct SettingContext {
  const Sealer& sealer;
  const storage::UserRow& owner;
  std::int64_t now_s;  // since 1970
};

template <typename Row>
struct Setting {
  enum class Kind : std::uint8_t {
    kText,
    kLines,       // several, with '\n' between; on the command line the option may be given again
    kFlag,        // "yes" or "no"
    kCount,       // digits; empty: not set
    kSecret,      // one line; kept sealed, never shown
    kSecretText,  // likewise, of any number of lines
  };
  enum class Effect : std::uint8_t { kAtOnce, kReconnects };

  // Where it is kept: a column of the row, or a name in row.settings.
  struct Accessors {
    // Checks the value and puts its normal form into the row; an empty one asks for the default. The error is
    // one sentence that says what is wrong and what is right.
    std::expected<void, std::string> (*take)(const Setting&, Row&, std::string_view, const SettingContext&);
    // For people and programs. Of a secret: empty, "given", or (with a sealer) what of it is public.
    std::string (*show)(const Setting&, const Row&, const Sealer*);
    bool (*same)(const Setting&, const Row&, const Row&);
    // Of what is kept sealed: what for (seal_purpose), and the sealed bytes, empty: it is not set.
    std::string_view purpose = {};
    std::string (*sealed)(const Setting&, const Row&) = nullptr;
  };

  std::string_view name = {};  // "alt-nick"
  Kind kind = Kind::kText;
  std::string_view value = {};      // what help calls the value
  std::string_view attribute = {};  // as clients have it, in soju.im/bouncer-networks (never a
                                    // secret's) or draft/metadata-2; empty: not at all
  Effect effect = Effect::kAtOnce;
  Accessors accessors = {};
  std::string_view help = {};

  bool secret() const { return kind == Kind::kSecret || kind == Kind::kSecretText; }
  std::string json_name() const {  // "alt_nick"
    std::string out(name);
    std::ranges::replace(out, '-', '_');
    return out;
  }
};

// What somebody wants to set: names of settings with their new values.
class SettingValues {
 public:
  SettingValues() = default;
  SettingValues(std::initializer_list<std::pair<std::string, std::string>> values) : values_(values) {}

  SettingValues& set(std::string name, std::string value) {
    values_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  // Null: not among them. The last one counts.
  const std::string* find(std::string_view name) const {
    for (auto at = values_.rbegin(); at != values_.rend(); ++at) {
      if (at->first == name) return &at->second;
    }
    return nullptr;
  }
  bool empty() const { return values_.empty(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// --- Where settings are kept ---

// The value of that name; empty: not set.
inline std::string kept_value(const std::vector<storage::SettingRow>& settings, std::string_view name) {
  const auto at = std::ranges::lower_bound(settings, name, {}, &storage::SettingRow::name);
  return at != settings.end() && at->name == name ? at->value : std::string();
}

// An empty value removes it.
inline void keep_value(std::vector<storage::SettingRow>& settings, std::string_view name, std::string value) {
  const auto at = std::ranges::lower_bound(settings, name, {}, &storage::SettingRow::name);
  const bool known = at != settings.end() && at->name == name;
  if (value.empty()) {
    if (known) settings.erase(at);
  } else if (known) {
    at->value = std::move(value);
  } else {
    settings.insert(at, {std::string(name), std::move(value)});
  }
}

namespace setting_accessors {

using Checked = std::expected<std::string, std::string>;  // the normal form, or what is wrong

inline Checked any(std::string_view value) {
  return std::string(value);
}

// A column of text. `fallback(row, context)` is what an empty value asks for; `check` sees that too.
template <typename Row, auto Column, auto check = any, auto fallback = nullptr>
constexpr typename Setting<Row>::Accessors column() {
  return {
      .take = [](const Setting<Row>&, Row& row, std::string_view value,
                 const SettingContext& context) -> std::expected<void, std::string> {
        std::string asked(value);
        if constexpr (fallback != nullptr) {
          if (asked.empty()) asked = fallback(row, context);
        }
        auto checked = check(asked);
        if (!checked) return std::unexpected(std::move(checked.error()));
        row.*Column = std::move(*checked);
        return {};
      },
      .show = [](const Setting<Row>&, const Row& row, const Sealer*) -> std::string { return row.*Column; },
      .same = [](const Setting<Row>&, const Row& a, const Row& b) { return a.*Column == b.*Column; }};
}

template <typename Row>
std::string kept_of(const Setting<Row>& self, const Row& row) {
  return kept_value(row.settings, self.name);
}

// A value in row.settings, under the setting's own name.
template <typename Row, auto check = any>
constexpr typename Setting<Row>::Accessors kept() {
  return {.take = [](const Setting<Row>& self, Row& row, std::string_view value,
                     const SettingContext&) -> std::expected<void, std::string> {
            auto checked = check(value);
            if (!checked) return std::unexpected(std::move(checked.error()));
            keep_value(row.settings, self.name, std::move(*checked));
            return {};
          },
          .show = [](const Setting<Row>& self, const Row& row, const Sealer*) { return kept_of(self, row); },
          .same = [](const Setting<Row>& self, const Row& a,
                     const Row& b) { return kept_of(self, a) == kept_of(self, b); }};
}

}  // namespace setting_accessors

// What is to be taken: the values, whether the row is a new one (then all that is not given takes its
// default), and what taking needs.
struct SettingsGiven {
  const SettingValues& values;
  bool fresh;
  const SettingContext& context;
};

// take_settings of one table; `what` is the table's in errors: "a network".
template <typename Row>
std::expected<void, std::string> take_from_table(std::span<const Setting<Row>> table, std::string_view what,
                                                 Row& row, const SettingsGiven& given) {
  const auto& [values, fresh, context] = given;
  for (const auto& [name, value] : values) {
    if (std::ranges::find(table, name, &Setting<Row>::name) == table.end())
      return std::unexpected("there is no setting \"" + name + "\" of " + std::string(what));
  }
  for (const Setting<Row>& setting : table) {
    const std::string* value = values.find(setting.name);
    if (value == nullptr && !fresh) continue;
    if (auto taken = setting.accessors.take(setting, row, value == nullptr ? "" : *value, context); !taken)
      return taken;
  }
  return {};
}

}  // namespace halley
