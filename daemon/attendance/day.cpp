#include "daemon/attendance/day.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace rollcall::attendance {
namespace {

constexpr std::int64_t minute_ms = 60'000;

// All sessions of one half-day: somebody who came for one of them is here for the others too.
struct Block {
  std::string part;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
};

std::vector<Block> blocks_of(const DayFacts& day) {
  std::vector<Block> blocks;
  for (const SessionToday& session : day.sessions) {
    const std::int64_t start = day.midnight_ms + session.start_minute * minute_ms;
    const std::int64_t end = day.midnight_ms + session.end_minute * minute_ms;
    const auto found = std::ranges::find(blocks, session.half_day, &Block::part);
    if (found == blocks.end()) {
      blocks.push_back({session.half_day, start, end});
    } else {
      found->start_ms = std::min(found->start_ms, start);
      found->end_ms = std::max(found->end_ms, end);
    }
  }
  std::ranges::sort(blocks, {}, [](const Block& b) { return std::tie(b.start_ms, b.part); });
  return blocks;
}

// Whether both come to the same: then it does not matter which of the two instants it was.
bool same_conclusion(const Decision& a, const Decision& b) {
  const auto session = [](const Decision& decision) {
    return decision.session ? decision.session->id : std::string();
  };
  return a.outcome == b.outcome && a.direction == b.direction && session(a) == session(b);
}

class Folding {
 public:
  Folding(const DayFacts& day, std::int64_t now_ms)
      : day_(day), now_ms_(now_ms), blocks_(blocks_of(day)) {
    result_.decisions.resize(day.facts.size());
  }

  ConcludedDay run() {
    for (const std::size_t i : in_order_of_time()) {
      const Fact& fact = day_.facts[i];
      Decision& decision = result_.decisions[i];
      decision = decide_on(fact);
      if (decision.outcome != protocol::Outcome::repeat && fact.number > 0) {
        counted_[fact.terminal] = fact.last_ms;
      }
      if (decision.direction) move(fact, decision);
    }
    end_of_day();
    return std::move(result_);
  }

 private:
  struct OpenStay {
    std::int64_t fact = 0;
    std::int64_t at_ms = 0;
    std::optional<SessionToday> session;
    const Block* block =
        nullptr;  // the half-day it is of; none when the person has no session then
  };

  // The same for the same facts, whatever came first.
  std::vector<std::size_t> in_order_of_time() const {
    std::vector<std::size_t> order(day_.facts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [this](std::size_t i) {
      const Fact& f = day_.facts[i];
      return std::tie(f.last_ms, f.first_ms, f.terminal, f.number, f.id);
    });
    return order;
  }

  bool is_repeat(const Fact& fact) const {
    if (fact.repeat) return true;
    if (fact.number == 0 || fact.first_ms != fact.last_ms) return false;
    const auto before = counted_.find(fact.terminal);
    return before != counted_.end() && fact.last_ms - before->second <= day_.double_tap_window_ms;
  }

  int minute_at(std::int64_t at_ms) const {
    return static_cast<int>((at_ms - day_.midnight_ms) / minute_ms);
  }

  Situation situation(const Fact& fact, std::int64_t at_ms) const {
    Situation s;
    s.mode = fact.mode;
    s.role = day_.role;
    s.repeat = is_repeat(fact);
    s.minute = minute_at(at_ms);
    s.sessions = day_.sessions;
    s.any_session_running = std::ranges::any_of(day_.everybody, [&](const SessionToday& session) {
      return *s.minute >= session.start_minute && *s.minute <= session.end_minute;
    });
    s.last = last_;
    s.terminal = fact.terminal;
    s.room = fact.room;
    return s;
  }

  static Decision stated(const Fact& fact, const Situation& situation) {
    if (fact.number == 0) return as_stated(situation, *fact.stated, "staff", "entered by staff");
    if (fact.stated_by == StatedBy::staff)
      return as_stated(situation, *fact.stated, "staff", "staff said what the tap was");
    return as_stated(situation, *fact.stated, "person",
                     "the person said that it was the other way");
  }

  Decision decide_on(const Fact& fact) const {
    const Situation last = situation(fact, fact.last_ms);
    if (fact.stated) return stated(fact, last);
    const Decision decision = decide(last);
    if (fact.first_ms == fact.last_ms) return decision;
    const bool nothing_between = last_ms_ <= fact.first_ms;
    if (nothing_between && same_conclusion(decide(situation(fact, fact.first_ms)), decision)) {
      return decision;
    }
    Situation timeless;
    timeless.mode = fact.mode;
    timeless.role = day_.role;
    timeless.repeat = fact.repeat;
    return decide(timeless);
  }

