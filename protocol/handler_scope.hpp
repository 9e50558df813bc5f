// Part of the link: while a handler of its owner runs nothing is written, so that what the owner
// sends can carry the ACK.
#pragma once

namespace rollcall::protocol {

class HandlerScope {
 public:
  explicit HandlerScope(bool& flag) : flag_(flag), before_(flag) { flag_ = true; }
  ~HandlerScope() { flag_ = before_; }
  HandlerScope(const HandlerScope&) = delete;
  HandlerScope& operator=(const HandlerScope&) = delete;

 private:
  bool& flag_;
  bool before_;
};

}  // namespace rollcall::protocol
