// What is to run at the end of a turn, as an intrusive list: scheduling allocates nothing.
//
// Thread: the loop's. Owner: the loop has the list, who waits the hook.
#pragma once

namespace halley::net {

class TurnList;

// Something that can wait in a TurnList, once. Destruction takes it off silently.
class TurnHook {
 public:
  TurnHook(const TurnHook&) = delete;
  TurnHook& operator=(const TurnHook&) = delete;

 protected:
  TurnHook() = default;
  ~TurnHook() { unlink(); }
  // Called once for each time it was put on the list; may destroy this hook and any other, and schedule anew.
  virtual void at_end_of_turn() = 0;

  void unlink() {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  friend class TurnList;
  TurnHook* next_ = nullptr;  // null: on no list
  TurnHook* previous_ = nullptr;
};

class TurnList {
 public:
  TurnList() { clear(head_); }
  ~TurnList() {
    while (!empty()) head_.next_->unlink();
    head_.next_ = nullptr;
  }
  TurnList(const TurnList&) = delete;
  TurnList& operator=(const TurnList&) = delete;

  bool empty() const { return head_.next_ == &head_; }

  void schedule(TurnHook& hook) {
    if (hook.next_ != nullptr) return;
    hook.previous_ = head_.previous_;
    hook.next_ = &head_;
    head_.previous_->next_ = &hook;
    head_.previous_ = &hook;
  }

  // REQUIRES: not called from inside itself.
  // Runs what is on the list now, in order; what is scheduled meanwhile waits for the next round.
  void run_round() {
    if (empty()) return;
    Head round;
    round.next_ = head_.next_;
    round.previous_ = head_.previous_;
    round.next_->previous_ = &round;
    round.previous_->next_ = &round;
    clear(head_);
    while (round.next_ != &round) {
      TurnHook* const hook = round.next_;
      hook->unlink();
      hook->at_end_of_turn();
    }
    round.next_ = nullptr;
  }

 private:
  class Head final : public TurnHook {
    friend class TurnList;
    void at_end_of_turn() override {}
  };
  static void clear(TurnHook& head) { head.next_ = head.previous_ = &head; }

  Head head_;
};

}  // namespace halley::net
