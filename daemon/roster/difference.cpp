#include "daemon/roster/difference.hpp"

#include <utility>

namespace rollcall::roster {
namespace {

// One reading on its way to its difference.
class Comparison {
 public:
  Comparison(const Known& known, const Reading& reading) : known_(known), reading_(reading) {
    merged_ = known.merged;
  }

  Difference run() && {
    for (const Problem& problem : reading_.problems) report(problem);
    find_new_people();
    take(Kind::merge);
    for (const Kind kind : {Kind::person, Kind::session, Kind::session_day, Kind::card,
                            Kind::enrolment, Kind::guardianship}) {
      take(kind);
      remove(kind);
    }
    return std::move(out_);
  }

 private:
  void report(Problem problem) {
    if (problem.kind) {
      const std::size_t kind = index_of(*problem.kind);
      ++out_.counts[kind].bad;
      if (problem.key.empty()) {
        unreadable_[kind] = true;
      } else {
        spared_[kind].insert(problem.key);
        if (*problem.kind == Kind::session) unclear_sessions_.insert(problem.key);
      }
    }
    out_.problems.push_back(std::move(problem));
  }
  void report(const Record& record, std::string what) {
    report({record.place, std::move(what), kind_of(record.content), key_of(record.content)});
  }

  // Ids that records of this reading may name although nobody knows them yet.
  void find_new_people() {
    for (const Record& record : reading_.records) {
      const auto* person = std::get_if<PersonRecord>(&record.content);
      if (person && !record.removed && fault_of(record.content).empty())
        new_people_.insert(person->id);
    }
  }

  std::string stays(const std::string& id) const {
    const auto found = merged_.find(id);
    return found == merged_.end() ? id : found->second;
  }
  // The record as it is about ids that stay.
  Content rewritten(Content content) const {
    if (auto* r = std::get_if<SessionRecord>(&content); r && r->trainer)
      r->trainer = stays(*r->trainer);
    if (auto* r = std::get_if<SessionDayRecord>(&content); r && r->trainer)
      r->trainer = stays(*r->trainer);
    if (auto* r = std::get_if<CardRecord>(&content)) r->person = stays(r->person);
    if (auto* r = std::get_if<EnrolmentRecord>(&content)) r->person = stays(r->person);
    if (auto* r = std::get_if<GuardianshipRecord>(&content)) {
      r->guardian = stays(r->guardian);
      r->child = stays(r->child);
    }
    return content;
  }

  bool is_known(Kind kind, const std::string& key) const {
    return known_.records[index_of(kind)].contains(key) || accepted_[index_of(kind)].contains(key);
  }
  bool is_person(const std::string& id) const {
    return is_known(Kind::person, id) || new_people_.contains(id);
  }

  // What is wrong between this record and the others.
  std::string misfit(const Content& content) const {
    const auto nobody = [](const std::string& id) { return "nobody has the id " + id; };
    if (const auto* r = std::get_if<CardRecord>(&content)) {
      if (!is_person(r->person)) return nobody(r->person);
      if (known_.revoked.contains(r->token)) return "the card was revoked by the case system";
    }
    if (const auto* r = std::get_if<EnrolmentRecord>(&content); r && !is_person(r->person))
      return nobody(r->person);
    if (const auto* r = std::get_if<GuardianshipRecord>(&content)) {
      if (!is_person(r->guardian)) return nobody(r->guardian);
      if (!is_person(r->child)) return nobody(r->child);
    }
    if (const auto* r = std::get_if<SessionDayRecord>(&content);
        r && !is_known(Kind::session, r->session)) {
      return "no session has the id " + r->session;
    }
    if (const auto* r = std::get_if<MergeRecord>(&content)) {
      if (stays(r->into) == r->from) return r->into + " was merged into " + r->from + " before";
      if (!is_person(stays(r->into))) return nobody(r->into);
      if (merged_.contains(r->from) && stays(r->from) != stays(r->into))
        return r->from + " was merged into " + stays(r->from) + " before";
    }
    return {};
  }

  void take(Kind kind) {
    for (const Record& record : reading_.records) {
      if (kind_of(record.content) != kind) continue;
      if (std::string fault = fault_of(record.content); !fault.empty() && !record.removed) {
        report(record, std::move(fault));
      } else if (record.removed) {
        withdraw(kind, key_of(rewritten(record.content)));
      } else {
        take(kind, record);
      }
    }
    flush(kind);
  }

  void take(Kind kind, const Record& record) {
    Content content = rewritten(record.content);
    if (std::string fault = misfit(content); !fault.empty())
      return report(record, std::move(fault));
    if (const auto* merge = std::get_if<MergeRecord>(&content)) return take_merge(*merge, record);
    const std::string key = key_of(content);
    if (kind == Kind::session_day && changes_a_day_gone_by(key, content))
      return report({record.place,
                     "that day is over and stays as it was; rollcall roster correct-day changes it",
                     kind, key});
    // The id of a person ended when it was merged: a source may go on naming it.
    if (kind == Kind::person && merged_.contains(key)) {
      spared_[index_of(kind)].insert(key);
      return;
    }
    const auto before = pending_.find(key);
    if (before != pending_.end() && !reading_.ordered) {
      if (!(before->second.content == content)) {
        report({record.place,
                "line " + std::to_string(before->second.place.line) + " says otherwise already",
                kind, key});
      }
      return;
    }
    withdrawn_.erase(key);
    pending_[key] = {std::move(content), record.place, false};
    accepted_[index_of(kind)].insert(key);
  }

