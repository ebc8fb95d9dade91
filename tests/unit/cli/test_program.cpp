// What the program does by itself, and how it tells it.
#include <catch2/catch.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bouncer/cli/program.h"

using namespace halley::cli;

namespace {

// What goes to one of the standard streams meanwhile.
class Heard {
 public:
  explicit Heard(std::ostream& stream) : stream_(stream), old_(stream.rdbuf(text_.rdbuf())) {}
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  ~Heard() { stream_.rdbuf(old_); }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* const old_;
};

struct Ran {
  int status;
  std::string out, error;
};

Ran run(std::vector<std::string> args) {
  const Heard out(std::cout), error(std::cerr);
  const int status = run_program(std::move(args), [](const auto&, const auto&) { return 9; });
  return {status, out.text(), error.text()};
}

}  // namespace

TEST_CASE("errors are JSON where answers are, with the same status") {
  const Ran plain = run({"user", "ad\x1b[2J"});
  CHECK(plain.status == 2);
  CHECK(plain.error.starts_with("halley: there is no command \"user ad^[[2J\""));
  const Ran json = run({"user", "ad\x1b[2J", "--json"});
  CHECK(json.status == 2);
  CHECK(json.out.empty());
  const auto error = nlohmann::json::parse(json.error).at("error");
  CHECK(error.at("status") == 2);
  CHECK(error.at("message").get<std::string>().starts_with("there is no command \"user ad\x1b[2J\""));
}

TEST_CASE("version takes no word more") {
  CHECK(run({"version"}).status == 0);
  CHECK(run({"--version"}).out.starts_with("halley "));
  const Ran more = run({"version", "x"});
  CHECK(more.status == 2);
  CHECK(more.error.starts_with("halley: \"x\" is one word too many"));
}
