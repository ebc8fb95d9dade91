// The connections to networks as a configuration file of oidentd's for the user that Halley runs as, which is
// read by it when a network asks. Source: oidentd.conf(5), USER CONFIGURATION FILE
//
// Written whole, beside its place and then moved there, by a worker's thread: one at a time, and once more
// when connections have changed meanwhile. Thread: the loop's. Owner: the Assembly; the Idents outlive it. A
// successor writes it anew.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "bouncer/net/loop.h"
#include "bouncer/upstream/idents.h"

namespace halley {

// A line for each connection.
std::string oidentd_text(const Idents& idents);
// Empty: it is there, readable by all; else a sentence: what could not be written, why, and what to do.
std::string write_oidentd_file(const std::filesystem::path& file, const std::string& text);

class OidentdFile {
 public:
  // `trouble` is told once, until writing has worked again. The file is emptied of what an earlier run left.
  OidentdFile(net::Loop& loop, Idents& idents, std::filesystem::path file,
              std::function<void(const std::string&)> trouble);
  ~OidentdFile();

 private:
  void write();

  net::Loop& loop_;
  Idents& idents_;
  const std::filesystem::path file_;
  std::function<void(const std::string&)> trouble_;
  std::unique_ptr<net::Task> task_;
  bool writing_ = false, changed_ = false, told_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
