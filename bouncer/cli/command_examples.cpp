#include "bouncer/cli/command_examples.h"

#include <algorithm>

namespace halley::cli {
namespace {

// In the order of the command table. Each is a line that the table takes, which a test checks.
constexpr CommandExample kExamples[] = {
    {"serve", "halley serve"},
    {"serve", "halley --config ./halley.toml --data ./data serve"},
    {"init", "halley init --hostname irc.example.org --admin kit"},
    {"user add", "halley user add kit"},
    {"user add", "halley user add ann --admin --retention-days 90"},
    {"user add", "printf 'six words would be better\\n' | halley user add ben --password-stdin"},
    {"user list", "halley user list"},
    {"user show", "halley user show kit"},
    {"user passwd", "halley user passwd kit"},
    {"user passwd", "halley user passwd kit --devices"},
    {"user reset", "halley user reset kit --hours 48"},
    {"user rename", "halley user rename kit christopher"},
    {"user set", "halley user set kit admin=yes"},
    {"user set", "halley user set kit retention-days=90 upload-quota=500"},
    {"user disable", "halley user disable kit"},
    {"user enable", "halley user enable kit"},
    {"user remove", "halley user remove kit"},
    {"invite add", "halley invite add --uses 5 --note 'the people of #comet'"},
    {"invite list", "halley invite list"},
    {"invite revoke", "halley invite revoke 3"},
    {"network add",
     "halley network add kit libera ircs://irc.libera.chat --nick kit --join '#halley,#comet'"},
    {"network add", "halley network add kit home ircs://irc.example.org:6697 --sasl external"},
    {"network list", "halley network list kit"},
    {"network show", "halley network show kit libera"},
    {"network set", "halley network set kit libera nick=kit_ alt-nick=kit__"},
    {"network set",
     "printf 's3cret\\n' | halley network set kit libera --sasl plain:kit --sasl-password-stdin"},
    {"network rename", "halley network rename kit libera chat"},
    {"network connect", "halley network connect kit libera"},
    {"network disconnect", "halley network disconnect kit libera"},
    {"network remove", "halley network remove kit libera"},
    {"device add", "halley device add kit phone"},
    {"device list", "halley device list kit"},
    {"device hide", "halley device hide kit phone libera '#halley'"},
    {"device unhide", "halley device unhide kit phone libera '#halley'"},
    {"device rename", "halley device rename kit phone old-phone"},
    {"device revoke", "halley device revoke kit phone"},
    {"passkey list", "halley passkey list kit"},
    {"passkey rename", "halley passkey rename kit 2 'kitchen tablet'"},
    {"passkey revoke", "halley passkey revoke kit 2"},
    {"session list", "halley session list kit"},
    {"session revoke", "halley session revoke kit 3"},
    {"session revoke", "halley session revoke kit all"},
    {"buffer list", "halley buffer list kit libera"},
    {"buffer list", "halley buffer list kit --name halley"},
    {"buffer set", "halley buffer set kit libera '#halley' retention=30"},
    {"buffer set", "halley buffer set kit libera '#noise' muted=yes notify=none"},
    {"buffer remove", "halley buffer remove kit libera ChanServ"},
    {"rule list", "halley rule list kit"},
    {"rule add", "halley rule add kit highlight word comet"},
    {"rule add", "halley rule add kit ignore mask '*!*@spam.example'"},
    {"rule remove", "halley rule remove kit 2"},
    {"upload list", "halley upload list kit"},
    {"upload remove", "halley upload remove kit XH3vJrP9wq2kS8mT5nYd7A.png"},
    {"history", "halley history kit libera '#halley'"},
    {"history", "halley history kit libera '#halley' --before 2026-11-22 --limit 200"},
    {"search", "halley search kit 'comet tail' --network libera --from ann"},
    {"search", "halley search kit '\"long period\"' --after 2026-11-01"},
    {"backup", "halley backup \"/var/backups/halley-$(date +%F).db\""},
    {"export", "halley export kit /var/lib/halley/kit.halley"},
    {"export", "halley export kit /var/lib/halley/kit.jsonl --format jsonl"},
    {"export", "halley export kit /var/lib/halley/kit-logs --format text"},
    {"import", "halley import kit /var/lib/halley/kit.halley"},
    {"import-znc", "halley import-znc ~/.znc"},
    {"import-soju", "halley import-soju /var/lib/soju/main.db --logs /var/lib/soju/logs"},
    {"import-thelounge", "halley import-thelounge ~/.thelounge"},
    {"import-logs", "TZ=Europe/Berlin halley import-logs kit libera ~/irclogs/libera"},
    {"prune", "halley prune"},
    {"reindex", "halley reindex"},
    {"doctor", "halley doctor"},
    {"trace", "halley trace kit libera"},
    {"outbox", "halley outbox kit"},
    {"outbox list", "halley outbox list kit"},
    {"outbox cancel", "halley outbox cancel kit 17"},
    {"outbox send", "halley outbox send kit 17"},
    {"push list", "halley push list kit"},
    {"push remove", "halley push remove kit 4"},
    {"notice", "halley notice 'Halley is restarted at eight; nobody loses a line.'"},
    {"unlock", "halley unlock"},
    {"unlock", "halley unlock 192.0.2.7"},
    {"status", "halley status"},
    {"status", "halley status --acknowledge"},
    {"batch", "halley batch < users.txt"},
    {"reload", "halley reload"},
    {"config check", "halley --config ./halley.toml config check"},
    {"completion", "halley completion bash > ~/.local/share/bash-completion/completions/halley"},
    {"version", "halley version"},
    {"help", "halley help network"},
    {"help", "halley help network add"},
};

}  // namespace

std::span<const CommandExample> command_examples() {
  return kExamples;
}

std::span<const CommandExample> examples_of(std::string_view words) {
  const auto of = [words](const CommandExample& example) { return example.words == words; };
  const auto first = std::ranges::find_if(kExamples, of);
  return {first, std::find_if_not(first, std::end(kExamples), of)};
}

}  // namespace halley::cli