  const Block* block_of(const std::optional<SessionToday>& session) const {
    if (!session) return nullptr;
    const auto found = std::ranges::find(blocks_, session->half_day, &Block::part);
    return found == blocks_.end() ? nullptr : &*found;
  }
  const Block* block_of_arrival(const Decision& decision, std::int64_t at_ms) const {
    if (decision.session) return block_of(decision.session);
    const auto next =
        std::ranges::find_if(blocks_, [&](const Block& b) { return b.end_ms > at_ms; });
    return next == blocks_.end() ? nullptr : &*next;
  }
  const Block* block_of_exit(const Decision& decision, std::int64_t at_ms) const {
    if (decision.session) return block_of(decision.session);
    const Block* newest = nullptr;
    for (const Block& block : blocks_) {
      if (block.start_ms < at_ms) newest = &block;
    }
    return newest;
  }

  void move(const Fact& fact, const Decision& decision) {
    if (*decision.direction == Direction::in) {
      arrive(fact, decision);
    } else {
      leave(fact, decision);
    }
    result_.movements.push_back({fact.id, false, fact.last_ms, decision});
    last_ms_ = fact.last_ms;
    last_ = LastMovement{*decision.direction, minute_at(fact.last_ms),
                         decision.session ? std::optional(decision.session->id) : std::nullopt,
                         fact.terminal};
  }

  void arrive(const Fact& fact, const Decision& decision) {
    const Block* block = block_of_arrival(decision, fact.last_ms);
    if (open_) {
      if (decision.again || !open_->block || open_->block == block) {
        if (decision.session) open_->session = decision.session;
        open_->block = block;
        return;
      }
      close_at(std::min(open_->block->end_ms, fact.last_ms));
    }
    open_ = OpenStay{fact.id, fact.last_ms, decision.session, block};
  }

  void leave(const Fact& fact, const Decision& decision) {
    const Block* block = block_of_exit(decision, fact.last_ms);
    if (open_ && open_->block && block && open_->block != block) {
      close_at(std::min(open_->block->end_ms, fact.last_ms));
    }
    if (!open_) {
      if (!decision.again && block) end_unseen_arrival(fact, decision, *block);
      return;
    }
    Stay stay = stay_of(*open_);
    stay.end_ms = fact.last_ms;
    if (open_->block && fact.last_ms > open_->block->end_ms + lasts_after_end * minute_ms) {
      stay.end_ms = open_->block->end_ms;  // so late an exit says nothing of the half-day's end
    } else {
      stay.exit = fact.id;
    }
    if (!stay.session && decision.session) stay.session = decision.session->id;
    result_.stays.push_back(stay);
    open_.reset();
  }

  void end_unseen_arrival(const Fact& fact, const Decision& decision, const Block& block) {
    Stay stay;
    stay.exit = fact.id;
    stay.start_ms = std::min(block.start_ms, fact.last_ms);
    if (!result_.stays.empty()) {
      stay.start_ms = std::clamp(result_.stays.back().end_ms, stay.start_ms, fact.last_ms);
    }
    stay.end_ms = fact.last_ms;
    if (decision.session) stay.session = decision.session->id;
    result_.stays.push_back(stay);
  }

  static Stay stay_of(const OpenStay& open) {
    Stay stay;
    stay.arrival = open.fact;
    stay.start_ms = open.at_ms;
    stay.end_ms = open.at_ms;
    if (open.session) {
      stay.session = open.session->id;
      stay.exit_expected = open.session->exit_expected;
    }
    return stay;
  }

  // Nobody tapped out of the open stay: it ends by rule.
  void close_at(std::int64_t at_ms) {
    Decision decision;
    decision.outcome = protocol::Outcome::left;
    decision.direction = Direction::out;
    decision.session = open_->session;
    if (!open_->session) decision.no_session_reason = "no_session";
    decision.rule = open_->block ? "half-day-end" : "day-end";
    decision.reason = "no exit was tapped";
    result_.movements.push_back({open_->fact, true, at_ms, std::move(decision)});
    Stay stay = stay_of(*open_);
    if (open_->block) stay.end_ms = at_ms;
    result_.stays.push_back(stay);
    open_.reset();
  }

  std::int64_t due_ms() const {
    return open_->block ? open_->block->end_ms + lasts_after_end * minute_ms : day_.end_ms;
  }

  void end_of_day() {
    if (!open_) return;
    if (now_ms_ >= due_ms()) {
      close_at(open_->block ? open_->block->end_ms : std::max(day_.end_ms - 1, last_ms_));
      return;
    }
    Stay stay = stay_of(*open_);
    stay.open = true;
    stay.end_ms = std::max(stay.start_ms, now_ms_);
    if (open_->block) stay.end_ms = std::clamp(open_->block->end_ms, stay.start_ms, stay.end_ms);
    result_.stays.push_back(stay);
    result_.closes_ms = due_ms();
  }

  const DayFacts& day_;
  std::int64_t now_ms_;
  std::vector<Block> blocks_;
  ConcludedDay result_;
  std::optional<LastMovement> last_;
  std::int64_t last_ms_ = 0;
  std::optional<OpenStay> open_;
  std::map<std::string, std::int64_t> counted_;  // by terminal: when last
};

}  // namespace

ConcludedDay conclude_day(const DayFacts& day, std::int64_t now_ms) {
  return Folding(day, now_ms).run();
}

}  // namespace rollcall::attendance