  bool changes_a_day_gone_by(const std::string& key, const Content& content) const {
    if (!known_.over.contains(key)) return false;
    const auto& known = known_.records[index_of(Kind::session_day)];
    const auto found = known.find(key);
    return found == known.end() || !(found->second == content);
  }

  void take_merge(const MergeRecord& merge, const Record& record) {
    const std::string into = stays(merge.into);
    Counts& counts = out_.counts[index_of(Kind::merge)];
    if (merged_.contains(merge.from)) {
      ++counts.unchanged;
      return;
    }
    for (auto& [from, to] : merged_)
      if (to == merge.from) to = into;
    merged_[merge.from] = into;
    ++counts.added;
    merges_.push_back({MergeRecord{merge.from, into}, record.place, true});
  }

  void withdraw(Kind kind, const std::string& key) {
    if (kind == Kind::merge) return;  // never taken back
    pending_.erase(key);
    accepted_[index_of(kind)].erase(key);
    withdrawn_.insert(key);
  }

  // What was taken of one kind becomes changes; merges follow the people whom they join.
  void flush(Kind kind) {
    const auto& known = known_.records[index_of(kind)];
    Counts& counts = out_.counts[index_of(kind)];
    for (auto& [key, change] : pending_) {
      out_.stated.push_back({kind, key});
      spared_[index_of(kind)].insert(key);
      const auto found = known.find(key);
      if (found != known.end() &&
          (found->second == change.content || known_.desk_cards.contains(key))) {
        ++counts.unchanged;
        continue;
      }
      change.added = found == known.end();
      ++(change.added ? counts.added : counts.changed);
      out_.changes.push_back(std::move(change));
    }
    if (kind == Kind::person) {
      for (Change& merge : merges_) out_.changes.push_back(std::move(merge));
    }
    now_[index_of(kind)] = std::move(withdrawn_);
    withdrawn_.clear();
    pending_.clear();
  }

  // A merge takes it along: under this key it is nowhere any more.
  bool went_over(Kind kind, const std::string& key) const {
    if (kind == Kind::person) return merged_.contains(key);
    const auto& records = known_.records[index_of(kind)];
    const auto found = records.find(key);
    return found != records.end() && key_of(rewritten(found->second)) != key;
  }

  // Of a day before those that the source speaks of, or of a session that cannot be read, nothing
  // is said.
  bool is_unclear(const std::string& day_key) const {
    const std::size_t space = day_key.find(' ');
    return day_key.substr(space + 1) < reading_.days_from ||
           unclear_sessions_.contains(day_key.substr(0, space));
  }

  // Keys of the kind that the source no longer states.
  std::vector<std::string> missing(Kind kind) const {
    const std::size_t at = index_of(kind);
    std::vector<std::string> keys;
    if (!reading_.whole) {
      for (const std::string& key : now_[at])
        if (known_.stated[at].contains(key)) keys.push_back(key);
      return keys;
    }
    for (const std::string& key : known_.stated[at]) {
      if (!spared_[at].contains(key) && !went_over(kind, key) &&
          !(kind == Kind::session_day && is_unclear(key))) {
        keys.push_back(key);
      }
    }
    return keys;
  }

  void remove(Kind kind) {
    const std::size_t at = index_of(kind);
    std::vector<Key> gone;
    for (std::string& key : missing(kind)) {
      const bool stays = known_.stated_elsewhere[at].contains(key) ||
                         !known_.records[at].contains(key) || known_.desk_cards.contains(key);
      (stays ? out_.withdrawn : gone).push_back({kind, std::move(key)});
    }
    // Of a file with rows that cannot be read nobody knows what it would have named.
    const bool hold = gone.size() * held_above > known_.stated[at].size() ||
                      (reading_.whole && unreadable_[at] && !gone.empty());
    Counts& counts = out_.counts[at];
    (hold ? counts.held : counts.removed) += static_cast<int>(gone.size());
    auto& into = hold ? out_.held : out_.removed;
    for (Key& key : gone) into.push_back(std::move(key));
  }

  const Known& known_;
  const Reading& reading_;
  std::map<std::string, std::string> merged_;
  std::set<std::string> new_people_;
  std::set<std::string> unclear_sessions_;
  PerKind<std::set<std::string>> accepted_;  // keys taken from this reading
  PerKind<std::set<std::string>> spared_;    // keys that it names, well or badly
  PerKind<std::set<std::string>> now_;       // keys that it says no longer hold
  PerKind<bool> unreadable_{};               // it has rows whose key cannot be told
  std::map<std::string, Change> pending_;    // of the kind under way, by key
  std::set<std::string> withdrawn_;
  std::vector<Change> merges_;
  Difference out_;
};

}  // namespace

Difference difference(const Known& known, const Reading& reading) {
  return Comparison(known, reading).run();
}

}  // namespace rollcall::roster
